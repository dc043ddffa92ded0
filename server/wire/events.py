"""Journal entries as screens receive them, split by audience: names, notes and reasons never reach a public screen."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from server.domain.events import Recorded
from server.wire.moments import iso


class Audience(StrEnum):
    """Who listens."""

    public = "public"
    staff = "staff"


_TICKET = frozenset(
    {
        "ticket",
        "label",
        "service",
        "previous_service",
        "from",
        "to",
        "counter",
        "counter_number",
        "counter_kind",
        "calls",
    }
)
_COUNTER = frozenset({"counter", "counter_number", "counter_kind", "state"})
# A type that is not named here shows the public nothing but that its number was used.
_PUBLIC: dict[str, frozenset[str]] = {
    # Whose tier it was is between the citizen and the staff: the label alone would tell the room.
    "ticket.tier_changed": frozenset(),
    "unit.changed": frozenset({"what"}),
    "day.closed": frozenset({"day", "next_day"}),
}


def public_fields(event_type: str) -> frozenset[str]:
    """The fields of an event's data that a public screen may see."""
    if event_type in _PUBLIC:
        return _PUBLIC[event_type]
    if event_type.startswith("ticket."):
        return _TICKET
    if event_type.startswith("counter."):
        return _COUNTER
    return frozenset()


def event_view(event: Recorded, timezone: str, audience: Audience) -> dict[str, Any]:
    """``{unit, seq, type, at, data}`` for one audience. The number is there for all, so that nobody sees a gap."""
    data = event.data
    if audience is Audience.public:
        shown = public_fields(event.type)
        data = {key: value for key, value in data.items() if key in shown}
    return {
        "unit": event.unit,
        "seq": event.seq,
        "type": event.type,
        "at": iso(event.at, timezone),
        "data": data,
    }
