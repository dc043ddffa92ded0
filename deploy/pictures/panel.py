"""Every state of the panel, at the sizes of the screens that hang on walls: lying, lying in 4K, upright."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from playwright.sync_api import Page

from pictures.album import LANGUAGES, Album, Staff, changed, sees
from pictures.sheet import POSTER

SHAPES = {"hd": (1920, 1080), "4k": (3840, 2160), "portrait": (1080, 1920)}
LIVE, CALLING = ".connection-live", ".now-calling"
MEDIA = [{"id": "a", "kind": "image", "url": "/media/a.png", "alt": "Aviso", "seconds": 600}]
NOTICES = {"messages": ["Amanhã abrimos às 10h."]}
VIEWS: dict[str, dict[str, Any]] = {
    "calls": {},
    "notices": NOTICES,
    "media": {"layout": "media", "media": MEDIA} | NOTICES,
    "contrast": {"contrast": "high"} | NOTICES,
    "sound-blocked": {"sound": {"enabled": True}},
}
CROWD = (
    *("alvara-construcao", "habite-se", "poda-corte-arvore", "cartao-sus", "cadastro-unico", "recurso-multa")
    * 2,
    *("mei-orientacao", "abertura-processo", "certidao-negativa", "itbi") * 2,
)
LONG = {"label": "PA1042", "counter_number": "12", "counter_kind": "room"}
# The flash is over: what the room looks at for the rest of the announcement.
STEADY = """() => document.querySelector('.now-calling')
  && !document.getAnimations().some((a) => a.animationName?.startsWith('now-flash') && a.playState === 'running')"""


def panel(album: Album, staff: Staff) -> None:
    """Not paired, quiet, calling, several at once, cut off; alone and with media; in three languages."""
    for shape, size in SHAPES.items():
        name = f"panel-{shape}"
        pages = {view: _wall(album, size, more) for view, more in VIEWS.items()}
        album.state(pages["calls"], f"{name}-pairing", sees(".pair"))
        for view, page in pages.items():
            _pair(album, page)
            album.state(page, f"{name}-{view}", sees(LIVE))
        for view, page in pages.items():  # a call each: it would be over before the third photograph
            ticket = _call(staff)
            steps = (sees(CALLING), lambda page: page.wait_for_function(STEADY))
            album.state(page, f"{name}-{view}-calling", *steps)
            staff.move(ticket, "finish")
        _several(album, staff, pages["calls"], name)
        _cut_off(album, pages["calls"], name)
        for page in pages.values():
            album.close(page)
        _languages(album, size, name)
        _long(album, size, name)
    _busy(album, staff)
    page = album.page(SHAPES["hd"], "/panel/nirgends")
    album.state(page, "panel-hd-unknown-unit", sees("body"))
    album.close(page)


def _call(staff: Staff) -> dict[str, Any]:
    staff.issue()
    return staff.call()


def _settings(more: dict[str, Any]) -> Any:
    given = {"sound": {"enabled": False}} | more
    return lambda route: route.fulfill(json={"settings": given})


def _wall(album: Album, size: tuple[int, int], settings: dict[str, Any]) -> Page:
    page = album.page(size, f"/panel/{album.unit}")
    page.route("**/media/a.png", lambda route: route.fulfill(body=_poster(album), content_type="image/png"))
    page.route(re.compile(r"/api/v1/units/[^/]+/panel$"), _settings(settings))
    return page


@cache
def _poster(album: Album) -> bytes:
    page = album.page((1600, 900), "/", bypass_csp=True)
    page.set_content(POSTER, wait_until="networkidle")
    page.evaluate("document.fonts.ready")
    picture = page.screenshot()
    album.close(page)
    return picture


def _busy(album: Album, staff: Staff) -> None:
    """The middle of a morning: several counters have called, many subjects wait."""
    team = [
        Staff(album, album.browser.new_context(), index, place) for index, place in ((3, 2), (4, 9), (5, 11))
    ]
    for service in CROWD:
        staff.issue(service)
    for one in team:
        one.sit()
    heard = {"sound": {"enabled": True}}
    views = {"busy": NOTICES | heard, "busy-media": VIEWS["media"] | heard}
    pages = {name: _wall(album, SHAPES["hd"], more) for name, more in views.items()}
    for page in pages.values():
        _pair(album, page)
        page.wait_for_selector(LIVE)
        page.mouse.click(5, 5)  # whoever hangs the television up lets it speak
    for one in (*team, *team):
        one.move(one.call(), "finish")
    quiet = "() => document.querySelector('.recent-list') && !document.querySelector('.now-calling')"
    for name, page in pages.items():
        page.wait_for_function(quiet, timeout=120_000)
        album.state(page, f"panel-hd-{name}")
    pages["busy"].bring_to_front()
    staff.move(staff.call(staff.issue(tier="priority")), "finish")
    album.state(
        pages["busy"], "panel-hd-busy-calling", sees(CALLING), lambda page: page.wait_for_function(STEADY)
    )
    for page in pages.values():
        album.close(page)


def _pair(album: Album, page: Page, query: str = "") -> None:
    page.goto(f"{album.base}/panel/{album.unit}{query}#token={album.token('panel')}")
    page.reload()  # the address differs by its fragment only


def _several(album: Album, staff: Staff, page: Page, name: str) -> None:
    """Three counters call at one moment."""
    for _ in range(3):
        staff.move(_call(staff), "finish")
    album.state(page, f"{name}-several-calls", sees(".now-calling ~ .recent .more"))


def _cut_off(album: Album, page: Page, name: str) -> None:
    page.context.set_offline(True)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    away = ".connection:not(.connection-live)"
    album.state(page, f"{name}-cut-off", sees(away, 60_000))


def _languages(album: Album, size: tuple[int, int], name: str) -> None:
    for language in LANGUAGES[1:]:
        page = _wall(album, size, {})
        _pair(album, page, f"?lang={language}")
        album.state(page, f"{name}-{language}", sees(LIVE))
        album.close(page)


def _long(album: Album, size: tuple[int, int], name: str) -> None:
    """Long numbers and the word of another kind of counter, in both layouts."""
    for view in ("calls", "media"):
        page = _wall(album, size, VIEWS[view])
        page.route_web_socket("**", lambda socket: socket.close())  # so that the board is asked for
        page.route("**/board", changed(lambda board: [call.update(LONG) for call in board["calls"]]))
        _pair(album, page)
        album.state(page, f"{name}-{view}-long", sees(f".now-label:has-text('{LONG['label']}')"))
        album.close(page)
