"""What is nobody's request: unknown addresses, full disks, locked and absent databases, bugs. One shape for all."""

from __future__ import annotations

import sqlite3
from typing import Any

import psycopg
import pytest
from rows import broken_promises, dump
from site_under_test import build
from sqlalchemy.exc import DBAPIError

from server.store import engine as engines
from server.usecases import visitors
from server.web.errors import messages

CHROMIUM_WANTS = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7"
)
ISSUE = {"service": "iptu-segunda-via"}
TICKETS = "/units/centro/tickets"


def error_of(response: Any, status: int, code: str) -> dict[str, Any]:
    """The error inside, of the one shape."""
    assert response.status_code == status, response.text[:500]
    assert response.mimetype == "application/json"
    assert set(response.json) == {"error"}
    error = response.json["error"]
    assert set(error) == {"code", "message", "detail"}
    assert (error["code"], error["message"]) == (code, messages("en")[code])
    return dict(error["detail"])


@pytest.fixture
def web(site) -> Any:
    """A bare browser that reads English."""

    def ask(method: str, path: str, **more: Any) -> Any:
        return site.app.test_client().open(path, method=method, headers={"Accept-Language": "en"}, **more)

    return ask


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing", "/api/v1/", "/api/v2/units", "/nothing", "/static/nothing.js"]
)
def test_an_unknown_address(web, path):
    """404 in the one shape, API or not."""
    error_of(web("GET", path), 404, "not_found")


@pytest.mark.parametrize("language", ["pt-BR", "en", "es"])
@pytest.mark.parametrize("path", ["/kiosk", "/counter/", "/nothing"])
def test_a_person_reads_a_page(site, language, path):
    """Who looks for a page that is not there gets words and a way on, not JSON; with the headers of every page."""
    headers = {"Accept": CHROMIUM_WANTS, "Accept-Language": language}
    answer = site.app.test_client().get(path, headers=headers)
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert f"<h1>{messages(language)['not_found']}</h1>" in answer.text
    assert f'<html lang="{language}"' in answer.text
    assert 'href="/"' in answer.text
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_a_program_is_told_in_json(site):
    """The API, whatever is accepted; and whoever does not ask for a page first."""
    client = site.app.test_client()
    html = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": "en"}
    error_of(client.get("/api/v1/nothing", headers=html), 404, "not_found")
    error_of(client.get("/nothing", headers=html | {"Accept": "*/*"}), 404, "not_found")
    error_of(client.post("/nothing", headers=html), 404, "not_found")


@pytest.mark.parametrize(
    "method,path", [("GET", f"/api/v1{TICKETS}/x/y"), ("PUT", "/api/v1/units"), ("PATCH", "/")]
)
def test_a_wrong_method(web, method, path):
    """405 names what would work; an address that does not exist stays a 404."""
    answer = web(method, path)
    if path.endswith("/y"):
        error_of(answer, 404, "not_found")
    else:
        error_of(answer, 405, "method_not_allowed")
        assert "GET" in answer.headers["Allow"]


def test_a_bug_shows_no_entrails(site, monkeypatch, caplog):
    """500 without a word of what failed; the log has all of it."""

    def broken(*_: Any) -> None:
        raise ZeroDivisionError("secret entrails")

    monkeypatch.setattr(visitors, "units", broken)
    answer = site.app.test_client().get("/api/v1/units", headers={"Accept-Language": "en"})
    error_of(answer, 500, "internal_error")
    assert "entrails" not in answer.text
    assert "secret entrails" in caplog.text


def test_a_full_disk_loses_nothing(site):
    """503 with Retry-After; the same key succeeds when there is room again, and nothing was half done."""
    kiosk, engine = site.device("kiosk").speaking("en"), site.store.engine
    assert kiosk("POST", TICKETS, ISSUE).status_code == 201
    _bound(site, 0)
    refused = 0
    for turn in range(200):
        before = dump(engine) if turn % 10 == 0 else None
        answer = kiosk("POST", TICKETS, ISSUE, key=f"toque-{turn}")
        if answer.status_code != 201:
            error_of(answer, 503, "unavailable")
            assert int(answer.headers["Retry-After"]) > 0
            refused += 1
            if before is not None:
                assert dump(engine) == before
        if refused == 3:
            break
    assert refused == 3
    assert broken_promises(engine) == []
    assert site.nobody()("GET", "/units/centro/menu").status_code == 200
    _bound(site, 2**30)
    assert kiosk("POST", TICKETS, ISSUE, key=f"toque-{turn}").status_code == 201
    assert broken_promises(engine) == []


def _bound(site: Any, more_pages: int) -> None:
    """No more pages than now: for every connection of the pool, as a full disk would be."""
    site.store.dispose()
    with sqlite3.connect(site.store.engine.url.database) as probe:
        pages = probe.execute("PRAGMA page_count").fetchone()[0]
    probe.close()

    from sqlalchemy import event

    @event.listens_for(site.store.engine, "connect")
    def limit(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA max_page_count={pages + more_pages}")


def test_a_locked_database(city_url, clock, tmp_path, monkeypatch):
    """A backup program that never lets go: 503, and all is well afterwards."""
    monkeypatch.setattr(engines, "BUSY_SECONDS", 0)
    url, seeded = city_url
    site = build(url, seeded, tmp_path, clock)
    kiosk = site.device("kiosk").speaking("en")
    other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        error_of(kiosk("POST", TICKETS, ISSUE, key="k"), 503, "unavailable")
        assert kiosk("GET", "/units/centro/menu").status_code == 200  # readers go on
        other.execute("ROLLBACK")
        assert kiosk("POST", TICKETS, ISSUE, key="k").json["ticket"]["label"] == "A001"
    finally:
        other.close()
        site.store.dispose()


@pytest.mark.postgres
def test_a_database_that_is_gone(city_url, clock, tmp_path, free_port):
    """503 for every command and page, 503 at readyz, 200 at healthz: the process lives."""
    _, seeded = city_url
    site = build(f"postgresql+psycopg://vez@127.0.0.1:{free_port}/vez", seeded, tmp_path, clock)
    try:
        error_of(site.device("kiosk").speaking("en")("POST", TICKETS, ISSUE), 503, "unavailable")
        client = site.app.test_client()
        assert client.get("/healthz").status_code == 200
        ready = client.get("/readyz")
        assert ready.status_code == 503
        assert ready.json["checks"] == {"database": False, "migrations": False, "relay": True}
        assert client.get("/").status_code == 503
    finally:
        site.store.dispose()


@pytest.mark.postgres
@pytest.mark.parametrize("city_url", ["postgresql"], indirect=True)
def test_a_database_that_takes_no_writes(site):
    """It has become a standby: 503 for commands, not ready, reading goes on. No line from that time is kept: when new
    ones find a server that writes, the next command succeeds."""
    kiosk = site.device("kiosk").speaking("en")
    client = site.app.test_client()
    assert kiosk("POST", TICKETS, ISSUE).status_code == 201
    _take_no_writes(site)
    for _ in range(3):
        error_of(kiosk("POST", TICKETS, ISSUE, key="k"), 503, "unavailable")
        assert kiosk("GET", "/units/centro/menu").status_code == 200
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json["checks"]["database"]) == (503, False)
    _let_new_lines_write(site)
    assert client.get("/readyz").status_code == 200
    assert kiosk("POST", TICKETS, ISSUE, key="k").status_code == 201
    assert broken_promises(site.store.engine) == []


def _take_no_writes(site: Any) -> None:
    """Everybody is thrown out, and comes back to a server that refuses every write."""
    _let_new_lines_write(site, "off")
    with psycopg.connect(_plain_url(site), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def _let_new_lines_write(site: Any, writes: str = "on") -> None:
    """Lines that are open stay as they are: only the next ones find the successor."""
    read_only = "off" if writes == "on" else "on"
    # One that has come while everything was read-only asks to be none of them.
    options = "-c default_transaction_read_only=off"
    with psycopg.connect(_plain_url(site), autocommit=True, options=options) as connection:
        name = connection.info.dbname
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = {read_only}")


def _plain_url(site: Any) -> str:
    url = site.store.engine.url.set(drivername="postgresql")
    return str(url.render_as_string(hide_password=False))


@pytest.mark.parametrize(
    "fault",
    [
        "ReadOnlySqlTransaction",
        "IdleInTransactionSessionTimeout",
        "TransactionTimeout",
        "AdminShutdown",
        "TooManyConnections",
        "DiskFull",
        "ConnectionFailure",
        "DeadlockDetected",
        "LockNotAvailable",
        "QueryCanceled",
    ],
)
def test_whatever_postgresql_calls_its_absence(site, monkeypatch, fault):
    """psycopg counts some of them among the programmer's mistakes."""

    def broken(*_: Any) -> None:
        raised = getattr(psycopg.errors, fault)("words of the server")
        raise DBAPIError.instance("SELECT", None, raised, psycopg.Error)

    monkeypatch.setattr(visitors, "units", broken)
    answer = site.app.test_client().get("/api/v1/units", headers={"Accept-Language": "en"})
    error_of(answer, 503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0


def test_ready_with_everything(site):
    """Database, schema and relay."""
    answer = site.app.test_client().get("/readyz")
    assert (answer.status_code, answer.json["ready"]) == (200, True)


def test_not_ready_with_an_old_schema(site):
    """After an upgrade without `vez migrate`, the load balancer must not send anybody here."""
    with site.store.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    answer = site.app.test_client().get("/readyz")
    assert (answer.status_code, answer.json["checks"]["migrations"]) == (503, False)


def test_metrics_take_no_word_that_a_client_invents(site):
    """Each would be kept for good."""
    for number in range(50):
        site.app.test_client().open("/healthz", method=f"ODD{number}")
    text = site.app.test_client().get("/metrics").text
    assert "ODD" not in text
    assert 'method="other"' in text


def test_metrics_name_routes_not_people(site):
    """Prometheus text; no ticket, token or label in it."""
    made = site.device("kiosk")("POST", TICKETS, ISSUE).json["ticket"]
    site.nobody()("GET", f"/tickets/follow/{made['follow_url'].rpartition('/')[2]}")
    text = site.app.test_client().get("/metrics").text
    assert 'vez_waiting_tickets{unit="centro"} 1.0' in text
    assert 'vez_http_requests_total{method="POST",route="api.issue_ticket",status="201"}' in text
    for secret in (made["id"], made["label"], made["follow_url"].rpartition("/")[2]):
        assert secret not in text
