"""The end of the day: per unit, in its own time zone, by itself or by command, twice without harm."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from city import ALL_DAY, NO_WAITING, City, change_unit, set_rules
from cityfixtures import both_engines
from rows import broken_promises, count, dump
from sqlalchemy import select, update

from server.domain.errors import Refusal
from server.store import tables, tickets
from server.store.unit_of_work import find_unit
from server.usecases import endofday, supervision, visitors
from server.usecases.context import SYSTEM, House
from server.usecases.verification import verify_journal


def day_of(city: City, unit: str = "centro") -> str:
    """The business day that is open."""
    with city.store.read() as connection:
        return find_unit(connection, unit).day.isoformat()


def states(city: City) -> dict[str, str]:
    """Each ticket's state, by day and label."""
    with city.store.read() as connection:
        rows = connection.execute(select(tables.ticket.c.day, tables.ticket.c.label, tables.ticket.c.state))
        return {f"{row.day} {row.label}": row.state for row in rows}


@pytest.fixture
def evening(city: City) -> City:
    """23:50 with somebody in every state; open day and night."""
    change_unit(city.store, "centro", hours=ALL_DAY)
    city.clock.set(datetime(2026, 11, 24, 2, 50, tzinfo=UTC))
    city.open("ana.martins", "centro-1")
    city.open("bruno.silveira", "centro-2")
    for _ in range(6):
        city.issue()
        city.clock.advance(1)
    first = city.call_next("ana.martins", "centro-1")["ticket"]["id"]
    city.act("ana.martins", "finish", first)
    held = city.call_next("ana.martins", "centro-1")["ticket"]["id"]
    city.act("ana.martins", "hold", held)
    serving = city.call_next("ana.martins", "centro-1")["ticket"]["id"]
    city.act("ana.martins", "start", serving)
    city.call_next("bruno.silveira", "centro-2")
    return city


@both_engines
def test_at_midnight_the_day_closes_by_itself(evening):
    """Waiting, called and held expire, served stays; the empty counter closes, the busy one does not."""
    assert endofday.close_due_days(evening.house) == []
    evening.clock.advance(minutes=10)
    assert endofday.close_due_days(evening.house) == ["centro", *sorted_others(evening)]
    assert day_of(evening) == "2026-11-24"
    assert states(evening) == {
        "2026-11-23 A001": "finished",
        "2026-11-23 A002": "expired",
        "2026-11-23 A003": "serving",
        "2026-11-23 A004": "expired",
        "2026-11-23 A005": "expired",
        "2026-11-23 A006": "expired",
    }
    with evening.store.read() as connection:
        rows = connection.execute(select(tables.counter.c.id, tables.counter.c.state)).all()
    assert {row.id for row in rows if row.state == "open"} == {"centro-1"}
    before = dump(evening.store.engine)
    assert endofday.close_due_days(evening.house) == []
    assert dump(evening.store.engine) == before
    assert broken_promises(evening.store.engine) == []
    assert verify_journal(evening.house, "centro").problems == []


def sorted_others(city: City) -> list[str]:
    """The other units, in the order of the screens: they all have the same zone."""
    return [row["id"] for row in visitors.units(city.house)["units"]][1:]


@both_engines
def test_the_first_press_after_midnight_closes_the_day(evening):
    """If the ticker was late: no command ever works on a day that is over."""
    evening.clock.advance(minutes=15)
    assert evening.issue()["day"] == "2026-11-24"
    assert day_of(evening) == "2026-11-24"
    assert states(evening)["2026-11-23 A005"] == "expired"
    assert broken_promises(evening.store.engine) == []


@both_engines
def test_a_number_still_at_a_counter_is_passed_over(evening):
    """A003 is served over midnight: today's third ticket is A004, for a call of A003 must mean one person."""
    evening.clock.advance(minutes=15)
    assert [evening.issue()["label"] for _ in range(4)] == ["A001", "A002", "A004", "A005"]
    with evening.store.read() as connection:
        row = connection.execute(select(tables.ticket.c.id).where(tables.ticket.c.state == "serving")).one()
    back = evening.act("ana.martins", "transfer", row.id, service="itbi")
    assert (back["label"], back["state"], back["day"]) == ("A003", "waiting", "2026-11-23")
    assert broken_promises(evening.store.engine) == []
    assert evening.call_next("ana.martins", "centro-1")["ticket"]["label"] == "A003"
    assert verify_journal(evening.house, "centro").problems == []


@both_engines
def test_by_command_and_twice(evening):
    """A supervisor closes early: nobody waits any more; the day's numbers go on if the doors open again."""
    leader = evening.who("supervisao.centro")
    assert endofday.close_day_by_command(evening.house, leader, "centro")["expired"] == 4
    before = count(evening.store.engine, tables.journal)
    assert endofday.close_day_by_command(evening.house, leader, "centro")["expired"] == 0
    assert count(evening.store.engine, tables.journal) == before
    assert evening.issue()["label"] == "A007"
    assert day_of(evening) == "2026-11-23"


def test_only_those_who_lead(evening):
    """Not an attendant, not another unit's supervisor; the house itself by `vez day close`."""
    for who, code in (("ana.martins", "forbidden"), ("supervisao.lagoa", "wrong_unit")):
        with pytest.raises(Refusal, match=code):
            endofday.close_day_by_command(evening.house, evening.who(who), "centro")
    assert endofday.close_day_by_command(evening.house, SYSTEM, "centro")["expired"] == 4


def test_each_unit_in_its_own_zone(city):
    """Ingleses moved to Fernando de Noronha (one hour ahead) closes an hour earlier; the others go on."""
    change_unit(city.store, "ingleses", timezone="America/Noronha", hours=ALL_DAY)
    change_unit(city.store, "centro", hours=ALL_DAY)
    city.issue()
    city.clock.set(datetime(2026, 11, 24, 2, 30, tzinfo=UTC))  # 23:30 in Florianópolis, 00:30 in Noronha
    assert endofday.close_due_days(city.house) == ["ingleses"]
    assert (day_of(city, "ingleses"), day_of(city)) == ("2026-11-24", "2026-11-23")
    assert states(city) == {"2026-11-23 A001": "waiting"}


@pytest.mark.parametrize(
    "zone,before,after,day",
    [
        # Clocks go forward at midnight: 00:00 does not exist.
        ("Africa/Cairo", "2027-04-29T21:59:59", "2027-04-29T22:00:00", "2027-04-30"),
        # Clocks go back from 00:00 to 23:00: the day is over at the second midnight.
        ("Africa/Cairo", "2027-10-28T20:59:59", "2027-10-28T22:00:00", "2027-10-29"),
        # Lisbon, forward at 01:00: midnight itself is plain.
        ("Europe/Lisbon", "2027-03-27T23:59:59", "2027-03-28T00:00:00", "2027-03-28"),
        ("Asia/Kolkata", "2027-03-27T18:29:59", "2027-03-27T18:30:00", "2027-03-28"),
    ],
)
def test_midnight_where_the_clocks_change(city, zone, before, after, day):
    """The day closes at the unit's own midnight, once, whatever summer time does to it."""
    change_unit(city.store, "centro", timezone=zone, hours=ALL_DAY)
    city.clock.set(datetime.fromisoformat(before).replace(tzinfo=UTC))
    endofday.close_due_days(city.house)  # from the seeded day to the evening before
    assert day_of(city) < day
    city.clock.set(datetime.fromisoformat(after).replace(tzinfo=UTC))
    assert "centro" in endofday.close_due_days(city.house)
    assert day_of(city) == day
    assert "centro" not in endofday.close_due_days(city.house)


def test_a_clock_set_back_opens_no_past_day(city):
    """A wrong battery: yesterday stays closed, and no number is given twice."""
    change_unit(city.store, "centro", hours=ALL_DAY)
    assert city.issue()["label"] == "A001"
    city.clock.advance(days=-1)
    assert city.issue()["label"] == "A002"
    assert day_of(city) == "2026-11-23"


def test_days_that_nobody_came(city):
    """After a long weekend the next day is today, not the day after the last one."""
    change_unit(city.store, "centro", hours=ALL_DAY)
    city.issue()
    city.clock.advance(days=12)
    ticket = city.issue()
    assert (ticket["label"], ticket["day"]) == ("A001", "2026-12-05")


def test_keys_live_a_day_longer(city):
    """A retry over midnight still gets its answer; after another day the key is free."""
    from server.store.idempotency import Key

    change_unit(city.store, "centro", hours=ALL_DAY)
    key = Key("device:x", "toque", "f")
    first = city.issue(key=key)
    city.clock.advance(days=1)
    city.issue()
    assert city.issue(key=key) == first
    city.clock.advance(days=1)
    city.issue()
    assert city.issue(key=key)["id"] != first["id"]


def held(city: City) -> str:
    """A003 is set aside by Ana, who serves it."""
    return str(city.act("ana.martins", "hold", being_served(city))["id"])


def absent(city: City) -> str:
    """A003 goes on to another service, is called, and is not there."""
    city.act("ana.martins", "transfer", being_served(city), service="itbi")
    called = city.call_next("ana.martins", "centro-1")["ticket"]
    return str(city.act("ana.martins", "no-show", called["id"])["id"])


def cancelled(city: City) -> str:
    """A003 goes on to another service and is given up."""
    ticket = city.act("ana.martins", "transfer", being_served(city), service="itbi")
    return str(city.act("supervisao.centro", "cancel", ticket["id"])["id"])


ASIDE = pytest.mark.parametrize(
    "aside,state", [(held, "on_hold"), (absent, "no_show"), (cancelled, "cancelled")]
)


def being_served(city: City) -> str:
    """The only ticket in service."""
    with city.store.read() as connection:
        return str(
            connection.execute(select(tables.ticket.c.id).where(tables.ticket.c.state == "serving")).scalar()
        )


def found(city: City, label: str | None = None, state: str | None = None) -> list[str]:
    """What Ana's lists show: day and label."""
    answer = supervision.search(city.house, city.who("ana.martins"), "centro", label, state, 50, "pt-BR")
    return [f"{t['day']} {t['label']}" for t in answer["tickets"]]


@ASIDE
@both_engines
def test_tickets_of_yesterday_do_not_come_back(evening, aside, state):
    """Held, absent or cancelled before midnight: a new ticket is due, for the old number may be somebody else's."""
    set_rules(evening.store, "centro", NO_WAITING)
    evening.act("bruno.silveira", "finish", in_hand_of(evening, "centro-2"))
    for _ in range(2):  # the others first: then A003 is the next to be called
        evening.act(
            "bruno.silveira", "finish", evening.call_next("bruno.silveira", "centro-2")["ticket"]["id"]
        )
    ticket = aside(evening)
    assert "2026-11-23 A003" in found(evening, state=state)
    evening.clock.advance(hours=1)
    endofday.close_due_days(evening.house)
    with pytest.raises(Refusal, match="ticket_of_another_day"):
        evening.act("supervisao.centro", "return", ticket)
    assert found(evening, state=state) == found(evening, label="A003") == []


def in_hand_of(city: City, counter: str) -> str:
    """The ticket that a counter has."""
    with city.store.read() as connection:
        ticket = tickets.in_hand(connection, counter)
    assert ticket is not None
    return ticket.id


@ASIDE
@both_engines
def test_who_was_served_over_midnight_comes_back(evening, aside, state):
    """Held, absent or cancelled on the new day: in the lists, back in the queue, finished; the next night ends it."""
    set_rules(evening.store, "centro", NO_WAITING)
    evening.clock.advance(minutes=15)
    assert evening.issue()["label"] == "A001"
    assert found(evening, state="serving") == ["2026-11-23 A003"]
    for _ in range(2):
        ticket = aside(evening)
        assert found(evening, state=state) == found(evening, label="A00")[1:] == ["2026-11-23 A003"]
        assert evening.act("ana.martins", "return", ticket)["state"] == "waiting"
        assert evening.call_next("ana.martins", "centro-1")["ticket"]["label"] == "A003"
        evening.act("ana.martins", "start", ticket)
    aside(evening)
    evening.clock.advance(days=1)
    endofday.close_due_days(evening.house)
    with pytest.raises(Refusal, match="ticket_of_another_day"):
        evening.act("supervisao.centro", "return", ticket)
    assert found(evening) == []
    assert broken_promises(evening.store.engine) == []
    assert verify_journal(evening.house, "centro").problems == []


@both_engines
def test_who_comes_back_meets_no_namesake(evening):
    """A003 of yesterday was cancelled and today's A003 given out: of the two only one lives at a time."""
    evening.clock.advance(minutes=15)
    old = cancelled(evening)
    evening.open("bruno.silveira", "centro-2")
    assert [evening.issue()["label"] for _ in range(3)] == ["A001", "A002", "A003"]
    before = dump(evening.store.engine)
    with pytest.raises(Refusal, match="conflict") as refusal:
        evening.act("supervisao.centro", "return", old)
    assert refusal.value.detail["label"] == "A003"
    assert dump(evening.store.engine) == before
    with evening.store.read() as connection:
        new = connection.execute(
            select(tables.ticket.c.id).where(tables.ticket.c.label == "A003", tables.ticket.c.id != old)
        ).scalar_one()
    evening.act("supervisao.centro", "cancel", new)
    evening.act("supervisao.centro", "return", old)
    with pytest.raises(Refusal, match="conflict"):
        evening.act("supervisao.centro", "return", new)
    assert broken_promises(evening.store.engine) == []


@both_engines
def test_every_process_knows_who_may_come_back(evening):
    """The other process has issued while A003 was cancelled; when it is back, that process passes over the number."""
    evening.clock.advance(minutes=15)
    other = City(House(evening.store, evening.clock, evening.house.public_url), evening.clock, evening.seeded)
    ticket = cancelled(evening)
    assert [other.issue()["label"] for _ in range(2)] == ["A001", "A002"]
    evening.act("supervisao.centro", "return", ticket)
    assert other.issue()["label"] == "A004"
    assert broken_promises(evening.store.engine) == []


def test_a_day_that_an_older_version_began(evening):
    """Its entry in the journal names nobody: whoever still lives of the day before is watched all the same."""
    evening.clock.advance(minutes=15)
    endofday.close_due_days(evening.house)
    with evening.store.write() as connection:
        closing = tables.journal.c.type == "day.closed"
        data = connection.execute(select(tables.journal.c.data).where(closing)).scalars().first()
        old = {name: value for name, value in data.items() if name != "carried"}
        connection.execute(update(tables.journal).where(closing).values(data=old))
    assert [evening.issue()["label"] for _ in range(3)] == ["A001", "A002", "A004"]
    assert found(evening, state="serving") == ["2026-11-23 A003"]
