"""Who gets a ticket next: transfers, reservations, holds, manual calls, dedicated and ratio counters, pauses."""

from __future__ import annotations

import pytest
from city import City
from cityfixtures import both_engines
from rows import broken_promises, story
from sqlalchemy import select

from server.domain.errors import Refusal
from server.store import tables
from server.usecases import counters, policies
from server.usecases.verification import verify_journal

ANA, BRUNO, CARLA = "ana.martins", "bruno.silveira", "carla.nogueira"


@pytest.fixture
def room(city: City) -> City:
    """Three general counters open, five wait: A001 … A005, ten seconds apart."""
    for place, name in enumerate((ANA, BRUNO, CARLA), 1):
        city.open(name, f"centro-{place}")
    for _ in range(5):
        city.issue()
        city.clock.advance(10)
    return city


def next_label(city: City, who: str, place: int) -> str | None:
    """Call, finish, tell the label."""
    ticket = city.call_next(who, f"centro-{place}")["ticket"]
    if ticket is None:
        return None
    city.act(who, "finish", ticket["id"])
    return str(ticket["label"])


def order(city: City, counter: str | None = "centro-2") -> list[str]:
    """The queue as the staff's screen shows it."""
    seen = counters.queue(city.house, city.who("supervisao.centro"), "centro", counter, "pt-BR", 50)
    return [ticket["label"] for ticket in seen["tickets"]]


def in_hand(city: City, who: str = ANA, place: int = 1) -> str:
    """Call the next; its id."""
    return str(city.call_next(who, f"centro-{place}")["ticket"]["id"])


@both_engines
def test_transfer_keeps_the_place(room):
    """To another service: same label, first in line again, note along."""
    ticket = in_hand(room)
    moved = room.act(ANA, "transfer", ticket, service="itbi", note="trazer a matrícula")
    assert (moved["label"], moved["state"], moved["service"], moved["counter"]) == (
        "A001",
        "waiting",
        "itbi",
        None,
    )
    assert order(room) == ["A001", "A002", "A003", "A004", "A005"]
    called = room.call_next(BRUNO, "centro-2")["ticket"]
    assert (called["label"], called["note"]) == ("A001", "trazer a matrícula")
    assert broken_promises(room.store.engine) == []


def test_transfer_to_the_end(room):
    """Goes last when asked to."""
    room.act(ANA, "transfer", in_hand(room), service="itbi", place="last")
    assert order(room) == ["A002", "A003", "A004", "A005", "A001"]


@both_engines
def test_reserved_for_a_counter(room):
    """Hidden from all others, first for that one, whatever the profile says."""
    room.act(ANA, "transfer", in_hand(room), counter="centro-3")
    assert order(room, "centro-2") == ["A002", "A003", "A004", "A005"]
    assert order(room, "centro-3")[0] == "A001"
    assert next_label(room, BRUNO, 2) == "A002"
    called = room.call_next(CARLA, "centro-3")
    assert (called["ticket"]["label"], called["reason"]) == ("A001", "reserved_for_counter")
    assert called["ticket"]["reserved_counter"] is None


def test_reserved_for_an_attendant(room):
    """Follows the person, not the place."""
    room.act(ANA, "transfer", in_hand(room), attendant=room.who(CARLA).id)
    counters.close_counter(room.house, room.who(CARLA), "centro", "centro-3")
    room.open(CARLA, "centro-4")
    assert next_label(room, BRUNO, 2) == "A002"
    called = room.call_next(CARLA, "centro-4")
    assert (called["ticket"]["label"], called["reason"]) == ("A001", "reserved_for_attendant")


def test_a_reservation_is_counted_but_not_called_by_others(room):
    """Everybody else is served first; then only the one it is for finds it."""
    room.act(ANA, "transfer", in_hand(room), counter="centro-3")
    assert [next_label(room, BRUNO, 2) for _ in range(5)] == ["A002", "A003", "A004", "A005", None]
    assert next_label(room, CARLA, 3) == "A001"


@both_engines
def test_hold_and_return(room):
    """With the form filled in, back to the old place; the counter was free meanwhile."""
    ticket = in_hand(room)
    room.act(ANA, "start", ticket)
    room.act(ANA, "hold", ticket, reason="formulário")
    assert next_label(room, ANA, 1) == "A002"
    assert order(room) == ["A003", "A004", "A005"]
    room.clock.advance(600)
    back = room.act(BRUNO, "return", ticket)
    assert back["state"] == "waiting"
    assert order(room)[0] == "A001"
    assert room.call_next(CARLA, "centro-3")["ticket"]["calls"] == 1


def test_the_next_service_of_a_visit(room):
    """One label for the whole visit; what was done already is kept."""
    ticket = in_hand(room)
    room.act(ANA, "start", ticket)
    room.act(ANA, "next-service", ticket, service="abertura-processo")
    called = room.call_next(BRUNO, "centro-2")["ticket"]
    assert (called["label"], called["service"], called["performed"]) == (
        "A001",
        "abertura-processo",
        ["iptu-segunda-via"],
    )
    done = room.act(BRUNO, "finish", ticket)
    assert done["performed"] == ["iptu-segunda-via", "abertura-processo"]


@both_engines
def test_a_call_out_of_order_is_on_record(room):
    """With who and why, in the journal, in the audit, and as the reason of the call."""
    last = room.act(ANA, "cancel", room.issue()["id"]) and order(room)[-1]
    with room.store.read() as connection:
        ticket = connection.execute(
            select(tables.ticket.c.id).where(tables.ticket.c.label == last)
        ).scalar_one()
    called = room.call(ANA, "centro-1", ticket, "voltou com o documento")
    assert (called["ticket"]["label"], called["reason"]) == ("A005", "manual")
    assert "voltou com o documento" in called["reason_text"]
    event = story(room.store.engine, ticket)[-1]
    assert event.data["reason_detail"] == {"why": "voltou com o documento", "by": "Ana Martins"}
    with room.store.read() as connection:
        query = select(tables.audit).where(tables.audit.c.action == "ticket.call_out_of_order")
        row = connection.execute(query).one()
    assert (row.subject, row.actor, row.detail["why"]) == (
        ticket,
        room.who(ANA).ref,
        "voltou com o documento",
    )


def test_priority_first_and_why(room):
    """80+, then priority, then donors, then the others by arrival: each with its reason."""
    for tier in ("donor", "priority", "eighty_plus"):
        room.issue(tier=tier)
        room.clock.advance(1)
    told = []
    for _ in range(4):
        called = room.call_next(ANA, "centro-1")
        told.append((called["ticket"]["label"], called["reason"]))
        room.act(ANA, "finish", called["ticket"]["id"])
    assert told == [
        ("PA003", "eighty_plus"),
        ("PA002", "priority_tier"),
        ("PA001", "donor"),
        ("A001", "oldest_arrival"),
    ]


def test_the_list_is_what_will_be_called(room):
    """The queue on screen is the exact future, reasons included."""
    for tier in ("priority", "normal", "eighty_plus"):
        room.issue("itbi", tier)
        room.clock.advance(1)
    seen = counters.queue(room.house, room.who(ANA), "centro", "centro-1", "pt-BR", 50)
    promised = [(ticket["label"], ticket["reason"]) for ticket in seen["tickets"]]
    assert seen["total"] == len(promised) == 8
    came = []
    for _ in promised:
        called = room.call_next(ANA, "centro-1")
        came.append((called["ticket"]["label"], called["reason"]))
        room.act(ANA, "finish", called["ticket"]["id"])
    assert came == promised


def test_dedicated_mode_reverts_by_itself(room):
    """While the preferential counter is open the others go by arrival; when it closes, law again."""
    policies.set_policy(room.house, "centro", "dedicated", "decreto 12/2026")
    room.issue(tier="priority")
    room.open("leonardo.vieira", "centro-12")
    called = room.call_next(ANA, "centro-1")
    assert (called["ticket"]["label"], called["reason"]) == ("A001", "by_arrival_dedicated")
    room.act(ANA, "finish", called["ticket"]["id"])
    counters.close_counter(room.house, room.who("leonardo.vieira"), "centro", "centro-12")
    assert room.call_next(ANA, "centro-1")["ticket"]["label"] == "PA001"


def test_a_dedicated_counter_serves_priority_only(room):
    """It stands ready for the next priority citizen, in every mode."""
    room.open("leonardo.vieira", "centro-12")
    assert room.call_next("leonardo.vieira", "centro-12")["ticket"] is None
    room.issue(tier="donor")
    assert room.call_next("leonardo.vieira", "centro-12")["ticket"]["label"] == "PA001"


@both_engines
def test_ratio_two_to_one(room):
    """After two priority calls in a row the oldest normal goes: guaranteed, and remembered over commits."""
    policies.set_policy(room.house, "centro", "ratio_2_1", "portaria 3/2026")
    for _ in range(5):
        room.issue(tier="priority")
        room.clock.advance(1)
    told = [next_label(room, ANA, 1) for _ in range(8)]
    assert told == ["PA001", "PA002", "A001", "PA003", "PA004", "A002", "PA005", "A003"]
    with room.store.read() as connection:
        event = connection.execute(
            select(tables.journal).where(tables.journal.c.type == "unit.changed")
        ).one()
    assert (event.data["mode"], event.data["by"]) == ("ratio", "portaria 3/2026")
    assert verify_journal(room.house, "centro").problems == []


def test_a_pause_needs_an_empty_hand_and_a_reason(room):
    """And its seconds are on record when it ends."""
    ana = room.who(ANA)
    ticket = in_hand(room)
    with pytest.raises(Refusal, match="ticket_in_hand"):
        counters.pause(room.house, ana, "centro", "centro-1", "café")
    room.act(ANA, "finish", ticket)
    paused = counters.pause(room.house, ana, "centro", "centro-1", "café")["counter"]
    assert (paused["state"], paused["pause_reason"]) == ("paused", "café")
    assert counters.pause(room.house, ana, "centro", "centro-1", "outra vez")["counter"] == paused
    with pytest.raises(Refusal, match="counter_paused"):
        room.call_next(ANA, "centro-1")
    room.clock.advance(600)
    assert counters.resume(room.house, ana, "centro", "centro-1")["counter"]["state"] == "open"
    with room.store.read() as connection:
        query = select(tables.journal).where(tables.journal.c.type == "counter.resumed")
        assert connection.execute(query).one().data["seconds_before"] == 600


def test_sitting_down_twice_is_no_error(room):
    """A reloaded page asks again; a closed counter is closed again without harm."""
    before = room.open(ANA, "centro-1")
    assert before.id == room.who(ANA).id
    carla = room.who(CARLA)
    for _ in range(2):
        assert counters.close_counter(room.house, carla, "centro", "centro-3")["counter"]["state"] == "closed"


def test_a_supervisor_closes_for_somebody_else(room):
    """Who went home without closing; on record. An attendant may not."""
    with pytest.raises(Refusal, match="counter_not_yours"):
        counters.close_counter(room.house, room.who(BRUNO), "centro", "centro-1")
    leader = room.who("supervisao.centro")
    closed = counters.close_counter(room.house, leader, "centro", "centro-1", "Saiu sem fechar")
    assert closed["counter"]["attendant"] is None
    with room.store.read() as connection:
        row = connection.execute(
            select(tables.audit).where(tables.audit.c.action == "counter.close_other")
        ).one()
        left = connection.execute(
            select(tables.journal).where(tables.journal.c.type == "counter.closed")
        ).one()
    assert row.detail == {"attendant": room.who(ANA).id, "reason": "Saiu sem fechar"}
    assert left.data["reason"] == "Saiu sem fechar"


def test_a_profile_calls_what_is_its_own(city):
    """Obras has its services first; others only when those are empty or have waited past the limit of 20 minutes."""
    city.open("joao.batista", "centro-10")
    city.issue("iptu-segunda-via")
    city.clock.advance(60)
    city.issue("alvara-construcao")
    city.clock.advance(60)
    first = city.call_next("joao.batista", "centro-10")["ticket"]
    assert first["service"] == "alvara-construcao"
    city.act("joao.batista", "finish", first["id"])
    city.issue("alvara-construcao")
    city.clock.advance(minutes=20)
    called = city.call_next("joao.batista", "centro-10")
    assert (called["ticket"]["service"], called["reason"]) == ("iptu-segunda-via", "aging_guard")
