"""Moments on the wire: ISO-8601 in the unit's own time, with offset and milliseconds."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """The time zone of that IANA name."""
    return ZoneInfo(name)


@lru_cache(maxsize=2048)
def iso(moment: datetime | None, timezone: str) -> str | None:
    """The moment as the unit's wall clock shows it, e.g. ``2026-11-23T09:12:03.120-03:00``."""
    return None if moment is None else moment.astimezone(zone(timezone)).isoformat(timespec="milliseconds")
