"""The invariants of DOMAIN 4, for any queue, profile and preset that hypothesis can think of."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace
from math import ceil

from hypothesis import given, settings
from hypothesis import strategies as st
from queues import ELSEWHERE, HERE, NINE, SERVICES, queues, ratios, snapshots

from server.domain.policy import (
    Level,
    Mode,
    Preset,
    Profile,
    RatioState,
    Snapshot,
    Waiting,
    order,
    pick_next,
    ratio_after,
)
from server.domain.ticket import Tier


def mine(snapshot: Snapshot, ticket: Waiting) -> bool:
    """Whether this counter may call the ticket, said in the words of DOMAIN 4 and not of the code."""
    if ticket.counter or ticket.attendant:
        return ticket.counter == snapshot.counter or (
            ticket.attendant is not None and ticket.attendant == snapshot.attendant
        )
    if snapshot.profile.dedicated and ticket.tier is Tier.normal:
        return False
    return ticket.service in snapshot.profile.services


def level_of(profile: Profile, service: str) -> int:
    return next(n for n, level in enumerate(profile.levels) if service in level.services)


def heads(waiting: tuple[Waiting, ...]) -> tuple[Waiting, ...]:
    """What the store loads: the oldest free ticket of each lane, and all reserved ones."""
    lanes: dict[tuple[str, Tier], list[Waiting]] = defaultdict(list)
    reserved = [t for t in waiting if t.counter or t.attendant]
    for ticket in waiting:
        if not (ticket.counter or ticket.attendant):
            lanes[ticket.service, ticket.tier].append(ticket)
    return tuple(reserved + [min(lane, key=lambda t: (t.arrival, t.id)) for lane in lanes.values()])


@given(snapshots())
def test_order_is_a_permutation_of_what_this_counter_may_call(snapshot):
    ordered = [choice.ticket.id for choice in order(snapshot)]
    assert sorted(ordered) == sorted(t.id for t in snapshot.waiting if mine(snapshot, t))


@given(snapshots())
def test_the_first_of_the_order_is_the_next_call_with_the_same_reason(snapshot):
    assert next(iter(order(snapshot)), None) == pick_next(snapshot)


@given(snapshots(), st.integers(min_value=0, max_value=50))
def test_a_limit_only_cuts_the_order_short(snapshot, limit):
    assert order(snapshot, limit) == order(snapshot)[:limit]


@given(snapshots(), st.randoms(use_true_random=False))
def test_the_decision_depends_only_on_the_snapshot(snapshot, chance: random.Random):
    shuffled = list(snapshot.waiting)
    chance.shuffle(shuffled)
    assert order(replace(snapshot, waiting=tuple(shuffled))) == order(snapshot)


@given(snapshots())
def test_the_heads_of_the_lanes_are_enough_to_decide(snapshot):
    assert pick_next(replace(snapshot, waiting=heads(snapshot.waiting))) == pick_next(snapshot)


@given(snapshots())
def test_the_order_is_what_repeated_calls_would_do(snapshot):
    """Calling one after the other, each time with the new queue and ratio memory, gives the list foretold."""
    foretold, called = order(snapshot), []
    while (choice := pick_next(snapshot)) is not None:
        called.append(choice)
        snapshot = replace(
            snapshot,
            waiting=tuple(t for t in snapshot.waiting if t.id != choice.ticket.id),
            ratio=ratio_after(snapshot.ratio, snapshot.preset, choice.ticket.tier),
        )
    assert called == foretold


@given(snapshots())
def test_first_come_first_served_inside_a_tier_and_service(snapshot):
    last: dict[tuple[str, Tier], tuple] = {}
    for choice in order(snapshot):
        ticket = choice.ticket
        if ticket.counter or ticket.attendant:
            continue  # a transfer to this very counter may pass
        lane, place = (ticket.service, ticket.tier), (ticket.arrival, ticket.id)
        assert last.get(lane, place) <= place
        last[lane] = place


@given(snapshots(Mode.law))
def test_in_law_mode_nobody_overtakes_a_higher_tier(snapshot):
    ranks = [choice.ticket.tier.rank for choice in order(snapshot)]
    assert ranks == sorted(ranks)


@given(snapshots(Mode.dedicated))
def test_dedicated_mode_is_law_at_dedicated_counters_and_when_none_is_open(snapshot):
    if snapshot.profile.dedicated or not snapshot.dedicated_open:
        assert order(snapshot) == order(replace(snapshot, preset=Preset()))


@given(snapshots())
def test_a_lower_level_waits_for_the_upper_ones_unless_its_head_waited_too_long(snapshot):
    """Inside one band of tiers, and counting only citizens whose time has come."""
    choice = pick_next(snapshot)
    if choice is None or choice.ticket.counter or choice.ticket.attendant or choice.ticket.arrival > NINE:
        return
    if snapshot.preset.mode in (Mode.dedicated, Mode.accumulating):
        return  # there tiers share a band: see the tables
    level = level_of(snapshot.profile, choice.ticket.service)
    passed = [
        t
        for t in snapshot.waiting
        if mine(snapshot, t) and t.tier is choice.ticket.tier and t.arrival <= NINE
        if not (t.counter or t.attendant) and level_of(snapshot.profile, t.service) < level
    ]
    if passed:
        limit = snapshot.profile.levels[level].overflow_seconds
        assert limit is not None
        assert (NINE - choice.ticket.arrival).total_seconds() > limit


@given(snapshots())
def test_who_came_before_the_booked_time_passes_nobody_of_the_same_tier(snapshot):
    if snapshot.preset.mode in (Mode.dedicated, Mode.accumulating):
        return
    early: set[Tier] = set()
    for choice in order(snapshot):
        if choice.ticket.arrival > NINE:
            early.add(choice.ticket.tier)
        else:
            assert choice.ticket.tier not in early


@given(snapshots())
def test_a_ticket_reserved_for_others_is_invisible(snapshot):
    assert all(c.ticket.counter != ELSEWHERE and c.ticket.attendant != "bruno" for c in order(snapshot))
    without = tuple(t for t in snapshot.waiting if t.counter != ELSEWHERE and t.attendant != "bruno")
    assert order(replace(snapshot, waiting=without)) == order(snapshot)


ONE_LEVEL = Profile("one", (Level(frozenset(SERVICES)),))
ratio_presets = st.builds(
    Preset,
    st.just(Mode.ratio),
    st.integers(min_value=1, max_value=4),
    st.integers(min_value=1, max_value=3),
)


@given(queues(), ratio_presets, ratios)
def test_ratio_mode_bounds_the_wait_of_normals(waiting, preset, ratio):
    """Before the k-th normal whose time has come go at most n priority calls for each m normals begun."""
    snapshot = Snapshot(NINE, preset, ONE_LEVEL, HERE, None, waiting, ratio)
    normals = 0
    for calls, choice in enumerate(order(snapshot), start=1):
        came_early = choice.ticket.appointment is not None and choice.ticket.arrival > NINE
        if choice.ticket.tier is Tier.normal and not came_early:
            normals += 1
            assert calls <= normals + preset.ratio_n * ceil(normals / preset.ratio_m)


@settings(max_examples=60)
@given(ratio_presets, st.lists(st.sampled_from(Tier), max_size=60), st.randoms(use_true_random=False))
def test_the_ratio_is_kept_while_both_sides_wait(preset, arrivals, chance: random.Random):
    """With people on both sides all the time, the calls are n priority, m normal, n priority … exactly."""
    n, m = preset.ratio_n, preset.ratio_m
    state, pattern = RatioState(), []
    for serial in range(3 * (n + m)):
        both = (
            Waiting(f"p{serial}", "PA001", "iptu", Tier.priority, NINE),
            Waiting(f"n{serial}", "A001", "iptu", Tier.normal, NINE),
        )
        choice = pick_next(Snapshot(NINE, preset, ONE_LEVEL, HERE, None, both, state))
        state = ratio_after(state, preset, choice.ticket.tier)
        pattern.append(choice.ticket.tier)
    assert pattern == 3 * (n * [Tier.priority] + m * [Tier.normal])


@given(st.lists(st.sampled_from(Tier), max_size=60), ratio_presets)
def test_a_normal_that_arrives_late_waits_at_most_n_priority_calls(called, preset):
    """Whatever this counter called before, a normal that now waits alone is called within n calls."""
    state = RatioState()
    for tier in called:
        state = ratio_after(state, preset, tier)
    normal = Waiting("n", "A001", "iptu", Tier.normal, NINE)
    crowd = tuple(Waiting(f"p{k}", "PA001", "iptu", Tier.priority, NINE) for k in range(10))
    snapshot = Snapshot(NINE, preset, ONE_LEVEL, HERE, None, (*crowd, normal), state)
    place = [choice.ticket.id for choice in order(snapshot)].index("n")
    assert place <= preset.ratio_n


@given(st.lists(st.sampled_from(Tier), max_size=60))
def test_leaving_ratio_mode_forgets_the_debt(called):
    state = RatioState(3, 2)
    for tier in called:
        state = ratio_after(state, Preset(), tier)
    assert state == (RatioState() if called else RatioState(3, 2))


@given(snapshots(Mode.accumulating))
def test_accumulating_follows_the_score_inside_a_level(snapshot):
    single = replace(snapshot, profile=replace(snapshot.profile, levels=(Level(frozenset(SERVICES)),)))
    rates = snapshot.preset.rates
    scores = [
        max(0.0, (NINE - choice.ticket.arrival).total_seconds()) * rates[choice.ticket.tier]
        for choice in order(single)
    ]
    assert scores == sorted(scores, reverse=True)
