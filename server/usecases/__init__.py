"""One function per command: lock the unit, load what the decision needs, let the domain decide, store, tell.

Knows ``store``, ``wire`` and ``domain``; knows no Flask and no socket. Every function takes the ``House`` first and
the ``Actor`` who asks; it returns plain JSON data or raises ``Refusal``.
"""
