"""Staff accounts, their sessions, and the audit of what they did. Tokens are kept only as SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from server.store.prepared import Prepared
from server.store.tables import account, audit, session


def digest(token: str) -> str:
    """How a bearer secret is stored. It has 256 random bits, so a plain hash is enough (no password here)."""
    # Whatever a stranger sends as a token, half a surrogate pair too, is only an unknown one.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


_SESSION = Prepared(
    select(session.c.csrf_token, session.c.expires_at, account)
    .select_from(session.join(account, account.c.id == session.c.account))
    .where(session.c.token_hash == bindparam("hashed"))
)
_BY_ID = Prepared(select(account).where(account.c.id == bindparam("account_id")))


def by_username(connection: Connection, username: str) -> Row[Any] | None:
    """An account by its login name (lower case)."""
    return connection.execute(select(account).where(account.c.username == username)).one_or_none()


def by_id(connection: Connection, account_id: str) -> Row[Any] | None:
    """An account by id."""
    return _BY_ID.one_or_none(connection, {"account_id": account_id})


def of_unit(connection: Connection, unit_id: str | None) -> Sequence[Row[Any]]:
    """The accounts of one unit, or all of them."""
    query = select(account).order_by(account.c.name)
    return connection.execute(query if unit_id is None else query.where(account.c.unit == unit_id)).all()


def add(connection: Connection, **values: Any) -> None:
    """Store a new account."""
    connection.execute(insert(account).values(**values))


def change(connection: Connection, account_id: str, **values: Any) -> None:
    """Change an account; disabling one or a new password ends its sessions."""
    connection.execute(update(account).where(account.c.id == account_id).values(**values))
    if values.get("disabled") or "password_hash" in values:
        connection.execute(delete(session).where(session.c.account == account_id))


def open_session(
    connection: Connection, account_id: str, token: str, csrf_token: str, now: datetime, expires_at: datetime
) -> None:
    """Start a session and sweep out the ones that have ended."""
    connection.execute(delete(session).where(session.c.expires_at < now))
    connection.execute(
        insert(session).values(
            token_hash=digest(token),
            account=account_id,
            csrf_token=csrf_token,
            created_at=now,
            expires_at=expires_at,
        )
    )


def find_session(connection: Connection, token: str) -> Row[Any] | None:
    """A session joined with its account."""
    return _SESSION.one_or_none(connection, {"hashed": digest(token)})


def valid_sessions(connection: Connection, tokens: Collection[str], now: datetime) -> set[str]:
    """Those of the tokens whose session still stands."""
    hashes = {digest(token): token for token in tokens}
    query = (
        select(session.c.token_hash)
        .select_from(session.join(account, account.c.id == session.c.account))
        .where(session.c.token_hash.in_(hashes), session.c.expires_at >= now, account.c.disabled.is_(False))
    )
    return {hashes[found] for found in connection.execute(query).scalars()}


def close_session(connection: Connection, token: str) -> None:
    """End a session (logout)."""
    connection.execute(delete(session).where(session.c.token_hash == digest(token)))


def record_audit(connection: Connection, **values: Any) -> None:
    """Write one line of the audit: who did what to which subject."""
    connection.execute(insert(audit).values(**values))


def audit_trail(connection: Connection, unit_id: str | None, limit: int) -> Sequence[Row[Any]]:
    """The latest lines of the audit, newest first."""
    query = select(audit).order_by(audit.c.at.desc()).limit(limit)
    return connection.execute(query if unit_id is None else query.where(audit.c.unit == unit_id)).all()
