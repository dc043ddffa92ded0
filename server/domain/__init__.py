"""Ground floor: the rules of the queue as pure functions over frozen records.

Standard library only; no clock, no I/O, no framework. Time always comes in as an aware datetime.
"""
