"""SQLite has one lock for all who write. Who waits for it in this server keeps nobody else waiting."""

from __future__ import annotations

import sqlite3
import threading

import pytest
from serving import serving


@pytest.mark.parametrize("mode", ["eventlet", "gevent", "threading"])
def test_another_program_that_writes_stops_no_screen(vez, new_open_city, tmp_path, mode):
    """A command waits while somebody else holds the lock; who only reads, or looks, does not."""
    url, seeded = new_open_city("sqlite")
    with serving(vez, tmp_path, url, seeded, async_=mode) as served:
        kiosk, looker = served.device("kiosk"), served.client()
        assert looker("GET", "/units").status == 200
        other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=10)
        other.execute("BEGIN IMMEDIATE")
        answers: list[int] = []

        def issue() -> None:
            answers.append(kiosk("POST", "/units/centro/tickets", {"service": "iptu-segunda-via"}).status)

        waiting = threading.Thread(target=issue)
        waiting.start()
        for _ in range(200):
            assert looker("GET", "/units").status == 200
            assert looker("GET", "//healthz").status == 200
        assert answers == [], "it has not waited"
        other.execute("ROLLBACK")
        waiting.join(20)
        other.close()
        assert answers == [201]
