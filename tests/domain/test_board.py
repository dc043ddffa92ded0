"""The board: the fold of the journal is the picture that the tickets and counters give, event by event."""

from __future__ import annotations

import copy
import json

import pytest
from board_cases import FILE, document

from server.domain.board import CALLS_KEPT, apply_event, empty_board
from server.domain.events import TYPES

CONTRACT = json.loads(FILE.read_text(encoding="utf-8"))
BY_NAME = [pytest.param(case, id=case["name"]) for case in CONTRACT["cases"] + CONTRACT["strays"]]


def fold(board, events):
    for event in events:
        board = apply_event(board, event)
    return board


@pytest.mark.parametrize("case", BY_NAME)
def test_the_board_before_and_the_events_give_the_board_after(case):
    assert fold(case["before"], case["events"]) == case["after"]


@pytest.mark.parametrize("case", BY_NAME)
def test_the_fold_leaves_the_old_board_alone(case):
    before = copy.deepcopy(case["before"])
    fold(case["before"], case["events"])
    assert case["before"] == before


@pytest.mark.parametrize("case", BY_NAME)
def test_an_event_that_comes_again_changes_nothing(case):
    """Delivery is at least once: whatever is repeated, the board stays."""
    assert fold(case["after"], case["events"]) == case["after"]


def test_the_contract_is_what_the_domain_does_today():
    """On purpose? Then write the file anew: python tests/domain/board_cases.py, and look at the difference."""
    assert document() == CONTRACT


def test_the_contract_meets_every_type_of_event():
    assert {event["type"] for case in CONTRACT["cases"] for event in case["events"]} == TYPES


def test_the_contract_is_one_unbroken_story():
    events = [event for case in CONTRACT["cases"] for event in case["events"]]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    first, *others = CONTRACT["cases"]
    assert first["before"] == empty_board("centro", "2026-11-23")
    boards = [first["after"], *(case["before"] for case in others)]
    assert boards[1:] == [case["after"] for case in CONTRACT["cases"][:-1]]
    assert fold(empty_board("centro", "2026-11-23"), events) == CONTRACT["cases"][-1]["after"]


def test_the_contract_fills_the_list_of_calls():
    assert max(len(case["after"]["calls"]) for case in CONTRACT["cases"]) == CALLS_KEPT
