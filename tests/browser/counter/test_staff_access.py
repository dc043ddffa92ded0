"""The staff's screens for everybody: axe in three languages and all looks, keys, twice the size."""

from __future__ import annotations

import json
from typing import Any

import pytest
from counter_room import ANA, CHIEF, Room, axe, log_in, press_and_wait, sit_down

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("locale", ["pt-BR", "en", "es"])
def test_every_state_of_the_counter_passes_axe(open_page: Any, room: Room, locale: str) -> None:
    room.issue(tier="priority"), room.issue(tier="eighty_plus"), room.issue(tier="donor"), room.issue()
    page = open_page(locale=locale)
    page.wait_for_selector("#username")
    assert page.get_attribute("html", "lang") == locale
    axe(page, "login")
    log_in(page, ANA, room.password)
    page.wait_for_selector("[data-counter=ingleses-1]")
    axe(page, "choose")
    sit_down(page)
    page.wait_for_selector("[data-queue] li")
    axe(page, "idle")
    page.keyboard.press("F2")
    page.wait_for_selector("[data-phase=called]")
    axe(page, "called")
    page.keyboard.press("F4")
    page.wait_for_selector("[data-phase=serving]")
    axe(page, "serving")
    for name in ("transfer", "next_service", "hold", "add-service"):
        page.click(f"[data-action={name}]")
        page.wait_for_selector("dialog[open]")
        axe(page, name)
        page.keyboard.press("Escape")
        page.wait_for_selector("dialog[open]", state="detached")
    page.keyboard.press("?")
    page.wait_for_selector("dialog[open] .keys")
    axe(page, "help")
    page.keyboard.press("Escape")
    page.click(".hand-reason")
    page.wait_for_selector(".story li")
    axe(page, "sheet")
    page.keyboard.press("Escape")
    page.click("[data-tab=reception]")
    page.wait_for_selector(".search [data-ticket]")
    axe(page, "reception")


@pytest.mark.parametrize(
    "look", [{"theme": "dark", "contrast": "normal"}, {"theme": "light", "contrast": "high"}]
)
def test_dark_and_high_contrast_pass_axe_on_both_screens(
    open_page: Any, room: Room, look: dict[str, str]
) -> None:
    room.issue(tier="priority"), room.issue()
    script = f"localStorage.setItem('vez.staff.look', JSON.stringify({json.dumps(look | {'letters': True})}))"
    page = open_page()
    page.evaluate(script)
    page.reload()
    log_in(page, ANA, room.password)
    sit_down(page)
    page.wait_for_selector("[data-queue] li")
    axe(page, "idle")
    press_and_wait(page, "c", "called")
    axe(page, "called")
    room_page = open_page("/supervisor", CHIEF)
    room_page.wait_for_selector("[data-counter=ingleses-1]")
    room_page.evaluate(script)
    room_page.reload()
    room_page.wait_for_selector("[data-counter=ingleses-1]")
    room_page.wait_for_selector("[data-device]")
    axe(room_page, "supervisor")


@pytest.mark.parametrize("locale", ["pt-BR", "en", "es"])
def test_the_supervisor_passes_axe(open_page: Any, room: Room, locale: str) -> None:
    room.issue(tier="priority"), room.issue()
    page = open_page("/supervisor", CHIEF, locale=locale)
    page.wait_for_selector(".everybody [data-ticket]")
    page.wait_for_selector("[data-device]")
    axe(page, "supervisor")


def test_several_units_on_one_page_pass_axe(open_page: Any, room: Room) -> None:
    """No two parts are called alike, whatever number of units is on the page."""
    page = open_page("/supervisor", "admin")
    for unit in ("ingleses", "lagoa"):
        chip = page.wait_for_selector(f"[data-unit-chip={unit}]")
        if chip.get_attribute("aria-pressed") == "false":
            chip.click()
    page.wait_for_selector("[data-unit=lagoa] [data-device]")
    axe(page, "several units")


def test_the_longest_name_of_a_unit_is_whole_in_the_bar(open_page: Any, room: Room) -> None:
    page = open_page(username=ANA)
    sit_down(page)
    apart = """() => {
      const name = document.querySelector('.bar-place p');
      name.textContent = 'Pró-Cidadão Lagoa da Conceição';
      const [tabs, bar] = ['.tabs', '.bar'].map((one) => document.querySelector(one).getBoundingClientRect());
      const box = name.getBoundingClientRect();
      return box.right <= tabs.left && box.bottom <= bar.bottom && name.scrollWidth <= name.clientWidth
        && document.documentElement.scrollWidth <= innerWidth;
    }"""
    assert page.evaluate(apart)


def test_letters_can_be_switched_off(open_page: Any, room: Room) -> None:
    room.issue()
    page = open_page(username=ANA)
    sit_down(page)
    page.keyboard.press("?")
    page.click("dialog input[type=checkbox]")
    page.keyboard.press("Escape")
    assert "F2" in page.inner_text("[data-action=call_next]")
    page.keyboard.press("c")
    press_and_wait(page, "F2", "called")
    assert [ticket["calls"] for ticket in room.tickets("called")] == [1]


def test_nothing_runs_off_the_screen_at_twice_the_size(open_page: Any, room: Room) -> None:
    room.issue()
    page = open_page(username=ANA, viewport={"width": 683, "height": 384})
    sit_down(page)
    press_and_wait(page, "c", "called")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
