"""Lanes: who waits for each (service, tier). Kept as counts, so that neither a board nor a call scans the queue."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    func,
    insert,
    literal_column,
    or_,
    select,
    union_all,
    update,
)

from server.domain.policy import Waiting
from server.domain.ticket import Ticket, Tier
from server.store.prepared import Prepared
from server.store.tables import lane, ticket
from server.store.work import Lanes, Work

_WAITING: ColumnElement[str] = literal_column(
    "'waiting'"
)  # a literal, so that both planners see that the partial indexes fit
_COLUMNS = (
    ticket.c.id,
    ticket.c.label,
    ticket.c.service,
    ticket.c.tier,
    ticket.c.arrival_at,
    ticket.c.appointment_at,
    ticket.c.reserved_counter,
    ticket.c.reserved_attendant,
    ticket.c.waiting_since,
)
MOVE = (
    update(lane)
    .where(
        lane.c.unit == bindparam("lane_unit"),
        lane.c.service == bindparam("lane_service"),
        lane.c.tier == bindparam("lane_tier"),
    )
    .values(waiting=lane.c.waiting + bindparam("delta"))
)
"""One step of a lane's count; its parameters: ``step``."""
_MOVE = Prepared(MOVE)
_COUNTS = Prepared(
    select(lane.c.service, lane.c.tier, lane.c.waiting).where(
        lane.c.unit == bindparam("unit_id"), lane.c.waiting > literal_column("0")
    )
)

_head = ticket.alias("head")
_HEAD_ID = (
    select(_head.c.id)
    .where(
        _head.c.unit == lane.c.unit,
        _head.c.service == lane.c.service,
        _head.c.tier == lane.c.tier,
        _head.c.state == _WAITING,
        _head.c.reserved_counter.is_(None),
        _head.c.reserved_attendant.is_(None),
    )
    .order_by(_head.c.arrival_at, _head.c.id)
    .limit(literal_column("1"))
    .correlate(lane)
    .scalar_subquery()
)
_HEADS = (
    select(*_COLUMNS)
    .select_from(lane.join(ticket, ticket.c.id == _HEAD_ID))
    .where(lane.c.unit == bindparam("unit_id"), lane.c.waiting > literal_column("0"))
)
_RESERVED = select(*_COLUMNS).where(
    ticket.c.unit == bindparam("unit_id"),
    ticket.c.state == _WAITING,
    or_(ticket.c.reserved_counter.is_not(None), ticket.c.reserved_attendant.is_not(None)),
)
_CANDIDATES = Prepared(union_all(_HEADS, _RESERVED))
_ALL = Prepared(select(*_COLUMNS).where(ticket.c.unit == bindparam("unit_id"), ticket.c.state == _WAITING))


def step(t: Ticket, delta: int) -> dict[str, Any]:
    """The parameters of ``MOVE`` for this ticket."""
    return {"lane_unit": t.unit, "lane_service": t.service, "lane_tier": t.tier, "delta": delta}


def move(work: Work, t: Ticket, delta: int) -> None:
    """Count a ticket in (+1) or out (-1) of its lane."""
    if _MOVE.run(work.connection, step(t, delta)) == 0:
        # Safe without an upsert: only the holder of the unit's lock can be here.
        row = {"unit": t.unit, "service": t.service, "tier": str(t.tier), "waiting": delta}
        work.connection.execute(insert(lane).values(**row))
    moved(work, t, delta)


def moved(work: Work, t: Ticket, delta: int) -> None:
    """Keep what this transaction has counted true to a lane that was written."""
    if work.lanes is not None:
        key = t.service, t.tier
        left = {**work.lanes, key: work.lanes.get(key, 0) + delta}
        work.lanes = left if left[key] else {k: n for k, n in left.items() if n}


def now(work: Work) -> Lanes:
    """``counts`` under the unit's lock: counted once in a transaction."""
    if work.lanes is None:
        work.lanes = counts(work.connection, work.unit.id)
    return work.lanes


def counts(connection: Connection, unit_id: str) -> Lanes:
    """How many wait in each (service, tier); empty lanes are left out."""
    return {
        (service, Tier(tier)): waiting
        for service, tier, waiting in _COUNTS.all(connection, {"unit_id": unit_id})
    }


def _waiting(row: tuple[Any, ...]) -> Waiting:
    ticket_id, label, service, tier, *rest = row
    return Waiting(ticket_id, label, service, Tier(tier), *rest)


def heads(connection: Connection, unit_id: str) -> tuple[Waiting, ...]:
    """What a call has to choose from: the first of each lane, and all that is reserved for somebody.

    One index step per non-empty lane: the cost does not grow with the queue or with the day.
    """
    return tuple(_waiting(row) for row in _CANDIDATES.all(connection, {"unit_id": unit_id}))


def everybody(connection: Connection, unit_id: str) -> tuple[Waiting, ...]:
    """The whole queue of a unit, unordered: for the staff's list and for dry runs."""
    return tuple(_waiting(row) for row in _ALL.all(connection, {"unit_id": unit_id}))


_RANK = case({str(t): t.rank for t in Tier}, value=ticket.c.tier)
_ARRIVAL = bindparam("arrival", type_=ticket.c.arrival_at.type)
_BEFORE = or_(
    ticket.c.arrival_at < _ARRIVAL,
    and_(ticket.c.arrival_at == _ARRIVAL, ticket.c.id < bindparam("ticket_id")),
)
_AHEAD = select(func.count()).where(
    ticket.c.unit == bindparam("unit_id"),
    ticket.c.state == _WAITING,
    ticket.c.service.in_(bindparam("services", expanding=True)),
    or_(bindparam("rank") > _RANK, and_(ticket.c.tier == bindparam("tier"), _BEFORE)),
)


def count_ahead(connection: Connection, t: Ticket, services: Iterable[str]) -> int:
    """How many of ``services`` wait before this ticket by law order (tier, effective arrival)."""
    values = {"unit_id": t.unit, "services": sorted(services), "rank": t.tier.rank, "tier": str(t.tier)}
    return int(connection.execute(_AHEAD, values | {"arrival": t.arrival_at, "ticket_id": t.id}).scalar_one())
