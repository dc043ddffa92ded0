"""The journal's chain: each entry carries a hash over itself and the entry before, so that a change in the past shows.

It proves tampering by whoever can edit rows, not by whoever can rewrite the whole chain: an auditor who wants more
keeps a copy of the latest hash elsewhere (``vez journal verify`` prints it).
"""

from __future__ import annotations

import hashlib
from datetime import UTC

from server.domain.events import Recorded

GENESIS = ""
"""What stands before the first entry of a unit."""


def link(previous: str, entry: Recorded, data_text: str) -> str:
    """The hash of an entry, hexadecimal SHA-256, given the hash of the entry before it.

    ``data_text`` is the entry's data as it is stored: that very text is protected, and nobody need write it anew.
    """
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    # No field but the last can hold a line break, so that no two entries give the same lines.
    told = f"{previous}\n{entry.unit}\n{entry.seq}\n{at}\n{entry.type}\n{data_text}"
    return hashlib.sha256(told.encode()).hexdigest()
