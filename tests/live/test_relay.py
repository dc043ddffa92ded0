"""The relay by itself: it stumbles and goes on, it fills gaps from the journal, and it never sends backwards."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError, ProgrammingError
from waiting import wait_until

from server.live import relay as relays
from server.live.relay import Relay


class Wire:
    """Where the relay emits: keeps what the public room of Centro was told."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.orders: list[tuple[str, Any]] = []
        self.fail = 0

    def emit(self, event: str, data: Any, *, to: str, namespace: str) -> None:
        """As Socket.IO's."""
        if self.fail:
            self.fail -= 1
            raise OSError("the wire is down")
        if event == "event" and to == "unit:centro:public":
            self.events.append(data)
        if event == "orders":
            self.orders.append((to, data))

    def seqs(self) -> list[int]:
        """The numbers, in the order they were sent."""
        return [event["seq"] for event in self.events]


@pytest.fixture
def wire() -> Wire:
    """A wire of this test's own."""
    return Wire()


@pytest.fixture
def relay(city, wire) -> Relay:
    """A relay of this test's own, at the journal's present end; run by hand."""
    made = Relay(city.house, wire)
    city.store.on_commit(made.ring)
    made.start_here()
    return made


def test_what_is_rung_is_sent_in_order(city, relay, wire):
    """The usual case: straight from memory."""
    for _ in range(3):
        city.issue()
    relay.step(look=False)
    assert wire.seqs() == [1, 2, 3]


def test_a_lost_ring_is_found_in_the_journal(city, relay, wire):
    """Another process committed, and its ring was lost: the next look finds it."""
    city.store.on_commit(lambda _recorded: None)
    city.issue()
    relay.step(look=False)
    assert wire.seqs() == []
    relay.step(look=True)
    assert wire.seqs() == [1]


def test_a_gap_is_filled_before_going_on(city, relay, wire):
    """Number 3 was rung here, 1 and 2 elsewhere: they are sent first."""
    city.store.on_commit(lambda _recorded: None)
    city.issue()
    city.issue()
    city.store.on_commit(relay.ring)
    city.issue()
    relay.step(look=False)
    assert wire.seqs() == [1, 2, 3]


def test_rings_in_the_wrong_order(city, relay, wire):
    """Two threads commit 1 and 2, and ring 2 and 1."""
    rung: list[Any] = []
    city.store.on_commit(rung.append)
    city.issue()
    city.issue()
    relay.ring(rung[1])
    relay.ring(rung[0])
    relay.step(look=False)
    assert wire.seqs() == [1, 2]


def test_commits_in_the_middle_of_catching_up(city, relay, wire, monkeypatch):
    """What is committed between the look and the reading is sent once, not twice."""
    city.store.on_commit(lambda _recorded: None)
    city.issue()
    real = relays.journal_since

    def meanwhile(*arguments: Any) -> Any:
        if len(wire.events) == 0:
            city.issue()
        return real(*arguments)

    monkeypatch.setattr(relays, "journal_since", meanwhile)
    relay.step(look=True)
    relay.step(look=True)
    assert wire.seqs() == [1, 2]


def test_more_than_a_batch(city, relay, wire, monkeypatch):
    """Far behind: piece by piece until the end."""
    monkeypatch.setattr(relays, "BATCH", 4)
    city.store.on_commit(lambda _recorded: None)
    for _ in range(11):
        city.issue()
    relay.step(look=True)
    assert wire.seqs() == list(range(1, 12))


def test_a_restored_backup(city, relay, wire):
    """The journal is suddenly shorter: the relay goes on from its new end instead of waiting for old numbers."""
    for _ in range(5):
        city.issue()
    relay.step(look=False)
    with city.store.write() as connection:
        connection.exec_driver_sql("DELETE FROM journal WHERE seq > 2")
        connection.exec_driver_sql("UPDATE unit SET seq = 2 WHERE id = 'centro'")
    relay.step(look=True)
    with city.store.lock_unit("centro") as work:
        from server.domain.events import Event

        work.record(Event("unit.changed", city.clock(), {"what": "restored"}))
    relay.step(look=True)
    assert wire.seqs() == [1, 2, 3, 4, 5, 3]


def test_a_failing_wire_loses_nothing(city, relay, wire):
    """An emit fails in the middle: what was not sent is sent by the next round."""
    for _ in range(3):
        city.issue()
    wire.fail = 1
    with pytest.raises(OSError, match="wire"):
        relay.step(look=False)
    relay.step(look=True)
    assert wire.seqs() == [1, 2, 3]


def test_it_stumbles_over_the_database_and_goes_on(city, relay, wire, monkeypatch, caplog):
    """The database is away for a while: logged, still alive, and every event arrives."""
    real, broken = relays.unit_heads, threading.Event()

    def heads(connection: Any) -> Any:
        if not broken.is_set():
            broken.set()
            raise OperationalError("SELECT", None, OSError("server closed the connection"))
        return real(connection)

    monkeypatch.setattr(relays, "unit_heads", heads)
    monkeypatch.setattr(relays, "LOOK_EVERY_SECONDS", 0.05)
    city.store.on_commit(lambda _recorded: None)
    thread = threading.Thread(target=relay.run)
    thread.start()
    try:
        wait_until(broken.is_set, 5, "the stumble")
        city.issue()
        wait_until(lambda: wire.seqs() == [1], 5, "the event")
        assert relay.is_alive()
    finally:
        relay.stop()
        thread.join(5)
    assert not thread.is_alive()
    assert "the relay stumbled; it goes on" in caplog.text


def test_it_says_when_it_stands_still(city, relay, monkeypatch):
    """readyz learns of a relay that does not go round."""
    assert relay.is_alive()
    monkeypatch.setattr(relays, "STALE_AFTER_SECONDS", -1)
    assert not relay.is_alive()


def test_a_command_never_waits_for_the_wire(city, wire):
    """Whatever the wire does, ringing only appends: nobody emits in a request's thread."""
    relay = Relay(city.house, wire)
    city.store.on_commit(relay.ring)
    wire.fail = 10**6
    assert [city.issue()["label"] for _ in range(3)] == ["A001", "A002", "A003"]
    assert wire.fail == 10**6


def test_waiting_for_paper(city, relay):
    """A printer that waits is woken by the ticket's commit, not by the clock."""
    printer = city.device("printer").id
    woken = threading.Event()

    def wait() -> None:
        relay.wait_for_print_job(printer, 30)
        woken.set()

    thread = threading.Thread(target=wait)
    thread.start()
    try:
        wait_until(lambda: printer in relay._doorbells, 5)
        city.issue()
        relay.step(look=False)
        assert woken.wait(5)
    finally:
        relay._doorbells[printer].set()
        thread.join(5)


def test_orders_go_to_their_printer_alone_and_end_its_long_poll(city, relay, wire):
    """Pushed at once; an agent without a bell hears of them with the answer that it waits for."""
    from server.usecases import printers, printing
    from server.wire.requests import Claim

    agent, chief = city.device("printer"), city.who("supervisao.centro")
    city.house.wait_for_print_job = relay.wait_for_print_job
    heard: list[Any] = []
    thread = threading.Thread(target=lambda: heard.append(printing.claim(city.house, agent, Claim(wait=20))))
    thread.start()
    wait_until(lambda: agent.id in relay._doorbells, 5)
    printers.pause(city.house, chief, "centro", agent.id)
    relay.step(look=False)
    thread.join(5)
    paused = {"paused": True, "roll": None}
    assert wire.orders == [(f"device:{agent.id}", paused)]
    assert heard == [{"job": None, "orders": paused}]
    assert [event["data"] for event in wire.events] == [{}], "what staff order is no public matter"


def test_others_are_heard_between_our_own_rings(city, relay, wire, monkeypatch):
    """This process is busy all the time, another's ring was lost: the journal is looked at all the same."""
    from server.domain.events import Event

    monkeypatch.setattr(relays, "LOOK_EVERY_SECONDS", 0.0)
    city.store.on_commit(lambda _recorded: None)
    city.issue()
    city.store.on_commit(relay.ring)
    with city.store.lock_unit("lagoa") as work:
        work.record(Event("unit.changed", city.clock(), {"what": "busy"}))
    relay.step(look=False)
    assert wire.seqs() == [1]


def test_our_own_rings_need_no_look(city, relay, wire, monkeypatch):
    """What was committed here goes from memory to the wire; only another's ring sends us to the database."""
    looks: list[int] = []
    real = relays.unit_heads
    monkeypatch.setattr(relays, "unit_heads", lambda connection: looks.append(1) or real(connection))
    monkeypatch.setattr(relays, "LOOK_EVERY_SECONDS", 3600.0)
    relay.neighbours = lambda _recorded: None
    for _ in range(5):
        city.issue()
        relay.step(look=False)
    assert (wire.seqs(), looks) == ([1, 2, 3, 4, 5], [])
    relay.wake()
    relay.step(look=False)
    assert looks == [1]


class Away:
    """A database that does not answer, as long as it is wanted so."""

    def __init__(self, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.gone = True
        self._read = store.read
        monkeypatch.setattr(store, "read", self.read)

    def read(self) -> Any:
        """As the store's."""
        if self.gone:
            raise OperationalError("SELECT", None, OSError("the connection was refused"))
        return self._read()


def test_a_process_that_starts_while_the_database_is_away(city, wire, monkeypatch):
    """It starts, is not alive yet, and finds its place when the database answers: what was committed before that is for
    snapshots, what is committed from then on is told, by whomever."""
    city.issue()
    made = Relay(city.house, wire)
    city.store.on_commit(made.ring)
    away = Away(city.store, monkeypatch)
    made.start_here()
    assert not made.is_alive()
    with pytest.raises(OperationalError):
        made.find_place()  # asked by a screen that would come in
    away.gone = False
    made.find_place()
    assert made.is_alive()
    city.store.on_commit(lambda _recorded: None)  # another process, whose ring is lost
    city.issue()
    city.store.on_commit(made.ring)
    city.issue()
    made.step(look=True)
    assert wire.seqs() == [2, 3]


def test_what_is_rung_before_the_place_is_found_is_told(city, wire, monkeypatch):
    """The database is back, and somebody commits before the relay has looked: that is no older event."""
    city.issue()
    made = Relay(city.house, wire)
    away = Away(city.store, monkeypatch)
    made.start_here()
    away.gone = False
    city.store.on_commit(made.ring)
    city.issue()
    city.issue()
    made.step(look=False)
    made.step(look=True)
    assert wire.seqs() == [2, 3]


def test_a_bad_schema_is_said_at_the_start(city, wire, monkeypatch):
    """Only an absence is waited for."""

    def broken() -> Any:
        raise ProgrammingError("SELECT", None, Exception("relation unit does not exist"))

    monkeypatch.setattr(city.store, "read", broken)
    with pytest.raises(ProgrammingError):
        Relay(city.house, wire).start_here()
