"""What a unit prints on: its layout (in its settings) and its logo (apart: no command should carry a picture)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from server.store.tables import unit_logo

SETTING = "ticket_layout"


def logo(connection: Connection, unit_id: str) -> str | None:
    """The unit's logo as base64 of a PNG, if it has one."""
    return connection.execute(select(unit_logo.c.png).where(unit_logo.c.unit == unit_id)).scalar_one_or_none()


def keep_logo(connection: Connection, unit_id: str, png: str | None, now: datetime) -> None:
    """Replace or take away the logo. Call with the unit locked."""
    connection.execute(delete(unit_logo).where(unit_logo.c.unit == unit_id))
    if png is not None:
        connection.execute(insert(unit_logo).values(unit=unit_id, png=png, changed_at=now))
