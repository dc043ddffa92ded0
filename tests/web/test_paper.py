"""Paper, from the server's side: layout and logo, pauses and rolls, "I have my paper", two agents on one token."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from PIL import Image
from requests_by_route import LAYOUT
from rows import dump
from site_under_test import Site, Visitor
from sqlalchemy import select

from printer import dialects, document, render
from server import sketch
from server.store import tables
from server.web.errors import messages

LAYOUTS = "/units/centro/ticket-layout"
TICKETS = "/units/centro/tickets"
ISSUE = {"service": "iptu-segunda-via", "tier": "normal", "language": "pt-BR"}
EPSON = dialects.load("epson")


@pytest.fixture
def leader(site: Site) -> Visitor:
    """Centro's supervisor."""
    return site.staff("supervisao.centro")


def printed(site: Site, **wanted: Any) -> tuple[dict[str, Any], bytes]:
    """A ticket from the kiosk as the agent gets it, and the bytes that it makes of it."""
    site.device("kiosk")("POST", TICKETS, ISSUE | wanted)
    job = site.device("printer")("POST", "/print-jobs/claim", {}).json["job"]
    return job, render.render(document.parse(job["document"]), EPSON, 576).data


def actions(site: Site) -> list[tuple[str, str]]:
    """The audit trail: who did what."""
    with site.store.read() as connection:
        rows = connection.execute(select(tables.audit).order_by(tables.audit.c.at, tables.audit.c.id))
        return [(row.action, row.actor.partition(":")[0]) for row in rows]


def picture(kind: str, mode: str = "RGB", size: tuple[int, int] = (900, 300)) -> str:
    """A file to upload: half dark, half light, or a gradient for JPEG."""
    made = Image.linear_gradient("L").resize(size) if kind == "JPEG" else Image.new("1", size)
    out = io.BytesIO()
    (made.convert(mode) if kind == "JPEG" else made).save(out, kind)
    return base64.b64encode(out.getvalue()).decode()


def test_a_layout_reaches_the_paper(site, leader):
    """Header, message and parts as the supervisor wants them, in the citizen's language, cleaned of what is unseen."""
    was = leader("GET", LAYOUTS).json
    assert was["layout"]["header"] == "Prefeitura de Florianópolis"
    assert was["printer"] == {"dialect": "epson", "width": 576}
    sly = LAYOUT | {"header": "Cidade\x1b@ da \u202eIlha\u202c", "parts": ["header", "message"]}
    stored = leader("PUT", LAYOUTS, sly).json["layout"]
    assert stored["header"] == "Cidade@ da Ilha"
    # Nobody can leave out the number, that a paper is a second one, or the citizen's right.
    assert stored["parts"] == ["header", "copy", "number", "tier", "message"]
    job, data = printed(site, language="es")
    assert job["document"]["layout"] == {"parts": stored["parts"], "large": False, "logo": None}
    assert "Espere su turno.".encode("cp850") in data
    assert b"Cidade@ da Ilha" in data
    assert b"IPTU" not in data
    assert ("ticket_layout.change", "staff") in actions(site)


@pytest.mark.parametrize(
    "change, detail",
    [
        ({"header": "x" * 49}, {"field": "header", "word": "x" * 49, "columns": 48}),
        ({"header": "uma palavra " * 14}, {"field": "header", "lines": 4, "most": 3}),
        ({"message": {"pt-BR": "x" * 25}}, {"field": "message.pt-BR", "word": "x" * 25, "columns": 24}),
        ({"message": {"en": "wait here " * 24}}, {"field": "message.en", "lines": 10, "most": 8}),
    ],
)
def test_a_layout_that_cannot_fit_is_one_clear_line(site, leader, change, detail):
    """Refused when it is stored and when it is only looked at; nothing changes."""
    before = dump(site.store.engine)
    for method, path in (("PUT", LAYOUTS), ("POST", f"{LAYOUTS}/preview")):
        answer = leader(method, path, LAYOUT | change)
        assert (answer.status_code, answer.json["error"]["code"]) == (422, "layout_does_not_fit")
        assert answer.json["error"]["detail"] == detail
    assert dump(site.store.engine) == before


def test_the_narrowest_printer_decides(site, leader):
    """What fits on 80 mm may not fit on 58."""
    long_word = LAYOUT | {"header": "x" * 40}
    assert leader("PUT", LAYOUTS, long_word).status_code == 200
    state = {"printer": "ready", "dialect": "generic58", "width": 384}
    site.device("printer")("POST", "/devices/heartbeat", {"state": state})
    assert leader("PUT", LAYOUTS, long_word).json["error"]["detail"]["columns"] == 32


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_logo_is_made_ready_at_upload_and_printed_in_eight_kilobytes(site, leader, kind):
    """Scaled to the paper and black and white; a photograph is dithered."""
    stored = leader("PUT", f"{LAYOUTS}/logo", {"picture": picture(kind)}).json["layout"]["logo"]
    with Image.open(io.BytesIO(base64.b64decode(stored))) as logo:
        assert (logo.mode, logo.size) == ("1", (384, 128))
        dark = logo.histogram()[0] / (384 * 128)
        assert dark == 1.0 if kind == "PNG" else 0.4 < dark < 0.6
    leader("PUT", LAYOUTS, LAYOUT | {"parts": ["logo", *leader("GET", LAYOUTS).json["layout"]["parts"]]})
    job, data = printed(site)
    assert job["document"]["layout"]["logo"] == stored
    assert 6144 < len(data) <= 8000
    assert leader("DELETE", f"{LAYOUTS}/logo").json["layout"]["logo"] is None
    done = [action for action, _ in actions(site)]
    assert [done.count(f"ticket_logo.{what}") for what in ("change", "remove")] == [1, 1]


@pytest.mark.parametrize(
    "made, code",
    [
        (lambda: base64.b64encode(b"\x89PNG" + b"x" * 1_048_576).decode(), "logo_too_large"),
        (lambda: picture("PNG", size=(20_000, 20_000)), "logo_too_many_dots"),
        (lambda: base64.b64encode(b"GIF89a no such thing").decode(), "logo_unreadable"),
        (lambda: "not base64!", "logo_unreadable"),
    ],
    ids=["1 MB", "bomb", "GIF", "text"],
)
def test_a_bad_logo_is_one_clear_line(site, leader, made, code):
    """In each language; nothing changes."""
    bad = {"picture": made()}
    before = dump(site.store.engine)
    for language in ("pt-BR", "en", "es"):
        error = leader.speaking(language)("PUT", f"{LAYOUTS}/logo", bad).json["error"]
        assert (error["code"], error["message"]) == (code, messages(language)[code])
    assert dump(site.store.engine) == before


def test_a_file_far_too_large_is_not_even_read(leader):
    """And other routes keep the usual limit."""
    answer = leader("PUT", f"{LAYOUTS}/logo", {"picture": "A" * 2_200_000})
    assert (answer.status_code, answer.json["error"]["code"]) == (413, "body_too_large")
    answer = leader("PUT", LAYOUTS, LAYOUT | {"header": "A" * 70_000})
    assert (answer.status_code, answer.json["error"]["code"]) == (413, "body_too_large")


def test_the_preview_is_the_ticket_itself(leader, monkeypatch):
    """The printer's own bytes, drawn; large print takes more paper. Without the printer's libraries: 503."""
    small = leader("POST", f"{LAYOUTS}/preview", LAYOUT).json
    large = leader("POST", f"{LAYOUTS}/preview", LAYOUT | {"large_print": True}).json
    for one in (small, large):
        with Image.open(io.BytesIO(base64.b64decode(one["picture"]))) as drawn:
            assert drawn.width == 576
    assert large["millimetres"] > small["millimetres"] > 60
    assert small["bytes"] <= 900

    def missing(_request: Any) -> Any:
        raise sketch.NoSketch

    monkeypatch.setattr(sketch, "ask", missing)
    assert leader("POST", f"{LAYOUTS}/preview", LAYOUT).status_code == 503


def test_large_print_from_the_request_to_the_bytes(site):
    """Nothing but the address below double size; a second copy is as large."""
    job, data = printed(site, large_print=True)
    assert job["document"]["layout"]["large"] is True
    plain = printed(site)[1]
    assert len(data) != len(plain)
    before_text = data.split(b"IPTU")[0]
    size = before_text[before_text.rindex(b"\x1d!") + 2]
    assert size >> 4 >= 1
    assert size & 15 >= 1
    ticket = job["key"].partition(":")[0]
    site.device("kiosk")("POST", f"/tickets/{ticket}/reprint", {"reason": "rasgou"})
    again = site.device("printer")("POST", "/print-jobs/claim", {}).json["job"]
    assert (again["copy"], again["document"]["layout"]["large"]) == (2, True)


def test_pause_new_roll_and_resume(site, leader):
    """A paused printer gets no jobs, kiosks know before they promise, and each word is on record once."""
    agent, kiosk = site.device("printer"), site.device("kiosk")
    devices = leader("GET", "/units/centro/devices").json["devices"]
    printer = next(device["id"] for device in devices if device["kind"] == "printer")
    order = f"/units/centro/printers/{printer}"
    for _ in range(2):
        assert leader("POST", f"{order}/pause").json["device"]["paused"] is True
    kiosk("POST", TICKETS, ISSUE)
    assert agent("POST", "/print-jobs/claim", {}).json == {
        "job": None,
        "orders": {"paused": True, "roll": None},
    }
    assert kiosk("GET", "/units/centro/menu").json["printer"] == {"state": "blocked", "cause": "paused"}
    leader("POST", f"{order}/new-roll")
    assert leader("POST", f"{order}/resume").json["device"]["paused"] is False
    claimed = agent("POST", "/print-jobs/claim", {}).json
    assert claimed["job"]["document"]["label"] == "A001"
    assert claimed["orders"] == {"paused": False, "roll": "2026-11-23T09:00:00.000-03:00"}
    orders = [action for action, by in actions(site) if action.startswith("printer.") and by == "staff"]
    assert sorted(orders) == ["printer.new_roll", "printer.pause", "printer.resume"]
    panel = next(device["id"] for device in devices if device["kind"] == "panel")
    assert leader("POST", f"/units/centro/printers/{panel}/pause").json["error"]["code"] == "unknown_device"


def test_the_citizen_has_the_paper(site, clock):
    """In doubt: the citizen's word settles it, on record, and no machine or kiosk prints another."""
    kiosk, agent = site.device("kiosk"), site.device("printer")
    job, _ = printed(site)
    path = f"/print-jobs/{job['id']}"
    agent("POST", f"{path}/report", {"state": "sending", "lease": job["lease"]})
    assert kiosk("POST", f"{path}/confirm").json["error"]["code"] == "illegal_transition"
    agent("POST", f"{path}/report", {"state": "unknown", "cause": "no_answer", "lease": job["lease"]})
    assert site.device("kiosk", "lagoa")("POST", f"{path}/confirm").status_code == 403
    for _ in range(2):
        assert kiosk("POST", f"{path}/confirm").json["job"]["state"] == "printed"
    assert actions(site)[-1] == ("print.confirm", "device")
    clock.advance(30)
    assert agent("POST", "/print-jobs/claim", {}).json["job"] is None
    ticket = job["key"].partition(":")[0]
    answer = kiosk("POST", f"/tickets/{ticket}/reprint", {"reason": "kiosk"})
    assert answer.json["error"]["code"] == "illegal_transition"
    # Staff may: paper is lost, too.
    assert (
        site.staff("supervisao.centro")(
            "POST", f"/tickets/{ticket}/reprint", {"reason": "perdeu"}
        ).status_code
        == 201
    )


def test_the_citizen_retries_or_leaves(site):
    """Only the citizen's retry makes a copy, marked 2ª VIA; who leaves with the number noted gets no late paper."""
    kiosk, agent = site.device("kiosk"), site.device("printer")
    job, _ = printed(site)
    agent("POST", f"/print-jobs/{job['id']}/report", {"state": "sending"})
    agent("POST", f"/print-jobs/{job['id']}/report", {"state": "unknown", "cause": "paper_out"})
    assert agent("POST", "/print-jobs/claim", {}).json["job"] is None
    ticket = job["key"].partition(":")[0]
    kiosk("POST", f"/tickets/{ticket}/reprint", {"reason": "kiosk"})
    copy = agent("POST", "/print-jobs/claim", {}).json["job"]
    assert copy["document"]["copy_text"] == "2ª VIA"
    assert actions(site)[-1] == ("ticket.reprint", "device")
    agent("POST", f"/print-jobs/{copy['id']}/report", {"state": "blocked", "cause": "paper_out"})
    left = kiosk("POST", f"/print-jobs/{copy['id']}/confirm").json["job"]
    assert (left["state"], left["cause"]) == ("expired", "not_wanted")
    late = agent("POST", f"/print-jobs/{copy['id']}/report", {"state": "sending", "lease": copy["lease"]})
    assert late.json["error"]["code"] == "illegal_transition"


def test_two_agents_on_one_token_never_print_one_job_both(site, clock):
    """The lease has a number: whoever holds an older one is told so before its first byte."""
    agent = site.device("printer")
    slow, _ = printed(site)
    clock.advance(21)
    quick = agent("POST", "/print-jobs/claim", {}).json["job"]
    assert (quick["id"], slow["lease"], quick["lease"]) == (slow["id"], 1, 2)
    path = f"/print-jobs/{slow['id']}/report"
    before = dump(site.store.engine)
    for state in ("preflight", "sending", "blocked", "queued", "expired", "printed"):
        late = agent("POST", path, {"state": state, "lease": slow["lease"]})
        assert (late.status_code, late.json["error"]["code"]) == (409, "lease_lost")
    assert dump(site.store.engine) == before
    for state in ("sending", "printed"):
        assert agent("POST", path, {"state": state, "lease": quick["lease"]}).status_code == 200
