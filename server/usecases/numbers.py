"""Numbers of a unit's series: the next one for a new ticket, and which series have none left, for the menu."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row

from server.domain.catalog import Catalog
from server.domain.errors import Refusal
from server.domain.numbering import Series, SeriesState, label, next_number, series_for
from server.domain.ticket import Tier
from server.store import series
from server.store.work import Work
from server.usecases.context import House

_DEFAULT_SERIES_END = 9999


def take(house: House, work: Work, catalog: Catalog, prefix: str, tier: Tier) -> tuple[str, int, int]:
    """The next number of a service's series: the tier's prefix, number, lap.

    Raises ``Refusal``: series_exhausted, daily_cap_reached.
    """
    own = _series_of(catalog, prefix, tier)
    state, carried = series.now(work, own.prefix), house.carried_over(work).values()
    number, state_after = _next(work.connection, work.unit.id, work.day, own, state, carried)
    series.put(work, own.prefix, state_after)
    return own.prefix, number, state_after.lap


def run_out(house: House, connection: Connection, row: Row[Any], catalog: Catalog) -> frozenset[str]:
    """Prefixes of the series that have no number left: at their daily cap, or come round to one that still lives.

    For looking only: the states of all series come in one reading, and nothing is written.
    """
    states = series.of_day(connection, row.id, row.day)
    carried = house.carried_into(connection, row).values()
    found = set()
    for prefix in {service.prefix for service in catalog.services.values()}:
        for tier in (Tier.normal, Tier.priority):  # the tiers before normal share one series
            own = _series_of(catalog, prefix, tier)
            try:
                _next(connection, row.id, row.day, own, states.get(own.prefix, SeriesState()), carried)
            except Refusal:
                found.add(own.prefix)
    return frozenset(found)


def _series_of(catalog: Catalog, prefix: str, tier: Tier) -> Series:
    return series_for(catalog.series.get(prefix) or Series(prefix, 1, _DEFAULT_SERIES_END), tier)


def _next(
    connection: Connection, unit_id: str, day: date, own: Series, state: SeriesState, carried: Collection[str]
) -> tuple[int, SeriesState]:
    def is_alive(number: int) -> bool:
        # In the first lap, up to its last number, none has been used before: nothing to look up.
        used_before = state.lap > 0 or number <= (state.last_number or 0)
        name = label(own.prefix, number)
        if name in carried:
            # Whoever had it at midnight may have gone home since, and the number be free or somebody else's.
            return series.is_alive_on_any_day(connection, unit_id, name)
        return used_before and series.is_label_alive(connection, unit_id, day, name)

    return next_number(own, state, is_alive)
