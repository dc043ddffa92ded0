"""The spool's commands: claim under a lease, report, look, reprint."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from server.domain.errors import Refusal
from server.domain.events import Event
from server.domain.printjob import FINAL, REPORTS, JobEvent, JobState, advance_job
from server.domain.ticket import ALIVE
from server.store import boards, devices, printjobs, tickets
from server.store.idempotency import Key
from server.store.unit_of_work import find_unit
from server.store.work import Work
from server.usecases.context import Actor, House, Json, audited
from server.usecases.spool import add_print_job, document
from server.wire.moments import iso
from server.wire.requests import Claim, Report
from server.wire.views import Eyes, print_job_view, ticket_view

LEASE = timedelta(seconds=20)
_LEASED = frozenset({"claimed", "preflight", "sending", "sent", "blocked"})


def claim(house: House, actor: Actor, request: Claim) -> Json:
    """The oldest job of this printer under a lease of 20 s, or ``{job: null}`` after at most ``wait`` seconds.

    The answer carries the staff's ``orders`` (pause, new roll); it comes early when they change.
    """
    deadline = time.monotonic() + request.wait
    first: Json | None = None
    while True:
        job, orders = _claim_now(house, actor)
        first = orders if first is None else first
        left = deadline - time.monotonic()
        if job is not None or left <= 0 or orders != first:
            return {"job": job, "orders": orders}
        # At most a second: another process may have queued the job, and its bell may have been lost.
        house.wait_for_print_job(actor.id, min(left, 1.0))


def _claim_now(house: House, actor: Actor) -> tuple[Json | None, Json]:
    now = house.now()
    with house.store.read() as connection:
        orders = orders_of(devices.get(connection, actor.id))
        # A look without the lock first: an idle agent must not queue up with those who issue tickets.
        rows = printjobs.open_of_printer(connection, actor.id)
        units = dict.fromkeys(row.unit for row in rows if _wants_attention(row, now))
    if not units or orders["paused"]:
        return None, orders
    for unit_id in units:  # one, unless the printer stands beside a kiosk of several units
        actor.must_reach(unit_id)
        with house.unit(unit_id) as work:
            for row in printjobs.open_of_printer(work.connection, actor.id):
                if row.unit == unit_id and _is_ready(work, row, now):
                    return _lease(house, work, row, now), orders
    return None, orders


def orders_of(printer: Row[Any]) -> Json:
    """What the staff want of a printer: ``paused``, and ``roll``: since when it has its present roll, or null."""
    kept = printer.orders or {}
    return {"paused": bool(kept.get("paused")), "roll": kept.get("roll")}


def _wants_attention(row: Row[Any], now: datetime) -> bool:
    return row.state == "queued" or (row.lease_until is not None and row.lease_until < now)


def _is_ready(work: Work, row: Row[Any], now: datetime) -> bool:
    """Sort out what time has done to a job; True if it can be handed out now."""
    state = JobState(row.state)
    if state in _LEASED and row.lease_until is not None:
        if row.lease_until >= now:
            return False
        # The agent died: nothing sent goes back to the queue, something sent stays in doubt until a person decides.
        state = advance_job(state, JobEvent.lease_lost)
        ended = {"finished_at": now, "cause": "no_answer"} if state is JobState.unknown else {}
        values = {"state": str(state), "lease_holder": None, "lease_until": None, **ended}
        printjobs.save(work.connection, row.id, row.state, **values)
        if state is JobState.unknown:
            _alert(work, devices.get(work.connection, row.printer), row, "unknown", "no_answer", now)
    if state is JobState.queued and row.expires_at <= now:
        printjobs.save(
            work.connection,
            row.id,
            "queued",
            state="expired",
            cause="too_old",
            finished_at=now,
            lease_holder=None,
        )
        return False
    return state is JobState.queued


def _document(house: House, work: Work, row: Row[Any]) -> Json:
    t = tickets.get(work.connection, row.ticket)
    eyes = Eyes(t.language, work.unit.timezone, house.catalog(work.connection, work.unit).services)
    url = f"{house.public_url}/t/{boards.follow_token(work.connection, t.id)}"
    return document(work.connection, work.unit, t, eyes.service_name(t.service), row.promise, url, row.copy)


def _lease(house: House, work: Work, row: Row[Any], now: datetime) -> Json:
    printjobs.save(
        work.connection,
        row.id,
        "queued",
        state=str(advance_job(JobState.queued, JobEvent.claim)),
        lease_holder=row.printer,
        lease_until=now + LEASE,
        attempts=row.attempts + 1,
        cause=None,
    )
    timezone = work.unit.timezone
    return {
        "id": row.id,
        "key": f"{row.ticket}:{row.copy}",
        "copy": row.copy,
        "lease": row.attempts + 1,
        "lease_seconds": int(LEASE.total_seconds()),
        "created_at": iso(row.created_at, timezone),
        "expires_at": iso(row.expires_at, timezone),
        "document": _document(house, work, row),
    }


def settle_lost_leases(house: House) -> int:
    """Jobs whose agent went silent and does not claim either; how many. The house's ticker calls this."""
    now, settled = house.now(), 0
    with house.store.read() as connection:
        units = {row.unit for row in printjobs.lost(connection, now)}
    for unit_id in sorted(units):
        with house.unit(unit_id) as work:
            for row in printjobs.lost(work.connection, now):
                if row.unit == unit_id:
                    _is_ready(work, row, now)
                    settled += 1
    return settled


def report(house: House, actor: Actor, job_id: str, request: Report) -> Json:
    """What became of a job, told by the printer that has its lease; each report renews the lease.

    Raises ``Refusal``: unknown_print_job, lease_lost (another has it), illegal_transition.
    """
    with house.store.read() as connection:
        unit_id = printjobs.get(connection, job_id).unit
    actor.must_reach(unit_id)
    now = house.now()
    with house.unit(unit_id) as work:
        row = printjobs.get(work.connection, job_id)
        # Back in the queue: whoever still thinks to have it must not send.
        is_back = row.state == "queued" and request.state not in ("queued", "expired")
        # Two agents may share a token by mistake: only the number of the latest lease tells them apart.
        is_older = request.lease is not None and request.lease != row.attempts
        if row.printer != actor.id or is_back or is_older:
            raise Refusal("lease_lost", state=row.state)
        state = advance_job(JobState(row.state), REPORTS[request.state])
        over = state in FINAL or state is JobState.unknown
        released = over or state is JobState.queued
        values: dict[str, Any] = {
            "state": str(state),
            "cause": request.cause,
            "detail": request.detail,
            "lease_holder": None if released else actor.id,
            "lease_until": None if released else now + LEASE,
            "finished_at": now if over else None,
        }
        if request.millimetres is not None:
            values["millimetres"] = request.millimetres
        if request.confirm_ms is not None:
            values["confirm_ms"] = request.confirm_ms
        printjobs.save(work.connection, job_id, row.state, **values)
        if (str(state), request.cause) != (row.state, row.cause) and state in (
            JobState.blocked,
            JobState.unknown,
        ):
            _alert(work, actor, row, str(state), request.cause, now)
        return {"job": print_job_view(printjobs.get(work.connection, job_id), work.unit.timezone)}


def _alert(
    work: Work, printer: Actor | Row[Any], row: Row[Any], state: str, cause: str | None, now: datetime
) -> None:
    data: Json = {
        "device": printer.id,
        "name": printer.name,
        "kind": "printer",
        "state": state,
        "cause": cause,
    }
    work.record(Event("printer.status", now, data | {"print_job": row.id, "print_ticket": row.ticket}))


def show_job(house: House, actor: Actor, job_id: str) -> Json:
    """A print job's fate: for staff of the unit and for the kiosk that asked for it."""
    with house.store.read() as connection:
        row = printjobs.get(connection, job_id)
        actor.must_reach(row.unit)
        if actor.kind == "device" and row.asked_by != actor.ref:
            raise Refusal("unknown_print_job", print_job=job_id)
        return {"job": print_job_view(row, find_unit(connection, row.unit).timezone)}


def reprint(house: House, actor: Actor, ticket_id: str, reason: str, key: Key | None) -> tuple[Json, bool]:
    """One more copy of the same ticket, marked "2ª VIA" and audited; never a new place in the queue.

    Raises ``Refusal``: unknown_ticket (also for another kiosk's), illegal_transition for a ticket that is over,
    conflict when the unit has no printer.
    """
    with house.store.read() as connection:
        t = tickets.get(connection, ticket_id)
        if actor.kind == "device" and boards.issued_by(connection, ticket_id) != actor.ref:
            raise Refusal("unknown_ticket", ticket=ticket_id)
    actor.must_reach(t.unit)
    return house.keyed(t.unit, key, lambda work: _reprint(house, actor, work, ticket_id, reason))


def _reprint(house: House, actor: Actor, work: Work, ticket_id: str, reason: str) -> Json:
    now = house.now()
    t = tickets.get(work.connection, ticket_id)
    if t.state not in ALIVE:
        raise Refusal("illegal_transition", state=str(t.state), action="reprint")
    catalog = house.catalog(work.connection, work.unit)
    copies = printjobs.of_ticket(work.connection, ticket_id)
    if copies and copies[-1].state == JobState.printed and copies[-1].detail == actor.ref:
        # The citizen said at this kiosk that the paper is there; another one is for the staff to give.
        raise Refusal("illegal_transition", state="printed", action="reprint")
    for row in copies:
        _close_for_reprint(work, row, now)
    url = f"{house.public_url}/t/{boards.follow_token(work.connection, ticket_id)}"
    view = ticket_view(t, Eyes(t.language, work.unit.timezone, catalog.services), follow_url=url)
    copy = printjobs.last_copy(work.connection, ticket_id) + 1
    large = any(row.promise.get("large") for row in copies)
    job = add_print_job(work, actor, t, view, copy=copy, now=now, reason=reason, large=large)
    printjobs.add_now(work)
    if job is None:
        raise Refusal("conflict", printer="none")
    audited(
        work.connection, actor, now, "ticket.reprint", ticket_id, t.unit, label=t.label, copy=copy, why=reason
    )
    printer = printjobs.get(work.connection, job["id"]).printer
    data = {
        "device": printer,
        "kind": "printer",
        "state": "queued",
        "cause": None,
        "copy": copy,
        "by": actor.ref,
    }
    work.record(Event("printer.status", now, data | {"print_job": job["id"], "printer": printer}))
    return {"print_job": job | {"copy": copy}}


def _close_for_reprint(work: Work, row: Row[Any], now: datetime) -> None:
    # An older copy that still waits, or whose fate is unknown, is settled by the person who asks for another.
    if JobState(row.state) in (JobState.queued, JobState.blocked, JobState.unknown):
        state = advance_job(JobState(row.state), JobEvent.reprint)
        printjobs.save(
            work.connection, row.id, row.state, state=str(state), finished_at=now, lease_until=None
        )


def note_printer_state(house: House, actor: Actor, state: Json) -> None:
    """A printer's heartbeat: kept, and told to the staff when it changed."""
    now = house.now()
    with house.store.read() as connection:
        before = devices.get(connection, actor.id)
    watched = ("printer", "cause", "near_end", "_silent")
    if all(before.state.get(name) == state.get(name) for name in watched) or actor.unit is None:
        with house.store.write() as connection:
            devices.change(connection, actor.id, last_seen_at=now, state=state)
        return
    with house.unit(actor.unit) as work:
        devices.change(work.connection, actor.id, last_seen_at=now, state=state)
        data: Json = {"device": actor.id, "name": actor.name, "kind": "printer"}
        data |= {
            "state": state.get("printer"),
            "cause": state.get("cause"),
            "near_end": state.get("near_end"),
        }
        work.record(Event("printer.status", now, data))
