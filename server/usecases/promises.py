"""How good the forecasts of a day were: each ticket's promise held against its wait, and the figures of all."""

from __future__ import annotations

from datetime import date

from server.domain.catalog import in_language
from server.domain.errors import Refusal
from server.domain.estimate import Range, Score, error, judge
from server.store import promises
from server.store.promises import Told
from server.store.unit_of_work import find_unit
from server.usecases.context import Actor, House, Json
from server.wire.moments import iso


def report(
    house: House, actor: Actor, unit_id: str, day: str | None, language: str, *, tickets: bool = False
) -> Json:
    """``{day, taken, figures, services, tickets}`` of a business day (None: the one that is open).

    Raises ``Refusal('invalid_fields')`` for what is no day.
    """
    actor.must_reach(unit_id)
    with house.store.read() as connection:
        row = find_unit(connection, unit_id)
        chosen = row.day if day is None else _day(day)
        told = list(promises.of_day(connection, unit_id, chosen))
        known = house.catalog(connection, row).services
    services = []
    for service in dict.fromkeys(one.service for one in told):
        name = in_language(known[service].name, language) if service in known else service
        mine = [one for one in told if one.service == service]
        services.append({"id": service, "name": name, "taken": len(mine), "figures": _figures(mine)})
    return {
        "day": chosen.isoformat(),
        "taken": len(told),
        "figures": _figures(told),
        "services": services,
        "tickets": [_line(one, row.timezone) for one in told] if tickets else [],
    }


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal("invalid_fields", fields=[{"field": "day", "problem": "date_parsing"}]) from None


def _outcome(one: Told) -> tuple[Range, float] | None:
    """What was promised and what came, in minutes; None where one of the two is missing."""
    if one.low is None or one.high is None or one.called_at is None:
        return None
    return Range(one.low, one.high), (one.called_at - one.issued_at).total_seconds() / 60


def _figures(told: list[Told]) -> Json:
    score: Score = judge([outcome for one in told if (outcome := _outcome(one)) is not None])
    share = score.share_inside
    return {
        "judged": score.judged,
        "inside": score.inside,
        "sooner": score.sooner,
        "later": score.later,
        "share_inside": None if share is None else round(share, 3),
        "mean_error_minutes": round(score.mean_error, 1),
        "mean_miss_minutes": round(score.mean_miss, 1),
    }


def _line(one: Told, timezone: str) -> Json:
    outcome = _outcome(one)
    return {
        "label": one.label,
        "service": one.service,
        "tier": one.tier,
        "issued_at": iso(one.issued_at, timezone),
        "called_at": iso(one.called_at, timezone),
        "ahead": one.ahead,
        "low": one.low,
        "high": one.high,
        "waited_minutes": None if outcome is None else round(outcome[1], 1),
        "error_minutes": None if outcome is None else round(error(*outcome), 1),
    }
