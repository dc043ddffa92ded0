"""What the counter commands share: the seat of an attendant, names for ids, and the guarded move of a ticket."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from server.domain.board import call_entry
from server.domain.catalog import Catalog
from server.domain.lifecycle import Action, Move, advance
from server.domain.ticket import Seat, State, Ticket
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
    tickets.save(work, before, after, board)
    if before.state is State.waiting and after.state is not State.waiting:
        printjobs.expire_for_ticket(work, after.id, move.at)
    return after
