"""The control: the same rush against logic without the guard goes wrong, and goes well with it.

A test that cannot fail proves nothing. Here are numbering and calling as they are often written (largest number plus
one; look for the first, then take it) on scratch tables without our constraints. Without the guard there must be
duplicates; with it, in the same race, none. Then the house's own code, robbed of its lock: the second line holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from city import City
from cityfixtures import both_engines
from races import crowd
from rows import broken_promises, count
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from server.domain.errors import Refusal
from server.store import tables
from server.store.prepared import Prepared
from server.store.unit_of_work import _FOUND_UNIT, StaleUnitError, flush
from server.store.work import Head, Work

EACH = 25
PEOPLE = 8


class Scratch:
    """Numbers and calls on tables of its own, with the guard or without."""

    def __init__(self, engine: Engine, *, guarded: bool) -> None:
        self.engine = engine
        self.guarded = guarded
        begin = "IMMEDIATE" if guarded else "DEFERRED"
        self._begin = engine.execution_options(vez_begin=begin)
        with engine.execution_options(vez_begin="IMMEDIATE").begin() as connection:
            connection.execute(text("CREATE TABLE scratch_lock (id INTEGER)"))
            connection.execute(text("INSERT INTO scratch_lock VALUES (1)"))
            connection.execute(text("CREATE TABLE scratch (number INTEGER, counter INTEGER)"))
            connection.execute(text("CREATE TABLE scratch_call (number INTEGER, counter INTEGER)"))

    @contextmanager
    def _step(self, connection: Connection) -> Iterator[None]:
        # Without the guard each statement is a transaction of its own, as with a driver's autocommit.
        yield
        if not self.guarded:
            connection.commit()

    @contextmanager
    def _command(self) -> Iterator[Connection]:
        with self._begin.connect() as connection:
            if self.guarded and self.engine.dialect.name == "postgresql":
                connection.execute(text("SELECT id FROM scratch_lock FOR UPDATE"))
            yield connection
            connection.commit()

    def issue(self) -> int:
        """The largest number, plus one."""
        with self._command() as connection:
            with self._step(connection):
                number = connection.execute(
                    text("SELECT coalesce(max(number), 0) + 1 FROM scratch")
                ).scalar_one()
            connection.execute(text("INSERT INTO scratch VALUES (:n, NULL)"), {"n": number})
        return int(number)

    def call(self, counter: int) -> int | None:
        """The first that waits; then take it."""
        with self._command() as connection:
            with self._step(connection):
                query = "SELECT min(number) FROM scratch WHERE counter IS NULL"
                number = connection.execute(text(query)).scalar_one()
            if number is None:
                return None
            values = {"n": number, "c": counter}
            connection.execute(text("UPDATE scratch SET counter = :c WHERE number = :n"), values)
            connection.execute(text("INSERT INTO scratch_call VALUES (:n, :c)"), values)
        return int(number)


def _duplicates(scratch: Scratch) -> tuple[int, int]:
    """Numbers given twice, and calls made twice, in one rush."""
    numbers = [
        number for some in crowd(lambda _: [scratch.issue() for _ in range(EACH)], PEOPLE) for number in some
    ]
    with scratch.engine.execution_options(vez_begin="IMMEDIATE").begin() as connection:
        connection.execute(text("DELETE FROM scratch"))
        connection.execute(
            text("INSERT INTO scratch VALUES " + ", ".join(f"({n}, NULL)" for n in range(1, 201)))
        )

    def counter(place: int) -> list[int]:
        return list(iter(lambda: scratch.call(place), None))

    calls = [number for some in crowd(counter, PEOPLE) for number in some]
    assert len(calls) >= 200
    return _repeated(numbers), _repeated(calls)


def _repeated(values: list[int]) -> int:
    return sum(times - 1 for times in Counter(values).values())


@both_engines
def test_without_the_guard_the_race_shows(city: City):
    """Numbers and calls come out twice."""
    numbers, calls = _duplicates(Scratch(city.store.engine, guarded=False))
    assert numbers > 0
    assert calls > 0


@both_engines
def test_with_the_guard_it_does_not(city: City):
    """The same rush on the same tables."""
    assert _duplicates(Scratch(city.store.engine, guarded=True)) == (0, 0)


@pytest.mark.postgres
@pytest.mark.parametrize("city_url", ["postgresql"], indirect=True)
def test_without_the_lock_our_constraints_hold(city: City, monkeypatch):
    """PostgreSQL, the house's own code, the unit unlocked: commands fail, and not one row is wrong."""
    attendants = ["ana.martins", "bruno.silveira", "carla.nogueira", "diego.ferreira"]
    for place, name in enumerate(attendants, 1):
        city.open(name, f"centro-{place}")
    for _ in range(20):
        city.issue()

    @contextmanager
    def unlocked(unit: str) -> Iterator[Work]:
        with city.store.engine.begin() as connection:
            row = _FOUND_UNIT.one_or_none(connection, {"unit_id": unit})
            work = Work.on(connection, Head.of(row))
            yield work
            flush(work)

    monkeypatch.setattr(city.store, "lock_unit", unlocked)
    kiosk = city.device("kiosk")
    failed: list[str] = []

    def act(n: int) -> None:
        for _ in range(10):
            try:
                if n % 2:
                    city.issue(by=kiosk)
                else:
                    name = attendants[n // 2]
                    called = city.call_next(name, f"centro-{n // 2 + 1}")["ticket"]
                    if called:
                        city.act(name, "finish", called["id"])
            except (IntegrityError, Refusal, StaleUnitError) as error:
                failed.append(type(error).__name__)

    crowd(act, 8)
    assert failed, "nothing collided: the race was too tame to prove anything"
    assert broken_promises(city.store.engine) == []
    assert count(city.store.engine, tables.ticket) >= 20
    assert isinstance(_FOUND_UNIT, Prepared)
