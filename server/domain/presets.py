"""A unit's choice between the modes of DOMAIN 4, named, checked, and kept as plain JSON data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from server.domain.errors import Refusal
from server.domain.ticket import Tier

DEFAULT_RATES: Mapping[Tier, float] = MappingProxyType(
    {Tier.eighty_plus: 4.0, Tier.priority: 3.0, Tier.donor: 2.0, Tier.normal: 1.0}
)
LONGEST_RUN = 20
HIGHEST_RATE = 100.0
_Problems = list[dict[str, str]]


class Mode(StrEnum):
    """How a unit weighs the priority tiers against the arrival."""

    law = "law"
    dedicated = "dedicated"
    ratio = "ratio"
    accumulating = "accumulating"


@dataclass(frozen=True, slots=True)
class Preset:
    """A unit's mode, and who enabled it when. A non-law mode needs the legal notice on screen.

    ``ratio_n`` priority calls in a row are followed by ``ratio_m`` normal ones; ``rates`` weigh a second of
    waiting in accumulating mode.
    """

    mode: Mode = Mode.law
    ratio_n: int = 2
    ratio_m: int = 1
    rates: Mapping[Tier, float] = field(default_factory=lambda: DEFAULT_RATES)
    enabled_by: str | None = None
    enabled_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.ratio_n < 1 or self.ratio_m < 1:
            raise ValueError("a ratio needs at least one call on each side")
        if any(self.rates.get(tier, 0) <= 0 for tier in Tier):
            raise ValueError("every tier needs a rate above 0, or its tickets never ripen")

    @property
    def legal_notice_needed(self) -> bool:
        """Whether screens must say that the unit departs from the plain order of Lei 10.048/2000."""
        return self.mode is not Mode.law


PRESETS: dict[str, Preset] = {
    "law": Preset(),
    "dedicated": Preset(Mode.dedicated),
    "ratio_2_1": Preset(Mode.ratio, 2, 1),
    "ratio_3_1": Preset(Mode.ratio, 3, 1),
    "accumulating": Preset(Mode.accumulating),
}
"""What the supervisor chooses from; figures of one's own are possible too."""


def preset_to_dict(preset: Preset) -> dict[str, Any]:
    """The preset as JSON data; ``preset_from_dict`` reads it back."""
    return {
        "mode": str(preset.mode),
        "ratio_n": preset.ratio_n,
        "ratio_m": preset.ratio_m,
        "rates": {str(tier): preset.rates[tier] for tier in Tier},
        "enabled_by": preset.enabled_by,
        "enabled_at": preset.enabled_at.isoformat() if preset.enabled_at else None,
    }


def preset_from_dict(raw: object) -> Preset:
    """A preset from JSON data; what is left out keeps its default.

    Raises ``Refusal`` ``invalid_fields``, naming every wrong field at once. Rates must not rank a lower
    tier above a higher one: that would turn Lei 10.048/2000 upside down, which no unit may enable.
    """
    if not isinstance(raw, Mapping):
        raise Refusal("invalid_fields", fields=[_problem("policy", "must_be_an_object")])
    known = {"mode", "ratio_n", "ratio_m", "rates", "enabled_by", "enabled_at"}
    problems = [_problem(str(name), "unknown_field") for name in raw if name not in known]
    mode = _mode(raw.get("mode", "law"), problems)
    ratio_n = _count(raw.get("ratio_n", 2), "ratio_n", problems)
    ratio_m = _count(raw.get("ratio_m", 1), "ratio_m", problems)
    rates = _rates(raw.get("rates"), problems)
    by = raw.get("enabled_by")
    if by is not None and not isinstance(by, str):
        problems.append(_problem("enabled_by", "must_be_text"))
    at = _moment(raw.get("enabled_at"), problems)
    if problems:
        raise Refusal("invalid_fields", fields=problems)
    return Preset(mode, ratio_n, ratio_m, rates, by, at)


def _problem(name: str, problem: str) -> dict[str, str]:
    return {"field": name, "problem": problem}


def _mode(raw: object, problems: _Problems) -> Mode:
    if isinstance(raw, str) and raw in set(Mode):
        return Mode(raw)
    problems.append(_problem("mode", "unknown_mode"))
    return Mode.law


def _count(raw: object, name: str, problems: _Problems) -> int:
    # bool is an int in Python, but "true calls" is nonsense in JSON.
    if isinstance(raw, int) and not isinstance(raw, bool) and 1 <= raw <= LONGEST_RUN:
        return raw
    problems.append(_problem(name, f"must_be_1_to_{LONGEST_RUN}"))
    return 1


def _rates(raw: object, problems: _Problems) -> Mapping[Tier, float]:
    if raw is None:
        return DEFAULT_RATES
    if not isinstance(raw, Mapping) or not set(raw) <= set(Tier):
        problems.append(_problem("rates", "unknown_tier"))
        return DEFAULT_RATES
    rates = {tier: raw.get(tier.value, DEFAULT_RATES[tier]) for tier in Tier}
    for tier, rate in rates.items():
        if not _is_rate(rate):
            problems.append(_problem(f"rates.{tier}", "must_be_a_rate"))
            return DEFAULT_RATES
    values = [rates[tier] for tier in Tier]
    if values != sorted(values, reverse=True):
        problems.append(_problem("rates", "must_not_rise_down_the_tiers"))
    return MappingProxyType({tier: float(rate) for tier, rate in rates.items()})


def _is_rate(raw: object) -> bool:
    return (
        isinstance(raw, int | float)
        and not isinstance(raw, bool)
        and math.isfinite(raw)
        and 0 < raw <= HIGHEST_RATE
    )


def _moment(raw: object, problems: _Problems) -> datetime | None:
    if raw is None:
        return None
    try:
        moment = datetime.fromisoformat(raw) if isinstance(raw, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        problems.append(_problem("enabled_at", "must_be_a_time_with_offset"))
        return None
    return moment
