"""What every room's tests share: a clock, databases of their own, a free port, a browser, the running demo.

Fakes stop at clock, device and wire: databases are real ones. What a machine lacks is skipped with its reason
for a person, and a failure where CI=true: there a test that did not run is a test that did not pass.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from waiting import wait_until

# The demo city in databases of one's own, and real servers on them: tests/support.
pytest_plugins = ["cityfixtures"]

IN_CI = os.environ.get("CI") == "true"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
# As root there is no sandbox; the rest keeps Chromium from calling its maker's hosts.
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
STALE_SECONDS = 6 * 3600

# Settings of the person who runs the tests must not reach the programs under test; those two are for the tests.
for _name in [name for name in os.environ if name.startswith("VEZ_")]:
    if not _name.startswith("VEZ_TEST_") and _name != "VEZ_CHROMIUM":
        del os.environ[_name]


def lacking(what: str) -> NoReturn:
    """Skip with the reason; fail in CI."""
    if IN_CI:
        pytest.fail(f"CI must have it: {what}", pytrace=False)
    pytest.skip(what)


# --- time ---------------------------------------------------------------------------------------------------


class FakeClock:
    """The server's clock for tests: call it for an aware UTC moment; it moves only when told to."""

    def __init__(self, now: datetime) -> None:
        self.set(now)

    def __call__(self) -> datetime:
        return self.now

    def set(self, now: datetime) -> None:
        """Stand at an aware moment of any zone; ValueError for a naive one."""
        if now.tzinfo is None:
            raise ValueError("the clock takes aware datetimes")
        self.now = now.astimezone(UTC)

    def advance(self, seconds: float = 0, **parts: float) -> datetime:
        """Move by seconds, minutes=, hours= or days= (negative: a clock set back); returns the new moment."""
        self.now += timedelta(seconds=seconds, **parts)
        return self.now


@pytest.fixture
def clock() -> FakeClock:
    """Monday 23 November 2026, 09:00 in Florianópolis."""
    return FakeClock(datetime(2026, 11, 23, 12, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def wait_for() -> Callable[..., Any]:
    """`wait_for(condition, timeout=10, what="")`: the only way to wait here. See wait_until."""
    return wait_until


# --- network ------------------------------------------------------------------------------------------------


@pytest.fixture
def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listened to a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Redis: VEZ_TEST_REDIS, else a redis-server of this run's own, else the machine's on its usual port."""
    if given := os.environ.get("VEZ_TEST_REDIS"):
        yield _apart(given)
        return
    binary = shutil.which("redis-server")
    if binary is None:
        url = "redis://127.0.0.1:6379/0"
        if not _redis_answers(url):
            lacking("no redis-server on the PATH and no Redis at 127.0.0.1:6379")
        yield url
        return
    folder = tmp_path_factory.mktemp("redis")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"redis://127.0.0.1:{port}/0"
    arguments = [
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
        "--dir",
        folder,
    ]
    with subprocess.Popen([binary, *arguments], stdout=subprocess.DEVNULL) as server:
        try:
            wait_until(lambda: _redis_answers(url), 20, "redis-server answers")
            yield url
        finally:
            server.terminate()


def _apart(url: str) -> str:
    """Another of the server's numbered databases for each process of a run: attempts are counted there by address."""
    number = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    return urlsplit(url)._replace(path=f"/{int(number) + 1}").geturl() if number else url


def _redis_answers(url: str) -> bool:
    address = urlsplit(url)
    try:
        with socket.create_connection((address.hostname, address.port), 2) as wire:
            wire.sendall(b"PING\r\n")
            return wire.recv(16).startswith(b"+PONG")
    except OSError:
        return False


# --- databases ----------------------------------------------------------------------------------------------


class PostgresServer:
    """A PostgreSQL server on which this run makes and drops databases named vez_test_<epoch>_<random>."""

    def __init__(self, admin_url: str) -> None:
        self.admin_url = admin_url
        self._drop_stale()

    def url(self, name: str) -> str:
        """The SQLAlchemy URL of one database."""
        parts = urlsplit(self.admin_url)
        return urlunsplit(("postgresql+psycopg", parts.netloc, f"/{name}", parts.query, ""))

    def create(self, template: str = "template0") -> str:
        """A new database, a copy of `template`; returns its name."""
        name = f"vez_test_{int(time.time())}_{secrets.token_hex(4)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        """Drop it, whoever is still connected."""
        self._execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _execute(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.admin_url, autocommit=True, connect_timeout=5) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def _drop_stale(self) -> None:
        # Left by a run that was killed; runs beside this one are young or connected.
        for (name,) in self._execute("SELECT datname FROM pg_database WHERE datname LIKE 'vez\\_test\\_%'"):
            born = int(name.split("_")[2])
            if time.time() - born > STALE_SECONDS:
                with contextlib.suppress(psycopg.Error):
                    self._execute(f"DROP DATABASE {name}")


@pytest.fixture(scope="session")
def pg_server() -> PostgresServer:
    """The server at VEZ_TEST_PG, else the one on this machine's usual port."""
    url = os.environ.get("VEZ_TEST_PG") or "postgresql://postgres@127.0.0.1:5432/postgres"
    try:
        return PostgresServer(url)
    except psycopg.OperationalError as error:
        lacking(f"no PostgreSQL at {urlsplit(url).hostname} ({str(error).splitlines()[0]}); set VEZ_TEST_PG")


@pytest.fixture(scope="session")
def pg_template(pg_server: PostgresServer) -> Iterator[str]:
    """The name of a migrated database that tests copy: cheaper than migrating for each."""
    name = pg_server.create()
    try:
        _migrate(pg_server.url(name))
        yield name
    finally:
        pg_server.drop(name)


@pytest.fixture
def pg_url(pg_server: PostgresServer, pg_template: str) -> Iterator[str]:
    """The SQLAlchemy URL of a migrated PostgreSQL database of this test's own."""
    name = pg_server.create(pg_template)
    yield pg_server.url(name)
    pg_server.drop(name)


@pytest.fixture
def pg_empty_url(pg_server: PostgresServer) -> Iterator[str]:
    """The SQLAlchemy URL of an empty PostgreSQL database: for the migrations themselves."""
    name = pg_server.create()
    yield pg_server.url(name)
    pg_server.drop(name)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that tests copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The SQLAlchemy URL of a migrated SQLite file of this test's own."""
    path = tmp_path / "vez.sqlite3"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine_url(request: pytest.FixtureRequest) -> str:
    """The test runs once on each engine, on a migrated database of its own."""
    return request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "pg_url")


def _migrate(url: str) -> None:
    """Bring a database to the newest schema, leaving no connection open (a template must have none)."""
    from server.store.engine import open_engine
    from server.store.migrate import upgrade

    engine = open_engine(url)
    try:
        upgrade(engine)
    finally:
        engine.dispose()


# --- browser and demo ---------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The Chromium to drive: VEZ_CHROMIUM, else the first usual name on the PATH."""
    names = [os.environ.get("VEZ_CHROMIUM"), *CHROMIUM_NAMES]
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    return found or lacking("no Chromium on this machine (apt-get install chromium, or set VEZ_CHROMIUM)")


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Any]:
    """A headless Chromium (Playwright's sync API); a test opens its own context: `browser.new_context(…)`."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=CHROMIUM_ARGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def vez() -> str:
    """The path of the `vez` command of this environment."""
    return str(Path(sys.executable).with_name("vez"))


@pytest.fixture(scope="session")
def demo(vez: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The whole demo in processes of its own: what `vez demo --json` printed once it was ready.

    Keys: base_url, units [{id, services, counters}], users [{username, password, role, unit}],
    devices [{kind, unit, token}], printer {host, port, web}; and data, the folder that was given.
    All tests of the run share it: close the counters that you opened.
    """
    folder = tmp_path_factory.mktemp("demo")
    command = [vez, "demo", "--port", "0", "--data", str(folder / "data"), "--json"]
    log = folder / "stderr.txt"
    with (
        log.open("w") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=folder) as process,
    ):
        try:
            yield json.loads(_first_line(process, log, timeout=90)) | {"data": str(folder / "data")}
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                pytest.fail(f"vez demo was still there 20 s after SIGTERM:\n{log.read_text()[-4000:]}")
    assert process.returncode == 0, f"vez demo ended with {process.returncode}:\n{log.read_text()[-4000:]}"


def _first_line(process: subprocess.Popen[str], log: Path, timeout: float) -> str:
    """The first line a program prints, within `timeout` seconds; the rest is read on and dropped."""
    lines: queue.Queue[str] = queue.Queue()

    def read() -> None:
        for line in process.stdout or ():
            lines.put(line)
        lines.put("")

    threading.Thread(target=read, daemon=True).start()
    try:
        line = lines.get(timeout=timeout)
    except queue.Empty:
        line = ""
    if not line:
        pytest.fail(f"{process.args} printed nothing within {timeout:g} s:\n{log.read_text()[-4000:]}")
    return line
