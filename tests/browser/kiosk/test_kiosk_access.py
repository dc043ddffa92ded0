"""Everyone can use the kiosk: axe in every state, sizes of targets, 200 % text, low reach, speech."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser
PORTRAIT = {"width": 1080, "height": 1920}
LANDSCAPE = {"width": 1366, "height": 768}
NORMAL = "[data-tier=normal]"


def walk(screen):
    """Through every state a citizen meets, checking each."""
    screen.at("rest").check("rest")
    screen.tap("[data-action=search]").at("search").check("search, empty")
    for letter in "IT":
        screen.tap(f'.key:text-is("{letter}")')
    screen.check("search, found")
    for letter in "XYZ":
        screen.tap(f'.key:text-is("{letter}")')
    screen.check("search, nothing found")
    screen.tap("[data-action=home]").at("rest")


@pytest.mark.parametrize("language", ["pt-BR", "en", "es"])
@pytest.mark.parametrize("contrast", [False, True], ids=["plain", "contrast"])
def test_axe_finds_nothing_in_any_state(kiosk, language, contrast):
    screen = kiosk(PORTRAIT if contrast else LANDSCAPE).at("rest")

    def dress():
        screen.tap(f"[data-language={language}]")
        if contrast:
            screen.tap("[data-access=contrast]")

    dress()
    walk(screen)
    dress()
    screen.tap("[data-category=tributos]").at("services").check("services")
    screen.tap("[data-service=itbi]").at("service").check("service")
    screen.tap("[data-access=person]").check("call a person")
    screen.page.keyboard.press("Escape")
    screen.tap(NORMAL).at("done").check("done")
    screen.page.wait_for_selector("[data-print=printed]", timeout=15_000)
    screen.check("done, printed")
    screen.tap("[data-action=finish]").at("rest")
    dress()
    screen.tap("[data-action=settings]").check("settings, sign in")


def _one_of_each(menu):
    first, second, *_ = next(c for c in menu["categories"] if c["id"] == "tributos")["services"]
    first |= {"open": False, "closed_reason": "daily_cap_reached", "next_opening": None}
    second |= {
        "open": False,
        "closed_reason": "service_closed",
        "next_opening": "2030-01-07T13:00:00-03:00",
    }
    menu["printer"] |= {"state": "blocked", "cause": "paper_out"}
    menu["message"] = "Na segunda-feira abrimos às 10h, por causa do simulado."


@pytest.mark.parametrize("language", ["pt-BR", "en", "es"])
@pytest.mark.parametrize("contrast", [False, True], ids=["plain", "contrast"])
def test_axe_finds_nothing_in_the_rarer_states(kiosk, language, contrast):
    """A message, sold out and closed services, no paper, a long number, help that does not come, the PIN pad."""
    screen = kiosk(
        PORTRAIT if contrast else LANDSCAPE, prepare=lambda s: s.wire.menu(_one_of_each), locale=language
    ).at("rest")
    screen.expects("ERR_FAILED")

    def dress():
        screen.tap(f"[data-language={language}]")
        if contrast:
            screen.tap("[data-access=contrast]")

    dress()
    screen.check("rest with a message")
    screen.tap("[data-category=tributos]").at("services").check("sold out, closed")
    screen.page.route(
        "**/tickets",
        lambda r: r.fulfill(json=(b := r.fetch().json()) | {"ticket": b["ticket"] | {"label": "PA1042"}}),
    )
    screen.tap("[data-service=itbi]").at("service").check("no paper")
    screen.tap(NORMAL).at("done").check("a long number, no paper")
    screen.tap("[data-action=finish]").at("rest")
    dress()
    screen.page.route("**/devices/heartbeat", lambda route: route.abort())
    screen.tap("[data-access=person]").tap("[data-action=person]")
    screen.page.wait_for_selector("[data-action=person-ok]")
    screen.check("nobody could be called")


@pytest.mark.parametrize("language", ["pt-BR", "en", "es"])
def test_axe_finds_nothing_when_things_go_wrong(kiosk, language):
    screen = kiosk(hurry=True).at("rest")
    screen.expects("409", "ERR_INTERNET_DISCONNECTED", "Failed to load")
    screen.tap(f"[data-language={language}]").tap("[data-access=contrast]")
    refuse = {"error": {"code": "unit_closed", "message": "x", "detail": {}}}
    screen.page.route("**/tickets", lambda route: route.fulfill(status=409, json=refuse))
    screen.choose().tap(NORMAL).at("problem").check("problem")
    screen.page.unroute("**/tickets")
    screen.tap("[data-action=home]").at("rest")
    screen.tap(f"[data-language={language}]")
    screen.page.route(
        "**/print-jobs/*",
        lambda route: route.fulfill(json={"job": route.fetch().json()["job"] | {"state": "unknown"}}),
    )
    screen.choose().tap(NORMAL).at("done")
    screen.page.wait_for_selector(".done-fallback")
    screen.check("done, without paper")
    screen.tap("[data-action=finish]").at("rest").choose()
    screen.page.context.set_offline(True)
    screen.tap(NORMAL)
    screen.page.wait_for_selector("[data-action=retry]")
    screen.check("issuing, no answer")
    screen.tap("[data-action=leave]").soon("offline").check("offline")
    screen.page.context.set_offline(False)
    screen.soon("rest")
    screen.choose().page.clock.run_for(62_000)
    screen.page.wait_for_selector("[data-action=idle-stay]")
    screen.check("still there?")
    screen.tap("[data-action=idle-end]").at("rest")
    screen.tap(f"[data-language={language}]").tap("[data-access=contrast]").tap("[data-access=person]")
    screen.tap("[data-action=person]").page.wait_for_selector("[data-action=person-ok]")
    screen.check("a person was called")
    screen.tap("[data-action=person-ok]")
    screen.wire.menu(lambda menu: menu["unit"].update(open=False, next_opening="2030-01-07T08:00:00-03:00"))
    screen.soon("closed").check("closed")


def test_a_screen_reader_starts_at_each_heading_and_tab_and_enter_are_enough(kiosk):
    """By roles and names alone, as a screen reader tells them; the focus is where the new screen begins."""
    screen = kiosk().at("rest")
    page = screen.page
    heading = "() => document.activeElement.tagName === 'H1' && document.activeElement.textContent"

    def press(name):
        """Tab along until a button of this name has the focus, then Enter."""
        for _ in range(80):
            page.keyboard.press("Tab")
            if name in page.evaluate("document.activeElement.textContent"):
                page.keyboard.press("Enter")
                return
        raise AssertionError(f"{name} was never reached")

    press("Impostos e taxas")
    screen.at("services")
    assert page.wait_for_function(heading).json_value() == "Escolha o serviço"
    press("ITBI")
    screen.at("service")
    assert "ITBI" in page.wait_for_function(heading).json_value()
    assert page.get_by_role("heading", name="Como quer ser atendido?").count() == 1
    press("Atendimento normal")
    screen.at("done")
    assert page.wait_for_function(heading).json_value() == page.get_by_role("heading", level=1).inner_text()
    assert page.locator(".paper[role=status]").count() == 1, "what the paper does is told"
    assert page.get_by_role("img", name=screen.label()).count() == 1, "the QR code says whose it is"
    press("Concluir")
    screen.at("rest")


def test_pairing_is_accessible(kiosk):
    screen = kiosk(paired=False)
    screen.page.wait_for_selector(".pair")
    screen.check("pairing")


@pytest.mark.parametrize("viewport", [PORTRAIT, LANDSCAPE], ids=["portrait", "landscape"])
@pytest.mark.parametrize("mode", ["text", "reach"])
def test_larger_text_and_low_reach_keep_everything_usable(kiosk, viewport, mode):
    screen = kiosk(viewport).at("rest")
    size = "() => parseFloat(getComputedStyle(document.querySelector('.tile-name')).fontSize)"
    plain = screen.page.evaluate(size)
    screen.tap(f"[data-access={mode}]")
    if mode == "text":
        assert screen.page.evaluate(size) == pytest.approx(plain * 2, rel=0.02)
    else:
        top = "() => Math.min(...[...document.querySelectorAll('button')].map((b) => b.getBoundingClientRect().top))"
        assert screen.page.evaluate(top) >= viewport["height"] / 2
    walk(screen)
    screen.tap(f"[data-access={mode}]").tap("[data-category=tributos]").at("services").check("services")
    screen.tap("[data-service=iptu-isencao]").at("service").check("service")
    screen.tap("[data-tier=donor]").at("done").check("done")
    assert screen.page.locator("[data-label]").is_visible()


def test_large_buttons_scroll_for_those_who_do_not_know_the_gesture(kiosk):
    screen = (
        kiosk(LANDSCAPE).at("rest").tap("[data-access=text]").tap("[data-category=tributos]").at("services")
    )
    last = screen.page.locator(".service >> nth=-1")
    for _ in range(40):
        if not screen.page.locator(".scroll-button >> nth=1").is_enabled():
            break
        screen.tap(".scroll-button >> nth=1")
        screen.page.wait_for_function(SETTLED)
    box = last.bounding_box()
    assert box["y"] + box["height"] <= LANDSCAPE["height"]


SETTLED = """() => new Promise((resolve) => {
  const node = document.querySelector('.scroll');
  let top = -1;
  const look = () => {
    if (node.scrollTop === top) resolve(true);
    else { top = node.scrollTop; setTimeout(look, 60); }
  };
  look();
})"""

SPEAKER = """
window.said = [];
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
Object.defineProperty(window, 'speechSynthesis', { value: {
  getVoices: () => [{ lang: 'pt-BR' }, { lang: 'en-US' }, { lang: 'es-ES' }],
  speak: (u) => { window.said.push(`${u.lang}|${u.text}`); setTimeout(() => u.onend?.()); }, cancel() {},
} });
"""


def test_every_screen_is_read_aloud_in_its_language_and_the_number_is_spelled(kiosk):
    def prepare(screen):
        screen.page.add_init_script(SPEAKER)
        screen.page.route("**/voice?*", lambda route: route.fulfill(status=503, json={}))
        screen.expects("503")

    screen = kiosk(prepare=prepare).at("rest")

    def hears(*words):
        screen.page.wait_for_function(
            "(words) => words.every((w) => window.said.join(' ').includes(w))", arg=list(words)
        )

    screen.tap("[data-access=speak]")
    hears("pt-BR|Toque para retirar sua senha.", "Impostos e taxas")
    screen.tap("[data-action=search]").at("search")
    hears("O que você procura?")
    screen.tap("[data-action=home]").at("rest").tap("[data-access=speak]").tap("[data-access=person]")
    hears("Chamar uma pessoa?", "Alguém da equipe virá até este totem.")
    screen.page.keyboard.press("Escape")
    screen.tap("[data-category=tributos]")
    hears("Escolha o serviço.")
    screen.tap("[data-service=itbi]")
    hears("O que trazer.", "Como quer ser atendido?", "Atendimento normal")
    screen.tap(NORMAL).at("done")
    hears(", ".join(screen.label()))
    screen.tap("[data-action=finish]").at("rest")
    screen.tap("[data-language=en]").tap("[data-access=speak]")
    hears("en-US|Touch to get your ticket.")
    screen.page.evaluate("() => { window.said.length = 0; }")
    screen.page.keyboard.press("0")
    hears("Touch to get your ticket.")
    refused = {"error": {"code": "unit_closed", "message": "x", "detail": {}}}
    screen.expects("409", "ERR_INTERNET_DISCONNECTED", "Failed to load")
    screen.page.route("**/tickets", lambda route: route.fulfill(status=409, json=refused))
    screen.choose().tap(NORMAL).at("problem")
    hears("The unit has just closed")
    screen.tap("[data-action=home]").at("rest").tap("[data-language=es]").tap("[data-access=speak]")
    screen.page.context.set_offline(True)
    screen.at("offline", 30_000)
    hears("es-ES|Estamos sin conexión.")
