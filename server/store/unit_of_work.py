"""Locking, in prose before code.

* Every command runs in one transaction that first locks its unit: PostgreSQL by ``SELECT … FOR NO KEY UPDATE`` on the
  unit's row, SQLite by ``BEGIN IMMEDIATE``. One unit is serial, units run in parallel (on PostgreSQL).
* The journal's next ``seq`` is taken from the locked row, so numbers are dense and a reader that has seen N can never
  find a late N-1 (an auto-increment id would lose events of slow commits).
* Each write of a ticket repeats the state it expects (``WHERE id = … AND state = …``); the lock makes that always true,
  the guard makes it proven.
* Only this file writes a unit's row: its head (``seq``, ``chain``) once per transaction, other columns by
  ``Work.set_unit``. A row that is written past it would be overwritten, or not be seen.
* In one process SQLite's writers share commits and queue at a gate of ours: ``group_commit`` says how and why.
* After the commit, and only then, the bell is rung with what was recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Row, bindparam, insert, select, update

from server.domain.chain import link
from server.domain.errors import Refusal
from server.store import series
from server.store.engine import open_engine
from server.store.glances import Found, Glances
from server.store.group_commit import Bell, EachCommit, GroupCommit, Heads, begin
from server.store.journal import text_of
from server.store.prepared import Prepared
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


class StaleUnitError(Exception):
    """A unit's row went on while a transaction held an older reading of it: its lock was missing. A defect of ours."""


def flush(work: Work) -> Head | None:
    """Write the journal's rows; called by the store at a command's end.

    Returns None when the unit's row is written too, or else (SQLite) its head as it stands now: commands that share a
    commit write it once.
    """
    chain, connection = work.head.chain, work.connection
    shares = connection.dialect.name == "sqlite" and not work.changes
    if not shares:
        series.write(connection, work.unit.id, work.series)
    for e in work.recorded:
        text = text_of(e.data)
        chain = link(chain, e, text)
        row = {"unit": e.unit, "seq": e.seq, "at": e.at, "type": e.type, "ticket": e.data.get("ticket")}
        row |= {"data": text, "hash": chain}
        if not shares and not work.changes and e is work.recorded[-1]:
            head = {"unit_id": e.unit, "new_seq": e.seq, "new_chain": chain}
            _RECORD_AND_SET_HEAD.run(connection, row | head)
            return None
        _RECORD.run(connection, row)
    if shares:
        return Head(work.unit, work.seq, chain, work.series, work.lanes)
    values = work.changes | {"seq": work.seq, "chain": chain}
    # A command without an event is not stopped by the journal's key: the guard keeps its old head from winning.
    here = (unit.c.id == work.unit.id, unit.c.seq <= work.seq)
    if connection.execute(update(unit).where(*here).values(**values)).rowcount != 1:
        raise StaleUnitError(work.unit.id)
    return None


def _write_heads(connection: Connection, heads: Heads) -> None:
    """Once for all commands of a transaction: its units' rows get their latest number and hash."""
    for unit_id, head in heads.items():
        _SET_HEAD.run(connection, {"unit_id": unit_id, "new_seq": head.seq, "new_chain": head.chain})
        series.write(connection, unit_id, head.series)


class Store:
    """The database, and the only place that commits."""

    def __init__(self, url: str) -> None:
        self.engine: Engine = open_engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
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

    @contextmanager
    def lock_unit(self, unit_id: str) -> Iterator[Work]:
        """One guarded transaction on one unit. Raises ``Refusal('unknown_unit')``; any exception rolls all back."""
        with self._commits.transaction() as outcome:
            # What an earlier command of the same transaction has left need not be read again (SQLite: group_commit).
            head = outcome.heads.get(unit_id) or _locked(outcome.connection, unit_id)
            work = Work.on(outcome.connection, head)
            yield work
            if work.recorded or work.changes:
                outcome.left = {unit_id: flush(work)}
            outcome.recorded = work.recorded

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction for what belongs to no unit's queue: accounts, sessions, devices, the audit."""
        with self._commits.transaction() as outcome:
            yield outcome.connection

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
