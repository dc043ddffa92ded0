"""The journal alone rebuilds every ticket, through the store's own JSON and back, and shows what was tampered with."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from board_cases import Story, new_room

from server.domain.errors import Refusal
from server.domain.events import Recorded
from server.domain.lifecycle import Action
from server.domain.replay import rebuild, replay
from server.domain.ticket import State, Tier


def stored(events: list[Recorded]) -> list[Recorded]:
    """As they come back from the database: the data went through JSON."""
    return [replace(event, data=json.loads(json.dumps(event.data))) for event in events]


@pytest.fixture
def room():
    """A visit with every detour: hold, transfer to a counter, next service, no-show, return, out of order."""
    room = new_room()
    room.set_desk("c1", "open", "ana")
    room.set_desk("c2", "open", "bruno")
    first = room.issue("iptu", language="es").id
    booked = room.issue("alvara", Tier.donor, booked=room.now + timedelta(minutes=5)).id
    late = room.issue("itbi").id
    steps = [
        lambda: room.call("c1", first, "passou mal"),
        lambda: room.act(first, Action.start, "c1"),
        lambda: room.act(first, Action.hold, "c1", note="preenche o formulário", reason="form"),
        lambda: room.act(first, Action.return_),
        lambda: room.call_next("c1"),
        lambda: room.act(booked, Action.start, "c1"),
        lambda: room.act(booked, Action.transfer, "c1", to_counter="c2", keep_place=False, note="falta o RG"),
        lambda: room.call_next("c2"),
        lambda: room.act(booked, Action.start, "c2"),
        lambda: room.act(booked, Action.next_service, "c2", service="protocolo"),
        lambda: room.call_next("c2"),
        lambda: room.act(booked, Action.finish, "c2", resolution="pending", performed=("protocolo", "itbi")),
        lambda: room.act(late, Action.change_tier, tier=Tier.priority, reason="tocou na opção errada"),
        lambda: room.act(late, Action.cancel, reason="desistiu"),
        lambda: room.call_next("c1"),
        lambda: room.act(first, Action.recall, "c1"),
        lambda: room.act(first, Action.no_show, "c1"),
    ]
    for step in steps:
        room.wait(63.25)
        step()
    return room


def test_every_field_of_every_ticket_comes_back(room):
    assert rebuild(stored(room.journal)) == room.tickets
    states = {ticket.state for ticket in room.tickets.values()}
    assert states == {State.finished, State.cancelled, State.no_show}


def test_the_whole_morning_of_the_board_comes_back():
    story = Story()
    story.case("tickets", lambda room: [room.issue("iptu") for _ in range(5)])
    story.case("midnight", lambda room: room.close_day())
    assert rebuild(stored(story.room.journal)) == story.room.tickets


def test_a_story_cut_short_gives_the_ticket_of_that_moment(room):
    for length in range(len(room.journal)):
        part = rebuild(room.journal[:length])
        after = rebuild(room.journal[: length + 1])
        event = room.journal[length]
        if event.type.startswith("ticket.") and event.type != "ticket.issued":
            ticket = event.data["ticket"]
            assert replay(part[ticket], event) == after[ticket]
            assert after[ticket].state == event.data["to"]


def test_a_removed_event_breaks_the_story(room):
    """Without its call, a start is no legal move."""
    call = next(n for n, event in enumerate(room.journal) if event.type == "ticket.called")
    with pytest.raises(Refusal) as refused:
        rebuild(room.journal[:call] + room.journal[call + 1 :])
    assert refused.value.code == "illegal_transition"


def test_a_changed_event_shows_against_the_records(room):
    call = next(n for n, event in enumerate(room.journal) if event.type == "ticket.called")
    forged = list(room.journal)
    forged[call] = replace(forged[call], at=forged[call].at - timedelta(minutes=1))
    assert rebuild(forged) != room.tickets


def test_a_ticket_that_was_never_issued_is_an_error(room):
    with pytest.raises(KeyError):
        rebuild([event for event in room.journal if event.type != "ticket.issued"])
