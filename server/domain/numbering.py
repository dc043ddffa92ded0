"""Numbers (DOMAIN 5): the label on the paper, its series, and the business day that restarts it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import combinations
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from server.domain.errors import Refusal
from server.domain.ticket import Tier

DIGITS = 3
PRIORITY_MARK = "P"
MIDNIGHT = time(0)
LETTERS = frozenset("ABCDEFGHJKLMNPRSTUVWXYZ")
"""Letters of a prefix. I, O and Q are left out: on paper and on a television they look like 1 and 0."""
CONFUSABLE = (frozenset("BDPT"), frozenset("MN"))
"""Letters that sound alike when a call is spoken in Portuguese (bê, dê, pê, tê; eme, ene)."""
_LONGEST_PREFIX = 2
_LARGEST_NUMBER = 999_999


@dataclass(frozen=True, slots=True)
class Series:
    """Where numbers come from: ``first``, ``first + step`` … up to ``last``, then round again, and at most
    ``daily_cap`` tickets a day (None: no cap). Services that name the same prefix share the series.

    Raises ``Refusal`` ``invalid_fields`` when the figures make no sense.
    """

    prefix: str
    first: int = 1
    last: int = 9999
    step: int = 1
    daily_cap: int | None = None

    def __post_init__(self) -> None:
        problems = [
            ("first", "must_not_be_negative", self.first < 0),
            ("last", "must_not_be_before_first", self.last < self.first),
            ("last", "too_large", self.last > _LARGEST_NUMBER),
            ("step", "must_be_at_least_1", self.step < 1),
            ("daily_cap", "must_be_at_least_1", self.daily_cap is not None and self.daily_cap < 1),
        ]
        _refuse_if([(name, problem) for name, problem, wrong in problems if wrong])


@dataclass(frozen=True, slots=True)
class SeriesState:
    """How far a series came on one business day. ``lap`` counts the wraps: label + lap is unique in a day."""

    last_number: int | None = None
    issued: int = 0
    lap: int = 0


def next_number(
    series: Series, state: SeriesState, is_alive: Callable[[int], bool]
) -> tuple[int, SeriesState]:
    """The next number of a series, and the state to store with it.

    ``is_alive`` tells whether a ticket of that label still waits, is at a counter or on hold. Numbers only
    rise within a lap, even if the range is edited during the day. In the first lap only somebody served
    since yesterday can be alive: that number is passed over. Raises ``Refusal``: ``daily_cap_reached``, or
    ``series_exhausted`` when the series wraps onto a living number: two citizens must never answer to one
    call.
    """
    if series.daily_cap is not None and state.issued >= series.daily_cap:
        raise Refusal("daily_cap_reached", prefix=series.prefix, daily_cap=series.daily_cap)
    number, lap = series.first, state.lap
    if state.last_number is not None:
        number = max(series.first, state.last_number + series.step)
    while lap == 0 and number <= series.last and is_alive(number):
        number += series.step
    if number > series.last:
        number, lap = series.first, lap + 1
    if is_alive(number):
        raise Refusal(
            "series_exhausted", prefix=series.prefix, number=number, label=label(series.prefix, number)
        )
    return number, SeriesState(number, state.issued + 1, lap)


def label(prefix: str, number: int) -> str:
    """What is printed and called, e.g. ``A042``: at least three digits, and all of them if there are more."""
    return f"{prefix}{number:0{DIGITS}d}"


def series_prefix(prefix: str, tier: Tier) -> str:
    """The prefix for a tier. All priority tiers share one series: the letter must not tell the condition."""
    return prefix if tier is Tier.normal else PRIORITY_MARK + prefix


def series_for(series: Series, tier: Tier) -> Series:
    """The series that numbers a tier: the same figures under the tier's prefix."""
    prefix = series_prefix(series.prefix, tier)
    return series if prefix == series.prefix else replace(series, prefix=prefix)


def prefix_problem(prefix: str) -> str | None:
    """What is wrong with a service's prefix, as a stable code, or None.

    ``wrong_length`` (1 or 2 letters), ``must_be_capital_letters``, ``looks_like_a_digit`` (I, O, Q) or
    ``reserved_for_priority`` (it begins with P).
    """
    if not 1 <= len(prefix) <= _LONGEST_PREFIX:
        return "wrong_length"
    if not all("A" <= letter <= "Z" for letter in prefix):
        return "must_be_capital_letters"
    if not LETTERS.issuperset(prefix):
        return "looks_like_a_digit"
    return "reserved_for_priority" if prefix.startswith(PRIORITY_MARK) else None


def check_prefix(prefix: str, field: str = "prefix") -> str:
    """The prefix itself; raises ``Refusal`` ``invalid_fields`` if it may not be used."""
    problem = prefix_problem(prefix)
    _refuse_if([(field, problem)] if problem else [])
    return prefix


def clashes(prefixes: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of series prefixes of one unit that are mistaken for each other when called.

    The priority series counts too: ``DA`` clashes with ``A``, because ``PA001`` and ``DA001`` sound alike. A
    shared prefix is no clash.
    """
    own = sorted(set(prefixes))
    spoken = [
        (series_prefix(prefix, tier), prefix) for tier in (Tier.normal, Tier.priority) for prefix in own
    ]
    pairs = {
        (min(a, b), max(a, b))
        for (one, a), (other, b) in combinations(spoken, 2)
        if a != b and _alike(one, other)
    }
    return sorted(pairs)


def _alike(one: str, other: str) -> bool:
    if len(one) != len(other):
        return False
    return all(
        a == b or any({a, b} <= group for group in CONFUSABLE) for a, b in zip(one, other, strict=True)
    )


def zone(timezone: str) -> ZoneInfo:
    """The named IANA zone; raises ``Refusal`` ``invalid_fields`` if the system does not know it."""
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        # OSError: the name of a directory, such as "America", is found but is no zone.
        raise Refusal(
            "invalid_fields", fields=[{"field": "timezone", "problem": "unknown_timezone"}]
        ) from unknown


def day_bounds(day: date, timezone: str, day_starts: time = MIDNIGHT) -> tuple[datetime, datetime]:
    """First instant of a business day, and first instant of the next one, in UTC.

    UTC, because two times of one zone compare by the wall clock. A start that a change to summer time skips
    is moved on by the hour skipped (RFC 5545); one that happens twice counts the first time.
    """
    return _start(day, timezone, day_starts), _start(day + timedelta(days=1), timezone, day_starts)


def business_day(now: datetime, timezone: str, day_starts: time = MIDNIGHT) -> date:
    """The business day of an aware instant in a unit's zone. It never goes back, even when the clock does."""
    if now.tzinfo is None:
        raise ValueError("a business day needs an aware time")
    day = now.astimezone(zone(timezone)).date()
    if now < _start(day, timezone, day_starts):
        return day - timedelta(days=1)
    following = day + timedelta(days=1)
    # Clocks set back across the start of the day (St. John's, 00:01 to 23:01) must not reopen yesterday.
    return following if now >= _start(following, timezone, day_starts) else day


@lru_cache(maxsize=1024)  # asked twice by every command, for the same few days
def _start(day: date, timezone: str, day_starts: time) -> datetime:
    return datetime.combine(day, day_starts, zone(timezone)).astimezone(UTC)


def _refuse_if(problems: list[tuple[str, str]]) -> None:
    if problems:
        raise Refusal(
            "invalid_fields", fields=[{"field": name, "problem": problem} for name, problem in problems]
        )
