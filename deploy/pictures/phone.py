"""Every state of the phone: a ticket's life, its wishes, an address that leads nowhere, and the unit's public page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from pictures.album import LANGUAGES, Album, Staff, click, sees

PHONE = (390, 844)
STALE = "() => document.getElementById('fresh').textContent.includes('Sem conexão')"


def phone(album: Album, staff: Staff) -> None:
    """A ticket's whole life, by day and by night, and what may happen besides."""
    ticket = staff.issue()
    path = _path(ticket)
    pages = {"day": album.page(PHONE, path), "night": album.page(PHONE, path, color_scheme="dark")}
    for language in LANGUAGES[1:]:
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
    for page in pages.values():
        album.close(page)
    _on_hold(album, staff)
    _wishes(album, staff)
    _offline(album, staff)
    _web_issue(album, staff)


def _path(ticket: dict[str, Any]) -> str:
    return "/" + str(ticket["follow_url"]).partition("//")[2].partition("/")[2]


def _on_hold(album: Album, staff: Staff) -> None:
    ticket = staff.issue()
    staff.call(ticket)
    staff.move(ticket, "hold", {"reason": "Preenche formulário"})
    page = album.page(PHONE, _path(ticket))
    album.state(page, "follow-on-hold", sees("body[data-state=on_hold]"))
    album.close(page)


def _wishes(album: Album, staff: Staff) -> None:
    """Late, and giving up: asked, done."""
    for language in LANGUAGES:
        page, name = album.page(PHONE, f"{_path(staff.issue())}?lang={language}"), f"follow-{language}"
        album.state(page, f"{name}-ask-late", click("#late"), sees("#ask-late:not([hidden])"))
        album.state(page, f"{name}-late", click("#ask-late button"), sees("#late-said:not([hidden])"))
        album.state(page, f"{name}-ask-give-up", click("#give-up"), sees("#ask-give-up:not([hidden])"))
        gone = (click("#ask-give-up button"), sees("body[data-state=cancelled]"))
        album.state(page, f"{name}-cancelled", *gone)
        album.close(page)


def _offline(album: Album, staff: Staff) -> None:
    """The lift, the cellar: what is shown is old, and says so. And the page as it is without JavaScript."""
    ticket = staff.issue()
    page = album.page(PHONE, _path(ticket))
    page.wait_for_selector("body[data-state=waiting]")
    page.context.set_offline(True)
    page.evaluate("window.dispatchEvent(new Event('offline'))")
    album.state(page, "follow-offline", lambda page: page.wait_for_function(STALE, timeout=90_000))
    album.close(page)
    page = album.page(PHONE, _path(ticket), java_script_enabled=False)
    album.state(page, "follow-no-script", sees("body[data-state=waiting]"), axe=False)
    album.close(page)


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
            album.close(page)
    staff.lead("/web-issue", {"on": False})
