"""How long it will take: people ahead and the forecast, from counts that are kept, never by scanning the queue."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from server.domain.catalog import Catalog
from server.domain.estimate import Range, forecast
from server.domain.ticket import Tier
from server.store import catalog as catalogs
from server.store import counters, lanes
from server.store.work import Lanes, Work

FRESH_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a forecast needs, read once: waiting per (service, tier), pace per service, open counters per service."""

    catalog: Catalog
    lanes: Mapping[tuple[str, Tier], int]
    paces: Mapping[str, float]
    open_profiles: Mapping[str, int]  # how many open counters have each profile

    def pace(self, service_id: str) -> float:
        """Mean seconds at the counter: the recent ones, else what the catalogue calls typical."""
        known = self.paces.get(service_id)
        return self.catalog.services[service_id].typical_seconds if known is None else known

    def servers(self, service_id: str) -> int:
        """How many open counters call this service."""
        profiles = self.catalog.profiles
        return sum(
            count
            for name, count in self.open_profiles.items()
            if name in profiles and profiles[name].calls(service_id)
        )

    def ahead_of_new(self, service_id: str, tier: Tier) -> int:
        """How many wait before somebody who arrives now."""
        line = self.catalog.companions(service_id)
        return sum(n for (service, t), n in self.lanes.items() if service in line and t.rank <= tier.rank)

    def forecast(self, service_id: str, tier: Tier, ahead: int) -> Range | None:
        """The range for somebody with ``ahead`` people before them; None: no forecast."""
        return forecast(ahead, self.servers(service_id), self._mean_pace(service_id, tier))

    def _mean_pace(self, service_id: str, tier: Tier) -> float:
        # Those ahead came for other services too; their mix decides how fast the line moves.
        line = self.catalog.companions(service_id)
        weights = {s: n for (s, t), n in self.lanes.items() if s in line and t.rank <= tier.rank}
        total = sum(weights.values())
        own = self.pace(service_id)
        if not total:
            return own
        return sum(self.pace(s) * n for s, n in weights.items() if s in self.catalog.services) / total or own


class RoomPace:
    """Paces and open counters of each unit, read at most once a second: a forecast rounded to five minutes can wait
    that long for them, and a ticket need not."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, Mapping[str, float], Mapping[str, int]]] = {}

    def forget(self, unit_id: str) -> None:
        """A counter of this unit was opened, closed or paused here: read anew."""
        self._known.pop(unit_id, None)

    def read(self, connection: Connection, unit_id: str) -> tuple[Mapping[str, float], Mapping[str, int]]:
        """(pace per service, open counters per profile)."""
        now = time.monotonic()
        known = self._known.get(unit_id)
        if known is None or now - known[0] > FRESH_SECONDS:
            paces = catalogs.paces(connection, unit_id)
            known = (now, paces, counters.open_profiles(connection, unit_id))
            self._known[unit_id] = known
        return known[1], known[2]


def look(connection: Connection, catalog: Catalog, room: RoomPace) -> Outlook:
    """The outlook of a unit now: the counts of this moment, the pace of the last second."""
    return _outlook(connection, catalog, room, lanes.counts(connection, catalog.unit))


def look_at(work: Work, catalog: Catalog, room: RoomPace) -> Outlook:
    """``look`` under the unit's lock."""
    return _outlook(work.connection, catalog, room, lanes.now(work))


def _outlook(connection: Connection, catalog: Catalog, room: RoomPace, waiting: Lanes) -> Outlook:
    paces, profiles = room.read(connection, catalog.unit)
    return Outlook(catalog, waiting, paces, profiles)
