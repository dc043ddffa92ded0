"""The line to PostgreSQL goes dead without a word: nobody waits for ever, and everything goes on by itself.

A proxy stands for the network: it acknowledges and swallows, so that the kernel sees nothing wrong. What the kernel
itself is told to notice is in tests/store/test_postgres_line.py.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from faulty_line import FaultyLine
from serving import Answer, Served, screens, serving
from sqlalchemy import make_url
from waiting import wait_until

pytestmark = [pytest.mark.crash, pytest.mark.postgres]
LONG = os.environ.get("VEZ_TEST_CRASH") == "long"
MODES = ["eventlet", "gevent", "threading"] if LONG else ["eventlet"]
ISSUE = {"service": "iptu-segunda-via"}
PATIENCE_SECONDS = 3
# `vez serve`, but for its patience, which is longer than a test. Set in the worker, where psycopg may be imported.
IMPATIENT = f"""#!{sys.executable}
from server import serving
from server.cli import main
load = serving.load

def impatient(settings):
    serving.prepare_process(settings)
    from server.store import glances, line
    line.PATIENCE_SECONDS, line.PING_SECONDS, glances.SECONDS = {PATIENCE_SECONDS}, 1, 1
    return load(settings)

serving.load = impatient
main()
"""


@pytest.fixture
def impatient_vez(tmp_path: Path) -> str:
    """A `vez` that gives a silent database up after three seconds."""
    path = tmp_path / "impatient-vez"
    path.write_text(IMPATIENT)
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def line(pg_server) -> Iterator[FaultyLine]:
    """Between the server and PostgreSQL."""
    address = make_url(pg_server.admin_url)
    with FaultyLine(f"tcp://{address.host}:{address.port or 5432}") as made:
        yield made


def _issue(served: Served) -> Answer:
    return served.device("kiosk")("POST", "/units/centro/tickets", ISSUE)


@pytest.mark.parametrize("mode", MODES)
def test_old_wires_swallow_everything(impatient_vez, line, new_open_city, tmp_path, mode):
    """The host vanishes and another takes its address: requests end in time, with 503 at the worst; then commands work,
    and the screen, which never lost its own line, hears of everything; the server calls itself ready again."""
    url, seeded = new_open_city("postgresql")
    through = make_url(url).set(host="127.0.0.1", port=line.port).render_as_string(hide_password=False)
    with (
        serving(impatient_vez, tmp_path, through, seeded, async_=mode) as served,
        screens() as open_screen,
    ):
        screen = open_screen(served, seeded.token("panel"))
        screen.join("centro")
        _crowd(served, 8)
        wait_until(lambda: len(screen.events) >= 8, 10, "the usual")
        line.forsake()
        began = time.monotonic()
        statuses = _crowd(served, 12)
        took = time.monotonic() - began
        assert set(statuses) <= {201, 503}, statuses
        assert took < 3 * PATIENCE_SECONDS, took
        wait_until(lambda: _issue(served).status == 201, 10, "tickets again")
        end = served.device("panel")("GET", "/units/centro/board").body["seq"]
        wait_until(lambda: screen.seqs()[-1] >= end, 10, "the screen is as far as the journal")
        assert not screen.lost.is_set()
        assert sorted(set(screen.seqs())) == list(range(1, end + 1))
        assert served.client()("GET", "//readyz").status == 200


def _crowd(served: Served, count: int) -> list[int]:
    """So many people at kiosks at one moment; what each was answered."""
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda: statuses.append(_issue(served).status)) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    assert len(statuses) == count, "somebody waits for ever"
    return statuses
