"""Devices: pairing by a code that a person types once, tokens, heartbeats, revocation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from server.domain.errors import Refusal
from server.domain.events import Event
from server.store import devices
from server.store.accounts import digest
from server.store.unit_of_work import find_unit
from server.usecases.context import Actor, House, Json, audited
from server.usecases.ids import new_id, new_pairing_code, new_token
from server.usecases.printing import note_printer_state
from server.usecases.spool import ONLINE_FOR
from server.wire.requests import Heartbeat, NewDevice

CODE_LIFE = timedelta(minutes=15)
SILENT = "_silent"  # kept in the device's state: the staff know that it is off
_WATCHED = ("help", "audio")


@dataclass(frozen=True, slots=True)
class SharedDevice(Actor):
    """A kiosk between several units, or its printer: at home in one, welcome in the others too."""

    also: tuple[str, ...] = ()

    def must_reach(self, unit_id: str) -> None:
        """Raises ``Refusal('wrong_unit')`` for a unit that the device does not serve."""
        if unit_id not in self.also:
            Actor.must_reach(self, unit_id)


def actor_of(row: Row[Any]) -> Actor:
    """The actor behind a device's token."""
    told = {"name": row.name, "unit": row.unit, "device_kind": row.kind, "printer": row.printer}
    if row.also:
        return SharedDevice("device", row.id, **told, also=tuple(row.also))
    return Actor("device", row.id, **told)


def authenticate(house: House, token: str) -> Actor:
    """Who holds this token. Raises ``Refusal``: not_authenticated, device_revoked."""
    known: Actor | None = house.doorman.recall(token)
    if known is not None:
        return known
    row = house.store.glance(lambda connection: devices.by_token(connection, token))
    if row is None:
        raise Refusal("not_authenticated")
    if row.revoked_at is not None:
        raise Refusal("device_revoked")
    actor = actor_of(row)
    house.doorman.remember(token, actor)
    return actor


def add_device(house: House, actor: Actor, unit_id: str, request: NewDevice) -> Json:
    """Register a device and give the code that pairs it within 15 minutes: ``{device, code}``."""
    actor.must_reach(unit_id)
    now, device_id, code = house.now(), new_id(house.now()), new_pairing_code()
    with house.store.write() as connection:
        find_unit(connection, unit_id)
        printer = None
        if request.kind == "kiosk":
            printers = devices.of_unit(connection, unit_id, "printer")
            printer = printers[0].id if printers else None
        devices.add(
            connection,
            id=device_id,
            unit=unit_id,
            kind=request.kind,
            name=request.name,
            created_at=now,
            printer=printer,
        )
        devices.offer_code(connection, device_id, code, now + CODE_LIFE)
        audited(
            connection, actor, now, "device.add", device_id, unit_id, kind=request.kind, name=request.name
        )
    return {"device": _view(device_id, request.kind, unit_id, request.name), "code": code}


def _view(device_id: str, kind: str, unit_id: str, name: str, also: Iterable[str] | None = None) -> Json:
    return {"id": device_id, "kind": kind, "unit": unit_id, "name": name, "also": list(also or ())}


def pair(house: House, code: str) -> Json:
    """Trade a pairing code for a token: ``{token, device}``. Raises ``Refusal('unknown_pairing_code')``."""
    now, token = house.now(), new_token()
    with house.store.write() as connection:
        row = devices.get(connection, devices.take_code(connection, code, now))
        if row.revoked_at is not None:
            raise Refusal("unknown_pairing_code")
        devices.change(connection, row.id, token_hash=digest(token), paired_at=now)
        audited(connection, actor_of(row), now, "device.pair", row.id, row.unit)
    return {"token": token, "device": _view(row.id, row.kind, row.unit, row.name, row.also)}


def me(actor: Actor) -> Json:
    """The device that asks."""
    also = actor.also if isinstance(actor, SharedDevice) else ()
    return {"device": _view(actor.id, actor.device_kind, actor.unit or "", actor.name, also)}


def heartbeat(house: House, actor: Actor, request: Heartbeat) -> None:
    """How a device is. What the staff must know of (a cry for help, lost sound, a printer's trouble, the return of a
    silent device) becomes an event when it changes."""
    if actor.device_kind == "printer":
        note_printer_state(house, actor, dict(request.state))
        return
    now, state = house.now(), dict(request.state)
    before = house.store.glance(lambda connection: devices.get(connection, actor.id))
    if before.state.get(SILENT) or any(before.state.get(name) != state.get(name) for name in _WATCHED):
        with house.unit(before.unit) as work:
            devices.change(work.connection, actor.id, last_seen_at=now, state=state)
            told = {name: state.get(name) for name in _WATCHED}
            work.record(_status(before, now, "online", told))
        return
    with house.store.write() as connection:
        devices.change(connection, actor.id, last_seen_at=now, state=state)


def _status(row: Any, now: datetime, state: str, more: Json) -> Event:
    data = {"device": row.id, "name": row.name, "kind": row.kind, "state": state, "cause": None}
    return Event("device.status", now, data | more)


def notice_silence(house: House) -> list[str]:
    """Tell the staff, once, of each device that was heard of and is no more; returns those devices."""
    now = house.now()
    limit = now - ONLINE_FOR
    with house.store.read() as connection:
        suspects = [row for row in devices.unheard_since(connection, limit) if not row.state.get(SILENT)]
    told = []
    for suspect in suspects:
        with house.unit(suspect.unit) as work:
            row = devices.get(work.connection, suspect.id)
            # Another process may have told, or the device come back, before we had the lock.
            if row.state.get(SILENT) or row.last_seen_at > limit or row.revoked_at is not None:
                continue
            devices.change(work.connection, row.id, state={**row.state, SILENT: True})
            work.record(_status(row, now, "offline", {"last_seen_at": row.last_seen_at.isoformat()}))
            told.append(row.id)
    return told


def revoke(house: House, actor: Actor, unit_id: str, device_id: str) -> Json:
    """Turn a device away for good; its token stops working at once. Raises ``Refusal('unknown_device')``."""
    actor.must_reach(unit_id)
    now = house.now()
    with house.unit(unit_id) as work:
        row = devices.get(work.connection, device_id)
        if row.unit != unit_id:
            raise Refusal("unknown_device", device=device_id)
        devices.change(work.connection, device_id, revoked_at=now)
        audited(work.connection, actor, now, "device.revoke", device_id, unit_id, name=row.name)
        data = {"device": device_id, "name": row.name, "kind": row.kind, "state": "revoked", "cause": None}
        work.record(Event("device.status", now, data))
    house.doorman.forget_all()
    return {"device": _view(row.id, row.kind, row.unit, row.name)}


def share(house: House, actor: Actor, unit_id: str, device_id: str, units: list[str]) -> Json:
    """Let a kiosk give out tickets for further units too; an empty list: for its own only. Its printer follows.

    Raises ``Refusal``: wrong_unit for a unit that is not this person's, unknown_unit, unknown_device (no kiosk here).
    """
    for name in (unit_id, *units):
        actor.must_reach(name)
    now, also = house.now(), [name for name in dict.fromkeys(units) if name != unit_id]
    with house.unit(unit_id) as work:
        row = devices.get(work.connection, device_id)
        if row.unit != unit_id or row.kind != "kiosk" or row.revoked_at is not None:
            raise Refusal("unknown_device", device=device_id)
        for name in also:
            find_unit(work.connection, name)
        devices.change(work.connection, device_id, also=also or None)
        if row.printer is not None:
            served = {
                n for k in devices.kiosks_of(work.connection, row.printer) for n in (k.unit, *(k.also or ()))
            }
            home = devices.get(work.connection, row.printer).unit
            devices.change(work.connection, row.printer, also=sorted(served - {home}) or None)
        audited(work.connection, actor, now, "device.share", device_id, unit_id, units=also)
    house.doorman.forget_all()
    return {"device": _view(row.id, row.kind, row.unit, row.name, also)}
