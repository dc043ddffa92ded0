"""How the workers of one server share its connections.

They all wait at one listening socket. After a power cut all screens come at once, and whoever wakes first would take
them all before the others have opened their eyes (seen: forty of forty, in each async mode). So a worker that has
accepted one leaves the next to the others, for a moment.
"""

PAUSE_SECONDS = 0.001  # a process wakes in a tenth of that; a thousand screens still come within a second
