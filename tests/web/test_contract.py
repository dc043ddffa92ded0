"""The OpenAPI document is valid, complete and true: a whole day at a unit is held against it, answer by answer."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from openapi_spec_validator import validate
from requests_by_route import BODIES, LOGO
from rows import broken_promises
from site_under_test import Site, Visitor

from server.domain.errors import CODES, Family
from server.push.post import Post
from server.web import errors
from server.web.access import ROUTES
from server.web.errors import _HTTP_CODES, STATUS, messages

ISSUE = {"service": "iptu-segunda-via"}
DESK = "/units/centro/counters/centro-1"


def test_the_document_is_valid(site):
    """By the OpenAPI 3.1 schema itself."""
    document = site.contract.document
    validate(document)
    operations = [o for methods in document["paths"].values() for o in methods.values()]
    assert len(operations) == len(ROUTES)
    assert len({o["operationId"] for o in operations}) == len(ROUTES)
    assert all(o["summary"] for o in operations)


def test_the_document_names_every_rule(site):
    """Who may, with what: security, body, key and errors come from the same table as the checks."""
    paths = site.contract.document["paths"]
    issue = paths["/api/v1/units/{unit}/tickets"]["post"]
    assert issue["security"] == [{"device": []}, {"staff": [], "csrf": []}]
    assert {p["name"] for p in issue["parameters"]} == {"unit", "Idempotency-Key"}
    assert set(issue["responses"]) == {
        "200",
        "201",
        "400",
        "401",
        "403",
        "404",
        "409",
        "413",
        "415",
        "422",
        "503",
    }
    assert paths["/api/v1/units"]["get"]["security"] == []


def test_what_is_no_json_is_named(site):
    """A call's voice is sound, and the document says so."""
    speak = site.contract.document["paths"]["/api/v1/units/{unit}/voice"]["get"]
    assert speak["responses"]["200"]["content"] == {"audio/wav": {}}


@pytest.mark.parametrize("language", ["pt-BR", "en", "es"])
def test_every_code_has_its_words(language):
    """No refusal without a sentence, no sentence without a refusal."""
    codes = set(CODES) | set(_HTTP_CODES.values()) | {"internal_error"}
    assert set(messages(language)) == codes
    assert all(text.strip() == text and text.endswith(".") for text in messages(language).values())


def test_every_family_has_a_status():
    """And every code one family: the status follows from the code."""
    assert set(STATUS) == set(Family)
    assert set(CODES.values()) == set(Family)


class Day:
    """One day at Centro by everybody who works there; each answer is checked as it comes."""

    def __init__(self, site: Site, clock: Any) -> None:
        self.site, self.clock = site, clock
        self.kiosk, self.panel, self.printer = (site.device(kind) for kind in ("kiosk", "panel", "printer"))
        self.leader = site.staff("supervisao.centro")

    def ok(self, visitor: Visitor, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """The answer's body; AssertionError for a refusal."""
        self.clock.advance(1)
        response = visitor(method, path, body, **more)
        assert response.status_code < 300, (method, path, response.text[:500])
        return response.json if response.data else None

    def arrive(self) -> None:
        """Devices show themselves, staff logs in and sits down."""
        ok, nobody = self.ok, self.site.nobody()
        ok(nobody, "GET", "/units")
        ok(nobody, "GET", "/units/centro/menu?lang=en")
        self.ana = self.site.staff("ana.martins")
        session = ok(nobody, "POST", "/session", {"username": " Ana.Martins ", "password": "vez-demo"})
        assert session["user"]["unit"] == "centro"
        ok(self.ana, "GET", "/session")
        code = ok(self.leader, "POST", "/units/centro/devices", {"kind": "kiosk", "name": "Totem 2"})["code"]
        token = ok(nobody, "POST", "/devices/pair", {"code": code.lower()})["token"]
        ok(self.site.bearer(token), "GET", "/devices/me")
        ok(self.printer, "POST", "/devices/heartbeat", {"state": {"printer": "ready", "cause": None}})
        ok(self.panel, "POST", "/devices/heartbeat", {"state": {"seq": 0}})
        listed = ok(self.leader, "GET", "/units/centro/devices")["devices"]
        extra = next(device for device in listed if device["name"] == "Totem 2")
        ok(self.leader, "POST", f"/units/centro/devices/{extra['id']}/units", {"units": []})
        ok(self.leader, "POST", f"/units/centro/devices/{extra['id']}/revoke")
        ok(self.ana, "POST", f"{DESK}/open")
        ok(self.ana, "POST", f"{DESK}/pause", {"reason": "café"})
        ok(self.ana, "POST", f"{DESK}/resume")

    def take_tickets(self) -> None:
        """Citizens at the kiosk; one touches twice; paper comes out."""
        ok = self.ok
        first = ok(self.kiosk, "POST", "/units/centro/tickets", ISSUE, key="toque")
        again = self.kiosk("POST", "/units/centro/tickets", ISSUE, key="toque")
        assert (again.status_code, again.json) == (200, first)
        for tier in ("priority", "eighty_plus", "donor", "normal", "normal", "normal", "normal"):
            ok(self.kiosk, "POST", "/units/centro/tickets", ISSUE | {"tier": tier, "language": "es"})
        self.first = first["ticket"]["id"]
        job = ok(self.printer, "POST", "/print-jobs/claim")["job"]
        for state in ("preflight", "sending", "sent"):
            ok(self.printer, "POST", f"/print-jobs/{job['id']}/report", {"state": state})
        report = {"state": "printed", "millimetres": 121, "confirm_ms": 850}
        ok(self.printer, "POST", f"/print-jobs/{job['id']}/report", report)
        ok(self.kiosk, "GET", f"/print-jobs/{job['id']}")
        ok(self.kiosk, "POST", f"/tickets/{self.first}/reprint", {"reason": "rasgou"}, key="via-2")
        assert (
            self.kiosk(
                "POST", f"/tickets/{self.first}/reprint", {"reason": "rasgou"}, key="via-2"
            ).status_code
            == 200
        )
        token = first["ticket"]["follow_url"].rpartition("/")[2]
        assert ok(self.site.nobody(), "GET", f"/tickets/follow/{token}")["ticket"]["position"] > 1

    def paper(self) -> None:
        """The supervisor sees to the printer and to what tickets look like; a citizen needs no paper."""
        ok, leader = self.ok, self.leader
        layout = "/units/centro/ticket-layout"
        ok(leader, "GET", layout)
        ok(leader, "PUT", layout, BODIES["change_ticket_layout"])
        ok(leader, "PUT", f"{layout}/logo", BODIES["change_ticket_logo"])
        ok(leader, "POST", f"{layout}/preview", BODIES["preview_ticket_layout"])
        ok(leader, "DELETE", f"{layout}/logo")
        listed = ok(leader, "GET", "/units/centro/devices")["devices"]
        printer = next(device["id"] for device in listed if device["kind"] == "printer")
        for order in ("pause", "resume", "new-roll"):
            ok(leader, "POST", f"/units/centro/printers/{printer}/{order}")
        job = ok(self.kiosk, "POST", "/units/centro/tickets", ISSUE | {"large_print": True})["print_job"]
        assert ok(self.kiosk, "POST", f"/print-jobs/{job['id']}/confirm")["job"]["cause"] == "not_wanted"

    def serve(self) -> None:
        """Every move of DOMAIN 3."""
        ok, ana = self.ok, self.ana
        ticket = self._next()
        self.clock.advance(20)
        ok(ana, "POST", f"/tickets/{ticket}/recall")
        ok(ana, "POST", f"/tickets/{ticket}/start")
        ok(ana, "POST", f"/tickets/{ticket}/next-service", {"service": "itbi", "note": "segunda parte"})
        ticket = self._next()
        ok(ana, "POST", f"/tickets/{ticket}/hold", {"reason": "formulário"})
        ok(ana, "POST", f"/tickets/{ticket}/return", {})
        ticket = self._next()
        ok(
            ana,
            "POST",
            f"/tickets/{ticket}/transfer",
            {"counter": "centro-2", "place": "last", "note": "ver anexo"},
        )
        ticket = self._next()
        for _ in range(2):
            self.clock.advance(80)
            ok(ana, "POST", f"/tickets/{ticket}/recall")
        ok(ana, "POST", f"/tickets/{ticket}/no-show")
        ok(ana, "POST", f"/tickets/{ticket}/return", {"reason": "estava lá fora"})
        waiting = ok(ana, "GET", "/units/centro/tickets?state=waiting")["tickets"]
        called = {"ticket": waiting[0]["id"], "reason": "voltou com o documento"}
        assert ok(ana, "POST", f"{DESK}/call", called, key="fora")["reason"] == "manual"
        ok(ana, "POST", f"/tickets/{waiting[0]['id']}/start")
        ok(ana, "GET", DESK)
        body = {"resolution": "pending", "services": ["itbi"], "note": "falta a matrícula"}
        ok(ana, "POST", f"/tickets/{waiting[0]['id']}/finish", body)
        left = ok(ana, "GET", "/units/centro/queue?counter=centro-1&limit=5")["tickets"]
        ok(ana, "POST", f"/tickets/{left[-1]['id']}/cancel", {"reason": "desistiu"})

    def _next(self) -> str:
        called = self.ok(self.ana, "POST", f"{DESK}/call-next", key=f"proxima-{self.clock.now}")
        return str(called["ticket"]["id"])

    def phones(self) -> None:
        """Citizens with their phones: late, giving up, content; and one who takes the ticket at home."""
        ok, nobody, leader = self.ok, self.site.nobody(), self.leader
        ok(leader, "POST", "/units/centro/web-issue", {"on": True})
        assert ok(leader, "GET", "/units/centro/web-issue")["on"]
        made = ok(nobody, "POST", "/units/centro/web-tickets", ISSUE, key="de-casa")
        again = nobody("POST", "/units/centro/web-tickets", ISSUE, key="de-casa")
        assert (again.status_code, again.json) == (200, made)
        page = f"/tickets/follow/{made['follow_url'].rpartition('/')[2]}"
        assert ok(nobody, "POST", f"{page}/late")["ticket"]["late_at"]
        self.site.house.post = Post("secret", "https://vez.test")  # as where the site is on https
        ok(nobody, "POST", f"{page}/push", BODIES["tell_me"])
        ok(nobody, "DELETE", f"{page}/push", BODIES["tell_me_no_more"])
        assert ok(nobody, "POST", f"{page}/give-up")["ticket"]["state"] == "cancelled"
        mine = ok(self.kiosk, "POST", "/units/centro/tickets", ISSUE)["ticket"]
        ok(self.ana, "POST", f"/tickets/{mine['id']}/late")
        ok(leader, "POST", f"/tickets/{mine['id']}/tier", BODIES["change_tier"])
        ok(self.ana, "POST", f"{DESK}/call", {"ticket": mine["id"], "reason": "x"})
        ok(self.ana, "POST", f"/tickets/{mine['id']}/finish", {})
        page = f"/tickets/follow/{mine['follow_url'].rpartition('/')[2]}"
        assert ok(nobody, "POST", f"{page}/rating", {"score": 4, "comment": "rápido"})["rating"] == 4
        assert ok(leader, "GET", "/units/centro/satisfaction")["average"] == 4

    def look(self) -> None:
        """What screens read, and the supervisor's evening."""
        ok, ana = self.ok, self.ana
        for path in (
            "queue",
            "policy",
            "counters",
            "staff",
            "tickets?label=a0",
            "board",
            "events?after=0&limit=5",
        ):
            ok(ana, "GET", f"/units/centro/{path}")
        ok(self.panel, "GET", "/units/centro/board")
        ok(self.panel, "GET", "/units/centro/events?after=3")
        assert "snapshot" in ok(self.panel, "GET", "/units/centro/events?after=9999")
        ok(ana, "GET", f"/tickets/{self.first}")
        assert ok(ana, "GET", f"/tickets/{self.first}/history")["events"]
        ok(self.leader, "POST", "/units/centro/services/itbi/open", {"open": False})
        ok(self.leader, "POST", "/units/centro/services/itbi/open", {"open": True})
        booked = {"booked": self.clock().isoformat()}
        ok(ana, "POST", "/units/centro/check-ins", ISSUE | booked)
        ok(ana, "POST", f"{DESK}/close")
        self.furnish()
        assert ok(self.leader, "POST", "/units/centro/close-day")["expired"] > 0
        ok(ana, "DELETE", "/session")

    def furnish(self) -> None:
        """The supervisor sets the panels, their play-list and the unit's look, and judges the forecasts."""
        ok, leader, unit = self.ok, self.leader, "/units/centro"
        ok(leader, "PUT", f"{unit}/panel/settings", BODIES["set_panels"])
        panel = ok(self.panel, "GET", "/devices/me")["device"]["id"]
        ok(leader, "PUT", f"{unit}/panel/settings/{panel}", {"contrast": "high"})
        picture = base64.b64decode(LOGO)
        media = ok(leader, "POST", f"{unit}/media?name=aviso.png", data=picture)["media"]["id"]
        ok(leader, "PUT", f"{unit}/media/{media}", BODIES["plan_media"])
        ok(leader, "POST", f"{unit}/media/order", {"order": [media]})
        assert ok(self.panel, "GET", f"{unit}/panel")["settings"]["contrast"] == "high"
        assert ok(leader, "GET", f"{unit}/panel/settings")["media"][0]["id"] == media
        ok(leader, "DELETE", f"{unit}/media/{media}")
        ok(leader, "PUT", f"{unit}/brand", BODIES["set_brand"])
        ok(leader, "POST", f"{unit}/brand/logo", data=picture)
        ok(leader, "GET", f"{unit}/brand")
        ok(leader, "DELETE", f"{unit}/brand/logo")
        assert ok(leader, "GET", f"{unit}/forecast?tickets=1")["tickets"]


def test_a_whole_day_keeps_the_contract(site, clock):
    """Every route answers with success at least once, as declared; the rows keep every promise."""
    day = Day(site, clock)
    day.arrive()
    day.take_tickets()
    day.paper()
    day.serve()
    day.phones()
    day.look()
    # Speech needs the voice's library; tests/voice has it.
    wanted = {(route.name, route.status) for route in ROUTES if route.name != "speak"}
    wanted |= {("issue_ticket", 200), ("reprint_ticket", 200), ("take_web_ticket", 200)}
    seen = {(name, status) for name, statuses in site.contract.seen.items() for status in statuses}
    assert wanted <= seen, wanted - seen
    assert broken_promises(site.store.engine) == []


def test_an_empty_queue_is_no_error(site):
    """Nobody waits: 200 with nulls, and the same key finds the same nulls later."""
    ana = site.staff("ana.martins")
    ana("POST", f"{DESK}/open")
    nothing = {"ticket": None, "reason": None, "reason_text": None}
    assert ana("POST", f"{DESK}/call-next", key="vazio").json == nothing
    site.device("kiosk")("POST", "/units/centro/tickets", ISSUE)
    assert ana("POST", f"{DESK}/call-next", key="vazio").json == nothing
    assert ana("POST", f"{DESK}/call-next", key="outro").json["ticket"]["label"] == "A001"


def test_the_error_handler_is_the_only_one():
    """One shape: nothing else in server/web makes an error body."""
    body = errors.error_body("conflict", "en", {"a": 1})
    assert body == {"error": {"code": "conflict", "message": messages("en")["conflict"], "detail": {"a": 1}}}
    assert errors.error_body("conflict", "xx")["error"]["message"] == messages("pt-BR")["conflict"]
