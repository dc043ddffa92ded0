"""What happened, as the journal keeps it. An event is born without a number; the store gives it the next ``seq``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

TYPES: frozenset[str] = frozenset(
    {
        "ticket.issued",
        "ticket.called",
        "ticket.recalled",
        "ticket.started",
        "ticket.finished",
        "ticket.no_show",
        "ticket.held",
        "ticket.returned",
        "ticket.transferred",
        "ticket.cancelled",
        "ticket.late",
        "ticket.tier_changed",
        "ticket.expired",
        "counter.opened",
        "counter.closed",
        "counter.paused",
        "counter.resumed",
        "printer.status",
        "device.status",
        "unit.changed",
        "day.closed",
    }
)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened in a unit: its type (one of ``TYPES``), when, and the full staff data."""

    type: str
    at: datetime
    data: dict[str, Any]

    def __post_init__(self) -> None:
        if self.type not in TYPES:
            raise ValueError(f"unknown event type {self.type!r}")


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event with its place in the unit's journal."""

    unit: str
    seq: int
    type: str
    at: datetime
    data: dict[str, Any]
