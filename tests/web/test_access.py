"""Who may do what: the table of routes, walked with everybody who could knock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from cityfixtures import both_engines
from requests_by_route import address, body_of, someone_waits
from rows import dump
from site_under_test import Site, Visitor
from sqlalchemy import update

from server.store.engine import open_engine
from server.store.tables import account
from server.usecases.context import Sessions
from server.web.access import ANY_DEVICE, ROUTES, Route

ROLES = {"attendant": "ana.martins", "supervisor": "supervisao.centro", "admin": "admin"}
PROTECTED = [route for route in ROUTES if not route.access.public]
CHANGES = [route for route in PROTECTED if route.access.roles and route.method != "GET"]
IN_A_UNIT = [r for r in PROTECTED if {"<unit>", "<ticket>", "<job>"} & set(r.path.split("/"))]


def refusals(
    site: Site, visitor: Visitor, routes: Iterable[Route], names: dict[str, str], **more: Any
) -> dict[str, tuple[int, str]]:
    """Status and code of each route's refusal; together they must have changed nothing."""
    before = dump(site.store.engine)
    found = {}
    for route in routes:
        response = visitor(route.method, address(route, names), body_of(route, names), **more)
        assert response.status_code >= 400, f"{route.name} was not refused"
        found[route.name] = (response.status_code, response.json["error"]["code"])
    assert dump(site.store.engine) == before, "something was refused and yet changed"
    return found


def all_of(routes: Iterable[Route], status: int, code: str) -> dict[str, tuple[int, str]]:
    """The same refusal for every route."""
    return {route.name: (status, code) for route in routes}


def test_every_address_has_a_rule(site):
    """No address under /api/v1 is served that the table of routes does not name, but the document of them."""
    served = {
        (method, str(rule))
        for rule in site.app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if str(rule).startswith("/api/v1")
    }
    table = {(route.method, "/api/v1" + route.path) for route in ROUTES}
    assert served == table | {("GET", "/api/v1/openapi.json")}
    assert len(ROUTES) > 35


def test_every_rule_admits_somebody():
    """A route is public or names roles or devices; a rule that admits nobody is a slip."""
    for route in ROUTES:
        access = route.access
        assert access.public != bool(access.roles or access.devices), route.name
        assert access.roles <= set(ROLES), route.name
        assert access.devices <= ANY_DEVICE, route.name


def test_nobody_is_turned_away(site):
    """Without token or cookie: 401, whatever the address."""
    names = someone_waits(site)
    assert refusals(site, site.nobody(), PROTECTED, names) == all_of(PROTECTED, 401, "not_authenticated")


@pytest.mark.parametrize("kind", sorted(ANY_DEVICE))
def test_each_device_does_only_its_own_job(site, kind):
    """Least privilege: routes that do not name a device's kind answer 403, the others never do."""
    names, visitor = someone_waits(site), site.device(kind)
    others = [route for route in PROTECTED if kind not in route.access.devices]
    assert refusals(site, visitor, others, names) == all_of(others, 403, "forbidden")
    for route in PROTECTED:
        if kind in route.access.devices:
            answer = visitor(route.method, address(route, names), body_of(route, names))
            assert answer.status_code not in (401, 403), (route.name, answer.json)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_does_only_its_own_job(site, role):
    """Staff that the rule does not name gets 403; staff that it names is never told 401 or 403 in its own unit."""
    names = someone_waits(site)
    others = [route for route in PROTECTED if role not in route.access.roles]
    assert refusals(site, site.staff(ROLES[role]), others, names) == all_of(others, 403, "forbidden")
    for route in PROTECTED:
        if role in route.access.roles:
            visitor = site.staff(ROLES[role])
            answer = visitor(route.method, address(route, names), body_of(route, names))
            assert answer.status_code not in (401, 403), (route.name, answer.json)


@pytest.mark.parametrize("who", ["kiosk", "panel", "printer", "luana.teixeira", "supervisao.lagoa"])
def test_another_unit_is_out_of_reach(site, who):
    """Tokens and staff of Lagoa reach nothing of Centro: refused by unit, or told that there is no such thing."""
    names = someone_waits(site)
    if "." in who:
        visitor, role = site.staff(who), "attendant" if who.startswith("luana") else "supervisor"
        routes = [route for route in IN_A_UNIT if role in route.access.roles]
    else:
        visitor = site.device(who, "lagoa")
        routes = [route for route in IN_A_UNIT if who in route.access.devices]
    found = refusals(site, visitor, routes, names)
    # A stranger's ticket may as well not exist.
    assert set(found.values()) <= {(403, "wrong_unit"), (404, "unknown_ticket")}, found
    assert (403, "wrong_unit") in found.values()


def test_a_change_needs_the_csrf_token(site):
    """Without it, with a wrong one, with another session's, with one that is no ASCII: 403 and nothing happens."""
    names = someone_waits(site)
    me, other = site.staff("supervisao.centro"), site.staff("admin")
    expected = all_of(CHANGES, 403, "csrf_failed")
    assert refusals(site, me, CHANGES, names, without=("X-CSRF-Token",)) == expected
    for wrong in ("", "x", other.headers["X-CSRF-Token"], "não"):
        assert refusals(site, me, CHANGES, names, headers={"X-CSRF-Token": wrong}) == expected, wrong


def test_an_ended_session_says_so(site, clock):
    """401 session_expired: the screen shows the login and not an error."""
    names = someone_waits(site)
    routes = [route for route in PROTECTED if route.access.roles]
    visitor = site.staff("supervisao.centro", expires_at=clock.now + timedelta(hours=1))
    clock.advance(hours=1, seconds=1)
    assert refusals(site, visitor, routes, names) == all_of(routes, 401, "session_expired")


@pytest.mark.parametrize("kind", sorted(ANY_DEVICE))
def test_a_revoked_device_says_so(site, kind):
    """401 device_revoked from the moment on."""
    names, visitor = someone_waits(site), site.device(kind)
    device = visitor("GET", "/devices/me").json["device"]["id"]
    assert (
        site.staff("supervisao.centro")("POST", f"/units/centro/devices/{device}/revoke").status_code == 200
    )
    routes = [route for route in PROTECTED if kind in route.access.devices]
    assert refusals(site, visitor, routes, names) == all_of(routes, 401, "device_revoked")


def test_a_disabled_account_is_out_at_once(site):
    """Its open sessions end with it."""
    visitor = site.staff("ana.martins")
    assert visitor("GET", "/session").status_code == 200
    with site.store.write() as connection:
        connection.execute(update(account).where(account.c.username == "ana.martins").values(disabled=True))
    assert visitor("GET", "/session").json["error"]["code"] == "session_expired"
    answer = site.nobody()("POST", "/session", {"username": "ana.martins", "password": "vez-demo"})
    assert answer.json["error"]["code"] == "bad_credentials"


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Basic YTpi", "Bearer nonsense", "bearer \xff\xfe", "nonsense"]
)
def test_a_header_that_is_no_token(site, header):
    """Whatever is sent as Authorization, it is a clean 401."""
    before = dump(site.store.engine)
    visitor = site.nobody()
    answer = visitor("GET", "/units/centro/board", headers={"Authorization": header})
    assert (answer.status_code, answer.json["error"]["code"]) == (401, "not_authenticated")
    assert dump(site.store.engine) == before


def test_a_token_wins_over_a_cookie(site):
    """A browser that is logged in and paired acts as the device: the explicit word counts, and needs no CSRF."""
    both = dict(site.staff("ana.martins").headers) | site.device("kiosk").headers
    visitor = Visitor(site, site.app.test_client(use_cookies=False), both)
    assert visitor("GET", "/devices/me").json["device"]["kind"] == "kiosk"
    assert visitor("GET", "/units/centro/counters").status_code == 403


def test_an_old_cookie_does_not_bar_the_door(site, clock):
    """Logging in works with an expired cookie, and with a revoked token: public addresses ask nobody."""
    old = site.staff("ana.martins")
    clock.advance(hours=13)
    assert old("POST", "/session", {"username": "ana.martins", "password": "vez-demo"}).status_code == 200
    assert site.bearer("nonsense")("GET", "/units").status_code == 200


def test_logging_out_ends_the_session(site):
    """The cookie is taken back, and worth nothing any more."""
    visitor = site.staff("ana.martins")
    answer = visitor("DELETE", "/session")
    assert answer.status_code == 204
    assert "vez_session=;" in answer.headers["Set-Cookie"]
    assert visitor("GET", "/session").json["error"]["code"] == "session_expired"


@both_engines
def test_another_process_ends_a_session(site):
    """A `vez user` command, another worker: the next press here is refused, although this process asks little."""
    visitor = site.staff("ana.martins")
    assert [visitor("GET", "/session").status_code for _ in range(2)] == [200, 200]
    other = open_engine(site.store.engine.url.render_as_string(hide_password=False))
    with other.begin() as connection:
        connection.execute(update(account).where(account.c.username == "ana.martins").values(disabled=True))
    other.dispose()
    assert visitor("GET", "/session").json["error"]["code"] == "session_expired"


def test_what_is_remembered_of_a_session(site):
    """Only what was read at the present revision, which any write ends: ours, that of another process."""
    sessions, store = Sessions(), site.store
    noted = store.revision()
    sessions.remember("token", noted, "row")
    assert sessions.recall("token", store.revision()) == "row"
    with store.write():
        pass  # a logout in another thread, after our reading and before our remembering
    sessions.remember("token", noted, "a row that was good a moment ago")
    assert sessions.recall("token", store.revision()) is None
    sessions.remember("other", None, "row")
    assert sessions.recall("other", None) is None, "PostgreSQL cannot tell"


def test_a_new_password_ends_the_sessions(site):
    """Whoever knew the old one is out."""
    from server.usecases.accounts import set_password

    visitor = site.staff("ana.martins")
    set_password(site.house, "ana.martins", "uma senha nova")
    assert visitor("GET", "/session").status_code == 401
    login = {"username": "ana.martins", "password": "uma senha nova"}
    assert site.nobody()("POST", "/session", login).status_code == 200
