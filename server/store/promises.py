"""What citizens were told when they took their tickets, beside when they were called: read from the journal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from server.store.tables import journal, ticket


@dataclass(frozen=True, slots=True)
class Told:
    """One ticket: the range it was given in minutes (None: no forecast), and its first call (None: not called)."""

    ticket: str
    label: str
    service: str
    tier: str
    issued_at: datetime
    called_at: datetime | None
    ahead: int | None
    low: int | None
    high: int | None


def of_day(connection: Connection, unit_id: str, day: date) -> Iterator[Told]:
    """Every ticket of a business day, in the order in which they were taken.

    The first call counts: what a transfer or a return does to a wait was not foretold.
    """
    mine = select(ticket.c.id).where(ticket.c.unit == unit_id, ticket.c.day == day)
    calls: dict[str, datetime] = {}
    called = select(journal.c.ticket, journal.c.at).where(
        journal.c.unit == unit_id, journal.c.ticket.in_(mine), journal.c.type == "ticket.called"
    )
    for ticket_id, at in connection.execute(called.order_by(journal.c.seq)):
        calls.setdefault(ticket_id, at)
    issued = select(journal.c.ticket, journal.c.at, journal.c.data).where(
        journal.c.unit == unit_id, journal.c.ticket.in_(mine), journal.c.type == "ticket.issued"
    )
    for row in connection.execute(issued.order_by(journal.c.seq)):
        estimate = row.data.get("estimate") or {}
        yield Told(
            ticket=row.ticket,
            label=row.data["label"],
            service=row.data["service"],
            tier=row.data["tier"],
            issued_at=row.at,
            called_at=calls.get(row.ticket),
            ahead=row.data.get("ahead"),
            low=estimate.get("low"),
            high=estimate.get("high"),
        )
