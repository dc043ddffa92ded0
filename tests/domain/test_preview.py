"""The next calls of a whole unit, before a supervisor changes its preset."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from queues import ELSEWHERE, HERE, ME, NINE, presets, profile, profiles, queues, waits

from server.domain.policy import Mode, Preset, RatioState, Reason, Snapshot, order
from server.domain.preview import Desk, preview_unit

ALL = profile("iptu itbi alvara")
CROWD = [waits("p1", 9), waits("p2", 8), waits("n1", 30), waits("n2", 20), waits("n3", 10)]


def shown(calls) -> str:
    return " ".join(f"{counter}:{choice.ticket.id}" for counter, choice in calls)


def test_counters_take_turns():
    calls = preview_unit(NINE, Preset(), [Desk("1", ALL), Desk("2", ALL)], CROWD)
    assert shown(calls) == "1:p1 2:p2 1:n1 2:n2 1:n3"


def test_a_dedicated_counter_lets_the_others_call_by_arrival():
    desks = [Desk("1", replace(ALL, dedicated=True)), Desk("2", ALL)]
    calls = preview_unit(NINE, Preset(Mode.dedicated), desks, CROWD)
    assert shown(calls) == "1:p1 2:n1 1:p2 2:n2 2:n3"
    assert calls[1][1].reason is Reason.by_arrival_dedicated


def test_each_counter_keeps_its_own_ratio():
    desks = [Desk("1", ALL, ratio=RatioState(0, 1)), Desk("2", ALL)]
    calls = preview_unit(NINE, Preset(Mode.ratio, 1, 1), desks, CROWD)
    assert shown(calls) == "1:n1 2:p1 1:p2 2:n2 1:n3"


def test_a_preview_ends_with_the_limit_the_queue_or_the_counters():
    assert len(preview_unit(NINE, Preset(), [Desk("1", ALL)], CROWD, limit=3)) == 3
    assert preview_unit(NINE, Preset(), [Desk("1", ALL)], []) == []
    assert preview_unit(NINE, Preset(), [], CROWD) == []
    assert preview_unit(NINE, Preset(), [Desk("1", profile("obras"))], CROWD) == []


@given(presets, profiles(), queues(max_size=25), st.booleans())
def test_with_one_counter_it_is_the_order_of_that_counter(preset, levels, waiting, attended):
    desk = Desk(HERE, levels, ME if attended else None)
    view = Snapshot(NINE, preset, levels, HERE, desk.attendant, waiting, dedicated_open=levels.dedicated)
    assert [choice for _, choice in preview_unit(NINE, preset, [desk], waiting, limit=99)] == order(view)


@given(presets, profiles(), profiles(), queues(max_size=25))
def test_nobody_is_called_twice_and_nobody_who_could_be_called_is_left(preset, one, other, waiting):
    desks = [Desk(HERE, one, ME), Desk(ELSEWHERE, other)]
    called = [choice.ticket.id for _, choice in preview_unit(NINE, preset, desks, waiting, limit=99)]
    assert len(called) == len(set(called))
    rest = tuple(t for t in waiting if t.id not in called)
    for desk in desks:
        view = Snapshot(NINE, preset, desk.profile, desk.counter, desk.attendant, rest)
        assert order(view) == []
