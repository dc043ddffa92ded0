"""What screens read: the board from the rows, a ticket by its follow token, the reception's search."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, or_, select

from server.domain.board import CALLS_KEPT, Board
from server.domain.ticket import State, Ticket
from server.store.tables import counter, lane, ticket
from server.store.tickets import COLUMNS, to_ticket

_LINES = (
    select(ticket.c.board_line)
    .where(
        ticket.c.unit == bindparam("unit_id"),
        # Not by the ticket's day: one in service over midnight may be called again on the new day.
        ticket.c.board_seq > bindparam("day_seq"),
    )
    .order_by(ticket.c.board_seq.desc())
    .limit(CALLS_KEPT)
)
_WAITING = (
    select(lane.c.service, func.sum(lane.c.waiting).label("waiting"))
    .where(lane.c.unit == bindparam("unit_id"), lane.c.waiting > 0)
    .group_by(lane.c.service)
)
_COUNTERS = select(counter.c.id, counter.c.state).where(
    counter.c.unit == bindparam("unit_id"), counter.c.state != "closed"
)


def board(connection: Connection, unit_row: Row[Any]) -> Board:
    """The board as the rows tell it; always equal to the fold of the journal (tests/store prove it)."""
    key = {"unit_id": unit_row.id}
    lines = connection.execute(_LINES, key | {"day_seq": unit_row.day_seq}).scalars().all()
    waiting = {row.service: int(row.waiting) for row in connection.execute(_WAITING, key)}
    counters = {row.id: row.state for row in connection.execute(_COUNTERS, key)}
    return {
        "unit": unit_row.id,
        "seq": int(unit_row.seq),
        "day": unit_row.day.isoformat(),
        "calls": list(lines),
        "waiting": waiting,
        "counters": counters,
    }


def by_follow_token(connection: Connection, token: str) -> Ticket | None:
    """The ticket whose paper or screen shows this token."""
    row = connection.execute(select(*COLUMNS).where(ticket.c.follow_token == token)).one_or_none()
    return None if row is None else to_ticket(row)


def follow_token(connection: Connection, ticket_id: str) -> str:
    """The token of a ticket that exists."""
    return str(connection.execute(select(ticket.c.follow_token).where(ticket.c.id == ticket_id)).scalar_one())


def issued_by(connection: Connection, ticket_id: str) -> str:
    """Who issued a ticket that exists (an actor's reference)."""
    return str(connection.execute(select(ticket.c.issued_by).where(ticket.c.id == ticket_id)).scalar_one())


def search(
    connection: Connection,
    unit_id: str,
    day: date,
    carried: Collection[str],
    label: str | None,
    state: State | None,
    limit: int,
) -> Sequence[Ticket]:
    """Tickets of a day and the ``carried`` ones (ids), newest first; ``label`` matches from its beginning."""
    of_the_day = and_(ticket.c.unit == unit_id, ticket.c.day == day)
    query = select(*COLUMNS).where(or_(of_the_day, ticket.c.id.in_(carried)) if carried else of_the_day)
    if label:
        query = query.where(ticket.c.label.startswith(label.upper(), autoescape=True))
    if state:
        query = query.where(ticket.c.state == str(state))
    query = query.order_by(ticket.c.issued_at.desc(), ticket.c.id.desc()).limit(limit)
    return [to_ticket(row) for row in connection.execute(query)]
