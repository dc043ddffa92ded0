"""The supervisor's screen against the real demo."""

from __future__ import annotations

from typing import Any

import pytest
from counter_room import ANA, CHIEF, SERVICE, UNIT, Refused, Room

pytestmark = pytest.mark.browser


def test_the_supervisor_sees_the_room_move(open_page: Any, room: Room) -> None:
    page = open_page("/supervisor", CHIEF)
    page.wait_for_selector("[data-status=live]")
    ticket = room.issue()
    page.wait_for_selector(f".everybody [data-ticket={ticket['label']}]")
    ana = room.staff(ANA)
    ana.post(f"/units/{UNIT}/counters/ingleses-1/open")
    page.wait_for_selector("[data-counter=ingleses-1][data-phase=idle]")
    ana.post(f"/units/{UNIT}/counters/ingleses-1/call-next")
    row = page.wait_for_selector("[data-counter=ingleses-1][data-phase=called]")
    assert "Paula Menezes" in row.inner_text()
    assert ticket["label"] in row.inner_text()
    page.click("[data-counter=ingleses-1] .link")
    page.wait_for_selector(".story li:nth-child(2)")
    assert "Chamada no guichê 1: Chegada mais antiga" in page.inner_text(".story")
    page.click("[data-sheet-action=transfer]")
    page.click("dialog >> text=Lugar")
    page.click("dialog .picker-item:has-text('Guichê 2')")
    page.click("dialog button[type=submit]")
    page.wait_for_selector("dialog .state-waiting")
    assert room.ticket(ticket["id"])["reserved_counter"] == "ingleses-2"
    page.keyboard.press("Escape")
    page.click("[data-counter=ingleses-1] button[aria-label='Fechar Guichê 1']")
    page.click("dialog .chip:has-text('Saiu sem fechar')")
    page.click("dialog button[type=submit]")
    page.wait_for_selector("[data-counter=ingleses-1]", state="detached")
    assert room.counters()["ingleses-1"]["state"] == "closed"


def test_a_printer_and_a_service_are_seen_and_a_service_is_closed_and_opened(
    open_page: Any, room: Room
) -> None:
    room.issue()
    page = open_page("/supervisor", CHIEF)
    page.wait_for_selector("[data-device=ingleses-impressora].device-ok")
    line = f"[data-service={SERVICE}]"
    page.click(f"{line} button")
    page.click("dialog button[type=submit]")
    page.wait_for_selector(f"{line} .state")
    with pytest.raises(Refused, match="service_closed"):
        room.issue()
    page.click(f"{line} button")
    page.click("dialog button[type=submit]")
    page.wait_for_selector(f"{line} .state", state="detached")
    room.issue()


def test_the_room_is_not_for_attendants(open_page: Any) -> None:
    page = open_page("/supervisor", ANA)
    page.wait_for_selector("h1:text('Tela da supervisão')")
    assert page.locator(".figures").count() == 0
