"""One commit for several commands: what makes SQLite fast without making it forgetful.

A commit with ``synchronous=FULL`` waits for the disk; the command before it takes a third of that time. So writers
of one process pass a gate one by one and share a transaction: each works inside a savepoint of its own; the first of
them lets others in for a moment, then commits for all, and only then does anybody get an answer. What is acknowledged
is on the disk; a command that is refused rolls back to its savepoint and touches nobody else's; a commit that fails,
fails for all in it.

The gate also makes waiting fair: SQLite's own way is to sleep and try again, and in a server of green threads that
sleep would stop every screen.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from server.domain.events import Recorded
from server.store.sqlite_begin import begin_writing, impatient, wire_of

Bell = Callable[[Sequence[Recorded]], None]
Heads = dict[str, Any]
"""How far the units stand that a transaction has written (``unit_of_work.Head``): by id."""
Ending = Callable[[Connection, Heads], None]
"""What is done once for all commands of a transaction, just before its commit."""

MOST_TOGETHER = 32
LONGEST_OPEN_SECONDS = 0.02
QUIET_TURNS = (
    2  # green threads: the first turn may only finish what the hub has read already, the second reads anew
)
ORPHAN_SECONDS = 1.0


def _shut() -> threading.Lock:
    door = threading.Lock()
    door.acquire()
    return door


@dataclass
class _Batch:
    """An open transaction that several commands share."""

    opened_at: float
    led: bool = False  # somebody will commit it
    members: int = 0
    recorded: list[Recorded] = field(default_factory=list)
    heads: Heads = field(default_factory=dict)
    error: BaseException | None = None
    settled: bool = False
    # Shut until the commit, one for each member: all of them are woken in one turn. Plain locks: an Event is three.
    doors: list[threading.Lock] = field(default_factory=list)

    def join(self, outcome: Outcome) -> threading.Lock:
        """Count a command in that went well; the door it waits at."""
        self.members += 1
        self.recorded.extend(outcome.recorded)
        self.heads |= outcome.left
        return self.watch()

    def watch(self) -> threading.Lock:
        """A door to wait at for the commit."""
        self.doors.append(door := _shut())
        return door


class Outcome:
    """What a command finds and leaves in its transaction: the units' heads as the commands before it left them, as it
    leaves one itself (``None``: read it anew), and the events to tell once all is on the disk."""

    def __init__(self, connection: Connection, heads: Heads) -> None:
        self.connection = connection
        self.heads = heads
        self.left: Heads = {}
        self.recorded: Sequence[Recorded] = ()


class EachCommit:
    """PostgreSQL: a commit for every command; its writers on other units run beside it and share the disk there."""

    def __init__(self, engine: Engine, ending: Ending) -> None:
        self._engine = engine
        self._ending = ending
        self.bell: Bell = lambda _recorded: None

    @contextmanager
    def transaction(self) -> Iterator[Outcome]:
        """One command, one transaction."""
        with self._engine.begin() as connection:
            outcome = Outcome(connection, {})
            yield outcome
            self._ending(connection, _known(outcome.left))
        if outcome.recorded:
            self.bell(outcome.recorded)

    def revision(self) -> int | None:
        """None: whether others have written cannot be told without asking."""
        return None

    def rescue(self) -> None:
        """Nobody waits for another's commit here."""

    def close(self) -> None:
        """Nothing of its own to let go."""


class GroupCommit:
    """The gate of one SQLite database in one process, and the one connection that writes through it."""

    def __init__(self, engine: Engine, ending: Ending) -> None:
        self._ending = ending
        # We begin and commit on the driver's connection; SQLAlchemy's own marks of a transaction mean nothing here.
        self._engine = engine.execution_options(vez_begin="")
        self._gate = threading.Lock()
        self._waiting = 0
        self._batch: _Batch | None = None
        self._connection: Connection | None = None
        self._wire: sqlite3.Connection | None = None
        self.bell: Bell = lambda _recorded: None

    def transaction(self) -> AbstractContextManager[Outcome]:
        """One command. Leaving returns after the commit that holds it; raises what the body or that commit raised."""
        return _Member(self)

    def close(self) -> None:
        """Let the writing connection go."""
        with self._gate:
            if self._connection is not None:
                self._connection.close()
                self._connection = self._wire = None

    def enter(self) -> tuple[_Batch, Connection, sqlite3.Connection]:
        """Wait for the gate; the transaction to write in, and its connection, SQLAlchemy's and the driver's. The gate
        is held afterwards."""
        self._waiting += 1
        try:
            self._gate.acquire()
        finally:
            self._waiting -= 1
        try:
            connection, wire = self._open()
            self._settle_orphan()
            if self._batch is None:
                begin_writing(connection)
                self._batch = _Batch(time.monotonic())
        except BaseException:
            self._gate.release()
            raise
        return self._batch, connection, wire

    def _open(self) -> tuple[Connection, sqlite3.Connection]:
        if self._connection is None or self._wire is None:
            self._connection = self._engine.connect()
            self._wire = wire_of(self._connection)
            impatient(self._wire)
        return self._connection, self._wire

    def leave(self, batch: _Batch) -> None:
        """After a command, well or badly ended. Whoever comes first to here commits for all that follow; the others go
        and wait. The gate is held on entry and free afterwards."""
        try:
            if batch.led and batch.error is None:
                return
            batch.led = True
            try:
                self._let_others_in(batch)
            finally:
                if self._batch is batch:
                    self._settle(batch)
        finally:
            self._gate.release()

    def _let_others_in(self, batch: _Batch) -> None:
        """Open the gate for as long as somebody comes, within limits: green threads cannot come while we run."""
        quiet = 0
        while quiet < QUIET_TURNS and batch is self._batch and batch.error is None:
            young = time.monotonic() - batch.opened_at < LONGEST_OPEN_SECONDS
            if not young or batch.members >= MOST_TOGETHER:
                return
            before = batch.members
            self._gate.release()
            try:
                time.sleep(0)
            finally:
                self._gate.acquire()
            quiet = 0 if self._waiting or batch.members > before else quiet + 1

    def _settle(self, batch: _Batch) -> None:
        """Commit, or roll back what nobody needs. The gate is held."""
        self._batch = None
        connection, wire = self._connection, self._wire
        assert connection is not None and wire is not None, "a batch always has its connection"  # noqa: S101, PT018
        try:
            if batch.error is None and batch.members:
                self._ending(connection, _known(batch.heads))
                wire.commit()
            else:
                wire.rollback()
        except BaseException as error:
            # Whatever it was: nothing is on the disk, and each member must hear that.
            batch.error = self._in_words(error)
            wire.rollback()
            if not isinstance(error, Exception):
                raise  # this thread is to end
        finally:
            if connection.in_transaction():
                connection.rollback()  # SQLAlchemy's mark, if a statement set it; the database has decided already
            try:
                if batch.error is None and batch.recorded:
                    # Rung once and in order; each member on its own would ring in the order of waking.
                    self.bell(batch.recorded)
            finally:
                batch.settled = True
                for door in batch.doors:
                    door.release()

    def wait_for(self, batch: _Batch, door: threading.Lock) -> None:
        """Return once the batch is on the disk; raises what kept it from there."""
        if not batch.settled:
            # Without a limit: a timer for each command would cost more than this whole wait (see ``rescue``).
            door.acquire()
        if batch.error is not None:
            raise batch.error

    def revision(self) -> int | None:
        """A number that changes when anybody has committed but us: another process, say a ``vez user`` command. None
        while somebody writes: no reader waits for a writer, who may wait for the disk."""
        if not self._gate.acquire(blocking=False):
            return None
        try:
            _, wire = self._open()
            return int(wire.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error as error:
            raise self.told(error) from error
        finally:
            self._gate.release()

    def rescue(self) -> None:
        """Commit for those whose leader has died with its thread. Called now and then; the next command does it too."""
        with self._gate:
            self._settle_orphan()

    def _settle_orphan(self) -> None:
        batch = self._batch
        # Should its leader be alive after all, it finds its work done.
        if batch is not None and batch.led and time.monotonic() - batch.opened_at > ORPHAN_SECONDS:
            self._settle(batch)

    def undo(self, batch: _Batch, wire: sqlite3.Connection, error: BaseException) -> None:
        """Take one command back out of the transaction. The gate is held."""
        if wire.in_transaction:
            try:
                wire.execute("ROLLBACK TO command")
                wire.execute("RELEASE command")
            except sqlite3.Error as worse:
                # Half of this command may still be inside: nobody may commit that.
                batch.error = self.told(worse)
        elif isinstance(error, DBAPIError):
            # A full disk or an I/O error makes SQLite roll back the whole transaction by itself.
            batch.error = error
        else:
            batch.error = self.told(sqlite3.OperationalError(f"the transaction was rolled back: {error}"))

    def _in_words(self, error: BaseException) -> Exception:
        if isinstance(error, sqlite3.Error):
            return self.told(error)
        if isinstance(error, Exception):
            return error
        return self.told(sqlite3.OperationalError("the thread that was to commit has ended"))

    def told(self, error: sqlite3.Error) -> DBAPIError:
        """The driver's error as SQLAlchemy's own."""
        told = DBAPIError.instance("COMMIT", None, error, sqlite3.Error, dialect=self._engine.dialect)
        return cast("DBAPIError", told)


class _Member:
    """One command in the shared transaction. A class, not a generator: every press of a button passes here."""

    __slots__ = ("_batch", "_gate", "_outcome", "_wire")

    def __init__(self, gate: GroupCommit) -> None:
        self._gate = gate

    def __enter__(self) -> Outcome:
        self._batch, connection, self._wire = self._gate.enter()
        self._outcome = Outcome(connection, self._batch.heads)
        try:
            self._wire.execute("SAVEPOINT command")
        except BaseException as error:
            self._undo(error)
            raise
        return self._outcome

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is None:
            try:
                self._wire.execute("RELEASE command")
            except BaseException as late:
                self._undo(late)
                raise
        else:
            self._undo(error)
            return
        batch = self._batch
        door = batch.join(self._outcome)
        self._gate.leave(batch)
        self._gate.wait_for(batch, door)

    def _undo(self, error: BaseException) -> None:
        batch = self._batch
        # What it has seen of the commands before it is not on the disk yet: neither the first answer of a key that came
        # again, nor a refusal, may go out before them.
        door = batch.watch() if batch.members and isinstance(error, Exception) else None
        try:
            self._gate.undo(batch, self._wire, error)
        finally:
            # Whatever happens here, the gate must not stay shut.
            self._gate.leave(batch)
        if isinstance(error, sqlite3.Error):
            raise self._gate.told(error) from error
        if door is not None:
            self._gate.wait_for(batch, door)


def _known(heads: Heads) -> Heads:
    return {unit_id: row for unit_id, row in heads.items() if row is not None}
