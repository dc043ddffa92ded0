"""Closing the business day: per unit, in its own time zone, by itself or by command, safe to run twice."""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.exc import SQLAlchemyError

from server.domain.errors import Refusal
from server.domain.events import Event
from server.domain.lifecycle import Action, Move, advance
from server.domain.ticket import State
from server.store import counters, idempotency, pushes, tickets
from server.store.unit_of_work import all_units
from server.store.work import Work
from server.usecases.context import SYSTEM, Actor, House, Json, audited, today
from server.usecases.seats import close_seat, leaves_hand

log = logging.getLogger("vez.day")
_KEEP_ANSWERS_DAYS = 1


def roll_day(work: Work, now: datetime) -> bool:
    """Close the day if the unit's calendar has moved on; returns whether it did."""
    current = today(work.unit, now)
    if current <= work.day:
        # A clock set back opens no past day again: numbers would be given out twice.
        return False
    close_day(work, now, current, SYSTEM)
    return True


def close_day(work: Work, now: datetime, next_day: date, actor: Actor) -> int:
    """Expire what still waits, close the counters, begin ``next_day``. Returns how many tickets expired."""
    expired = _expire_tickets(work, now, actor)
    _close_counters(work, now, actor)
    counters.forget_ratio(work.connection, work.unit.id)
    data = {
        "day": work.day.isoformat(),
        "next_day": next_day.isoformat(),
        "expired": expired,
        # They stay: their numbers are watched, and they may come back to the queue, on the day that begins.
        "carried": {t.id: t.label for t in tickets.by_state(work.connection, work.unit.id, (State.serving,))},
        "by": actor.ref,
    }
    closed = work.record(Event("day.closed", now, data))
    work.day = next_day
    work.set_unit(day=next_day, day_seq=closed.seq)
    idempotency.forget(work.connection, work.unit.id, next_day - timedelta(days=_KEEP_ANSWERS_DAYS))
    pushes.forget(work.connection, work.unit.id, next_day)
    return expired


def _expire_tickets(work: Work, now: datetime, actor: Actor) -> int:
    states = (State.waiting, State.on_hold, State.called)
    expired = tickets.by_state(work.connection, work.unit.id, states)
    for before in expired:
        after, event = advance(before, Move(Action.expire, now, actor.ref))
        tickets.save(work, before, after, free_since=leaves_hand(before, after, now))
        work.record(event)
    return len(expired)


def _close_counters(work: Work, now: datetime, actor: Actor) -> None:
    for row in counters.of_unit(work.connection, work.unit.id):
        # Whoever still serves somebody keeps the counter: that citizen is not sent away by a clock.
        if row.state == "closed" or tickets.in_hand(work.connection, row.id):
            continue
        close_seat(work, row, actor, now)


def close_due_days(house: House) -> list[str]:
    """Close the day of every unit whose calendar has moved on; returns those units. The house's ticker calls this."""
    with house.store.read() as connection:
        units = all_units(connection)
    return [row.id for row in units if _close_if_due(house, row)]


def _close_if_due(house: House, row: Row[Any]) -> bool:
    try:
        if today(row, house.now()) <= row.day:
            return False
        with house.unit(row.id) as work:
            return bool(work.recorded)
    except SQLAlchemyError:
        raise  # the database: of no unit in particular
    except Exception:
        # Whatever is wrong with this one, the others' day ends all the same.
        log.exception("the business day of %s could not be closed", row.id)
        return False


def close_day_by_command(house: House, actor: Actor, unit_id: str) -> Json:
    """Close the business day early: no ticket of today waits any more. Tomorrow's numbers start at 1 tomorrow.

    Run twice it changes nothing more. Raises ``Refusal('forbidden')`` for anyone but a supervisor.
    """
    actor.must_reach(unit_id)
    if not actor.leads and actor.kind != "system":
        raise Refusal("forbidden")
    now = house.now()
    with house.unit(unit_id) as work:
        expired = _expire_tickets(work, now, actor)
        _close_counters(work, now, actor)
        if actor.kind == "staff":
            audited(work.connection, actor, now, "day.close", unit_id, unit_id, expired=expired)
        return {"day": work.day.isoformat(), "expired": expired}
