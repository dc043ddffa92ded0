"""The job's life, move by move, against the contract that the server's spool obeys as well."""

import json
from pathlib import Path

import pytest

from printer.job import CAUSES, FINAL, REPORTS, SAFE_TO_RETRY, TABLE, Event, IllegalMove, State, advance

CONTRACT = json.loads((Path(__file__).parents[1] / "contract" / "printjob.json").read_text())


def test_contract_lists_every_pair_once():
    pairs = [(m["state"], m["event"]) for m in CONTRACT["moves"]]
    assert len(pairs) == len(set(pairs)) == len(State) * len(Event)
    assert CONTRACT["states"] == list(State)
    assert CONTRACT["events"] == list(Event)


@pytest.mark.parametrize("move", CONTRACT["moves"], ids=lambda m: f"{m['state']}-{m['event']}")
def test_move(move):
    state, event = State(move["state"]), Event(move["event"])
    if move["next"] is None:
        with pytest.raises(IllegalMove):
            advance(state, event)
    else:
        assert advance(state, event) == move["next"]


def test_contract_words_are_ours():
    assert set(CONTRACT["final"]) == FINAL
    assert set(CONTRACT["safe_to_retry"]) == SAFE_TO_RETRY
    assert CONTRACT["reports"] == REPORTS
    assert set(CONTRACT["causes"]) == CAUSES


def test_accepted_bytes_are_never_sent_again_by_a_machine():
    """From a state where bytes may lie in the printer, no move but the agent's own 'nothing was accepted'
    leads back.
    """
    for state in (State.SENT, State.UNKNOWN, State.PRINTED):
        reachable = {nxt for event, nxt in TABLE[state].items() if event is not Event.REPRINT}
        assert not reachable & (SAFE_TO_RETRY | {State.SENDING})
    assert advance(State.SENDING, Event.LEASE_LOST) is State.UNKNOWN
