"""Tickets: rows in, frozen domain records out, and the guarded write."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from server.domain.errors import Refusal
from server.domain.ticket import State, Ticket, Tier
from server.store import counters, lanes
from server.store.prepared import Prepared
from server.store.tables import ALIVE, IN_HAND, ticket
from server.store.work import Work

FIELDS = tuple(f.name for f in dataclasses.fields(Ticket))
COLUMNS = [ticket.c[name] for name in FIELDS]
_STATE, _TIER, _PERFORMED = (FIELDS.index(name) for name in ("state", "tier", "performed"))
_NEVER_CHANGE = frozenset(
    {"id", "unit", "day", "label", "prefix", "number", "lap", "language", "origin", "issued_at"}
)
_CHANGING = tuple(name for name in FIELDS if name not in _NEVER_CHANGE)

_BY_ID = Prepared(select(*COLUMNS).where(ticket.c.id == bindparam("ticket_id")))
# The words of the partial index themselves: with bound states no planner would use it.
_IN_HAND = Prepared(select(*COLUMNS).where(ticket.c.counter == bindparam("counter_id"), IN_HAND))
# Empty until something happens to the ticket: not bound, they are NULL all the same, and a third of the work is saved.
_LATER = frozenset(
    {
        "counter",
        "attendant",
        "called_at",
        "last_call_at",
        "started_at",
        "finished_at",
        "reason",
        "reason_detail",
    }
) | {"resolution", "stay_seconds", "late_at"}
_BESIDE = ("follow_token", "issued_by", "first_service")
_FIRST = tuple(name for name in (*FIELDS, *_BESIDE) if name not in _LATER)
_INSERT = Prepared(insert(ticket).values({name: bindparam(name) for name in _FIRST}))
_BOARD = ("board_seq", "board_line")


@cache
def _guarded(names: tuple[str, ...], *, out_of_lane: bool = False, frees: bool = False) -> Prepared:
    """The guarded write of just these columns: an index that holds none of them is left alone. On PostgreSQL in the
    same round trip: ``out_of_lane``, the ticket is counted out of its lane; ``frees``, its counter is free."""
    write = (
        update(ticket)
        .where(ticket.c.id == bindparam("guard_id"), ticket.c.state == bindparam("guard_state"))
        .values({name: bindparam(f"new_{name}", type_=ticket.c[name].type) for name in names})
    )
    if out_of_lane:
        write = write.add_cte(lanes.MOVE.cte("counted"))
    if frees:
        write = write.add_cte(counters.SET_FREE.cte("freed"))
    return Prepared(write)


def to_ticket(row: Sequence[Any]) -> Ticket:
    """A row of ``COLUMNS`` as the domain's record."""
    values = list(row)
    values[_STATE] = State(values[_STATE])
    values[_TIER] = Tier(values[_TIER])
    values[_PERFORMED] = tuple(values[_PERFORMED])
    return Ticket(*values)


def get(connection: Connection, ticket_id: str) -> Ticket:
    """One ticket. Raises ``Refusal('unknown_ticket')``."""
    row = _BY_ID.one_or_none(connection, {"ticket_id": ticket_id})
    if row is None:
        raise Refusal("unknown_ticket", ticket=ticket_id)
    return to_ticket(row)


def get_many(connection: Connection, ticket_ids: Sequence[str]) -> dict[str, Ticket]:
    """Several tickets at once, by id."""
    found: dict[str, Ticket] = {}
    for start in range(0, len(ticket_ids), 500):
        query = select(*COLUMNS).where(ticket.c.id.in_(ticket_ids[start : start + 500]))
        found |= {t.id: t for t in map(to_ticket, connection.execute(query))}
    return found


def of_unit(connection: Connection, unit_id: str) -> dict[str, Ticket]:
    """Every ticket of a unit that is still kept, by id."""
    rows = connection.execute(select(*COLUMNS).where(ticket.c.unit == unit_id))
    return {t.id: t for t in map(to_ticket, rows)}


def in_hand(connection: Connection, counter_id: str) -> Ticket | None:
    """The ticket that a counter has called or serves, if any."""
    row = _IN_HAND.one_or_none(connection, {"counter_id": counter_id})
    return None if row is None else to_ticket(row)


def labels_in_hand(connection: Connection, unit_id: str) -> dict[str, str]:
    """The label that each busy counter of a unit has in hand."""
    query = select(ticket.c.counter, ticket.c.label).where(ticket.c.unit == unit_id, IN_HAND)
    return {row.counter: row.label for row in connection.execute(query)}


def by_state(connection: Connection, unit_id: str, states: Sequence[State]) -> list[Ticket]:
    """The unit's tickets in the given live states, oldest first."""
    query = (
        select(*COLUMNS)
        .where(ticket.c.unit == unit_id, ticket.c.state.in_([str(s) for s in states]), ALIVE)
        .order_by(ticket.c.issued_at, ticket.c.id)
    )
    return [to_ticket(row) for row in connection.execute(query)]


def add(work: Work, t: Ticket, follow_token: str, issued_by: str) -> None:
    """Store a new waiting ticket and count it in its lane. Raises ValueError for one that has a story already."""
    if t.version != 1 or t.state is not State.waiting:
        raise ValueError(f"ticket {t.id} is not new")
    values: dict[str, Any] = dict(vars(t))
    values |= {"state": t.state.value, "tier": t.tier.value, "performed": list(t.performed)}
    values |= {"follow_token": follow_token, "issued_by": issued_by, "first_service": t.service}
    _INSERT.run(work.connection, values)
    lanes.move(work, t, +1)


def save(
    work: Work,
    before: Ticket,
    after: Ticket,
    board: tuple[int, dict[str, Any]] | None = None,
    free_since: datetime | None = None,
) -> None:
    """The guarded write: only if the row is still in the state that the decision was made on.

    ``board``: the number of the event and the line that the board shows from now on, for a call. ``free_since``: the
    moment from which the counter that had the ticket in hand has nobody.
    Raises ``Refusal('conflict')`` when it is not; the unit's lock makes that impossible, this proves it.
    """
    changed = _changed(before, after)
    if board is not None:
        changed |= zip(_BOARD, board, strict=True)
    values = {f"new_{name}": value for name, value in changed.items()}
    values |= {"guard_id": before.id, "guard_state": before.state.value}
    freed = {} if free_since is None else {"free_counter": before.counter, "free_moment": free_since}
    leaves = before.state is State.waiting
    # Who waits has been counted in, so the row is there, and no second look is needed.
    step = lanes.step(before, -1) if leaves else {}
    together = work.connection.dialect.name != "sqlite"
    if together:
        values |= step | freed
    flags = {"out_of_lane": together and leaves, "frees": together and bool(freed)}
    if _guarded(tuple(changed), **flags).run(work.connection, values) != 1:
        raise Refusal("conflict", ticket=before.id)
    if freed and not together:
        counters.set_free(work.connection, freed)
    if leaves:
        (lanes.moved if together else lanes.move)(work, before, -1)
    if after.state is State.waiting:
        lanes.move(work, after, +1)


def _changed(before: Ticket, after: Ticket) -> dict[str, Any]:
    old, new = vars(before), vars(after)
    changed = {name: new[name] for name in _CHANGING if new[name] is not old[name] and new[name] != old[name]}
    if "state" in changed or not changed:
        changed["state"] = after.state.value
    if "tier" in changed:
        changed["tier"] = after.tier.value
    if "performed" in changed:
        changed["performed"] = list(after.performed)
    return changed


def births(connection: Connection, unit_id: str) -> dict[str, tuple[str, str]]:
    """Who issued each ticket of a unit, and for which service."""
    query = select(ticket.c.id, ticket.c.issued_by, ticket.c.first_service).where(ticket.c.unit == unit_id)
    return {row.id: (row.issued_by, row.first_service) for row in connection.execute(query)}


def latest_arrival(connection: Connection, unit_id: str, day: date) -> datetime | None:
    """When the last walk-in of a business day came."""
    query = select(func.max(ticket.c.arrival_at)).where(
        ticket.c.unit == unit_id, ticket.c.day == day, ticket.c.appointment_at.is_(None)
    )
    found: datetime | None = connection.execute(query).scalar_one()
    return found


def issued_today(connection: Connection, unit_id: str, day: date, service_id: str) -> int:
    """How many tickets a service has given out on a business day (for its daily cap), wherever they are by now."""
    query = select(func.count()).where(
        ticket.c.unit == unit_id, ticket.c.day == day, ticket.c.first_service == service_id
    )
    return int(connection.execute(query).scalar_one())
