"""The API's routes, a file for each part of docs/protocol.md: each a rule, a body, and one use case.

Importing this package completes ``ROUTES``; the order here is the order of the OpenAPI document.
"""

from server.web.access import ROUTES

from server.web.handlers import identity, reading, counters, moves, citizens  # isort: skip
from server.web.handlers import printing, paper, supervision, unit_settings  # isort: skip

__all__ = [
    "ROUTES",
    "citizens",
    "counters",
    "identity",
    "moves",
    "paper",
    "printing",
    "reading",
    "supervision",
    "unit_settings",
]
