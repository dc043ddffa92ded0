"""Beginning a transaction on SQLite by hand, and waiting for another process that writes."""

from __future__ import annotations

import sqlite3
import time

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from server.store import engine

PAUSE_SECONDS = 0.005


def wire_of(connection: Connection) -> sqlite3.Connection:
    """The driver's connection."""
    wire: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    return wire


def begin(connection: Connection, how: str) -> None:
    """Begin on the driver's connection; its errors (a lock held too long) come out as SQLAlchemy's."""
    try:
        wire_of(connection).execute(how)
    except sqlite3.Error as error:
        raise DBAPIError.instance(how, None, error, sqlite3.Error, dialect=connection.dialect) from error


def begin_writing(connection: Connection) -> None:
    """Take the database's one lock for writing. Raises OperationalError when another process keeps it too long.

    The connection is ``impatient``: SQLite's own waiting sleeps in C, and in a server of green threads every screen
    would sleep along.
    """
    deadline = time.monotonic() + engine.BUSY_SECONDS
    while True:
        try:
            begin(connection, "BEGIN IMMEDIATE")
            return
        except DBAPIError as error:
            if not _is_busy(error.orig) or time.monotonic() >= deadline:
                raise
        time.sleep(PAUSE_SECONDS)


def impatient(wire: sqlite3.Connection) -> None:
    """Tell at once that another process writes, instead of waiting for it."""
    wire.execute("PRAGMA busy_timeout=0")


def _is_busy(error: BaseException | None) -> bool:
    # The lower byte: the rest says what exactly was busy.
    return isinstance(error, sqlite3.Error) and error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
