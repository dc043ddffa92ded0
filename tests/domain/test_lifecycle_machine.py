"""A whole unit under random hands: lifecycle, policy, numbers and board together, step after step.

Hypothesis opens counters, issues, calls and moves tickets as it likes, legal or not. After every step the
room must still be a room that a city can trust: what may never happen is written as invariants (DOMAIN 3
and 4).
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from queues import profile
from room import Desk, Room

from server.domain.board import apply_event, empty_board
from server.domain.errors import Refusal
from server.domain.lifecycle import Action, legal_from
from server.domain.policy import PRESETS, Mode, order
from server.domain.replay import rebuild
from server.domain.ticket import ALIVE, IN_HAND, Rules, State, Tier
from server.wire.events import Audience

PREFIXES = {"iptu": "A", "itbi": "A", "alvara": "C"}
SERVICES = st.sampled_from(sorted(PREFIXES))
DESKS = {
    "c1": Desk("c1", "1", profile("iptu itbi", "alvara@5")),
    "c2": Desk("c2", "2", profile("alvara", "iptu")),
    "c3": Desk("c3", "3", profile("iptu itbi alvara", dedicated=True), "table"),
}
PEOPLE = st.sampled_from(["ana", "bruno", "caio"])
# What each action may be refused for besides the wrong state; anything else is an error of the house.
COURTESY = {"too_soon", "too_few_calls", "tier_unchanged"}
SHORT_SERIES = 12  # so that numbers wrap and meet the living


def attempt(command: Callable[..., Any], *given: Any, **more: Any) -> tuple[Any, Refusal | None]:
    """What came of it: (answer, None) or (None, the refusal)."""
    try:
        return command(*given, **more), None
    except Refusal as refusal:
        return None, refusal


class Unit(RuleBasedStateMachine):
    """The rules are what people do; the invariants are what they may rely on."""

    def __init__(self) -> None:
        super().__init__()
        rules = Rules(recall_seconds=20, no_show_calls=2, no_show_seconds=30, no_show_priority_seconds=60)
        self.room = Room(dict(PREFIXES), dict(DESKS), rules, series_end=SHORT_SERIES)
        self.folded = {
            audience: empty_board(self.room.unit, self.room.day.isoformat()) for audience in Audience
        }
        self.arrivals: dict[str, object] = {}

    def ticket_ids(self, *states: State) -> list[str]:
        return [t.id for t in self.room.tickets.values() if not states or t.state in states]

    def pick(self, data: st.DataObject, *states: State) -> str:
        return data.draw(st.sampled_from(self.ticket_ids(*states)))

    # --- people
    # -------------------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([1, 10, 25, 70, 400]))
    def time_passes(self, seconds):
        self.room.wait(seconds)

    @rule(
        service=SERVICES,
        tier=st.sampled_from(Tier),
        booked=st.sampled_from([None, None, None, -15, -5, 0, 20]),
    )
    def a_citizen_takes_a_ticket(self, service, tier, booked):
        at = None if booked is None else self.room.now + timedelta(minutes=booked)
        ticket, refusal = attempt(self.room.issue, service, tier, at)
        if refusal:
            assert refusal.code == "series_exhausted"
            same = [t for t in self.room.tickets.values() if t.label == refusal.detail["label"]]
            assert any(t.state in ALIVE for t in same)
            return
        self.arrivals[ticket.id] = ticket.arrival_at

    @rule(
        desk=st.sampled_from(sorted(DESKS)),
        state=st.sampled_from(["open", "open", "paused", "closed"]),
        who=PEOPLE,
    )
    def somebody_sits_down_or_leaves(self, desk, state, who):
        held = self.room.in_hand(desk)
        if self.room.desks[desk].state == "closed" and state == "paused":
            return
        busy = [d.id for d in self.room.desks.values() if d.attendant == who]
        _, refusal = attempt(self.room.set_desk, desk, state, who)
        if refusal:
            assert held if refusal.code == "ticket_in_hand" else busy

    @rule(desk=st.sampled_from(sorted(DESKS)))
    def a_counter_calls_next(self, desk):
        view = self.room.snapshot(desk)
        foretold = order(view)
        ready = self.room.desks[desk].state == "open" and self.room.in_hand(desk) is None
        choice, refusal = attempt(self.room.call_next, desk)
        assert ready == (refusal is None)
        if refusal:
            return
        assert choice == (foretold[0] if foretold else None)
        if choice is None:
            return
        called = self.room.tickets[choice.ticket.id]
        assert (called.state, called.counter, called.reason) == (State.called, desk, choice.reason)
        if self.room.preset.mode is Mode.law:
            assert all(c.ticket.tier.rank >= choice.ticket.tier.rank for c in foretold)

    @precondition(lambda self: self.ticket_ids(State.waiting))
    @rule(data=st.data(), desk=st.sampled_from(sorted(DESKS)))
    def a_counter_calls_out_of_order(self, data, desk):
        ready = self.room.desks[desk].state == "open" and self.room.in_hand(desk) is None
        ticket = self.pick(data, State.waiting)
        called, refusal = attempt(self.room.call, desk, ticket, "mal-estar na sala")
        assert ready == (refusal is None)
        if refusal:
            return
        assert (called.reason, called.reason_detail) == ("manual", {"why": "mal-estar na sala"})

    @precondition(lambda self: self.ticket_ids(*IN_HAND))
    @rule(
        data=st.data(),
        action=st.sampled_from([Action.start, Action.finish, Action.recall, Action.no_show, Action.hold]),
    )
    def the_counter_goes_on(self, data, action):
        ticket = self.pick(data, *IN_HAND)
        self.try_action(ticket, action, self.room.tickets[ticket].counter)

    @precondition(lambda self: self.ticket_ids(*IN_HAND))
    @rule(
        data=st.data(),
        keep=st.booleans(),
        service=st.none() | SERVICES,
        to=st.sampled_from([{}, {"to_counter": "c1"}, {"to_counter": "c3"}, {"to_attendant": "bruno"}]),
    )
    def the_counter_sends_somebody_on(self, data, keep, service, to):
        ticket = self.pick(data, *IN_HAND)
        before = self.room.tickets[ticket]
        after = self.room.act(
            ticket,
            Action.transfer,
            before.counter,
            service=service,
            keep_place=keep,
            note="leva cópia",
            **to,
        )
        assert after.label == before.label
        assert after.note == "leva cópia"
        if not keep:
            self.arrivals[ticket] = self.room.now

    @precondition(lambda self: self.room.tickets)
    @rule(data=st.data(), action=st.sampled_from(Action), desk=st.sampled_from([None, *sorted(DESKS)]))
    def anybody_tries_anything(self, data, action, desk):
        """Old screens, retries, two people on one ticket: only what the lifecycle knows may come of it."""
        if action is Action.call:
            return  # by its own rules above
        self.try_action(self.pick(data), action, desk)

    def try_action(self, ticket_id: str, action: Action, desk: str | None) -> None:
        before, known = self.room.tickets[ticket_id], len(self.room.journal)
        mine = desk == before.counter and desk is not None
        by_anybody = action in (
            Action.return_, Action.cancel, Action.late, Action.change_tier, Action.expire,
        )  # fmt: skip
        after, refusal = attempt(self.room.act, ticket_id, action, desk, service="iptu", tier=Tier.donor)
        if refusal:
            if refusal.code == "illegal_transition":
                assert action not in legal_from(before.state)
                assert refusal.detail == {"state": before.state, "action": action}
            elif refusal.code == "ticket_not_yours":
                assert not mine
                assert not by_anybody
            else:
                assert refusal.code in COURTESY
            assert self.room.tickets[ticket_id] is before
            assert len(self.room.journal) == known
            return
        assert action in legal_from(before.state)
        assert mine or by_anybody
        assert len(self.room.journal) == known + 1
        assert after is not before

    @precondition(lambda self: self.ticket_ids(State.waiting, State.on_hold))
    @rule(data=st.data(), tier=st.sampled_from(Tier))
    def a_supervisor_puts_a_tier_right(self, data, tier):
        ticket = self.pick(data, State.waiting, State.on_hold)
        before = self.room.tickets[ticket]
        after, refusal = attempt(self.room.act, ticket, Action.change_tier, tier=tier, reason="engano")
        assert (refusal is not None) == (tier is before.tier)
        if refusal is None:
            assert (after.label, after.arrival_at, after.state) == (
                before.label,
                before.arrival_at,
                before.state,
            )

    @rule(name=st.sampled_from(sorted(PRESETS)))
    def a_supervisor_changes_the_preset(self, name):
        self.room.preset = PRESETS[name]

    @precondition(lambda self: len(self.room.journal) > 25)
    @rule()
    def the_day_is_closed(self):
        self.room.wait(3600)
        self.room.close_day()
        left = {t.state for t in self.room.tickets.values()} & ALIVE
        assert left <= {State.serving}

    # --- what may be relied on
    # --------------------------------------------------------------------------------

    @invariant()
    def every_screen_shows_what_the_records_say(self):
        """Board before and events give the board from the records, for the public and for the staff."""
        for audience, board in self.folded.items():
            before = copy.deepcopy(board)
            after = board
            for event in self.room.events(audience, after=board["seq"]):
                after = apply_event(after, event)
            assert board == before
            assert after == self.room.board()
            self.folded[audience] = after

    @invariant()
    def the_journal_alone_rebuilds_every_ticket(self):
        assert rebuild(self.room.journal) == self.room.tickets

    @invariant()
    def the_journal_has_no_hole(self):
        assert [event.seq for event in self.room.journal] == list(range(1, len(self.room.journal) + 1))

    @invariant()
    def one_ticket_one_counter_one_attendant(self):
        held = [t.counter for t in self.room.tickets.values() if t.state in IN_HAND]
        assert len(held) == len(set(held))
        assert None not in held
        seated = [d.attendant for d in self.room.desks.values() if d.attendant]
        assert len(seated) == len(set(seated))
        assert all((d.attendant is None) == (d.state == "closed") for d in self.room.desks.values())

    @invariant()
    def no_two_living_tickets_answer_to_one_label(self):
        """A returned ticket may meet its number again after a wrap; only issuing is guarded."""
        living = [
            t.label for t in self.room.tickets.values() if t.state in ALIVE and t.id not in self.returned()
        ]
        assert len(living) == len(set(living))

    def returned(self) -> set[str]:
        return {e.data["ticket"] for e in self.room.journal if e.type == "ticket.returned"}

    @invariant()
    def label_and_lap_are_unique_on_a_day(self):
        keys = [(t.day, t.label, t.lap) for t in self.room.tickets.values()]
        assert len(keys) == len(set(keys))

    @invariant()
    def nobody_loses_the_place_in_the_queue(self):
        """The effective arrival changes only by a transfer that says so."""
        assert {t.id: t.arrival_at for t in self.room.tickets.values()} == self.arrivals

    @invariant()
    def durations_fit_into_the_stay(self):
        for t in self.room.tickets.values():
            parts = [t.wait_seconds, t.walk_seconds, t.service_seconds]
            assert min(parts) >= 0
            total = (
                (self.room.now - t.issued_at).total_seconds() if t.stay_seconds is None else t.stay_seconds
            )
            assert sum(parts) <= total
            assert (t.waiting_since is not None) == (t.state is State.waiting)

    @invariant()
    def each_ticket_tells_one_story(self):
        """In the journal, every event of a ticket begins in the state in which the one before left it."""
        state: dict[str, str | None] = {}
        for event in self.room.journal:
            if event.type.startswith("ticket."):
                assert event.data["from"] == state.get(event.data["ticket"])
                state[event.data["ticket"]] = event.data["to"]
        assert state == {t.id: str(t.state) for t in self.room.tickets.values()}


Unit.TestCase.settings = settings(max_examples=60, stateful_step_count=60)
TestUnit = Unit.TestCase
