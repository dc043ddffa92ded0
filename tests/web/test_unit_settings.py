"""How a unit sets its panels, play-list and look: what is refused, what is in force, what is stored and served."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from datetime import timedelta

import pytest
from PIL import Image
from requests_by_route import LOGO
from rows import dump
from site_under_test import Site, Visitor
from sqlalchemy import select

from server.domain.media import VIDEO_BYTES
from server.store.tables import audit, journal
from server.usecases import playlists
from server.web.errors import messages

UNIT = "/units/centro"
PNG = base64.b64decode(LOGO)
SHORT = {"Content-Type": "application/octet-stream"}


def picture(form: str, size: tuple[int, int] = (32, 18)) -> bytes:
    """A real picture."""
    buffer = io.BytesIO()
    Image.new("RGB", size, "#0b4a5e").save(buffer, form)
    return buffer.getvalue()


def box(name: bytes, body: bytes = b"") -> bytes:
    """A box of an MP4 file."""
    return struct.pack(">I4s", 8 + len(body), name) + body


MP4 = box(b"ftyp", b"isom\0\0\2\0") + box(b"moov", b"x" * 60) + box(b"mdat", b"y" * 500)
WEBM = b"\x1a\x45\xdf\xa3\x9fB\x82\x84webm" + b"\x18\x53\x80\x67" + b"z" * 300


@pytest.fixture
def leader(site: Site) -> Visitor:
    """Centro's supervisor."""
    return site.staff("supervisao.centro")


@pytest.fixture
def panel(site: Site) -> Visitor:
    """Centro's panel."""
    return site.device("panel")


def in_force(panel: Visitor) -> dict:
    """What the panel is told to do."""
    return panel("GET", f"{UNIT}/panel").json["settings"]


def add(leader: Visitor, body: bytes, name: str = "aviso") -> dict:
    """An item that was taken in."""
    response = leader("POST", f"{UNIT}/media?name={name}", data=body, headers=SHORT)
    assert response.status_code == 201, response.text
    return response.json["media"]


def noted(site: Site) -> tuple[list[str], list[str]]:
    """The audit's actions, and what the screens were told of."""
    with site.store.read() as connection:
        actions = list(connection.execute(select(audit.c.action).order_by(audit.c.at, audit.c.id)).scalars())
        told = connection.execute(select(journal.c.data).where(journal.c.type == "unit.changed")).scalars()
        return actions, [data["what"] for data in told]


def test_a_panel_follows_the_unit_but_where_it_has_its_own(site, leader, panel):
    """Unit-wide, then one screen's own over it, then back; categories come out as their services."""
    assert in_force(panel)["layout"] == "calls"
    sound = {"enabled": True, "volume": 0.4, "repeat": 1, "languages": ["pt-BR", "en"]}
    wide = {"layout": "media", "sound": sound, "messages": ["Hoje até as 17h."]}
    assert leader("PUT", f"{UNIT}/panel/settings", wide).status_code == 200
    me = site.city.seeded.devices["centro", "panel"].id
    own = {"contrast": "high", "filter": {"categories": ["tributos"], "counters": ["centro-2"]}}
    page = leader("PUT", f"{UNIT}/panel/settings/{me}", own).json
    assert [(p["id"], p["settings"]["contrast"]) for p in page["panels"]] == [(me, "high")]
    told = in_force(panel)
    assert (told["layout"], told["contrast"], told["sound"]) == ("media", "high", sound)
    assert told["filter"]["counters"] == ["centro-2"]
    assert "iptu-segunda-via" in told["filter"]["services"]
    assert leader("GET", f"{UNIT}/panel").json["settings"]["contrast"] == "normal", "the unit's, to staff"
    leader("PUT", f"{UNIT}/panel/settings/{me}", {})
    assert in_force(panel)["contrast"] == "normal"
    assert noted(site) == (["panel.set"] * 3, ["panel"] * 3)
    leader("PUT", f"{UNIT}/panel/settings", wide)
    assert noted(site)[1] == ["panel"] * 3, "the same again is no change"


@pytest.mark.parametrize(
    "wish, field",
    [
        ({"layout": "cinema"}, "layout"),
        ({"sound": {"volume": 1.5}}, "sound.volume"),
        ({"sound": {"repeat": 4}}, "sound.repeat"),
        ({"fresh_seconds": 4}, "fresh_seconds"),
        ({"messages": ["x" * 161]}, "messages.0"),
        ({"messages": ["dois\x00"]}, "messages.0"),
        ({"filter": {"categories": ["passaporte"]}}, "filter.categories"),
        ({"filter": {"zones": ["lua"]}}, "filter.zones"),
        ({"filter": {"counters": ["lagoa-1"]}}, "filter.counters"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(site, leader, wish, field):
    """With its field, in the asker's language; nothing changed."""
    before = dump(site.store.engine)
    response = leader.speaking("es")("PUT", f"{UNIT}/panel/settings", wish)
    assert response.status_code == 422
    error = response.json["error"]
    assert error["message"] == messages("es")["invalid_fields"]
    assert any(found["field"].startswith(field) for found in error["detail"]["fields"])
    assert dump(site.store.engine) == before


def test_every_kind_of_media_is_known_by_its_content(site, leader, panel):
    """Whatever it is called: kept under the data folder, served whole and in parts, and gone when dropped."""
    files = {"png": picture("PNG"), "jpg": picture("JPEG"), "webp": picture("WEBP"), "mp4": MP4, "webm": WEBM}
    leader("PUT", f"{UNIT}/panel/settings", {"layout": "media"})
    items = {suffix: add(leader, body, f"arquivo.{suffix}.exe") for suffix, body in files.items()}
    browser = site.app.test_client()
    for suffix, body in files.items():
        answer = browser.get(items[suffix]["url"], buffered=True)
        assert (answer.status_code, answer.data) == (200, body)
        assert items[suffix]["url"].endswith(f".{suffix}")
        assert answer.mimetype == {"jpg": "image/jpeg"}.get(suffix, f"{items[suffix]['kind']}/{suffix}")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert "immutable" in answer.headers["Cache-Control"]
    part = browser.get(items["mp4"]["url"], headers={"Range": "bytes=4-7"}, buffered=True)
    assert (part.status_code, part.data) == (206, b"ftyp")
    assert [item["id"] for item in in_force(panel)["media"]] == [item["id"] for item in items.values()]
    order = [item["id"] for item in reversed(items.values())]
    leader("POST", f"{UNIT}/media/order", {"order": order})
    hidden, planned = order[0], order[1]
    leader("PUT", f"{UNIT}/media/{hidden}", {"on": False})
    plan = {
        "seconds": 30,
        "alt": "Praia",
        "from": "2026-11-24",
        "to": "2026-11-30",
        "starts": "08:00",
        "days": [1],
    }
    leader("PUT", f"{UNIT}/media/{planned}", plan)
    shown = in_force(panel)["media"]
    assert [item["id"] for item in shown] == order[1:]
    assert {key: shown[0][key] for key in plan} == plan
    assert leader("DELETE", f"{UNIT}/media/{planned}").status_code == 204
    assert browser.get(shown[0]["url"]).status_code == 404
    assert leader("DELETE", f"{UNIT}/media/{planned}").json["error"]["code"] == "unknown_media"
    assert leader("POST", f"{UNIT}/media/order", {"order": order}).json["error"]["code"] == "conflict"
    done = ["media.add"] * 5 + ["media.arrange", "media.drop", "media.plan", "media.plan", "panel.set"]
    assert sorted(noted(site)[0]) == done


def _bomb() -> bytes:
    """A PNG that says it has 900 million dots."""
    head = b"IHDR" + struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    end = struct.pack(">I4sI", 0, b"IEND", zlib.crc32(b"IEND"))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head)) + end


BAD = {
    "nothing": (b"", "not_media", "empty"),
    "text": (b"<html><script>alert(1)</script>", "not_media", "unknown"),
    "an svg": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "not_media", "unknown"),
    "a program": (b"\x7fELF" + b"\0" * 900, "not_media", "unknown"),
    "half a png": (picture("PNG", (300, 300))[:200], "not_media", "broken"),
    "half a jpeg": (picture("JPEG", (300, 300))[:400], "not_media", "broken"),
    "half a film": (MP4[:-100], "not_media", "broken"),
    "a film without its index": (box(b"ftyp", b"isom") + box(b"mdat", b"y" * 90), "not_media", "broken"),
    "a head and nothing": (b"\x89PNG\r\n\x1a\n", "not_media", "broken"),
    "too many dots": (_bomb(), "media_too_large", "too_many_pixels"),
    "a picture of nine megabytes": (
        picture("PNG") + b"\0" * 9_000_000 + b"IEND",
        "media_too_large",
        "too_large",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_a_file_that_is_no_media_is_refused(site, leader, what):
    """In words; neither rows nor files are left of it."""
    body, code, problem = BAD[what]
    before = dump(site.store.engine)
    for path in (f"{UNIT}/media?name=foto.png", f"{UNIT}/brand/logo"):
        response = leader.speaking("en")("POST", path, data=body, headers=SHORT)
        assert response.status_code == 422, response.text
        assert response.json["error"]["code"] == code
        assert response.json["error"]["message"] == messages("en")[code]
        assert response.json["error"]["detail"] == {"problem": problem}
    assert dump(site.store.engine) == before
    folder = site.app.extensions["vez_settings"].data_dir / "media" / "centro"
    assert list(folder.glob("*")) == []


def test_the_limits_of_the_list(site, leader, monkeypatch):
    """One too many is refused; so is a body beyond any film, before it is read."""
    monkeypatch.setattr(playlists, "MOST_ITEMS", 2)
    add(leader, PNG)
    add(leader, PNG)
    refused = leader("POST", f"{UNIT}/media", data=PNG)
    assert (refused.status_code, refused.json["error"]["code"]) == (409, "media_list_full")
    huge = leader("POST", f"{UNIT}/media", data=PNG, headers={"Content-Length": str(VIDEO_BYTES + 1)})
    assert huge.status_code in (409, 413)
    logo = leader("POST", f"{UNIT}/brand/logo", data=MP4)
    assert logo.json["error"]["code"] == "not_media", "a film is no logo"


def test_a_brand_that_cannot_be_read_is_refused(site, leader):
    """White on yellow, or a brand colour that no paper carries: which pair, what it has, what it needs."""
    browser, before = site.app.test_client(), dump(site.store.engine)
    assert browser.get(f"{UNIT}/brand.css").data == b""
    for wish, pair in (
        ({"colour": "#f2b33d", "ink": "#ffffff"}, "ink"),
        ({"colour": "#f2b33d"}, "paper"),
        ({"colour": "#777777", "ink": "#ffffff"}, "ink"),
    ):
        response = leader("PUT", f"{UNIT}/brand", {"name": "Centro"} | wish)
        detail = response.json["error"]["detail"]
        assert (response.status_code, response.json["error"]["code"]) == (422, "low_contrast")
        assert (detail["pair"], detail["needed"]) == (pair, 4.5)
        assert detail["ratio"] < 4.5
    assert dump(site.store.engine) == before


def test_a_brand_is_served_to_every_screen(site, leader):
    """Name in the menu, colours and logo in the style sheet, checked by ETag; only what was set."""
    wish = {"name": "Pró-Cidadão Mauro Ramos", "colour": "#7A1F3D"}
    brand = leader("PUT", f"{UNIT}/brand", wish).json["brand"]
    assert (brand["colour"], brand["ink"], brand["logo_url"]) == ("#7a1f3d", "#ffffff", None)
    assert brand["contrast"] > 4.5
    logo = leader("POST", f"{UNIT}/brand/logo", data=picture("PNG")).json["brand"]["logo_url"]
    browser = site.app.test_client()
    sheet = browser.get(f"{UNIT}/brand.css")
    assert "--brand: #7a1f3d" in sheet.text
    assert "data-theme=dark" in sheet.text
    assert logo in sheet.text
    assert browser.get(logo, buffered=True).mimetype == "image/png"
    same = browser.get(f"{UNIT}/brand.css", headers={"If-None-Match": sheet.headers["ETag"]})
    assert same.status_code == 304
    assert site.nobody()("GET", f"{UNIT}/menu").json["unit"]["name"] == wish["name"]
    ticket = site.device("kiosk")("POST", f"{UNIT}/tickets", {"service": "itbi"}).json["ticket"]
    for page in ("/kiosk/centro", "/panel/centro", ticket["follow_url"].removeprefix("http://vez.test")):
        assert 'href="/units/centro/brand.css"' in browser.get(page).text
    token = ticket["follow_url"].rpartition("/")[2].partition("?")[0]
    look = site.nobody()("GET", f"/tickets/follow/{token}").json["unit"]["look"]
    leader("DELETE", f"{UNIT}/brand/logo")
    assert site.nobody()("GET", f"/tickets/follow/{token}").json["unit"]["look"] != look, "the phone sees it"
    assert browser.get(logo).status_code == 404
    leader("PUT", f"{UNIT}/brand", {"name": "Centro"})
    assert browser.get(f"{UNIT}/brand.css").text == ""
    assert set(noted(site)[1]) == {"brand"}


def test_the_error_of_each_forecast_is_kept(site, leader, clock):
    """Promise at issue against wait at the first call: one inside, one late; those without a promise are not judged."""
    ana, kiosk = site.staff("ana.martins"), site.device("kiosk")
    unforeseen = kiosk("POST", f"{UNIT}/tickets", {"service": "itbi"}).json["ticket"]
    assert unforeseen["estimate"] is None, "no counter is open"
    ana("POST", f"{UNIT}/counters/centro-1/open")
    taken = []
    for _ in range(2):
        clock.advance(seconds=1)  # at one and the same moment anybody might be first
        ticket = kiosk("POST", f"{UNIT}/tickets", {"service": "itbi"}).json["ticket"]
        taken.append((clock.now, ticket["estimate"]["high"]))

    def serve() -> None:
        ticket = ana("POST", f"{UNIT}/counters/centro-1/call-next").json["ticket"]["id"]
        ana("POST", f"/tickets/{ticket}/finish")

    serve()
    (first, promised), (second, limit) = taken
    clock.set(first + timedelta(minutes=promised))
    serve()
    clock.set(second + timedelta(minutes=limit + 7))
    serve()
    report = leader("GET", f"{UNIT}/forecast?tickets=1").json
    assert [line["error_minutes"] for line in report["tickets"]] == [None, 0, 7]
    figures = report["figures"]
    assert (figures["judged"], figures["inside"], figures["later"]) == (2, 1, 1)
    assert (figures["share_inside"], figures["mean_error_minutes"]) == (0.5, 3.5)
    assert leader("GET", f"{UNIT}/forecast?day=2026-11-22").json["taken"] == 0
    assert leader("GET", f"{UNIT}/forecast?day=ontem").status_code == 422
