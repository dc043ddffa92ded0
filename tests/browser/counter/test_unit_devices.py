"""The page of the unit: its devices, and a look that reaches every open screen of the staff."""

from __future__ import annotations

from typing import Any

import pytest
from counter_room import ANA, CHIEF, UNIT, Refused, Room, Wire, axe

pytestmark = pytest.mark.browser
CARD = "[data-card=devices]"
NEIGHBOUR = "canasvieiras"
BRAND = "() => getComputedStyle(document.documentElement).getPropertyValue('--brand').trim()"
WEARS = f"(colour) => ({BRAND})() === colour"
SAYS = "(name) => document.querySelector('.bar')?.textContent.includes(name)"


def devices(room: Room) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in room.chief.get(f"/units/{UNIT}/devices")["devices"]}


def test_a_device_gets_a_code_is_paired_and_turned_away(open_page: Any, room: Room) -> None:
    page = open_page("/supervisor#unit", CHIEF)
    page.wait_for_selector(f"{CARD} [data-unit-device]")
    assert page.locator(f"{CARD} .ticks").count() == 0, "a supervisor of one unit shares no kiosk"
    page.get_by_label("Nome", exact=True).fill("Totem do pátio")
    page.get_by_role("button", name="Gerar código").click()
    code = page.wait_for_selector(f"{CARD} [data-code]").get_attribute("data-code")
    assert f"/kiosk/{UNIT}" in page.inner_text(f"{CARD} [data-code]")
    line = page.locator("[data-unit-device]", has_text="Totem do pátio")
    assert "Não pareado" in line.inner_text()
    paired = Wire(room.base).post("/devices/pair", {"code": code})
    assert paired["device"]["name"] == "Totem do pátio"
    kiosk = Wire(room.base, token=paired["token"])
    line.get_by_role("button", name="Desligar Totem do pátio").click()
    line.get_by_role("button", name="Não", exact=True).click()
    assert kiosk.get("/devices/me")["device"]["unit"] == UNIT, "asked first"
    line.get_by_role("button", name="Desligar Totem do pátio").click()
    line.get_by_role("button", name="Sim, desligar").click()
    page.wait_for_selector(f"{CARD} .unit-ok:has-text('Aparelho desligado')")
    assert line.count() == 0
    with pytest.raises(Refused, match="device_revoked"):
        kiosk.get("/devices/me")


def test_an_admin_lets_a_kiosk_serve_another_unit_and_takes_it_back(open_page: Any, room: Room) -> None:
    page = open_page("/supervisor#unit", "admin")
    page.get_by_role("group", name="Unidade").get_by_role("button", name="Ingleses").click()
    kiosk = next(one for one in devices(room).values() if one["kind"] == "kiosk")
    line = page.locator(f"[data-unit-device={kiosk['id']}]")
    tick = line.get_by_label("Canasvieiras")
    tick.check()
    page.wait_for_selector(f"{CARD} .unit-ok")
    assert room.kiosk.get("/devices/me")["device"]["also"] == [NEIGHBOUR]
    issued = room.kiosk.post(f"/units/{NEIGHBOUR}/tickets", {"service": "itbi", "tier": "normal"})
    room.staff("admin").post(f"/tickets/{issued['ticket']['id']}/cancel", {"reason": "fim do teste"})
    tick.uncheck()
    page.wait_for_function(
        "async (url) => !(await (await fetch(url)).json()).devices.some((one) => one.also.length)",
        arg=f"/api/v1/units/{UNIT}/devices",
    )
    with pytest.raises(Refused, match="wrong_unit"):
        room.kiosk.post(f"/units/{NEIGHBOUR}/tickets", {"service": "itbi", "tier": "normal"})


@pytest.mark.parametrize("locale", ["pt-BR", "en", "es"])
def test_the_devices_pass_axe_with_a_code_and_a_question_on_the_screen(
    open_page: Any, room: Room, locale: str
) -> None:
    page = open_page("/supervisor#unit", "admin", locale=locale, reduced_motion="reduce")
    page.wait_for_selector(f"{CARD} [data-unit-device] .ticks")
    page.fill(f"{CARD} .field input", "Painel do corredor")
    page.click(f"{CARD} label:nth-of-type(2) >> nth=0")
    page.click(f"{CARD} button[type=submit]")
    page.wait_for_selector(f"{CARD} [data-code]")
    page.click(f"{CARD} [data-unit-device] >> nth=0 >> button")
    axe(page, locale)
    page.evaluate("document.documentElement.dataset.contrast = 'high'")
    axe(page, f"{locale}, high contrast")


def test_a_new_look_and_name_reach_counter_and_supervisor_without_a_reload(
    open_page: Any, room: Room
) -> None:
    desk, chief = open_page("/counter", ANA), open_page("/supervisor", CHIEF)
    put = """async ([unit, csrf, body]) => (await fetch(`/api/v1/units/${unit}/brand`, { method: 'PUT',
      headers: { 'X-CSRF-Token': csrf, 'Content-Type': 'application/json' }, body: JSON.stringify(body) })).status"""
    for page in (desk, chief):
        page.wait_for_selector("[data-status=live]")
        page.evaluate("window.same = true")
    csrf = chief.evaluate("async () => (await (await fetch('/api/v1/session')).json()).csrf_token")
    before = desk.evaluate(BRAND)
    wish = {"name": "Pró-Cidadão Norte", "colour": "#7a1f3d"}
    assert chief.evaluate(put, [UNIT, csrf, wish]) == 200
    for page in (desk, chief):
        page.wait_for_function(WEARS, arg="#7a1f3d")
        page.wait_for_function(SAYS, arg="Pró-Cidadão Norte")
    assert chief.evaluate(put, [UNIT, csrf, {"name": "Pró-Cidadão Ingleses"}]) == 200
    for page in (desk, chief):
        page.wait_for_function(WEARS, arg=before)
        assert page.evaluate("window.same"), "never reloaded"
