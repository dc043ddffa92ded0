"""A supervisor puts a ticket's tier right (SCREENS, Supervisor): same label, same arrival, on record, and discreet."""

from __future__ import annotations

from typing import Any

import pytest
from cityfixtures import both_engines
from rows import broken_promises, dump, story
from site_under_test import Site
from sqlalchemy import select

from server.store import lanes, tables
from server.usecases.verification import verify_journal

DESK = "/units/centro/counters/centro-1"
WHY = "tocou na opção errada"
RIGHT = {"tier": "priority", "reason": WHY}


def take(site: Site, **more: Any) -> dict[str, Any]:
    issued = site.device("kiosk")("POST", "/units/centro/tickets", {"service": "iptu-segunda-via"} | more)
    ticket: dict[str, Any] = issued.json["ticket"]
    return ticket


def order(site: Site) -> list[str]:
    queue = site.staff("ana.martins")("GET", "/units/centro/queue?counter=centro-1").json
    return [ticket["label"] for ticket in queue["tickets"]]


@both_engines
def test_the_ticket_moves_up_with_its_label_and_its_arrival(site, clock):
    first, leader = take(site), site.staff("supervisao.centro")
    for tier in ("normal", "priority", "eighty_plus"):
        clock.advance(60)
        take(site, tier=tier)
    assert order(site) == ["PA002", "PA001", "A001", "A002"]
    clock.advance(60)
    answer = leader("POST", f"/tickets/{first['id']}/tier", RIGHT, key="certo")
    assert answer.status_code == 200
    kept = ("label", "prefix", "number", "arrival_at", "issued_at", "waiting_since", "state", "service")
    assert {name: answer.json["ticket"][name] for name in kept} == {name: first[name] for name in kept}
    assert answer.json["ticket"]["tier"] == "priority"
    assert order(site) == ["PA002", "A001", "PA001", "A002"], "by its own arrival, among its new tier"
    again = leader("POST", f"/tickets/{first['id']}/tier", RIGHT, key="certo")
    assert again.json == answer.json
    with site.store.read() as connection:
        counts = lanes.counts(connection, "centro")
    assert {str(tier): n for (_, tier), n in counts.items()} == {"eighty_plus": 1, "priority": 2, "normal": 1}
    assert verify_journal(site.house, "centro").problems == []
    assert broken_promises(site.store.engine) == []


def test_the_citizen_sees_the_new_place(site, clock):
    mine = take(site)
    for _ in range(2):
        clock.advance(60)
        take(site, tier="priority")
    page = f"/tickets/follow/{mine['follow_url'].rpartition('/')[2]}"
    assert site.nobody()("GET", page).json["ticket"]["position"] == 3
    site.staff("supervisao.centro")("POST", f"/tickets/{mine['id']}/tier", RIGHT)
    assert site.nobody()("GET", page).json["ticket"]["position"] == 1


def test_on_hold_it_is_remembered_until_the_return(site, clock):
    ticket, ana = take(site), site.staff("ana.martins")
    ana("POST", f"{DESK}/open")
    ana("POST", f"{DESK}/call-next")
    ana("POST", f"/tickets/{ticket['id']}/hold", {"reason": "formulário"})
    changed = site.staff("admin")("POST", f"/tickets/{ticket['id']}/tier", RIGHT)
    assert changed.json["ticket"]["state"] == "on_hold"
    clock.advance(60)
    take(site, tier="priority")
    ana("POST", f"/tickets/{ticket['id']}/return", {})
    assert order(site) == ["A001", "PA001"]
    called = ana("POST", f"{DESK}/call-next").json
    assert (called["ticket"]["label"], called["reason"]) == ("A001", "priority_tier")
    assert verify_journal(site.house, "centro").problems == []


def test_journal_history_and_audit_say_who_and_why(site):
    ticket, leader = take(site), site.staff("supervisao.centro")
    leader("POST", f"/tickets/{ticket['id']}/tier", RIGHT)
    event = story(site.store.engine, ticket["id"])[-1]
    assert event.type == "ticket.tier_changed"
    told = {"tier": "priority", "previous_tier": "normal", "reason": WHY}
    assert told.items() <= event.data.items()
    with site.store.read() as connection:
        audit = connection.execute(select(tables.audit).order_by(tables.audit.c.id.desc())).first()
    assert (audit.action, audit.subject, audit.actor) == ("ticket.tier", ticket["id"], event.data["by"])
    assert audit.detail == {"label": "A001", "why": WHY, "tier": "priority", "previous_tier": "normal"}
    words = {
        "pt-BR": f"Faixa mudada de “Atendimento normal” para “Prioritário por lei”: {WHY}",
        "en": f"Tier changed from “Standard service” to “Priority by law”: {WHY}",
        "es": f"Nivel de prioridad cambiado de «Atención normal» a «Prioridad por ley»: {WHY}",
    }
    for language, text in words.items():
        history = leader("GET", f"/tickets/{ticket['id']}/history?lang={language}").json["events"]
        assert history[-1]["text"] == text


def test_the_room_is_not_told_whose_tier_it_was(site):
    ticket = take(site)
    seq = site.device("panel")("GET", "/units/centro/board").json["seq"]
    site.staff("supervisao.centro")("POST", f"/tickets/{ticket['id']}/tier", RIGHT)
    for kind in ("panel", "kiosk"):
        event = site.device(kind)("GET", f"/units/centro/events?after={seq}").json["events"]
        assert [(e["type"], e["data"]) for e in event] == [("ticket.tier_changed", {})]
    staff = site.staff("ana.martins")("GET", f"/units/centro/events?after={seq}").json["events"]
    assert staff[0]["data"]["label"] == "A001"


@pytest.mark.parametrize(
    "body,status,code",
    [
        ({"tier": "normal", "reason": WHY}, 409, "tier_unchanged"),
        ({"tier": "priority"}, 422, "invalid_fields"),
        ({"tier": "priority", "reason": " "}, 422, "invalid_fields"),
        ({"tier": "vip", "reason": WHY}, 422, "invalid_fields"),
        ({"reason": WHY}, 422, "invalid_fields"),
        (RIGHT | {"version": 7}, 409, "conflict"),
        (RIGHT | {"label": "PA001"}, 422, "invalid_fields"),
    ],
    ids=["the same", "no reason", "blank reason", "no tier of ours", "no tier", "seen another", "unknown"],
)
def test_what_is_refused_changes_nothing(site, body, status, code):
    ticket, leader = take(site), site.staff("supervisao.centro")
    before = dump(site.store.engine)
    refusal = leader("POST", f"/tickets/{ticket['id']}/tier", body)
    assert (refusal.status_code, refusal.json["error"]["code"]) == (status, code)
    assert dump(site.store.engine) == before


def test_not_while_somebody_has_it_in_hand(site):
    ticket, ana = take(site), site.staff("ana.martins")
    ana("POST", f"{DESK}/open")
    ana("POST", f"{DESK}/call-next")
    refusal = site.staff("supervisao.centro")("POST", f"/tickets/{ticket['id']}/tier", RIGHT)
    assert refusal.json["error"]["code"] == "illegal_transition"
    assert refusal.json["error"]["detail"] == {"action": "change_tier", "state": "called"}
