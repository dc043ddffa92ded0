"""One morning in a unit, told by the domain itself: the cases of ``tests/contract/board.json``.

Each case is ``{name, before, events, after}``: the board before, the events as a public screen receives
them, and the board as the tickets and counters tell it. Python (test_board.py) and JavaScript
(tests/js/board.test.js) must fold ``before`` and ``events`` into ``after``. When a rule changes on purpose,
write the file anew::

    python tests/domain/board_cases.py
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from queues import profile
from room import Desk, Room

from server.domain.lifecycle import Action
from server.domain.ticket import Rules, Tier

FILE = Path(__file__).parents[1] / "contract" / "board.json"
ABOUT = (
    "The board as a fold (docs/protocol.md, Board). Each case: `before` and its `events`, one by one, give "
    "`after`. Written by tests/domain/board_cases.py from real runs of the domain."
)
PREFIXES = {"iptu": "A", "itbi": "A", "alvara": "C", "protocolo": "E"}
ALL = profile("iptu itbi alvara protocolo")


def new_room() -> Room:
    """A unit with four counters of the three kinds, none of them open."""
    desks = [
        Desk("c1", "1", ALL),
        Desk("c2", "2", ALL),
        Desk("t1", "A", ALL, "table"),
        Desk("r1", "7", ALL, "room"),
    ]
    return Room(PREFIXES, {desk.id: desk for desk in desks}, Rules(no_show_calls=2, no_show_seconds=30))


class Story:
    """Collects a case for each thing that happens."""

    def __init__(self) -> None:
        self.room = new_room()
        self.cases: list[dict[str, Any]] = []

    def case(self, name: str, *steps: Callable[[Room], object]) -> None:
        """Take the steps, ten seconds apart, and keep what came of them."""
        before, known = self.room.board(), len(self.room.journal)
        for step in steps:
            self.room.wait(10)
            step(self.room)
        self.cases.append(
            {
                "name": name,
                "before": before,
                "events": self.room.events(after=known),
                "after": self.room.board(),
            }
        )

    def act(
        self, action: Action, label: str, desk: str | None = None, **more: Any
    ) -> Callable[[Room], object]:
        """A move of the ticket with that label."""

        def step(room: Room) -> object:
            room.wait(40)
            ticket = next(t.id for t in room.tickets.values() if t.label == label and t.day == room.day)
            return room.act(ticket, action, desk, **more)

        return step


def open_desk(desk: str, attendant: str) -> Callable[[Room], object]:
    """Somebody sits down."""
    return lambda room: room.set_desk(desk, "open", attendant)


def issue(service: str, tier: Tier = Tier.normal) -> Callable[[Room], object]:
    """A citizen takes a ticket."""
    return lambda room: room.issue(service, tier)


def call(desk: str) -> Callable[[Room], object]:
    """A counter calls next."""
    return lambda room: room.call_next(desk)


def cases() -> list[dict[str, Any]]:
    """Every kind of event that a board knows, in the order of a working day."""
    story = Story()
    _morning(story)
    _detours(story)
    _crowd(story)
    _evening(story)
    return story.cases


def _morning(story: Story) -> None:
    act = story.act
    story.case("nothing happened")
    story.case("counters open", open_desk("c1", "ana"), open_desk("c2", "bruno"), open_desk("t1", "caio"))
    story.case(
        "first tickets wait", issue("iptu"), issue("iptu"), issue("alvara"), issue("itbi", Tier.priority)
    )
    story.case("a call takes the priority ticket out of its service", call("c1"))
    story.case("a recall counts on and stays one entry", act(Action.recall, "PA001", "c1"))
    story.case("a start changes nothing on the board but its number", act(Action.start, "PA001", "c1"))
    story.case("a second counter calls and stands in front", call("c2"))
    story.case("a recall moves its entry to the front again", call("t1"), act(Action.recall, "A001", "c2"))
    story.case("a finish leaves the last calls alone", act(Action.finish, "PA001", "c1"))
    story.case("no-show", act(Action.no_show, "A001", "c2"))
    story.case("who was absent returns and waits again", act(Action.return_, "A001"))
    story.case("called anew, the entry starts at one call and moves to the front", call("c1"))


def _detours(story: Story) -> None:
    act = story.act
    story.case("hold", act(Action.hold, "A001", "c1"))
    story.case("return from hold", act(Action.return_, "A001"))
    story.case(
        "a transfer counts for the new service", act(Action.transfer, "A002", "t1", service="protocolo")
    )
    story.case(
        "a transfer to a counter stays in its service",
        call("c1"),
        act(Action.transfer, "A001", "c1", to_counter="c2"),
    )
    story.case("its counter calls it", call("c2"), act(Action.start, "A001", "c2"))
    story.case("the next service of a visit", act(Action.next_service, "A001", "c2", service="alvara"))
    story.case("somebody is late and lets others go first", act(Action.late, "C001"))
    story.case(
        "a change of tier only counts: the public is not told whose",
        act(Action.change_tier, "C001", tier=Tier.donor, reason="tocou na opção errada"),
    )
    story.case("a citizen gives up", act(Action.cancel, "C001"))
    story.case("and comes back", act(Action.return_, "C001"))
    story.case("pause", lambda room: room.set_desk("t1", "paused"))
    story.case("resume", lambda room: room.set_desk("t1", "open"))
    story.case("a closed counter leaves the board", lambda room: room.set_desk("t1", "closed"))
    story.case("a room opens", open_desk("r1", "dora"))
    story.case("events that are not for the board only count", _staff_only)


def _staff_only(room: Room) -> None:
    room.note("device.status", {"device": "panel-1", "state": "silent"})
    room.note("printer.status", {"device": "printer-1", "state": "blocked", "cause": "paper_out"})
    room.note("unit.changed", {"what": "catalog", "by": "user:eva"})


def _crowd(story: Story) -> None:
    def rush(room: Room) -> None:
        for number in range(14):
            ticket = room.issue("iptu", Tier.eighty_plus if number % 5 == 0 else Tier.normal)
            room.wait(15)
            room.call("r1", ticket.id, "mutirão")
            room.wait(15)
            room.act(ticket.id, Action.finish, "r1")

    story.case("only the last twelve calls are kept", rush)


def _evening(story: Story) -> None:
    def still_serving(room: Room) -> None:
        room.call_next("c1")
        room.act(room.in_hand("c1").id, Action.start, "c1")

    def midnight(room: Room) -> None:
        room.wait(16 * 3600)

    def next_morning(room: Room) -> None:
        room.wait(8 * 3600)

    story.case("one is served when the day ends, others wait or are called", still_serving, call("c2"))
    story.case(
        "the closing of the day empties calls and waiting and keeps the busy counter",
        midnight,
        Room.close_day,
    )
    story.case(
        "a new day begins with its own numbers",
        next_morning,
        open_desk("c2", "bruno"),
        issue("iptu"),
        call("c2"),
    )


def strays() -> list[dict[str, Any]]:
    """What a healthy journal never holds, and both folds must bear alike: nobody is ever counted below zero."""

    def case(name: str, waiting: dict[str, int], after: dict[str, int], **data: Any) -> dict[str, Any]:
        board = {
            "unit": "centro",
            "seq": 4,
            "day": "2026-11-23",
            "calls": [],
            "waiting": waiting,
            "counters": {},
        }
        event = {
            "unit": "centro",
            "seq": 5,
            "type": "ticket.cancelled",
            "at": "2026-11-23T09:00:00.000-03:00",
        }
        event["data"] = {"ticket": "t", "label": "A001", "service": "iptu", "previous_service": None} | data
        return {
            "name": name,
            "before": board,
            "events": [event],
            "after": board | {"seq": 5, "waiting": after},
        }

    away, back = {"from": "waiting", "to": "cancelled"}, {"from": "waiting", "to": "waiting"}
    return [
        case("one who was never counted leaves", {}, {}, **away),
        case("one who was never counted leaves among others", {"itbi": 2}, {"itbi": 2}, **away),
        case("one who was never counted leaves and waits again", {}, {"iptu": 1}, **back),
        case("from one service to another", {"iptu": 1}, {"itbi": 1}, **back)
        | {"events": [_changed_service()]},
    ]


def _changed_service() -> dict[str, Any]:
    data = {"ticket": "t", "label": "A001", "service": "itbi", "previous_service": "iptu"}
    data |= {"from": "waiting", "to": "waiting"}
    at = "2026-11-23T09:00:00.000-03:00"
    return {"unit": "centro", "seq": 5, "type": "ticket.transferred", "at": at, "data": data}


def document() -> dict[str, Any]:
    """The whole contract file."""
    return {"about": ABOUT, "cases": cases(), "strays": strays()}


def lines(content: dict[str, Any]) -> Iterator[str]:
    """JSON with one line a board and a line an event: short to read, and small differences stay small."""
    yield "{"
    yield f'  "about": {json.dumps(content["about"], ensure_ascii=False)},'
    yield '  "cases": ['
    for index, case in enumerate(content["cases"]):
        yield f'    {{"name": {json.dumps(case["name"], ensure_ascii=False)},'
        yield f'     "before": {json.dumps(case["before"], ensure_ascii=False)},'
        events = ",\n       ".join(json.dumps(event, ensure_ascii=False) for event in case["events"])
        yield f'     "events": [{chr(10) + "       " if events else ""}{events}],'
        yield f'     "after": {json.dumps(case["after"], ensure_ascii=False)}}}' + (
            "," if index + 1 < len(content["cases"]) else ""
        )
    yield "  ],"
    yield '  "strays": ['
    strays = ",\n    ".join(json.dumps(case, ensure_ascii=False) for case in content["strays"])
    yield f"    {strays}"
    yield "  ]"
    yield "}"


if __name__ == "__main__":
    FILE.write_text("\n".join(lines(document())) + "\n", encoding="utf-8")
