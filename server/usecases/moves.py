"""What happens to a ticket after its call: recall, start, finish, no-show, hold, transfer, return, cancel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from server.domain.errors import Refusal
from server.domain.estimate import update_pace
from server.domain.lifecycle import Action, Move
from server.domain.ticket import Seat, State, Ticket, Tier, changed
from server.store import accounts, counters, series, tickets
from server.store import catalog as catalogs
from server.store.idempotency import Key
from server.store.work import Work
from server.usecases.citizens import later_place
from server.usecases.context import Actor, House, Json, audited, rules_of
from server.usecases.seats import eyes_for_one, make_move, seat_of
from server.wire.requests import (
    ChangeTier,
    Finish,
    NextService,
    OnTicket,
    OnTicketMaybeReason,
    OnTicketWithReason,
    Transfer,
)
from server.wire.views import ticket_view

Prepare = Callable[[Work, Ticket, Seat | None], Move]


def _unit_of(house: House, actor: Actor, ticket_id: str) -> str:
    unit_id = house.unit_of(ticket_id)
    actor.must_reach(unit_id)
    return unit_id


def _act(
    house: House,
    actor: Actor,
    ticket_id: str,
    language: str,
    key: Key | None,
    prepare: Prepare,
    seen: int | None,
    audit: str = "",
) -> Json:
    """The one shape of every move: lock, load again, decide, store, show. ``seen``: the version that the sender saw."""

    def command(work: Work) -> Json:
        before = tickets.get(work.connection, ticket_id)
        move = replace(prepare(work, before, seat_of(work.connection, actor)), seen=seen)
        after = make_move(work, before, move)
        if audit:
            audited(
                work.connection,
                actor,
                move.at,
                audit,
                after.id,
                after.unit,
                label=after.label,
                why=move.reason,
                **_tiers(before, after),
            )
        if move.action is Action.finish:
            _learn_pace(work, before, move)
        catalog = house.catalog(work.connection, work.unit)
        eyes = eyes_for_one(work.connection, work.unit.timezone, catalog, language, after, actor)
        # A kiosk stands in public: what the staff noted is not for its screen.
        shown = after if actor.kind == "staff" else changed(after, note="")
        return {"ticket": ticket_view(shown, eyes)}

    return house.keyed(_unit_of(house, actor, ticket_id), key, command)[0]


def _tiers(before: Ticket, after: Ticket) -> dict[str, str]:
    """For the audit: from which tier to which, where that is what was done."""
    return {} if before.tier is after.tier else {"tier": str(after.tier), "previous_tier": str(before.tier)}


def _learn_pace(work: Work, t: Ticket, move: Move) -> None:
    # From this round's call to its end: the walk keeps a counter busy as well, earlier rounds of the visit do not.
    if t.called_at is None:
        return
    known = catalogs.paces(work.connection, t.unit).get(t.service)
    pace = update_pace(known, (move.at - t.called_at).total_seconds())
    if pace is not None and pace != known:
        catalogs.set_pace(work.connection, t.unit, t.service, pace)


def _must_live_today(house: House, work: Work, t: Ticket) -> None:
    # Who was being served at midnight is of this day as well; whoever else had a number of yesterday is not.
    if t.day != work.day and t.id not in house.carried_over(work):
        raise Refusal("ticket_of_another_day", day=t.day.isoformat())


def simple(
    house: House,
    actor: Actor,
    ticket_id: str,
    action: Action,
    language: str,
    key: Key | None,
    seen: int | None = None,
) -> Json:
    """``recall``, ``start`` or ``no_show`` by the counter that has the ticket.

    Raises ``Refusal``, as every move here: illegal_transition, conflict (another version than the one ``seen``);
    besides ticket_not_yours, too_soon, too_few_calls.
    """

    def prepare(work: Work, _before: Ticket, seat: Seat | None) -> Move:
        return Move(action, house.now(), actor.ref, seat, rules=rules_of(work.unit))

    return _act(house, actor, ticket_id, language, key, prepare, seen)


def finish(
    house: House, actor: Actor, ticket_id: str, request: Finish, language: str, key: Key | None
) -> Json:
    """End a service with its resolution, the services performed and a note.

    Raises ``Refusal``: illegal_transition, ticket_not_yours, unknown_service.
    """

    def prepare(work: Work, _before: Ticket, seat: Seat | None) -> Move:
        known = house.catalog(work.connection, work.unit).services
        for service in request.services:
            if service not in known:
                raise Refusal("unknown_service", service=service)
        return Move(
            Action.finish,
            house.now(),
            actor.ref,
            seat,
            note=request.note,
            resolution=request.resolution,
            performed=tuple(request.services),
        )

    return _act(house, actor, ticket_id, language, key, prepare, request.version)


def hold(
    house: House, actor: Actor, ticket_id: str, request: OnTicketWithReason, language: str, key: Key | None
) -> Json:
    """Set a ticket aside, e.g. while a form is filled in. Raises ``Refusal``: illegal_transition, ticket_not_yours."""

    def prepare(_work: Work, _before: Ticket, seat: Seat | None) -> Move:
        return Move(Action.hold, house.now(), actor.ref, seat, reason=request.reason)

    return _act(house, actor, ticket_id, language, key, prepare, request.version)


def give_back(
    house: House, actor: Actor, ticket_id: str, request: OnTicketMaybeReason, language: str, key: Key | None
) -> Json:
    """Return a ticket to the queue in the place of its first arrival: staff, or the citizen at a kiosk of the unit.

    Raises ``Refusal``: illegal_transition, ticket_of_another_day, conflict (detail: label) when the number is somebody
    else's in the meantime: a small series has come round, or the ticket is of yesterday and the number of today.
    """

    def prepare(work: Work, before: Ticket, seat: Seat | None) -> Move:
        _must_live_today(house, work, before)
        gone = before.state in (State.no_show, State.cancelled)
        if gone and series.is_alive_on_any_day(work.connection, before.unit, before.label):
            raise Refusal("conflict", label=before.label)
        return Move(Action.return_, house.now(), actor.ref, seat, reason=request.reason)

    return _act(house, actor, ticket_id, language, key, prepare, request.version)


def transfer(
    house: House, actor: Actor, ticket_id: str, request: Transfer, language: str, key: Key | None
) -> Json:
    """Send a ticket to another service, counter or attendant; it keeps its place unless asked otherwise.

    Raises ``Refusal``: illegal_transition, ticket_not_yours (unless a supervisor asks), unknown_service,
    unknown_counter, unknown_user.
    """

    def prepare(work: Work, _before: Ticket, seat: Seat | None) -> Move:
        catalog = house.catalog(work.connection, work.unit)
        if request.service and request.service not in catalog.services:
            raise Refusal("unknown_service", service=request.service)
        if request.counter:
            counters.get(work.connection, work.unit.id, request.counter)
        if request.attendant:
            colleague = accounts.by_id(work.connection, request.attendant)
            if colleague is None or colleague.disabled or colleague.unit not in (None, work.unit.id):
                raise Refusal("unknown_user", attendant=request.attendant)
        now, goes_last = house.now(), request.place == "last"
        return Move(
            Action.transfer,
            now,
            actor.ref,
            seat,
            overrides_seat=actor.leads,
            service=request.service,
            to_counter=request.counter,
            to_attendant=request.attendant,
            keep_place=not goes_last,
            arrival_at=house.arrival(work, now) if goes_last else None,
            note=request.note,
        )

    audit = "ticket.transfer" if actor.leads else ""
    return _act(house, actor, ticket_id, language, key, prepare, request.version, audit)


def next_service(
    house: House, actor: Actor, ticket_id: str, request: NextService, language: str, key: Key | None
) -> Json:
    """Go on with the next service of the visit: same label, same arrival.

    Raises ``Refusal``: illegal_transition, ticket_not_yours, unknown_service.
    """

    def prepare(work: Work, _before: Ticket, seat: Seat | None) -> Move:
        if request.service not in house.catalog(work.connection, work.unit).services:
            raise Refusal("unknown_service", service=request.service)
        return Move(
            Action.next_service, house.now(), actor.ref, seat, service=request.service, note=request.note
        )

    return _act(house, actor, ticket_id, language, key, prepare, request.version)


def cancel(
    house: House, actor: Actor, ticket_id: str, request: OnTicketWithReason, language: str, key: Key | None
) -> Json:
    """Cancel a waiting ticket for its citizen; who and why are journalled and audited.

    Raises ``Refusal``: illegal_transition.
    """

    def prepare(_work: Work, _before: Ticket, seat: Seat | None) -> Move:
        return Move(Action.cancel, house.now(), actor.ref, seat, reason=request.reason)

    return _act(house, actor, ticket_id, language, key, prepare, request.version, "ticket.cancel")


def change_tier(
    house: House, actor: Actor, ticket_id: str, request: ChangeTier, language: str, key: Key | None
) -> Json:
    """Put a tier right while the ticket waits or is on hold: it keeps label and arrival; audited with the reason.

    Raises ``Refusal``: illegal_transition, tier_unchanged.
    """

    def prepare(_work: Work, _before: Ticket, seat: Seat | None) -> Move:
        tier = Tier(request.tier)
        return Move(Action.change_tier, house.now(), actor.ref, seat, tier=tier, reason=request.reason)

    return _act(house, actor, ticket_id, language, key, prepare, request.version, "ticket.tier")


def late(
    house: House, actor: Actor, ticket_id: str, request: OnTicket, language: str, key: Key | None
) -> Json:
    """Somebody who waits is late: the next few go first. Raises ``Refusal``: illegal_transition."""

    def prepare(work: Work, before: Ticket, seat: Seat | None) -> Move:
        place = later_place(house, work, before)
        return Move(Action.late, house.now(), actor.ref, seat, arrival_at=place)

    return _act(house, actor, ticket_id, language, key, prepare, request.version, "ticket.late")
