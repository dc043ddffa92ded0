"""Filling an empty database with a city: the demo with its people and devices, or a real one and its first
administrator."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, insert, select, text, update

from server.demo.data import Demo, Profile, Unit
from server.domain.chain import GENESIS
from server.domain.numbering import business_day
from server.store import tables
from server.store.accounts import digest
from server.store.unit_of_work import all_units
from server.usecases.accounts import hash_password, put_account
from server.usecases.context import House
from server.usecases.ids import new_id, new_token

FEW_UNITS = 3


@dataclass(frozen=True, slots=True)
class PairedDevice:
    """A device that the seeding paired at once, with the token that is shown only here."""

    id: str
    kind: str
    unit: str
    token: str


@dataclass(frozen=True, slots=True)
class Administrator:
    """Whoever is to enter a new installation first; the password is hashed already."""

    username: str
    name: str
    password_hash: str


class NotEmptyError(Exception):
    """The database has units, which a new city must not be mixed with; the message names some of them."""


def is_empty(house: House) -> bool:
    """Whether the database has no unit yet."""
    with house.store.read() as connection:
        return not all_units(connection)


def must_be_empty(connection: Connection) -> None:
    """Raises ``NotEmptyError``. Asks for ids alone: the schema may be an older one."""
    found = connection.execute(select(tables.unit.c.id).order_by(tables.unit.c.position)).scalars().all()
    if found:
        more = ", …" if len(found) > FEW_UNITS else ""
        raise NotEmptyError(", ".join(found[:FEW_UNITS]) + more)


def found_city(house: House, city: Demo, administrator: Administrator | None) -> None:
    """Store a real city and its first administrator, in one transaction: both are there afterwards, or neither.

    The city's people and devices are left out: a person needs a password of their own, a device is paired where it
    stands. Raises ``NotEmptyError``; ``Refusal('invalid_fields')`` for a name that an account has already.
    """
    now = house.now()
    with house.store.write() as connection:
        if not house.store.is_sqlite:  # whose transactions are one at a time
            connection.execute(text("LOCK TABLE unit IN SHARE ROW EXCLUSIVE MODE"))
        must_be_empty(connection)
        _seed_catalog(connection, city)
        _seed_units(connection, city, now)
        if administrator is not None:
            who = administrator
            put_account(connection, now, who.username, who.name, "admin", None, who.password_hash)


def seed(house: House, demo: Demo) -> list[PairedDevice]:
    """Store the whole demo in one transaction; returns the devices' tokens. The database must be empty."""
    now = house.now()
    with house.store.write() as connection:
        _seed_catalog(connection, demo)
        _seed_units(connection, demo, now)
        _seed_people(connection, demo, now)
        return _seed_devices(connection, demo, now)


def _add(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _seed_catalog(connection: Connection, demo: Demo) -> None:
    categories = [
        {"id": c.id, "position": i, "icon": c.icon, "name": dict(c.name)}
        for i, c in enumerate(demo.categories)
    ]
    _add(connection, tables.category, categories)
    services = [
        {
            "id": s.id,
            "category": s.category,
            "position": i,
            "prefix": s.prefix,
            "name": dict(s.name),
            "official_name": s.official_name,
            "description": dict(s.description),
            "documents": {language: list(lines) for language, lines in s.documents.items()},
            "keywords": {language: list(words) for language, words in s.keywords.items()},
            "target_minutes": s.target_minutes,
            "typical_seconds": s.typical_service_minutes * 60,
        }
        for i, s in enumerate(demo.services)
    ]
    _add(connection, tables.service, services)


def _settings(demo: Demo, ticket_message: dict[str, str]) -> dict[str, Any]:
    notices = demo.notices
    return {
        "rules": {},
        "languages": [{"code": language.code, "name": language.name} for language in demo.languages],
        "tiers": [
            {
                "id": t.id,
                "name": dict(t.name),
                "ticket_text": dict(t.ticket_text),
                "description": dict(t.description),
            }
            for t in demo.tiers
        ],
        "notices": {
            "companion": dict(notices.companion),
            "priority": dict(notices.priority),
            "priority_short": dict(notices.priority_short),
            "law_reference": dict(notices.law_reference),
        },
        "ticket_message": ticket_message,
    }


def _levels(profile: Profile) -> list[dict[str, Any]]:
    overflow = profile.overflow_minutes * 60 if profile.overflow_minutes else None
    return [
        {"services": list(services), "overflow_seconds": overflow if below else None}
        for below, services in enumerate(profile.levels)
    ]


def _unit_row(demo: Demo, unit: Unit, position: int, now: datetime) -> dict[str, Any]:
    return {
        "id": unit.id,
        "position": position,
        "name": unit.name,
        "header": unit.ticket_header,
        "address": unit.address,
        "timezone": unit.timezone,
        "hours": {day: [list(interval) for interval in times] for day, times in unit.hours.items()},
        "holidays": [],
        "settings": _settings(demo, dict(unit.ticket_message)),
        "policy": {"mode": "law"},
        "day": business_day(now, unit.timezone),
        "day_seq": 0,
        "seq": 0,
        "chain": GENESIS,
        "catalog_version": 1,
    }


def _seed_units(connection: Connection, demo: Demo, now: datetime) -> None:
    prefixes = {s.id: s.prefix for s in demo.services}
    for position, unit in enumerate(demo.units):
        _add(connection, tables.unit, [_unit_row(demo, unit, position, now)])
        offered = [{"unit": unit.id, "service": s, "open": True} for s in unit.services]
        _add(connection, tables.unit_service, offered)
        series = sorted({prefixes[s] for s in unit.services})
        _add(connection, tables.series, [{"unit": unit.id, "prefix": p} for p in series])
        _seed_counters(connection, unit)


def _seed_counters(connection: Connection, unit: Unit) -> None:
    profiles = [
        {"unit": unit.id, "id": p.id, "name": p.name, "dedicated": p.dedicated, "levels": _levels(p)}
        for p in unit.profiles
    ]
    _add(connection, tables.profile, profiles)
    counters = [
        {
            "id": c.id,
            "unit": unit.id,
            "position": i,
            "number": c.number,
            "kind": c.kind,
            "profile": c.profile,
        }
        for i, c in enumerate(unit.counters)
    ]
    _add(connection, tables.counter, counters)


def _seed_people(connection: Connection, demo: Demo, now: datetime) -> None:
    hashes = {password: hash_password(password) for password in {u.password for u in demo.users}}
    accounts = [
        {
            "id": new_id(now),
            "username": u.username,
            "name": u.name,
            "role": u.role,
            "unit": u.unit,
            "password_hash": hashes[u.password],
            "disabled": False,
        }
        for u in demo.users
    ]
    _add(connection, tables.account, accounts)


def _seed_devices(connection: Connection, demo: Demo, now: datetime) -> list[PairedDevice]:
    printers = {d.unit: d.id for d in demo.devices if d.kind == "printer"}
    # Printers first: a kiosk points at its own.
    ordered = sorted(demo.devices, key=lambda d: d.kind != "printer")
    paired = [PairedDevice(d.id, d.kind, d.unit, new_token()) for d in ordered]
    rows: list[dict[str, Any]] = [
        {
            "id": device.id,
            "unit": device.unit,
            "kind": device.kind,
            "name": named.name,
            "token_hash": digest(device.token),
            "printer": printers.get(device.unit) if device.kind == "kiosk" else None,
            "created_at": now,
            "paired_at": now,
            "state": {},
        }
        for device, named in zip(paired, ordered, strict=True)
    ]
    _add(connection, tables.device, rows)
    return paired


def keep_tokens(house: House, demo: Demo, known: Iterable[str]) -> list[PairedDevice]:
    """The devices of a demo run again on its old data, with their tokens.

    The database has only digests: of the ``known`` tokens those that still fit stay, and the screens that hold them
    go on. A device of the demo whose token is lost gets a new one; what people have paired themselves is left alone.
    """
    fitting, own = {digest(token): token for token in known}, {device.id for device in demo.devices}
    device, paired = tables.device, []
    with house.store.write() as connection:
        for row in connection.execute(select(device).where(device.c.revoked_at.is_(None))).all():
            token = fitting.get(row.token_hash)
            if token is None and row.id in own:
                token = new_token()
                renewed = update(device).where(device.c.id == row.id).values(token_hash=digest(token))
                connection.execute(renewed)
            if token is not None:
                paired.append(PairedDevice(row.id, row.kind, row.unit, token))
    return paired
