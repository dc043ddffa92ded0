"""Every state of every screen at its real size, for `make pictures`: a function a screen, a line a state.

A state that cannot be reached is named at the end and fails the command: a picture that is missing is a screen that
nobody looked at.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from picture_sheet import poster
from playwright.sync_api import Browser, BrowserContext, Page, Route
from playwright.sync_api import Error as BrowserError

KIOSKS = {"portrait": (1080, 1920), "landscape": (1366, 768)}
WALLS = {"hd": (1920, 1080), "4k": (3840, 2160), "portrait": (1080, 1920)}
PHONE, DESK = (390, 844), (1366, 768)
REST = "[data-screen=rest]"
LANGUAGES = ("pt-BR", "en", "es")
PATIENCE_MS = 15_000
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


class Album:
    """Photographs into a folder; remembers what it could not reach."""

    def __init__(self, browser: Browser, demo: dict[str, Any], folder: Path, unit: str) -> None:
        self.browser, self.demo, self.folder, self.unit = browser, demo, folder, unit
        self.base = str(demo["base_url"]).rstrip("/")
        self.missing: list[str] = []
        self.taken = 0

    def token(self, kind: str) -> str:
        """A device's token in the unit of the pictures."""
        return next(
            str(d["token"]) for d in self.demo["devices"] if d["unit"] == self.unit and d["kind"] == kind
        )

    def user(self, role: str) -> dict[str, str]:
        """Somebody of the unit."""
        return next(u for u in self.demo["users"] if u["unit"] == self.unit and u["role"] == role)

    def page(self, size: tuple[int, int], path: str, **options: Any) -> Page:
        """A new screen of that size at that address; what it says is in Portuguese unless told otherwise."""
        wish = {"viewport": {"width": size[0], "height": size[1]}, "locale": "pt-BR"} | options
        page = self.browser.new_context(**wish).new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.set_default_navigation_timeout(4 * PATIENCE_MS)
        page.goto(self.base + path)
        return page

    def state(self, page: Page, name: str, *steps: Step) -> None:
        """Take the steps, then the photograph."""
        try:
            for step in steps:
                step(page)
            page.evaluate("document.fonts.ready")
            page.wait_for_timeout(600)
            page.screenshot(path=str(self.folder / f"{name}.png"))
            self.taken += 1
        except (BrowserError, StopIteration) as error:
            self.missing.append(f"{name}: {str(error).splitlines()[0][:160]}")


class Staff:
    """An attendant who works by HTTP, so that the screens have something to show."""

    def __init__(self, album: Album, context: BrowserContext) -> None:
        self._http, self._base = context.request, album.base + "/api/v1"
        self._kiosk, self.unit = album.token("kiosk"), album.unit
        user = album.user("attendant")
        login = {"username": user["username"], "password": user["password"]}
        self._csrf = self.post("/session", login)["csrf_token"]
        self.counter = f"{album.unit}-5"
        self._chief, self._browser = album.user("supervisor"), album.browser
        self._keys = 0

    def post(self, path: str, body: dict[str, Any] | None = None, token: str | None = None) -> Any:
        """One command."""
        self._keys = getattr(self, "_keys", 0) + 1
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


def kiosk(album: Album) -> None:
    """From rest to the ticket, in three languages and two shapes; what goes wrong; who needs it larger."""
    address = f"/kiosk/{album.unit}#token={album.token('kiosk')}"
    for shape, size in KIOSKS.items():
        page = album.page(size, address)
        for language in LANGUAGES:
            name = f"kiosk-{shape}-{language}"
            album.state(page, f"{name}-rest", sees(REST), click(f"[data-language={language}]"))
            album.state(
                page, f"{name}-services", click("[data-category=tributos]"), sees("[data-screen=services]")
            )
            album.state(page, f"{name}-service", click("[data-service=itbi]"), sees("[data-screen=service]"))
            album.state(page, f"{name}-done", click("[data-tier=normal]"), sees("[data-screen=done]"))
            page.click("[data-action=finish]")
        _kiosk_needs(album, page, f"kiosk-{shape}")
        _kiosk_faults(album, page, f"kiosk-{shape}")
        page.context.close()


def _kiosk_needs(album: Album, page: Page, name: str) -> None:
    letter = click('.key:text-is("I")')
    album.state(page, f"{name}-search", sees(REST), click("[data-action=search]"), letter)
    page.click("[data-action=home]")
    for access in ("contrast", "text", "reach"):
        album.state(page, f"{name}-{access}", sees(REST), click(f"[data-access={access}]"))
        page.click(f"[data-access={access}]")
    album.state(page, f"{name}-person", click("[data-access=person]"))
    page.keyboard.press("Escape")
    album.state(page, f"{name}-settings", click("[data-action=settings]"))
    page.keyboard.press("Escape")


def _kiosk_faults(album: Album, page: Page, name: str) -> None:
    refused = {"error": {"code": "unit_closed", "message": "x", "detail": {}}}
    page.route("**/tickets", lambda route: route.fulfill(status=409, json=refused))
    path = ("[data-category=tributos]", "[data-service=itbi]", "[data-tier=normal]")
    album.state(page, f"{name}-problem", *[click(step) for step in path], sees("[data-screen=problem]"))
    page.unroute("**/tickets")
    page.click("[data-action=home]")
    page.context.set_offline(True)
    album.state(page, f"{name}-offline", sees(".connection-offline, [data-screen=offline]", 60_000))


def _settings(more: dict[str, Any]) -> Callable[[Route], None]:
    given = {"sound": {"enabled": False}, "messages": ["Amanhã abrimos às 10h."]} | more
    return lambda route: route.fulfill(json={"settings": given})


def panel(album: Album, staff: Staff) -> None:
    """Calling and quiet, alone and with media, at three sizes; cut off, not paired yet, in high contrast."""
    media = [{"id": "a", "kind": "image", "url": "/media/a.png", "alt": "Aviso", "seconds": 600}]
    views = {"calls": {}, "media": {"layout": "media", "media": media}, "contrast": {"contrast": "high"}}
    for shape, size in WALLS.items():
        name = f"panel-{shape}"
        pages = {view: _wall(album, size, more) for view, more in views.items()}
        album.state(pages["calls"], f"{name}-pairing", sees(".pair"))
        for view, page in pages.items():
            page.goto(f"{album.base}/panel/{album.unit}#token={album.token('panel')}")
            page.reload()  # the address differs by its fragment only
            album.state(page, f"{name}-{view}", sees(".connection-live"))
        for view, page in pages.items():  # a call each: it would be over before the third photograph
            staff.issue()
            ticket = staff.call()
            album.state(page, f"{name}-{view}-calling", sees(".now-calling"))
            staff.move(ticket, "finish")
        page = pages["calls"]
        page.context.set_offline(True)
        page.evaluate("window.dispatchEvent(new Event('online'))")
        album.state(page, f"{name}-cut-off", sees(".connection:not(.connection-live)", 60_000))
        for page in pages.values():
            page.context.close()


def _wall(album: Album, size: tuple[int, int], settings: dict[str, Any]) -> Page:
    page = album.page(size, f"/panel/{album.unit}")
    notice = io.BytesIO()
    poster().save(notice, "PNG")
    page.route(
        "**/media/a.png", lambda route: route.fulfill(body=notice.getvalue(), content_type="image/png")
    )
    page.route(re.compile(r"/api/v1/units/[^/]+/panel$"), _settings(settings))
    return page


def follow(album: Album, staff: Staff) -> None:
    """A ticket's whole life on the phone, by day and by night, and an address that leads nowhere."""
    ticket = staff.issue()
    path = "/" + ticket["follow_url"].partition("//")[2].partition("/")[2]
    pages = {"day": album.page(PHONE, path), "night": album.page(PHONE, path, color_scheme="dark")}
    for language in ("en", "es"):
        pages[language] = album.page(PHONE, f"{path}?lang={language}")
    moves: dict[str, Callable[[], Any]] = {
        "waiting": lambda: None,
        "called": lambda: staff.call(ticket),
        "serving": lambda: staff.move(ticket, "start"),
        "finished": lambda: staff.move(ticket, "finish"),
    }
    for state, move in moves.items():
        move()
        for name, page in pages.items():
            page.reload()
            album.state(page, f"follow-{name}-{state}", sees(f"body[data-state={state}]"))
    rate = (lambda page: page.check("#rate [value='4']"), click("#rate button"))
    for name, answer in (("day", rate), ("night", (Page.reload,))):  # said once, known to every page
        album.state(pages[name], f"follow-{name}-rated", *answer, sees("#thanks:not([hidden])"))
    pages["lost"] = album.page(PHONE, "/t/AAAAAAAAAAAA")
    album.state(pages["lost"], "follow-unknown")
    _follow_wishes(album, staff)
    _web_issue(album, staff)
    for page in pages.values():
        page.context.close()


def _follow_wishes(album: Album, staff: Staff) -> None:
    """Late, and giving up: asked, done."""
    for language in LANGUAGES:
        ticket = staff.issue()
        path = "/" + ticket["follow_url"].partition("//")[2].partition("/")[2]
        page, name = album.page(PHONE, f"{path}?lang={language}"), f"follow-{language}"
        album.state(page, f"{name}-ask-late", click("#late"), sees("#ask-late:not([hidden])"))
        album.state(page, f"{name}-late", click("#ask-late button"), sees("#late-said:not([hidden])"))
        album.state(page, f"{name}-ask-give-up", click("#give-up"), sees("#ask-give-up:not([hidden])"))
        gone = (click("#ask-give-up button"), sees("body[data-state=cancelled]"))
        album.state(page, f"{name}-cancelled", *gone)
        page.context.close()


def _web_issue(album: Album, staff: Staff) -> None:
    """The unit's public page, closed and open, down to the ticket."""
    unit = f"/u/{album.unit}"
    for is_open in (False, True):
        staff.lead("/web-issue", {"on": is_open})
        for language in LANGUAGES:
            page = album.page(PHONE, f"{unit}?lang={language}")
            if not is_open:
                album.state(page, f"web-{language}-closed", sees("h1"))
            else:
                album.state(page, f"web-{language}-services", click("summary >> nth=0"))
                album.state(page, f"web-{language}-tier", click("a[href*='service=']:visible >> nth=0"))
                album.state(
                    page, f"web-{language}-ticket", click("form button"), sees("[data-state=waiting]")
                )
            page.context.close()
    staff.lead("/web-issue", {"on": False})


def counter(album: Album, staff: Staff) -> None:
    """A morning at the counter: login, choice, empty hand, called, serving, dialogs, keys, reception."""
    for tier in ("priority", "normal", "eighty_plus"):
        staff.issue(tier=tier)
    page = album.page(DESK, "/counter")
    second = [u for u in album.demo["users"] if u["unit"] == album.unit and u["role"] == "attendant"][1]
    place = f"[data-counter={album.unit}-3]"
    album.state(page, "counter-login", sees("#username"))
    album.state(page, "counter-choose", log_in(second), sees(place))
    album.state(page, "counter-idle", click(place), sees("[data-queue] li"))
    album.state(page, "counter-called", press("F2"), sees("[data-phase=called]"))
    album.state(page, "counter-serving", press("F4"), sees("[data-phase=serving]"))
    for name in ("transfer", "next_service", "hold"):
        album.state(page, f"counter-{name}", click(f"[data-action={name}]"), sees("dialog[open]"))
        page.keyboard.press("Escape")
    album.state(page, "counter-keys", press("?"), sees("dialog[open] .keys"))
    page.keyboard.press("Escape")
    album.state(page, "counter-reception", click("[data-tab=reception]"))
    page.context.close()


def supervisor(album: Album) -> None:
    """The room, and the page of the unit, by day, by night and in high contrast."""
    looks: dict[str, dict[str, str]] = {
        "day": {},
        "night": {"theme": "dark"},
        "contrast": {"contrast": "high"},
    }
    chief = album.user("supervisor")
    for name, look in looks.items():
        page = album.page(DESK, "/supervisor")
        kept = json.dumps({"theme": "light", "contrast": "normal", "letters": True} | look)
        page.evaluate("(kept) => localStorage.setItem('vez.staff.look', kept)", kept)
        page.reload()
        room = f"supervisor-{name}-room"
        album.state(page, room, sees("#username"), log_in(chief), sees(".everybody"))
        page.goto(f"{album.base}/supervisor#unit")
        page.set_viewport_size({"width": DESK[0], "height": 2400})
        album.state(page, f"supervisor-{name}-unit", sees("[data-card=forecast]"))
        page.context.close()
