"""The main job, for real: a tap on the kiosk, paper, a press at the counter, the number on the wall."""

from __future__ import annotations

import io
import json
import re
import urllib.request
from typing import Any

import pytest
from PIL import Image

pytestmark = pytest.mark.browser

UNIT = "continente"  # a unit that the other browser tests leave alone
KIOSK, DESK, WALL = (1080, 1920), (1366, 768), (1920, 1080)
CATEGORY, SERVICE = "Impostos e taxas", "IPTU: segunda via e débitos"


def _token(demo: dict[str, Any], kind: str) -> str:
    return next(d["token"] for d in demo["devices"] if d["unit"] == UNIT and d["kind"] == kind)


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return bytes(answer.read())


def _page(browser: Any, size: tuple[int, int]) -> Any:
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, locale="pt-BR")
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.on("pageerror", lambda error: pytest.fail(f"a page stumbled: {error}"))
    return page


def _take_a_ticket(page: Any, demo: dict[str, Any]) -> tuple[str, int]:
    """From the rest screen to the number: (label, taps)."""
    page.goto(f"{demo['base_url']}/kiosk/{UNIT}#token={_token(demo, 'kiosk')}")
    taps = 0
    for name in (CATEGORY, SERVICE, "Atendimento normal"):
        page.get_by_role("button", name=re.compile(re.escape(name))).first.click()
        taps += 1
    label = page.get_by_text(re.compile(r"^[A-Z]\d{3,}$")).first
    label.wait_for()
    return label.inner_text(), taps


def _printed(demo: dict[str, Any], label: str, wait_for: Any) -> dict[str, Any]:
    base = demo["printer"]["web"]

    def find() -> dict[str, Any] | None:
        listed = json.loads(_get(f"{base}/tickets.json"))
        return next((t for t in listed if f"\n{label}\n" in t["text"] and "Continente" in t["text"]), None)

    found: dict[str, Any] = wait_for(find, timeout=20, what=f"{label} on paper")
    return found


def _call_from_the_counter(page: Any, demo: dict[str, Any]) -> None:
    user = next(u for u in demo["users"] if u["unit"] == UNIT and u["role"] == "attendant")
    page.goto(f"{demo['base_url']}/counter")
    page.get_by_label("Usuário").fill(user["username"])
    page.locator("input[type=password]").fill(user["password"])
    page.keyboard.press("Enter")
    page.get_by_role("button", name=re.compile(r"Guichê 1\b")).click()
    page.get_by_role("button", name=re.compile("Chamar próxima")).wait_for()
    page.keyboard.press("c")
    page.get_by_role("button", name=re.compile("Iniciar")).wait_for()


def test_a_tap_becomes_a_call_on_the_wall(browser: Any, demo: dict[str, Any], wait_for: Any) -> None:
    """Kiosk → printer → counter → panel; the panel shows the call without a reload."""
    wall = _page(browser, WALL)
    wall.goto(f"{demo['base_url']}/panel/{UNIT}#token={_token(demo, 'panel')}")
    wall.get_by_text("Ao vivo").first.wait_for()
    wall.evaluate("window.stillTheSamePage = true")

    label, taps = _take_a_ticket(_page(browser, KIOSK), demo)
    assert taps <= 3

    paper = _printed(demo, label, wait_for)
    assert SERVICE in paper["text"]
    assert paper["cuts"] == 1
    assert paper["code_pages"] == [2]
    assert paper["unknown"] == []
    assert len(paper["qr"]) == 1
    assert paper["bytes"] <= 900
    picture = Image.open(io.BytesIO(_get(demo["printer"]["web"] + paper["png"])))
    assert picture.width in (384, 512, 576)
    assert _get(demo["printer"]["web"] + paper["bin"])[:2] == b"\x1b@"

    follow = paper["qr"][0].replace("/t/", "/api/v1/tickets/follow/")
    assert json.loads(_get(follow))["ticket"]["label"] == label

    desk = _page(browser, DESK)
    _call_from_the_counter(desk, demo)
    wall.locator(".now").get_by_text(label, exact=True).first.wait_for()
    assert "Guichê" in wall.locator(".now").inner_text()
    assert wall.evaluate("window.stillTheSamePage") is True

    seen = json.loads(_get(follow))["ticket"]
    assert (seen["state"], seen["counter_kind"], seen["counter_number"]) == ("called", "desk", "1")
    _finish(desk)


def _finish(desk: Any) -> None:
    desk.get_by_role("button", name=re.compile("Iniciar")).click()
    finish = desk.get_by_role("button", name=re.compile("Finalizar")).first
    finish.wait_for()
    finish.click()
    desk.get_by_role("button", name=re.compile("Chamar próxima")).wait_for()
    desk.get_by_role("button", name=re.compile("Fechar guichê")).click()
