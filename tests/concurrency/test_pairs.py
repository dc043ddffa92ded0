"""Every pair of actions at one ticket, from two clients at the same moment: the outcome is that of one after the other.

For each state and each two actions that the lifecycle allows there. As our screens send them, with the version of the
ticket that they show: exactly one wins, the other gets 409. As a program may send them, without a version: either the
one that came first made the other illegal (409 with the state it found), or both are legal one after the other and both
happened. Never both at once, never neither, and the journal tells one story that ends where the ticket stands.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import combinations_with_replacement
from typing import Any

import pytest
from races import at_once
from rows import broken_promises
from serving import Answer, Client, Served

from server.domain.lifecycle import LEGAL, Action
from server.domain.ticket import State
from server.store.engine import open_engine

UNIT = "lagoa"
DESK, OTHER_DESK = "lagoa-1", "lagoa-2"
WIRE_NAMES = {Action.return_: "return", Action.no_show: "no-show", Action.next_service: "next-service"}
BODIES: dict[Action, dict[str, Any]] = {
    Action.hold: {"reason": "formulário"},
    Action.transfer: {"service": "itbi"},
    Action.next_service: {"service": "itbi"},
    Action.cancel: {"reason": "desistiu"},
}
STATES = [State.waiting, State.called, State.serving, State.on_hold, State.no_show, State.cancelled]
PAIRS = [
    (state, first, second)
    for state in STATES
    for first, second in combinations_with_replacement(
        [action for action in Action if state in LEGAL[action][0]], 2
    )
]
ROUNDS = 5 if os.environ.get("VEZ_TEST_CRASH") == "long" else 2


class Room:
    """Lagoa with two attendants, each with two tabs open, and a supervisor."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.kiosk = served.device("kiosk", UNIT)
        self.owner, self.colleague = served.staff("luana.teixeira"), served.staff("mateus.correia")
        self.leader = served.staff("supervisao.lagoa")
        self.leaders = [self.leader, served.staff("admin")]
        self.tabs = [self.owner.twin(), self.owner.twin()]
        served.clients.extend(self.tabs)
        self.sit()

    def sit(self) -> None:
        """Both at their counters (closing the day sends them away)."""
        for who, desk in ((self.owner, DESK), (self.colleague, OTHER_DESK)):
            assert who("POST", f"/units/{UNIT}/counters/{desk}/open").status == 200

    def ticket_in(self, state: State) -> str:
        """A ticket in a state, in the owner's hand where it must be in a hand."""
        ticket = str(
            self.must(self.kiosk, f"/units/{UNIT}/tickets", service="iptu-segunda-via")["ticket"]["id"]
        )
        if state is State.cancelled:
            self.must(self.owner, f"/tickets/{ticket}/cancel", reason="x")
        elif state is not State.waiting:
            self.must(self.owner, f"/units/{UNIT}/counters/{DESK}/call", ticket=ticket, reason="corrida")
            steps = {State.serving: "start", State.on_hold: "hold", State.no_show: "no-show"}
            if state in steps:
                body = {"reason": "x"} if state is State.on_hold else {}
                self.must(self.owner, f"/tickets/{ticket}/{steps[state]}", **body)
        return ticket

    def must(self, who: Client, path: str, **body: Any) -> Any:
        """A command of the preparations."""
        answer = who("POST", path, body)
        assert answer.status < 300, (path, answer)
        return answer.body

    def act(self, action: Action, ticket: str, side: int, **seen: int) -> Callable[[], Answer]:
        """One client's part: the tab of that side; a call comes from that side's counter."""
        who, path, body = self.tabs[side], f"/tickets/{ticket}/{WIRE_NAMES.get(action, action.value)}", {}
        if action is Action.call:
            who, desk = ((self.owner, DESK), (self.colleague, OTHER_DESK))[side]
            path, body = f"/units/{UNIT}/counters/{desk}/call", {"ticket": ticket, "reason": "corrida"}
        elif action is Action.change_tier:
            # Two tiers, so that one after the other changes something each time.
            body = {"tier": ("priority", "donor")[side], "reason": "corrida"} | seen
            who, path = self.leaders[side], f"/tickets/{ticket}/tier"
            return lambda: who("POST", path, body)
        elif action is Action.expire:
            who, path = self.leaders[side], f"/units/{UNIT}/close-day"
            return lambda: who("POST", path)
        return lambda: who("POST", path, BODIES.get(action, body) | seen)

    def look(self, ticket: str) -> dict[str, Any]:
        """The ticket as it stands."""
        return dict(self.owner("GET", f"/tickets/{ticket}").body["ticket"])

    def clear(self) -> None:
        """Empty hands and an empty queue for the next pair."""
        for who, desk in ((self.owner, DESK), (self.colleague, OTHER_DESK)):
            held = who("GET", f"/units/{UNIT}/counters/{desk}").body["ticket"]
            if held is not None:
                self.must(who, f"/tickets/{held['id']}/finish")
        self.must(self.leader, f"/units/{UNIT}/close-day")
        self.sit()


Outcome = tuple[bool, bool, str]


def one_after_the_other(state: State, first: Action, second: Action) -> set[Outcome]:
    """(first succeeds, second succeeds, where it ends) for both orders."""
    outcomes = set()
    for turned in (False, True):
        now, won = state, []
        for action in (second, first) if turned else (first, second):
            legal = now in LEGAL[action][0]
            won.append(legal)
            now = LEGAL[action][1] or now if legal else now
        outcomes.add((won[1], won[0], str(now)) if turned else (won[0], won[1], str(now)))
    return outcomes


@pytest.fixture(scope="module")
def room(served: Served) -> Room:
    """Seated once for all pairs."""
    return Room(served)


def test_the_pairs_are_all_of_them():
    """Six states, each two of the actions that are legal there, an action twice as well."""
    assert len(PAIRS) == 65


@pytest.mark.parametrize("state", STATES, ids=str)
def test_two_actions_at_one_moment(room: Room, state: State):
    """All pairs of this state."""
    for _ in range(ROUNDS):
        for of, first, second in PAIRS:
            if of is not state:
                continue
            ticket = room.ticket_in(state)
            answers = at_once(room.act(first, ticket, 0), room.act(second, ticket, 1))
            told = f"{first} and {second} from {state}: {answers}"
            # Closing the day answers 200 whether this ticket was still there to expire or not.
            won = [
                answer.status == 200 and (action is not Action.expire or answer.body["expired"] > 0)
                for answer, action in zip(answers, (first, second), strict=True)
            ]
            assert (won[0], won[1], room.look(ticket)["state"]) in one_after_the_other(
                state, first, second
            ), told
            for answer, action, success in zip(answers, (first, second), won, strict=True):
                if not success and action is not Action.expire:
                    assert answer.status == 409, told
                    assert answer.body["error"]["code"] in {"illegal_transition", "counter_closed"}, told
            room.clear()
    _must_be_sound(room)


@pytest.mark.parametrize("state", STATES, ids=str)
def test_of_two_who_saw_the_same_ticket_one_wins(room: Room, state: State):
    """All pairs of this state that two people can press; closing the day is no press at a ticket."""
    for _ in range(ROUNDS):
        for of, *pair in PAIRS:
            if of is not state or Action.expire in pair:
                continue
            ticket = room.ticket_in(state)
            seen = room.look(ticket)["version"]
            acts = [room.act(action, ticket, side, version=seen) for side, action in enumerate(pair)]
            answers = at_once(*acts)
            told = f"{pair} from {state}: {answers}"
            assert sorted(answer.status for answer in answers) == [200, 409], told
            lost = next(answer for answer in answers if answer.status == 409)
            now = room.look(ticket)
            # Both detail the state that the loser has to look at, if it was the ticket that changed.
            assert lost.body["error"]["code"] in {"conflict", "illegal_transition", "ticket_in_hand"}, told
            assert now["version"] == seen + 1, told
            if lost.body["error"]["code"] != "ticket_in_hand":
                assert lost.body["error"]["detail"]["state"] == now["state"], told
            room.clear()
    _must_be_sound(room)


def _must_be_sound(room: Room) -> None:
    engine = open_engine(room.served.database_url)
    assert broken_promises(engine) == []
    engine.dispose()
