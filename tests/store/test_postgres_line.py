"""The wire to PostgreSQL: a connection that has died fails one command at the most; green threads wait in turn."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from dataclasses import replace

import psycopg
import pytest
from city import PUBLIC_URL, City
from faulty_line import FaultyLine
from races import crowd
from rows import broken_promises
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from server.store import glances
from server.store import line as lines
from server.store.engine import have_patience, open_engine
from server.store.unit_of_work import Store
from server.usecases.context import House

pytestmark = pytest.mark.postgres


def _hang_up_on_everybody(url: str) -> int:
    """What an administrator's restart does to the connections of one database; how many there were."""
    end_all = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        return int(connection.execute(end_all).fetchone()[0])  # type: ignore[index]


UNITS = ("centro", "lagoa", "ingleses", "canasvieiras")


@pytest.mark.parametrize("city_url", ["postgresql"], indirect=True)
def test_after_a_restart_one_command_fails_at_the_most(city: City, city_url):
    """Several warm connections, used within the last second, so that none is asked whether it lives. (The store's
    glances ask again by themselves.)"""
    for _ in range(3):
        # In four units at once: those of one take turns, and one connection.
        crowd(lambda n: [replace(city, unit=UNITS[n]).issue() for _ in range(3)], len(UNITS))
        assert _hang_up_on_everybody(city_url[0]) >= 2
        failed: list[DBAPIError] = []
        for _ in range(6):
            try:
                city.issue()
            except DBAPIError as error:
                failed.append(error)
        assert len(failed) <= 1, failed
        assert broken_promises(city.store.engine) == []


@pytest.mark.parametrize("city_url", ["postgresql"], indirect=True)
def test_a_line_that_swallows_everything(city_url, clock, monkeypatch):
    """The host vanished without a word and another took its address: what was asked ends in an error when patience
    does; what rested is asked first, with less patience; none of the old wires is used again."""
    monkeypatch.setattr(lines, "PATIENCE_SECONDS", 2)
    monkeypatch.setattr(lines, "PING_SECONDS", 0.5)
    monkeypatch.setattr(glances, "SECONDS", 0.5)
    url, seeded = city_url
    address = make_url(url)
    with FaultyLine(f"tcp://{address.host}:{address.port or 5432}") as line:
        store = Store(address.set(host="127.0.0.1", port=line.port).render_as_string(hide_password=False))
        city = City(House(store, clock, PUBLIC_URL), clock, seeded)
        crowd(lambda _n: [city.issue() for _ in range(3)], 4)
        line.forsake()
        for trusted in (True, False):
            began = time.monotonic()
            if trusted:  # used within the last second
                with pytest.raises(OperationalError):
                    city.issue()
            city.issue()
            assert time.monotonic() - began < 4
            crowd(lambda _n: [city.issue() for _ in range(3)], 4)
            if trusted:
                monkeypatch.setattr(lines, "TRUSTED_SECONDS", 0)
                line.forsake()
        assert broken_promises(store.engine) == []
        store.dispose()


def test_a_statement_waits_for_a_lock_longer_than_for_a_ping(pg_url, monkeypatch):
    """Patience is for answers that are owed: a lock may take its ten seconds, and a migration as long as it takes."""
    assert lines.PATIENCE_SECONDS > 10
    monkeypatch.setattr(lines, "PATIENCE_SECONDS", 0.5)
    engine = open_engine(pg_url)
    with engine.connect() as connection:
        have_patience(connection, None)
        connection.exec_driver_sql("SELECT pg_sleep(0.8)")
    with engine.connect() as connection, pytest.raises(OperationalError):
        connection.exec_driver_sql("SELECT pg_sleep(0.8)")
    engine.dispose()


def test_the_kernel_gives_a_dead_line_up(pg_url):
    """What it is told when a connection is made; an administrator's own figures in the URL win."""
    options = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT, socket.TCP_USER_TIMEOUT)
    for query, expected in (({}, [5, 2, 3, 10_000]), ({"keepalives_idle": "60"}, [60, 2, 3, 10_000])):
        url = make_url(pg_url).update_query_dict(query).render_as_string(hide_password=False)
        engine = open_engine(url)
        with engine.connect() as connection:
            number = os.dup(connection.connection.dbapi_connection.fileno())
            with socket.socket(fileno=number) as wire:
                assert wire.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
                assert [wire.getsockopt(socket.IPPROTO_TCP, name) for name in options] == expected
        engine.dispose()


_GREEN = """
import sys, warnings
warnings.simplefilter("ignore")
import eventlet
eventlet.monkey_patch()
import os
os.environ["PSYCOPG_WAIT_FUNC"] = "wait_selector"
import psycopg
from server import eventlet_postgres
eventlet_postgres.install()

turns = []

def ticking():
    while True:
        turns.append(1)
        eventlet.sleep(0.01)

eventlet.spawn(ticking)
with psycopg.connect(sys.argv[1], autocommit=True) as connection:
    before = len(turns)
    connection.execute("SELECT pg_sleep(0.3)")
    assert len(turns) - before >= 5, "a slow question stopped the others"
    large = "x" * 30_000_000  # more than the buffers of both ends: the sending has to wait as well
    assert connection.execute("SELECT length(%s), %s::text", (large, large)).fetchone() == (len(large), large)
    try:
        connection.execute("SELECT 1 / 0")
    except psycopg.errors.DivisionByZero:
        pass
    else:
        raise AssertionError("an error of the server was lost")
    assert connection.execute("SELECT 7").fetchone() == (7,)
    other = psycopg.connect(sys.argv[1], autocommit=True)
    gone = other.info.backend_pid
    failed = []

    def asking():
        try:
            other.execute("SELECT pg_sleep(60)")
        except psycopg.OperationalError as error:
            failed.append(error)

    waiting = eventlet.spawn(asking)
    eventlet.sleep(0.1)
    connection.execute("SELECT pg_terminate_backend(%s)", (gone,))
    waiting.wait()
    assert failed, "nobody told the one who waits that the server has gone"
    third = psycopg.connect(sys.argv[1], autocommit=True)
    try:
        third.wait(third.cursor()._execute_gen("SELECT pg_sleep(60)"), timeout=1.0)
    except psycopg.OperationalError:
        pass
    else:
        raise AssertionError("a deadline was not kept")
    assert connection.wait(connection.cursor()._execute_gen("SELECT pg_sleep(1.2)"), timeout=5.0) is None
print("all in turn")
"""


def test_green_threads_wait_in_turn(pg_url):
    """A slow answer, one larger than the buffers, an error, and a connection that dies under the one who waits."""
    plain = make_url(pg_url).set(drivername="postgresql").render_as_string(hide_password=False)
    ran = subprocess.run(
        [sys.executable, "-c", _GREEN, plain], capture_output=True, text=True, check=False, timeout=60
    )
    assert (ran.stdout.strip(), ran.returncode) == ("all in turn", 0), ran.stderr[-3000:]
