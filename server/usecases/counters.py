"""What an attendant does at a counter: open, pause, resume, close, call the next one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from server.domain.catalog import Catalog
from server.domain.errors import Refusal
from server.domain.lifecycle import Action, Move
from server.domain.policy import Choice, RatioState, Reason, Snapshot, Waiting, order, pick_next, ratio_after
from server.domain.ticket import Seat, Ticket
from server.store import counters, lanes, tickets
from server.store.idempotency import Key
from server.store.unit_of_work import find_unit
from server.store.work import Head, Work
from server.usecases.context import Actor, House, Json, audited
from server.usecases.seats import (
    change_counter,
    close_seat,
    eyes_for,
    eyes_for_one,
    idle_seconds,
    make_move,
)
from server.usecases.standing import aheads, whole_unit
from server.wire.requests import CallTicket
from server.wire.views import Eyes, counter_view, ticket_view
from server.wire.words import reason_text


def list_counters(house: House, actor: Actor, unit_id: str) -> Json:
    """Every counter of a unit with who sits there and the ticket in hand."""
    actor.must_reach(unit_id)
    with house.store.read() as connection:
        row = find_unit(connection, unit_id)
        rows = counters.of_unit(connection, unit_id)
        labels = tickets.labels_in_hand(connection, unit_id)
        return {"counters": [counter_view(c, row.timezone, labels.get(c.id)) for c in rows]}


def show(house: House, actor: Actor, unit_id: str, counter_id: str, language: str) -> Json:
    """One counter and its ticket in hand: what a reloaded screen needs to go on."""
    actor.must_reach(unit_id)
    with house.store.read() as connection:
        row = find_unit(connection, unit_id)
        seat = counters.get(connection, unit_id, counter_id)
        t = tickets.in_hand(connection, counter_id)
        return _shown(connection, house.catalog(connection, row), row, seat, t, language)


def _shown(
    connection: Connection, catalog: Catalog, row: Row[Any], seat: Row[Any], t: Ticket | None, language: str
) -> Json:
    view = None
    if t is not None:
        view = ticket_view(t, eyes_for_one(connection, row.timezone, catalog, language, t))
    return {"counter": counter_view(seat, row.timezone, t.label if t else None), "ticket": view}


def open_counter(house: House, actor: Actor, unit_id: str, counter_id: str) -> Json:
    """Sit down at a counter. Again at one's own is no error: a reloaded page may ask twice.

    Raises ``Refusal``: counter_occupied (detail: attendant_name), attendant_busy_elsewhere (detail: counter).
    """
    actor.must_reach(unit_id)
    with house.unit(unit_id) as work:
        row = counters.get(work.connection, unit_id, counter_id)
        if row.attendant == actor.id:
            return _answer(work, counter_id)
        if row.attendant is not None:
            raise Refusal("counter_occupied", counter=counter_id, attendant_name=row.attendant_name)
        elsewhere = counters.of_attendant(work.connection, actor.id)
        if elsewhere is not None:
            raise Refusal("attendant_busy_elsewhere", counter=elsewhere.id, unit=elsewhere.unit)
        values = {"attendant": actor.id, "attendant_name": actor.name, "pause_reason": None}
        change_counter(work, row, actor, house.now(), "counter.opened", "open", **values)
        return _answer(work, counter_id)


def close_counter(
    house: House, actor: Actor, unit_id: str, counter_id: str, reason: str | None = None
) -> Json:
    """Leave a counter; a supervisor may close another's. The reason, if any, is journalled, and audited where it is
    another's. Raises ``Refusal``: counter_not_yours, ticket_in_hand."""
    actor.must_reach(unit_id)
    with house.unit(unit_id) as work:
        row = counters.get(work.connection, unit_id, counter_id)
        if row.state == "closed":
            return _answer(work, counter_id)
        if row.attendant != actor.id and not actor.leads:
            raise Refusal("counter_not_yours", counter=counter_id, attendant_name=row.attendant_name)
        _must_be_empty_handed(work, counter_id)
        now = house.now()
        if row.attendant != actor.id:
            audited(
                work.connection,
                actor,
                now,
                "counter.close_other",
                counter_id,
                unit_id,
                attendant=row.attendant,
                reason=reason,
            )
        close_seat(work, row, actor, now, reason)
        return _answer(work, counter_id)


def pause(house: House, actor: Actor, unit_id: str, counter_id: str, reason: str) -> Json:
    """Stop calling, with the reason. Raises ``Refusal``: counter_not_yours, counter_closed, ticket_in_hand."""
    actor.must_reach(unit_id)
    with house.unit(unit_id) as work:
        row = _own(work, actor, counter_id)
        if row.state != "paused":
            _must_be_empty_handed(work, counter_id)
            change_counter(
                work, row, actor, house.now(), "counter.paused", "paused", why=reason, pause_reason=reason
            )
        return _answer(work, counter_id)


def resume(house: House, actor: Actor, unit_id: str, counter_id: str) -> Json:
    """Go on after a pause. Raises ``Refusal``: counter_not_yours, counter_closed."""
    actor.must_reach(unit_id)
    with house.unit(unit_id) as work:
        row = _own(work, actor, counter_id)
        if row.state != "open":
            change_counter(work, row, actor, house.now(), "counter.resumed", "open", pause_reason=None)
        return _answer(work, counter_id)


def _own(work: Work, actor: Actor, counter_id: str) -> Any:
    row = counters.get(work.connection, work.unit.id, counter_id)
    _must_own(row, actor)
    return row


def _must_own(row: Any, actor: Actor) -> None:
    if row.state == "closed":
        raise Refusal("counter_closed", counter=row.id)
    if row.attendant != actor.id:
        raise Refusal("counter_not_yours", counter=row.id, attendant_name=row.attendant_name)


def _must_be_empty_handed(work: Work, counter_id: str) -> None:
    in_hand = tickets.in_hand(work.connection, counter_id)
    if in_hand is not None:
        raise Refusal("ticket_in_hand", ticket=in_hand.id, label=in_hand.label)


def _answer(work: Work, counter_id: str) -> Json:
    row = counters.get(work.connection, work.unit.id, counter_id)
    held = tickets.in_hand(work.connection, counter_id)
    return {"counter": counter_view(row, work.unit.timezone, held.label if held else None)}


def call_next(
    house: House, actor: Actor, unit_id: str, counter_id: str, language: str, key: Key | None
) -> Json:
    """Call whoever is next for this counter: ``{ticket, reason, reason_text}``, all null when nobody waits.

    Raises ``Refusal``: counter_closed, counter_paused, counter_not_yours, ticket_in_hand, idempotency_key_reused.
    """
    actor.must_reach(unit_id)

    def command(work: Work) -> Json:
        row = _ready(work, actor, counter_id)
        catalog = house.catalog(work.connection, work.unit)
        snapshot = _snapshot(house, work, catalog, row, house.now(), None)
        choice = pick_next(snapshot)
        if choice is None:
            return {"ticket": None, "reason": None, "reason_text": None}
        house.remember_home(choice.ticket.id, unit_id)
        return _call(work, catalog, actor, row, choice, snapshot, language)

    return house.keyed(unit_id, key, command)[0]


def call(
    house: House,
    actor: Actor,
    unit_id: str,
    counter_id: str,
    request: CallTicket,
    language: str,
    key: Key | None,
) -> Json:
    """Call one ticket out of order; the reason is journalled and audited. Raises ``Refusal`` as ``call_next``, and
    unknown_ticket, wrong_unit, illegal_transition, conflict (the ticket has moved on since the sender saw it)."""
    actor.must_reach(unit_id)
    why = request.reason

    def command(work: Work) -> Json:
        row = _ready(work, actor, counter_id)
        t = tickets.get(work.connection, request.ticket)
        if t.unit != unit_id:
            raise Refusal("wrong_unit", unit=t.unit)
        now = house.now()
        catalog = house.catalog(work.connection, work.unit)
        snapshot = _snapshot(house, work, catalog, row, now, ())
        chosen = Waiting(t.id, t.label, t.service, t.tier, t.arrival_at)
        audited(
            work.connection, actor, now, "ticket.call_out_of_order", t.id, unit_id, label=t.label, why=why
        )
        choice = Choice(chosen, Reason.manual, {"why": why, "by": actor.name})
        return _call(work, catalog, actor, row, choice, snapshot, language, request.version)

    return house.keyed(unit_id, key, command)[0]


def _ready(work: Work, actor: Actor, counter_id: str) -> Any:
    row = counters.with_hand(work.connection, work.unit.id, counter_id)
    _must_own(row, actor)
    if row.state == "paused":
        raise Refusal("counter_paused", counter=counter_id)
    if row.held is not None:
        raise Refusal("ticket_in_hand", ticket=row.held, label=row.held_label)
    return row


def _snapshot(
    house: House,
    work: Work,
    catalog: Catalog,
    row: Row[Any],
    now: datetime,
    waiting: tuple[Waiting, ...] | None,
) -> Snapshot:
    profile = catalog.profiles[row.profile]
    preset = house.preset(work.unit)
    if waiting is None:
        waiting = lanes.heads(work.connection, work.unit.id)
    return Snapshot(
        now=now,
        preset=preset,
        profile=profile,
        counter=row.id,
        attendant=row.attendant,
        waiting=waiting,
        ratio=RatioState(row.priority_run, row.normal_owed),
        dedicated_open=preset.mode == "dedicated"
        and counters.is_dedicated_open(work.connection, work.unit.id),
        # Only a reservation asks who is there; mostly there is none.
        staffed=counters.staffed(work.connection, work.unit.id)
        if any(t.counter or t.attendant for t in waiting)
        else None,
    )


def _call(
    work: Work,
    catalog: Catalog,
    actor: Actor,
    row: Row[Any],
    choice: Choice,
    snapshot: Snapshot,
    language: str,
    seen: int | None = None,
) -> Json:
    before = tickets.get(work.connection, choice.ticket.id)
    seat = Seat(row.id, row.number, row.kind, actor.id)
    reason, detail = str(choice.reason), choice.detail
    idle = idle_seconds(row, snapshot.now)
    move = Move(
        Action.call,
        snapshot.now,
        actor.ref,
        seat,
        reason=reason,
        reason_detail=detail,
        idle_seconds=idle,
        seen=seen,
    )
    after = make_move(work, before, move)
    ratio = ratio_after(snapshot.ratio, snapshot.preset, after.tier)
    if ratio != snapshot.ratio:
        counters.save(
            work.connection, row.id, row.state, priority_run=ratio.priority_run, normal_owed=ratio.normal_owed
        )
    eyes = Eyes(
        language,
        work.unit.timezone,
        catalog.services,
        {row.id: (row.number, row.kind)},
        {actor.id: actor.name},
    )
    text = reason_text(language, after.reason, after.reason_detail)
    return {"ticket": ticket_view(after, eyes), "reason": after.reason, "reason_text": text}


def queue(
    house: House, actor: Actor, unit_id: str, counter_id: str | None, language: str, limit: int
) -> Json:
    """The waiting tickets in the exact order of calling, each with its reason: for one counter, or, without one, the
    whole unit's, in which everybody who waits has a place."""
    actor.must_reach(unit_id)
    with house.store.read() as connection:
        row = find_unit(connection, unit_id)
        catalog = house.catalog(connection, row)
        now = house.now()
        if counter_id is None:
            snapshot = whole_unit(house, connection, row, catalog, now)
        else:
            seat = counters.get(connection, unit_id, counter_id)
            work = Work.on(connection, Head.of(row))
            snapshot = _snapshot(house, work, catalog, seat, now, lanes.everybody(connection, unit_id))
        choices = order(snapshot, limit)
        ahead = aheads(choices, catalog) if counter_id is None else range(len(choices))
        found = tickets.get_many(connection, [choice.ticket.id for choice in choices])
        eyes = eyes_for(connection, unit_id, row.timezone, catalog, language)
        listed = []
        for position, choice in enumerate(choices, 1):
            text = reason_text(language, str(choice.reason), choice.detail)
            view = ticket_view(found[choice.ticket.id], eyes, ahead=ahead[position - 1])
            listed.append(view | {"position": position, "reason": str(choice.reason), "reason_text": text})
        total = len(snapshot.waiting)
        return {"counter": counter_id, "seq": row.seq, "total": total, "tickets": listed}
