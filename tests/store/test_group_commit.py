"""Commands that share a commit: each all or nothing, none told of success before the disk has it."""

from __future__ import annotations

import sqlite3
import threading
from typing import Any

import pytest
from city import City
from races import crowd
from rows import broken_promises, count, dump
from shared_commit import ISSUE, Held, behind, full_disk, gate_of, issue
from sqlalchemy.exc import DBAPIError, OperationalError
from waiting import wait_until

from server.domain.errors import Refusal
from server.domain.events import Event
from server.domain.numbering import SeriesState
from server.store import group_commit, lanes, printjobs, series, tables
from server.store.group_commit import GroupCommit
from server.store.unit_of_work import flush
from server.usecases import visitors


@pytest.fixture
def gate(city: City) -> GroupCommit:
    """The gate of the city's SQLite."""
    return gate_of(city)


def commits(city: City, gate: GroupCommit, monkeypatch: Any) -> list[int]:
    """How many members each commit had, as they happen."""
    sizes: list[int] = []
    real = GroupCommit._settle

    def settle(self: GroupCommit, batch: Any) -> None:
        sizes.append(batch.members)
        real(self, batch)

    monkeypatch.setattr(GroupCommit, "_settle", settle)
    return sizes


def refuse(city: City) -> None:
    """A command that writes, and then is refused."""
    with city.store.lock_unit("centro") as work:
        work.record(Event("unit.changed", city.clock(), {"what": "refused"}))
        work.set_unit(name="never")
        flush(work)
        raise Refusal("conflict")


def test_a_refusal_touches_nobody_else(city, gate, monkeypatch):
    """Three share a transaction, the second is refused: the first and the third are there, of the second nothing."""
    kiosk, sizes = city.device("kiosk"), commits(city, gate, monkeypatch)

    held = Held(city)
    acts = (lambda: issue(city, kiosk), lambda: refuse(city))
    threads, results = behind(city, gate, *acts, lambda: issue(city, kiosk))
    assert held.end() is None
    for thread in threads:
        thread.join(30)
    assert sorted(str(result) for result in results) == ["A001", "A002", "conflict"]
    assert broken_promises(city.store.engine) == []
    text = str(dump(city.store.engine))
    assert "refused" not in text
    assert "never" not in text
    assert sum(sizes) == 3


def test_a_commit_that_fails_fails_for_all_in_it(city, gate):
    """The disk is full at the commit: everybody in it is told so, nothing is there, and the next command works."""
    kiosk = city.device("kiosk")
    before = dump(city.store.engine)
    with full_disk():
        held = Held(city)
        threads, results = behind(city, gate, *[lambda: issue(city, kiosk)] * 3)
        assert isinstance(held.end(), OperationalError)
        for thread in threads:
            thread.join(30)
    assert all(isinstance(result, OperationalError) for result in results), results
    assert dump(city.store.engine) == before
    assert issue(city, kiosk) == "A001"
    assert broken_promises(city.store.engine) == []


def test_a_transaction_that_breaks_under_others(city, gate):
    """SQLite rolled the whole transaction back under the second one: the first, who had finished, is told as well."""
    before = dump(city.store.engine)
    kiosk = city.device("kiosk")

    def breaks() -> None:
        with city.store.lock_unit("centro") as work:
            wire = work.connection.connection.driver_connection
            wire.execute("ROLLBACK")  # what a full disk does
            raise DBAPIError.instance(
                "INSERT",
                None,
                sqlite3.OperationalError("disk"),
                sqlite3.Error,
                dialect=city.store.engine.dialect,
            )

    held = Held(city)
    threads, results = behind(city, gate, breaks, lambda: issue(city, kiosk))
    first = held.end()
    for thread in threads:
        thread.join(30)
    assert isinstance(results[0], OperationalError)
    assert isinstance(first, OperationalError | None)
    kept = dump(city.store.engine)
    if first is not None and isinstance(results[1], OperationalError):
        assert kept == before
    assert count(city.store.engine, tables.ticket) == (0 if isinstance(results[1], Exception) else 1)
    assert broken_promises(city.store.engine) == []
    assert issue(city, kiosk) in ("A001", "A002")


def test_the_bell_rings_once_in_order_after_the_commit(city, gate):
    """Screens hear of nothing that could still be lost, and of all in the order of the journal."""
    rung: list[int] = []

    def bell(recorded: Any) -> None:
        with city.store.read() as connection:
            known = connection.exec_driver_sql("SELECT seq FROM unit WHERE id = 'centro'").scalar_one()
        for event in recorded:
            assert event.seq <= known, "rung before it was committed"
            rung.append(event.seq)

    city.store.on_commit(bell)
    kiosk = city.device("kiosk")
    crowd(lambda _: [issue(city, kiosk) for _ in range(10)], 6)
    assert rung == list(range(1, 61))


def test_many_share_few_commits(city, gate, monkeypatch):
    """The point of it: those who wait together are written together."""
    kiosk, sizes = city.device("kiosk"), commits(city, gate, monkeypatch)
    held = Held(city)
    threads, results = behind(city, gate, *[lambda: issue(city, kiosk)] * 6)
    held.end()
    for thread in threads:
        thread.join(30)
    assert sorted(results) == [f"A00{n}" for n in range(1, 7)]
    assert len(sizes) < 7
    assert sum(sizes) == 7


def test_somebody_dies_at_the_gate(city, gate):
    """A green thread was killed while it waited: whoever counted on it to commit does so itself, within seconds."""
    gate._waiting += 1  # somebody who will never come
    try:
        assert issue(city, city.device("kiosk")) == "A001"
    finally:
        gate._waiting -= 1
    assert broken_promises(city.store.engine) == []


@pytest.mark.parametrize("who", ["the next command", "the ticker"])
def test_a_leader_dies_and_its_followers_are_saved(city, gate, monkeypatch, who):
    """Who was to commit is gone with its thread: somebody else does it, and nobody waits for ever."""
    kiosk = city.device("kiosk")
    batch, _, _ = gate.enter()
    batch.led = True  # its leader dies here, and leaves the gate open
    gate._gate.release()
    labels: list[str] = []
    followers = [
        threading.Thread(target=lambda: labels.append(issue(city, kiosk)), daemon=True) for _ in range(2)
    ]
    for follower in followers:
        follower.start()
    wait_until(lambda: batch.members == 2, 10, "both have joined")
    assert labels == []
    monkeypatch.setattr(group_commit, "ORPHAN_SECONDS", 0.0)
    if who == "the ticker":
        city.store.tidy()
    else:
        assert issue(city, kiosk) == "A003"
    for follower in followers:
        follower.join(10)
    assert sorted(labels) == ["A001", "A002"], "somebody still waits for the dead"
    assert broken_promises(city.store.engine) == []


def test_a_refusal_takes_its_number_back(city, gate):
    """Commands of one transaction pass on where the series and the queue stand; what is refused passes on nothing."""
    kiosk = city.device("kiosk")

    def refused() -> None:
        with city.store.lock_unit("centro") as work:
            series.put(work, "A", SeriesState(500, 500, 0))
            lanes.now(work)
            raise Refusal("conflict")

    held = Held(city)
    threads, results = behind(city, gate, *[lambda: issue(city, kiosk), refused] * 3)
    assert held.end() is None
    for thread in threads:
        thread.join(30)
    assert sorted(str(result) for result in results) == ["A001", "A002", "A003", *["conflict"] * 3]
    assert issue(city, kiosk) == "A004"
    with city.store.read() as connection:
        assert sum(lanes.counts(connection, "centro").values()) == 4
    assert broken_promises(city.store.engine) == []


def test_a_ticket_called_in_the_commit_that_issues_it_is_not_printed(city, gate):
    """Its job is not written yet when the call comes: it ends all the same, and only once."""
    with city.store.lock_unit("centro") as work:
        view = visitors._issue(city.house, city.device("kiosk"), work, ISSUE)
        printjobs.expire_for_ticket(work, view["ticket"]["id"], city.clock())
    with city.store.read() as connection:
        (job,) = printjobs.of_ticket(connection, view["ticket"]["id"])
    assert (job.id, job.state) == (view["print_job"]["id"], "expired")


def test_who_asks_for_the_revision_waits_for_no_writer(city, gate):
    """A reader's question beside a command that takes its time, or whose disk does."""
    before = city.store.revision()
    held = Held(city)
    assert city.store.revision() is None
    assert held.end() is None
    assert city.store.revision() == before, "what we write ourselves to a queue ends no session"


def test_an_error_while_undoing_leaves_the_gate_open(city, gate, monkeypatch):
    """The disk fails at the rollback of a command: nothing of the transaction is kept, and the next one works."""

    class Wire:
        def __init__(self, wire: Any) -> None:
            self._wire = wire

        def execute(self, statement: str) -> Any:
            if statement.startswith("ROLLBACK TO"):
                raise sqlite3.OperationalError("disk I/O error")
            return self._wire.execute(statement)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._wire, name)

    before = dump(city.store.engine)
    wire = group_commit.wire_of
    monkeypatch.setattr(group_commit, "wire_of", lambda connection: Wire(wire(connection)))
    with pytest.raises(Refusal):
        refuse(city)
    monkeypatch.setattr(group_commit, "wire_of", wire)
    assert dump(city.store.engine) == before
    done = threading.Event()
    kiosk = city.device("kiosk")
    threading.Thread(target=lambda: (issue(city, kiosk), done.set()), daemon=True).start()
    assert done.wait(10), "the gate is still shut"
    assert broken_promises(city.store.engine) == []
