"""The lines to PostgreSQL: nobody waits on one for ever, and none is used again once its far end is gone.

A host that vanishes says no goodbye. The kernel notices when nothing is acknowledged (``TCP``); a proxy that
acknowledges and swallows is only found out by a deadline of our own. And a server that has become a standby answers,
but refuses every write: its lines are given up as well, so that new ones find its successor.
"""

from __future__ import annotations

import logging
import time
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError

from server.store.engine import ASK_READ_ONLY

log = logging.getLogger("vez.store")
# An answer may be owed for as long as a lock is waited for (``lock_timeout``, 10 s) and a slow disk on top.
PATIENCE_SECONDS = 20.0
# What takes no lock and looks at one row.
PING_SECONDS = 5.0
TRUSTED_SECONDS = 1.0
# Given up by the kernel after some ten seconds without a sign, at rest or with bytes on their way.
TCP = {
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}

READ_ONLY = psycopg.errors.ReadOnlySqlTransaction.sqlstate


class Line(psycopg.Connection[Any]):
    """psycopg's connection, with patience."""

    lines: Lines

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patience: float | None = PATIENCE_SECONDS
        self.born = time.monotonic()

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """As psycopg's; an answer that does not come in time is an error, and the end of the line."""
        try:
            return super().wait(gen, interval, self.patience if timeout is None else timeout)
        except BaseException as error:
            if _is_the_end(self, error):
                # Said here: whoever asked learns in the end that the connection is closed, and not why.
                log.warning("a line to the database was given up: %s", error)
                self.close()
            raise

    def is_stale(self) -> bool:
        """Whether one that was as old has been found dead."""
        return self.born <= self.lines.lost


def _is_the_end(line: Line, error: BaseException) -> bool:
    told = getattr(error, "sqlstate", None)
    if told is not None:
        return bool(told == READ_ONLY)
    # In mid-conversation, and not by the server's word: the next answer would be the one to this question.
    return line.pgconn.transaction_status == TransactionStatus.ACTIVE


class Lines:
    """What is known of all lines of one engine."""

    def __init__(self, engine: Engine) -> None:
        self.lost = 0.0  # when one was last found dead: those that were open then are not trusted
        for moment in ("do_connect", "checkin", "checkout", "invalidate"):
            event.listen(engine, moment, getattr(self, f"_on_{moment}"))

    def _on_do_connect(self, _dialect: Any, _record: Any, args: Any, parameters: Any) -> Line:
        made = Line.connect(*args, **parameters)
        made.lines = self
        return made

    def _on_checkin(self, _line: Line | None, record: Any) -> None:
        record.info["rests_since"] = time.monotonic()

    def _on_checkout(self, line: Line, record: Any, _proxy: Any) -> None:
        # SQLAlchemy's own pre-ping asks at each checkout, a round trip of the dozen that a command has. What worked a
        # moment ago is only asked whether it has been hung up on, which takes no round trip.
        line.patience = PATIENCE_SECONDS
        since = record.info.get("rests_since")
        if since is None:
            return  # just opened
        is_good = _is_open if time.monotonic() - since < TRUSTED_SECONDS else _takes_writes
        try:
            alive = not line.is_stale() and is_good(line)
        except psycopg.Error:
            alive = False
        if not alive:
            raise DisconnectionError("the connection died at rest")

    def _on_invalidate(self, line: Line, _record: Any, _error: Any) -> None:
        if not line.is_stale():
            self.lost = time.monotonic()


def _is_open(line: Line) -> bool:
    wire = line.pgconn
    # A server that goes says so first, and hangs up then.
    wire.consume_input()
    wire.consume_input()
    return not line.closed


def _takes_writes(line: Line) -> bool:
    """Ask over the line, outside of any transaction. A server that has become a standby lets go of nobody by itself."""
    line.patience = PING_SECONDS
    before, line.autocommit = line.autocommit, True
    found = line.execute(ASK_READ_ONLY, prepare=False).fetchone()
    line.autocommit = before
    line.patience = PATIENCE_SECONDS
    return found == ("off",)
