"""Does call-next grow with the queue, or with the day? Two servers side by side, asked in turn: the noise hits both."""

from __future__ import annotations

import json
import statistics
import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from bench import crowd, house, load, machine
from server.store.unit_of_work import Store

ROUNDS, WARM = 90, 15
COMMANDS = ("issue", "call_next", "finish")
MOST = {"waiting": 1.5, "day": 1.2}
SIZES = {"waiting": (10, 10_000), "day": (100, 200_000)}


class Side:
    """One server with its room, and what its commands cost."""

    def __init__(self, running: house.Running, engine: machine.Engine) -> None:
        self._running, self._engine = running, engine
        self._wire = load.Wire(running.host, running.port)
        self._seat = running.seats[1]
        self._kiosk = {"Authorization": f"Bearer {running.kiosk}"}
        self.wall: dict[str, list[float]] = {name: [] for name in COMMANDS}
        self.cpu: dict[str, list[float]] = {name: [] for name in COMMANDS}

    def _ask(self, path: str, headers: dict[str, str], body: object, name: str = "") -> Any:
        message = load.request("POST", path, headers | {"Idempotency-Key": str(uuid.uuid4())}, body)
        before = self._running.cpu() + self._engine.cpu() if name else 0.0
        began = time.perf_counter()
        status, answer = self._wire.ask(message)
        took = time.perf_counter() - began
        if name:
            self.wall[name].append(took * 1000)
            self.cpu[name].append((self._running.cpu() + self._engine.cpu() - before) * 1000)
        if status not in (200, 201):
            raise RuntimeError(f"{path}: {status} {answer!r}")
        return json.loads(answer)

    def round(self) -> None:
        """One arrives, one is called, and is done: the room stays as full as it was."""
        base = f"/api/v1/units/{house.UNIT}"
        self._ask(f"{base}/tickets", self._kiosk, {"service": house.SERVICE}, "issue")
        called = self._ask(
            f"{base}/counters/{self._seat.counter}/call-next", self._seat.headers, {}, "call_next"
        )
        self._ask(f"/api/v1/tickets/{called['ticket']['id']}/finish", self._seat.headers, {}, "finish")

    def forget(self) -> None:
        """The end of the warming up."""
        for times in (*self.wall.values(), *self.cpu.values()):
            times.clear()

    def close(self) -> None:
        """Hang up."""
        self._wire.close()

    def summary(self, name: str) -> dict[str, float]:
        """Medians in milliseconds."""
        wall, cpu = (round(statistics.median(of[name]), 3) for of in (self.wall, self.cpu))
        return {"wall_ms": wall, "cpu_ms": cpu}


def _fill(kind: str, size: int) -> Callable[[Store], None]:
    def prepare(store: Store) -> None:
        if kind == "day":
            crowd.serve(store, size, "bench-0")
        crowd.wait(store, size if kind == "waiting" else 10)

    return prepare


def _compare(kind: str, engine_name: str, mode: str) -> dict[str, Any]:
    small, large = SIZES[kind]
    start = partial(house.server, 2, mode)
    with (
        machine.engine(engine_name, 2) as (one, other),
        start(one.url, prepare=_fill(kind, small)) as few,
        start(other.url, prepare=_fill(kind, large)) as many,
    ):
        sides = Side(few, one), Side(many, other)
        for turn in range(WARM + ROUNDS):
            if turn == WARM:
                for side in sides:
                    side.forget()
            for side in sides if turn % 2 else reversed(sides):
                side.round()
        for side in sides:
            side.close()
    report: dict[str, Any] = {}
    for name in COMMANDS:
        first, second = (side.summary(name) for side in sides)
        ratios = {
            f"{what}_ratio": round(second[f"{what}_ms"] / first[f"{what}_ms"], 3) for what in ("wall", "cpu")
        }
        report[name] = {f"at_{small}": first, f"at_{large}": second, **ratios}
    report["most"] = MOST[kind]
    report["ok"] = max(report["call_next"]["wall_ratio"], report["call_next"]["cpu_ratio"]) <= MOST[kind]
    return report


def measure(mode: str = "eventlet", engine_name: str = "sqlite") -> dict[str, Any]:
    """call-next at 10 and 10,000 waiting, and after 100 and 200,000 finished tickets of the day."""
    report: dict[str, Any] = {kind: _compare(kind, engine_name, mode) for kind in SIZES}
    report |= {"engine": engine_name, "floors": MOST, "ok": all(report[kind]["ok"] for kind in SIZES)}
    return report


def measure_postgresql() -> dict[str, Any]:
    """The same on PostgreSQL; the database's CPU time is counted with the server's."""
    return measure(engine_name="postgresql")
