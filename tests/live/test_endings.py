"""Sockets that must end: of staff who logged out or whose session is over, and of all when the server stops."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from serving import screens, serving, stop
from sqlalchemy import update
from waiting import wait_until

from server.store import tables
from server.store.accounts import digest
from server.store.engine import open_engine

STOPS_WITHIN_SECONDS = 4.5  # gunicorn's time of grace is 5: a stop that waited for it would take longer


def test_who_logged_out_hears_nothing_more(served, open_screen):
    """The socket of the session ends within seconds, at whichever worker it is; a colleague's stays."""
    ana, bruno = served.staff("ana.martins"), served.staff("bruno.silveira")
    gone, stays = (open_screen(served, cookie=who.headers["Cookie"]) for who in (ana, bruno))
    for screen in (gone, stays):
        assert "snapshot" in screen.join("centro")
    assert ana("DELETE", "/session").status in (200, 204)
    assert gone.lost.wait(10), "a socket outlived its session"
    served.device("kiosk")("POST", "/units/centro/tickets", {"service": "iptu-segunda-via"})
    assert stays.join("centro")["seq"]
    assert not stays.lost.is_set()
    assert gone.events == []


def test_an_expired_session_ends_its_socket(served, open_screen):
    """Nobody pressed anything: the time was over."""
    carla = served.staff("carla.nogueira")
    screen = open_screen(served, cookie=carla.headers["Cookie"])
    screen.join("centro")
    engine = open_engine(served.database_url)
    token = carla.headers["Cookie"].partition("=")[2]
    over = {"expires_at": datetime.now(UTC) - timedelta(seconds=1)}
    with engine.begin() as connection:
        connection.execute(
            update(tables.session).where(tables.session.c.token_hash == digest(token)).values(over)
        )
    engine.dispose()
    assert screen.lost.wait(10)


@pytest.mark.parametrize("mode", ["eventlet", "gevent", "threading"])
def test_sigterm_closes_the_sockets_and_ends_at_once(vez, new_open_city, tmp_path, mode):
    """With screens joined and kept-alive connections open the server is gone long before its time of grace."""
    url, seeded = new_open_city("sqlite")
    with serving(vez, tmp_path, url, seeded, async_=mode) as served, screens() as open_screen:
        joined = [open_screen(served, seeded.token("panel")) for _ in range(5)]
        for screen in joined:
            screen.join("centro")
        assert served.device("kiosk")("GET", "/units/centro/board").status in (200, 403)
        began = time.monotonic()
        stop(served)
        assert time.monotonic() - began < STOPS_WITHIN_SECONDS
        assert all(screen.lost.wait(2) for screen in joined)
        assert "Traceback" not in served.log(), served.log()[-3000:]
        assert "graceful timeout" not in served.log()


@pytest.mark.parametrize("mode", ["eventlet", "gevent", "threading"])
def test_an_agent_that_waits_for_a_job_keeps_nobody(vez, new_open_city, tmp_path, mode):
    """A claim held open for 25 s gets its answer when the server is told to stop, and the stop does not wait for it."""
    url, seeded = new_open_city("sqlite")
    with serving(vez, tmp_path, url, seeded, async_=mode) as served, ThreadPoolExecutor(1) as pool:
        agent = served.device("printer")
        assert agent("POST", "/print-jobs/claim", {"wait": 0}).status == 200
        began = time.monotonic()
        claim = pool.submit(agent, "POST", "/print-jobs/claim", {"wait": 25})
        wait_until(lambda: claim.running() and time.monotonic() > began + 1, 5, "the claim is held")
        stopped = time.monotonic()
        stop(served)
        assert time.monotonic() - stopped < STOPS_WITHIN_SECONDS
        answer = claim.result(5)
        assert (answer.status, answer.body["error"]["code"]) == (503, "unavailable")
        assert "graceful timeout" not in served.log()


_CLOSED_WHILE_READ = """
import os, socket
from server.eventlet_worker import close_and_tell  # first: it says once for all that eventlet is known to be old
import eventlet
from eventlet import hubs
from eventlet.greenio import GreenSocket

near, far = socket.socketpair()
screen, ended = GreenSocket(near), []

def read():
    try:
        screen.recv(1)
    except (OSError, EOFError):
        pass
    ended.append(True)

eventlet.spawn(read)
eventlet.sleep(0)
number = screen.fileno()
close_and_tell(screen, screen.close)
reader, writer = os.pipe()  # as a library in C would: the same number, and nobody tells eventlet
assert reader == number, (reader, number)
eventlet.spawn(hubs.trampoline, reader, True)
eventlet.sleep(0)
os.write(writer, b"x")
eventlet.sleep(0.05)
assert ended, "the reader of a closed socket sleeps for ever"
print("both ended")
"""


def test_a_socket_closed_while_it_is_read_leaves_nobody_behind():
    """eventlet: a screen that is taken for dead must not leave a reader on a number that is used again. (And importing
    the worker warns of nothing.)"""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", _CLOSED_WHILE_READ], capture_output=True, text=True, check=False
    )
    assert (ran.stdout.strip(), ran.returncode) == ("both ended", 0), ran.stderr
