"""Nothing that was seen inside a shared commit goes out before the disk has it: no first answer, and no refusal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from city import City
from rows import count
from shared_commit import ISSUE, Held, behind, full_disk, gate_of, issue
from sqlalchemy.exc import OperationalError

from server.store import tables
from server.store.group_commit import GroupCommit
from server.store.idempotency import Key
from server.usecases import counters, visitors
from server.wire.requests import CallTicket


@pytest.fixture
def gate(city: City) -> GroupCommit:
    """The gate of the city's SQLite."""
    return gate_of(city)


@pytest.fixture
def no_room() -> Iterator[None]:
    """No commit succeeds any more."""
    with full_disk():
        yield


def tap(city: City, kiosk: Any) -> str:
    """The same tap, whoever delivers it."""
    answer, _ = visitors.issue(city.house, kiosk, city.unit, ISSUE, Key(kiosk.ref, "one-tap", "print"))
    return str(answer["ticket"]["label"])


def ended(threads: list[Any]) -> None:
    for thread in threads:
        thread.join(30)


def test_a_key_that_comes_again_waits_for_the_commit_of_its_first_answer(city, gate):
    """Usual case: both are told the same number, and it exists once."""
    kiosk = city.device("kiosk")
    held = Held(city)
    threads, results = behind(city, gate, *[lambda: tap(city, kiosk)] * 3)
    assert held.end() is None
    ended(threads)
    assert results == ["A001"] * 3
    assert count(city.store.engine, tables.ticket) == 1


def test_a_key_that_comes_again_is_not_told_of_what_never_reached_the_disk(city, gate, no_room):
    """The disk is full: not one of them gets a number."""
    kiosk = city.device("kiosk")
    held = Held(city)
    threads, results = behind(city, gate, *[lambda: tap(city, kiosk)] * 3)
    assert isinstance(held.end(), OperationalError)
    ended(threads)
    assert [type(result) for result in results] == [OperationalError] * 3
    assert count(city.store.engine, tables.ticket) == 0


@pytest.mark.parametrize("disk", ["fine", "full"])
def test_a_refusal_waits_for_what_it_is_about(city, gate, request, disk):
    """Two call one ticket in one commit. The second is too late; but if the commit fails it was not, and is told so."""
    seats = [
        (city.open("ana.martins", "centro-1"), "centro-1"),
        (city.open("bruno.silveira", "centro-2"), "centro-2"),
    ]
    wanted = CallTicket(ticket=city.issue()["id"], reason="mãe com bebê")
    if disk == "full":
        request.getfixturevalue("no_room")

    def call(who: Any, counter: str) -> str:
        return str(
            counters.call(city.house, who, city.unit, counter, wanted, "pt-BR", None)["ticket"]["label"]
        )

    held = Held(city)
    threads, results = behind(city, gate, *[lambda who=who, at=at: call(who, at) for who, at in seats])
    held.end()
    ended(threads)
    if disk == "fine":
        assert sorted(str(getattr(one, "code", one)) for one in results) == ["A001", "illegal_transition"]
    else:
        assert [type(result) for result in results] == [OperationalError] * 2


def test_whatever_the_commit_s_ending_raises_everybody_hears_it(city, gate, monkeypatch):
    """A defect of ours just before the commit: nobody is told of success, nothing rings, the next one works."""
    kiosk, rung = city.device("kiosk"), []
    city.store.on_commit(rung.append)

    def broken(*_: Any) -> None:
        raise TypeError("a defect")

    ending = gate._ending
    monkeypatch.setattr(gate, "_ending", broken)
    held = Held(city)
    threads, results = behind(city, gate, *[lambda: issue(city, kiosk)] * 2)
    assert isinstance(held.end(), TypeError)
    ended(threads)
    assert [type(result) for result in results] == [TypeError] * 2
    assert (count(city.store.engine, tables.ticket), rung) == (0, [])
    monkeypatch.setattr(gate, "_ending", ending)
    assert issue(city, kiosk) == "A001"
