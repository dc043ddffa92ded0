"""Every state of the screens of the staff: a morning at a counter, the supervisor's room, the page of the unit."""

from __future__ import annotations

import json

from playwright.sync_api import Page

from pictures.album import Album, Staff, Step, click, log_in, press, sees

DESK, TALL = (1366, 768), (1366, 2400)
UNIT_TALL = 3300  # the whole page of a unit, without scrolling
LOOKS: dict[str, dict[str, str]] = {"day": {}, "night": {"theme": "dark"}, "contrast": {"contrast": "high"}}
DIALOG = "dialog[open]"


def counter(album: Album, staff: Staff) -> None:
    """A morning at the counter: login, choice, empty hand, called, serving, dialogs, keys, reception, away."""
    for tier in ("priority", "normal", "eighty_plus"):
        staff.issue(tier=tier)
    page = album.page(DESK, "/counter")
    place = f"[data-counter={album.unit}-3]"
    album.state(page, "counter-login", sees("#username"))
    album.state(page, "counter-choose", log_in(album.users("attendant")[1]), sees(place))
    album.state(page, "counter-idle", click(place), sees("[data-queue] li"))
    album.state(page, "counter-called", press("F2"), sees("[data-phase=called]"))
    album.state(page, "counter-why", click(".hand-reason"), sees(".story li"))
    page.keyboard.press("Escape")
    album.state(page, "counter-serving", press("F4"), sees("[data-phase=serving]"))
    for name in ("transfer", "next_service", "hold", "add-service"):
        album.state(page, f"counter-{name}", click(f"[data-action={name}]"), sees(DIALOG))
        page.keyboard.press("Escape")
    album.state(page, "counter-keys", press("?"), sees("dialog[open] .keys"))
    page.keyboard.press("Escape")
    album.state(page, "counter-reception", click("[data-tab=reception]"), sees(".search [data-ticket]"))
    page.click("[data-tab=counter]")
    page.keyboard.press("F8")
    page.wait_for_selector("[data-action=call_next]")
    album.state(page, "counter-pause", click("[data-action=pause]"), sees(DIALOG))
    page.keyboard.press("Escape")
    page.context.set_offline(True)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    album.state(page, "counter-offline", sees("[data-status]:not([data-status=live])", 60_000))
    album.close(page)
    _counter_looks(album)
    _empty(album)


def _dress(page: Page, look: dict[str, str]) -> None:
    kept = json.dumps({"theme": "light", "contrast": "normal", "letters": True} | look)
    page.evaluate("(kept) => localStorage.setItem('vez.staff.look', kept)", kept)
    page.reload()


def _counter_looks(album: Album) -> None:
    for index, name in enumerate(("night", "contrast"), start=6):
        page = album.page(DESK, "/counter")
        _dress(page, LOOKS[name])
        place = f"[data-counter={album.unit}-{index}]"
        page.wait_for_selector("#username")
        log_in(album.users("attendant")[index])(page)
        album.state(page, f"counter-{name}-idle", click(place), sees("[data-queue] li"))
        album.state(page, f"counter-{name}-called", press("F2"), sees("[data-phase=called]"))
        album.close(page)


def _empty(album: Album) -> None:
    """A unit where nobody waits."""
    other = next(u for u in album.demo["users"] if u["unit"] == "lagoa" and u["role"] == "attendant")
    page = album.page(DESK, "/counter")
    page.wait_for_selector("#username")
    log_in(other)(page)
    album.state(page, "counter-nobody", click("[data-counter=lagoa-1]"), sees("[data-action=call_next]"))
    album.close(page)


def supervisor(album: Album) -> None:
    """The room, the journal of a ticket, and the page of the unit, by day, by night and in high contrast."""
    chief = album.user("supervisor")
    for name, look in LOOKS.items():
        page = album.page(DESK, "/supervisor")
        _dress(page, look)
        page.wait_for_selector("#username")
        log_in(chief)(page)
        album.state(page, f"supervisor-{name}-room", sees(".everybody [data-ticket]"), sees("[data-device]"))
        if name == "day":
            album.state(page, "supervisor-why", click(".everybody [data-ticket] >> nth=0"), sees(".story li"))
        page.goto(f"{album.base}/supervisor#unit")
        page.set_viewport_size({"width": TALL[0], "height": UNIT_TALL})
        album.state(page, f"supervisor-{name}-unit", sees(".paper-window img"))
        album.close(page)
    page = album.page(TALL, "/supervisor")
    page.wait_for_selector("#username")
    log_in(next(u for u in album.demo["users"] if u["role"] == "admin"))(page)
    album.state(page, "supervisor-several-units", *_two_units())
    album.close(page)


def _two_units() -> list[Step]:
    return [sees("[data-unit-chip]"), click("[data-unit-chip=lagoa]"), sees("[data-unit=lagoa]")]
