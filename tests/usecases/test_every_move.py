"""Every action in every state, over HTTP: the legal ones lead where DOMAIN 3 says, the others change nothing."""

from __future__ import annotations

from typing import Any

import pytest
from city import NO_WAITING, set_rules
from rows import broken_promises, dump, story
from site_under_test import Site

from server.domain.lifecycle import EVENT_TYPES, LEGAL, Action
from server.domain.ticket import State
from server.usecases.verification import verify_journal

ISSUE = {"service": "iptu-segunda-via"}
UNIT = "/units/centro"
ASKED = [
    action for action in Action if action is not Action.expire
]  # nobody expires one ticket: the day does
BODIES: dict[Action, dict[str, Any]] = {
    Action.hold: {"reason": "formulário"},
    Action.transfer: {"service": "itbi", "note": "veio de outro guichê"},
    Action.next_service: {"service": "itbi"},
    Action.cancel: {"reason": "desistiu"},
    Action.change_tier: {"tier": "priority", "reason": "tocou na opção errada"},
    Action.finish: {"resolution": "pending", "note": "falta um papel"},
}


class Room:
    """Ana and Bruno at their counters, both with empty hands."""

    def __init__(self, site: Site, clock: Any) -> None:
        self.site, self.clock = site, clock
        set_rules(site.store, "centro", NO_WAITING)
        self.kiosk = site.device("kiosk")
        self.ana, self.bruno = site.staff("ana.martins"), site.staff("bruno.silveira")
        self.leader = site.staff("supervisao.centro")
        for place, who in enumerate((self.ana, self.bruno), 1):
            assert who("POST", f"{UNIT}/counters/centro-{place}/open").status_code == 200

    def must(self, who: Any, path: str, body: dict[str, Any] | None = None) -> Any:
        """A step of the preparations."""
        self.clock.advance(1)
        answer = who("POST", path, body or {})
        assert answer.status_code < 300, answer.text[:300]
        return answer.json

    def ticket_in(self, state: State) -> str:
        """A ticket in that state; in Ana's hand if it must be in one."""
        ticket = str(self.must(self.kiosk, f"{UNIT}/tickets", ISSUE)["ticket"]["id"])
        paths = {
            State.serving: "start",
            State.on_hold: "hold",
            State.no_show: "no-show",
            State.finished: "finish",
        }
        if state is State.cancelled:
            self.must(self.ana, f"/tickets/{ticket}/cancel", {"reason": "x"})
        elif state not in (State.waiting, State.expired):
            call = {"ticket": ticket, "reason": "preparação"}
            self.must(self.ana, f"{UNIT}/counters/centro-1/call", call)
            if state in paths:
                body = {"reason": "x"} if state is State.on_hold else {}
                self.must(self.ana, f"/tickets/{ticket}/{paths[state]}", body)
        elif state is State.expired:
            self.must(self.site.staff("supervisao.centro"), f"{UNIT}/close-day")
            for place, who in enumerate((self.ana, self.bruno), 1):
                self.must(who, f"{UNIT}/counters/centro-{place}/open")
        return ticket

    def try_(self, action: Action, ticket: str, state: State) -> Any:
        """The action by whoever may: a call from an empty hand, all else from the counter that has the ticket."""
        if action is Action.call:
            busy = state in (State.called, State.serving)
            who, desk = (self.bruno, "centro-2") if busy else (self.ana, "centro-1")
            return who("POST", f"{UNIT}/counters/{desk}/call", {"ticket": ticket, "reason": "x"})
        if action is Action.change_tier:
            return self.leader("POST", f"/tickets/{ticket}/tier", BODIES[action])
        name = action.value.replace("_", "-")
        return self.ana("POST", f"/tickets/{ticket}/{name}", BODIES.get(action, {}))

    def empty_hands(self) -> None:
        """Whatever is in hand is finished."""
        for place, who in enumerate((self.ana, self.bruno), 1):
            held = who("GET", f"{UNIT}/counters/centro-{place}").json["ticket"]
            if held:
                self.must(who, f"/tickets/{held['id']}/finish")


@pytest.fixture
def room(site, clock) -> Room:
    """Ready to work."""
    return Room(site, clock)


@pytest.mark.parametrize("state", State, ids=str)
def test_every_action_in_this_state(room: Room, state: State):
    """Legal: 200 and the new state. Illegal: 409 with the state it found, and not one row is different."""
    engine = room.site.store.engine
    legal = illegal = 0
    ticket = room.ticket_in(state)
    for action in ASKED:
        sources, target = LEGAL[action]
        if state not in sources:
            before = dump(engine)
            answer = room.try_(action, ticket, state)
            assert answer.status_code == 409, (action, answer.text[:300])
            assert answer.json["error"]["code"] == "illegal_transition"
            assert answer.json["error"]["detail"] == {"state": str(state), "action": str(action)}
            assert dump(engine) == before, action
            illegal += 1
    for action in ASKED:
        sources, target = LEGAL[action]
        if state in sources:
            room.empty_hands()
            ticket = room.ticket_in(state)
            room.clock.advance(30)
            answer = room.try_(action, ticket, state)
            assert answer.status_code == 200, (action, answer.text[:300])
            target = target or state
            assert answer.json["ticket"]["state"] == str(target)
            last = story(engine, ticket)[-1]
            assert (last.type, last.data["from"], last.data["to"]) == (
                EVENT_TYPES[action],
                str(state),
                str(target),
            )
            legal += 1
    assert legal + illegal == len(ASKED)
    assert legal == sum(1 for action in ASKED if state in LEGAL[action][0])
    assert broken_promises(engine) == []
    assert verify_journal(room.site.house, "centro").problems == []


HAND_ACTIONS = [
    Action.recall, Action.start, Action.finish, Action.no_show, Action.hold, Action.transfer, Action.next_service,
]  # fmt: skip


@pytest.mark.parametrize("action", HAND_ACTIONS, ids=str)
def test_only_the_counter_that_has_it(room: Room, action: Action):
    """A colleague's ticket is hers: 409 ticket_not_yours and nothing changed. A supervisor may only transfer it."""
    state = State.serving if action is Action.next_service else State.called
    ticket = room.ticket_in(state)
    leader = room.site.staff("supervisao.centro")
    path, body = f"/tickets/{ticket}/{action.value.replace('_', '-')}", BODIES.get(action, {})
    before = dump(room.site.store.engine)
    strangers = [room.bruno] if action is Action.transfer else [room.bruno, leader]
    for who in strangers:
        answer = who("POST", path, body)
        assert (answer.status_code, answer.json["error"]["code"]) == (409, "ticket_not_yours")
        assert answer.json["error"]["detail"] == {"counter": "centro-1"}
    assert dump(room.site.store.engine) == before
    if action is Action.transfer:
        assert leader("POST", path, body).status_code == 200


def test_courtesy_waits(site, clock):
    """No recall before 20 s; no no-show before 3 calls and 75 s (priority: 150 s), counted from the first call."""
    room = Room(site, clock)
    set_rules(site.store, "centro", {})
    kiosk, ana, engine = room.kiosk, room.ana, site.store.engine
    for tier, patience in (("normal", 75), ("priority", 150)):
        ticket = kiosk("POST", f"{UNIT}/tickets", ISSUE | {"tier": tier}).json["ticket"]["id"]
        assert ana("POST", f"{UNIT}/counters/centro-1/call-next").json["ticket"]["id"] == ticket
        before = dump(engine)
        clock.advance(5)
        early = ana("POST", f"/tickets/{ticket}/recall").json["error"]
        assert (early["code"], early["detail"]) == ("too_soon", {"wait_seconds": 15})
        absent = ana("POST", f"/tickets/{ticket}/no-show").json["error"]
        expected = {"calls_needed": 2, "wait_seconds": patience - 5}
        assert (absent["code"], absent["detail"]) == ("too_few_calls", expected)
        assert dump(engine) == before
        for _ in range(2):
            clock.advance(20)
            assert ana("POST", f"/tickets/{ticket}/recall").status_code == 200
        clock.advance(patience - 45 - 1)
        assert ana("POST", f"/tickets/{ticket}/no-show").json["error"]["detail"]["wait_seconds"] == 1
        clock.advance(1)
        assert ana("POST", f"/tickets/{ticket}/no-show").json["ticket"]["state"] == "no_show"


def test_durations_are_written_when_they_end(room: Room):
    """Wait, walk, service and stay in whole seconds, over a hold in between."""
    clock, ana = room.clock, room.ana
    ticket = room.must(room.kiosk, f"{UNIT}/tickets", ISSUE)["ticket"]["id"]
    clock.advance(300 - 1)
    assert room.must(ana, f"{UNIT}/counters/centro-1/call-next")["ticket"]["wait_seconds"] == 300
    clock.advance(40 - 1)
    assert room.must(ana, f"/tickets/{ticket}/start")["ticket"]["walk_seconds"] == 40
    clock.advance(100 - 1)
    room.must(ana, f"/tickets/{ticket}/hold", {"reason": "formulário"})
    clock.advance(500 - 1)
    room.must(ana, f"/tickets/{ticket}/return")
    clock.advance(60 - 1)
    assert room.must(ana, f"{UNIT}/counters/centro-1/call-next")["ticket"]["wait_seconds"] == 360
    clock.advance(10 - 1)
    room.must(ana, f"/tickets/{ticket}/start")
    clock.advance(200 - 1)
    done = room.must(ana, f"/tickets/{ticket}/finish")["ticket"]
    assert done["service_seconds"] == 300
    assert done["walk_seconds"] == 50
    assert done["stay_seconds"] == 300 + 40 + 100 + 500 + 60 + 10 + 200


def test_a_clock_set_back(room: Room):
    """An hour lost in the middle of a service: no negative duration, and the story goes on."""
    ticket = room.ticket_in(State.serving)
    room.clock.advance(hours=-1)
    done = room.ana("POST", f"/tickets/{ticket}/finish").json["ticket"]
    assert done["service_seconds"] == 0
    assert done["stay_seconds"] == 0
    assert broken_promises(room.site.store.engine) == []
