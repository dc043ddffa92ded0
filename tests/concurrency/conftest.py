"""A real server for each engine: embedded in one process, and two workers over PostgreSQL and Redis."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from city import NO_WAITING, set_rules
from serving import Served, serving

from server.store.unit_of_work import Store

HOUSES = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgresql", id="postgresql", marks=[pytest.mark.postgres, pytest.mark.redis]),
]


@pytest.fixture(scope="session", params=HOUSES)
def served(request, vez, new_open_city, tmp_path_factory) -> Iterator[Served]:
    """A running server; the units of these races let act at once (no seconds between calls)."""
    url, seeded = new_open_city(request.param)
    store = Store(url)
    for unit in ("lagoa", "ingleses", "canasvieiras"):
        set_rules(store, unit, NO_WAITING)
    store.dispose()
    more = {}
    if request.param == "postgresql":
        more = {"workers": 2, "redis_url": request.getfixturevalue("redis_url")}
    with serving(vez, tmp_path_factory.mktemp("race"), url, seeded, **more) as running:
        yield running
        assert "Traceback" not in running.log(), running.log()[-4000:]
