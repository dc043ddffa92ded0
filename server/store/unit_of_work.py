"""Locking, in prose before code.

* Every command runs in one transaction that first locks its unit: PostgreSQL by ``SELECT … FOR NO KEY UPDATE`` on the
  unit's row, SQLite by ``BEGIN IMMEDIATE``. One unit is serial, units run in parallel (on PostgreSQL).
* The journal's next ``seq`` is taken from the locked row, so numbers are dense and a reader that has seen N can never
  find a late N-1 (an auto-increment id would lose events of slow commits).
* Each write of a ticket repeats the state it expects (``WHERE id = … AND state = …``); the lock makes that always true,
  the guard makes it proven.
* Only this file writes a unit's row: its head (``seq``, ``chain``) once per transaction, other columns by
  ``Work.set_unit``. A row that is written past it would be overwritten, or not be seen.
* In one process SQLite's writers share commits and queue at a gate of ours: ``group_commit`` says how and why. On
  PostgreSQL those of one unit queue before they take a connection: a unit that is stuck must not keep them all.
* After the commit, and only then, the bell is rung with what was recorded.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Any

from sqlalchemy import Connection, Engine, Row, bindparam, insert, select, update
from sqlalchemy.exc import TimeoutError

from server.domain.chain import link
from server.domain.errors import Refusal
from server.store import printjobs, series
from server.store.engine import open_engine
from server.store.glances import Found, Glances
from server.store.group_commit import Bell, EachCommit, GroupCommit, Heads, Outcome
from server.store.journal import text_of
from server.store.prepared import Prepared
from server.store.sqlite_begin import begin
from server.store.tables import journal, unit
from server.store.types import JsonText
from server.store.work import Head, Work

_UNIT = select(unit).where(unit.c.id == bindparam("unit_id"))
_FOUND_UNIT = Prepared(_UNIT)
_LOCKED_UNIT = Prepared(_UNIT.with_for_update(key_share=True))
_HEAD = (
    update(unit)
    .where(unit.c.id == bindparam("unit_id"))
    .values(seq=bindparam("new_seq"), chain=bindparam("new_chain"))
)
_ENTRY = insert(journal).values(
    {name: bindparam(name) for name in ("unit", "seq", "at", "type", "ticket", "hash")}
    | {"data": bindparam("data", type_=JsonText())}
)
_SET_HEAD = Prepared(_HEAD)
_RECORD = Prepared(_ENTRY)
# PostgreSQL: the last entry and the unit's new head in one round trip.
_RECORD_AND_SET_HEAD = Prepared(_HEAD.add_cte(_ENTRY.cte("entry")))


MOST_TURNS = 1000
TURN_SECONDS = 10  # as long as PostgreSQL itself waits for a lock (``engine``)
Revision = tuple[int, int]
"""How often others have written, and we."""


class StaleUnitError(Exception):
    """A unit's row went on while a transaction held an older reading of it: its lock was missing. A defect of ours."""


def flush(work: Work) -> Head | None:
    """Called by the store at a command's end. On SQLite it returns how the unit stands now, to be written with the
    commit (``_write_heads``); or else it writes the journal and the unit's row itself, and returns None."""
    entries = (*work.head.entries, *work.recorded)
    head = Head(work.unit, work.seq, work.head.chain, entries, work.jobs, work.series, work.lanes)
    if not work.changes and work.connection.dialect.name == "sqlite":
        return head
    series.write(work.connection, work.unit.id, head.series)
    printjobs.write(work.connection, head.jobs)
    rows = _journal_rows(head)
    if not work.changes:
        *earlier, last = rows
        _RECORD.run_many(work.connection, earlier)
        new = {"unit_id": work.unit.id, "new_seq": head.seq, "new_chain": last["hash"]}
        _RECORD_AND_SET_HEAD.run(work.connection, last | new)
        return None
    _RECORD.run_many(work.connection, rows)
    values = work.changes | {"seq": head.seq, "chain": rows[-1]["hash"] if rows else head.chain}
    # A command without an event is not stopped by the journal's key: the guard keeps its old head from winning.
    here = (unit.c.id == work.unit.id, unit.c.seq <= head.seq)
    if work.connection.execute(update(unit).where(*here).values(**values)).rowcount != 1:
        raise StaleUnitError(work.unit.id)
    return None


def _journal_rows(head: Head) -> list[dict[str, Any]]:
    """The rows of what is not yet written, each with its hash."""
    rows: list[dict[str, Any]] = []
    chain = head.chain
    for e in head.entries:
        text = text_of(e.data)
        chain = link(chain, e, text)
        row = {"unit": e.unit, "seq": e.seq, "at": e.at, "type": e.type, "ticket": e.data.get("ticket")}
        rows.append(row | {"data": text, "hash": chain})
    return rows


def _write_heads(connection: Connection, heads: Heads) -> None:
    """SQLite: once for all commands of a transaction, the journal's entries and where each unit stands."""
    for unit_id, head in heads.items():
        rows = _journal_rows(head)
        if rows:
            _RECORD.run_many(connection, rows)
            _SET_HEAD.run(
                connection, {"unit_id": unit_id, "new_seq": head.seq, "new_chain": rows[-1]["hash"]}
            )
        series.write(connection, unit_id, head.series)
        printjobs.write(connection, head.jobs)


class Store:
    """The database, and the only place that commits."""

    def __init__(self, url: str) -> None:
        self.engine: Engine = open_engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._turns: dict[str, threading.Lock] = {}  # PostgreSQL: of each unit
        self._writes = 0  # transactions of ``write`` that have ended
        self._commits = (GroupCommit if self.is_sqlite else EachCommit)(self.engine, _write_heads)
        self._glances = Glances(self.engine)
        self._reading = self.engine.execution_options(vez_begin="")
        self._snapshot = (
            self._reading
            if self.is_sqlite
            else self.engine.execution_options(isolation_level="REPEATABLE READ")
        )

    def on_commit(self, bell: Bell) -> None:
        """Ring ``bell`` with the events of each commit, in order, once they are on the disk."""
        self._commits.bell = bell

    def lock_unit(self, unit_id: str) -> AbstractContextManager[Work]:
        """One guarded transaction on one unit. Raises ``Refusal('unknown_unit')``; any exception rolls all back."""
        return _LockedUnit(
            self._commits.transaction(), unit_id, None if self.is_sqlite else self._turn(unit_id)
        )

    def _turn(self, unit_id: str) -> threading.Lock:
        if len(self._turns) > MOST_TURNS:
            self._turns.clear()  # of units that were only asked for; the database's lock guards the others all the same
        return self._turns.setdefault(unit_id, threading.Lock())

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction for what belongs to no unit's queue: accounts, sessions, devices, the audit."""
        try:
            with self._commits.transaction() as outcome:
                yield outcome.connection
        finally:
            self._writes += 1

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent snapshot for reading; nothing may be written in it."""
        with self._snapshot.connect() as connection:
            if self.is_sqlite:
                # By hand: prepared statements go past SQLAlchemy's own beginning.
                begin(connection, "BEGIN")
            try:
                yield connection
                if not self.is_sqlite:
                    # Not a rollback: after one psycopg throws away every statement that the connection has prepared.
                    connection.commit()
            finally:
                if self.is_sqlite:
                    connection.connection.rollback()

    def glance(self, question: Callable[[Connection], Found]) -> Found:
        """What one single prepared statement finds: no snapshot is opened around it."""
        return self._glances.ask(question)

    def revision(self) -> Revision | None:
        """SQLite: stays the same as long as no other process has written, and nothing was written by ``write`` here.
        None when that cannot be told: on PostgreSQL, and while a command is at work."""
        others = self._commits.revision()
        return None if others is None else (others, self._writes)

    def tidy(self) -> None:
        """SQLite: fold the write-ahead log into the database as far as no reader needs it, and help the stranded."""
        self._commits.rescue()
        if self.is_sqlite:
            with self._reading.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")

    def dispose(self) -> None:
        """Close every connection."""
        self._glances.close()
        self._commits.close()
        self.engine.dispose()


class _LockedUnit:
    """A class, not a generator: every press of a button passes here."""

    __slots__ = ("_outcome", "_transaction", "_turn", "_unit_id", "_work")

    def __init__(
        self, transaction: AbstractContextManager[Outcome], unit_id: str, turn: threading.Lock | None
    ) -> None:
        self._transaction = transaction
        self._unit_id = unit_id
        self._turn = turn

    def __enter__(self) -> Work:
        if self._turn is None:
            return self._enter()
        if not self._turn.acquire(timeout=TURN_SECONDS):
            raise TimeoutError(f"unit {self._unit_id}: those before us have not ended in time")
        try:
            return self._enter()
        except BaseException:
            self._turn.release()
            raise

    def _enter(self) -> Work:
        self._outcome = outcome = self._transaction.__enter__()
        try:
            # What an earlier command of the same transaction has left need not be read again (SQLite: group_commit).
            head = outcome.heads.get(self._unit_id) or _locked(outcome.connection, self._unit_id)
        except BaseException as error:
            self._transaction.__exit__(type(error), error, error.__traceback__)
            raise
        self._work = Work.on(outcome.connection, head)
        return self._work

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._exit(kind, error, trace)
        finally:
            if self._turn is not None:
                self._turn.release()

    def _exit(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            try:
                work = self._work
                if work.recorded or work.changes:
                    self._outcome.left = {self._unit_id: flush(work)}
                self._outcome.recorded = work.recorded
            except BaseException as late:
                self._transaction.__exit__(type(late), late, late.__traceback__)
                raise
        self._transaction.__exit__(kind, error, trace)


def _locked(connection: Connection, unit_id: str) -> Head:
    row = _LOCKED_UNIT.one_or_none(connection, {"unit_id": unit_id})
    if row is None:
        raise Refusal("unknown_unit", unit=unit_id)
    return Head.of(row)


def find_unit(connection: Connection, unit_id: str) -> Row[Any]:
    """The unit's row, unlocked. Raises ``Refusal('unknown_unit')``."""
    row = _FOUND_UNIT.one_or_none(connection, {"unit_id": unit_id})
    if row is None:
        raise Refusal("unknown_unit", unit=unit_id)
    return row


def all_units(connection: Connection) -> Sequence[Row[Any]]:
    """Every unit, in the order of the screens."""
    return connection.execute(select(unit).order_by(unit.c.position, unit.c.id)).all()


def unit_heads(connection: Connection) -> dict[str, int]:
    """The latest journal number of each unit: what the relay compares its own place with."""
    return {row.id: int(row.seq) for row in connection.execute(select(unit.c.id, unit.c.seq))}
