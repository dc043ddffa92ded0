"""One server for each async mode (embedded), and two workers over PostgreSQL and Redis: the same tests on all."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from serving import Screen, Served, screens, serving

_SHARED = (pytest.mark.postgres, pytest.mark.redis)
HOUSES = [
    pytest.param(("sqlite", "eventlet"), id="sqlite-eventlet"),
    pytest.param(("sqlite", "gevent"), id="sqlite-gevent"),
    pytest.param(("sqlite", "threading"), id="sqlite-threading"),
    pytest.param(("postgresql", "eventlet"), id="two-workers-eventlet", marks=_SHARED),
    pytest.param(("postgresql", "gevent"), id="two-workers-gevent", marks=_SHARED),
    pytest.param(("postgresql", "threading"), id="two-workers-threading", marks=_SHARED),
]


@pytest.fixture(scope="session", params=HOUSES)
def served(request, vez, new_open_city, tmp_path_factory) -> Iterator[Served]:
    """A real `vez serve`; every test of the room runs against each."""
    engine, mode = request.param
    url, seeded = new_open_city(engine)
    more = {}
    if engine == "postgresql":
        more = {"workers": 2, "redis_url": request.getfixturevalue("redis_url")}
    with serving(vez, tmp_path_factory.mktemp("house"), url, seeded, async_=mode, **more) as running:
        yield running
        faults = [line for line in running.log().splitlines() if "Traceback" in line or " ERROR " in line]
        assert not faults, running.log()[-4000:]
        secrets = ["vez-demo", "vez_session", "/t/", *(d.token for d in seeded.devices.values())]
        assert not [secret for secret in secrets if secret in running.log()]


@pytest.fixture
def open_screen() -> Iterator[Callable[..., Screen]]:
    """Opens a socket on a server; closed with the test."""
    with screens() as opener:
        yield opener
