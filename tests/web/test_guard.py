"""Headers, cookies, limits and secrets: what protects a public machine in a public hall."""

from __future__ import annotations

import logging
import re

import pytest
from rows import dump
from sqlalchemy import select

from server.config import Settings
from server.store import tables
from server.usecases import accounts as accounts_usecase

LOGIN = {"username": "ana.martins", "password": "vez-demo"}
PAGES = ["/", "/kiosk/centro", "/panel/centro", "/counter", "/supervisor"]


@pytest.mark.parametrize("path", PAGES)
def test_pages_run_only_our_code(site, path):
    """A strict content policy with a fresh nonce; no inline script without it, no style, no frame around."""
    first, second = (site.app.test_client().get(path) for _ in range(2))
    assert first.status_code == 200
    policy = first.headers["Content-Security-Policy"]
    nonce = re.search(r"'nonce-([\w-]+)'", policy)[1]
    assert len(nonce) >= 16
    assert nonce not in second.headers["Content-Security-Policy"]
    for rule in ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert rule in policy
    assert "unsafe" not in policy
    inline = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", first.text)
    assert all(f'nonce="{nonce}"' in tag or "application/json" in tag for tag in inline)
    assert first.headers["X-Content-Type-Options"] == "nosniff"
    assert first.headers["Referrer-Policy"] == "no-referrer"
    assert first.headers["Cache-Control"] == "no-store"


def test_admin_leads_to_where_a_unit_is_set(site):
    """The contract names the address; until it has a page of its own, nobody is left before a 404."""
    answer = site.app.test_client().get("/admin")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/supervisor#unit")


def test_api_answers_are_not_kept(site):
    """Nothing of a queue belongs in a cache."""
    answer = site.nobody()("GET", "/units")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_session_cookie(site):
    """No script reads it, no foreign page sends it along with a change."""
    cookie = site.nobody()("POST", "/session", LOGIN).headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie  # http in the demo


def test_the_session_cookie_over_https(city_url, clock, tmp_path):
    """With secure_cookies it never travels in the clear."""
    from site_under_test import build

    url, seeded = city_url
    site = build(url, seeded, tmp_path, clock, secure_cookies=True)
    assert "Secure" in site.nobody()("POST", "/session", LOGIN).headers["Set-Cookie"]
    site.store.dispose()


def test_guessing_a_password(site):
    """Ten wrong guesses a minute for one name, and not even the right one is let in; another name still is."""
    nobody = site.nobody()
    wrong = LOGIN | {"password": "errada-1"}
    assert [nobody("POST", "/session", wrong).status_code for _ in range(10)] == [401] * 10
    answer = nobody("POST", "/session", LOGIN)
    assert (answer.status_code, answer.json["error"]["code"]) == (429, "too_many_requests")
    assert int(answer.headers["Retry-After"]) > 0
    assert nobody("POST", "/session", LOGIN | {"username": "bruno.silveira"}).status_code == 200


def test_limits_hold_without_redis(city_url, clock, tmp_path, free_port):
    """Redis is not there at all: logins work, and guesses are counted in memory."""
    from site_under_test import build

    url, seeded = city_url
    site = build(url, seeded, tmp_path, clock, redis_url=f"redis://127.0.0.1:{free_port}/0")
    nobody = site.nobody()
    assert nobody("POST", "/session", LOGIN).status_code == 200
    wrong = LOGIN | {"password": "errada-1"}
    statuses = [nobody("POST", "/session", wrong).status_code for _ in range(12)]
    assert statuses[0] == 401
    assert statuses[-1] == 429
    site.store.dispose()


def test_logging_in_often_is_no_guessing(site):
    """A whole shift logs in from one address: only failures count."""
    nobody = site.nobody()
    assert {nobody("POST", "/session", LOGIN).status_code for _ in range(12)} == {200}


def test_guessing_a_pairing_code(site):
    """Twenty tries a minute; a code has eight digits and lives fifteen minutes."""
    nobody = site.nobody()
    codes = [nobody("POST", "/devices/pair", {"code": f"AAAA22{n:02}"}).status_code for n in range(21)]
    assert codes == [404] * 20 + [429]


def test_a_pairing_code_works_once_and_not_for_long(site, clock):
    """Used or old, it is unknown."""
    leader, nobody = site.staff("supervisao.centro"), site.nobody()

    def code() -> str:
        body = {"kind": "panel", "name": "Painel"}
        return str(leader("POST", "/units/centro/devices", body).json["code"])

    first = code()
    assert nobody("POST", "/devices/pair", {"code": f" {first.lower()} "}).status_code == 201
    assert nobody("POST", "/devices/pair", {"code": first}).status_code == 404
    second = code()
    clock.advance(minutes=15, seconds=1)
    assert nobody("POST", "/devices/pair", {"code": second}).status_code == 404


def test_an_unknown_name_costs_the_same(site, monkeypatch):
    """The hasher works for both, so that names cannot be sorted out by the clock."""
    asked = []
    real = accounts_usecase._is_right
    monkeypatch.setattr(
        accounts_usecase, "_is_right", lambda stored, given: asked.append(stored) or real(stored, given)
    )
    nobody = site.nobody()
    for username in ("ana.martins", "ninguem"):
        answer = nobody("POST", "/session", {"username": username, "password": "errada-1"})
        assert answer.json["error"]["code"] == "bad_credentials"
    assert len(asked) == 2
    assert all(stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$") for stored in asked)


def test_the_database_holds_no_secret(site):
    """Passwords as argon2id, tokens and codes as SHA-256: whoever steals a backup cannot log in."""
    nobody = site.nobody()
    cookie = nobody("POST", "/session", LOGIN).headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    code = site.staff("admin")("POST", "/units/centro/devices", {"kind": "panel", "name": "P"}).json["code"]
    text = str(dump(site.store.engine))
    for secret in ("vez-demo", cookie, code, site.city.seeded.token("kiosk")):
        assert secret not in text
    with site.store.read() as connection:
        row = connection.execute(select(tables.session)).first()
    assert len(row.token_hash) == 64


def test_the_log_holds_no_secret(site, caplog):
    """Logging in, failing, pairing, following, breaking: no password, token, key or code is written."""
    caplog.set_level(logging.DEBUG)
    nobody = site.nobody()
    cookie = nobody("POST", "/session", LOGIN).headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    nobody("POST", "/session", LOGIN | {"password": "quase-certa"})
    code = site.staff("admin")("POST", "/units/centro/devices", {"kind": "panel", "name": "P"}).json["code"]
    token = nobody("POST", "/devices/pair", {"code": code}).json["token"]
    made = site.device("kiosk")("POST", "/units/centro/tickets", {"service": "itbi"}).json["ticket"]
    follow = made["follow_url"].rpartition("/")[2]
    nobody("GET", f"/tickets/follow/{follow}")
    for secret in ("vez-demo", "quase-certa", cookie, code, token, follow, site.city.seeded.token("kiosk")):
        assert secret not in caplog.text


def test_settings_show_no_secret():
    """Printed, logged or in a traceback: three stars."""
    secrets = {
        "database_url": "postgresql://vez:hunter2@db/vez",
        "redis_url": "redis://:hunter3@r",
        "secret_key": "hunter4",
    }
    settings = Settings(**secrets)
    for shown in (str(settings), repr(settings), f"{settings}"):
        assert "hunter" not in shown
        assert "database_url='***'" in shown


def test_foreign_pages_may_not_read(site):
    """No CORS: a page of another site gets no answer it could read."""
    answer = site.nobody()("GET", "/units", headers={"Origin": "https://evil.example"})
    assert not [name for name, _ in answer.headers if name.lower().startswith("access-control")]


def test_the_follow_page(site):
    """What the QR code opens: the ticket in its own language, readable without a script; 404 for a wrong key."""
    body = {"service": "itbi", "language": "es"}
    made = site.device("kiosk")("POST", "/units/centro/tickets", body).json["ticket"]
    client = site.app.test_client()
    page = client.get(made["follow_url"].removeprefix("http://vez.test"))
    assert page.status_code == 200
    assert made["label"] in page.text
    assert 'lang="es"' in page.text
    assert "nonce-" in page.headers["Content-Security-Policy"]
    missing = client.get("/t/abcdefghijkl")
    assert missing.status_code == 404
    assert missing.mimetype == "text/html"
