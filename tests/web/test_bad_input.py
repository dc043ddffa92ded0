"""Every day's bad input has its status, code and words, and changes nothing (long: one list, read in one piece)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from requests_by_route import BODIES, address, body_of, someone_waits
from rows import dump
from site_under_test import Site, Visitor

from server.web.access import ROUTES
from server.web.errors import messages

LANGUAGES = ("pt-BR", "en", "es")
TICKETS = "/units/centro/tickets"
GOOD = BODIES["issue_ticket"]
ANA, BRUNO = "ana.martins", "bruno.silveira"


def refuse(
    visitor: Visitor, status: int, code: str, method: str, path: str, body: Any = None, **more: Any
) -> dict[str, Any]:
    """The refusal is the same in each language but for its words, and changes nothing; its detail is returned."""
    engine = visitor.site.store.engine
    before = dump(engine)
    found = {}
    for language in LANGUAGES:
        response = visitor.speaking(language)(method, path, body, **more)
        assert response.status_code == status, response.text[:500]
        error = response.json["error"]
        assert set(response.json) == {"error"}
        assert set(error) == {"code", "message", "detail"}
        assert error["code"] == code
        assert error["message"] == messages(language)[code]
        found[language] = error
    assert len({error["message"] for error in found.values()}) == len(LANGUAGES)
    assert dump(engine) == before
    return found["pt-BR"]["detail"]


@pytest.fixture
def kiosk(site) -> Visitor:
    """Centro's kiosk."""
    return site.device("kiosk")


@pytest.fixture
def ana(site) -> Visitor:
    """An attendant, not seated yet."""
    return site.staff(ANA)


def seat(site: Site, username: str, counter: str) -> Visitor:
    """Somebody at an open counter."""
    visitor = site.staff(username)
    assert visitor("POST", f"/units/centro/counters/{counter}/open").status_code == 200
    return visitor


# --- what the issue names ------------------------------------------------------------------------------------


def test_unknown_service(kiosk):
    """A service that the unit does not offer."""
    detail = refuse(kiosk, 404, "unknown_service", "POST", TICKETS, GOOD | {"service": "passaporte"})
    assert detail == {"service": "passaporte"}


def test_closed_service(site, kiosk):
    """A service that was closed for today."""
    site.close_service("itbi")
    assert refuse(kiosk, 409, "service_closed", "POST", TICKETS, GOOD | {"service": "itbi"}) == {
        "service": "itbi"
    }


def test_closed_unit(site, clock, kiosk):
    """After the last hour no more tickets."""
    clock.advance(hours=9)  # 18:00
    refuse(kiosk, 409, "unit_closed", "POST", TICKETS, GOOD)
    menu = site.nobody()("GET", "/units/centro/menu").json
    assert not menu["unit"]["open"]
    assert menu["unit"]["next_opening"].startswith("2026-11-24T08:00:00-03:00")
    assert {s["closed_reason"] for c in menu["categories"] for s in c["services"]} == {"unit_closed"}


def test_unknown_unit(site):
    """Whoever may reach every unit is told that this one does not exist; a device only that it is not its own."""
    admin = site.staff("admin")
    for method, path, body in (
        ("POST", "/units/atlantida/tickets", GOOD),
        ("GET", "/units/atlantida/board", None),
        ("GET", "/units/atlantida/events", None),
        ("GET", "/units/atlantida/queue", None),
        ("POST", "/units/atlantida/counters/centro-1/call-next", {}),
    ):
        assert refuse(admin, 404, "unknown_unit", method, path, body) == {"unit": "atlantida"}
    refuse(site.nobody(), 404, "unknown_unit", "GET", "/units/atlantida/menu")
    refuse(site.device("panel"), 403, "wrong_unit", "GET", "/units/atlantida/board")


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"{'service': 'x'}",
        b"\xff\xfe{",
        b"[" * 60_000,
        b'{"a": NaN}',
        b'{"a": 1} {',
        b"\x80",
        b'{"a": -Infinity}',
    ],
    ids=["cut", "quotes", "utf16", "deep", "nan", "two", "latin", "infinity"],
)
def test_malformed_json(kiosk, raw):
    """What is no JSON by RFC 8259, however it fails."""
    refuse(kiosk, 400, "malformed_json", "POST", TICKETS, data=raw, content_type="application/json")


def test_another_media_type(kiosk):
    """A form or bare text is not JSON, even if it looks like it."""
    raw = json.dumps(GOOD)
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        refuse(kiosk, 415, "unsupported_media_type", "POST", TICKETS, data=raw, content_type=kind)


@pytest.mark.parametrize(
    "change,field,problem",
    [
        ({"service": 7}, "service", "string_type"),
        ({"service": None}, "service", "string_type"),
        ({"service": ""}, "service", "string_too_short"),
        ({"service": "x" * 81}, "service", "string_too_long"),
        ({"service": ["itbi"]}, "service", "string_type"),
        ({"service": "it\u0000bi"}, "service", "string_pattern_mismatch"),
        ({"service": "it\x1bbi"}, "service", "string_pattern_mismatch"),
        ({"tier": "vip"}, "tier", "literal_error"),
        ({"tier": True}, "tier", "literal_error"),
        ({"language": "fr"}, "language", "literal_error"),
        ({"name": "João"}, "name", "extra_forbidden"),
    ],
)
def test_wrong_types_and_unknown_fields(kiosk, change, field, problem):
    """Each finding says where and what, in words that a program can read."""
    detail = refuse(kiosk, 422, "invalid_fields", "POST", TICKETS, GOOD | change)
    assert detail == {"fields": [{"field": field, "problem": problem}]}


def test_half_a_character(kiosk):
    """A lone surrogate is JSON, but no text."""
    raw = b'{"service": "it\\ud800bi"}'
    detail = refuse(kiosk, 422, "invalid_fields", "POST", TICKETS, data=raw, content_type="application/json")
    assert detail == {"fields": [{"field": "service", "problem": "string_unicode"}]}


@pytest.mark.parametrize("body", [[], "texto", 3, None, [GOOD]])
def test_a_body_that_is_no_object(kiosk, body):
    """JSON, but not what was asked for."""
    raw = json.dumps(body)
    refuse(kiosk, 422, "invalid_fields", "POST", TICKETS, data=raw, content_type="application/json")


def test_every_body_refuses_unknown_fields(site):
    """No route swallows a field that it does not know: a misspelt one must not be dropped silently."""
    names = someone_waits(site)
    visitors = {True: site.staff("admin"), False: site.device("printer")}
    before = dump(site.store.engine)
    asked = 0
    for route in ROUTES:
        if route.body is not None and route.name != "heartbeat":
            visitor = visitors[bool(route.access.roles) or route.access.public]
            body = (body_of(route, names) or {}) | {"surpresa": 1}
            response = visitor(route.method, address(route, names), body)
            assert response.status_code == 422, (route.name, response.text[:500])
            assert {"field": "surpresa", "problem": "extra_forbidden"} in response.json["error"]["detail"][
                "fields"
            ]
            asked += 1
    assert asked > 20
    assert dump(site.store.engine) == before


def test_oversize_body(kiosk):
    """64 KiB are plenty for any command."""
    body = GOOD | {"service": "x" * 70_000}
    refuse(kiosk, 413, "body_too_large", "POST", TICKETS, body)


def test_missing_and_foreign_token(site):
    """Nobody, and the kiosk of another unit."""
    refuse(site.nobody(), 401, "not_authenticated", "POST", TICKETS, GOOD)
    refuse(site.bearer("0" * 43), 401, "not_authenticated", "POST", TICKETS, GOOD)
    detail = refuse(site.device("kiosk", "lagoa"), 403, "wrong_unit", "POST", TICKETS, GOOD)
    assert detail == {"unit": "centro"}


def test_expired_session(clock, ana):
    """The evening's tab, found open in the morning."""
    clock.advance(hours=13)
    refuse(ana, 401, "session_expired", "POST", "/units/centro/counters/centro-1/open", {})


def test_missing_csrf(ana):
    """A change by cookie alone."""
    path = "/units/centro/counters/centro-1/open"
    refuse(ana, 403, "csrf_failed", "POST", path, {}, without=("X-CSRF-Token",))


def test_a_key_with_another_body(site, kiosk):
    """A key belongs to one request: another body, address or method does not get its answer."""
    first = kiosk("POST", TICKETS, GOOD, key="toque-1")
    assert first.status_code == 201
    other = GOOD | {"service": "itbi"}
    detail = refuse(kiosk, 422, "idempotency_key_reused", "POST", TICKETS, other, key="toque-1")
    assert detail == {"key": "toque-1"}
    reprint = f"/tickets/{first.json['ticket']['id']}/reprint"
    refuse(kiosk, 422, "idempotency_key_reused", "POST", reprint, {"reason": "x"}, key="toque-1")
    # The same key in another hand is another key.
    assert site.staff(ANA)("POST", TICKETS, other, key="toque-1").status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 129, "a\tb", "a\x7fb"])
def test_a_key_that_is_no_key(kiosk, key):
    """1 to 128 printable characters."""
    refuse(kiosk, 422, "invalid_fields", "POST", TICKETS, GOOD, key=key)


def test_call_next_on_a_closed_counter(ana):
    """First sit down."""
    detail = refuse(ana, 409, "counter_closed", "POST", "/units/centro/counters/centro-1/call-next", {})
    assert detail == {"counter": "centro-1"}


def test_call_next_with_a_ticket_in_hand(site, clock, kiosk):
    """One citizen at a time."""
    ana = seat(site, ANA, "centro-1")
    for _ in range(2):
        kiosk("POST", TICKETS, GOOD)
        clock.advance(1)
    path = "/units/centro/counters/centro-1/call-next"
    held = ana("POST", path).json["ticket"]
    detail = refuse(ana, 409, "ticket_in_hand", "POST", path, {})
    assert detail == {"ticket": held["id"], "label": "A001"}
    ana("POST", f"/tickets/{held['id']}/start")
    refuse(ana, 409, "ticket_in_hand", "POST", path, {})
    refuse(ana, 409, "ticket_in_hand", "POST", "/units/centro/counters/centro-1/close", {})
    refuse(ana, 409, "ticket_in_hand", "POST", "/units/centro/counters/centro-1/pause", {"reason": "café"})


def test_a_ticket_that_has_moved_on_since_it_was_seen(site, clock, kiosk):
    """Whoever acts on an old picture is told what it is now; a version that is none is refused as a field."""
    ana = seat(site, ANA, "centro-1")
    kiosk("POST", TICKETS, GOOD)
    seen = ana("POST", "/units/centro/counters/centro-1/call-next").json["ticket"]
    clock.advance(60)
    path = f"/tickets/{seen['id']}"
    again = ana("POST", f"{path}/recall", {"version": seen["version"]}).json["ticket"]
    assert again["version"] == seen["version"] + 1
    for move, body in (
        ("start", {}),
        ("no-show", {}),
        ("hold", {"reason": "x"}),
        ("transfer", {"service": "itbi"}),
    ):
        detail = refuse(ana, 409, "conflict", "POST", f"{path}/{move}", body | {"version": seen["version"]})
        assert detail == {"state": "called", "version": again["version"]}
    for nonsense in (0, -1, "2", 1.5, True):
        detail = refuse(ana, 422, "invalid_fields", "POST", f"{path}/start", {"version": nonsense})
        assert [field["field"] for field in detail["fields"]] == ["version"]
    assert ana("POST", f"{path}/start", {"version": again["version"]}).status_code == 200


def test_two_attendants_on_one_counter(site):
    """The second one is told who sits there."""
    seat(site, ANA, "centro-1")
    bruno = site.staff(BRUNO)
    detail = refuse(bruno, 409, "counter_occupied", "POST", "/units/centro/counters/centro-1/open", {})
    assert detail == {"counter": "centro-1", "attendant_name": "Ana Martins"}
    detail = refuse(bruno, 409, "counter_not_yours", "POST", "/units/centro/counters/centro-1/call-next", {})
    assert detail["attendant_name"] == "Ana Martins"


def test_one_attendant_at_two_counters(site):
    """Nor the other way round."""
    ana = seat(site, ANA, "centro-1")
    detail = refuse(ana, 409, "attendant_busy_elsewhere", "POST", "/units/centro/counters/centro-2/open", {})
    assert detail == {"counter": "centro-1", "unit": "centro"}


def test_call_on_a_paused_counter(site, kiosk):
    """A pause is a pause."""
    ana = seat(site, ANA, "centro-1")
    kiosk("POST", TICKETS, GOOD)
    ana("POST", "/units/centro/counters/centro-1/pause", {"reason": "almoço"})
    refuse(ana, 409, "counter_paused", "POST", "/units/centro/counters/centro-1/call-next", {})


# --- and what else comes over a wire --------------------------------------------------------------------------


def test_things_that_do_not_exist(site, kiosk):
    """Each named for what it is."""
    admin, nowhere = site.staff("admin"), "0190a0a0-0000-7000-8000-000000000000"
    refuse(admin, 404, "unknown_counter", "POST", "/units/centro/counters/lagoa-1/open", {})
    refuse(admin, 404, "unknown_counter", "GET", "/units/centro/queue?counter=lagoa-1")
    refuse(admin, 404, "unknown_ticket", "POST", f"/tickets/{nowhere}/start", {})
    refuse(admin, 404, "unknown_ticket", "GET", f"/tickets/{nowhere}/history")
    refuse(admin, 404, "unknown_print_job", "GET", f"/print-jobs/{nowhere}")
    refuse(admin, 404, "unknown_device", "POST", f"/units/centro/devices/{nowhere}/revoke", {})
    refuse(admin, 404, "unknown_service", "POST", "/units/centro/services/passaporte/open", {"open": True})
    refuse(site.nobody(), 404, "unknown_ticket", "GET", "/tickets/follow/abcdefghijkl")
    refuse(site.nobody(), 404, "unknown_pairing_code", "POST", "/devices/pair", {"code": "ABCD2345"})


@pytest.mark.parametrize(
    "query",
    ["after=x", "after=-1", "after=1.5", "limit=0", "limit=5001", "limit=", "after=99999999999999999999"],
)
def test_numbers_in_the_query(site, query):
    """A number, within its bounds; an empty one counts as none."""
    panel, path = site.device("panel"), f"/units/centro/events?{query}"
    if query == "limit=":
        assert panel("GET", path).status_code == 200
    else:
        detail = refuse(panel, 422, "invalid_fields", "GET", path)
        assert detail["fields"][0]["field"] == query.partition("=")[0]


def test_a_state_that_does_not_exist(site):
    """The search names its field."""
    detail = refuse(site.staff(ANA), 422, "invalid_fields", "GET", "/units/centro/tickets?state=lost")
    assert detail == {"fields": [{"field": "state", "problem": "unknown_state"}]}


def test_transfer_to_nowhere_or_everywhere(site, kiosk):
    """Say where to, and only one place."""
    ana = seat(site, ANA, "centro-1")
    ticket = kiosk("POST", TICKETS, GOOD).json["ticket"]["id"]
    ana("POST", "/units/centro/counters/centro-1/call-next")
    path = f"/tickets/{ticket}/transfer"
    refuse(ana, 422, "invalid_fields", "POST", path, {})
    refuse(ana, 422, "invalid_fields", "POST", path, {"counter": "centro-2", "attendant": "x"})
    refuse(ana, 404, "unknown_counter", "POST", path, {"counter": "lagoa-1"})
    refuse(ana, 404, "unknown_user", "POST", path, {"attendant": "x"})
    refuse(ana, 404, "unknown_service", "POST", path, {"service": "passaporte"})
    stranger = site.staff("luana.teixeira")("GET", "/session").json["user"]["id"]
    refuse(ana, 404, "unknown_user", "POST", path, {"attendant": stranger})


@pytest.mark.parametrize(
    "where", ["/units/cen%00tro/menu", "/tickets/follow/%00", "/units/centro/menu?lang=%00"]
)
def test_nul_in_an_address(site, where):
    """PostgreSQL keeps no NUL in a text: it must not reach it."""
    refuse(site.nobody(), 400, "bad_request", "GET", where)


def test_a_heartbeat_with_figures_that_are_none(site):
    """Infinity hides in 1e999; PostgreSQL's JSON knows none."""
    raw = b'{"state": {"load": 1e999}}'
    before = dump(site.store.engine)
    answer = site.device("panel")("POST", "/devices/heartbeat", data=raw, content_type="application/json")
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "invalid_fields")
    assert dump(site.store.engine) == before


@pytest.mark.parametrize(
    "raw, field",
    [
        (b'{"state":{"help":"\\ud800"}}', "state.help"),
        (b'{"state":{"help":"a\\u0000b"}}', "state.help"),
        (b'{"state":{"\\ud800":1}}', None),
        (b'{"\\ud800":1}', None),
    ],
)
def test_a_heartbeat_that_nobody_can_write_down(site, raw, field):
    """Half a surrogate pair, a NUL; and names that the refusal could not repeat."""
    answer = site.device("panel")("POST", "/devices/heartbeat", data=raw, content_type="application/json")
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "invalid_fields"), answer.text
    found = answer.json["error"]["detail"]["fields"]
    assert field is None or [(one["field"], one["problem"]) for one in found] == [(field, "plain_value")]


def test_a_heartbeat_that_says_too_much(site):
    """A device's own few words: small, flat, bounded."""
    panel = site.device("panel")
    for state in ({"a": {"b": 1}}, {"a": "x" * 201}, {str(n): n for n in range(21)}, {"x" * 41: 1}, []):
        assert panel("POST", "/devices/heartbeat", {"state": state}).status_code == 422


@pytest.mark.parametrize(
    "path,body,problem",
    [
        ("/devices/heartbeat", {"state": {"a": [1]}}, ("state.a", "plain_value")),
        ("/print-jobs/claim", {"wait": 26}, ("wait", "less_than_equal")),
        ("/print-jobs/claim", {"wait": "1"}, ("wait", "float_type")),
    ],
)
def test_one_mistake_is_one_problem_at_the_name_that_was_sent(site, path, body, problem):
    """Not one for each type that the field might have had, under names that no client knows."""
    answer = site.device("printer")("POST", path, body)
    assert answer.json["error"]["detail"]["fields"] == [dict(zip(("field", "problem"), problem, strict=True))]


def test_reports_that_make_no_sense(site, kiosk):
    """A printer's report is as strict as a kiosk's request."""
    printer = site.device("printer")
    kiosk("POST", TICKETS, GOOD)
    job = printer("POST", "/print-jobs/claim").json["job"]["id"]
    path = f"/print-jobs/{job}/report"
    for body in (
        {},
        {"state": "eaten"},
        {"state": "sent", "cause": "goblins"},
        {"state": "sent", "millimetres": -1},
    ):
        refuse(printer, 422, "invalid_fields", "POST", path, body)
    refuse(printer, 422, "invalid_fields", "POST", "/print-jobs/claim", {"wait": 26})
    refuse(printer, 409, "illegal_transition", "POST", path, {"state": "sent"})


@pytest.mark.parametrize(
    "header,language",
    [
        ("pt", "pt-BR"),
        ("pt-PT,pt;q=0.9", "pt-BR"),
        ("en-US,en;q=0.8", "en"),
        ("es-AR", "es"),
        ("fr", "pt-BR"),
        ("", "pt-BR"),
        ("x" * 500, "pt-BR"),
        ("de, es;q=0.5, en;q=0.9", "en"),
    ],
)
def test_the_language_of_a_refusal(site, header, language):
    """The best of what the browser asks for; Portuguese otherwise."""
    visitor = site.nobody().speaking(header)
    answer = visitor("GET", "/units/atlantida/menu")
    assert answer.json["error"]["message"] == messages(language)["unknown_unit"]
    answer = visitor("GET", "/units/atlantida/menu?lang=es")
    assert answer.json["error"]["message"] == messages("es")["unknown_unit"]
