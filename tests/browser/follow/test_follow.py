"""The phone page of a ticket, in a real Chromium against the running demo."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from phones import look, phones

pytestmark = pytest.mark.browser
UNIT = "canasvieiras"
# A device that only remembers what it was told to do.
SENSES = """
window.felt = []; window.heard = 0;
navigator.vibrate = (pattern) => { window.felt.push(pattern); return true; };
window.AudioContext = class {
  currentTime = 0; destination = {};
  createOscillator() { return { frequency: {}, connect: (to) => to, start() { window.heard += 1; }, stop() {} }; }
  createGain() {
    return { gain: { setValueAtTime() {}, exponentialRampToValueAtTime() {} }, connect: (to) => to };
  }
  close() {}
};
"""


class Hall:
    """One attendant and one kiosk of UNIT, by HTTP."""

    def __init__(self, demo, request):
        self.http, self.base = request, demo["base_url"]
        self.kiosk = next(d["token"] for d in demo["devices"] if d["kind"] == "kiosk" and d["unit"] == UNIT)
        user = next(u for u in demo["users"] if u["unit"] == UNIT and u["role"] == "attendant")
        self.counter = next(u for u in demo["units"] if u["id"] == UNIT)["counters"][0]
        self.keys, self.name = 0, uuid4()  # not id(self): the next test's may lie in the same place
        self.csrf = ""
        login = {"username": user["username"], "password": user["password"]}
        self.csrf = self.post("/session", login)["csrf_token"]
        self.post(f"/units/{UNIT}/counters/{self.counter}/open")

    def post(self, path, body=None, token=None):
        self.keys += 1
        who = {"Authorization": f"Bearer {token}"} if token else {"X-CSRF-Token": self.csrf}
        headers = {"Idempotency-Key": f"follow-{self.name}-{self.keys}", **who}
        answer = self.http.post(f"{self.base}/api/v1{path}", data=body or {}, headers=headers)
        assert answer.ok, f"{path}: {answer.text()[:300]}"
        return answer.json() if answer.status != 204 else None

    def issue(self, language="pt-BR"):
        """A new ticket, with the address of its page in this demo."""
        body = {"service": "iptu-segunda-via", "tier": "normal", "language": language}
        ticket = self.post(f"/units/{UNIT}/tickets", body, self.kiosk)["ticket"]
        return ticket | {"page": f"{self.base}/t/{ticket['follow_url'].rsplit('/', 1)[-1]}"}

    def send_home(self):
        """Nobody waits any more: the demo is shared, and other tests may have left some."""
        held = self.get(f"/units/{UNIT}/counters/{self.counter}")["ticket"]
        while (held := held or self.call()) is not None:
            self.do(held, "finish")
            held = None

    def call(self):
        return self.post(f"/units/{UNIT}/counters/{self.counter}/call-next")["ticket"]

    def do(self, ticket, action, body=None):
        return self.post(f"/tickets/{ticket['id']}/{action}", body)

    def get(self, path, leader=False):
        answer = (self.leader if leader else self.http).get(f"{self.base}/api/v1{path}")
        assert answer.ok, f"{path}: {answer.text()[:300]}"
        return answer.json()

    def queue(self):
        return [ticket["label"] for ticket in self.get(f"/units/{UNIT}/queue")["tickets"]]

    def satisfaction(self):
        return self.get(f"/units/{UNIT}/satisfaction", leader=True)

    def web(self, *, on):
        answer = self.leader.post(
            f"{self.base}/api/v1/units/{UNIT}/web-issue",
            data={"on": on},
            headers={"X-CSRF-Token": self.leader_csrf},
        )
        assert answer.ok, answer.text()[:300]

    def brand(self, wish):
        path, headers = f"{self.base}/api/v1/units/{UNIT}/brand", {"X-CSRF-Token": self.leader_csrf}
        answer = self.leader.put(path, data=wish, headers=headers)
        assert answer.ok, answer.text()[:300]

    def bring_leader(self, request, user):
        self.leader = request
        login = {"username": user["username"], "password": user["password"]}
        session = request.post(f"{self.base}/api/v1/session", data=login)
        self.leader_csrf = session.json()["csrf_token"]


@pytest.fixture
def hall(demo, browser):
    """The attendant sits down; everybody is sent home at the end."""
    context = browser.new_context()
    room = Hall(demo, context.request)
    office = browser.new_context()
    room.bring_leader(office.request, next(u for u in demo["users"] if u["role"] == "admin"))
    room.send_home()
    yield room
    office.close()
    room.send_home()
    room.post(f"/units/{UNIT}/counters/{room.counter}/close")
    context.close()


@pytest.fixture
def phone(browser):
    """`phone(address, **context)`: a page on a small phone; a script error fails the test."""
    with phones(browser) as opener:

        def open_page(address, senses=True, **more):
            return opener(address, script=SENSES if senses else "", **more)

        yield open_page


def test_the_phone_follows_its_ticket_from_waiting_to_the_end(hall, phone):
    first, second = hall.issue(), hall.issue()
    page = phone(second["page"])
    assert second["label"] in page.inner_text("h1")
    assert page.inner_text("#ahead") == "1 pessoa à sua frente"
    assert page.is_hidden("#push-me"), "this demo is not on https"
    look(page)
    page.click("#sound")
    assert page.evaluate("window.heard") > 0, "the tap lets the phone make noise later"
    hall.do(hall.call(), "finish")
    page.wait_for_function(
        "() => document.getElementById('ahead').textContent.includes('próxima')", timeout=15_000
    )
    before = page.evaluate("window.felt.length")
    called = hall.call()
    assert called["id"] == second["id"] != first["id"]
    page.wait_for_selector("[data-state=called]", timeout=15_000)
    assert page.inner_text("#state") == "É a sua vez!"
    assert page.inner_text("#place").split() == ["Guichê", "1"]
    assert "É a sua vez" in page.title()
    assert page.evaluate("window.felt.length") == before + 1
    look(page)
    hall.do(second, "start")
    page.wait_for_selector("[data-state=serving]", timeout=15_000)
    look(page)
    hall.do(second, "finish")
    page.wait_for_selector("[data-state=finished]", timeout=20_000)
    look(page)
    page.check("#rate [value='4']")
    page.fill("#comment", "Fui bem atendida.")
    look(page)
    page.click("#rate button")
    page.wait_for_selector("#thanks:not([hidden])")
    look(page)
    said = hall.satisfaction()
    assert (said["comments"][0]["score"], said["comments"][0]["comment"]) == (4, "Fui bem atendida.")


@pytest.mark.parametrize("language", ["pt-BR", "en", "es"])
def test_late_and_giving_up_are_asked_once_and_done_without_leaving_the_page(hall, phone, language):
    mine, others = hall.issue(language), [hall.issue() for _ in range(4)]
    page = phone(mine["page"], contrast="more")
    page.click("#sound")
    page.click("#late")
    assert page.evaluate("document.activeElement.id") == "ask-late"
    look(page)
    page.click("#ask-late [data-close]")
    assert page.is_hidden("#ask-late")
    page.click("#late")
    page.click("#ask-late button")
    page.wait_for_selector("#late-said:not([hidden])")
    assert (page.is_hidden("#late"), page.is_hidden("#ask-late")) == (True, True)
    assert page.get_attribute("#sound", "aria-pressed") == "true", "the sound that was switched on stays on"
    assert hall.queue()[:4] == [*(t["label"] for t in others[:3]), mine["label"]]
    look(page)
    page.context.set_offline(True)
    page.click("#give-up")
    page.click("#ask-give-up button")
    page.wait_for_selector("#sorry:not([hidden])")
    page.context.set_offline(False)
    page.click("#ask-give-up button")
    page.wait_for_selector("[data-state=cancelled]")
    assert page.is_hidden("#sorry")
    assert mine["label"] not in hall.queue()
    look(page)


def test_a_ticket_from_the_web_by_small_pages_without_a_script(hall, phone):
    hall.web(on=True)
    page = phone(f"{hall.base}/u/{UNIT}?lang=pt-BR", senses=False, java_script_enabled=False)
    page.click("summary >> nth=0")
    page.click("a[href*='service=iptu-isencao']")
    page.check("[value=donor]")
    page.click("form button")
    assert page.inner_text("#state") == "Aguardando"
    label = page.inner_text(".label")
    assert label in hall.queue()
    page.click("#give-up")
    page.click("#ask-give-up button")
    assert page.inner_text("#state") == "Senha cancelada"
    for language in ("pt-BR", "en", "es"):
        for path in (f"/u/{UNIT}?", f"/u/{UNIT}?service=iptu-isencao&", "/u/nowhere?"):
            look(phone(f"{hall.base}{path}lang={language}", senses=False, contrast="more"))
    hall.web(on=False)
    closed = phone(f"{hall.base}/u/{UNIT}?lang=pt-BR", senses=False)
    assert "não entrega senhas pela internet" in closed.inner_text("h1")
    look(closed)


@pytest.mark.parametrize(
    "language, waiting", [("pt-BR", "Aguardando"), ("en", "Waiting"), ("es", "Esperando")]
)
def test_it_speaks_the_tickets_language_and_works_without_javascript(hall, phone, language, waiting):
    ticket = hall.issue(language)
    page = phone(ticket["page"], senses=False, java_script_enabled=False)
    assert ticket["label"] in page.inner_text("h1")
    assert page.inner_text("#state") == waiting
    assert page.locator("#ahead").inner_text() != ""
    assert page.locator("noscript a.button").is_visible(), "without a script there is a button to refresh"
    hall.call()
    page.click("noscript a.button")
    assert page.get_attribute("body", "data-state") == "called"
    assert page.inner_text("#place").endswith("1")


def test_first_load_is_under_fifty_kilobytes(hall, phone):
    page = phone("about:blank")
    sizes = []
    page.on(
        "requestfinished",
        lambda r: sizes.append(sum(r.sizes()[k] for k in ("responseBodySize", "responseHeadersSize"))),
    )
    page.goto(hall.issue()["page"], wait_until="networkidle")
    assert len(sizes) >= 4
    assert sum(sizes) < 50_000


def test_a_new_name_and_look_of_the_unit_reach_an_open_page(hall, phone):
    page = phone(hall.issue()["page"])
    page.evaluate("window.same = true")
    wears = """(colour) => getComputedStyle(document.documentElement).getPropertyValue('--brand').trim() === colour"""
    name = page.inner_text(".unit")
    try:
        hall.brand({"name": "Pró-Cidadão do Norte da Ilha", "colour": "#7a1f3d"})
        page.wait_for_function(wears, arg="#7a1f3d", timeout=40_000)
        assert page.inner_text(".unit") == "Pró-Cidadão do Norte da Ilha"
        look(page)
    finally:
        hall.brand({"name": name})
    page.wait_for_function(wears, arg="#0b4a5e", timeout=40_000)
    assert page.inner_text(".unit") == name
    assert page.evaluate("window.same"), "never reloaded"
    assert page.locator("link[href*='brand.css']").count() == 1


def test_an_unknown_ticket_is_said_kindly(demo, phone):
    for language, words in (("pt-BR", "não encontrada"), ("en", "not found"), ("es", "no encontrado")):
        page = phone(f"{demo['base_url']}/t/nosuchticket?lang={language}")
        assert words in page.inner_text("h1")
        look(page)


def test_without_the_server_it_says_how_old_it_is_and_comes_back(hall, phone):
    page = phone(hall.issue()["page"], timezone_id="Asia/Tokyo")
    page.context.set_offline(True)
    page.wait_for_function(
        "() => document.getElementById('fresh').textContent.includes('Sem conexão')", timeout=30_000
    )
    now = datetime.now(ZoneInfo("America/Sao_Paulo"))
    there = {f"{now - timedelta(minutes=ago):%H:%M}" for ago in range(3)}
    assert page.inner_text("#fresh")[-5:] in there, "the unit's time, not that of a phone from far away"
    page.context.set_offline(False)
    page.wait_for_function(
        "() => document.getElementById('fresh').textContent === 'Atualizado agora'", timeout=30_000
    )


def test_dark_and_large_text_stay_readable(hall, phone):
    page = phone(hall.issue("en")["page"], color_scheme="dark")
    page.evaluate("document.documentElement.style.fontSize = '32px'")
    look(page)


@pytest.mark.parametrize("language", ["pt-BR", "en", "es"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_that_is_not_there_is_said_kindly(demo, phone, language, scheme):
    """For whoever mistypes an address: words and a way on, reached by keyboard alone."""
    page = phone(f"{demo['base_url']}/kiosk?lang={language}", color_scheme=scheme)
    assert page.get_attribute("html", "lang") == language
    look(page)
    home = page.locator("main a.button")
    for _ in range(4):  # three languages, then the button
        page.keyboard.press("Tab")
    assert home.evaluate("button => button === document.activeElement")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{demo['base_url'].rstrip('/')}/")
