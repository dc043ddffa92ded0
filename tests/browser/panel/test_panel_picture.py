"""How the panel looks and reads: languages, sizes, layouts, long labels, axe; and days without growing."""

from __future__ import annotations

import re

import pytest
from panel_feed import Feed

pytestmark = pytest.mark.browser
SIZES = {
    "hd": {"width": 1920, "height": 1080},
    "4k": {"width": 3840, "height": 2160},
    "portrait": {"width": 1080, "height": 1920},
    "small": {"width": 1280, "height": 720},
}
CALLS = [
    {"label": "PA042", "counter_number": "12", "counter_kind": "desk"},
    {"label": "A001", "counter_number": "3", "counter_kind": "desk"},
    {"label": "C107", "counter_number": "1", "counter_kind": "table"},
    {"label": "A002", "counter_number": "21", "counter_kind": "room"},
    {"label": "K010", "counter_number": "4", "counter_kind": "desk"},
    {"label": "A003", "counter_number": "5", "counter_kind": "desk"},
]
PICTURE = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 9'>"
    "<rect width='16' height='9' fill='teal'/></svg>"
)


@pytest.fixture
def still(make_screen):
    """Makes a panel whose board (calls newest first) and settings are the test's own."""

    def make(*calls, viewport=None, query="", settings=None, token=True):
        screen = make_screen(viewport or SIZES["hd"])
        page = screen.page
        Feed(screen, calls)
        page.route(
            re.compile(r"/api/v1/units/[^/]+/panel$"), lambda r: r.fulfill(json={"settings": settings or {}})
        )
        page.route("**/media/picture.svg", lambda r: r.fulfill(body=PICTURE, content_type="image/svg+xml"))
        page.route("**/media/broken.*", lambda r: r.fulfill(body="not a picture", content_type="image/png"))
        address = screen.address if token else screen.address.split("#")[0] + "#"
        page.goto(address.replace("#", f"{query}#"))
        page.wait_for_selector(".connection-live" if token else ".pair", timeout=15_000)
        if calls and token:
            page.wait_for_selector(".now-label")
        page.evaluate("document.fonts.ready")
        return screen

    return make


CUT = """() => [...document.querySelectorAll('.fit')].filter((box) => {
  const text = box.firstElementChild;
  return text.scrollWidth > box.clientWidth + 1 || text.offsetHeight > box.clientHeight + 1;
}).map((box) => `${box.className}: ${box.textContent}`)"""
# What sticks out of the screen, or is squeezed to nothing.
OUTSIDE = """() => [...document.querySelectorAll('.panel section, .top > *, .waiting-row, .recent-call')]
  .filter((node) => getComputedStyle(node).visibility === 'visible' && !node.matches('.visually-hidden'))
  .map((node) => [node.className, node.getBoundingClientRect()])
  .filter(([, r]) => r.left < -1 || r.top < -1 || r.right > innerWidth + 1 || r.bottom > innerHeight + 1
    || r.height < 4)
  .map(([name, r]) => `${name} ${JSON.stringify(r)}`)"""


@pytest.mark.parametrize("size", SIZES)
def test_everything_is_whole_at_every_size(still, size):
    screen = still(*CALLS, viewport=SIZES[size])
    assert screen.page.evaluate(CUT) == []
    assert screen.page.evaluate(OUTSIDE) == []


@pytest.mark.parametrize("size", ["hd", "portrait"])
@pytest.mark.parametrize(
    "label, number",
    [("A1", "1"), ("PREFERENCIAL1234", "1234567"), ("ÁÇÃ999", "12B"), ("W" * 24, "Sala da Ouvidoria")],
)
def test_labels_of_any_length_and_counters_of_any_number_are_whole(still, size, label, number):
    calls = [{"label": label, "counter_number": number, "ticket": f"x{index}"} for index in range(6)]
    screen = still(*calls, viewport=SIZES[size])
    assert screen.text(".now-label") == label
    assert screen.text(".now-number") == number
    assert screen.page.evaluate(CUT) == []
    assert screen.page.evaluate(OUTSIDE) == []


def test_the_call_is_legible_at_eight_metres(still):
    """1:200 of the distance is 40 mm; on a 43-inch screen (535 mm high) that is 81 of 1080 pixels."""
    screen = still(*CALLS)
    heights = {
        name: screen.page.eval_on_selector(
            f".{name} .fit-text", "n => parseFloat(getComputedStyle(n).fontSize)"
        )
        * 0.67
        for name in ("now-label", "now-number", "now-kind")
    }
    assert all(height >= 81 for height in heights.values()), heights


def test_what_a_waiting_room_needs_is_on_the_wall(still):
    """Five calls before this one, who waits with a forecast, the unit's clock, the right by law, the notices."""
    notice = "Segunda-feira: atendimento até as 12h."
    screen = still(*CALLS, {"label": "Z999"}, settings={"messages": [notice]})
    labels = screen.page.locator(".recent-label").all_inner_texts()
    assert labels == [call["label"] for call in CALLS[1:]]
    rows = screen.page.locator(".waiting-row")
    assert 1 <= rows.count() <= 4
    assert re.search(r"pessoas?|sem fila", rows.first.inner_text())
    assert re.fullmatch(r"\d\d:\d\d", screen.text(".clock"))
    assert "Lei 10.048/2000" in screen.text(".law")
    assert screen.text(".notice") == notice
    size = "n => parseFloat(getComputedStyle(n.querySelector('.fit-text') ?? n).fontSize)"
    for part, least in (
        (".recent-label", 64),
        (".recent-counter", 40),
        (".waiting-name", 28),
        (".clock", 64),
    ):
        assert screen.page.eval_on_selector(part, size) >= least, part


@pytest.mark.parametrize("language", ["pt-BR", "en", "es"])
@pytest.mark.parametrize("state", ["idle", "calls", "media", "pairing"])
def test_axe_finds_nothing(still, language, state):
    settings = {"messages": ["Segunda-feira: atendimento até as 12h."]}
    if state == "media":
        settings |= {
            "layout": "media",
            "media": [{"id": "p", "kind": "image", "url": "/media/picture.svg", "alt": "Mar"}],
        }
    calls = CALLS if state in ("calls", "media") else []
    screen = still(*calls, query=f"?lang={language}", settings=settings, token=state != "pairing")
    assert screen.page.evaluate("document.documentElement.lang") == language
    assert screen.axe() == []
    screen.page.evaluate("document.documentElement.dataset.contrast = 'high'")
    assert screen.axe() == []


def test_high_contrast_is_a_setting(still):
    for query, settings in (("?contrast=high", {}), ("", {"contrast": "high"})):
        screen = still(*CALLS, query=query, settings=settings)
        screen.page.wait_for_selector("html[data-contrast=high]")


def test_axe_finds_nothing_while_calling(room, make_screen):
    screen = make_screen(reduced_motion="reduce").open()
    room.call()
    screen.page.wait_for_selector(".now-calling")
    assert screen.axe() == []


def test_no_text_is_missing_in_any_language(still):
    for language, said in (("pt-BR", "Últimas chamadas"), ("en", "Recent calls"), ("es", "Últimas llamadas")):
        screen = still(*CALLS, query=f"?lang={language}")
        assert screen.text("#recent-title") == said
        assert re.findall(r"\b[a-z]+\.[a-z_.]+\b", screen.text("body").replace("10.048", "")) == []


def test_the_flash_is_slower_than_three_a_second_and_stands_still_for_who_asks(room, make_screen):
    moving = make_screen().open()
    still_one = make_screen(reduced_motion="reduce").open()
    room.call()
    style = (
        "n => { const s = getComputedStyle(n);"
        " return [s.animationName, s.animationDuration, s.animationIterationCount]; }"
    )
    moving.page.wait_for_selector(".now-calling")
    assert moving.page.eval_on_selector(".now-ticket", style) == ["now-flash", "1s", "3"]
    still_one.page.wait_for_selector(".now-calling")
    assert still_one.page.eval_on_selector(".now-ticket", style)[0] == "none"


def test_media_share_the_screen_and_a_broken_file_is_skipped(still):
    media = [
        {"id": "bad", "kind": "image", "url": "/media/broken.png"},
        {"id": "bad-video", "kind": "video", "url": "/media/broken.webm"},
        {"id": "good", "kind": "image", "url": "/media/picture.svg", "alt": "Baía Sul", "seconds": 60},
        {"id": "stranger", "kind": "image", "url": "https://example.org/x.png"},
        {"id": "later", "kind": "image", "url": "/media/later.png", "from": "2099-01-01"},
    ]
    screen = still(*CALLS, settings={"layout": "media", "media": media})
    screen.page.wait_for_selector(".media img[alt='Baía Sul']", timeout=5000)
    assert screen.page.evaluate(CUT) == []
    assert screen.page.evaluate(OUTSIDE) == []


def test_media_wait_while_somebody_is_called(room, make_screen):
    screen = make_screen()
    media = [{"id": "good", "kind": "image", "url": "/media/picture.svg", "alt": "Mar"}]
    screen.page.route("**/media/picture.svg", lambda r: r.fulfill(body=PICTURE, content_type="image/svg+xml"))
    screen.page.route(
        re.compile(r"/api/v1/units/[^/]+/panel$"),
        lambda r: r.fulfill(json={"settings": {"layout": "media", "media": media}}),
    )
    screen.open()
    screen.page.wait_for_selector(".media img")
    room.call()
    screen.page.wait_for_selector(".now-calling")
    assert screen.page.eval_on_selector(".media", "n => getComputedStyle(n).visibility") == "hidden"
    width = screen.page.eval_on_selector(".now", "n => n.getBoundingClientRect().width")
    assert width > 1800, "the call has the whole width"
    assert screen.page.evaluate(CUT) == []


def test_an_unknown_unit_is_said_plainly(make_screen):
    screen = make_screen()
    screen.page.goto(screen.address.split("/panel/")[0] + "/panel/no-such-unit?lang=en")
    screen.page.wait_for_selector(".problem, body:has-text('404')")


def test_a_wrong_pairing_code_is_refused_and_a_right_one_opens_the_panel(still):
    screen = still(*CALLS, token=False)
    page = screen.page
    page.fill("#pair-code", "000000")
    page.press("#pair-code", "Enter")
    page.wait_for_selector("#pair-error:has-text('Código desconhecido')")
    token = screen.address.split("#token=")[1]
    device = {"id": "p", "kind": "panel", "unit": "continente", "name": "TV"}
    page.route(
        "**/api/v1/devices/pair", lambda r: r.fulfill(status=201, json={"token": token, "device": device})
    )
    page.fill("#pair-code", "123456")
    page.press("#pair-code", "Enter")
    page.wait_for_selector(".panel .now-label:has-text('PA042')")


def test_a_revoked_token_asks_for_pairing_again(make_screen):
    screen = make_screen().open()
    gone = {"error": {"code": "device_revoked", "message": "", "detail": {}}}
    screen.page.route("**/api/v1/**", lambda r: r.fulfill(status=401, json=gone))
    screen.page.evaluate("window.dispatchEvent(new Event('online'))")
    screen.page.wait_for_selector(".pair", timeout=10_000)


@pytest.mark.slow
def test_a_long_day_leaves_no_memory_behind(make_screen):
    """460 calls in 50 minutes of the page's own time: shown once each, and nothing is kept of them."""
    screen = make_screen()
    screen.hurry()
    feed = Feed(screen)
    screen.open("?sound=off")
    probe = screen.context.new_cdp_session(screen.page)

    def weight():
        probe.send("HeapProfiler.collectGarbage")
        found = probe.send("Memory.getDOMCounters")
        heap = probe.send("Runtime.getHeapUsage")["usedSize"]
        return {"nodes": found["nodes"], "listeners": found["jsEventListeners"], "heap": heap}

    def announce(count):
        for _ in range(count):
            feed.call()
            screen.page.clock.run_for(6500)
        screen.let_pass(60, lambda: screen.text(".now-label") == f"A{feed.seq}")

    announce(60)
    before = weight()
    announce(400)
    after = weight()
    assert screen.shown() == [f"A{number}" for number in range(1, 461)]
    assert after["nodes"] < before["nodes"] * 1.2 + 200, (before, after)
    assert after["listeners"] < before["listeners"] + 20, (before, after)
    assert after["heap"] < before["heap"] * 1.15 + 1_000_000, (before, after)
