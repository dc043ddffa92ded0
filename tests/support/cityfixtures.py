"""Fixtures of the rooms that stand on the demo city; each room's conftest imports what it uses.

Seeding costs a second (43 services in six units, argon2): done once for each engine, then copied.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from city import OPENING, PUBLIC_URL, City, Seeded, fill

from server.store.unit_of_work import Store
from server.usecases.context import House


@pytest.fixture(scope="session")
def sqlite_city(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Seeded]:
    """An SQLite file with the demo in it, to copy."""
    path = tmp_path_factory.mktemp("city") / "city.sqlite3"
    shutil.copyfile(sqlite_template, path)
    return path, fill(f"sqlite:///{path}", lambda: OPENING)


@pytest.fixture(scope="session")
def pg_city(pg_server: Any, pg_template: str) -> Iterator[tuple[str, Seeded]]:
    """A PostgreSQL database with the demo in it, to copy."""
    name = pg_server.create(pg_template)
    yield name, fill(pg_server.url(name), lambda: OPENING)
    pg_server.drop(name)


@pytest.fixture
def city_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Seeded]]:
    """A copy of the city on SQLite; on the engine that the test asks for with ``both_engines``."""
    if getattr(request, "param", "sqlite") == "sqlite":
        template, seeded = request.getfixturevalue("sqlite_city")
        shutil.copyfile(template, tmp_path / "vez.sqlite3")
        yield f"sqlite:///{tmp_path / 'vez.sqlite3'}", seeded
        return
    server = request.getfixturevalue("pg_server")
    template, seeded = request.getfixturevalue("pg_city")
    name = server.create(template)
    yield server.url(name), seeded
    server.drop(name)


both_engines = pytest.mark.parametrize(
    "city_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
"""The test runs once on each engine."""


@pytest.fixture
def city(city_url: tuple[str, Seeded], clock: Any) -> Iterator[City]:
    """The demo city on Monday 23 November 2026, 09:00, all counters closed."""
    url, seeded = city_url
    store = Store(url)
    yield City(House(store, clock, PUBLIC_URL), clock, seeded)
    store.dispose()


@pytest.fixture(scope="session")
def open_city_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Seeded]:
    """For servers with the real clock: the demo with every unit open day and night, begun now."""
    path = tmp_path_factory.mktemp("opencity") / "city.sqlite3"
    shutil.copyfile(sqlite_template, path)
    return path, fill(f"sqlite:///{path}", lambda: datetime.now(UTC), around_the_clock=True)


@pytest.fixture(scope="session")
def open_city_pg(pg_server: Any, pg_template: str) -> Iterator[tuple[str, Seeded]]:
    """The same on PostgreSQL."""
    name = pg_server.create(pg_template)
    yield name, fill(pg_server.url(name), lambda: datetime.now(UTC), around_the_clock=True)
    pg_server.drop(name)


@pytest.fixture(scope="session")
def new_open_city(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], tuple[str, Seeded]]]:
    """``new_open_city("sqlite" | "postgresql")``: URL and tokens of a fresh copy, for a server of any scope."""
    made: list[tuple[Any, str]] = []

    def make(engine: str) -> tuple[str, Seeded]:
        if engine == "sqlite":
            template, seeded = request.getfixturevalue("open_city_sqlite")
            path = tmp_path_factory.mktemp("served") / "vez.sqlite3"
            shutil.copyfile(template, path)
            return f"sqlite:///{path}", seeded
        server = request.getfixturevalue("pg_server")
        template, seeded = request.getfixturevalue("open_city_pg")
        made.append((server, server.create(template)))
        return server.url(made[-1][1]), seeded

    yield make
    for server, name in made:
        server.drop(name)


@pytest.fixture
def site(city_url: tuple[str, Seeded], clock: Any, tmp_path: Path) -> Iterator[Any]:
    """The web application on the demo city, in this process."""
    from site_under_test import build

    url, seeded = city_url
    made = build(url, seeded, tmp_path, clock)
    yield made
    made.store.dispose()
