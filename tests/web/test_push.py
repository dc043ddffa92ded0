"""A telephone that asks to be told, over HTTP: on https only, known push services only, within its limits."""

from __future__ import annotations

import pytest
from requests_by_route import BODIES
from rows import dump
from site_under_test import Site, build
from sqlalchemy import func, select

from server.config import Settings, SettingsError
from server.store.tables import push
from server.web.errors import messages

LANGUAGES = ("pt-BR", "en", "es")
GOOD = BODIES["tell_me"]
KEYS = GOOD["keys"]


@pytest.fixture
def secure(city_url, clock, tmp_path):
    """The application, reached by https."""
    url, seeded = city_url
    made = build(url, seeded, tmp_path, clock, public_url="https://vez.test")
    yield made
    made.store.dispose()


def take(site: Site) -> str:
    """The address of a new ticket in the API."""
    body = {"service": "iptu-segunda-via", "tier": "normal"}
    ticket = site.device("kiosk")("POST", "/units/centro/tickets", body).json["ticket"]
    return f"/tickets/follow/{ticket['follow_url'].rpartition('/')[2]}"


def kept(site: Site) -> int:
    """How many telephones are known."""
    with site.store.read() as connection:
        return connection.execute(select(func.count()).select_from(push)).scalar_one()


def refuse(site: Site, status: int, code: str, method: str, path: str, body) -> dict:
    """In each language, with its words; nothing is kept. Returns the detail."""
    before = dump(site.store.engine)
    for language in LANGUAGES:
        answer = site.nobody().speaking(language)(method, path, body)
        assert (answer.status_code, answer.json["error"]["code"]) == (status, code)
        assert answer.json["error"]["message"] == messages(language)[code]
    assert dump(site.store.engine) == before
    return answer.json["error"]["detail"]


def test_told_and_told_no_more(secure):
    """The page is given the key; asking twice keeps one; whoever goes is gone."""
    phone, nobody = take(secure), secure.nobody()
    assert len(nobody("GET", phone).json["push_key"]) == 87
    for _ in range(2):
        assert nobody("POST", f"{phone}/push", GOOD).status_code == 204
    assert kept(secure) == 1
    for _ in range(2):
        assert nobody("DELETE", f"{phone}/push", BODIES["tell_me_no_more"]).status_code == 204
    assert kept(secure) == 0


def test_no_answer_tells_an_address(secure):
    """Nobody, not even the staff, reads where a telephone is reached."""
    phone = take(secure)
    secure.nobody()("POST", f"{phone}/push", GOOD)
    leader = secure.staff("admin")
    for path in (
        phone,
        "/units/centro/events?after=0",
        "/units/centro/tickets?label=A",
        "/units/centro/queue?counter=centro-1",
    ):
        answer = leader("GET", path)
        assert answer.status_code == 200
        assert "fcm" not in answer.text


@pytest.mark.parametrize(
    "change,field,problem",
    [
        ({"endpoint": "https://intranet.example/x"}, "endpoint", "unknown_push_service"),
        ({"endpoint": "http://fcm.googleapis.com/x"}, "endpoint", "unknown_push_service"),
        ({"endpoint": "https://127.0.0.1\\.fcm.googleapis.com/x"}, "endpoint", "unknown_push_service"),
        ({"endpoint": "https://fcm.googleapis.com/" + "x" * 1000}, "endpoint", "string_too_long"),
        ({"endpoint": "https://fcm.googleapis.com/\n"}, "endpoint", "string_pattern_mismatch"),
        ({"endpoint": 7}, "endpoint", "string_type"),
        ({"keys": KEYS | {"p256dh": "A" * 87}}, "keys", "no_browser_keys"),
        ({"keys": KEYS | {"p256dh": "A"}}, "keys.p256dh", "string_too_short"),
        ({"keys": KEYS | {"auth": "á" * 22}}, "keys.auth", "string_pattern_mismatch"),
        ({"keys": KEYS | {"name": "João"}}, "keys.name", "extra_forbidden"),
        ({"keys": None}, "keys", "model_type"),
        ({"language": "fr"}, "language", "literal_error"),
        ({"expirationTime": None}, "expirationTime", "extra_forbidden"),
    ],
)
def test_bad_input(secure, change, field, problem):
    """Where and what; and nothing is written to anybody."""
    detail = refuse(secure, 422, "invalid_fields", "POST", f"{take(secure)}/push", GOOD | change)
    assert detail == {"fields": [{"field": field, "problem": problem}]}


def test_unknown_and_ended_tickets(secure):
    """404 and 409, as everywhere on this page; an ended one offers no key."""
    refuse(secure, 404, "unknown_ticket", "POST", "/tickets/follow/nosuchticket/push", GOOD)
    refuse(
        secure,
        404,
        "unknown_ticket",
        "DELETE",
        "/tickets/follow/nosuchticket/push",
        {"endpoint": "https://x"},
    )
    phone = take(secure)
    assert secure.nobody()("POST", f"{phone}/give-up", {}).json["push_key"] is None
    detail = refuse(secure, 409, "illegal_transition", "POST", f"{phone}/push", GOOD)
    assert detail == {"state": "cancelled", "action": "tell_me"}


def test_three_telephones_of_a_ticket(secure):
    """A fourth is refused, and told the number."""
    phone = take(secure)
    for n in range(3):
        more = {"endpoint": f"https://web.push.apple.com/{n}"}
        assert secure.nobody()("POST", f"{phone}/push", GOOD | more).status_code == 204
    assert refuse(secure, 409, "conflict", "POST", f"{phone}/push", GOOD) == {"most": 3}


def test_a_phone_that_presses_too_often_is_slowed_down_and_no_other(secure):
    """Twenty a minute and ticket."""
    mine, other, nobody = take(secure), take(secure), secure.nobody()
    codes = [nobody("POST", f"{mine}/push", GOOD).status_code for _ in range(21)]
    assert codes == [204] * 20 + [429]
    assert nobody("POST", f"{other}/push", GOOD).status_code == 204


@pytest.mark.parametrize("settings", [{}, {"public_url": "https://vez.test", "push_hosts": "none"}])
def test_without_https_or_where_the_city_wants_none(city_url, clock, tmp_path, settings):
    """503, and the page is given no key; taking back is never refused."""
    url, seeded = city_url
    site = build(url, seeded, tmp_path, clock, **settings)
    try:
        phone = take(site)
        assert site.nobody()("GET", phone).json["push_key"] is None
        refuse(site, 503, "unavailable", "POST", f"{phone}/push", GOOD)
        gone = site.nobody()("DELETE", f"{phone}/push", BODIES["tell_me_no_more"])
        assert gone.status_code == 204
    finally:
        site.store.dispose()


@pytest.mark.parametrize(
    "hosts", ["https://push.example", "push.example/x", "push.example,other.example", "*"]
)
def test_hosts_that_are_none_are_refused_at_the_start(hosts):
    """Not found out when the first citizen is called and nobody is told."""
    with pytest.raises(SettingsError, match="VEZ_PUSH_HOSTS"):
        Settings(push_hosts=hosts)
    assert Settings(push_hosts="push.example other.example:8443 ").push_hosts


def test_the_worker_may_act_for_the_phone_pages_only(secure):
    """Served as a script below /t/, asked for anew each time, under the pages' own policy."""
    with secure.app.test_client().get("/t/push.js") as answer:
        assert answer.status_code == 200
        assert answer.mimetype == "text/javascript"
        assert "Service-Worker-Allowed" not in answer.headers
        assert "max-age=0" in answer.headers["Cache-Control"]
