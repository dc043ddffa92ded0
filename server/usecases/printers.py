"""What people do to printing: pause a printer, tell it of a new roll, say that the paper is in somebody's hand."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from server.domain.errors import Refusal
from server.domain.events import Event
from server.domain.printjob import JobEvent, JobState, advance_job
from server.store import devices, printjobs
from server.store.unit_of_work import find_unit
from server.store.work import Work
from server.usecases.context import Actor, House, Json, audited
from server.usecases.printing import orders_of
from server.usecases.spool import is_online
from server.wire.moments import iso
from server.wire.views import device_view, print_job_view


def pause(house: House, actor: Actor, unit_id: str, device_id: str) -> Json:
    """Let a printer finish its ticket and rest. Jobs wait, and expire as ever; kiosks say so first."""
    return _order(house, actor, unit_id, device_id, "pause")


def resume(house: House, actor: Actor, unit_id: str, device_id: str) -> Json:
    """Let a printer work again."""
    return _order(house, actor, unit_id, device_id, "resume")


def new_roll(house: House, actor: Actor, unit_id: str, device_id: str) -> Json:
    """Somebody has put in a new roll: the agent counts its paper from nothing."""
    return _order(house, actor, unit_id, device_id, "new_roll")


def _order(house: House, actor: Actor, unit_id: str, device_id: str, what: str) -> Json:
    """Store, audit, tell; ``{device}``. Raises ``Refusal('unknown_device')``, also for no printer of the unit."""
    actor.must_reach(unit_id)
    now = house.now()
    with house.unit(unit_id) as work:
        row = devices.get(work.connection, device_id)
        if row.unit != unit_id or row.kind != "printer" or row.revoked_at is not None:
            raise Refusal("unknown_device", device=device_id)
        before = orders_of(row)
        after = before | _wish(what, iso(now, work.unit.timezone))
        if after != before:
            devices.change(work.connection, device_id, orders=after)
            audited(work.connection, actor, now, f"printer.{what}", device_id, unit_id, name=row.name)
            data = {"device": device_id, "name": row.name, "kind": "printer", "by": actor.ref}
            data |= {"state": "paused" if after["paused"] else row.state.get("printer"), "cause": None}
            work.record(Event("printer.status", now, data | {"orders": after}))
        row = devices.get(work.connection, device_id)
        return {"device": device_view(row, work.unit.timezone, is_online(row, now))}


def _wish(what: str, now: str | None) -> Json:
    return {"roll": now} if what == "new_roll" else {"paused": what == "pause"}


def confirm(house: House, actor: Actor, job_id: str) -> Json:
    """A person says that this copy needs no more printing: ``{job}``.

    In doubt: the paper is there (``printed``). Waiting or blocked: the number was noted, and nothing shall come out
    late (``expired``, cause ``not_wanted``). Raises ``Refusal``: unknown_print_job, illegal_transition.
    """
    with house.store.read() as connection:
        unit_id = _reachable(actor, printjobs.get(connection, job_id)).unit
        find_unit(connection, unit_id)
    now = house.now()
    with house.unit(unit_id) as work:
        row = _reachable(actor, printjobs.get(work.connection, job_id))
        if row.state not in (JobState.printed, JobState.expired):
            _confirm(work, actor, row, now)
        return {"job": print_job_view(printjobs.get(work.connection, job_id), work.unit.timezone)}


def _reachable(actor: Actor, row: Row[Any]) -> Row[Any]:
    actor.must_reach(row.unit)
    if actor.kind == "device" and row.asked_by != actor.ref:
        raise Refusal("unknown_print_job", print_job=row.id)
    return row


def _confirm(work: Work, actor: Actor, row: Row[Any], now: Any) -> None:
    in_doubt = row.state == JobState.unknown
    state = advance_job(JobState(row.state), JobEvent.confirm if in_doubt else JobEvent.expire)
    cause = None if in_doubt else "not_wanted"
    values = {"state": str(state), "cause": cause, "detail": actor.ref, "finished_at": now}
    printjobs.save(work.connection, row.id, row.state, lease_holder=None, lease_until=None, **values)
    audited(
        work.connection,
        actor,
        now,
        "print.confirm",
        row.id,
        row.unit,
        ticket=row.ticket,
        was=row.state,
        became=str(state),
    )
    printer = devices.get(work.connection, row.printer)
    data = {
        "device": row.printer,
        "name": printer.name,
        "kind": "printer",
        "state": str(state),
        "cause": cause,
    }
    work.record(Event("printer.status", now, data | {"print_job": row.id, "by": actor.ref}))
