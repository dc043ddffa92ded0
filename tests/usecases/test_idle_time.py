"""Idle time: since when a counter is open with nobody in hand, and how long it was when that ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from city import NO_WAITING, OPENING, City, change_unit, set_rules
from cityfixtures import both_engines
from rows import broken_promises
from sqlalchemy import select, update

from server.store import tables
from server.usecases import counters, endofday
from server.usecases.context import Json
from server.usecases.verification import verify_journal

ANA, BRUNO, CARLA, DIEGO = "ana.martins", "bruno.silveira", "carla.nogueira", "diego.ferreira"
CHIEF = "supervisao.centro"
ALL_DAY = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
PLACE = "centro-1"


@pytest.fixture
def room(city: City) -> City:
    """Six wait, no courtesy delays; Ana opens her counter at nine."""
    set_rules(city.store, "centro", NO_WAITING)
    for _ in range(6):
        city.issue()
    city.open(ANA, PLACE)
    return city


def idle_since(city: City, place: str = PLACE) -> datetime | None:
    """What a counter's screen and the list of the supervisor say: always the same."""
    leader = city.who(CHIEF)
    shown = counters.show(city.house, leader, "centro", place, "pt-BR")["counter"]
    listed = counters.list_counters(city.house, leader, "centro")["counters"]
    assert next(one for one in listed if one["id"] == place) == shown
    moment = shown["idle_since"]
    return None if moment is None else datetime.fromisoformat(moment).astimezone(UTC)


def told(city: City, place: str = PLACE) -> list[tuple[str, Any]]:
    """What the journal keeps of a counter, in order: each type with its idle seconds."""
    return [(kind, data.get("idle_seconds")) for kind, data in entries(city) if data.get("counter") == place]


def entries(city: City) -> list[tuple[str, Json]]:
    """The unit's journal."""
    with city.store.read() as connection:
        query = select(tables.journal).where(tables.journal.c.unit == "centro").order_by(tables.journal.c.seq)
        return [(row.type, row.data) for row in connection.execute(query)]


def last_closed(city: City, place: str) -> Json:
    """The latest closing of a counter in the journal."""
    closed = [data for kind, data in entries(city) if kind == "counter.closed" and data["counter"] == place]
    return closed[-1]


def after(seconds: int) -> datetime:
    """That many seconds past nine."""
    return OPENING + timedelta(seconds=seconds)


def call(city: City, who: str = ANA, place: str = PLACE) -> str:
    """Call the next; its id."""
    return str(city.call_next(who, place)["ticket"]["id"])


@both_engines
def test_a_counter_s_day(room):
    """Open, call, finish, call, hold, pause, resume, close: each idle stretch is told once, by what ends it."""
    ana = room.who(ANA)
    assert idle_since(room) == after(0)
    room.clock.advance(100)
    ticket = call(room)
    assert idle_since(room) is None
    room.clock.advance(50)
    room.act(ANA, "finish", ticket)
    assert idle_since(room) == after(150)
    room.clock.advance(30)
    ticket = call(room)
    room.clock.advance(20)
    room.act(ANA, "hold", ticket)
    room.clock.advance(10)
    counters.pause(room.house, ana, "centro", PLACE, "café")
    assert idle_since(room) is None
    room.clock.advance(200)
    counters.resume(room.house, ana, "centro", PLACE)
    assert idle_since(room) == after(410)
    room.clock.advance(40)
    counters.close_counter(room.house, ana, "centro", PLACE)
    assert idle_since(room) is None
    assert told(room) == [
        ("counter.opened", None),
        ("ticket.called", 100),
        ("ticket.called", 30),
        ("counter.paused", 10),
        ("counter.resumed", None),
        ("counter.closed", 40),
    ]
    assert broken_promises(room.store.engine) == []
    assert verify_journal(room.house, "centro").problems == []


@both_engines
@pytest.mark.parametrize(
    "who,action,body",
    [
        (ANA, "finish", {}),
        (ANA, "no-show", {}),
        (ANA, "hold", {}),
        (ANA, "transfer", {"service": "itbi"}),
        (CHIEF, "transfer", {"counter": "centro-2"}),
        (ANA, "next-service", {"service": "itbi"}),
    ],
)
def test_whatever_empties_the_hand_frees_the_counter(room, who, action, body):
    """Also when a supervisor does it from afar; the colleague's counter has nothing to do with it."""
    room.open(BRUNO, "centro-2")
    room.clock.advance(60)
    ticket = call(room)
    if action == "next-service":
        room.act(ANA, "start", ticket)
    room.clock.advance(60)
    room.act(who, action, ticket, **body)
    assert (idle_since(room), idle_since(room, "centro-2")) == (after(120), after(0))
    room.clock.advance(5)
    call(room)
    assert told(room)[1:] == [("ticket.called", 60), ("ticket.called", 5)]
    assert broken_promises(room.store.engine) == []


def test_a_recall_a_start_and_a_return_free_nobody(room):
    """The hand is as full, or as empty, as before."""
    ticket = call(room)
    room.act(ANA, "recall", ticket)
    room.act(ANA, "start", ticket)
    assert idle_since(room) is None
    room.act(ANA, "hold", ticket)
    room.clock.advance(30)
    room.act(ANA, "return", ticket)
    assert idle_since(room) == after(0)


@both_engines
def test_a_call_out_of_order_tells_it_too_and_writes_no_counter(room):
    """The hot path does not pay: in the row stays the moment of before, and it is not shown."""
    row = select(tables.counter).where(tables.counter.c.id == PLACE)
    with room.store.read() as connection:
        before = connection.execute(row).one()
    room.clock.advance(70)
    last = counters.queue(room.house, room.who(ANA), "centro", PLACE, "pt-BR", 50)["tickets"][-1]
    room.call(ANA, PLACE, last["id"])
    with room.store.read() as connection:
        assert connection.execute(row).one() == before
    assert told(room)[-1] == ("ticket.called", 70)
    assert idle_since(room) is None


@both_engines
def test_a_clock_set_back_is_no_negative_time(room):
    """A wrong battery: nought, in the call as in the closing."""
    room.clock.advance(-90)
    room.act(ANA, "finish", call(room))
    room.clock.advance(-90)
    counters.close_counter(room.house, room.who(ANA), "centro", PLACE)
    assert told(room)[1:] == [("ticket.called", 0), ("counter.closed", 0)]
    assert last_closed(room, PLACE)["seconds_before"] == 0


def test_a_counter_whose_time_nobody_knows(room):
    """The row has no moment: nothing is told instead of something wrong, and the next release knows again."""
    with room.store.write() as connection:
        connection.execute(update(tables.counter).values(free_since=None))
    assert idle_since(room) is None
    ticket = call(room)
    assert told(room)[-1] == ("ticket.called", None)
    room.clock.advance(9)
    room.act(ANA, "finish", ticket)
    assert idle_since(room) == after(9)


@pytest.fixture
def evening(city: City) -> City:
    """23:51: Ana free just now, Bruno has called, Carla is in pause, Diego serves."""
    change_unit(city.store, "centro", hours=ALL_DAY)
    city.clock.set(datetime(2026, 11, 24, 2, 50, tzinfo=UTC))
    for place, name in enumerate((ANA, BRUNO, CARLA, DIEGO), 1):
        city.open(name, f"centro-{place}")
        city.issue()
    city.clock.advance(60)
    city.act(ANA, "finish", call(city))
    call(city, BRUNO, "centro-2")
    counters.pause(city.house, city.who(CARLA), "centro", "centro-3", "café")
    city.act(DIEGO, "start", call(city, DIEGO, "centro-4"))
    return city


@both_engines
@pytest.mark.parametrize("by_command,passed", [(False, 600), (True, 480)])
def test_the_day_s_end_closes_as_a_person_does(evening, by_command, passed):
    """With who sat there and the times; a call that nobody came to is busy time, who serves goes on."""
    evening.clock.advance(passed)
    if by_command:
        endofday.close_day_by_command(evening.house, evening.who(CHIEF), "centro")
    else:
        endofday.close_due_days(evening.house)
    expected = {
        "centro-1": ("Ana Martins", passed + 60, passed),
        "centro-2": ("Bruno Silveira", passed + 60, 0),
        "centro-3": ("Carla Nogueira", passed, None),
    }
    for place, (name, before, idle) in expected.items():
        data = last_closed(evening, place)
        seen = (data["attendant_name"], data["seconds_before"], data.get("idle_seconds"))
        assert seen == (name, before, idle), place
        assert data["attendant"] is not None
        assert idle_since(evening, place) is None
    assert broken_promises(evening.store.engine) == []
    assert verify_journal(evening.house, "centro").problems == []


@both_engines
def test_who_served_over_midnight_is_free_afterwards(evening):
    """The counter stayed open; its idle time begins with the end of that service."""
    evening.clock.advance(minutes=15)
    endofday.close_due_days(evening.house)
    with evening.store.read() as connection:
        row = connection.execute(select(tables.ticket.c.id).where(tables.ticket.c.state == "serving")).one()
    evening.act(DIEGO, "finish", row.id)
    ended = evening.clock()
    assert idle_since(evening, "centro-4") == ended
    evening.issue()
    evening.clock.advance(33)
    call(evening, DIEGO, "centro-4")
    assert told(evening, "centro-4")[-1] == ("ticket.called", 33)
