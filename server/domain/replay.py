"""The journal alone rebuilds every ticket: each event becomes the move that made it, and ``advance`` makes it again.

One rule book for the present and the past: what ``vez journal verify`` finds different was not written by
the rules.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from server.domain.events import Recorded
from server.domain.lifecycle import Action, Move, advance
from server.domain.ticket import Rules, Seat, State, Ticket, Tier

# The rules of courtesy bind the present: a unit may have had others on the day of the event.
_NO_COURTESY = Rules(recall_seconds=0, no_show_calls=0, no_show_seconds=0, no_show_priority_seconds=0)


def rebuild(events: Iterable[Recorded]) -> dict[str, Ticket]:
    """Every ticket of a unit, as its events in order of ``seq`` leave it, by id.

    Raises ``Refusal`` (``illegal_transition``) for a story that the lifecycle does not allow, and
    ``KeyError`` for a ticket that was never issued.
    """
    tickets: dict[str, Ticket] = {}
    for event in events:
        replay_one(tickets, event)
    return tickets


def replay_one(tickets: dict[str, Ticket], event: Recorded) -> None:
    """One step of ``rebuild``: put what this event made of its ticket into ``tickets``."""
    if event.type == "ticket.issued":
        tickets[event.data["ticket"]] = _born(event)
    elif event.type.startswith("ticket."):
        ticket_id = event.data["ticket"]
        tickets[ticket_id] = replay(tickets[ticket_id], event)


def replay(ticket: Ticket, event: Recorded) -> Ticket:
    """The ticket after one more event of its story. Raises ``Refusal`` if the lifecycle does not allow it."""
    after, _ = advance(ticket, _move(ticket, event))
    return after


def _born(event: Recorded) -> Ticket:
    data = event.data
    booked = data["appointment_at"]
    return Ticket(
        id=data["ticket"],
        unit=event.unit,
        day=date.fromisoformat(data["day"]),
        label=data["label"],
        prefix=data["prefix"],
        number=data["number"],
        lap=data["lap"],
        service=data["service"],
        tier=Tier(data["tier"]),
        language=data["language"],
        state=State.waiting,
        origin=data["origin"],
        issued_at=event.at,
        arrival_at=datetime.fromisoformat(data["arrival_at"]),
        waiting_since=event.at,
        appointment_at=datetime.fromisoformat(booked) if booked else None,
    )


def _move(ticket: Ticket, event: Recorded) -> Move:
    data = event.data
    arrival: str | None = data.get("arrival_at")
    return Move(
        action=Action(data["action"]),
        at=event.at,
        by=data["by"],
        seat=_seat(data),
        overrides_seat=True,  # who might act was judged when it happened
        rules=_NO_COURTESY,
        reason=data.get("reason"),
        reason_detail=data.get("reason_detail"),
        note=data.get("note"),
        service=data["service"],
        to_counter=data.get("reserved_counter"),
        to_attendant=data.get("reserved_attendant"),
        arrival_at=datetime.fromisoformat(arrival) if arrival else None,
        tier=Tier(data["tier"]),
        keep_place=arrival is None or datetime.fromisoformat(arrival) == ticket.arrival_at,
        resolution=data.get("resolution", "resolved"),
        performed=tuple(data.get("performed", ())),
    )


def _seat(data: dict[str, Any]) -> Seat | None:
    if "counter" not in data:
        return None
    return Seat(data["counter"], data["counter_number"], data["counter_kind"], data.get("attendant"))
