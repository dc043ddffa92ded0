"""The business day of a unit: midnight, summer time, and clocks that are set back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.errors import Refusal
from server.domain.numbering import business_day, day_bounds

SAO_PAULO, SANTIAGO, LISBON = "America/Sao_Paulo", "America/Santiago", "Europe/Lisbon"
ST_JOHNS, APIA = "America/St_Johns", "Pacific/Apia"
SECOND = timedelta(seconds=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "zone,now,expected",
    [
        (SAO_PAULO, "2026-11-23T02:59:59", "2026-11-22"),
        (SAO_PAULO, "2026-11-23T03:00:00", "2026-11-23"),
        (LISBON, "2026-07-01T22:59:59", "2026-07-01"),
        (LISBON, "2026-07-01T23:00:00", "2026-07-02"),
        (LISBON, "2026-12-01T23:59:59", "2026-12-01"),
        # Brazil, 2018: the clock went from 23:59:59 to 1:00; that day had no midnight.
        (SAO_PAULO, "2018-11-04T02:59:59", "2018-11-03"),
        (SAO_PAULO, "2018-11-04T03:00:00", "2018-11-04"),
        # Brazil, 2019: the last hour of the 16th came twice.
        (SAO_PAULO, "2019-02-17T01:59:59", "2019-02-16"),
        (SAO_PAULO, "2019-02-17T02:00:00", "2019-02-16"),
        (SAO_PAULO, "2019-02-17T03:00:00", "2019-02-17"),
        # Chile goes forward at midnight, too, and back at midnight to 23:00.
        (SANTIAGO, "2026-09-06T03:59:59", "2026-09-05"),
        (SANTIAGO, "2026-09-06T04:00:00", "2026-09-06"),
        (SANTIAGO, "2026-04-05T02:59:59", "2026-04-04"),
        (SANTIAGO, "2026-04-05T03:30:00", "2026-04-04"),
        (SANTIAGO, "2026-04-05T04:00:00", "2026-04-05"),
        # Newfoundland, 2010: 0:00 of the 7th came, then at 0:01 the clock went back to 23:01 of the 6th.
        (ST_JOHNS, "2010-11-07T02:30:00", "2010-11-07"),
        (ST_JOHNS, "2010-11-07T02:31:00", "2010-11-07"),
        (ST_JOHNS, "2010-11-07T03:29:59", "2010-11-07"),
        # Samoa left out the 30th of December 2011.
        (APIA, "2011-12-30T09:59:59", "2011-12-29"),
        (APIA, "2011-12-30T10:00:00", "2011-12-31"),
    ],
)
def test_the_day_of_an_instant(zone, now, expected):
    assert business_day(utc(now), zone) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    "zone,day,start,hours",
    [
        (SAO_PAULO, "2026-11-23", "2026-11-23T03:00:00", 24),
        (SAO_PAULO, "2018-11-04", "2018-11-04T03:00:00", 23),
        (SAO_PAULO, "2019-02-16", "2019-02-16T02:00:00", 25),
        (SANTIAGO, "2026-09-06", "2026-09-06T04:00:00", 23),
        (SANTIAGO, "2026-04-04", "2026-04-04T03:00:00", 25),
        (LISBON, "2026-03-29", "2026-03-29T00:00:00", 23),
        (LISBON, "2026-10-25", "2026-10-24T23:00:00", 25),
        (APIA, "2011-12-30", "2011-12-30T10:00:00", 0),
    ],
)
def test_the_bounds_of_a_day(zone, day, start, hours):
    opens, closes = day_bounds(date.fromisoformat(day), zone)
    assert opens == utc(start)
    assert (closes - opens) == timedelta(hours=hours)


def test_a_unit_that_works_past_midnight_starts_its_day_later():
    at_four = {"timezone": SAO_PAULO, "day_starts": time(4)}
    assert business_day(utc("2026-11-23T06:59:59"), **at_four) == date(2026, 11, 22)
    assert business_day(utc("2026-11-23T07:00:00"), **at_four) == date(2026, 11, 23)
    assert day_bounds(date(2026, 11, 23), **at_four)[0] == utc("2026-11-23T07:00:00")


def test_a_start_that_summer_time_skips_moves_on_by_the_hour():
    """1:30 does not exist in Lisbon on 29 March 2026: the day starts at 2:30, local summer time."""
    start, _ = day_bounds(date(2026, 3, 29), LISBON, time(1, 30))
    assert start == utc("2026-03-29T01:30:00")
    assert start.astimezone(ZoneInfo(LISBON)).time() == time(2, 30)


def test_a_start_that_comes_twice_counts_once():
    start, _ = day_bounds(date(2026, 10, 25), LISBON, time(1, 30))
    assert start == utc("2026-10-25T00:30:00")
    for minutes in (0, 29, 31, 60, 90):
        assert business_day(start + timedelta(minutes=minutes), LISBON, time(1, 30)) == date(2026, 10, 25)


_zones = st.sampled_from([SAO_PAULO, SANTIAGO, LISBON, ST_JOHNS, APIA, "America/Havana", "UTC"])
_instants = st.integers(min_value=631_152_000, max_value=2_114_380_800).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)  # 1990 to 2036
)
_starts = st.sampled_from([time(0), time(0, 30), time(1, 30), time(4), time(23, 30)])


@given(_zones, _instants, _starts)
def test_every_instant_lies_within_the_bounds_of_its_day(zone, now, starts):
    opens, closes = day_bounds(business_day(now, zone, starts), zone, starts)
    assert opens <= now < closes


@given(_zones, _instants, _starts, st.timedeltas(timedelta(0), timedelta(hours=30)))
def test_the_business_day_never_goes_back(zone, now, starts, later):
    assert business_day(now, zone, starts) <= business_day(now + later, zone, starts)


@given(_zones, _instants, _starts)
def test_days_follow_one_another_without_gap_or_overlap(zone, now, starts):
    day = business_day(now, zone, starts)
    _, closes = day_bounds(day, zone, starts)
    assert business_day(closes - SECOND / 1000, zone, starts) == day
    assert business_day(closes, zone, starts) > day


def test_the_zone_of_the_given_time_does_not_matter():
    now = utc("2026-11-23T02:30:00")
    assert business_day(now.astimezone(ZoneInfo("Asia/Tokyo")), SAO_PAULO) == business_day(now, SAO_PAULO)


@pytest.mark.parametrize("zone", ["America/Florianopolis", "", "America", "../etc/passwd", "\0"])
def test_an_unknown_zone_is_refused(zone):
    with pytest.raises(Refusal) as refused:
        business_day(utc("2026-11-23T12:00:00"), zone)
    assert refused.value.detail["fields"][0] == {"field": "timezone", "problem": "unknown_timezone"}


def test_a_naive_time_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="aware"):
        business_day(datetime(2026, 11, 23), SAO_PAULO)  # noqa: DTZ001 - the naive time is the case
