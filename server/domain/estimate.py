"""Forecast of waiting time (Lei 13.460/2017, art. 7): a range that is kept, or an honest "no forecast"."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

STEP_MINUTES = 5
LONGEST_MINUTES = 12 * 60
DEFAULT_SPREAD = 0.7
"""Standard deviation of a service time over its mean, where a service has no history of its own."""
PACE_WEIGHT = 0.15
PACE_CLIP = 3.0
SHORTEST_SAMPLE, LONGEST_SAMPLE = 10.0, 4 * 3600.0
_CONFIDENCE = 1.28  # four of five waits fall within ± 1.28 standard deviations
_PACE_DOUBT = 0.15  # the pace itself is an estimate: relative standard deviation


@dataclass(frozen=True, slots=True)
class Range:
    """A forecast in multiples of five minutes: ``low_minutes`` (0: any moment now) < ``high_minutes``."""

    low_minutes: int
    high_minutes: int


def forecast(
    ahead: int, servers: int, pace_seconds: float | None, spread: float = DEFAULT_SPREAD
) -> Range | None:
    """How long a citizen with ``ahead`` people before them will wait for the call.

    ``servers``: open counters that call this queue; ``pace_seconds``: mean time from one call of a counter
    to its next; ``spread``: standard deviation of that time over its mean. None ("sem previsão") when no
    counter is open, no pace is known yet, or it would be longer than LONGEST_MINUTES: a guess would be
    believed. The range is meant to hold for four citizens of five.
    """
    if servers < 1 or pace_seconds is None or pace_seconds <= 0:
        return None
    ahead = max(0, ahead)
    between_calls = pace_seconds / servers
    # The service in progress is on average half over; with nobody ahead a counter may be free this moment.
    mean = (ahead + 0.5) * between_calls
    chance = spread * math.sqrt(ahead + 1) * between_calls
    margin = _CONFIDENCE * math.hypot(chance, _PACE_DOUBT * mean)
    low = _floor(mean - margin) if ahead else 0
    high = _ceil(mean + margin)
    if high > LONGEST_MINUTES:
        # Beyond a day's work a figure says nothing but "come another day"; cut off it would even be a lie.
        return None
    return Range(min(low, high - STEP_MINUTES), high)


def update_pace(old: float | None, sample_seconds: float) -> float | None:
    """The mean seconds between calls after one more sample: an exponential moving average.

    A sample counts as at most three times the mean and at least a third of it, so that a ticket forgotten
    over lunch does not spoil the afternoon, while a real change of pace is followed within some dozen
    tickets. A sample that is no service (shorter than 10 s: a mistaken key) changes nothing.
    """
    if not math.isfinite(sample_seconds) or sample_seconds < SHORTEST_SAMPLE:
        return old
    sample = min(sample_seconds, LONGEST_SAMPLE)
    if old is None or old <= 0:
        return sample
    sample = min(max(sample, old / PACE_CLIP), old * PACE_CLIP)
    return old + PACE_WEIGHT * (sample - old)


def error(promised: Range, actual_minutes: float) -> float:
    """Minutes by which a forecast missed: 0 inside the range, below 0 if called sooner, above if later."""
    if actual_minutes < promised.low_minutes:
        return actual_minutes - promised.low_minutes
    return max(0.0, actual_minutes - promised.high_minutes)


@dataclass(frozen=True, slots=True)
class Score:
    """How well a number of forecasts was kept. Minutes; ``mean_error`` below 0: people were called sooner."""

    judged: int
    inside: int
    sooner: int
    later: int
    mean_error: float
    mean_miss: float

    @property
    def share_inside(self) -> float | None:
        """From 0 to 1; None when nothing was judged. The estimator means to reach 0.8."""
        return self.inside / self.judged if self.judged else None


def judge(outcomes: Iterable[tuple[Range, float]]) -> Score:
    """The score of forecasts with the minutes that the citizens then waited.

    ``mean_error`` is the mean of ``error`` (early and late cancel out: is the estimator biased?), ``mean_miss`` the
    mean of its size (how far off was it?); both count a forecast that was kept as 0.
    """
    errors = [error(promised, waited) for promised, waited in outcomes]
    count = len(errors)
    return Score(
        judged=count,
        inside=sum(1 for miss in errors if miss == 0),
        sooner=sum(1 for miss in errors if miss < 0),
        later=sum(1 for miss in errors if miss > 0),
        mean_error=math.fsum(errors) / count if count else 0.0,
        mean_miss=math.fsum(abs(miss) for miss in errors) / count if count else 0.0,
    )


def _floor(seconds: float) -> int:
    return max(0, int(seconds // 60 // STEP_MINUTES) * STEP_MINUTES)


def _ceil(seconds: float) -> int:
    return max(STEP_MINUTES, math.ceil(seconds / 60 / STEP_MINUTES) * STEP_MINUTES)
