"""The journal's chain: each entry carries a hash over itself and the entry before, so that a change in the past shows.

It proves tampering by whoever can edit rows, not by whoever can rewrite the whole chain: an auditor who wants more
keeps a copy of the latest hash elsewhere (``vez journal verify`` prints it).
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC

from server.domain.events import Recorded

_canonical = json.JSONEncoder(sort_keys=True).encode

GENESIS = ""
"""What stands before the first entry of a unit."""


def link(previous: str, entry: Recorded) -> str:
    """The hash of an entry, hexadecimal SHA-256, given the hash of the entry before it."""
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    told = _canonical([previous, entry.unit, entry.seq, at, entry.type, entry.data])
    return hashlib.sha256(told.encode()).hexdigest()
