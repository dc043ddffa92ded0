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
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine, Row, bindparam, insert, select, update

from server.domain.chain import link
from server.domain.errors import Refusal
from server.domain.events import Event, Recorded
from server.store.engine import open_engine
from server.store.glances import Found, Glances
from server.store.group_commit import Bell, EachCommit, GroupCommit, Heads, begin
from server.store.prepared import Prepared
from server.store.tables import journal, unit

_UNIT = select(unit).where(unit.c.id == bindparam("unit_id"))
_FOUND_UNIT = Prepared(_UNIT)
_LOCKED_UNIT = Prepared(_UNIT.with_for_update(key_share=True))
_HEAD = (
    update(unit)
    .where(unit.c.id == bindparam("unit_id"))
    .values(seq=bindparam("new_seq"), chain=bindparam("new_chain"))
)
_ENTRY = insert(journal).values(
    {name: bindparam(name) for name in ("unit", "seq", "at", "type", "ticket", "data", "hash")}
)
_SET_HEAD = Prepared(_HEAD)
_RECORD = Prepared(_ENTRY)
# PostgreSQL: the last entry and the unit's new head in one round trip.
_RECORD_AND_SET_HEAD = Prepared(_HEAD.add_cte(_ENTRY.cte("entry")))


class StaleUnitError(Exception):
    """A unit's row went on while a transaction held an older reading of it: its lock was missing. A defect of ours."""


@dataclass
class Work:
    """A locked unit inside an open transaction. Record events on it; leaving the ``with`` block commits."""

    connection: Connection
    unit: Row[Any]
    day: date  # the business day; closing the day inside this transaction moves it on
    recorded: list[Recorded] = field(default_factory=list)
    changes: dict[str, Any] = field(default_factory=dict)  # new values of the unit's own row

    @property
    def seq(self) -> int:
        """The number of the latest event, this transaction's included."""
        return self.recorded[-1].seq if self.recorded else int(self.unit.seq)

    def record(self, event: Event) -> Recorded:
        """Append to the unit's journal; the event gets its number now and becomes visible with the commit."""
        entry = Recorded(self.unit.id, self.seq + 1, event.type, event.at, event.data)
        self.recorded.append(entry)
        return entry

    def set_unit(self, **values: Any) -> None:
        """Change columns of the unit's row with this transaction."""
        self.changes |= values

    def flush(self) -> Any:
        """Write the journal's rows; called by the store at the command's end. Returns None when the unit's row is
        written too, or else (SQLite) that row as it stands now: commands that share a commit write its head once."""
        chain = self.unit.chain
        alone = not self.changes and self.connection.dialect.name != "sqlite"
        for e in self.recorded:
            chain = link(chain, e)
            row = {"unit": e.unit, "seq": e.seq, "at": e.at, "type": e.type, "ticket": e.data.get("ticket")}
            row |= {"data": e.data, "hash": chain}
            if alone and e is self.recorded[-1]:
                head = {"unit_id": e.unit, "new_seq": e.seq, "new_chain": chain}
                _RECORD_AND_SET_HEAD.run(self.connection, row | head)
                return None
            _RECORD.run(self.connection, row)
        if not self.changes:
            return self.unit._replace(seq=self.seq, chain=chain)
        values = self.changes | {"seq": self.seq, "chain": chain}
        # A command without an event is not stopped by the journal's key: the guard keeps its old head from winning.
        here = (unit.c.id == self.unit.id, unit.c.seq <= self.seq)
        if self.connection.execute(update(unit).where(*here).values(**values)).rowcount != 1:
            raise StaleUnitError(self.unit.id)
        return None


def _write_heads(connection: Connection, heads: Heads) -> None:
    """Once for all commands of a transaction: its units' rows get their latest number and hash."""
    for row in heads.values():
        _SET_HEAD.run(connection, {"unit_id": row.id, "new_seq": row.seq, "new_chain": row.chain})


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
            row = outcome.heads.get(unit_id) or _LOCKED_UNIT.one_or_none(
                outcome.connection, {"unit_id": unit_id}
            )
            if row is None:
                raise Refusal("unknown_unit", unit=unit_id)
            work = Work(outcome.connection, row, row.day)
            yield work
            if work.recorded or work.changes:
                outcome.left = {unit_id: work.flush()}
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
        """SQLite: fold the write-ahead log into the database as far as no reader needs it."""
        if self.is_sqlite:
            with self._reading.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")

    def dispose(self) -> None:
        """Close every connection."""
        self._glances.close()
        self._commits.close()
        self.engine.dispose()


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
