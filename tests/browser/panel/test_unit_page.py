"""The supervisor sets the panels and the wall follows without a reload; files that are none; unreadable colours."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from counter_room import axe, log_in
from PIL import Image

pytestmark = pytest.mark.browser
UNIT = "continente"

# A real film of the browser's own making: half a second of a canvas.
FILM = """async () => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 180 });
  const draw = canvas.getContext('2d');
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm' });
  const parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  const done = new Promise((resolve) => { recorder.onstop = resolve; });
  recorder.start();
  for (let step = 0; step < 12; step += 1) {
    draw.fillStyle = step % 2 ? 'teal' : 'orange';
    draw.fillRect(0, 0, 320, 180);
    await new Promise((resolve) => { setTimeout(resolve, 40); });
  }
  recorder.stop();
  await done;
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return btoa(String.fromCharCode(...bytes));
}"""
SET = """async ([unit, csrf]) => {
  const ask = (method, path, body) => fetch(`/api/v1/units/${unit}${path}`, {
    method, body: body && JSON.stringify(body),
    headers: { 'X-CSRF-Token': csrf, 'Content-Type': 'application/json' } });
  const page = await (await ask('GET', '/panel/settings')).json();
  for (const item of page.media) await ask('DELETE', `/media/${item.id}`);
  for (const one of page.panels) await ask('PUT', `/panel/settings/${one.id}`, {});
  await ask('PUT', '/panel/settings', {});
  await ask('PUT', '/brand', { name: 'Pró-Cidadão Continente' });
}"""

# A colour on its way to another is neither.
SETTLED = "return new Promise((done) => requestAnimationFrame(() => setTimeout(done, 80)));"


def picture() -> bytes:
    """A notice, as a supervisor would send it."""
    buffer = io.BytesIO()
    Image.new("RGB", (640, 360), "#1c6e46").save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def chief(demo: dict[str, Any], browser: Any) -> Any:
    """The unit's page with its supervisor; afterwards the unit is as it was."""
    user = next(u for u in demo["users"] if u["unit"] == UNIT and u["role"] == "supervisor")
    page = browser.new_context(
        viewport={"width": 1366, "height": 768}, locale="pt-BR", reduced_motion="reduce"
    ).new_page()
    errors: list[str] = []
    page.set_default_timeout(15_000)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(demo["base_url"].rstrip("/") + "/supervisor#unit")
    with page.expect_response(lambda r: r.url.endswith("/session") and r.request.method == "POST") as answer:
        log_in(page, user["username"], user["password"])
    csrf = answer.value.json()["csrf_token"]
    page.wait_for_selector("[data-card=forecast]")
    yield page
    page.evaluate(SET, [UNIT, csrf])
    page.context.close()
    assert errors == []


def send(page: Any, card: str, name: str, body: bytes) -> None:
    """Choose a file in a card's dialog."""
    page.set_input_files(
        f"[data-card={card}] input[type=file]", {"name": name, "mimeType": "image/png", "buffer": body}
    )


def test_the_wall_follows_the_supervisor_without_a_reload(chief, room, make_screen, wait_for):
    wall = make_screen().open("?sound=off").page
    wall.evaluate("window.same = true")
    card = chief.locator("[data-card=panel]")
    card.get_by_text("Chamadas e mídia").click()
    card.get_by_role("button", name="Mais um aviso").click()
    card.get_by_label("Aviso 1", exact=True).fill("Amanhã abrimos às 10h.")
    card.get_by_text("Alto", exact=True).click()
    card.get_by_role("button", name="Salvar").click()
    wall.wait_for_selector(".notice:has-text('Amanhã abrimos às 10h.')")
    wall.wait_for_selector("html[data-contrast=high]")
    assert wall.query_selector(".panel-media") is None, "nothing to play yet"

    send(chief, "media", "foto.png", b"not a picture at all")
    chief.wait_for_selector("[data-card=media] .field-error:has-text('não é uma imagem')")
    assert chief.query_selector("[data-media]") is None
    film = base64.b64decode(chief.evaluate(FILM))
    send(chief, "media", "praia.png", film)  # known by what it is, not by what it is called
    wall.wait_for_selector(".panel-media video")
    wait_for(lambda: wall.eval_on_selector(".media video", "v => v.currentTime") > 0, 10, "the film runs")
    assert wall.eval_on_selector(".media video", "v => v.muted")
    send(chief, "media", "aviso.png", picture())
    chief.wait_for_selector("[data-media]:nth-child(2)")
    wall.wait_for_selector(".media img")
    room.call()
    wall.wait_for_selector(".now-calling")
    assert wall.eval_on_selector(".media", "n => getComputedStyle(n).visibility") == "hidden"
    assert wall.evaluate("[...document.querySelectorAll('video')].every((v) => v.paused)")
    chief.locator("[data-media]").first.get_by_role("button", name="Tirar da lista").click()
    chief.get_by_role("button", name="Tirar", exact=True).click()
    chief.wait_for_selector("[data-media]:only-child")

    own = chief.locator("[data-panel]")
    own.click()
    chief.locator("[data-card=panel] .unit-group").first.get_by_label("Igual aos outros painéis").uncheck()
    chief.locator("[data-card=panel]").get_by_text("Normal", exact=True).click()
    chief.locator("[data-card=panel]").get_by_role("button", name="Salvar").click()
    wall.wait_for_selector("html:not([data-contrast=high])")
    assert "com ajustes próprios" in own.inner_text()
    assert wall.evaluate("window.same"), "never reloaded"


def test_colours_that_cannot_be_read_are_refused_and_good_ones_reach_the_wall(chief, make_screen):
    wall = make_screen().open("?sound=off").page
    card = chief.locator("[data-card=brand]")
    card.get_by_text("Da unidade", exact=True).click()
    card.locator("input.short").fill("#f2b33d")
    assert "pouco" in card.locator(".ratio-low").inner_text()
    card.get_by_role("button", name="Salvar").click()
    refused = card.locator(".field-error", has_text="contraste")
    refused.wait_for()
    assert "4,5:1" in refused.inner_text()
    card.locator("input.short").fill("#7a1f3d")
    card.locator("input[required]").fill("Pró-Cidadão do Estreito")
    card.get_by_role("button", name="Salvar").click()
    card.locator(".unit-ok", has_text="Salvo").wait_for()
    send(chief, "brand", "logo.png", picture())
    wall.wait_for_selector(".brand-logo", state="visible")
    brand = wall.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--brand').trim()")
    assert brand not in ("", "#7fd0dc"), "the hue of the unit, light enough for the dark wall"
    wall.wait_for_selector(".unit:has-text('Pró-Cidadão do Estreito')")


@pytest.mark.parametrize("locale", ["pt-BR", "en", "es"])
def test_the_page_of_the_unit_passes_axe(chief, locale):
    send(chief, "media", "aviso.png", picture())
    chief.wait_for_selector("[data-media]")
    chief.locator("[data-media] button").nth(2).click()
    chief.locator("[data-card=brand]").get_by_text("Da unidade", exact=True).click()
    chief.locator("[data-card=brand] input.short").fill("#f2b33d")
    if locale != "pt-BR":
        chief.locator(".bar-side button").first.click()
        chief.locator(f"dialog label:has([lang={locale}]) input").check()
        chief.keyboard.press("Escape")
        chief.wait_for_selector(f"html[lang={locale}]")
    axe(chief, locale)
    chief.evaluate(f"() => {{ document.documentElement.dataset.contrast = 'high'; {SETTLED} }}")
    axe(chief, f"{locale}, high contrast")
    root = "const root = document.documentElement;"
    chief.evaluate(f"() => {{ {root} delete root.dataset.contrast; root.dataset.theme = 'dark'; {SETTLED} }}")
    axe(chief, f"{locale}, dark")
