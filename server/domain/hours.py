"""Opening hours of a unit or a service: intervals for each weekday, and holidays.

Kept as plain JSON data, ``{"mon": [["08:00", "12:00"], ["13:00", "17:00"]], …}``; a weekday left out is
closed. An interval holds its first minute and not its last; ``24:00`` is the end of the day. Times are the
unit's wall clock.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from server.domain.errors import Refusal

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Hours = Mapping[str, Sequence[Sequence[str]]]
END_OF_DAY = 24 * 60
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")
_LOOK_AHEAD_DAYS = 366


def is_open(hours: Hours, holidays: Collection[date], now_local: datetime) -> bool:
    """Whether the doors are open at this wall-clock time of the unit."""
    minute = now_local.hour * 60 + now_local.minute
    return any(opens <= minute < closes for opens, closes in _intervals(hours, holidays, now_local.date()))


def today(hours: Hours, holidays: Collection[date], now_local: datetime) -> tuple[str, str] | None:
    """First opening and last closing of the day, e.g. ``("08:00", "17:00")``; None on a closed day."""
    intervals = list(_intervals(hours, holidays, now_local.date()))
    return (_clock(intervals[0][0]), _clock(intervals[-1][1])) if intervals else None


def next_opening(hours: Hours, holidays: Collection[date], now_local: datetime) -> datetime | None:
    """The next moment after now at which the doors open, in the zone of ``now_local``.

    While open, this is the opening after the present one. None if there is none within a year.
    """
    for ahead in range(_LOOK_AHEAD_DAYS + 1):
        day = now_local.date() + timedelta(days=ahead)
        for opens, _ in _intervals(hours, holidays, day):
            moment = datetime.combine(day, time(opens // 60, opens % 60), now_local.tzinfo)
            if moment.replace(tzinfo=None) > now_local.replace(tzinfo=None):
                return _real(moment)
    return None


def check_hours(raw: object, field: str = "hours") -> dict[str, list[list[str]]]:
    """Opening hours as they are stored: sorted, touching intervals joined, closed days left out.

    Raises ``Refusal`` ``invalid_fields`` for an unknown weekday, a time that is none, an interval that ends
    before it begins (one over midnight is written as two), or intervals that overlap.
    """
    if not isinstance(raw, Mapping):
        raise _refusal(field, "must_be_an_object")
    unknown = [str(day) for day in raw if day not in WEEKDAYS]
    if unknown:
        raise _refusal(f"{field}.{unknown[0]}", "unknown_weekday")
    checked = {day: _check_day(raw[day], f"{field}.{day}") for day in WEEKDAYS if day in raw}
    return {day: intervals for day, intervals in checked.items() if intervals}


def check_holidays(raw: object, field: str = "holidays") -> frozenset[date]:
    """Closed days from ISO dates; raises ``Refusal`` ``invalid_fields`` for anything else."""
    if isinstance(raw, str) or not isinstance(raw, Collection):
        raise _refusal(field, "must_be_a_list")
    days = set()
    for position, text in enumerate(raw):
        try:
            days.add(date.fromisoformat(text))
        except (TypeError, ValueError) as wrong:
            raise _refusal(f"{field}.{position}", "must_be_a_date") from wrong
    return frozenset(days)


def _intervals(hours: Hours, holidays: Collection[date], day: date) -> Iterator[tuple[int, int]]:
    if day in holidays:
        return
    yield from sorted((_minutes(o), _minutes(c)) for o, c in hours.get(WEEKDAYS[day.weekday()], ()))


def _check_day(raw: object, field: str) -> list[list[str]]:
    if isinstance(raw, str) or not isinstance(raw, Sequence):
        raise _refusal(field, "must_be_a_list")
    joined: list[tuple[int, int]] = []
    for opens, closes in sorted(_check_interval(interval, field) for interval in raw):
        if joined and opens < joined[-1][1]:
            raise _refusal(field, "intervals_overlap")
        if joined and opens == joined[-1][1]:
            joined[-1] = (joined[-1][0], closes)
        else:
            joined.append((opens, closes))
    return [[_clock(opens), _clock(closes)] for opens, closes in joined]


def _check_interval(raw: Any, field: str) -> tuple[int, int]:
    if isinstance(raw, str) or not isinstance(raw, Sequence) or len(raw) != 2:
        raise _refusal(field, "must_be_opening_and_closing")
    if not all(isinstance(text, str) and _CLOCK.fullmatch(text) for text in raw):
        raise _refusal(field, "must_be_hours_and_minutes")
    opens, closes = _minutes(raw[0]), _minutes(raw[1])
    if opens >= closes:
        raise _refusal(field, "must_close_after_opening")
    return opens, closes


def _minutes(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _real(moment: datetime) -> datetime:
    # A wall-clock time that summer time skips does not exist: through UTC it becomes the one that does.
    return moment if moment.tzinfo is None else moment.astimezone(UTC).astimezone(moment.tzinfo)


def _refusal(field: str, problem: str) -> Refusal:
    return Refusal("invalid_fields", fields=[{"field": field, "problem": problem}])
