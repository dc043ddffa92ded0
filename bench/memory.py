"""What the server holds at rest: resident memory of all its processes, with the demo city in its database."""

from __future__ import annotations

import urllib.request
from typing import Any

from bench import house
from bench.machine import family, resident_kb

MOST_MB = 150


def measure(mode: str = "eventlet") -> dict[str, Any]:
    """Megabytes of gunicorn's master and worker together, after each kind of page was asked for once."""
    with house.server(mode=mode) as running:
        base = f"http://{running.host}:{running.port}"
        for path in ("/", "/kiosk/centro", "/panel/centro", "/counter", "/api/v1/units/centro/menu"):
            with urllib.request.urlopen(base + path, timeout=10) as answer:
                answer.read()
        parts = {str(pid): round(resident_kb([pid]) / 1024, 1) for pid in family(running.pid)}
    total = round(sum(parts.values()), 1)
    return {"mode": mode, "megabytes": total, "processes": parts, "floor_mb": MOST_MB, "ok": total <= MOST_MB}
