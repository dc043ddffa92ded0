"""Devices (kiosks, panels, printers, feedback tablets), their tokens and pairing codes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from server.domain.errors import Refusal
from server.store.accounts import digest
from server.store.prepared import Prepared
from server.store.tables import device, pairing_code

_BY_TOKEN = Prepared(select(device).where(device.c.token_hash == bindparam("hashed")))


def by_token(connection: Connection, token: str) -> Row[Any] | None:
    """The device that holds this token, revoked or not."""
    return _BY_TOKEN.one_or_none(connection, {"hashed": digest(token)})


def get(connection: Connection, device_id: str) -> Row[Any]:
    """One device. Raises ``Refusal('unknown_device')``."""
    row = connection.execute(select(device).where(device.c.id == device_id)).one_or_none()
    if row is None:
        raise Refusal("unknown_device", device=device_id)
    return row


def of_unit(connection: Connection, unit_id: str, kind: str | None = None) -> Sequence[Row[Any]]:
    """The devices of a unit that are not revoked."""
    query = select(device).where(device.c.unit == unit_id, device.c.revoked_at.is_(None))
    if kind:
        query = query.where(device.c.kind == kind)
    return connection.execute(query.order_by(device.c.kind, device.c.name)).all()


def unheard_since(connection: Connection, limit: datetime) -> Sequence[Row[Any]]:
    """Devices in use whose last sign of life is older than ``limit``."""
    return connection.execute(
        select(device).where(device.c.last_seen_at <= limit, device.c.revoked_at.is_(None))
    ).all()


def kiosks_of(connection: Connection, printer_id: str) -> Sequence[Row[Any]]:
    """The kiosks in use whose tickets come out of this printer."""
    return connection.execute(
        select(device).where(device.c.printer == printer_id, device.c.revoked_at.is_(None))
    ).all()


def add(connection: Connection, **values: Any) -> None:
    """Store a new device, not yet paired."""
    connection.execute(insert(device).values(state={}, **values))


def change(connection: Connection, device_id: str, **values: Any) -> None:
    """Change columns of a device."""
    connection.execute(update(device).where(device.c.id == device_id).values(**values))


def offer_code(connection: Connection, device_id: str, code: str, expires_at: datetime) -> None:
    """Make a pairing code the only valid one of its device."""
    connection.execute(delete(pairing_code).where(pairing_code.c.device == device_id))
    connection.execute(
        insert(pairing_code).values(code_hash=digest(code), device=device_id, expires_at=expires_at)
    )


def take_code(connection: Connection, code: str, now: datetime) -> str:
    """Use up a pairing code; gives the device's id. Raises ``Refusal('unknown_pairing_code')``, also when it is old."""
    row = connection.execute(
        select(pairing_code).where(pairing_code.c.code_hash == digest(code))
    ).one_or_none()
    if row is None or row.expires_at < now:
        raise Refusal("unknown_pairing_code")
    connection.execute(delete(pairing_code).where(pairing_code.c.code_hash == digest(code)))
    return str(row.device)
