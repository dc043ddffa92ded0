"""Telephones that want to be told when their ticket is called: kept for as long as the ticket lives, no longer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite reads the same ON CONFLICT clause

from server.domain.ticket import Ticket
from server.store.tables import counter, push, ticket

# Correlated on purpose: begun from the few telephones, not from the many tickets (SQLite would read them all).
_OVER = exists().where(ticket.c.id == push.c.ticket, ticket.c.state.in_(["finished", "cancelled", "expired"]))
_UNTOLD = exists().where(
    ticket.c.id == push.c.ticket, ticket.c.state == "called", ticket.c.board_seq > push.c.told
)
_LETTER = (
    select(
        push,
        ticket.c.label,
        ticket.c.follow_token,
        ticket.c.calls,
        ticket.c.board_seq,
        counter.c.number.label("counter_number"),
        counter.c.kind.label("counter_kind"),
    )
    .select_from(push.join(ticket, ticket.c.id == push.c.ticket))
    .join(counter, counter.c.id == ticket.c.counter)
)


def add(
    connection: Connection,
    t: Ticket,
    push_id: str,
    browser: tuple[str, str, str],
    language: str,
    told: int,
    now: datetime,
) -> None:
    """Keep a telephone's address and keys; one that is known already gets the new keys."""
    endpoint, p256dh, auth = browser
    keys = {"p256dh": p256dh, "auth": auth, "language": language}
    row = {"id": push_id, "ticket": t.id, "unit": t.unit, "day": t.day, "told": told, "created_at": now}
    new = insert(push).values(endpoint=endpoint, **row, **keys)
    connection.execute(new.on_conflict_do_update(index_elements=[push.c.id], set_=keys))


def count_of(connection: Connection, ticket_id: str, but: str) -> int:
    """How many other telephones a ticket has."""
    query = select(func.count()).where(push.c.ticket == ticket_id, push.c.id != but)
    return int(connection.execute(query).scalar_one())


def last_call(connection: Connection, ticket_id: str) -> int:
    """The number of the event that called a ticket last; 0 before any call."""
    query = select(ticket.c.board_seq).where(ticket.c.id == ticket_id)
    return int(connection.execute(query).scalar_one() or 0)


def remove(connection: Connection, push_id: str) -> None:
    """Forget a telephone."""
    connection.execute(delete(push).where(push.c.id == push_id))


def due(connection: Connection) -> Sequence[Row[Any]]:
    """Telephones of tickets that are called now, whose latest call they have not been told."""
    untold = connection.execute(select(push.c.id).where(_UNTOLD)).scalars().all()
    # Seldom anybody: the letter's words are looked up only then.
    return connection.execute(_LETTER.where(push.c.id.in_(untold))).all() if untold else []


def claim(connection: Connection, push_id: str, seq: int) -> bool:
    """Whether it is ours to tell this call: of several processes, and of several turns, one gets it."""
    mine = update(push).where(push.c.id == push_id, push.c.told < seq).values(told=seq)
    return connection.execute(mine).rowcount == 1


def forget(connection: Connection, unit_id: str, before: date) -> None:
    """Drop the telephones of business days before ``before``."""
    connection.execute(delete(push).where(push.c.unit == unit_id, push.c.day < before))


def ended(connection: Connection) -> bool:
    """Whether there are telephones of tickets whose visit is over."""
    return connection.execute(select(push.c.id).where(_OVER).limit(1)).first() is not None


def forget_ended(connection: Connection) -> int:
    """Drop the telephones of tickets whose visit is over; how many."""
    return int(connection.execute(delete(push).where(_OVER)).rowcount)
