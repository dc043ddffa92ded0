"""Twelve hours of a panel in Chromium, an hour in a minute or three: `vez bench soak-panel`.

The page's clock is the bench's: an hour passes as fast as the page can live it. 14 calls a minute come over its
socket, in bursts, 10,080 in all; a play-list runs beside them; once an hour the cable is pulled while calls go on.
Every call must be shown once, in order, and after two hours neither heap nor nodes nor listeners may grow.
"""

from __future__ import annotations

import re
import shutil
from typing import Any

from panel_feed import Feed
from playwright.sync_api import Page, Route, WebSocketRoute, sync_playwright

from bench import house

HOURS = 12
CALLS_A_MINUTE = 14
WARM_HOURS = 2
MINUTE_MS = 60_000
PICTURE = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 9'><rect width='16' height='9' fill='teal'/></svg>"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--js-flags=--expose-gc"]
SETTINGS = {
    "layout": "media",
    "sound": {"enabled": False},
    "messages": ["Amanhã abrimos às 10h.", "Vacinação: sala 2."],
    "media": [
        {"id": name, "kind": "image", "url": f"/media/{name}.svg", "alt": name, "seconds": 10}
        for name in "abc"
    ],
}
# Notes each call that the screen begins to announce.
WATCH = """
window.shown = [];
new MutationObserver(() => {
  const node = document.querySelector('.now-calling');
  const seq = Number(node?.dataset.seq ?? 0);
  if (seq && seq !== window.last) { window.last = seq; window.shown.push(seq); }
}).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ['data-seq', 'class'] });
"""


class Panel:
    """A panel whose server is the bench."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.shown: list[int] = []
        self.weights: list[dict[str, int]] = []
        self.on_socket: Any = None
        self._cut = False
        self._sockets: list[WebSocketRoute] = []
        page.clock.install()
        page.add_init_script(WATCH)
        page.route(re.compile("/api/v1/"), self._api)
        page.route("**/media/*.svg", lambda route: route.fulfill(body=PICTURE, content_type="image/svg+xml"))
        page.route_web_socket(re.compile("/socket.io/"), self._socket)
        self.feed = Feed(self)
        self._probe = page.context.new_cdp_session(page)
        page.goto(address)
        page.wait_for_selector(".panel .connection-live")

    def _api(self, route: Route) -> None:
        if route.request.url.endswith("/panel"):
            route.fulfill(json={"settings": SETTINGS})
        else:
            route.fulfill(status=204)

    def _socket(self, socket: WebSocketRoute) -> None:
        if self._cut:
            socket.close()
            return
        self._sockets[:] = [socket]
        self.on_socket(socket)

    def cable(self, *, cut: bool) -> None:
        """Pull it, or put it back."""
        self._cut = cut
        self.page.context.set_offline(cut)
        for socket in self._sockets if cut else ():
            socket.close()

    def minute(self, *, listening: bool = True) -> None:
        """One minute of the panel's life."""
        for _ in range(CALLS_A_MINUTE):
            if listening:
                self.feed.call()
            else:
                self.feed.miss()
        self.page.clock.run_for(MINUTE_MS)
        self.shown += self.page.evaluate("window.shown.splice(0)")

    def weigh(self) -> None:
        """What it holds, after its garbage is gone."""
        self._probe.send("HeapProfiler.collectGarbage")
        found = self._probe.send("Memory.getDOMCounters")
        heap = int(self._probe.send("Runtime.getHeapUsage")["usedSize"])
        self.weights.append({"heap": heap, "nodes": found["nodes"], "listeners": found["jsEventListeners"]})


def _hour(panel: Panel) -> None:
    for minute in range(60):
        if minute == 30:
            panel.cable(cut=True)
            panel.minute(listening=False)
            panel.cable(cut=False)
        else:
            panel.minute()
    panel.weigh()


def measure(hours: int = HOURS) -> dict[str, Any]:
    """Calls made, shown and in order; heap, nodes and listeners by the hour."""
    chromium = next((p for n in ("chromium", "google-chrome") if (p := shutil.which(n))), None)
    with house.server() as running, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        page = browser.new_context(viewport={"width": 1920, "height": 1080}).new_page()
        panel = Panel(page, f"http://{running.host}:{running.port}/panel/centro#token=soak")
        for _ in range(hours):
            _hour(panel)
        for _ in range(30):  # what still waits in the queue
            page.clock.run_for(MINUTE_MS)
            panel.shown += page.evaluate("window.shown.splice(0)")
        browser.close()
    return _verdict(panel, hours)


def _verdict(panel: Panel, hours: int) -> dict[str, Any]:
    made = list(range(1, panel.feed.seq + 1))
    missed = sorted(set(made) - set(panel.shown))
    first, last = panel.weights[min(WARM_HOURS, hours) - 1], panel.weights[-1]
    flat = (
        last["heap"] <= first["heap"] * 1.1 + 500_000
        and last["nodes"] <= first["nodes"] * 1.1 + 200
        and last["listeners"] <= first["listeners"] + 20
    )
    return {
        "hours": hours,
        "calls": len(made),
        "shown": len(panel.shown),
        "missed": missed[:20],
        "in_order_and_once": panel.shown == sorted(set(panel.shown)),
        "weights_by_hour": panel.weights,
        "flat": flat,
        "ok": flat and panel.shown == made,
    }
