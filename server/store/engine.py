"""Opening the database: SQLite (embedded) or PostgreSQL, with the settings that make both keep their word."""

from __future__ import annotations

import sqlite3
from typing import Any

import orjson
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

BUSY_SECONDS = 10
# Read-only, idle in a transaction for too long, a transaction too long: "not now", as much as a server that is gone;
# psycopg counts them among the programmer's mistakes.
NOT_NOW = frozenset({"25006", "25P03", "25P04"})
ASK_READ_ONLY = "SHOW transaction_read_only"


class ReadOnlyError(Exception):
    """The database answers and refuses every write: it has become a standby."""


def open_engine(url: str) -> Engine:
    """An engine for ``url``; nothing is connected yet. Raises sqlalchemy's ArgumentError on a malformed URL."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(url)
    if parsed.get_backend_name() == "postgresql" and parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    return _open_postgresql(parsed)


def _open_postgresql(url: URL) -> Engine:
    from server.store.line import TCP, Lines  # psycopg: where it waits is chosen when it is first imported

    # A lock that never comes must become an error, not a frozen counter.
    options = "-c lock_timeout=10s -c idle_in_transaction_session_timeout=60s"
    tcp = {name: value for name, value in TCP.items() if name not in url.query}
    engine = create_engine(
        url,
        pool_size=8,
        max_overflow=16,
        pool_timeout=10,
        # The connection used last has every statement of a command prepared: few warm ones, not many cold ones.
        pool_use_lifo=True,
        json_serializer=_json_text,
        json_deserializer=orjson.loads,
        connect_args={"options": options, "connect_timeout": 5, "prepare_threshold": 1, **tcp},
    )
    Lines(engine)
    return engine


def have_patience(connection: Connection, seconds: float | None) -> None:
    """How long an answer may take over this connection until it is given back; None: as long as it takes.

    (SQLite answers by itself.)
    """
    if connection.dialect.name == "postgresql":
        wire: Any = connection.connection.dbapi_connection
        wire.patience = seconds


def be_patient(engine: Engine) -> None:
    """For a command that a person waits for, such as the check of a whole journal: no answer takes too long."""
    if engine.dialect.name == "postgresql":
        event.listen(engine, "checkout", _without_end)


def _without_end(line: Any, _record: Any, _proxy: Any) -> None:
    line.patience = None


def is_away(error: SQLAlchemyError) -> bool:
    """Whether it only says that the database cannot do it now: nothing was stored, and the same may be asked again."""
    if isinstance(error, (OperationalError, PoolTimeoutError)):
        return True  # gone, full, a lock that was waited for too long
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in NOT_NOW


def must_take_writes(connection: Connection) -> None:
    """A question for ``Store.glance``. Raises ``ReadOnlyError``, and lets go of the connection and of those as old: new
    ones find the successor."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("SELECT 1")
    elif connection.exec_driver_sql(ASK_READ_ONLY).scalar() != "off":
        connection.invalidate()
        raise ReadOnlyError


def _json_text(value: Any) -> str:
    # orjson, not the standard library: every command puts four small objects into text.
    return orjson.dumps(value).decode()


def _open_sqlite(url: str) -> Engine:
    engine = create_engine(
        url,
        pool_size=8,
        max_overflow=16,
        pool_timeout=10,
        json_serializer=_json_text,
        json_deserializer=orjson.loads,
        connect_args={"timeout": BUSY_SECONDS},
    )
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver's own implicit BEGIN is deferred and comes too late for a lock; we begin by hand in _on_begin.
    connection.isolation_level = None
    for pragma in (
        # A commit touches some fifty pages, most of them for a line each: in half the size they are half to write.
        # (Only a new file takes it.)
        "page_size=2048",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_SECONDS * 1000}",
        "temp_store=MEMORY",
        # The log is folded into the database by the ticker, between commands (Store.tidy); at 64 MiB by the command
        # that got there, if the ticker should be dead.
        "wal_autocheckpoint=32000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    wanted = connection.get_execution_options().get("vez_begin", "DEFERRED")
    if wanted:
        connection.exec_driver_sql(f"BEGIN {wanted}")
