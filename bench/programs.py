"""Starting the benches' helper programs (bench/drive.py, bench/watch.py) and talking with them."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import house


class Program:
    """One helper, spoken to in lines of JSON."""

    def __init__(self, name: str, plan: dict[str, Any]) -> None:
        script = str(Path(__file__).with_name(name))
        self._process = subprocess.Popen(
            [sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.say(plan)

    @property
    def pid(self) -> int:
        """For its CPU time."""
        return self._process.pid

    def say(self, message: dict[str, Any]) -> None:
        """One line to it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        """The next line from it. Raises RuntimeError when it died instead."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args} ended with {self._process.wait(10)}")
        heard: dict[str, Any] = json.loads(line)
        return heard

    def end(self) -> None:
        """It is not needed any more."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(10)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


@contextlib.contextmanager
def program(name: str, plan: dict[str, Any]) -> Iterator[Program]:
    """A helper until the block ends."""
    made = Program(name, plan)
    try:
        yield made
    finally:
        made.end()


def people(running: house.Running, *, seconds: float, threads: int, citizens: int = 0) -> dict[str, Any]:
    """The plan for bench/drive.py: every seat of the town. ``citizens`` per seat, or 0: as many as go."""
    seats = [
        {
            "unit": seat.unit,
            "counter": seat.counter,
            "headers": seat.headers,
            "kiosk": running.tokens[seat.unit, "kiosk"],
        }
        for seat in running.seats
    ]
    plan = {"host": running.host, "port": running.port, "service": house.SERVICE, "seats": seats}
    return plan | {"seconds": seconds, "threads": threads, "citizens": citizens}
