"""What the panel's browser tests share: a room to call from, a screen to look at, and its ears."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

ROOT = Path(__file__).parents[3]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
UNIT = "continente"
HD = {"width": 1920, "height": 1080}
# One sample of silence: what the fake audio device below is given as the voice.
WAVE = b"RIFF\x26\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x22\x56\0\0\x44\xac\0\0\x02\0\x10\0data\x02\0\0\0\0\0"

# Notes each call that the screen begins to announce.
WATCH = """
window.shown = [];
new MutationObserver(() => {
  const node = document.querySelector('.now-calling');
  if (!node || window.shown.at(-1)?.seq === Number(node.dataset.seq)) return;
  window.shown.push({ seq: Number(node.dataset.seq), label: node.querySelector('.now-label').textContent });
}).observe(document, { childList: true, subtree: true, attributes: true });
"""

# An audio device whose time is the page's (so that a test may hurry it), and which remembers what it played.
EARS = """
window.heard = [];
const readBody = Response.prototype.arrayBuffer;
Response.prototype.arrayBuffer = async function () {
  const body = await readBody.call(this);
  body.from = this.url;
  return body;
};
const node = () => ({
  connect: (to) => to, disconnect() {},
  gain: { value: 1, setValueAtTime() {}, exponentialRampToValueAtTime() {} }, frequency: { value: 0 },
  start() {}, stop() {},
});
window.AudioContext = class {
  get state() { return 'running'; }
  destination = {};
  get currentTime() { return performance.now() / 1000; }
  async resume() {}
  async decodeAudioData(body) { return { duration: 2.5, from: body.from }; }
  createGain() { return node(); }
  createOscillator() { return node(); }
  createBufferSource() {
    const source = { ...node(), start() {
      const said = new URL(source.buffer.from).searchParams.get('label');
      window.heard.push({ said, shown: document.querySelector('.now-label')?.textContent });
      setTimeout(() => source.onended?.(), source.buffer.duration * 1000);
    } };
    return source;
  }
};
"""


class Room:
    """Staff of one unit of the running demo, by HTTP: tickets are taken and called for real."""

    def __init__(self, demo: dict[str, Any], request: Any) -> None:
        self._http = request
        self._base = demo["base_url"].rstrip("/") + "/api/v1"
        self._keys, self._name = 0, uuid4()  # not id(self): the next test's may lie in the same place
        unit = next(row for row in demo["units"] if row["id"] == UNIT)
        self.counters = unit["counters"]
        self._open: list[str] = []
        staff = [user for user in demo["users"] if user["unit"] == UNIT and user["role"] == "attendant"]
        login = {"username": staff[0]["username"], "password": staff[0]["password"]}
        self._csrf = self.post("/session", login)["csrf_token"]
        self.kiosk = next(d["token"] for d in demo["devices"] if d["kind"] == "kiosk" and d["unit"] == UNIT)
        menu = self._http.get(f"{self._base}/units/{UNIT}/menu").json()
        self.services = [s["id"] for c in menu["categories"] for s in c["services"] if s["open"]]

    def post(self, path: str, body: dict[str, Any] | None = None, token: str | None = None) -> Any:
        """One command; the test fails with the server's words when it is refused."""
        self._keys += 1
        headers = {"Idempotency-Key": f"panel-test-{self._name}-{self._keys}"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        elif path != "/session":
            headers["X-CSRF-Token"] = self._csrf
        answer = self._http.post(self._base + path, data=body or {}, headers=headers)
        assert answer.ok, f"{path}: {answer.status} {answer.text()[:300]}"
        return answer.json() if answer.status != 204 else None

    def issue(self, count: int = 1) -> None:
        """Somebody takes so many tickets at the kiosk."""
        for _ in range(count):
            self.post(f"/units/{UNIT}/tickets", {"service": self.services[0], "tier": "normal"}, self.kiosk)

    def open(self) -> str:
        """The first counter, with our attendant."""
        counter = self.counters[0]
        if counter not in self._open:
            self.post(f"/units/{UNIT}/counters/{counter}/open")
            self._open.append(counter)
        return str(counter)

    def call(self, count: int = 1) -> list[str]:
        """Issue and call so many tickets, one after the other; their labels in the order of calling."""
        counter = self.open()
        self.issue(count)
        labels = []
        for _ in range(count):
            ticket = self.post(f"/units/{UNIT}/counters/{counter}/call-next")["ticket"]
            self.post(f"/tickets/{ticket['id']}/finish")
            labels.append(ticket["label"])
        return labels

    def close(self) -> None:
        """Leave the demo as it was found."""
        for counter in self._open:
            self.post(f"/units/{UNIT}/counters/{counter}/close")
        self._open.clear()


class Screen:
    """A panel in Chromium, with its network cable in the test's hand."""

    def __init__(self, context: Any, address: str, wait_for: Callable[..., Any]) -> None:
        self.context, self.address, self.wait_for = context, address, wait_for
        self.page = context.new_page()
        self.problems: list[str] = []
        self._sockets: list[Any] = []
        self._cut = False
        self._asked: set[Any] = set()  # requests for the voice that are on their way
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.on_socket: Callable[[Any], None] = self._socket
        self.page.route_web_socket(re.compile("/socket.io/"), lambda socket: self.on_socket(socket))  # noqa: PLW0108

    def _socket(self, socket: Any) -> None:
        if self._cut:
            socket.close()
            return
        socket.connect_to_server()
        self._sockets.append(socket)

    def hurry(self) -> None:
        """From now on the page's time is the test's. Before open()."""
        self.page.clock.install()

    def listen(self) -> None:
        """Give it the fake audio device, and a voice. Before open()."""
        self.page.add_init_script(EARS)
        # The one limit that the page's clock does not hold: on a busy machine our own answer may take longer, and then
        # the panel rightly leaves the voice alone for a minute of its hurried time.
        self.page.add_init_script("AbortSignal.timeout = () => new AbortController().signal;")
        self.page.on("request", lambda r: self._asked.add(r) if "/voice?" in r.url else None)
        for end in ("requestfinished", "requestfailed"):
            self.page.on(end, lambda r: self._asked.discard(r))  # noqa: PLW0108 - Playwright takes no built-in
        self.page.route(
            "**/api/v1/units/*/voice?**", lambda r: r.fulfill(body=WAVE, content_type="audio/wav")
        )

    def open(self, query: str = "") -> Screen:
        """Load the page and wait until it is live."""
        self.page.add_init_script(WATCH)
        self.page.goto(self.address.replace("#", f"{query}#"))
        self.live()
        return self

    def live(self) -> None:
        """Wait until the panel says that it is live."""
        self.page.wait_for_selector(".panel .connection-live", timeout=15_000)

    def unplug(self) -> None:
        """No HTTP, no socket, no new socket."""
        self._cut = True
        self.context.set_offline(True)
        for socket in self._sockets:
            socket.close()
        self._sockets.clear()

    def plug(self) -> None:
        """The network is back."""
        self._cut = False
        self.context.set_offline(False)

    def shown(self) -> list[str]:
        """The labels announced on the screen, in order."""
        return [call["label"] for call in self.page.evaluate("window.shown")]

    def heard(self) -> list[dict[str, str]]:
        """What the audio device played, and what the screen showed just then."""
        return list(self.page.evaluate("window.heard"))

    def let_pass(self, seconds: float, until: Callable[[], bool] = lambda: False, step: int = 500) -> None:
        """Let the page's own time pass, in steps, at most so many seconds or until something holds."""
        for _ in range(int(seconds * 1000 / step)):
            if until():
                return
            # The network has its own time: on a busy machine an answer that takes 0.2 s must not look like one of 10 s.
            self.wait_for(lambda: self.page.evaluate("0") or not self._asked, 20, "the voice has come")
            self.page.clock.run_for(step)

    def receive(self, count: int) -> None:
        """Until so many calls are being announced or wait for it. The page's time goes slowly meanwhile: if it hurried
        while a busy machine brings the calls, they would be old when they come, and only be listed."""
        self.let_pass(20, lambda: self._pending() >= count, step=20)
        assert self._pending() >= count, f"{self._pending()} of {count} calls came"

    def _pending(self) -> int:
        more = re.search(r"\d+", self.text(".more"))
        calling = self.page.query_selector(".now-calling") is not None
        return int(calling) + (int(more[0]) if more else 0)

    def text(self, selector: str) -> str:
        """The text of the first element, or nothing."""
        found = self.page.query_selector(selector)
        return found.inner_text() if found else ""

    def axe(self) -> list[str]:
        """What axe-core finds against WCAG 2.2 AA and its best practices, one line each."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        result = self.page.evaluate(
            "axe.run(document, { resultTypes: ['violations'] }).then((r) => r.violations.map((v) => "
            "`${v.id}: ${v.help}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`))"
        )
        return list(result)


@pytest.fixture
def room(demo: dict[str, Any], browser: Any) -> Iterator[Room]:
    """Staff of the unit; the counters they opened are closed afterwards."""
    context = browser.new_context()
    staff = Room(demo, context.request)
    yield staff
    staff.close()
    context.close()


@pytest.fixture
def make_screen(
    demo: dict[str, Any], browser: Any, wait_for: Callable[..., Any]
) -> Iterator[Callable[..., Screen]]:
    """Makes panels of the unit; every page error of theirs fails the test."""
    token = next(d["token"] for d in demo["devices"] if d["kind"] == "panel" and d["unit"] == UNIT)
    address = f"{demo['base_url'].rstrip('/')}/panel/{UNIT}#token={token}"
    screens: list[Screen] = []

    def make(viewport: dict[str, int] = HD, **options: Any) -> Screen:
        context = browser.new_context(viewport=viewport, **options)
        screen = Screen(context, address, wait_for)
        screens.append(screen)
        return screen

    yield make
    problems = [problem for screen in screens for problem in screen.problems]
    for screen in screens:
        screen.context.close()
    assert problems == []
