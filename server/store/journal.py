"""Reading the journal: events after a number, and one ticket's story; and the text of an entry's data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Row, Text, bindparam, cast, func, select

from server.domain.events import Recorded
from server.store.tables import journal

PAGE = 1000
_AFTER = (
    select(journal)
    .where(journal.c.unit == bindparam("unit_id"), journal.c.seq > bindparam("after"))
    .order_by(journal.c.seq)
    .limit(bindparam("most"))
)
_FIRST = select(func.min(journal.c.seq)).where(journal.c.unit == bindparam("unit_id"))


def text_of(data: dict[str, Any]) -> str:
    """An event's data as the journal keeps it, and as its chain protects it."""
    return orjson.dumps(data).decode()


def _recorded(row: Row[Any]) -> Recorded:
    return Recorded(row.unit, int(row.seq), row.type, row.at, row.data)


def after(connection: Connection, unit_id: str, seq: int, most: int) -> list[Recorded]:
    """At most ``most`` events with a number greater than ``seq``, in order."""
    rows = connection.execute(_AFTER, {"unit_id": unit_id, "after": seq, "most": most})
    return [_recorded(row) for row in rows]


class Chained(NamedTuple):
    """An entry as it lies there: with its data's very text, the ticket by which it is found, and its hash."""

    entry: Recorded
    text: str
    ticket: str | None
    hash: str


def chained(connection: Connection, unit_id: str) -> Iterator[Chained]:
    """The whole journal of a unit, in order."""
    last = 0
    # The text as it lies there: read and written anew, a blank that somebody has put into it would be gone.
    query = select(journal, cast(journal.c.data, Text).label("text")).where(journal.c.unit == unit_id)
    while True:
        page = query.where(journal.c.seq > last).order_by(journal.c.seq)
        rows = connection.execute(page.limit(PAGE)).all()
        for row in rows:
            yield Chained(_recorded(row), row.text, row.ticket, row.hash)
        if len(rows) < PAGE:
            return
        last = rows[-1].seq


def first_seq(connection: Connection, unit_id: str) -> int | None:
    """The oldest number still kept, or None when the journal is empty."""
    found = connection.execute(_FIRST, {"unit_id": unit_id}).scalar_one()
    return None if found is None else int(found)


def of_ticket(connection: Connection, ticket_id: str) -> Sequence[Recorded]:
    """Everything that happened to one ticket, in order."""
    query = select(journal).where(journal.c.ticket == ticket_id).order_by(journal.c.seq)
    return [_recorded(row) for row in connection.execute(query)]
