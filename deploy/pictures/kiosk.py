"""Every state of the kiosk: what a citizen meets, who needs it larger, lower or in black, and all that may go wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from pictures.album import LANGUAGES, Album, Step, changed, click, sees

SHAPES = {"portrait": (1080, 1920), "landscape": (1366, 768)}
REST = "[data-screen=rest]"
SERVICE = ("[data-category=tributos]", "[data-service=itbi]")
TICKET = (*SERVICE, "[data-tier=normal]")


def kiosk(album: Album) -> None:
    """All of it, upright and lying."""
    for shape, size in SHAPES.items():
        name = f"kiosk-{shape}"
        page = album.page(size, f"/kiosk/{album.unit}")
        album.state(page, f"{name}-pairing", sees(".pair"))
        album.close(page)
        page = _open(album, size)
        for part in (_visits, _papers, _search, _access, _person, _settings, _closed, _faults):
            with album.part(f"{name}{part.__name__}"):
                page.reload()  # whatever went before
                part(album, page, name)
        album.close(page)
        _idle(album, size, name)
        _places(album, size, name)


def _open(album: Album, size: tuple[int, int]) -> Page:
    return album.page(size, f"/kiosk/{album.unit}#token={album.token('kiosk')}")


def _taps(*selectors: str) -> list[Step]:
    return [click(selector) for selector in selectors]


def _menu(page: Page, change: Callable[[Any], Any] | None) -> None:
    """What the server says of the unit, changed from now on; None: the truth again."""
    page.unroute("**/menu?*")
    if change:
        page.route("**/menu?*", changed(change))
    page.reload()


def _visits(album: Album, page: Page, name: str) -> None:
    """From rest to the paper, in three languages."""
    for language in LANGUAGES:
        mine = f"{name}-{language}"
        album.state(page, f"{mine}-rest", sees(REST), click(f"[data-language={language}]"))
        album.state(page, f"{mine}-services", click(SERVICE[0]), sees("[data-screen=services]"))
        album.state(page, f"{mine}-service", click(SERVICE[1]), sees("[data-screen=service]"))
        album.state(page, f"{mine}-printing", click(TICKET[2]), sees("[data-screen=done]"))
        album.state(page, f"{mine}-printed", sees("[data-print=printed]"))
        page.click("[data-action=finish]")


def _papers(album: Album, page: Page, name: str) -> None:
    """A printer that has no paper, one that does not know; a long number; a message of the unit."""
    for state in ("blocked", "unknown"):
        page.route("**/print-jobs/*", changed(lambda body, now=state: body["job"].update(state=now)))
        album.state(page, f"{name}-print-{state}", sees(REST), *_taps(*TICKET), sees(".done-fallback"))
        if state == "blocked":
            album.state(page, f"{name}-print-noted", click("[data-action=confirm]"))
        page.unroute("**/print-jobs/*")
        page.click("[data-action=finish]")
    long = changed(lambda body: body["ticket"].update(label="PA1042", ahead=128))
    page.route("**/tickets", long)
    album.state(page, f"{name}-long-number", sees(REST), *_taps(*TICKET), sees("[data-screen=done]"))
    page.unroute("**/tickets")
    page.click("[data-action=finish]")
    _menu(page, lambda menu: menu["printer"].update(state="blocked", cause="paper_out"))
    album.state(page, f"{name}-no-paper", sees(REST), *_taps(*SERVICE), sees("[data-no-paper]"))
    _menu(page, lambda menu: menu.update(message="Na segunda-feira abrimos às 10h, por causa do simulado."))
    album.state(page, f"{name}-message", sees(".notice-info"))
    _menu(page, None)


def _search(album: Album, page: Page, name: str) -> None:
    album.state(page, f"{name}-search", sees(REST), click("[data-action=search]"))
    album.state(page, f"{name}-search-found", *_taps('.key:text-is("I")', '.key:text-is("T")'))
    album.state(page, f"{name}-search-nothing", *_taps('.key:text-is("X")', '.key:text-is("Y")'))
    page.click("[data-action=home]")


def _access(album: Album, page: Page, name: str) -> None:
    """High contrast, 200 % text, everything low: through a whole visit each."""
    for access in ("contrast", "text", "reach"):
        mine = f"{name}-{access}"
        album.state(page, f"{mine}-rest", sees(REST), click(f"[data-access={access}]"))
        album.state(page, f"{mine}-search", *_taps("[data-action=search]", '.key:text-is("I")'))
        page.click("[data-action=home]")
        page.click(f"[data-access={access}]")
        album.state(page, f"{mine}-services", click(SERVICE[0]), sees("[data-screen=services]"))
        album.state(page, f"{mine}-service", click(SERVICE[1]), sees("[data-screen=service]"))
        album.state(page, f"{mine}-done", click(TICKET[2]), sees("[data-print=printed]"))
        page.click("[data-action=finish]")


def _person(album: Album, page: Page, name: str) -> None:
    album.state(page, f"{name}-person", sees(REST), click("[data-access=person]"))
    page.route("**/heartbeat", lambda route: route.abort())
    album.state(page, f"{name}-person-failed", click("[data-action=person]"), sees("[data-action=person-ok]"))
    page.unroute("**/heartbeat")
    page.click("[data-action=person-ok]")
    page.click("[data-access=person]")
    album.state(page, f"{name}-person-sent", click("[data-action=person]"), sees("[data-action=person-ok]"))
    page.click("[data-action=person-ok]")


def _settings(album: Album, page: Page, name: str) -> None:
    """Staff sign in, choose a PIN, and see the settings; afterwards the PIN is asked for."""
    chief = album.user("supervisor")
    album.state(page, f"{name}-settings-login", click("[data-action=settings]"), sees(".login"))
    page.fill("#login-user", chief["username"])
    page.fill("#login-password", chief["password"])
    album.state(page, f"{name}-settings-new-pin", click(".login button"), sees(".pad"))
    _pin(page)
    album.state(page, f"{name}-settings", sees(".settings-open"))
    page.keyboard.press("Escape")
    album.state(page, f"{name}-settings-pin", click("[data-action=settings]"), sees(".pad"))
    page.keyboard.press("Escape")


def _pin(page: Page) -> None:
    page.wait_for_selector(".pad")
    for digit in "2026":
        page.click(f'.pad-keys .key:text-is("{digit}")')
    page.click(".pad-keys .key-go")


def _closed(album: Album, page: Page, name: str) -> None:
    """A service sold out and one closed; one with numbers for priority only; the whole unit closed."""

    def one_of_each(menu: Any) -> None:
        first, second, *_ = next(c for c in menu["categories"] if c["id"] == "tributos")["services"]
        first.update(open=False, closed_reason="daily_cap_reached", next_opening="2030-01-07T08:00:00-03:00")
        second.update(open=False, closed_reason="service_closed", next_opening="2030-01-07T08:00:00-03:00")

    _menu(page, one_of_each)
    album.state(
        page, f"{name}-services-closed", sees(REST), click(SERVICE[0]), sees("[data-screen=services]")
    )
    _menu(page, _no_more_normal_numbers)
    album.state(page, f"{name}-tier-capped", sees(REST), *_taps(*SERVICE), sees("[data-screen=service]"))
    _menu(
        page,
        lambda menu: menu["unit"].update(open=False, next_opening="2030-01-07T08:00:00-03:00", hours=HOURS),
    )
    album.state(page, f"{name}-closed", sees("[data-screen=closed]"))
    _menu(page, None)


def _no_more_normal_numbers(menu: Any) -> None:
    for category in menu["categories"]:
        for service in category["services"]:
            service["capped_tiers"] = ["normal"]


HOURS = {"opens": "08:00", "closes": "18:00"}


def _faults(album: Album, page: Page, name: str) -> None:
    """Refused, unanswered, cut off."""
    refused = {"error": {"code": "unit_closed", "message": "x", "detail": {}}}
    page.route("**/tickets", lambda route: route.fulfill(status=409, json=refused))
    album.state(page, f"{name}-problem", sees(REST), *_taps(*TICKET), sees("[data-screen=problem]"))
    page.unroute("**/tickets")
    page.click("[data-action=home]")
    page.route("**/tickets", lambda route: route.abort())
    album.state(page, f"{name}-no-answer", sees(REST), *_taps(*TICKET), sees("[data-action=retry]"))
    page.click("[data-action=leave]")
    page.unroute("**/tickets")
    page.context.set_offline(True)
    album.state(page, f"{name}-offline", sees("[data-screen=offline]", 60_000))


def _idle(album: Album, size: tuple[int, int], name: str) -> None:
    """Nobody touches it for a minute."""
    page = album.page(size, "/")
    page.clock.install()
    page.goto(f"{album.base}/kiosk/{album.unit}#token={album.token('kiosk')}")

    def a_minute(page: Page) -> None:
        page.clock.fast_forward(62_000)

    asked = sees("[data-action=idle-stay]")
    album.state(page, f"{name}-still-there", sees(REST), *_taps(*SERVICE), a_minute, asked)
    album.close(page)


def _places(album: Album, size: tuple[int, int], name: str) -> None:
    """A kiosk between units."""
    page = _open(album, size)
    others = [unit["id"] for unit in album.demo["units"] if unit["id"] != album.unit][:2]
    page.route("**/devices/me", changed(lambda body: body["device"].update(also=others)))
    page.reload()
    album.state(page, f"{name}-places", sees("[data-place]"))
    album.state(page, f"{name}-place-chosen", click(f"[data-place={others[0]}]"))
    album.close(page)
