"""Memory per connected screen: what a thousand joined panels add to the server."""

from __future__ import annotations

from typing import Any

from bench import house, machine
from bench.programs import program

SCREENS, WARM = {"eventlet": 1000, "gevent": 1000, "threading": 200}, 40
MOST_KB = 80.0


def _per_screen(mode: str) -> dict[str, Any]:
    town = house.town_of(10, 1)
    with house.server(mode=mode, town=town) as running:
        units = [unit.id for unit in town.units]

        def plan(count: int) -> dict[str, Any]:
            screens = [[units[n % 10], running.tokens[units[n % 10], "panel"]] for n in range(count)]
            return {"host": running.host, "port": running.port, "screens": screens}

        # The first ones pay for what all share: imports, pools, caches.
        with program("watch.py", plan(WARM)) as warm:
            warm.hear()
            before = machine.resident_kb(machine.family(running.pid))
            with program("watch.py", plan(SCREENS[mode])) as watch:
                joined = watch.hear()["joined"]
                after = machine.resident_kb(machine.family(running.pid))
    each = round((after - before) / joined, 1)
    return {"screens": joined, "before_mb": before // 1024, "after_mb": after // 1024, "kb_each": each}


def measure() -> dict[str, Any]:
    """Kilobytes for each joined panel, in each async mode; the floor is held by the default one and by gevent."""
    report: dict[str, Any] = {mode: _per_screen(mode) for mode in SCREENS}
    report["floor_kb"] = MOST_KB
    report["ok"] = all(report[mode]["kb_each"] <= MOST_KB for mode in ("eventlet", "gevent"))
    return report
