"""The catalogue of a unit, read whole and kept until its version changes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from server.domain.catalog import Catalog, Category, Service, waiting_lines
from server.domain.numbering import Series
from server.domain.policy import Level, Profile
from server.store.prepared import Prepared
from server.store.tables import category, profile, series, service, unit_service

_PACES = Prepared(
    select(unit_service.c.service, unit_service.c.pace_seconds).where(
        unit_service.c.unit == bindparam("unit_id"), unit_service.c.pace_seconds.is_not(None)
    )
)


def load(connection: Connection, unit_row: Row[Any]) -> Catalog:
    """Everything about a unit that changes by administration only, not with each ticket."""
    joined = unit_service.join(service, service.c.id == unit_service.c.service)
    columns = [*service.c, unit_service.c.open, unit_service.c.hours, unit_service.c.daily_cap]
    rows = connection.execute(
        select(*columns)
        .select_from(joined)
        .where(unit_service.c.unit == unit_row.id)
        .order_by(service.c.position, service.c.id)
    ).all()
    categories = connection.execute(select(category).order_by(category.c.position, category.c.id)).all()
    used = {row.category for row in rows}
    profiles = _profiles(connection, unit_row.id)
    return Catalog(
        unit=unit_row.id,
        version=unit_row.catalog_version,
        categories=tuple(Category(c.id, c.icon, c.name) for c in categories if c.id in used),
        services={row.id: _service(row) for row in rows},
        series={s.prefix: s for s in _series(connection, unit_row.id)},
        profiles={p.id: p for p in profiles},
        lines=waiting_lines((row.id for row in rows), profiles),
    )


def _service(row: Row[Any]) -> Service:
    return Service(
        id=row.id,
        category=row.category,
        prefix=row.prefix,
        name=row.name,
        official_name=row.official_name,
        description=row.description,
        documents=row.documents,
        keywords=row.keywords,
        target_minutes=row.target_minutes,
        typical_seconds=row.typical_seconds,
        open=row.open,
        hours=row.hours,
        daily_cap=row.daily_cap,
    )


def _series(connection: Connection, unit_id: str) -> list[Series]:
    rows = connection.execute(select(series).where(series.c.unit == unit_id))
    return [Series(r.prefix, r.first, r.last, r.step, r.daily_cap) for r in rows]


def _profiles(connection: Connection, unit_id: str) -> list[Profile]:
    rows = connection.execute(select(profile).where(profile.c.unit == unit_id))
    return [
        Profile(
            r.id,
            tuple(Level(frozenset(level["services"]), level.get("overflow_seconds")) for level in r.levels),
            r.dedicated,
        )
        for r in rows
    ]


def paces(connection: Connection, unit_id: str) -> dict[str, float]:
    """Recent mean seconds at the counter, for each service that has been served at all."""
    return {row.service: float(row.pace_seconds) for row in _PACES.all(connection, {"unit_id": unit_id})}


def set_pace(connection: Connection, unit_id: str, service_id: str, seconds: float) -> None:
    """Store a service's recent pace (seconds)."""
    connection.execute(
        update(unit_service)
        .where(unit_service.c.unit == unit_id, unit_service.c.service == service_id)
        .values(pace_seconds=seconds)
    )


def set_open(connection: Connection, unit_id: str, service_id: str, is_open: bool) -> None:
    """Open or close a service of a unit. The caller gives the unit's catalogue its next version."""
    connection.execute(
        update(unit_service)
        .where(unit_service.c.unit == unit_id, unit_service.c.service == service_id)
        .values(open=is_open)
    )
