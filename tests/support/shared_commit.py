"""Commands that pile up at the gate of one SQLite database, so that they share its next commit."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from city import City
from waiting import wait_until

from server.domain.events import Event
from server.store.group_commit import GroupCommit
from server.usecases import visitors
from server.wire.requests import IssueTicket

ISSUE = IssueTicket(service="iptu-segunda-via")


def gate_of(city: City) -> GroupCommit:
    """The gate of the city's SQLite."""
    assert isinstance(city.store._commits, GroupCommit)
    return city.store._commits


class Held:
    """Somebody inside the gate, until let go: so that the others pile up behind and share what is open."""

    def __init__(self, city: City, act: Any = None) -> None:
        self.inside, self.go = threading.Event(), threading.Event()
        self.error: BaseException | None = None
        self._city, self._act = city, act
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self.inside.wait(10)

    def _run(self) -> None:
        try:
            with self._city.store.lock_unit("centro") as work:
                work.record(Event("unit.changed", self._city.clock(), {"what": "held"}))
                self.inside.set()
                assert self.go.wait(30)
                if self._act is not None:
                    self._act(work)
        except BaseException as error:  # noqa: BLE001 - shown by end()
            self.error = error

    def end(self) -> BaseException | None:
        """Let go; what became of it."""
        self.go.set()
        self._thread.join(30)
        return self.error


def behind(city: City, gate: GroupCommit, *acts: Any) -> tuple[list[threading.Thread], list[Any]]:
    """Start each act; returns when all of them wait at the gate."""
    results: list[Any] = [None] * len(acts)

    def run(place: int, act: Any) -> None:
        try:
            results[place] = act()
        except BaseException as error:  # noqa: BLE001 - a result like another
            results[place] = error

    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    wait_until(lambda: gate._waiting == len(acts), 10, "all wait at the gate")
    return threads, results


def issue(city: City, kiosk: Any) -> str:
    """A citizen."""
    answer, _ = visitors.issue(city.house, kiosk, "centro", ISSUE, None)
    return str(answer["ticket"]["label"])


class _FullDisk:
    """A connection on which no commit succeeds."""

    def __init__(self, wire: Any) -> None:
        self._wire = wire

    def commit(self) -> None:
        """As SQLite's on a full disk."""
        raise sqlite3.OperationalError("database or disk is full")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._wire, name)


@contextmanager
def full_disk() -> Iterator[None]:
    """Meanwhile every commit of the gate fails."""
    real = GroupCommit._settle

    def failing(self: GroupCommit, batch: Any) -> None:
        wire, self._wire = self._wire, _FullDisk(self._wire)
        try:
            real(self, batch)
        finally:
            self._wire = wire

    GroupCommit._settle = failing
    try:
        yield
    finally:
        GroupCommit._settle = real
