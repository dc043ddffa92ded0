"""DOMAIN 3 written out as a table: every state and every action, cell by cell."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from lives import CELLS, LATER, NINE, in_state, move, refused

from server.domain.events import TYPES
from server.domain.lifecycle import LEGAL, Action, advance, legal_from
from server.domain.ticket import State


def test_the_table_is_complete():
    assert {(state, action) for state, action, _ in CELLS} == {(s, a) for s in State for a in Action}
    assert len(CELLS) == 104


@pytest.mark.parametrize("state,action,target", CELLS, ids=str)
def test_every_state_and_action(state, action, target):
    ticket = in_state(state)
    wanted = move(action, LATER, by="staff:ana")
    if target is None:
        refusal = refused(ticket, wanted)
        assert (refusal.code, refusal.detail) == (
            "illegal_transition",
            {"state": str(state), "action": str(action)},
        )
        return
    if action is Action.no_show:
        ticket = replace(ticket, calls=3)
    after, event = advance(ticket, wanted)
    assert after.state is target
    assert event.type in TYPES
    assert event.at == NINE + timedelta(seconds=LATER)
    assert (event.data["from"], event.data["to"], event.data["action"]) == (state, target, action)
    assert (event.data["ticket"], event.data["label"], event.data["by"]) == ("0193", "A042", "staff:ana")


@pytest.mark.parametrize("state", State)
def test_legal_from_agrees_with_the_table(state):
    assert legal_from(state) == {action for s, action, target in CELLS if s is state and target}


def test_the_code_and_the_table_say_the_same():
    assert {(s, a): t for s, a, t in CELLS if t} == {
        (state, action): target or state for action, (sources, target) in LEGAL.items() for state in sources
    }


@pytest.mark.parametrize("state,action,target", [cell for cell in CELLS if cell[2]])
def test_no_move_changes_who_the_ticket_is(state, action, target):
    before = replace(in_state(state), calls=3)
    after, _ = advance(before, move(action, LATER))
    for name in ("id", "unit", "day", "label", "prefix", "number", "lap", "language", "origin"):
        assert getattr(after, name) == getattr(before, name)
    assert (after.tier is before.tier) == (action is not Action.change_tier)
    assert after.issued_at == before.issued_at


@pytest.mark.parametrize("state,action,target", [cell for cell in CELLS if cell[2]])
def test_a_ticket_waits_since_then_or_not_at_all(state, action, target):
    """``waiting_since`` is set exactly while it waits, and the end exactly when it is over."""
    before = in_state(state)
    before = replace(before, calls=3) if action is Action.no_show else before
    after, _ = advance(before, move(action, LATER))
    over = {State.finished, State.no_show, State.cancelled, State.expired}
    assert (after.waiting_since is not None) == (target is State.waiting)
    assert (after.finished_at is not None) == (target in over)
    assert (after.stay_seconds is not None) == (target in over)
    if target is State.waiting:
        assert (after.counter, after.attendant, after.calls, after.called_at) == (None, None, 0, None)
        # Who is in another tier has not begun to wait anew.
        begun = 0 if action is Action.change_tier else LATER
        assert after.waiting_since == NINE + timedelta(seconds=begun)
