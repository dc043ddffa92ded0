"""All measurements: `make bench`, or `vez bench NAME…`. JSON on standard output, and in var/bench/latest.json.

Ratios are held against a floor measured in the same run, because machines differ and this one is never alone.
Exit status 1 when a floor is missed.
"""

from __future__ import annotations

import importlib
import json
import os
import platform
import signal
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

BENCHES = {
    "commands": ("bench.commands", "tickets issued and called per second, SQLite"),
    "screens": ("bench.screens", "call to panel, 20 panels"),
    "memory": ("bench.memory", "the server at rest"),
    "growth": ("bench.growth", "call-next with the length of the queue and of the day"),
    "growth-postgresql": ("bench.growth:measure_postgresql", "the same on PostgreSQL"),
    "engines": ("bench.engines", "PostgreSQL against SQLite, and 1, 2, 4 workers over 50 units"),
    "city": ("bench.city", "100 units, 1,000 counters, 1,000 sockets: an hour in a minute"),
    "sockets": ("bench.sockets", "memory per connected screen"),
    "first_load": ("bench.first_load", "kiosk, panel and phone page in a cold browser"),
    "soak": (
        "bench.soak",
        "twelve hours of a kiosk and a panel, compressed; VEZ_SOAK_VISITS sets another length",
    ),
    "soak-panel": ("bench.soak_panel", "twelve hours and 10,080 calls of a panel in Chromium, compressed"),
    "printing": ("bench.printing", "ticket bytes and the time to build them"),
}


def main(names: list[str]) -> int:
    """Run the named benches, or all."""
    unknown = sorted(set(names) - set(BENCHES))
    if unknown:
        known = ", ".join(f"{name} ({what})" for name, (_, what) in BENCHES.items())
        print(f"vez: no bench called {unknown[0]}; there are {known}", file=sys.stderr)
        return 2
    report: dict[str, Any] = {"at": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "machine": _machine()}
    for name in names or BENCHES:
        print(f"vez: measuring {name}: {BENCHES[name][1]}", file=sys.stderr)
        began = time.monotonic()
        module, _, function = BENCHES[name][0].partition(":")
        report[name] = getattr(importlib.import_module(module), function or "measure")()
        report[name]["pass"] = report[name].pop("ok")
        report[name]["took_seconds"] = round(time.monotonic() - began, 1)
    print(json.dumps(report, indent=2))
    folder = ROOT / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "latest.json").write_text(json.dumps(report, indent=2) + "\n")
    missed = [name for name in names or BENCHES if not report[name]["pass"]]
    for name in missed:
        print(f"vez: {name} misses its floor", file=sys.stderr)
    return 1 if missed else 0


def _machine() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
    }


def _leave(_number: int, _frame: object) -> None:
    sys.exit("vez: the bench was told to stop")  # unwinds: servers and databases of the bench end with it


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _leave)
    sys.exit(main(sys.argv[1:]))
