"""The forecast: honest about what it does not know, and right four times out of five."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.estimate import LONGEST_MINUTES, Range, error, forecast, judge, update_pace

_paces = st.floats(min_value=10, max_value=7200)


@pytest.mark.parametrize("servers, pace", [(0, 300.0), (2, None), (2, 0.0), (0, None)])
def test_no_counter_or_no_pace_is_no_forecast(servers, pace):
    assert forecast(5, servers, pace) is None


@given(st.integers(min_value=0, max_value=500), st.integers(min_value=1, max_value=30), _paces)
def test_a_forecast_is_a_range_of_whole_five_minutes(ahead, servers, pace):
    promised = forecast(ahead, servers, pace)
    if promised is None:
        assert (ahead + 1) * pace / servers > LONGEST_MINUTES * 60 / 4, "no forecast without a need"
        return
    assert 0 <= promised.low_minutes < promised.high_minutes <= LONGEST_MINUTES
    assert promised.low_minutes % 5 == promised.high_minutes % 5 == 0


@given(st.integers(min_value=0, max_value=200), st.integers(min_value=1, max_value=20), _paces)
def test_more_people_ahead_never_shorten_and_more_counters_never_lengthen_it(ahead, servers, pace):
    here, longer = forecast(ahead, servers, pace), forecast(ahead + 1, servers, pace)
    faster = forecast(ahead, servers + 1, pace)
    high = [LONGEST_MINUTES + 5 if one is None else one.high_minutes for one in (faster, here, longer)]
    assert high == sorted(high)


def test_a_wait_beyond_a_working_day_is_no_forecast():
    """Not "715 to 720 minutes": nobody would be helped by the cap of a scale."""
    assert forecast(90, 1, 300).high_minutes <= LONGEST_MINUTES
    assert forecast(1000, 1, 600) is None


@pytest.mark.parametrize(
    "ahead,servers,expected",
    [(0, 3, Range(0, 5)), (4, 1, Range(10, 35)), (12, 3, Range(10, 30)), (40, 2, Range(75, 130))],
)
def test_what_a_citizen_reads_at_five_minutes_a_service(ahead, servers, expected):
    assert forecast(ahead, servers, 300) == expected


def test_with_nobody_ahead_it_may_be_any_moment():
    """However slow and regular the service: a counter may be free already."""
    assert forecast(0, 1, 3600, spread=0.1).low_minutes == 0


def waits_of_a_simulated_room(ahead: int, servers: int, pace: float, chance: random.Random) -> float:
    """Minutes until the call of one who has ``ahead`` people before them; all counters busy at the start."""

    def service() -> float:
        return chance.gammavariate(2.0, pace / 2.0)  # spread 0.7, as services of a city hall have

    free = [service() * chance.random() for _ in range(servers)]
    for _ in range(ahead):
        free[free.index(min(free))] += service()
    return min(free) / 60


@pytest.mark.parametrize(
    "ahead,servers,pace", [(1, 1, 300), (5, 1, 240), (8, 3, 600), (20, 4, 420), (60, 6, 500)]
)
def test_four_of_five_simulated_citizens_wait_as_foretold(ahead, servers, pace):
    chance = random.Random(7)
    promised = forecast(ahead, servers, pace)
    waits = [waits_of_a_simulated_room(ahead, servers, pace, chance) for _ in range(1000)]
    kept = sum(error(promised, wait) == 0 for wait in waits) / len(waits)
    late = sum(error(promised, wait) > 0 for wait in waits) / len(waits)
    assert kept >= 0.8
    assert late <= 0.12


def test_the_first_sample_is_the_pace():
    assert update_pace(None, 240) == 240
    assert update_pace(None, 86_400) == 4 * 3600


@pytest.mark.parametrize("sample", [0, 9.9, -30, float("nan"), float("inf")])
def test_a_sample_that_is_no_service_changes_nothing(sample):
    assert update_pace(300.0, sample) == 300.0
    assert update_pace(None, sample) is None


@given(_paces, st.floats(min_value=10, max_value=1e9))
def test_one_outlier_moves_the_pace_by_less_than_a_third(old, sample):
    assert 0.89 * old <= update_pace(old, sample) <= 1.31 * old


@pytest.mark.parametrize("new", [60.0, 1200.0])
def test_a_real_change_of_pace_is_followed(new):
    pace = 300.0
    for _ in range(30):
        pace = update_pace(pace, new)
    assert pace == pytest.approx(new, rel=0.1)


@pytest.mark.parametrize("actual,expected", [(10, 0), (15, 0), (20, 0), (7.5, -2.5), (0, -10), (26, 6)])
def test_the_error_is_measured_from_the_nearer_edge(actual, expected):
    assert error(Range(10, 20), actual) == expected


def test_a_day_s_forecasts_are_judged_together():
    promised = Range(10, 20)
    score = judge([(promised, 12), (promised, 20), (promised, 4), (promised, 26), (Range(0, 5), 5)])
    assert (score.judged, score.inside, score.sooner, score.later) == (5, 3, 1, 1)
    assert score.share_inside == 0.6
    assert score.mean_error == pytest.approx(0)  # six minutes early, six late: no bias, and yet not good
    assert score.mean_miss == pytest.approx(12 / 5)
    assert judge([]).share_inside is None
