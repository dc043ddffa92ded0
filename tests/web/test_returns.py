"""Back to the queue (DOMAIN 3): by the counter, the supervisor, or the citizen at a kiosk, with the first arrival."""

from __future__ import annotations

from typing import Any

import pytest
from rows import broken_promises, dump, story
from site_under_test import Site, Visitor

from server.usecases.verification import verify_journal

DESK = "/units/centro/counters/centro-1"


def absent(site: Site, clock: Any) -> dict[str, Any]:
    """A ticket whose citizen did not come when called, with a note of the staff on it."""
    ana = site.staff("ana.martins")
    ana("POST", f"{DESK}/open")
    ticket: dict[str, Any] = site.device("kiosk")(
        "POST", "/units/centro/tickets", {"service": "iptu-segunda-via"}
    ).json["ticket"]
    ana("POST", f"{DESK}/call-next", {})
    ana("POST", f"/tickets/{ticket['id']}/transfer", {"counter": "centro-1", "note": "processo 12/2026"})
    ana("POST", f"{DESK}/call-next", {})
    for _ in range(2):
        clock.advance(40)
        assert ana("POST", f"/tickets/{ticket['id']}/recall", {}).status_code == 200
    assert ana("POST", f"/tickets/{ticket['id']}/no-show", {}).json["ticket"]["note"] == "processo 12/2026"
    return ticket


def give_back(visitor: Visitor, ticket: dict[str, Any], **body: Any) -> Any:
    return visitor("POST", f"/tickets/{ticket['id']}/return", body, key="volta")


@pytest.mark.parametrize("who", ["kiosk", "ana.martins", "supervisao.centro"])
def test_counter_supervisor_and_kiosk_give_a_ticket_back(site, clock, who):
    ticket = absent(site, clock)
    visitor = site.device(who) if who == "kiosk" else site.staff(who)
    answer = give_back(visitor, ticket)
    assert answer.status_code == 200
    assert answer.json["ticket"]["state"] == "waiting"
    assert answer.json["ticket"]["arrival_at"] == ticket["arrival_at"]
    assert give_back(visitor, ticket).json == answer.json, "a second tap changes nothing"
    assert verify_journal(site.house, "centro").problems == []
    assert broken_promises(site.store.engine) == []


def test_a_kiosk_is_told_nothing_that_the_staff_noted(site, clock):
    ticket = absent(site, clock)
    told = give_back(site.device("kiosk"), ticket)
    assert "processo" not in told.text
    assert "Ana Martins" not in told.text
    kept = site.staff("ana.martins")("GET", f"/tickets/{ticket['id']}").json["ticket"]
    assert kept["note"] == "processo 12/2026", "and nothing is lost"


@pytest.mark.parametrize("who", ["panel", "printer", "feedback"])
def test_no_other_device_does(site, clock, who):
    ticket, visitor = absent(site, clock), site.device(who)
    before = dump(site.store.engine)
    assert give_back(visitor, ticket).status_code == 403
    assert dump(site.store.engine) == before


def test_the_reason_is_kept_and_told(site, clock):
    ticket, ana = absent(site, clock), site.staff("ana.martins")
    give_back(ana, ticket, reason="estava no banheiro")
    assert story(site.store.engine, ticket["id"])[-1].data["reason"] == "estava no banheiro"
    history = ana("GET", f"/tickets/{ticket['id']}/history?lang=en").json["events"]
    assert history[-1]["text"] == "Back in the queue, in the place of its first arrival: estava no banheiro"
    public = site.device("panel")("GET", "/units/centro/events?after=0").text
    assert "banheiro" not in public
    assert verify_journal(site.house, "centro").problems == []
