"""What the kiosk's browser tests share: a screen to touch, its eyes for axe and for sizes, and the demo's printer."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
PORTRAIT = {"width": 1080, "height": 1920}
LANDSCAPE = {"width": 1366, "height": 768}
UNIT = "lagoa"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# Controls smaller than 88 px either way or covered by others, words that leave their button, and anything that sticks
# out at the sides.
FAULTS = """() => {
  const seen = (n) => n.getClientRects().length > 0;
  const small = [...document.querySelectorAll('button, input, a[href]')].filter(seen)
    .map((n) => [n.innerText || n.ariaLabel || n.name, n.getBoundingClientRect()])
    .filter(([, r]) => r.width < 87.5 || r.height < 87.5).map(([name, r]) => `${name}: ${r.width}x${r.height}`);
  const out = [...document.querySelectorAll('.stage *')].filter(seen)
    .filter((n) => {
      const r = n.getBoundingClientRect();
      return r.width && (r.right > innerWidth + 1 || r.left < -1);
    })
    .map((n) => `outside: ${n.className}`);
  const cut = [...document.querySelectorAll('button, .scroll, .ticket, .fact, .notice, .calm, .dialog')].filter(seen)
    .filter((n) => n.scrollWidth > n.clientWidth + 2
      || (n.matches('button, .ticket, .fact, .notice') && n.scrollHeight > n.clientHeight + 2))
    .map((n) => `cut: ${n.className} ${n.innerText}`);
  const top = document.querySelector('dialog[open]') ?? document;
  const shown = (n, x, y) => {
    const box = n.closest('.scroll, .search, .dialog, .dock')?.getBoundingClientRect();
    return x > 0 && y > 0 && x < innerWidth && y < innerHeight && (!box || (y > box.top && y < box.bottom));
  };
  const covered = [...top.querySelectorAll('button:not(:disabled)')].filter(seen).filter((n) => {
    const r = n.getBoundingClientRect();
    return [0.1, 0.5, 0.9].some((part) => {
      const [x, y] = [r.left + r.width / 2, r.top + r.height * part];
      return shown(n, x, y) && document.elementFromPoint(x, y)?.closest('button') !== n;
    });
  }).map((n) => `covered: ${n.className} ${n.innerText}`);
  return [...small, ...out, ...cut, ...covered];
}"""


# Half-way through an animation colours and places are nobody's; endless ones (a spinner) have no end to go to.
STILL = """() => document.getAnimations().forEach((a) => {
  if (a.effect.getComputedTiming().endTime !== Infinity) a.finish();
})"""


class Wire:
    """The server's answers in the hands of a test: menu and ticket calls, changed or lost on the way."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.orders: list[Any] = []

    def menu(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Every menu passes through `change`, which may be replaced by calling this again."""

        def answer(route: Any) -> None:
            response = route.fetch()
            body = response.json()
            change(body)
            route.fulfill(response=response, json=body)

        self.page.unroute("**/menu?*")
        self.page.route("**/menu?*", answer)

    def order(self, answer: Callable[[Any, int], None]) -> None:
        """`answer(route, n)` decides about the n-th order (from 1); all are kept in `orders`."""

        def handle(route: Any) -> None:
            request = route.request
            self.orders.append((request.headers["idempotency-key"], request.post_data_json))
            answer(route, len(self.orders))

        self.page.route("**/tickets", handle)


class Screen:
    """One kiosk in a browser of its own. Errors on its console fail the test, unless it `expects` them."""

    def __init__(self, page: Any, base: str, unit: str) -> None:
        self.page, self.base, self.unit = page, base, unit
        self.wire = Wire(page)
        self.errors: list[str] = []
        self.expected = ["Service Worker registration blocked"]
        page.on("console", lambda m: self.errors.append(m.text) if m.type in {"error", "warning"} else None)
        page.on("pageerror", lambda e: self.errors.append(str(e)))

    def expects(self, *parts: str) -> None:
        """Messages holding one of these parts are what the test brings about."""
        self.expected += parts

    def faults(self) -> list[str]:
        return [e for e in self.errors if not any(part in e for part in self.expected)]

    def open(self, token: str | None) -> Screen:
        fragment = f"#token={token}" if token else ""
        self.page.goto(f"{self.base}/kiosk/{self.unit}{fragment}")
        return self

    def at(self, name: str, timeout: float = 10_000) -> Screen:
        """Wait until this screen is shown."""
        self.page.wait_for_selector(f"[data-screen={name}]", timeout=timeout)
        return self

    def soon(self, name: str) -> Screen:
        """The screen that comes by itself once the menu has been asked for again; the page's time is hurried."""
        for _ in range(20):
            self.page.clock.run_for(4000)
            if self.page.query_selector(f"[data-screen={name}]"):
                return self
        return self.at(name)

    def tap(self, selector: str) -> Screen:
        self.page.click(selector)
        return self

    def choose(self, category: str = "tributos", service: str = "itbi") -> Screen:
        """From rest to the screen before the ticket."""
        return self.tap(f"[data-category={category}]").tap(f"[data-service={service}]").at("service")

    def label(self) -> str:
        return self.page.get_attribute("[data-label]", "data-label")

    def check(self, what: str) -> None:
        """axe-core finds nothing, every target is large, nothing is cut off."""
        self.page.evaluate(STILL)
        assert self.page.evaluate(FAULTS) == [], what
        self.page.evaluate(AXE)
        found = self.page.evaluate("(runOnly) => axe.run(document, { runOnly })", RULES)["violations"]
        assert not found, f"{what}: " + json.dumps(
            [[v["id"], [n["html"] for n in v["nodes"]]] for v in found]
        )


@pytest.fixture
def token(demo: dict[str, Any]) -> str:
    """The token of the demo's kiosk in UNIT."""
    return next(d["token"] for d in demo["devices"] if d["kind"] == "kiosk" and d["unit"] == UNIT)


@pytest.fixture
def kiosk(browser: Any, demo: dict[str, Any], token: str) -> Iterator[Callable[..., Screen]]:
    """`kiosk(viewport=…, paired=True, hurry=False, prepare=None, **context)`: a Screen, opened after `prepare(screen)`.
    With `hurry` the page's time is the test's too (`soon`, `page.clock`)."""
    contexts: list[Any] = []
    screens: list[Screen] = []

    def make(
        viewport: dict[str, int] = PORTRAIT,
        *,
        paired: bool = True,
        hurry: bool = False,
        prepare: Any = None,
        **more: Any,
    ) -> Screen:
        options = {"viewport": viewport, "has_touch": True, "service_workers": "block", **more}
        context = browser.new_context(**options)
        contexts.append(context)
        screen = Screen(context.new_page(), demo["base_url"], UNIT)
        screens.append(screen)
        if hurry:
            screen.page.clock.install()
            # The page's time runs ahead of the network's: its socket gives up before it could be answered.
            screen.expects("WebSocket connection to")
        if prepare:
            prepare(screen)
        return screen.open(token if paired else None)

    yield make
    for context in contexts:
        context.close()
    for screen in screens:
        assert screen.faults() == []


def get_json(url: str, token: str | None = None) -> Any:
    """A GET outside the browser."""
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)


@pytest.fixture
def printed(demo: dict[str, Any]) -> Callable[[str, str], dict[str, Any] | None]:
    """What the virtual printer received with this label and QR code, or None so far.

    All units of the demo print on it, and each has an A001: only the code is one ticket's own.
    """

    def find(label: str, url: str) -> dict[str, Any] | None:
        tickets = get_json(f"{demo['printer']['web']}/tickets.json")
        return next((t for t in tickets if label in t["text"].split() and url in t["qr"]), None)

    return find


@pytest.fixture
def waiting(demo: dict[str, Any]) -> Callable[[str], int]:
    """How many people wait for a service of UNIT, as the server says."""

    def count(service: str) -> int:
        menu = get_json(f"{demo['base_url']}/api/v1/units/{UNIT}/menu")
        return next(s["waiting"] for c in menu["categories"] for s in c["services"] if s["id"] == service)

    return count
