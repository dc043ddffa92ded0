"""What a citizen says of their own ticket: the place they give up when late, and what they thought of the visit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, and_, func, insert, literal_column, or_, select

from server.domain.ticket import Ticket
from server.store.tables import rating, ticket


def arrivals_behind(
    connection: Connection, t: Ticket, services: Iterable[str], places: int, now: datetime
) -> Sequence[datetime]:
    """Arrivals of the next ``places`` people of this tier who wait behind a ticket in the line of ``services``.

    Those who have come before their booked time do not count: an hour with them is not one place.
    """
    query = (
        select(ticket.c.arrival_at)
        .where(
            ticket.c.unit == t.unit,
            ticket.c.service.in_(sorted(services)),
            ticket.c.tier == str(t.tier),
            # A literal, so that both planners see that the partial index of the lanes fits.
            ticket.c.state == literal_column("'waiting'"),
            ticket.c.reserved_counter.is_(None),
            ticket.c.reserved_attendant.is_(None),
            ticket.c.arrival_at <= now,
            or_(
                ticket.c.arrival_at > t.arrival_at,
                and_(ticket.c.arrival_at == t.arrival_at, ticket.c.id > t.id),
            ),
        )
        .order_by(ticket.c.arrival_at, ticket.c.id)
        .limit(places)
    )
    return connection.execute(query).scalars().all()


def add_rating(connection: Connection, t: Ticket, score: int, comment: str, at: datetime) -> None:
    """Keep what the citizen of a finished visit said. One row a ticket: a second one is an error of the caller."""
    row = {"ticket": t.id, "unit": t.unit, "day": t.day, "label": t.label, "service": t.service}
    connection.execute(insert(rating).values(**row, score=score, comment=comment, at=at))


def score_of(connection: Connection, ticket_id: str) -> int | None:
    """One to five, or None while nothing was said."""
    return connection.execute(select(rating.c.score).where(rating.c.ticket == ticket_id)).scalar_one_or_none()


def scores(connection: Connection, unit_id: str, day: date) -> dict[int, int]:
    """How often each score was given for visits of a business day."""
    query = (
        select(rating.c.score, func.count())
        .where(rating.c.unit == unit_id, rating.c.day == day)
        .group_by(rating.c.score)
    )
    return {score: count for score, count in connection.execute(query)}  # noqa: C416 - rows are no pairs to mypy


def comments(connection: Connection, unit_id: str, day: date, limit: int) -> Sequence[Any]:
    """The newest ratings of a day that came with words: label, service, score, comment, at."""
    return connection.execute(
        select(rating.c.label, rating.c.service, rating.c.score, rating.c.comment, rating.c.at)
        .where(rating.c.unit == unit_id, rating.c.day == day, rating.c.comment != "")
        .order_by(rating.c.at.desc())
        .limit(limit)
    ).all()
