"""Single statements without a transaction around them, on connections that stay open.

Each press of a button asks first whose session it is. Taking a connection from the pool, pinging it, beginning and
ending a transaction costs more than that one question, on SQLite in time and on PostgreSQL in round trips.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from server.store.engine import have_patience

Found = TypeVar("Found")

MOST_KEPT = 4
SECONDS = 5.0
"""One row by its key, without a lock: the database answers sooner than that, or not at all."""


class Glances:
    """A handful of open connections, each lent to one question at a time."""

    def __init__(self, engine: Engine) -> None:
        is_sqlite = engine.dialect.name == "sqlite"
        # SQLite's driver is in autocommit anyway (engine._on_connect); only our own BEGIN must not come.
        options = {"vez_begin": ""} if is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._engine = engine.execution_options(**options)
        self._is_sqlite = is_sqlite
        self._idle: list[Connection] = []

    def ask(self, question: Callable[[Connection], Found]) -> Found:
        """What ``question`` finds with one single statement; asked again, once, where a kept connection
        turns out to be dead (the database was restarted meanwhile)."""
        while True:
            kept = self._take()
            connection = kept or self._open()
            try:
                found = question(connection)
            except DBAPIError:
                self._let_go(connection)
                if kept is None:
                    raise
                self.close()  # what else is idle has most likely died with it
                continue
            except BaseException:
                connection.close()
                raise
            self._give_back(connection)
            return found

    def close(self) -> None:
        """Let every idle connection go."""
        while (connection := self._take()) is not None:
            self._let_go(connection)

    def _let_go(self, connection: Connection) -> None:
        connection.invalidate()
        connection.close()

    def _open(self) -> Connection:
        connection = self._engine.connect()
        have_patience(connection, SECONDS)
        return connection

    def _take(self) -> Connection | None:
        # Not "if self._idle": another thread may take the last one in between.
        try:
            kept = self._idle.pop()
        except IndexError:
            return None
        if not self._is_sqlite:
            line: Any = kept.connection.dbapi_connection
            if line.is_stale():
                self._let_go(kept)
                return self._take()
        return kept

    def _give_back(self, connection: Connection) -> None:
        if connection.in_transaction():
            connection.rollback()  # SQLAlchemy's own mark, set by a statement that was not a prepared one
        if len(self._idle) < MOST_KEPT:
            self._idle.append(connection)
        else:
            connection.close()
