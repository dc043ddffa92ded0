"""The same key gives the same answer (DESIGN 3): stored in the command's own transaction, kept for the business day."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert  # SQLite reads the same ON CONFLICT clause

from server.domain.errors import Refusal
from server.store.prepared import Prepared
from server.store.tables import idempotency

_FIND = Prepared(
    select(idempotency.c.fingerprint, idempotency.c.body).where(
        idempotency.c.sender == bindparam("sender_ref"), idempotency.c.key == bindparam("the_key")
    )
)
_KEEP = Prepared(insert(idempotency).on_conflict_do_nothing())


class Key(NamedTuple):
    """Who sends which key, and the fingerprint of what was asked with it."""

    sender: str
    key: str
    fingerprint: str


def find(connection: Connection, key: Key) -> str | None:
    """The stored answer, or None for a new key. Raises ``Refusal('idempotency_key_reused')`` for another body."""
    row = _FIND.one_or_none(connection, {"sender_ref": key.sender, "the_key": key.key})
    if row is None:
        return None
    if row.fingerprint != key.fingerprint:
        raise Refusal("idempotency_key_reused", key=key.key)
    return str(row.body)


def keep(connection: Connection, key: Key, unit_id: str, day: date, body: str) -> bool:
    """Store the answer with the command that made it; False when this key has an answer already."""
    row = {"sender": key.sender, "key": key.key, "unit": unit_id, "day": day}
    return _KEEP.run(connection, row | {"fingerprint": key.fingerprint, "body": body}) == 1


def forget(connection: Connection, unit_id: str, before: date) -> None:
    """Drop the answers of business days before ``before``."""
    connection.execute(delete(idempotency).where(idempotency.c.unit == unit_id, idempotency.c.day < before))
