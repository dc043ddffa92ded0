"""The life of a ticket, rule by rule: whose it is, recalls, absence, returns, durations, events."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta

import pytest
from lives import CELLS, ELSEWHERE, LATER, NINE, fresh, in_state, live, move, refused

from server.domain.lifecycle import Action, advance, issued
from server.domain.ticket import Rules, State, Ticket, Tier

# --- whose ticket it is -------------------------------------------------------------------------------------

BY_ANYBODY = {
    Action.call, Action.return_, Action.cancel, Action.late, Action.change_tier, Action.expire,
}  # fmt: skip
AT_THE_COUNTER = [cell for cell in CELLS if cell[2] and cell[1] not in BY_ANYBODY]


@pytest.mark.parametrize("state,action,target", AT_THE_COUNTER)
@pytest.mark.parametrize("seat", [ELSEWHERE, None], ids=["another counter", "no counter"])
def test_only_the_counter_that_has_it_may_act(state, action, target, seat):
    ticket = replace(in_state(state), calls=3)
    refusal = refused(ticket, move(action, LATER, seat=seat))
    assert (refusal.code, refusal.detail) == ("ticket_not_yours", {"counter": "centro-3"})
    after, _ = advance(ticket, move(action, LATER, seat=seat, overrides_seat=True))
    assert after.state is target


def test_an_illegal_move_by_a_stranger_names_the_state_first():
    assert (
        refused(in_state(State.finished), move(Action.start, LATER, seat=None)).code == "illegal_transition"
    )


@pytest.mark.parametrize("state,action,target", [cell for cell in CELLS if cell[2]])
def test_who_has_seen_another_version_must_look_again(state, action, target):
    """Every legal cell: refused with the state as it is, unless the version named is the ticket's own."""
    ticket = replace(in_state(state), calls=3)
    for seen in (ticket.version - 1, ticket.version + 1):
        refusal = refused(ticket, move(action, LATER, seen=seen))
        assert (refusal.code, refusal.detail) == ("conflict", {"state": state, "version": ticket.version})
    after, _ = advance(ticket, move(action, LATER, seen=ticket.version))
    assert (after.state, after.version) == (target, ticket.version + 1)


def test_an_illegal_move_is_told_before_the_version():
    assert refused(in_state(State.finished), move(Action.start, LATER, seen=1)).code == "illegal_transition"


def test_a_call_writes_who_called_and_why():
    called = live((60, Action.call), reason="oldest_arrival", reason_detail={"arrival_at": "x"})
    assert (called.counter, called.attendant, called.calls) == ("centro-3", "ana", 1)
    assert (called.reason, called.reason_detail) == ("oldest_arrival", {"arrival_at": "x"})
    assert called.called_at == called.last_call_at == NINE + timedelta(seconds=60)


@pytest.mark.parametrize("action,words", [(Action.call, "seat")])
def test_a_call_from_nowhere_is_a_mistake_of_the_caller(action, words):
    with pytest.raises(ValueError, match=words):
        advance(fresh(), move(action, 1, seat=None))


def test_a_next_service_must_be_named():
    with pytest.raises(ValueError, match="service"):
        advance(in_state(State.serving), move(Action.next_service, LATER, service=None))


# --- recall and no-show -------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds,left", [(0, 20), (1, 19), (19.5, 1), (20, None), (500, None)])
def test_a_recall_keeps_its_distance(seconds, left):
    called = live((60, Action.call))
    if left is None:
        again = live((60 + seconds, Action.recall), ticket=called)
        assert (again.calls, again.called_at) == (2, called.called_at)
        assert again.last_call_at == NINE + timedelta(seconds=60 + seconds)
        return
    refusal = refused(called, move(Action.recall, 60 + seconds))
    assert (refusal.code, refusal.detail) == ("too_soon", {"wait_seconds": left})


def test_the_distance_counts_from_the_latest_call():
    recalled = live((60, Action.call), (80, Action.recall))
    assert refused(recalled, move(Action.recall, 99)).detail == {"wait_seconds": 1}


@pytest.mark.parametrize(
    "tier,calls,seconds,missing",
    [
        (Tier.normal, 3, 75, None),
        (Tier.normal, 3, 74, (0, 1)),
        (Tier.normal, 2, 75, (1, 0)),
        (Tier.normal, 1, 0, (2, 75)),
        (Tier.normal, 9, 900, None),
        (Tier.priority, 3, 149, (0, 1)),
        (Tier.priority, 3, 150, None),
        (Tier.eighty_plus, 3, 75, (0, 75)),
        (Tier.donor, 3, 149, (0, 1)),
    ],
)
def test_nobody_is_absent_before_enough_calls_and_seconds(tier, calls, seconds, missing):
    called = replace(live((60, Action.call), ticket=fresh(tier=tier)), calls=calls)
    wanted = move(Action.no_show, 60 + seconds)
    if missing is None:
        absent, event = advance(called, wanted)
        assert (absent.state, event.type) == (State.no_show, "ticket.no_show")
        return
    refusal = refused(called, wanted)
    assert (refusal.code, refusal.detail) == (
        "too_few_calls",
        {"calls_needed": missing[0], "wait_seconds": missing[1]},
    )


def test_a_unit_may_set_its_own_courtesy():
    rules = Rules(recall_seconds=5, no_show_calls=1, no_show_seconds=10, no_show_priority_seconds=20)
    called = live((60, Action.call))
    assert live((65, Action.recall), ticket=called, rules=rules).calls == 2
    assert live((70, Action.no_show), ticket=called, rules=rules).state is State.no_show
    assert rules.patience(Tier.donor) == 20


# --- back to the queue --------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.no_show, State.cancelled, State.on_hold])
def test_who_returns_keeps_the_original_place_and_starts_a_new_round(state):
    back = live((LATER, Action.return_), ticket=in_state(state))
    assert back.arrival_at == NINE
    assert (back.calls, back.called_at, back.counter, back.reason) == (0, None, None, None)
    called = live((LATER + 1, Action.call), ticket=back, seat=ELSEWHERE)
    assert (called.calls, called.counter) == (1, "centro-4")


def test_a_return_needs_no_counter():
    """At the kiosk, a citizen who missed the call comes back by himself."""
    assert live((LATER, Action.return_), ticket=in_state(State.no_show), seat=None).state is State.waiting


@pytest.mark.parametrize("keep,arrival", [(True, NINE), (False, NINE + timedelta(seconds=LATER))])
def test_a_transfer_keeps_the_place_or_goes_last(keep, arrival):
    moved, event = advance(
        in_state(State.serving),
        move(Action.transfer, LATER, service="obras", keep_place=keep, note="falta o RG"),
    )
    assert (moved.service, moved.arrival_at, moved.note, moved.label) == (
        "obras",
        arrival,
        "falta o RG",
        "A042",
    )
    assert (event.data["service"], event.data["previous_service"]) == ("obras", "iptu")
    assert event.data["arrival_at"] == arrival.isoformat()


def test_a_transfer_to_a_counter_or_attendant_reserves_until_the_call():
    to_counter = live(
        (LATER, Action.transfer), ticket=in_state(State.called), service=None, to_counter="centro-9"
    )
    assert (to_counter.service, to_counter.reserved_counter) == ("iptu", "centro-9")
    to_person = live(
        (LATER, Action.transfer), ticket=in_state(State.called), service=None, to_attendant="eva"
    )
    assert to_person.reserved_attendant == "eva"
    called = live((LATER + 5, Action.call), ticket=to_counter)
    assert (called.reserved_counter, called.reserved_attendant) == (None, None)


def test_a_note_travels_and_an_empty_one_does_not_wipe_it():
    held = live((200, Action.hold), ticket=in_state(State.serving), note="trouxe a procuração")
    assert held.note == "trouxe a procuração"
    assert held.started_at is None  # the service is counted; what comes next begins anew
    back = live(
        (300, Action.return_), (310, Action.call), (320, Action.start), (400, Action.finish), ticket=held
    )
    assert back.note == "trouxe a procuração"


def test_a_visit_of_several_services_keeps_one_label():
    ticket = in_state(State.serving)
    ticket = live((200, Action.next_service), ticket=ticket, service="itbi")
    assert (ticket.label, ticket.service, ticket.performed, ticket.arrival_at) == (
        "A042",
        "itbi",
        ("iptu",),
        NINE,
    )
    ticket = live((210, Action.call), (220, Action.start), (300, Action.finish), ticket=ticket)
    assert ticket.performed == ("iptu", "itbi")
    assert ticket.resolution == "resolved"


def test_a_finish_keeps_what_was_done():
    done, event = advance(
        in_state(State.serving),
        move(Action.finish, LATER, performed=("iptu", "certidao"), resolution="pending", note="volta amanhã"),
    )
    assert (done.performed, done.resolution, done.note) == (("iptu", "certidao"), "pending", "volta amanhã")
    assert event.data["performed"] == ["iptu", "certidao"]


# --- durations ----------------------------------------------------------------------------------------------


def minutes(**steps: int) -> dict[str, int]:
    return {name: 60 * value for name, value in steps.items()}


def test_durations_add_up_over_a_visit_with_a_pause():
    """Ten minutes of waiting, called, one to walk, four served; five aside; five waiting again, one, four."""
    ticket = live(
        (600, Action.call),
        (660, Action.start),
        (900, Action.hold),
        (1200, Action.return_),
        (1500, Action.call),
        (1560, Action.start),
        (1800, Action.finish),
    )
    kept = {name: getattr(ticket, f"{name}_seconds") for name in ("wait", "walk", "service", "stay")}
    assert kept == minutes(wait=15, walk=2, service=8, stay=30)


def test_durations_of_one_who_never_came():
    ticket = live((600, Action.call), (640, Action.recall), (680, Action.recall), (700, Action.no_show))
    assert (ticket.wait_seconds, ticket.walk_seconds, ticket.service_seconds) == (600, 0, 0)
    assert ticket.stay_seconds == 700


@pytest.mark.parametrize("action", [Action.cancel, Action.expire])
def test_a_wait_that_came_to_nothing_is_kept(action):
    ticket = live((600, action))
    assert (ticket.wait_seconds, ticket.stay_seconds) == (600, 600)


def test_a_clock_set_back_writes_no_negative_duration():
    ticket = live((-60, Action.call), (-90, Action.start), (-120, Action.finish))
    assert [ticket.wait_seconds, ticket.walk_seconds, ticket.service_seconds, ticket.stay_seconds] == [
        0,
        0,
        0,
        0,
    ]


# --- events -------------------------------------------------------------------------------------------------


def test_the_first_event_tells_everything_needed_to_rebuild_the_ticket():
    booked = NINE + timedelta(hours=1)
    ticket = fresh(arrival_at=booked, appointment_at=booked, tier=Tier.donor)
    event = issued(ticket, "device:kiosk-1")
    assert (event.type, event.at) == ("ticket.issued", NINE)
    assert (event.data["from"], event.data["to"], event.data["by"]) == (None, "waiting", "device:kiosk-1")
    derived = {"id", "unit", "state", "issued_at", "waiting_since", "version"}
    still_empty = {f.name for f in fields(Ticket) if not getattr(ticket, f.name)} - {"lap"}
    assert {f.name for f in fields(Ticket)} - derived - still_empty <= set(event.data)
    assert event.data["appointment_at"] == event.data["arrival_at"] == booked.isoformat()


def test_a_call_tells_the_room_where_to_go():
    _, event = advance(fresh(), move(Action.call, 60, seat=ELSEWHERE))
    wanted = {"counter": "centro-4", "counter_number": "4", "counter_kind": "table", "calls": 1}
    assert wanted.items() <= event.data.items()


def test_who_is_late_goes_back_never_forward_and_the_wait_goes_on_counting():
    ticket = fresh()
    later, earlier = NINE + timedelta(minutes=4), NINE - timedelta(hours=1)
    behind = live((600, Action.late), ticket=ticket, arrival_at=later)
    assert (behind.state, behind.arrival_at) == (State.waiting, later)
    assert (behind.late_at, behind.wait_seconds) == (NINE + timedelta(seconds=600), 600)
    assert live((600, Action.late), ticket=ticket, arrival_at=earlier).arrival_at == ticket.arrival_at
    assert live((660, Action.call), ticket=behind).wait_seconds == 660


@pytest.mark.parametrize("state", [State.waiting, State.on_hold])
def test_a_tier_is_put_right_and_all_else_stays(state):
    before = in_state(state)
    wanted = move(Action.change_tier, LATER, seat=None, tier=Tier.eighty_plus, reason="tocou na opção errada")
    after, event = advance(before, wanted)
    assert after == replace(before, tier=Tier.eighty_plus, version=before.version + 1)
    assert event.type == "ticket.tier_changed"
    told = {"from": state, "to": state, "previous_tier": "normal", "tier": "eighty_plus"}
    assert (told | {"reason": "tocou na opção errada"}).items() <= event.data.items()


def test_the_tier_it_has_already_is_no_change():
    refusal = refused(fresh(), move(Action.change_tier, 60, tier=Tier.normal))
    assert (refusal.code, refusal.detail) == ("tier_unchanged", {"tier": "normal"})
