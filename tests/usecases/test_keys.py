"""The same key gives the same answer, stored with the command itself: nothing between done and remembered."""

from __future__ import annotations

import pytest
from city import City
from cityfixtures import both_engines
from races import crowd
from rows import broken_promises, count, dump
from sqlalchemy.exc import OperationalError

from server.domain.errors import Refusal
from server.store import idempotency, tables
from server.store.idempotency import Key

KEY = Key("device:kiosk", "toque-1", "f" * 64)


@both_engines
def test_the_same_answer_to_the_letter(city: City):
    """Even after the ticket has moved on: the kiosk is told what it was told."""
    first = city.issue(key=KEY)
    city.open("ana.martins", "centro-1")
    city.act("ana.martins", "finish", city.call_next("ana.martins", "centro-1")["ticket"]["id"])
    city.clock.advance(hours=3)
    before = dump(city.store.engine)
    assert city.issue(key=KEY) == first
    assert dump(city.store.engine) == before


@both_engines
def test_eight_at_once(city: City):
    """Eight threads, one key: one ticket."""
    kiosk = city.device("kiosk")
    found = crowd(lambda _: city.issue(by=kiosk, key=KEY), 8)
    assert len({ticket["id"] for ticket in found}) == 1
    assert count(city.store.engine, tables.ticket) == 1
    assert count(city.store.engine, tables.print_job) == 1
    assert broken_promises(city.store.engine) == []


def test_another_sender_is_another_key(city: City):
    """Keys of different senders never meet."""
    first, second = city.issue(key=KEY), city.issue(key=KEY._replace(sender="device:other"))
    assert first["label"] != second["label"]


def test_another_request_under_it(city: City):
    """Refused, and the first answer is still there."""
    first = city.issue(key=KEY)
    with pytest.raises(Refusal, match="idempotency_key_reused"):
        city.issue("itbi", key=KEY._replace(fingerprint="0" * 64))
    assert city.issue(key=KEY) == first


def test_a_refusal_is_not_kept(city: City):
    """Closed now, open later: the same key is tried anew."""
    city.clock.advance(hours=-2)  # 07:00
    with pytest.raises(Refusal, match="unit_closed"):
        city.issue(key=KEY)
    city.clock.advance(hours=2)
    assert city.issue(key=KEY)["label"] == "A001"


@both_engines
def test_all_or_nothing(city: City, monkeypatch):
    """It breaks between the command and its memory: neither is there, and the retry does both."""
    real = idempotency.keep

    def broken(*_: object) -> None:
        raise OperationalError("INSERT", None, OSError("disk full"))

    before = dump(city.store.engine)
    monkeypatch.setattr(idempotency, "keep", broken)
    with pytest.raises(OperationalError):
        city.issue(key=KEY)
    assert dump(city.store.engine) == before
    monkeypatch.setattr(idempotency, "keep", real)
    assert city.issue(key=KEY)["label"] == "A001"


def test_a_call_under_a_key(city: City):
    """The second press of the same button brings nobody else, even if the first one was finished meanwhile."""
    city.open("ana.martins", "centro-1")
    for _ in range(2):
        city.issue()
        city.clock.advance(1)
    key = Key("staff:ana", "proxima-1", "f")
    first = city.call_next("ana.martins", "centro-1", key)
    assert city.call_next("ana.martins", "centro-1", key) == first
    city.act("ana.martins", "finish", first["ticket"]["id"])
    assert city.call_next("ana.martins", "centro-1", key) == first
    assert city.call_next("ana.martins", "centro-1")["ticket"]["label"] == "A002"
