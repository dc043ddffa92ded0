"""The phone is told while its screen is dark: button, permission, the worker's notification, in a real Chromium.

One thing is made up: where a subscription comes from. A browser without its maker's network gets none, so its keys and
address are a test's own. Permission, worker, server, the push service's TLS socket and the notification are real; the
sealed words go from there into the worker as Chromium's own push would bring them (CDP: deliverPushMessage).
"""

from __future__ import annotations

import json
import secrets

import pytest
from phones import look, phones
from push_service import Telephone, push_service
from serving import serving
from sqlalchemy import func, select
from waiting import wait_until

from server.store import tables
from server.store.unit_of_work import Store

pytestmark = pytest.mark.browser
DESK = "/units/centro/counters/centro-1"
SUBSCRIBES = """
const mine = SUBSCRIPTION;
window.wishes = [];
PushManager.prototype.subscribe = async (wish) => {
  window.wishes.push(wish);
  if (window.olderKey) throw new DOMException('another key', 'InvalidStateError');
  return { endpoint: mine.endpoint, toJSON: () => ({ expirationTime: null, ...mine }) };
};
PushManager.prototype.getSubscription = async () => ({ unsubscribe: async () => { window.olderKey = false; } });
"""
# In the worker: what it shows, and what a tap on it would do (only a real finger may open a window).
SHOWN = """async () => (await self.registration.getNotifications()).map(
  ({ title, body, lang, tag, requireInteraction }) => ({ title, body, lang, tag, requireInteraction }))"""
TAPPED = """async () => {
  self.clients.openWindow = async (url) => { self.went = url; };
  WindowClient.prototype.focus = async function () { self.went = `focus ${this.url}`; };
  const [notification] = await self.registration.getNotifications();
  self.dispatchEvent(new NotificationEvent('notificationclick', { notification }));
  while (!self.went) await new Promise((done) => { setTimeout(done, 10); });
  const { went } = self;
  self.went = null;
  return [went, (await self.registration.getNotifications()).length];
}"""


class Hall:
    """A running server that is known as https, its push service, one kiosk and one attendant."""

    def __init__(self, served, service):
        self.served, self.service = served, service
        self.kiosk, self.ana = served.device("kiosk"), served.staff("ana.martins")
        assert self.ana("POST", f"{DESK}/open").status == 200

    def issue(self, language="pt-BR"):
        """A ticket, with the address of its page."""
        body = {"service": "iptu-segunda-via", "tier": "normal", "language": language}
        ticket = self.kiosk("POST", "/units/centro/tickets", body, key=secrets.token_hex(8)).body["ticket"]
        return ticket | {"page": f"{self.served.base_url}/t/{ticket['follow_url'].rpartition('/')[2]}"}

    def call(self, ticket):
        """This one."""
        body = {"ticket": ticket["id"], "reason": "teste"}
        assert self.ana("POST", f"{DESK}/call", body, key=secrets.token_hex(8)).status == 200

    def finish(self, ticket):
        """Done."""
        assert self.ana("POST", f"/tickets/{ticket['id']}/finish", {}).status == 200

    def kept(self, ticket):
        """How many telephones of this ticket the server knows."""
        store = Store(self.served.database_url)
        try:
            with store.read() as connection:
                query = select(func.count()).where(tables.push.c.ticket == ticket["id"])
                return connection.execute(query).scalar_one()
        finally:
            store.dispose()


@pytest.fixture(scope="module")
def hall(vez, new_open_city, tmp_path_factory):
    """A page on this machine counts as secure to a browser, so that no certificate is needed between the two."""
    url, seeded = new_open_city("sqlite")
    folder = tmp_path_factory.mktemp("push")
    with pytest.MonkeyPatch.context() as patch, push_service(folder) as service:
        patch.setenv("SSL_CERT_FILE", str(folder / "push.pem"))
        more = {"public_url": "https://vez.example", "push_hosts": service.address}
        with serving(vez, folder, url, seeded, **more) as served:
            yield Hall(served, service)


@pytest.fixture
def phone(browser, hall):
    """`phone(ticket, **context)`: its page; by default on a phone whose user lets this site show notifications."""
    with phones(browser) as opener:

        def open_page(ticket, keys=None, may=("notifications",), before="", **more):
            known = (keys or Telephone()).subscription(hall.service.endpoint(ticket["label"]))
            script = before + SUBSCRIBES.replace("SUBSCRIPTION", json.dumps(known))
            return opener(ticket["page"], script=script, may=may, **more)

        yield open_page


def press(page, words=None):
    """The button, until it has done its work; with ``words``: what it must say then."""
    page.click("#push")
    page.wait_for_selector("#push:not([disabled])")
    if words:
        assert page.inner_text("#push") == words


def test_called_while_the_page_is_closed(hall, phone):
    """From the button to a notification with the counter's number, which brings the page back."""
    ticket, keys = hall.issue(), Telephone()
    page = phone(ticket, keys)
    press(page, "Aviso ligado: pode guardar o telefone")
    assert page.get_attribute("#push", "aria-pressed") == "true"
    look(page)
    key = page.evaluate("JSON.parse(document.getElementById('boot').textContent).view.push_key")
    assert page.evaluate("window.wishes") == [{"userVisibleOnly": True, "applicationServerKey": key}]
    context = page.context
    (worker,) = context.service_workers
    assert worker.url.endswith("/t/push.js")
    other = context.new_page()
    page.close()
    hall.call(ticket)
    hall.service.wait_for(1)
    path, _, body = hall.service.got.pop()
    assert path == f"/send/{ticket['label']}"
    deliver(other, hall, json.dumps(keys.read(body)))
    wait_until(lambda: worker.evaluate(SHOWN), 10, "the notification")
    assert worker.evaluate(SHOWN) == [
        {
            "title": f"Senha {ticket['label']}: é a sua vez!",
            "body": "Vá para: Guichê 1.",
            "lang": "pt-BR",
            "tag": ticket["label"],
            "requireInteraction": True,
        }
    ]
    address = ticket["page"].replace(hall.served.base_url, "https://vez.example")
    assert worker.evaluate(TAPPED) == [f"{address}?lang=pt-BR", 0]
    hall.finish(ticket)


def deliver(page, hall, words):
    """As the browser's own push would, from the maker's network."""
    session, found = page.context.new_cdp_session(page), []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda told: found.extend(told["registrations"]))
    session.send("ServiceWorker.enable")
    wait_until(lambda: page.evaluate("1") and found, 10, "the worker's registration")
    here = {"origin": hall.served.base_url, "registrationId": found[0]["registrationId"]}
    session.send("ServiceWorker.deliverPushMessage", {**here, "data": words})


def test_a_tap_goes_to_the_page_that_is_open_and_a_stranger_s_words_show_nothing(hall, phone):
    """No second window of the same ticket."""
    ticket = hall.issue()
    page = phone(ticket)
    press(page)
    (worker,) = page.context.service_workers
    deliver(page, hall, "no JSON")
    call = {"title": "1", "body": "b", "lang": "pt-BR", "tag": "A", "url": ticket["page"]}
    deliver(page, hall, json.dumps(call))
    deliver(page, hall, json.dumps(call | {"title": "2"}))
    wait_until(
        lambda: [n["title"] for n in worker.evaluate(SHOWN)] == ["2"], 10, "the second in place of the first"
    )
    assert worker.evaluate(TAPPED) == [f"focus {ticket['page']}", 0]


def test_on_and_off_and_still_on_after_a_reload(hall, phone):
    """Whoever changes their mind is forgotten at once; without a connection it says so and nothing changes."""
    ticket = hall.issue("en")
    page = phone(ticket)
    press(page, "Alert is on: you may put the phone away")
    assert hall.kept(ticket) == 1
    page.reload()
    assert page.get_attribute("#push", "aria-pressed") == "true"
    page.context.set_offline(True)
    press(page, "Alert is on: you may put the phone away")
    assert page.inner_text("#push-hint") == "That did not work. Please try again in a minute."
    page.context.set_offline(False)
    press(page, "Tell me while the screen is off")
    assert page.get_attribute("#push", "aria-pressed") == "false"
    assert hall.kept(ticket) == 0
    page.reload()
    assert page.get_attribute("#push", "aria-pressed") == "false"


def test_a_subscription_for_an_older_key_gives_way(hall, phone):
    """As after the server's secret was changed."""
    ticket = hall.issue()
    page = phone(ticket, before="window.olderKey = true;")
    press(page, "Aviso ligado: pode guardar o telefone")
    assert page.evaluate("window.wishes.length") == 2
    assert hall.kept(ticket) == 1


@pytest.mark.parametrize(
    "language,words",
    [
        ("pt-BR", "O navegador não permite avisos desta página. Deixe a página aberta."),
        ("en", "The browser allows no alerts from this page. Please keep the page open."),
        ("es", "El navegador no permite avisos de esta página. Deje la página abierta."),
    ],
)
def test_who_permits_no_notifications_is_told_to_keep_the_page_open(hall, phone, language, words):
    """Nothing is sent to the server, and the page is as readable as before."""
    ticket = hall.issue(language)
    page = phone(ticket, may=(), contrast="more")
    hint = page.inner_text("#push-hint")
    look(page)
    press(page)
    assert page.inner_text("#push-hint") == words != hint
    assert page.get_attribute("#push", "aria-pressed") == "false"
    assert page.evaluate("window.wishes") == []
    assert hall.kept(ticket) == 0
    look(page)


def test_a_browser_that_gets_no_subscription_says_so(hall, browser):
    """A private window, really: Chromium refuses by itself."""
    ticket = hall.issue()
    with phones(browser) as opener:
        page = opener(ticket["page"], may=("notifications",), color_scheme="dark")
        press(page, "Avisar com a tela apagada")
        assert page.inner_text("#push-hint").startswith("O navegador não permite avisos")
        look(page)


def test_not_offered_after_the_visit_or_where_the_browser_cannot(hall, phone, browser):
    """The button goes by itself; where the site is not on https, tests/browser/follow/test_follow.py looks for it."""
    ticket = hall.issue()
    page = phone(ticket)
    assert page.is_visible("#push")
    hall.call(ticket)
    hall.finish(ticket)
    page.wait_for_selector("[data-state=finished]", timeout=40_000)
    assert page.is_hidden("#push-me")
    with phones(browser) as opener:
        assert opener(hall.issue()["page"], script="window.PushManager = undefined;").is_hidden("#push-me")


def test_first_load_is_under_fifty_kilobytes(hall, browser):
    """With everything that push adds; its worker comes only when it is wanted."""
    with phones(browser) as opener:
        page = opener("about:blank")
        sizes = {}
        page.on(
            "requestfinished",
            lambda r: sizes.update(
                {r.url: sum(r.sizes()[k] for k in ("responseBodySize", "responseHeadersSize"))}
            ),
        )
        page.goto(hall.issue()["page"], wait_until="networkidle")
        assert page.is_visible("#push")
        assert len(sizes) >= 4
        assert sum(sizes.values()) < 50_000
        assert not [url for url in sizes if "push.js" in url]
