"""The wire to PostgreSQL: a connection that has died fails one command at the most; green threads wait in turn."""

from __future__ import annotations

import subprocess
import sys

import psycopg
import pytest
from city import City
from races import crowd
from rows import broken_promises
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

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


@pytest.mark.parametrize("city_url", ["postgresql"], indirect=True)
def test_after_a_restart_one_command_fails_at_the_most(city: City, city_url):
    """Several warm connections, used within the last second, so that none is asked whether it lives. (The store's
    glances ask again by themselves.)"""
    for _ in range(3):
        crowd(lambda _n: [city.issue() for _ in range(3)], 4)
        assert _hang_up_on_everybody(city_url[0]) >= 2
        failed: list[DBAPIError] = []
        for _ in range(6):
            try:
                city.issue()
            except DBAPIError as error:
                failed.append(error)
        assert len(failed) <= 1, failed
        assert broken_promises(city.store.engine) == []


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
print("all in turn")
"""


def test_green_threads_wait_in_turn(pg_url):
    """A slow answer, one larger than the buffers, an error, and a connection that dies under the one who waits."""
    plain = make_url(pg_url).set(drivername="postgresql").render_as_string(hide_password=False)
    ran = subprocess.run(
        [sys.executable, "-c", _GREEN, plain], capture_output=True, text=True, check=False, timeout=60
    )
    assert (ran.stdout.strip(), ran.returncode) == ("all in turn", 0), ran.stderr[-3000:]
