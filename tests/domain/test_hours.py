"""Opening hours: the doors, the lunch break, holidays, and the next time they open."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.errors import Refusal
from server.domain.hours import WEEKDAYS, check_holidays, check_hours, is_open, next_opening, today

ZONE = ZoneInfo("America/Sao_Paulo")
WEEK = {day: [["08:00", "12:00"], ["13:00", "17:00"]] for day in WEEKDAYS[:5]}
HOLIDAYS = frozenset({date(2026, 12, 25)})


def local(text: str) -> datetime:
    """A time in Florianópolis; 2026-11-23 is a Monday."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    "now,expected",
    [
        ("2026-11-23T07:59:59", False),
        ("2026-11-23T08:00:00", True),
        ("2026-11-23T11:59:59", True),
        ("2026-11-23T12:00:00", False),
        ("2026-11-23T13:00:00", True),
        ("2026-11-23T17:00:00", False),
        ("2026-11-22T09:00:00", False),
        ("2026-12-25T09:00:00", False),
    ],
)
def test_the_doors(now, expected):
    assert is_open(WEEK, HOLIDAYS, local(now)) is expected


def test_the_hours_of_today():
    assert today(WEEK, HOLIDAYS, local("2026-11-23T20:00:00")) == ("08:00", "17:00")
    assert today(WEEK, HOLIDAYS, local("2026-11-22T09:00:00")) is None
    assert today(WEEK, HOLIDAYS, local("2026-12-25T09:00:00")) is None


@pytest.mark.parametrize(
    "now,expected",
    [
        ("2026-11-23T07:00:00", "2026-11-23T08:00:00"),
        ("2026-11-23T08:00:00", "2026-11-23T13:00:00"),
        ("2026-11-23T12:30:00", "2026-11-23T13:00:00"),
        ("2026-11-23T17:00:00", "2026-11-24T08:00:00"),
        ("2026-11-27T17:00:00", "2026-11-30T08:00:00"),
        ("2026-12-24T18:00:00", "2026-12-28T08:00:00"),
    ],
)
def test_the_next_opening(now, expected):
    assert next_opening(WEEK, HOLIDAYS, local(now)) == local(expected)


def test_a_place_that_never_opens():
    assert next_opening({}, (), local("2026-11-23T09:00:00")) is None
    every_day = {date(2026, 11, 23) + timedelta(days=n) for n in range(400)}
    assert next_opening(WEEK, every_day, local("2026-11-23T07:00:00")) is None


def test_all_night_is_written_as_two_intervals():
    night = check_hours({"fri": [["22:00", "24:00"]], "sat": [["00:00", "02:00"]]})
    assert is_open(night, (), local("2026-11-27T23:59:59"))
    assert is_open(night, (), local("2026-11-28T01:59:00"))
    assert today(night, (), local("2026-11-27T12:00:00")) == ("22:00", "24:00")


def test_an_opening_that_summer_time_skips_is_a_real_moment():
    """Santiago, 6 September 2026: 0:00 does not exist, the doors open at 1:00."""
    santiago = ZoneInfo("America/Santiago")
    opening = next_opening({"sun": [["00:00", "06:00"]]}, (), datetime(2026, 9, 5, 12, tzinfo=santiago))
    assert opening.isoformat() == "2026-09-06T01:00:00-03:00"


def test_hours_are_stored_sorted_joined_and_without_closed_days():
    raw = {"tue": [], "mon": [["13:00", "17:00"], ["08:00", "10:00"], ["10:00", "12:00"]]}
    assert check_hours(raw) == {"mon": [["08:00", "12:00"], ["13:00", "17:00"]]}
    assert check_hours(WEEK) == WEEK


@pytest.mark.parametrize(
    "raw,field,problem",
    [
        (None, "hours", "must_be_an_object"),
        ([], "hours", "must_be_an_object"),
        ({"monday": []}, "hours.monday", "unknown_weekday"),
        ({1: []}, "hours.1", "unknown_weekday"),
        ({"mon": "08:00-17:00"}, "hours.mon", "must_be_a_list"),
        ({"mon": None}, "hours.mon", "must_be_a_list"),
        ({"mon": ["08:00"]}, "hours.mon", "must_be_opening_and_closing"),
        ({"mon": [["08:00"]]}, "hours.mon", "must_be_opening_and_closing"),
        ({"mon": [["08:00", "12:00", "17:00"]]}, "hours.mon", "must_be_opening_and_closing"),
        ({"mon": [["8:00", "17:00"]]}, "hours.mon", "must_be_hours_and_minutes"),
        ({"mon": [["08:00", "24:01"]]}, "hours.mon", "must_be_hours_and_minutes"),
        ({"mon": [[8, 17]]}, "hours.mon", "must_be_hours_and_minutes"),
        ({"mon": [["٠٨:٠٠", "17:00"]]}, "hours.mon", "must_be_hours_and_minutes"),
        ({"mon": [["17:00", "08:00"]]}, "hours.mon", "must_close_after_opening"),
        ({"mon": [["08:00", "08:00"]]}, "hours.mon", "must_close_after_opening"),
        ({"mon": [["08:00", "12:00"], ["11:59", "17:00"]]}, "hours.mon", "intervals_overlap"),
    ],
)
def test_hours_that_make_no_sense_are_refused(raw, field, problem):
    with pytest.raises(Refusal) as refused:
        check_hours(raw)
    assert refused.value.detail == {"fields": [{"field": field, "problem": problem}]}


def test_holidays():
    assert check_holidays(["2026-12-25", "2026-12-25"]) == {date(2026, 12, 25)}
    assert check_holidays([]) == frozenset()


@pytest.mark.parametrize(
    "raw,field",
    [
        ("2026-12-25", "holidays"),
        (7, "holidays"),
        (["Natal"], "holidays.0"),
        (["2026-12-25", 3], "holidays.1"),
    ],
)
def test_holidays_that_are_no_dates_are_refused(raw, field):
    with pytest.raises(Refusal) as refused:
        check_holidays(raw)
    assert refused.value.detail["fields"][0]["field"] == field


_clocks = st.integers(min_value=0, max_value=24 * 60).map(lambda m: f"{m // 60:02d}:{m % 60:02d}")
_weeks = st.dictionaries(
    st.sampled_from(WEEKDAYS), st.lists(st.tuples(_clocks, _clocks).map(sorted), max_size=3)
)
_moments = st.integers(min_value=0, max_value=2 * 365 * 24 * 60).map(
    lambda minutes: local("2026-01-01T00:00:00") + timedelta(minutes=minutes)
)


@given(_weeks, _moments)
def test_the_doors_open_at_the_next_opening_and_not_before(raw, now):
    try:
        week = check_hours(raw)
    except Refusal:
        return
    assert check_hours(week) == week
    opening = next_opening(week, (), now)
    assert (opening is None) == (not week)
    if opening is None:
        return
    assert opening > now
    assert is_open(week, (), opening)
    if not is_open(week, (), now):
        assert not any(is_open(week, (), now + (opening - now) * k / 9) for k in range(9))
