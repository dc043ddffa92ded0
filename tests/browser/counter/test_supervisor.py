"""The supervisor's screen against the real demo."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from counter_room import ANA, CHIEF, SERVICE, UNIT, Refused, Room, axe

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


def test_a_free_counter_counts_from_its_last_ticket(open_page: Any, room: Room, demo: dict[str, Any]) -> None:
    """Open for two hours and free as long; after one short service free since just now, without a reload."""
    ana = room.staff(ANA)
    seat = f"/units/{UNIT}/counters/ingleses-1"
    ana.post(f"{seat}/open")
    hours_ago = "UPDATE counter SET since = since - ?1, free_since = free_since - ?1 WHERE id = 'ingleses-1'"
    with closing(sqlite3.connect(Path(demo["data"]) / "vez.sqlite3", timeout=10)) as database, database:
        database.execute(hours_ago, [2 * 3600 * 1_000_000])
    page = open_page("/supervisor", CHIEF)
    page.wait_for_selector("[data-status=live]")
    free = "[data-counter=ingleses-1][data-phase=idle] .number"
    page.wait_for_selector(f"{free}:text-is('2 h 00')")
    room.issue()
    ticket = ana.post(f"{seat}/call-next")["ticket"]
    page.wait_for_selector("[data-counter=ingleses-1][data-phase=called]")
    ana.post(f"/tickets/{ticket['id']}/finish", {"resolution": "resolved"})
    page.wait_for_selector(f"{free}:text-is('0 min')")


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


WORDS = {
    "pt-BR": ("Mudar a faixa", "Prioritário por lei", "tocou errado"),
    "en-US": ("Change tier", "Priority by law", "wrong option"),
    "es-ES": ("Cambiar el nivel", "Prioridad por ley", "opción equivocada"),
}


@pytest.mark.parametrize("locale", WORDS)
def test_a_tier_is_put_right_with_the_keyboard_alone(open_page: Any, room: Room, locale: str) -> None:
    """From the queue to the new place, and the story says why; no mouse, in each language."""
    button, choice, why = WORDS[locale]
    first, second = room.issue(), room.issue()
    page = open_page("/supervisor", CHIEF, locale=locale)
    page.wait_for_selector(f".everybody [data-ticket={second['label']}]")
    page.focus(f".everybody [data-ticket={second['label']}]")
    page.keyboard.press("Enter")
    action = page.wait_for_selector("dialog [data-sheet-action=change_tier]")
    assert button in action.inner_text()
    action.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog input[type=radio]:focus", state="attached")
    axe(page, "the dialog of the tier")
    page.keyboard.press("Space")
    while choice not in page.locator("dialog label:has(input[type=radio]:checked)").inner_text():
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.type(why)
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog .sheet-head .tier-priority")
    page.wait_for_selector(f".story li:has-text('{why}')")
    page.keyboard.press("Escape")
    page.wait_for_function(
        """wanted => wanted === [...document.querySelectorAll('.everybody .rows [data-ticket]')]
            .map((row) => row.dataset.ticket).join()""",
        arg=f"{second['label']},{first['label']}",
    )
    kept = room.ticket(second["id"])
    assert (kept["tier"], kept["label"], kept["arrival_at"]) == (
        "priority",
        second["label"],
        second["arrival_at"],
    )


def test_the_room_is_not_for_attendants(open_page: Any) -> None:
    page = open_page("/supervisor", ANA)
    page.wait_for_selector("h1:text('Tela da supervisão')")
    assert page.locator(".figures").count() == 0


def test_a_departure_from_the_law_is_on_every_screen(
    open_page: Any, room: Room, demo: dict[str, Any], policy: Callable[[str], None]
) -> None:
    """Kiosk, panel and supervisor say it while they are open, without a reload; who decided, only the supervisor."""
    chief = open_page("/supervisor", CHIEF)
    chief.wait_for_selector("[data-status=live]")
    tokens = {d["kind"]: d["token"] for d in demo["devices"] if d["unit"] == UNIT}
    screens = [open_page(f"/{name}/{UNIT}#token={tokens[name]}") for name in ("kiosk", "panel")]
    assert chief.locator("[data-policy]").count() == 0
    policy("ratio_2_1")
    chief.wait_for_selector("[data-policy]:has-text('Decidido por a diretora')")
    for screen in screens:
        screen.wait_for_selector("text=A cada 2 chamadas prioritárias seguidas")
        assert "diretora" not in screen.inner_text("body")
    policy("law")
    chief.wait_for_selector("[data-policy]", state="detached")
