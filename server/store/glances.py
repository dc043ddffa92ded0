"""Single statements without a transaction around them, on connections that stay open.

Each press of a button asks first whose session it is. Taking a connection from the pool, pinging it, beginning and
ending a transaction costs more than that one question, on SQLite in time and on PostgreSQL in round trips.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

Found = TypeVar("Found")

MOST_KEPT = 4


class Glances:
    """A handful of open connections, each lent to one question at a time."""

    def __init__(self, engine: Engine) -> None:
        is_sqlite = engine.dialect.name == "sqlite"
        # SQLite's driver is in autocommit anyway (engine._on_connect); only our own BEGIN must not come.
        options = {"vez_begin": ""} if is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._engine = engine.execution_options(**options)
        self._idle: list[Connection] = []

    def ask(self, question: Callable[[Connection], Found]) -> Found:
        """What ``question`` finds with one single statement; asked again, once, where a kept connection
        turns out to be dead (the database was restarted meanwhile)."""
        while True:
            kept = self._take()
            connection = kept or self._engine.connect()
            try:
                found = question(connection)
            except DBAPIError:
                connection.invalidate()
                connection.close()
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
            connection.invalidate()
            connection.close()

    def _take(self) -> Connection | None:
        # Not "if self._idle": another thread may take the last one in between.
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _give_back(self, connection: Connection) -> None:
        if connection.in_transaction():
            connection.rollback()  # SQLAlchemy's own mark, set by a statement that was not a prepared one
        if len(self._idle) < MOST_KEPT:
            self._idle.append(connection)
        else:
            connection.close()
