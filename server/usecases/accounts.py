"""Staff: accounts, login by argon2, sessions with their CSRF token."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, Row

from server.domain.errors import Refusal
from server.store import accounts
from server.usecases.context import Actor, House, Json, audited
from server.usecases.ids import new_id, new_token

ROLES = ("attendant", "supervisor", "admin")
SHORTEST_PASSWORD = 8


@cache
def _hasher() -> PasswordHasher:
    # OWASP's second profile for argon2id (19 MiB, 2 passes): a login must not stop a small machine's queue for long.
    return PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


@cache
def _dummy_hash() -> str:
    return _hasher().hash("nobody's password")


def hash_password(password: str) -> str:
    """argon2id with its salt and parameters. Raises ``Refusal('invalid_fields')`` for fewer than 8 characters."""
    if len(password) < SHORTEST_PASSWORD:
        raise Refusal("invalid_fields", fields=[{"field": "password", "problem": "string_too_short"}])
    return _hasher().hash(password)


def _is_right(stored: str, password: str) -> bool:
    try:
        return _hasher().verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def actor_of(row: Row[Any], csrf_token: str = "") -> Actor:
    """The actor behind an account."""
    return Actor("staff", row.id, name=row.name, role=row.role, unit=row.unit, csrf_token=csrf_token)


def _session_view(row: Row[Any], csrf_token: str, expires_at: str) -> Json:
    user = {"id": row.id, "username": row.username, "name": row.name, "role": row.role, "unit": row.unit}
    return {"user": user, "csrf_token": csrf_token, "expires_at": expires_at}


def log_in(house: House, username: str, password: str) -> tuple[str, Json]:
    """``(token for the cookie, {user, csrf_token, expires_at})``. Raises ``Refusal('bad_credentials')``."""
    now = house.now()
    with house.store.read() as connection:
        row = accounts.by_username(connection, username)
    # An unknown name costs as much time as a wrong password, so that neither can be told from the other.
    right = _is_right(row.password_hash if row is not None else _dummy_hash(), password)
    if row is None or not right or row.disabled:
        raise Refusal("bad_credentials")
    token, csrf_token = new_token(), new_token()
    expires_at = now + timedelta(hours=house.session_hours)
    with house.store.write() as connection:
        accounts.open_session(connection, row.id, token, csrf_token, now, expires_at)
        audited(connection, actor_of(row), now, "session.open", row.id, row.unit)
    return token, _session_view(row, csrf_token, expires_at.isoformat(timespec="seconds"))


def authenticate(house: House, token: str) -> tuple[Actor, Any]:
    """Whose session this is, and its row (for ``session_view``).

    Raises ``Refusal``: session_expired (also for an account that was disabled).
    """
    revision = house.store.revision()
    row = house.sessions.recall(token, revision)
    if row is None:
        row = house.store.glance(lambda connection: accounts.find_session(connection, token))
        house.sessions.remember(token, revision, row)
    if row is None or row.disabled or row.expires_at < house.now():
        raise Refusal("session_expired")
    return actor_of(row, row.csrf_token), row


def session_view(row: Any) -> Json:
    """A session as its own browser sees it: ``{user, csrf_token, expires_at}``."""
    return _session_view(row, row.csrf_token, row.expires_at.isoformat(timespec="seconds"))


def ended_sessions(house: House, tokens: set[str]) -> set[str]:
    """Which of these sessions are over: logged out, expired, or of an account that was disabled."""
    with house.store.read() as connection:
        valid = accounts.valid_sessions(connection, tokens, house.now())
    return tokens - valid


def log_out(house: House, actor: Actor, token: str) -> None:
    """End the session."""
    with house.store.write() as connection:
        accounts.close_session(connection, token)
        audited(connection, actor, house.now(), "session.close", actor.id, actor.unit)


def colleagues(house: House, actor: Actor, unit_id: str) -> Json:
    """The unit's staff, to whom a ticket can be transferred: ``{attendants: [{id, name}]}``."""
    actor.must_reach(unit_id)
    with house.store.read() as connection:
        rows = accounts.of_unit(connection, unit_id)
        return {"attendants": [{"id": row.id, "name": row.name} for row in rows if not row.disabled]}


def add_account(house: House, username: str, name: str, role: str, unit: str | None, password: str) -> str:
    """Create an account; returns its id. Raises ``Refusal('invalid_fields')`` (role, password, a taken name)."""
    hashed = hash_password(password)
    with house.store.write() as connection:
        return put_account(connection, house.now(), username, name, role, unit, hashed)


def put_account(
    connection: Connection,
    now: datetime,
    username: str,
    name: str,
    role: str,
    unit: str | None,
    password_hash: str,
) -> str:
    """``add_account`` in a transaction of the caller's, with a password that was hashed before it began."""
    wrong = [] if role in ROLES else [{"field": "role", "problem": "unknown_role"}]
    username, account_id = username.strip().lower(), new_id(now)
    if accounts.by_username(connection, username) is not None:
        wrong.append({"field": "username", "problem": "already_taken"})
    if wrong:
        raise Refusal("invalid_fields", fields=wrong)
    accounts.add(
        connection,
        id=account_id,
        username=username,
        name=name,
        role=role,
        unit=unit,
        password_hash=password_hash,
        disabled=False,
    )
    audited(connection, Actor("system"), now, "account.add", account_id, unit, role=role)
    return account_id


def set_password(house: House, username: str, password: str) -> None:
    """Give an account a new password; its sessions end. Raises ``Refusal``: unknown_user, invalid_fields."""
    hashed = hash_password(password)
    with house.store.write() as connection:
        row = accounts.by_username(connection, username.strip().lower())
        if row is None:
            raise Refusal("unknown_user", username=username)
        accounts.change(connection, row.id, password_hash=hashed)
        audited(connection, Actor("system"), house.now(), "account.password", row.id, row.unit)
