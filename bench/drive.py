"""The people of a town, as a program of its own: so its CPU time can be told from the server's.

``python drive.py`` reads a plan (JSON) from standard input, acts, and writes what happened to standard output. Each
worker thread owns some seats and does for each of them, again and again: issue a ticket in its unit, call, finish.
"""

from __future__ import annotations

import heapq
import itertools
import json
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import load


@dataclass
class Told:
    """What one thread did and saw."""

    commands: int = 0
    latencies: list[float] = field(default_factory=list)
    calls: dict[str, float] = field(default_factory=dict)  # ticket → when its call was pressed (monotonic)
    wrong: list[str] = field(default_factory=list)


class Worker:
    """One thread with one connection."""

    def __init__(self, plan: dict[str, Any], seats: list[dict[str, Any]], number: int) -> None:
        self._plan, self._seats, self._number = plan, seats, number
        self._wire = load.Wire(plan["host"], plan["port"])
        self._keys = itertools.count()
        self.told = Told()

    def _ask(self, path: str, headers: dict[str, str], body: object) -> Any:
        key = f"{self._number}-{next(self._keys)}"
        message = load.request("POST", path, headers | {"Idempotency-Key": key}, body)
        began = time.monotonic()
        status, answer = self._wire.ask(message)
        self.told.latencies.append(time.monotonic() - began)
        self.told.commands += 1
        if status not in (200, 201):
            self.told.wrong.append(f"{path}: {status} {answer[:200]!r}")
            return None
        return json.loads(answer)

    def issue(self, seat: dict[str, Any]) -> None:
        """A citizen comes to the seat's unit."""
        path = f"/api/v1/units/{seat['unit']}/tickets"
        self._ask(path, {"Authorization": f"Bearer {seat['kiosk']}"}, {"service": self._plan["service"]})

    def call(self, seat: dict[str, Any]) -> None:
        """The seat calls whoever is next."""
        pressed = time.monotonic()
        path = f"/api/v1/units/{seat['unit']}/counters/{seat['counter']}/call-next"
        answer = self._ask(path, seat["headers"], {})
        if answer is None or answer["ticket"] is None:
            self.told.wrong.append(f"{path}: nobody was there")
            seat["held"] = None
            return
        seat["held"] = answer["ticket"]["id"]
        self.told.calls[seat["held"]] = pressed

    def finish(self, seat: dict[str, Any]) -> None:
        """The service is over."""
        if seat["held"] is not None:
            self._ask(f"/api/v1/tickets/{seat['held']}/finish", seat["headers"], {})

    def rush(self, until: float) -> None:
        """As fast as the server can, seat after seat."""
        for seat in itertools.cycle(self._seats):
            for step in (self.issue, self.call, self.finish):
                step(seat)
            if time.monotonic() > until:
                return

    def live(self, begin: float) -> None:
        """An hour by the clock, compressed: each step at its time, or as soon as possible after it."""
        chance = Random(self._number)
        ordered = itertools.count()
        steps: list[tuple[float, int, Any, dict[str, Any]]] = []
        period = self._plan["seconds"] / self._plan["citizens"]
        for seat in self._seats:
            for turn in range(self._plan["citizens"]):
                at = begin + period * (turn + chance.uniform(0, 0.25))
                wait, service = period * chance.uniform(0.1, 0.3), period * chance.uniform(0.1, 0.4)
                todo = ((at, self.issue), (at + wait, self.call), (at + wait + service, self.finish))
                for when, act in todo:
                    heapq.heappush(steps, (when, next(ordered), act, seat))
        # A town that takes twice its time will not be waited for: what is missing then is in the counts.
        while steps and time.monotonic() < begin + 2 * self._plan["seconds"]:
            when, _, act, seat = heapq.heappop(steps)
            time.sleep(max(0.0, when - time.monotonic()))
            act(seat)


def main() -> None:
    """Read the plan, act, tell."""
    plan = json.loads(sys.stdin.readline())
    shares = [plan["seats"][n :: plan["threads"]] for n in range(plan["threads"])]
    workers = [Worker(plan, share, number) for number, share in enumerate(shares) if share]
    began = time.monotonic()
    threads = [
        threading.Thread(target=w.live, args=(began,))
        if plan["citizens"]
        else threading.Thread(target=w.rush, args=(began + plan["seconds"],))
        for w in workers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - began
    told = [w.told for w in workers]
    latencies = sorted(value for one in told for value in one.latencies)
    result = {
        "commands": sum(one.commands for one in told),
        "seconds": round(seconds, 2),
        "cpu_seconds": round(time.process_time(), 2),
        "p50_ms": round(latencies[len(latencies) // 2] * 1000, 1),
        "p99_ms": round(latencies[int(len(latencies) * 0.99)] * 1000, 1),
        "calls": {ticket: at for one in told for ticket, at in one.calls.items()},
        "wrong": [text for one in told for text in one.wrong][:20],
    }
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
