"""Number series: where each stands today, and whether a number is still alive."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from server.domain.numbering import SeriesState
from server.store.prepared import Prepared
from server.store.tables import ALIVE, journal, series_state, ticket
from server.store.work import SeriesKey, Work

_KEY = (
    series_state.c.unit == bindparam("unit_id"),
    series_state.c.day == bindparam("business_day", type_=series_state.c.day.type),
    series_state.c.prefix == bindparam("series_prefix"),
)
_NOW = Prepared(select(series_state.c.last_number, series_state.c.issued, series_state.c.lap).where(*_KEY))
_SET = Prepared(
    update(series_state)
    .where(*_KEY)
    .values(last_number=bindparam("new_number"), issued=bindparam("new_issued"), lap=bindparam("new_lap"))
)
_ALIVE_LABEL = Prepared(
    select(func.count().label("alive")).where(
        ticket.c.unit == bindparam("unit_id"),
        ticket.c.day == bindparam("business_day", type_=ticket.c.day.type),
        ticket.c.label == bindparam("label"),
        ticket.c.state.in_([bindparam(name) for name in ("waiting", "called", "serving", "on_hold")]),
    )
)
_ALIVE_STATES = {name: name for name in ("waiting", "called", "serving", "on_hold")}


def now(work: Work, prefix: str) -> SeriesState:
    """Where a number series stands on the open business day; a fresh state when it has issued nothing."""
    known = work.series.get((work.day, prefix))
    if known is not None:
        return known
    key = {"unit_id": work.unit.id, "business_day": work.day, "series_prefix": prefix}
    row = _NOW.one_or_none(work.connection, key)
    return SeriesState() if row is None else SeriesState(*row)


def of_day(connection: Connection, unit_id: str, day: date) -> dict[str, SeriesState]:
    """Where every series of a unit stands on a day, by prefix; one that has issued nothing is left out."""
    columns = (series_state.c.prefix, series_state.c.last_number, series_state.c.issued, series_state.c.lap)
    query = select(*columns).where(series_state.c.unit == unit_id, series_state.c.day == day)
    return {prefix: SeriesState(*state) for prefix, *state in connection.execute(query)}


def put(work: Work, prefix: str, state: SeriesState) -> None:
    """Where the series stands after a number was taken; written with the unit's head (``write``)."""
    work.series = {**work.series, (work.day, prefix): state}


def write(connection: Connection, unit_id: str, states: Mapping[SeriesKey, SeriesState]) -> None:
    """Store where the series stand."""
    for (day, prefix), state in states.items():
        key = {"unit_id": unit_id, "business_day": day, "series_prefix": prefix}
        values = {"new_number": state.last_number, "new_issued": state.issued, "new_lap": state.lap}
        if _SET.run(connection, key | values) == 0:
            row = {"last_number": state.last_number, "issued": state.issued, "lap": state.lap}
            connection.execute(insert(series_state).values(unit=unit_id, day=day, prefix=prefix, **row))


def is_label_alive(connection: Connection, unit_id: str, day: date, label: str) -> bool:
    """Whether someone still waits or is served under this label."""
    values = {"unit_id": unit_id, "business_day": day, "label": label, **_ALIVE_STATES}
    return bool(_ALIVE_LABEL.scalar(connection, values))


def is_alive_on_any_day(connection: Connection, unit_id: str, label: str) -> bool:
    """Whether someone still answers to this label, on whichever business day it was given out."""
    query = select(ticket.c.id).where(ticket.c.unit == unit_id, ticket.c.label == label, ALIVE).limit(1)
    return connection.execute(query).one_or_none() is not None


def carried_over(connection: Connection, unit_row: Row[Any]) -> Mapping[str, str]:
    """Tickets that were in service when the open business day began, by id: their labels, whatever became of them.

    The journal's entry that closed the day before names them; so the answer stays the same all day.
    """
    closing = select(journal.c.data).where(
        journal.c.unit == unit_row.id, journal.c.seq == unit_row.day_seq, journal.c.type == "day.closed"
    )
    named: Mapping[str, str] | None = (connection.execute(closing).scalar_one_or_none() or {}).get("carried")
    if named is not None:
        return named
    # The unit's first day, or one that began before its entry named anybody: who still lives was there.
    living = select(ticket.c.id, ticket.c.label).where(
        ticket.c.unit == unit_row.id, ticket.c.day < unit_row.day, ALIVE
    )
    return {row.id: row.label for row in connection.execute(living)}


def all_states(connection: Connection, unit_id: str) -> dict[SeriesKey, SeriesState]:
    """Where each series of a unit stands or stood, by business day and prefix."""
    rows = connection.execute(select(series_state).where(series_state.c.unit == unit_id))
    return {(row.day, row.prefix): SeriesState(row.last_number, row.issued, row.lap) for row in rows}
