"""What one process writes to the others: told without the database, sealed, and never more than a hint."""

from __future__ import annotations

from typing import Any

import pytest

from server.domain.events import Recorded
from server.live import relay as relays
from server.live.neighbours import LONGEST_BYTES, Neighbours
from server.live.relay import Relay
from server.usecases import counters
from server.wire.events import Audience, event_view

ANA, ONE = "ana.martins", "centro-1"


class Ear:
    """A relay that only listens."""

    def __init__(self) -> None:
        self.heard: list[Recorded] = []
        self.wakes = 0

    def hear(self, events: list[Recorded]) -> None:
        """Events of another process."""
        self.heard += events

    def wake(self) -> None:
        """Something happened."""
        self.wakes += 1


class Wire:
    """Where the relay emits: keeps the numbers that Centro's public room was told."""

    def __init__(self) -> None:
        self.sent: list[int] = []

    def emit(self, event: str, data: Any, *, to: str, namespace: str) -> None:
        """As Socket.IO's."""
        if to == "unit:centro:public":
            self.sent.append(data["seq"])


def neighbour(ear: Any, key: str = "of this house") -> Neighbours:
    """One process of an installation; Redis is not asked."""
    return Neighbours("redis://127.0.0.1:1/0", ear, lambda _seconds: None, key)


@pytest.fixture
def committed(city) -> list[Recorded]:
    """What a short morning has committed: events of many kinds."""
    told: list[Recorded] = []
    city.store.on_commit(told.extend)
    city.issue()
    city.issue(tier="priority")
    counters.open_counter(city.house, city.who(ANA), city.unit, ONE)
    city.call_next(ANA, ONE)
    return told


def test_it_arrives_as_it_would_be_read_in_the_journal(city, committed):
    """Whatever the data holds: each audience is told the same by memory, by letter and by the journal."""
    ear = Ear()
    neighbour(ear).read(neighbour(Ear()).letter(committed))
    _, stored = relays.journal_since(city.house, city.unit, 0, 100)
    assert ear.heard == stored
    assert ear.wakes == 0
    for audience in Audience:
        views = [
            [event_view(event, "America/Sao_Paulo", audience) for event in events]
            for events in (committed, ear.heard, stored)
        ]
        assert views[0] == views[1] == views[2]


def test_another_process_is_told_without_a_question_to_the_database(city, committed, monkeypatch):
    """The relay sends it on from the letter; the journal is not read."""
    wire = Wire()
    relay = Relay(city.house, wire)
    relay._zone(city.unit)
    monkeypatch.setattr(relays, "journal_since", lambda *_: pytest.fail("the journal was read"))
    monkeypatch.setattr(relays, "LOOK_EVERY_SECONDS", 3600.0)
    neighbour(relay).read(neighbour(Ear()).letter(committed))
    relay.step(look=False)
    assert wire.sent == [event.seq for event in committed]


def test_a_letter_lost_on_the_way_is_filled_from_the_journal(city, committed, monkeypatch):
    """Of one unit only, and without a look at all the others."""
    wire = Wire()
    relay = Relay(city.house, wire)
    monkeypatch.setattr(relays, "unit_heads", lambda _connection: pytest.fail("all units were looked at"))
    monkeypatch.setattr(relays, "LOOK_EVERY_SECONDS", 3600.0)
    neighbour(relay).read(neighbour(Ear()).letter(committed[-1:]))
    relay.step(look=False)
    assert wire.sent == [event.seq for event in committed]


def test_a_foreign_letter_puts_no_word_on_a_screen(committed):
    """Another installation, somebody inside Redis, an older version: a reason to look, and nothing more."""
    ear = Ear()
    mine = neighbour(ear)
    real = neighbour(Ear()).letter(committed)
    for letter in (
        neighbour(Ear(), "of another house").letter(committed),
        real[:-1],
        real[:60] + b"X" + real[61:],
        real[:16] + b"\x00" * 32 + real[48:],
        b"0123456789abcdef centro",
        b"",
    ):
        mine.read(letter)
    assert (ear.heard, ear.wakes) == ([], 6)


def test_its_own_letter_comes_back_unread(committed):
    """Redis gives it to everybody who listens."""
    ear = Ear()
    mine = neighbour(ear)
    mine.read(mine.letter(committed))
    assert (ear.heard, ear.wakes) == ([], 0)


def test_what_is_too_long_for_a_letter_is_a_ring(committed):
    """A day that ends with thousands waiting."""
    ear = Ear()
    event = committed[0]
    long = Recorded(event.unit, event.seq, event.type, event.at, {"note": "x" * LONGEST_BYTES})
    letter = neighbour(Ear()).letter([long])
    assert len(letter) < 100
    neighbour(ear).read(letter)
    assert (ear.heard, ear.wakes) == ([], 1)
