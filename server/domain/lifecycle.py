"""The life of a ticket (DOMAIN 3): its states, the only legal moves, and what each move writes.

    issue ─▶ waiting ─call▶ called ─start▶ serving ─finish▶ finished
                ▲ │            │ └─no_show▶ no_show ┐  └─hold▶ on_hold ┐
                │ └─cancel▶ cancelled               │                  │
                └──────────── return ◀──────────────┴──────────────────┘
    transfer and next_service lead from the counter back to waiting; closing the day expires what still waits.
    late: whoever waits and cannot be here in time lets others go first, and stays waiting.
    change_tier: a supervisor puts right what was pressed at the kiosk; the ticket stays where it is.

``advance`` is the only function that changes a ticket. It returns a new one with its event, or raises ``Refusal``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from server.domain.errors import Refusal
from server.domain.events import Event
from server.domain.ticket import Rules, Seat, State, Ticket, Tier, changed


class Action(StrEnum):
    """What may be asked of a ticket that exists."""

    call = "call"
    recall = "recall"
    start = "start"
    finish = "finish"
    no_show = "no_show"
    return_ = "return"
    hold = "hold"
    transfer = "transfer"
    next_service = "next_service"
    cancel = "cancel"
    late = "late"
    change_tier = "change_tier"
    expire = "expire"


LEGAL: dict[Action, tuple[frozenset[State], State | None]] = {
    Action.call: (frozenset({State.waiting}), State.called),
    Action.recall: (frozenset({State.called}), State.called),
    Action.start: (frozenset({State.called}), State.serving),
    Action.finish: (frozenset({State.called, State.serving}), State.finished),
    Action.no_show: (frozenset({State.called}), State.no_show),
    Action.return_: (frozenset({State.no_show, State.cancelled, State.on_hold}), State.waiting),
    Action.hold: (frozenset({State.called, State.serving}), State.on_hold),
    Action.transfer: (frozenset({State.called, State.serving}), State.waiting),
    Action.next_service: (frozenset({State.serving}), State.waiting),
    Action.cancel: (frozenset({State.waiting, State.on_hold}), State.cancelled),
    Action.late: (frozenset({State.waiting}), State.waiting),
    Action.change_tier: (frozenset({State.waiting, State.on_hold}), None),
    Action.expire: (frozenset({State.waiting, State.on_hold, State.called}), State.expired),
}
"""For each action: the states it may start from, and the state it leads to (None: it stays in its own)."""


USUAL = Rules()
"""The courtesy rules of a unit that sets none of its own."""


@dataclass(frozen=True, slots=True)
class Move:
    """One action asked of a ticket: when, by whom, from which seat, and what that action needs besides."""

    action: Action
    at: datetime
    by: str
    seat: Seat | None = None
    overrides_seat: bool = False  # a supervisor may act on a ticket in another's hand
    rules: Rules = USUAL
    reason: str | None = None
    reason_detail: dict[str, str] | None = None
    note: str | None = None
    service: str | None = None
    to_counter: str | None = None
    to_attendant: str | None = None
    keep_place: bool = True
    arrival_at: datetime | None = None  # late, and who goes last: the new place
    tier: Tier | None = None
    resolution: str = "resolved"
    performed: tuple[str, ...] = ()
    idle_seconds: int | None = None  # call: how long the counter had been free, told in the journal
    seen: int | None = None  # the version that the sender had on the screen; None: as it is, whatever it is


def _seconds(start: datetime | None, end: datetime) -> int:
    # A clock set back must not write a negative duration into the reports.
    return max(0, int((end - start).total_seconds())) if start else 0


def _call(t: Ticket, m: Move) -> Ticket:
    if m.seat is None:
        raise ValueError("a call needs a seat")
    wait = t.wait_seconds + _seconds(t.waiting_since, m.at)
    return changed(
        t,
        counter=m.seat.counter,
        attendant=m.seat.attendant,
        calls=1,
        called_at=m.at,
        last_call_at=m.at,
        started_at=None,
        waiting_since=None,
        reserved_counter=None,
        reserved_attendant=None,
        reason=m.reason,
        reason_detail=m.reason_detail,
        wait_seconds=wait,
    )


def _left(needed: int, start: datetime | None, end: datetime) -> int:
    # None when the clock was set back: a counter must not be stuck for that.
    return 0 if start and end < start else max(0, needed - _seconds(start, end))


def _recall(t: Ticket, m: Move) -> Ticket:
    left = _left(m.rules.recall_seconds, t.last_call_at, m.at)
    if left > 0:
        raise Refusal("too_soon", wait_seconds=left)
    return changed(t, calls=t.calls + 1, last_call_at=m.at)


def _start(t: Ticket, m: Move) -> Ticket:
    return changed(t, started_at=m.at, walk_seconds=t.walk_seconds + _seconds(t.called_at, m.at))


def _leave_counter(t: Ticket, m: Move) -> Ticket:
    # The time at the counter is added up here, because a visit may come back to a counter more than once.
    served = t.service_seconds + _seconds(t.started_at, m.at)
    note = t.note if m.note is None else m.note
    return changed(t, service_seconds=served, note=note, started_at=None)


def _finish(t: Ticket, m: Move) -> Ticket:
    done = m.performed or (t.service,)
    left = _leave_counter(t, m)
    performed = t.performed + tuple(s for s in done if s not in t.performed)
    return changed(
        left,
        started_at=t.started_at,
        finished_at=m.at,
        resolution=m.resolution,
        performed=performed,
        stay_seconds=_seconds(t.issued_at, m.at),
    )


def _no_show(t: Ticket, m: Move) -> Ticket:
    calls_needed = max(0, m.rules.no_show_calls - t.calls)
    seconds_left = _left(m.rules.patience(t.tier), t.called_at, m.at)
    if calls_needed or seconds_left:
        raise Refusal("too_few_calls", calls_needed=calls_needed, wait_seconds=seconds_left)
    return changed(t, finished_at=m.at, stay_seconds=_seconds(t.issued_at, m.at))


def _queue_again(t: Ticket, m: Move) -> Ticket:
    return changed(
        t,
        waiting_since=m.at,
        counter=None,
        attendant=None,
        calls=0,
        called_at=None,
        last_call_at=None,
        started_at=None,
        finished_at=None,
        stay_seconds=None,
        reason=None,
        reason_detail=None,
    )


def _hold(t: Ticket, m: Move) -> Ticket:
    return _leave_counter(t, m)


def _transfer(t: Ticket, m: Move) -> Ticket:
    back = _queue_again(_leave_counter(t, m), m)
    return changed(
        back,
        service=m.service or t.service,
        reserved_counter=m.to_counter,
        reserved_attendant=m.to_attendant,
        arrival_at=t.arrival_at if m.keep_place else m.arrival_at or m.at,
    )


def _next_service(t: Ticket, m: Move) -> Ticket:
    if m.service is None:
        raise ValueError("the next service of a visit needs a service")
    back = _queue_again(_leave_counter(t, m), m)
    performed = t.performed if t.service in t.performed else (*t.performed, t.service)
    return changed(back, service=m.service, performed=performed)


def _end(t: Ticket, m: Move) -> Ticket:
    wait = t.wait_seconds + _seconds(t.waiting_since, m.at)
    return changed(
        t, wait_seconds=wait, waiting_since=None, finished_at=m.at, stay_seconds=_seconds(t.issued_at, m.at)
    )


def _late(t: Ticket, m: Move) -> Ticket:
    # Only ever later: nobody gains a place by being late. The wait so far is added up, as if it ended here.
    wait = t.wait_seconds + _seconds(t.waiting_since, m.at)
    arrival = max(t.arrival_at, m.arrival_at or t.arrival_at)
    return changed(t, arrival_at=arrival, late_at=m.at, wait_seconds=wait, waiting_since=m.at)


def _change_tier(t: Ticket, m: Move) -> Ticket:
    if m.tier is t.tier:
        raise Refusal("tier_unchanged", tier=str(t.tier))
    return changed(t, tier=m.tier)


_EFFECTS: dict[Action, Callable[[Ticket, Move], Ticket]] = {
    Action.call: _call,
    Action.recall: _recall,
    Action.start: _start,
    Action.finish: _finish,
    Action.no_show: _no_show,
    Action.return_: _queue_again,
    Action.hold: _hold,
    Action.transfer: _transfer,
    Action.next_service: _next_service,
    Action.cancel: _end,
    Action.late: _late,
    Action.change_tier: _change_tier,
    Action.expire: _end,
}
_AT_THE_COUNTER = frozenset({
    Action.recall, Action.start, Action.finish, Action.no_show, Action.hold, Action.transfer, Action.next_service,
})  # fmt: skip
EVENT_TYPES: dict[Action, str] = {
    Action.call: "ticket.called",
    Action.recall: "ticket.recalled",
    Action.start: "ticket.started",
    Action.finish: "ticket.finished",
    Action.no_show: "ticket.no_show",
    Action.return_: "ticket.returned",
    Action.hold: "ticket.held",
    Action.transfer: "ticket.transferred",
    Action.next_service: "ticket.transferred",
    Action.cancel: "ticket.cancelled",
    Action.late: "ticket.late",
    Action.change_tier: "ticket.tier_changed",
    Action.expire: "ticket.expired",
}


def legal_from(state: State) -> frozenset[Action]:
    """The actions that the lifecycle knows from ``state``; their own rules may still refuse."""
    return frozenset(action for action, (sources, _) in LEGAL.items() if state in sources)


def advance(ticket: Ticket, move: Move) -> tuple[Ticket, Event]:
    """Make one move, or refuse it.

    Raises ``Refusal``: ``illegal_transition`` (detail: state, action), ``ticket_not_yours``, ``conflict`` (detail:
    state, version; the ticket is no longer what the sender has seen), ``too_soon`` (detail: wait_seconds),
    ``too_few_calls`` (detail: calls_needed, wait_seconds) or ``tier_unchanged`` (detail: tier).
    """
    sources, target = LEGAL[move.action]
    if ticket.state not in sources:
        raise Refusal("illegal_transition", state=str(ticket.state), action=str(move.action))
    bound = move.action in _AT_THE_COUNTER and not move.overrides_seat
    if bound and (move.seat is None or move.seat.counter != ticket.counter):
        raise Refusal("ticket_not_yours", counter=ticket.counter)
    if move.seen is not None and move.seen != ticket.version:
        raise Refusal("conflict", state=str(ticket.state), version=ticket.version)
    moved = _EFFECTS[move.action](ticket, move)
    after = changed(moved, state=target or ticket.state, version=ticket.version + 1)
    return after, Event(EVENT_TYPES[move.action], move.at, _event_data(ticket, after, move))


def issued(ticket: Ticket, by: str) -> Event:
    """The event that opens a ticket's story. It carries all that the journal needs to rebuild the ticket."""
    data: dict[str, Any] = {
        "ticket": ticket.id,
        "label": ticket.label,
        "service": ticket.service,
        "from": None,
        "to": str(ticket.state),
        "prefix": ticket.prefix,
        "number": ticket.number,
        "lap": ticket.lap,
        "day": ticket.day.isoformat(),
        "tier": str(ticket.tier),
        "language": ticket.language,
        "origin": ticket.origin,
        "arrival_at": ticket.arrival_at.isoformat(),
        "appointment_at": ticket.appointment_at.isoformat() if ticket.appointment_at else None,
        "by": by,
    }
    return Event("ticket.issued", ticket.issued_at, data)


def _event_data(before: Ticket, after: Ticket, move: Move) -> dict[str, Any]:
    data: dict[str, Any] = {
        "ticket": after.id,
        "label": after.label,
        "service": after.service,
        "previous_service": before.service if before.service != after.service else None,
        "from": str(before.state),
        "to": str(after.state),
        "action": str(move.action),
        "tier": str(after.tier),
        "by": move.by,
    }
    if move.action in (Action.call, Action.recall) and move.seat is not None:
        data |= {
            "counter": move.seat.counter,
            "counter_number": move.seat.number,
            "counter_kind": move.seat.kind,
        }
        data |= {"calls": after.calls, "attendant": after.attendant}
    if move.action is Action.change_tier:
        data |= {"previous_tier": str(before.tier)}
    if move.reason is not None:
        data |= {"reason": move.reason, "reason_detail": move.reason_detail}
    return data | _extra(after, move)


def _extra(after: Ticket, move: Move) -> dict[str, Any]:
    # What a replay cannot work out from the state change alone.
    if move.action in (Action.transfer, Action.next_service):
        return {
            "reserved_counter": after.reserved_counter,
            "reserved_attendant": after.reserved_attendant,
            "arrival_at": after.arrival_at.isoformat(),
            "note": after.note,
        }
    if move.action is Action.finish:
        return {"resolution": after.resolution, "performed": list(after.performed), "note": after.note}
    if move.action is Action.hold:
        return {"note": after.note}
    if move.action is Action.late:
        return {"arrival_at": after.arrival_at.isoformat()}
    if move.action is Action.call and move.idle_seconds is not None:
        return {"idle_seconds": move.idle_seconds}
    return {}
