"""After each action, on both engines: the folded journal gives the board of the rows, lanes count, no number lacks."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from city import NO_WAITING, set_rules
from cityfixtures import both_engines, city, city_url, pg_city, sqlite_city  # noqa: F401 - fixtures
from sqlalchemy import Text, bindparam, cast, func, select, update

from server.domain.board import apply_event, empty_board
from server.domain.chain import GENESIS, link
from server.store import boards, journal, lanes, tables
from server.store.types import JsonText
from server.store.unit_of_work import find_unit
from server.usecases import counters, endofday
from server.usecases.verification import verify_journal
from server.wire.events import Audience, event_view

ANA, BRUNO, BOSS = "ana.martins", "bruno.silveira", "supervisao.centro"
ONE, TWO = "centro-1", "centro-2"


def check(unit: Any) -> None:
    """The whole truth of one moment."""
    with unit.store.read() as connection:
        row = find_unit(connection, unit.unit)
        entries = journal.after(connection, unit.unit, 0, 10_000)
        assert [entry.seq for entry in entries] == list(range(1, row.seq + 1))
        stored = boards.board(connection, row)
        for audience in Audience:
            board = empty_board(unit.unit, stored["day"])
            for entry in entries:
                board = apply_event(board, event_view(entry, row.timezone, audience))
            assert board == stored, (audience, entries[-1])
        counted = Counter[tuple[str, str]]()
        waiting = select(tables.ticket.c.service, tables.ticket.c.tier).where(
            tables.ticket.c.unit == unit.unit, tables.ticket.c.state == "waiting"
        )
        for service, tier in connection.execute(waiting):
            counted[service, tier] += 1
        assert {(s, str(t)): n for (s, t), n in lanes.counts(connection, unit.unit).items()} == dict(counted)
        chain = GENESIS
        for entry in entries:
            chain = link(chain, entry, journal.text_of(entry.data))
        assert row.chain == chain
    assert verify_journal(unit.house, unit.unit).problems == []


def pass_time(unit: Any, seconds: float = 7) -> None:
    unit.clock.advance(seconds)


@both_engines
def test_every_action_keeps_board_rows_and_journal_one(city):  # noqa: F811 - the fixture
    """One day in the life of a unit, looked at after each step."""
    set_rules(city.store, city.unit, NO_WAITING)
    told: set[str] = set()

    def step(made: Any) -> Any:
        check(city)
        pass_time(city)
        return made

    for tier in ("normal", "priority", "normal", "eighty_plus", "donor", "normal"):
        step(city.issue(tier=tier))
    step(city.open(ANA, ONE))
    step(city.open(BRUNO, TWO))
    first = step(city.call_next(ANA, ONE))["ticket"]
    assert first["tier"] == "eighty_plus"
    step(city.act(ANA, "recall", first["id"]))
    step(city.act(ANA, "start", first["id"]))
    step(city.act(ANA, "next-service", first["id"], service="itbi"))
    again = step(city.call_next(ANA, ONE))["ticket"]
    assert again["label"] == first["label"]
    step(city.act(ANA, "hold", again["id"]))
    step(city.act(ANA, "return", again["id"]))
    second = step(city.call_next(BRUNO, TWO))["ticket"]
    step(city.act(BRUNO, "transfer", second["id"], counter=ONE, place="last"))
    third = step(city.call_next(BRUNO, TWO))["ticket"]
    step(city.act(BRUNO, "no-show", third["id"]))
    step(city.act(BRUNO, "return", third["id"]))
    fourth = step(city.issue(service="itbi"))
    step(city.act(BOSS, "tier", fourth["id"], tier="eighty_plus"))
    step(city.act(BOSS, "cancel", fourth["id"]))
    fifth = step(city.call_next(BRUNO, TWO))["ticket"]
    step(city.act(BRUNO, "start", fifth["id"]))
    step(city.act(BRUNO, "finish", fifth["id"]))
    step(counters.pause(city.house, city.who(BRUNO), city.unit, TWO, "café"))
    step(counters.resume(city.house, city.who(BRUNO), city.unit, TWO))
    step(counters.close_counter(city.house, city.who(BRUNO), city.unit, TWO))
    pass_time(city, 24 * 3600)
    assert endofday.close_due_days(city.house)
    check(city)
    with city.store.read() as connection:
        told |= {entry.type for entry in journal.after(connection, city.unit, 0, 10_000)}
    moves = {name for name in told if name.startswith("ticket.")}
    assert moves == {
        f"ticket.{name}"
        for name in (
            "issued called recalled started finished no_show held returned transferred cancelled expired tier_changed"
        ).split()
    }


@both_engines
def test_a_changed_past_is_seen(city):  # noqa: F811 - the fixture
    """Whoever edits a journal row breaks the chain; whoever edits a ticket contradicts the journal."""
    ticket = city.issue()
    city.clock.advance(1)
    city.issue()
    assert verify_journal(city.house, city.unit).problems == []
    with city.store.write() as connection:
        connection.execute(
            update(tables.ticket).where(tables.ticket.c.id == ticket["id"]).values(tier="donor")
        )
    assert "differs in tier" in verify_journal(city.house, city.unit).problems[0]
    with city.store.write() as connection:
        row = connection.execute(select(tables.journal.c.data).where(tables.journal.c.seq == 1)).scalar_one()
        changed = {**row, "tier": "donor"}
        connection.execute(update(tables.journal).where(tables.journal.c.seq == 1).values(data=changed))
    assert verify_journal(city.house, city.unit).problems == ["entry 1 was changed after it was written"]


@both_engines
def test_a_blank_put_into_an_entry_is_seen(city):  # noqa: F811 - the fixture
    """The chain protects the stored text, not only what it means."""
    city.issue()
    assert verify_journal(city.house, city.unit).problems == []
    text = cast(tables.journal.c.data, Text)
    with city.store.write() as connection:
        stored = connection.execute(select(text).where(tables.journal.c.seq == 1)).scalar_one()
        edited = update(tables.journal).where(tables.journal.c.seq == 1)
        connection.execute(
            edited.values(data=bindparam("new", type_=JsonText())), {"new": stored.replace("{", "{ ", 1)}
        )
    assert verify_journal(city.house, city.unit).problems == ["entry 1 was changed after it was written"]


@both_engines
def test_a_lane_cannot_count_below_nobody(city):  # noqa: F811 - the fixture
    """The last line: a wrong count is an error of the database, not a wrong board."""
    city.issue()
    with pytest.raises(Exception, match="waiting_not_negative"), city.store.write() as connection:
        connection.execute(update(tables.lane).values(waiting=tables.lane.c.waiting - 5))
    with city.store.read() as connection:
        assert connection.execute(select(func.sum(tables.lane.c.waiting))).scalar_one() == 1


@both_engines
@pytest.mark.parametrize(
    "sql,problem",
    [
        ("UPDATE journal SET ticket = NULL WHERE type = 'ticket.issued'", "is filed under another ticket"),
        ("UPDATE ticket SET issued_by = 'staff:x'", "was issued by another"),
        ("UPDATE ticket SET first_service = 'itbi'", "was issued by another"),
        (
            "UPDATE counter SET attendant = NULL, state = 'closed' WHERE id = 'centro-1'",
            "counter centro-1 is not",
        ),
        ("UPDATE lane SET tier = 'donor' WHERE waiting = 1", "the lanes do not count"),
        ("UPDATE series_state SET last_number = 7", "a number series does not stand"),
        ("UPDATE series_state SET issued = 7", "a number series does not stand"),
    ],
)
def test_what_is_kept_beside_tickets_and_board_is_held_against_the_journal(city, sql, problem):  # noqa: F811
    """Whatever else somebody edits shows too."""
    city.open(ANA, ONE)
    city.issue()
    assert verify_journal(city.house, city.unit).problems == []
    with city.store.write() as connection:
        connection.exec_driver_sql(sql)
    found = verify_journal(city.house, city.unit).problems
    assert len([one for one in found if problem in one]) == 1, found
