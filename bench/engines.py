"""PostgreSQL against SQLite by the server's CPU time; how far 1, 2 and 4 workers come over 50 units, and why."""

from __future__ import annotations

import os
from typing import Any

from bench import house, machine
from bench.growth import Side
from bench.programs import people, program

ROUNDS, WARM = 240, 20
MOST_RATIO = 1.5
UNITS, COUNTERS, THREADS, SECONDS = 50, 2, 16, 8.0
WORKERS = (1, 2, 4)
NEARLY_ALL = 0.85  # of a core, or of all cores: then it is what the rest waits for


def _cpu_per_command(mode: str, postgres: machine.Engine) -> dict[str, Any]:
    """Server CPU of issue, call-next and finish; both servers asked in turn."""
    with house.server(2, mode) as one, house.server(2, mode, postgres.url) as other:
        sides = {"sqlite": Side(one, machine.SQLITE), "postgresql": Side(other, machine.SQLITE)}
        for turn in range(WARM + ROUNDS):
            if turn == WARM:
                for side in sides.values():
                    side.forget()
                database = postgres.cpu()
            for side in sides.values() if turn % 2 else reversed(sides.values()):
                side.round()
        spent = (postgres.cpu() - database) / (3 * ROUNDS) * 1000
        for side in sides.values():
            side.close()
    report: dict[str, Any] = {}
    for name in ("issue", "call_next", "finish"):
        rows = {engine: side.summary(name) for engine, side in sides.items()}
        report[name] = rows | {"ratio": round(rows["postgresql"]["cpu_ms"] / rows["sqlite"]["cpu_ms"], 3)}
    cpu = {engine: sum(report[name][engine]["cpu_ms"] for name in report) / 3 for engine in sides}
    report["mean_cpu_ms"] = {engine: round(value, 3) for engine, value in cpu.items()}
    report["database_cpu_ms_per_command"] = round(spent, 3)
    report["ratio"] = round(cpu["postgresql"] / cpu["sqlite"], 3)
    return report


def _throughput(mode: str, workers: int, engine: machine.Engine) -> dict[str, Any]:
    """Commands per second of a closed loop, with the CPU of each part in cores."""
    settings = {"VEZ_WORKERS": str(workers), "VEZ_REDIS_URL": engine.redis_url}
    town = house.town_of(UNITS, COUNTERS)
    with house.server(mode=mode, database=engine.url, town=town, **settings) as running:
        with program("drive.py", people(running, seconds=2.0, threads=THREADS)) as warm:
            warm.hear()
        server, database = running.cpu(), engine.cpu()
        with program("drive.py", people(running, seconds=SECONDS, threads=THREADS)) as rush:
            told = rush.hear()
        parts = {
            "server": running.cpu() - server,
            "database": engine.cpu() - database,
            "client": told["cpu_seconds"],
        }
    if told["wrong"]:
        raise RuntimeError(f"{workers} workers: {told['wrong'][0]}")
    seconds = told["seconds"]
    cores = {name: round(value / seconds, 2) for name, value in parts.items()}
    return {
        "commands_per_second": round(told["commands"] / seconds, 1),
        "p50_ms": told["p50_ms"],
        "p99_ms": told["p99_ms"],
        "cores": cores,
        "limit": _limit(cores, workers),
    }


def _limit(cores: dict[str, float], workers: int) -> str:
    """What the rest waits for, said in words."""
    machine_cores = os.cpu_count() or 1
    total = sum(cores.values())
    largest = max(cores, key=lambda name: cores[name])
    if cores["server"] >= NEARLY_ALL * min(workers, machine_cores) and workers < machine_cores:
        return f"the server: its {workers} worker(s) use all of their core(s)"
    if total >= NEARLY_ALL * machine_cores:
        return f"this machine: all {machine_cores} cores are in use, most of them by the {largest}"
    if cores["client"] >= NEARLY_ALL:
        return "the client: its one process uses a whole core"
    return "waiting: for the disk at each commit, or for neighbours on this machine"


def measure(mode: str = "eventlet") -> dict[str, Any]:
    """The ratio of the engines, and the throughput of 1, 2 and 4 workers."""
    with machine.engine("postgresql", 1 + len(WORKERS)) as (first, *rest):
        report: dict[str, Any] = {"mode": mode, "cpu_per_command": _cpu_per_command(mode, first)}
        report["workers"] = {
            str(workers): _throughput(mode, workers, engine)
            for workers, engine in zip(WORKERS, rest, strict=True)
        }
    report["floor"] = {"cpu_ratio": MOST_RATIO}
    report["ok"] = report["cpu_per_command"]["ratio"] <= MOST_RATIO
    return report
