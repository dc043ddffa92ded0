"""The board from the rows equals the fold of the journal after every command, and the lanes equal the queue."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from city import NO_WAITING, City, change_unit, set_rules
from cityfixtures import both_engines
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rows import broken_promises
from sqlalchemy import select

from server.domain.board import apply_event, empty_board
from server.domain.errors import Refusal
from server.store import boards, journal, lanes, tables
from server.store.unit_of_work import find_unit
from server.usecases import counters, endofday, supervision
from server.usecases.verification import verify_journal
from server.wire.events import Audience, event_view

ALL_DAY = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
DESKS = {"ana.martins": "centro-1", "bruno.silveira": "centro-2", "carla.nogueira": "centro-9"}
TIERS = ("normal", "priority", "eighty_plus", "donor")
SERVICES = ("iptu-segunda-via", "itbi", "alvara-construcao", "abertura-processo")
MOVES = (
    "recall", "start", "finish", "no-show", "hold", "transfer", "next-service", "cancel", "return", "tier",
)  # fmt: skip
TIERS_IN_TURN = ("eighty_plus", "normal", "donor", "priority")


class Watcher:
    """A screen that folds every event as it comes, for one audience."""

    def __init__(self, city: City, audience: Audience) -> None:
        self.city, self.audience = city, audience
        with city.store.read() as connection:
            row = find_unit(connection, "centro")
            self.board = boards.board(connection, row)
        self.seen = 0

    def look(self) -> None:
        """Fold what is new, one by one, and hold it against the rows."""
        with self.city.store.read() as connection:
            row = find_unit(connection, "centro")
            for event in journal.after(connection, "centro", self.board["seq"], 10_000):
                assert event.seq == self.board["seq"] + 1
                self.board = apply_event(self.board, event_view(event, row.timezone, self.audience))
                self.seen += 1
            assert self.board == boards.board(connection, row)


def lanes_are_true(city: City) -> None:
    """The counts that are kept, and the rows that wait."""
    with city.store.read() as connection:
        kept = lanes.counts(connection, "centro")
        query = select(tables.ticket.c.service, tables.ticket.c.tier)
        rows = connection.execute(
            query.where(tables.ticket.c.state == "waiting", tables.ticket.c.unit == "centro")
        )
        assert {(s, str(t)): n for (s, t), n in kept.items()} == dict(Counter(map(tuple, rows)))
        heads = {waiting.id for waiting in lanes.heads(connection, "centro")}
        everybody = lanes.everybody(connection, "centro")
    reserved = {w.id for w in everybody if w.counter or w.attendant}
    oldest: dict[tuple[str, str], Any] = {}
    for waiting in sorted(everybody, key=lambda w: (w.arrival, w.id)):
        if waiting.id not in reserved:
            oldest.setdefault((waiting.service, str(waiting.tier)), waiting.id)
    assert heads == reserved | set(oldest.values())


STEPS = st.one_of(
    st.tuples(st.just("issue"), st.sampled_from(SERVICES), st.sampled_from(TIERS)),
    st.tuples(st.just("call"), st.sampled_from(sorted(DESKS)), st.just("")),
    st.tuples(st.just("move"), st.sampled_from(MOVES), st.integers(0, 30)),
    st.tuples(
        st.just("seat"), st.sampled_from(["open", "close", "pause", "resume"]), st.sampled_from(sorted(DESKS))
    ),
    st.tuples(st.just("time"), st.sampled_from([1, 60, 3600, 86_400]), st.just("")),
    st.tuples(st.just("day"), st.just(""), st.just("")),
)


def act(city: City, step: tuple[Any, ...]) -> None:
    """One step; Refusal when the house says no."""
    what, one, two = step
    if what == "issue":
        city.issue(one, two)
    elif what == "call":
        city.call_next(one, DESKS[one])
    elif what == "seat":
        seat = {"open": counters.open_counter, "close": counters.close_counter, "resume": counters.resume}
        if one == "pause":
            counters.pause(city.house, city.who(two), "centro", DESKS[two], "café")
        else:
            seat[one](city.house, city.who(two), "centro", DESKS[two])
    elif what == "time":
        city.clock.advance(one)
    elif what == "day":
        endofday.close_day_by_command(city.house, city.who("supervisao.centro"), "centro")
    else:
        move(city, one, two)


def move(city: City, action: str, which: int) -> None:
    """An action on one of the day's tickets, by whoever has it, else by the supervisor."""
    found = supervision.search(city.house, city.who("admin"), "centro", None, None, 31, "pt-BR")["tickets"]
    if not found:
        return
    ticket = found[which % len(found)]
    owner = next((name for name, desk in DESKS.items() if desk == ticket["counter"]), "supervisao.centro")
    targets = [{"service": "itbi"}, {"counter": "centro-9", "place": "last"}, {"service": "iptu-segunda-via"}]
    bodies = {"transfer": targets[which % 3], "next-service": {"service": SERVICES[which % 4]}}
    bodies["tier"] = {"tier": TIERS_IN_TURN[which % 4]}
    city.act(owner, action, ticket["id"], **bodies.get(action, {}))


@both_engines
@given(plan=st.lists(STEPS, min_size=5, max_size=40))
@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_screen_has_the_board_of_the_rows(city, plan):
    """After each step of any day, refused or not: fold == rows for both audiences, lanes == queue; at last all else."""
    change_unit(city.store, "centro", hours=ALL_DAY)
    set_rules(city.store, "centro", NO_WAITING)
    watchers = [Watcher(city, audience) for audience in Audience]
    for name in DESKS:
        _try(city, ("seat", "open", name))
    for step in plan:
        city.clock.advance(1)
        _try(city, step)
        for watcher in watchers:
            watcher.look()
        lanes_are_true(city)
    assert broken_promises(city.store.engine) == []
    assert verify_journal(city.house, "centro").problems == []


def _try(city: City, step: tuple[Any, ...]) -> None:
    try:
        act(city, step)
    except Refusal as refusal:
        if refusal.code in ("conflict", "invalid_fields"):
            raise


@both_engines
def test_from_the_very_first_event(city):
    """A screen that was there from the beginning needs no snapshot."""
    city.open("ana.martins", "centro-1")
    for _ in range(14):
        city.issue()
        city.clock.advance(1)
    for _ in range(13):
        called = city.call_next("ana.martins", "centro-1")["ticket"]["id"]
        city.act("ana.martins", "finish", called)
    board = empty_board("centro", "2026-11-23")
    with city.store.read() as connection:
        row = find_unit(connection, "centro")
        for event in journal.after(connection, "centro", 0, 1000):
            board = apply_event(board, event_view(event, row.timezone, Audience.public))
        assert board == boards.board(connection, row)
    assert len(board["calls"]) == 12
    assert board["waiting"] == {"iptu-segunda-via": 1}


def test_events_come_in_pages(city):
    """``more`` until the end; never more than asked; a screen far behind takes the snapshot."""
    for _ in range(7):
        city.issue()
    panel = city.device("panel")
    first = supervision.events_after(city.house, panel, "centro", 0, 3)
    assert ([e["seq"] for e in first["events"]], first["seq"], first["more"]) == ([1, 2, 3], 7, True)
    last = supervision.events_after(city.house, panel, "centro", 6, 3)
    assert ([e["seq"] for e in last["events"]], last["more"]) == ([7], False)
    assert supervision.events_after(city.house, panel, "centro", 7, 3)["events"] == []


def test_a_screen_of_yesterday(city, monkeypatch):
    """Beyond the reach back: the snapshot instead of a day's events, and the rule's edge is exact."""
    monkeypatch.setattr(supervision, "REACH_BACK", 5)
    for _ in range(7):
        city.issue()
    panel = city.device("panel")
    assert "snapshot" in supervision.events_after(city.house, panel, "centro", 1)
    assert len(supervision.events_after(city.house, panel, "centro", 2)["events"]) == 5


def test_who_names_a_limit_reads_the_journal_itself(city, monkeypatch):
    """An audit or a customer's program pages through a long day, and is not sent back to the board."""
    monkeypatch.setattr(supervision, "REACH_BACK", 5)
    for _ in range(7):
        city.issue()
    supervisor, seen, more = city.who("supervisao.centro"), [], True
    while more:
        page = supervision.events_after(city.house, supervisor, "centro", len(seen), 2)
        seen += [event["seq"] for event in page["events"]]
        more = page["more"]
    assert seen == list(range(1, 8))
    assert "snapshot" in supervision.events_after(city.house, supervisor, "centro", 8, 2), "ahead of us"


def test_a_service_over_midnight_on_the_board(city):
    """Called again on the new day, the old ticket is on the new day's board; else the board begins empty."""
    change_unit(city.store, "centro", hours=ALL_DAY)
    set_rules(city.store, "centro", NO_WAITING)
    city.open("ana.martins", "centro-1")
    city.issue()
    watcher = Watcher(city, Audience.public)
    ticket = city.call_next("ana.martins", "centro-1")["ticket"]["id"]
    city.act("ana.martins", "start", ticket)
    city.clock.now += timedelta(days=1)
    endofday.close_due_days(city.house)
    watcher.look()
    assert watcher.board["calls"] == []
    city.act("ana.martins", "transfer", ticket, service="itbi")
    city.call_next("ana.martins", "centro-1")
    watcher.look()
    assert [call["label"] for call in watcher.board["calls"]] == ["A001"]
