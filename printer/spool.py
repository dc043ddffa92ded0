"""The agent's memory on disk: what was sent to which printer survives a crash, a kill -9 and a power cut.

SQLite in WAL mode. The move to `sending` is on disk (fsync) before the first byte leaves, so that after any
accident the spool knows of every ticket that may be on paper; `key` (ticket:copy) is unique, so that none
is printed twice.
"""

from __future__ import annotations

import contextlib
import json
import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from printer.job import FINAL, Event, State, advance

log = logging.getLogger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    key TEXT PRIMARY KEY, id TEXT NOT NULL, station TEXT NOT NULL, state TEXT NOT NULL, cause TEXT,
    document TEXT NOT NULL, expires_at REAL NOT NULL, taken_at REAL NOT NULL, changed_at REAL NOT NULL,
    millimetres INTEGER, confirm_ms INTEGER, reported TEXT, lease INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS jobs_by_station ON jobs (station, taken_at);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
"""
_KEEP_SECONDS = 2 * 24 * 3600
_KEEP_JOBS = 5000


@dataclass(frozen=True)
class Job:
    """One row. Times in seconds since 1970, `expires_at` by the server's clock."""

    key: str
    id: str
    station: str
    state: State
    cause: str | None
    document: dict[str, Any]
    expires_at: float
    taken_at: float
    millimetres: int | None
    confirm_ms: int | None
    reported: str | None
    lease: int | None  # its number, told with each report: an older one is nobody's any more


_COLUMNS = (
    "key, id, station, state, cause, document, expires_at, taken_at, millimetres, confirm_ms, reported, lease"
)


class Spool:
    """One file; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._db = _open(path)
        self._durable = True

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    @contextlib.contextmanager
    def _write(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """One transaction; `durable` waits until it would survive a power cut."""
        with self._lock:
            if durable != self._durable:
                self._db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                self._durable = durable
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    # -- jobs ----------------------------------------------------------------------------------------------

    def take(
        self, station: str, job_id: str, key: str, document: dict[str, Any], expires_at: float,
        lease: int | None = None,
    ) -> Job:  # fmt: skip
        """Store a claimed job, or return the one that this key has already: the same key is the same
        ticket.

        It need not survive a power cut: nothing was sent yet, and the server gives the job out again.
        """
        now = time.time()
        with self._write(durable=False) as db:
            known = self._find(key)
            if known is None:
                db.execute(
                    "INSERT INTO jobs"
                    " (key, id, station, state, document, expires_at, taken_at, changed_at, lease)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (key, job_id, station, State.CLAIMED, json.dumps(document), expires_at, now, now, lease),
                )
            elif known.state is State.QUEUED:
                db.execute(
                    "UPDATE jobs SET state = ?, id = ?, lease = ? WHERE key = ?",
                    (State.CLAIMED, job_id, lease, key),
                )
            else:
                # The server did not hear how it ended: it will be told again.
                db.execute(
                    "UPDATE jobs SET id = ?, reported = NULL, lease = ? WHERE key = ?", (job_id, lease, key)
                )
            return self._must_find(key)

    def move(
        self, key: str, event: Event, cause: str | None = None, *, durable: bool = True,
        millimetres: int | None = None, confirm_ms: int | None = None,
    ) -> Job:  # fmt: skip
        """Let `event` happen to the job. Raises job.IllegalMove and changes nothing, KeyError for an
        unknown key.
        """
        with self._write(durable=durable) as db:
            state = advance(self._must_find(key).state, event)
            db.execute(
                "UPDATE jobs SET state = ?, cause = ?, changed_at = ?, confirm_ms = coalesce(?, confirm_ms),"
                " millimetres = coalesce(?, millimetres) WHERE key = ?",
                (state, cause, time.time(), confirm_ms, millimetres, key),
            )
            return self._must_find(key)

    def drop(self, key: str) -> None:
        """Forget a job that the server has given to somebody else."""
        with self._write() as db:
            db.execute("DELETE FROM jobs WHERE key = ?", (key,))

    def reported(self, key: str, state: str) -> None:
        """The server knows of `state`."""
        with self._write(durable=False) as db:
            db.execute("UPDATE jobs SET reported = ? WHERE key = ?", (state, key))

    def recover(self) -> list[Job]:
        """After a start: what was under way goes back to queued if nothing was sent, to unknown otherwise."""
        with self._write() as db:
            broken = db.execute(
                f"SELECT {_COLUMNS} FROM jobs WHERE state NOT IN (?, ?, ?, ?, ?)",  # noqa: S608 -- constant columns
                (*FINAL, State.QUEUED, State.UNKNOWN),
            ).fetchall()
            for row in map(_job, broken):
                state = advance(row.state, Event.LEASE_LOST)
                cause = "no_answer" if state is State.UNKNOWN else None
                db.execute(
                    "UPDATE jobs SET state = ?, cause = ?, reported = NULL, changed_at = ? WHERE key = ?",
                    (state, cause, time.time(), row.key),
                )
            return [self._must_find(_job(row).key) for row in broken]

    def queued(self, station: str) -> list[Job]:
        """Return the jobs of `station` that wait to be printed, oldest first."""
        return self._select("station = ? AND state = ? ORDER BY taken_at, rowid", station, State.QUEUED)

    def unreported(self, station: str) -> list[Job]:
        """Return ended jobs of `station` whose end the server has not heard of, oldest first."""
        return self._select(
            "station = ? AND state IN (?, ?, ?) AND reported IS NOT state ORDER BY changed_at",
            station,
            State.PRINTED,
            State.UNKNOWN,
            State.EXPIRED,
        )

    def find(self, key: str) -> Job | None:
        """Return the job with this key, if any."""
        with self._lock:
            return self._find(key)

    def latest(self, count: int) -> list[Job]:
        """Return the latest jobs of all stations, newest first."""
        return self._select("1 ORDER BY taken_at DESC, rowid DESC LIMIT ?", count)

    def counts(self) -> dict[str, int]:
        """Return how many jobs there are in each state."""
        with self._lock:
            return dict(self._db.execute("SELECT state, count(*) FROM jobs GROUP BY state").fetchall())

    def confirm_times(self, last: int = 200) -> list[int]:
        """Return the latest confirmation times, in milliseconds, for the 95th percentile."""
        with self._lock:
            rows = self._db.execute(
                "SELECT confirm_ms FROM jobs WHERE state = ? AND confirm_ms IS NOT NULL"
                " ORDER BY changed_at DESC LIMIT ?", (State.PRINTED, last),
            )  # fmt: skip
            return [row[0] for row in rows]

    def prune(self) -> None:
        """Drop what ended two days ago, and the oldest beyond a few thousand."""
        with self._write(durable=False) as db:
            ended = "state IN (?, ?, ?, ?) AND reported = state"
            states = (*FINAL, State.UNKNOWN)
            old = time.time() - _KEEP_SECONDS
            db.execute(f"DELETE FROM jobs WHERE {ended} AND changed_at < ?", (*states, old))  # noqa: S608
            db.execute(
                f"DELETE FROM jobs WHERE {ended} AND rowid <= (SELECT max(rowid) FROM jobs) - ?",  # noqa: S608
                (*states, _KEEP_JOBS),
            )

    def _select(self, where: str, *values: Any) -> list[Job]:
        query = f"SELECT {_COLUMNS} FROM jobs WHERE {where}"  # noqa: S608 -- constant text of this file
        with self._lock:
            return [_job(row) for row in self._db.execute(query, values)]

    def _find(self, key: str) -> Job | None:
        row = self._db.execute(f"SELECT {_COLUMNS} FROM jobs WHERE key = ?", (key,)).fetchone()  # noqa: S608
        return _job(row) if row else None

    def _must_find(self, key: str) -> Job:
        job = self._find(key)
        if job is None:
            raise KeyError(key)
        return job

    # -- facts about printers ------------------------------------------------------------------------------

    def fact(self, name: str, default: str = "") -> str:
        """Return a remembered fact."""
        with self._lock:
            row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
            return str(row[0]) if row else default

    def remember(self, name: str, value: str) -> None:
        """Remember a fact."""
        with self._write(durable=False) as db:
            db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def add_millimetres(self, printer: str, millimetres: int) -> int:
        """Count paper that `printer` has used; return what the present roll has given."""
        with self._lock:
            total = self.roll_millimetres(printer) + millimetres
            self.remember(f"roll:{printer}", str(total))
            return total

    def roll_millimetres(self, printer: str) -> int:
        """Return the paper used since the operator put in a new roll."""
        return int(self.fact(f"roll:{printer}", "0"))

    def new_roll(self, printer: str) -> None:
        """The operator has put in a new roll."""
        self.remember(f"roll:{printer}", "0")


def _open(path: Path) -> sqlite3.Connection:
    """Open the file; a damaged one is put aside, because an agent that does not start prints nothing at
    all.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _connect(path)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise  # locked, read-only, disk full: the file is not to blame
        aside = path.with_name(f"{path.name}.damaged-{int(time.time())}")
        log.exception("a fila local %s está danificada e foi guardada como %s", path, aside.name)
        path.replace(aside)
        for leftover in ("-wal", "-shm"):
            path.with_name(path.name + leftover).unlink(missing_ok=True)
        return _connect(path)


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.executescript(_SCHEMA)
        if "lease" not in {row[1] for row in db.execute("PRAGMA table_info(jobs)")}:
            db.execute("ALTER TABLE jobs ADD COLUMN lease INTEGER")  # a file of an older agent
    except sqlite3.DatabaseError:
        db.close()
        raise
    return db


def _job(row: tuple[Any, ...]) -> Job:
    key, job_id, station, state, cause, document, *rest = row
    return Job(key, job_id, station, State(state), cause, json.loads(document), *rest)
