"""Who is next, told as small scenes in a waiting room: each rule of DOMAIN 4 with the reason it gives."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from queues import COLLEAGUE, ELSEWHERE, HERE, ME, NINE, SERVICES, booked, names, profile, view, waits

from server.domain.policy import (
    Mode,
    Preset,
    RatioState,
    Reason,
    Waiting,
    order,
    pick_next,
    ratio_after,
)
from server.domain.ticket import Tier


def test_nobody_waits():
    assert pick_next(view()) is None
    assert order(view()) == []


def test_nobody_waits_for_this_counter():
    assert pick_next(view(waits("n1", 10, "alvara"), levels=profile("iptu"))) is None


def test_law_calls_by_tier_and_then_by_arrival():
    room = view(
        waits("n1", 90), waits("n2", 95), waits("d1", 30), waits("p1", 10), waits("p2", 20), waits("81", 1)
    )
    assert names(order(room)) == "81 p2 p1 d1 n2 n1"


@pytest.mark.parametrize(
    "name,reason",
    [
        ("81", Reason.eighty_plus),
        ("p1", Reason.priority_tier),
        ("d1", Reason.donor),
        ("n1", Reason.oldest_arrival),
    ],
)
def test_the_reason_of_a_plain_call_is_the_tier(name, reason):
    choice = pick_next(view(waits(name, 12)))
    assert choice.reason is reason
    assert choice.detail == {"arrival_at": (NINE - timedelta(minutes=12)).isoformat()}


def test_tickets_of_one_moment_are_called_in_the_order_of_their_ids():
    assert names(order(view(waits("n2", 5), waits("n3", 5), waits("n1", 5)))) == "n1 n2 n3"


def test_arrivals_compare_by_instant_and_not_by_the_clock_on_the_wall():
    """When summer time ends, 1:30 comes twice; the earlier one goes first although both look alike."""
    lisbon = ZoneInfo("Europe/Lisbon")
    first = datetime(2026, 10, 25, 1, 40, tzinfo=lisbon, fold=0)
    second = datetime(2026, 10, 25, 1, 20, tzinfo=lisbon, fold=1)
    assert first.astimezone(UTC) < second.astimezone(UTC)
    a = Waiting("a", "A001", "iptu", Tier.normal, first)
    b = Waiting("b", "A002", "iptu", Tier.normal, second)
    assert names(order(replace(view(b, a), now=datetime(2026, 10, 25, 3, tzinfo=UTC)))) == "a b"


# --- levels -------------------------------------------------------------------------------------------------


def test_an_upper_level_goes_first_inside_a_tier():
    room = view(waits("n1", 60, "alvara"), waits("n2", 5, "iptu"), levels=profile("iptu", "alvara"))
    assert names(order(room)) == "n2 n1"


def test_a_normal_of_an_upper_level_does_not_overtake_a_priority_ticket_of_a_lower_one():
    room = view(waits("n1", 60, "iptu"), waits("p1", 1, "alvara"), levels=profile("iptu", "alvara"))
    assert names(order(room)) == "p1 n1"


def test_a_service_named_in_two_levels_stands_in_the_upper_one():
    room = view(waits("n1", 60, "itbi"), waits("n2", 5, "iptu"), levels=profile("iptu", "itbi iptu"))
    assert names(order(room)) == "n2 n1"


@pytest.mark.parametrize("minutes,expected", [(19, "n2"), (20, "n2"), (21, "n1")])
def test_a_lower_level_rises_when_its_head_waited_over_the_limit(minutes, expected):
    room = view(waits("n1", minutes, "alvara"), waits("n2", 5), levels=profile("iptu", "alvara@20"))
    assert names([pick_next(room)]) == expected


def test_a_risen_head_competes_by_arrival_and_takes_nobody_along():
    room = view(
        waits("n1", 40, "alvara"),
        waits("n2", 15, "alvara"),
        waits("n3", 50),
        waits("n4", 10),
        levels=profile("iptu", "alvara@20"),
    )
    assert names(order(room)) == "n3 n1 n4 n2"
    reasons = [choice.reason for choice in order(room)]
    assert reasons == [
        Reason.oldest_arrival,
        Reason.aging_guard,
        Reason.oldest_arrival,
        Reason.oldest_arrival,
    ]
    assert order(room)[1].detail["wait_minutes"] == "40"


def test_the_guard_is_no_reason_where_it_moved_nobody():
    room = view(waits("n1", 40, "alvara"), levels=profile("iptu", "alvara@20"))
    assert pick_next(room).reason is Reason.oldest_arrival


def test_passing_the_lower_levels_needs_no_guard():
    room = view(
        waits("n1", 40, "alvara"),
        waits("n2", 30, "alvara"),
        waits("n3", 50, "protocolo"),
        levels=profile("iptu", "alvara@20", "protocolo"),
    )
    assert names(order(room)) == "n1 n2 n3"
    assert {choice.reason for choice in order(room)} == {Reason.oldest_arrival}


def test_the_guard_moves_a_priority_ticket_inside_its_tier_only():
    room = view(
        waits("81", 1),
        waits("p1", 40, "alvara"),
        waits("p2", 5),
        waits("n1", 99),
        levels=profile("iptu", "alvara@20"),
    )
    assert names(order(room)) == "81 p1 p2 n1"
    assert order(room)[1].reason is Reason.aging_guard


# --- transfers ----------------------------------------------------------------------------------------------


def test_a_ticket_reserved_for_this_counter_is_called_whatever_its_service():
    choice = pick_next(view(waits("n1", 5, "obras", counter=HERE)))
    assert (choice.reason, choice.detail["counter"]) == (Reason.reserved_for_counter, HERE)


def test_a_ticket_reserved_for_this_attendant_follows_them():
    choice = pick_next(view(waits("n1", 5, "obras", attendant=ME)))
    assert (choice.reason, choice.detail["attendant"]) == (Reason.reserved_for_attendant, ME)
    assert pick_next(replace(view(waits("n1", 5, attendant=ME)), attendant=None)) is None


def test_a_reserved_ticket_competes_as_if_its_service_stood_at_the_top():
    room = view(
        waits("n1", 9, "obras", counter=HERE),
        waits("n2", 10),
        waits("n3", 60, "alvara"),
        waits("p1", 1),
        levels=profile("iptu", "alvara"),
    )
    assert names(order(room)) == "p1 n2 n1 n3"


@pytest.mark.parametrize(
    "owner", [{"counter": ELSEWHERE}, {"attendant": "bruno"}, {"counter": HERE, "attendant": "bruno"}]
)
def test_a_ticket_reserved_for_others_is_not_seen(owner):
    assert pick_next(view(waits("81", 99, **owner))) is None


# --- dedicated ----------------------------------------------------------------------------------------------

DEDICATED = Preset(Mode.dedicated)


def test_while_a_dedicated_counter_is_open_the_others_call_by_arrival():
    room = view(waits("n1", 20), waits("p1", 10), waits("81", 1), preset=DEDICATED, dedicated_open=True)
    assert names(order(room)) == "n1 p1 81"
    assert {choice.reason for choice in order(room)} == {Reason.by_arrival_dedicated}


def test_the_others_return_to_law_when_it_closes():
    room = view(waits("n1", 20), waits("p1", 10), waits("81", 1), preset=DEDICATED)
    assert names(order(room)) == "81 p1 n1"
    assert pick_next(room).reason is Reason.eighty_plus


def test_a_dedicated_counter_calls_priority_tiers_in_law_order_and_else_nobody():
    only = profile(*SERVICES, dedicated=True)
    room = view(
        waits("n1", 60),
        waits("d1", 30),
        waits("p1", 10),
        waits("81", 1),
        preset=DEDICATED,
        levels=only,
        dedicated_open=True,
    )
    assert names(order(room)) == "81 p1 d1"
    assert pick_next(view(waits("n1", 60), levels=only)) is None


def test_levels_still_count_beside_a_dedicated_counter():
    room = view(
        waits("p1", 60, "alvara"),
        waits("n1", 5),
        waits("n2", 30, "itbi"),
        preset=DEDICATED,
        levels=profile("iptu", "itbi@20", "alvara"),
        dedicated_open=True,
    )
    assert names(order(room)) == "n2 n1 p1"
    assert order(room)[0].reason is Reason.aging_guard


# --- ratio --------------------------------------------------------------------------------------------------


def test_ratio_two_to_one():
    crowd = [waits(f"p{n}", 50 - n) for n in range(6)] + [waits(f"n{n}", 50 - n) for n in range(4)]
    room = view(*crowd, preset=Preset(Mode.ratio, 2, 1))
    assert names(order(room)) == "p0 p1 n0 p2 p3 n1 p4 p5 n2 n3"
    due = order(room)[2]
    assert (due.reason, due.detail["ratio"]) == (Reason.ratio_normal_due, "2:1")
    # The last two normals go because nobody else is left: no ratio moved them.
    assert [choice.reason for choice in order(room)[8:]] == [Reason.oldest_arrival] * 2


def test_ratio_three_to_two_goes_on_from_the_counters_memory():
    crowd = [waits(f"p{n}", 50 - n) for n in range(5)] + [waits(f"n{n}", 50 - n) for n in range(5)]
    room = view(*crowd, preset=Preset(Mode.ratio, 3, 2), ratio=RatioState(priority_run=2))
    assert names(order(room)) == "p0 n0 n1 p1 p2 p3 n2 n3 p4 n4"


def test_a_debt_to_normals_waits_until_one_comes():
    preset, state = Preset(Mode.ratio, 2, 1), RatioState()
    for _ in range(7):
        state = ratio_after(state, preset, Tier.donor)
    room = view(waits("81", 30), waits("n1", 1), preset=preset, ratio=state)
    assert names(order(room)) == "n1 81"


def test_a_normal_call_in_between_begins_the_count_anew():
    preset = Preset(Mode.ratio, 2, 1)
    state = ratio_after(RatioState(priority_run=1), preset, Tier.normal)
    assert state == RatioState(0, 0)


# --- accumulating -------------------------------------------------------------------------------------------


def test_accumulating_weighs_the_wait_with_the_rate_of_the_tier():
    room = view(
        waits("n1", 41), waits("p1", 10), waits("81", 10), waits("d1", 19), preset=Preset(Mode.accumulating)
    )
    assert names(order(room)) == "n1 81 d1 p1"
    choice = order(room)[1]
    assert (choice.reason, choice.detail["score"], choice.detail["rate"]) == (
        Reason.highest_score,
        "2400",
        "4",
    )


def test_equal_scores_go_by_arrival():
    room = view(waits("81", 10), waits("n1", 40), preset=Preset(Mode.accumulating))
    assert names(order(room)) == "n1 81"


def test_a_wait_that_has_not_begun_scores_nothing():
    """A rate must not count against the priority of who came before the booked time."""
    room = view(booked("81", -10), booked("n1", -20), preset=Preset(Mode.accumulating))
    assert names(order(room)) == "81 n1"
    assert order(room)[0].detail["score"] == "0"


# --- size ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", Mode)
def test_ten_thousand_waiting_are_put_in_order_in_well_under_a_second(mode):
    tiers = list(Tier)
    crowd = tuple(
        Waiting(
            f"{n:05d}",
            f"A{n:05d}",
            SERVICES[n % 4],
            tiers[n * 7 % 4],
            NINE - timedelta(seconds=n * 7919 % 30_000),
        )
        for n in range(10_000)
    )
    room = view(
        *crowd,
        preset=Preset(mode),
        levels=profile("iptu itbi", "alvara@20", "protocolo"),
        dedicated_open=True,
    )
    began = time.process_time()
    assert len(order(room)) == 10_000
    assert time.process_time() - began < 1


# --- reservations -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [{"counter": ELSEWHERE}, {"attendant": COLLEAGUE}])
@pytest.mark.parametrize("minutes,free", [(4, False), (5, True), (60, True)])
def test_nobody_waits_for_ever_for_somebody_who_is_not_there(who, minutes, free):
    """A few minutes for who may still come; then any counter that calls the service has it, at its old place."""
    waiting = waits("n1", 30, **who, since=NINE - timedelta(minutes=minutes)), waits("n2", 10)
    away = view(*waiting, staffed=frozenset({HERE, ME}))
    assert names(order(away)) == ("n1 n2" if free else "n2")
    if free:
        assert pick_next(away).reason is Reason.oldest_arrival
    there = view(*waiting, staffed=frozenset({HERE, ME, ELSEWHERE, COLLEAGUE}))
    assert names(order(there)) == "n2"


def test_the_whole_unit_s_list_holds_everybody():
    """Reserved for whomever, and of a service that no profile calls; the reason says for whom."""
    waiting = waits("n1", 30, counter=ELSEWHERE), waits("n2", 40, "unheard of"), waits("p1", 1)
    room = view(*waiting, whole_unit=True)
    assert names(order(room)) == "p1 n2 n1"
    assert [choice.reason for choice in order(room)][2] is Reason.reserved_for_counter


# --- clocks -------------------------------------------------------------------------------------------------


def test_a_walk_in_from_before_the_clock_was_set_back_did_not_come_early():
    """It stands in its place of arrival, and behind nobody's appointment of later."""
    assert names(order(view(waits("n1", -5), waits("n2", -10)))) == "n1 n2"
    assert names(order(view(booked("n3", -20), waits("n1", -10)))) == "n1 n3"


def test_a_normal_who_came_before_the_booked_time_is_not_owed_a_turn():
    """Ratio mode pays its normals when their time has come."""
    due = waits("p1", 3), waits("p2", 2), waits("p3", 1), booked("n1", -45)
    room = view(*due, preset=Preset(Mode.ratio, 1, 1), ratio=RatioState(1, 1))
    assert names(order(room)) == "p1 p2 p3 n1"
