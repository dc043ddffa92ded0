"""What the counter commands share: the seat of an attendant, names for ids, the guarded move of a ticket, and how a
counter changes its state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from server.domain.board import call_entry
from server.domain.catalog import Catalog
from server.domain.events import Event
from server.domain.lifecycle import Action, Move, advance
from server.domain.ticket import IN_HAND, Seat, State, Ticket
from server.store import accounts, counters, printjobs, tickets
from server.store.work import Work
from server.usecases.context import Actor
from server.wire.events import Audience, event_view
from server.wire.views import Eyes


def seat_of(connection: Connection, actor: Actor) -> Seat | None:
    """Where this member of staff sits now, if anywhere."""
    if actor.kind != "staff":
        return None
    row = counters.of_attendant(connection, actor.id)
    return None if row is None else Seat(row.id, row.number, row.kind, actor.id)


def eyes_for(connection: Connection, unit_id: str, timezone: str, catalog: Catalog, language: str) -> Eyes:
    """Everything needed to show any tickets of a unit to its staff."""
    seats = {row.id: (row.number, row.kind) for row in counters.of_unit(connection, unit_id)}
    names = {row.id: row.name for row in accounts.of_unit(connection, None)}
    return Eyes(language, timezone, catalog.services, seats, names)


def eyes_for_one(
    connection: Connection,
    timezone: str,
    catalog: Catalog,
    language: str,
    t: Ticket,
    actor: Actor | None = None,
) -> Eyes:
    """What is needed to show one ticket: its own counter and attendant, not the whole room's."""
    seats: Mapping[str, tuple[str, str]] = {}
    if t.counter is not None:
        row = counters.get(connection, t.unit, t.counter)
        seats = {row.id: (row.number, row.kind)}
    if t.attendant is None:
        names: Mapping[str, str] = {}
    elif actor is not None and actor.id == t.attendant:
        names = {actor.id: actor.name}
    else:
        person = accounts.by_id(connection, t.attendant)
        names = {t.attendant: person.name} if person is not None else {}
    return Eyes(language, timezone, catalog.services, seats, names)


def make_move(work: Work, before: Ticket, move: Move) -> Ticket:
    """Decide, store guarded, record; a call also becomes a line of the board and ends the waiting for paper."""
    after, event = advance(before, move)
    recorded = work.record(event)
    board = None
    if move.action in (Action.call, Action.recall):
        line = call_entry(event_view(recorded, work.unit.timezone, Audience.public))
        board = recorded.seq, line
    tickets.save(work, before, after, board, free_since=leaves_hand(before, after, move.at))
    if before.state is State.waiting and after.state is not State.waiting:
        printjobs.expire_for_ticket(work, after.id, move.at)
    return after


def leaves_hand(before: Ticket, after: Ticket, now: datetime) -> datetime | None:
    """Since when the counter that had a ticket in hand is free: now, or None when the move frees nobody."""
    was_held = before.counter is not None and before.state in IN_HAND
    return now if was_held and after.state not in IN_HAND else None


def idle_seconds(row: Any, now: datetime) -> int | None:
    """How long a counter with empty hands has been free; None for one that is closed or paused."""
    return _seconds(row.free_since, now)


def _seconds(start: datetime | None, now: datetime) -> int | None:
    # A clock set back must not write a negative duration into the reports.
    return None if start is None else max(0, int((now - start).total_seconds()))


def change_counter(
    work: Work,
    row: Row[Any],
    actor: Actor,
    now: datetime,
    kind: str,
    state: str,
    why: str | None = None,
    **values: Any,
) -> None:
    """Give a counter with empty hands another state, and tell it with the times that end: ``seconds_before`` in the
    state before, ``idle_seconds`` free since the last ticket (of an open counter)."""
    free_since = now if state == "open" else None
    counters.save(work.connection, row.id, row.state, state=state, since=now, free_since=free_since, **values)
    data = {"counter": row.id, "counter_number": row.number, "counter_kind": row.kind, "state": state}
    data |= {"attendant": values.get("attendant") or row.attendant, "by": actor.ref}
    data |= {"attendant_name": values.get("attendant_name") or row.attendant_name}
    times = {"seconds_before": _seconds(row.since, now), "idle_seconds": idle_seconds(row, now)}
    data |= {name: seconds for name, seconds in times.items() if seconds is not None}
    if why:
        data["reason"] = why
    work.record(Event(kind, now, data))


def close_seat(work: Work, row: Row[Any], actor: Actor, now: datetime, why: str | None = None) -> None:
    """Nobody sits there any more, whether a person or the day's end closes."""
    values = {"attendant": None, "attendant_name": None, "pause_reason": None}
    change_counter(work, row, actor, now, "counter.closed", "closed", why, **values)
