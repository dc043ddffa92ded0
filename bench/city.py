"""A simulated city: 100 units × 10 counters, 1,000 panels, an hour in a minute, every event accounted for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from bench import house, machine
from bench.programs import people, program
from server.store.engine import open_engine

UNITS, COUNTERS, PANELS_EACH = 100, 10, 10
CITIZENS = 3  # per counter in that hour: twenty minutes each
SECONDS, WORKERS, THREADS = 60.0, 2, 24
LATEST_SECONDS = 75.0  # a town that is late at every step has not had its hour in a minute


def measure(mode: str = "eventlet") -> dict[str, Any]:
    """Events lost and doubled (none may be), and call → panel over all panels."""
    town = house.town_of(UNITS, COUNTERS)
    with machine.engine("postgresql") as (engine,):
        settings = {"VEZ_WORKERS": str(WORKERS), "VEZ_REDIS_URL": engine.redis_url}
        with house.server(mode=mode, database=engine.url, town=town, **settings) as running:
            units = [unit.id for unit in town.units]
            screens = [[unit, running.tokens[unit, "panel"]] for unit in units for _ in range(PANELS_EACH)]
            plan = {"host": running.host, "port": running.port, "screens": screens}
            with program("watch.py", plan) as watch:
                joined = watch.hear()["joined"]
                server, database = running.cpu(), engine.cpu()
                with program(
                    "drive.py", people(running, seconds=SECONDS, threads=THREADS, citizens=CITIZENS)
                ) as drive:
                    told = drive.hear()
                watch.say(_ends(engine.url))
                seen = watch.hear()
                spent = {"server": running.cpu() - server, "database": engine.cpu() - database}
    return _report(mode, joined, spent, told, seen)


def _report(
    mode: str, joined: int, spent: dict[str, float], told: dict[str, Any], seen: dict[str, Any]
) -> dict[str, Any]:
    spent |= {"counters_and_kiosks": told["cpu_seconds"], "panels": seen["cpu_seconds"]}
    delays = sorted((at - told["calls"][ticket]) * 1000 for ticket, at in seen.pop("called"))
    calls = told.pop("calls")
    report = {
        "mode": mode,
        "workers": WORKERS,
        "sockets": joined,
        "commands": {name: told[name] for name in ("commands", "seconds", "p50_ms", "p99_ms")},
        "calls": len(calls),
        "delivered": seen,
        "call_to_panel_ms": {
            "p50": round(delays[len(delays) // 2], 1),
            "p99": round(delays[int(len(delays) * 0.99)], 1),
        },
        "cores": {name: round(value / told["seconds"], 2) for name, value in spent.items()},
        "refused": told["wrong"],
    }
    wanted = UNITS * COUNTERS * CITIZENS
    exact = not (seen["lost"] or seen["doubled"] or seen["out_of_order"] or seen["cut_off"] or told["wrong"])
    report["floor"] = {"lost": 0, "doubled": 0, "calls": wanted, "seconds": LATEST_SECONDS}
    report["ok"] = exact and len(calls) == wanted and told["seconds"] <= LATEST_SECONDS
    return report


def _ends(url: str) -> dict[str, int]:
    found = open_engine(url)
    try:
        with found.connect() as connection:
            return {row.id: int(row.seq) for row in connection.execute(text("SELECT id, seq FROM unit"))}
    finally:
        found.dispose()
