"""PostgreSQL: a unit that is stuck keeps one connection of a process, not all, and nobody else waits for it."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError
from waiting import wait_until

from server.store import unit_of_work

CROWD = 30


@pytest.mark.postgres
@pytest.mark.parametrize("city_url", ["postgresql"], indirect=True)
def test_a_stuck_unit_keeps_one_connection(city, monkeypatch):
    """Thirty commands wait for it: readers and the other units go on, and most are told soon that it takes too long."""
    told: list[str] = []
    monkeypatch.setattr(unit_of_work, "TURN_SECONDS", 1)
    assert city.issue()["label"] == "A001"
    other = city.store.engine.connect()
    other.execute(text("SELECT * FROM unit WHERE id = 'centro' FOR UPDATE"))

    def issue() -> None:
        try:
            told.append(city.issue()["label"])
        except TimeoutError:
            told.append("too long")

    pool = city.store.engine.pool
    kept = pool.checkedout()
    threads = [threading.Thread(target=issue) for _ in range(CROWD)]
    for thread in threads:
        thread.start()
    wait_until(lambda: pool.checkedout() == kept + 1, 10, "one of them waits at the database")
    with city.store.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM unit")).scalar_one() == 6
    with city.store.lock_unit("lagoa") as work:
        work.set_unit(header="meanwhile")
    wait_until(lambda: told.count("too long") == CROWD - 1, 10, "the others are told")
    assert pool.checkedout() == kept + 1
    other.close()
    for thread in threads:
        thread.join(20)
    assert min(told) == "A002"
    assert city.issue()["label"] == "A003"
