"""Every state of every screen at its real size, for `make pictures`: the album, and staff who fill the screens.

A state that cannot be reached, or in which axe-core finds a fault, is named at the end and fails the command: a picture
that is missing is a screen that nobody looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Route
from playwright.sync_api import Error as BrowserError

LANGUAGES = ("pt-BR", "en", "es")
PATIENCE_MS = 15_000
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FOUND = """async (rules) => (await axe.run(document, { runOnly: rules })).violations
  .map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 120)}`)"""
Step = Callable[[Page], Any]


def click(selector: str) -> Step:
    """A step: touch this."""
    return lambda page: page.click(selector)


def sees(selector: str, timeout: float = PATIENCE_MS) -> Step:
    """A step: wait until this is there."""
    return lambda page: page.wait_for_selector(selector, timeout=timeout)


def press(key: str) -> Step:
    """A step: press this key."""
    return lambda page: page.keyboard.press(key)


def log_in(user: dict[str, str]) -> Step:
    """A step: the login of the staff's screens."""

    def fill(page: Page) -> None:
        page.fill("#username", user["username"])
        page.fill("#password", user["password"])
        page.keyboard.press("Enter")

    return fill


def changed(change: Callable[[Any], Any]) -> Callable[[Route], None]:
    """A route that lets the server answer, and changes what it said."""

    def answer(route: Route) -> None:
        # The page may have gone on meanwhile: then nobody waits for this answer any more.
        with suppress(BrowserError):
            response = route.fetch()
            body = response.json()
            change(body)
            route.fulfill(response=response, json=body)

    return answer


class Album:
    """Photographs into a folder; remembers what it could not reach."""

    def __init__(self, browser: Browser, demo: dict[str, Any], folder: Path, unit: str) -> None:
        self.browser, self.demo, self.folder, self.unit = browser, demo, folder, unit
        self.base = str(demo["base_url"]).rstrip("/")
        self.missing: list[str] = []
        self.taken = 0
        self._axe = AXE.read_text(encoding="utf-8") + "; undefined"

    def token(self, kind: str) -> str:
        """A device's token in the unit of the pictures."""
        return next(
            str(d["token"]) for d in self.demo["devices"] if d["unit"] == self.unit and d["kind"] == kind
        )

    def users(self, role: str) -> list[dict[str, str]]:
        """Everybody of the unit with that role."""
        return [u for u in self.demo["users"] if u["unit"] == self.unit and u["role"] == role]

    def user(self, role: str) -> dict[str, str]:
        """Somebody of the unit."""
        return self.users(role)[0]

    def page(self, size: tuple[int, int], path: str, **options: Any) -> Page:
        """A new screen of that size at that address; what it says is in Portuguese unless told otherwise."""
        wish = {"viewport": {"width": size[0], "height": size[1]}, "locale": "pt-BR"} | options
        page = self.browser.new_context(**wish).new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.set_default_navigation_timeout(4 * PATIENCE_MS)
        page.goto(self.base + path)
        return page

    @staticmethod
    def close(page: Page) -> None:
        """The screen is switched off; answers still on their way are nobody's."""
        page.unroute_all(behavior="ignoreErrors")
        page.context.close()

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """What goes wrong in here is noted, and the next part begins."""
        try:
            yield
        except BrowserError as error:
            self.missing.append(f"{name}, the rest of it: {str(error).splitlines()[0][:160]}")

    def state(self, page: Page, name: str, *steps: Step, axe: bool = True) -> None:
        """Take the steps, then the photograph; then let axe-core look (a page without scripts cannot be asked)."""
        try:
            for step in steps:
                step(page)
            page.evaluate("document.fonts.ready")
            page.wait_for_timeout(600)
            page.screenshot(path=str(self.folder / f"{name}.png"))
            self.taken += 1
            if axe:
                page.evaluate(self._axe)
                self.missing += [f"{name}: axe, {fault}" for fault in page.evaluate(FOUND, RULES)]
        except (BrowserError, StopIteration) as error:
            self.missing.append(f"{name}: {str(error).splitlines()[0][:160]}")


class Staff:
    """An attendant who works by HTTP, so that the screens have something to show."""

    def __init__(self, album: Album, context: BrowserContext, index: int = 0, place: int = 5) -> None:
        self._http, self._base = context.request, album.base + "/api/v1"
        self._kiosk, self.unit, self._keys = album.token("kiosk"), album.unit, 0
        user = album.users("attendant")[index]
        login = {"username": user["username"], "password": user["password"]}
        self._csrf = self.post("/session", login)["csrf_token"]
        self.counter = f"{album.unit}-{place}"
        self._chief, self._browser = album.user("supervisor"), album.browser

    def post(self, path: str, body: dict[str, Any] | None = None, token: str | None = None) -> Any:
        """One command."""
        self._keys += 1
        headers = {"Idempotency-Key": f"album-{id(self)}-{self._keys}"}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        headers |= {"X-CSRF-Token": self._csrf} if not token and path != "/session" else {}
        answer = self._http.post(self._base + path, data=body or {}, headers=headers)
        if not answer.ok:
            raise BrowserError(f"{path}: {answer.status} {answer.text()[:120]}")
        return answer.json() if answer.status != 204 else None

    def lead(self, path: str, body: dict[str, Any]) -> None:
        """What only a supervisor may do, in the unit: by a session of their own, ended at once."""
        user, context = self._chief, self._browser.new_context()
        login = {"username": user["username"], "password": user["password"]}
        session = context.request.post(f"{self._base}/session", data=login).json()
        token = {"X-CSRF-Token": session["csrf_token"]}
        answer = context.request.post(f"{self._base}/units/{self.unit}{path}", data=body, headers=token)
        context.close()
        if not answer.ok:
            raise BrowserError(f"{path}: {answer.status} {answer.text()[:120]}")

    def issue(self, service: str = "itbi", tier: str = "normal") -> dict[str, Any]:
        """Somebody takes a ticket at the kiosk."""
        body = {"service": service, "tier": tier}
        return dict(self.post(f"/units/{self.unit}/tickets", body, self._kiosk)["ticket"])

    def sit(self) -> None:
        """The counter of the album opens."""
        self.post(f"/units/{self.unit}/counters/{self.counter}/open")

    def call(self, ticket: dict[str, Any] | None = None) -> dict[str, Any]:
        """The next one, or this one."""
        base = f"/units/{self.unit}/counters/{self.counter}"
        if ticket is None:
            return dict(self.post(f"{base}/call-next")["ticket"])
        return dict(self.post(f"{base}/call", {"ticket": ticket["id"], "reason": "fotografia"})["ticket"])

    def move(self, ticket: dict[str, Any], verb: str, body: dict[str, Any] | None = None) -> None:
        """Any move of a ticket."""
        self.post(f"/tickets/{ticket['id']}/{verb}", body)
