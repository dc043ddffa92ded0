"""Printing: the time to build a ticket's bytes, their number, the way from the tap to the printer, the agent's memory.

Floors after the issue, absolute: build ≤ 5 ms, ≤ 900 bytes without a logo and ≤ 8,000 with the largest one, tap to
first byte p99 ≤ 150 ms, agent ≤ 60 MB resident and not growing over a thousand tickets in a row. A request that does
nothing is measured beside the taps: on a busy machine it says how much of the way was the machine's.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from PIL import Image

from printer import dialects, document, render, upload

BUILD_MS, PLAIN_BYTES, LOGO_BYTES, TAP_MS, AGENT_MB, GROWTH_MB = 5.0, 900, 8000, 150.0, 60.0, 3.0
BUILDS, TAPS, WARM = 200, 100, 50
ROW = int(os.environ.get("VEZ_BENCH_TICKETS", "1000"))
TICKET: dict[str, Any] = {
    "unit": "Pró-Cidadão Centro",
    "header": "Prefeitura de Florianópolis",
    "label": "PA042",
    "service": "Certidão negativa de débitos do imóvel",
    "tier": "priority",
    "tier_text": "Atendimento prioritário",
    "issued_at": "2026-11-23T09:12:03-03:00",
    "wait_text": "14 pessoas à frente · espera estimada 25–40 min",
    "message": "Aguarde a chamada no painel. Esta senha vale até o fim do expediente de hoje.",
    "language": "pt-BR",
    "short_id": "0193-7F2C",
}


def measure() -> dict[str, Any]:
    """Builds in this process; taps and memory on a whole demo house."""
    builds = {name: _build(name, logo=False) for name in dialects.names()}
    with_logo = _build("epson", logo=True)
    house = _house()
    checks = {
        "build_p99_ms": _check(max(one["p99_ms"] for one in (*builds.values(), with_logo)), BUILD_MS),
        "bytes": _check(builds["epson"]["bytes"], PLAIN_BYTES),
        "bytes_with_logo": _check(with_logo["bytes"], LOGO_BYTES),
        "tap_to_first_byte_p99_ms": _check(house["tap_to_first_byte_ms"]["p99"], TAP_MS),
        "agent_mb": _check(house["agent_mb"]["after"], AGENT_MB),
        "agent_growth_mb": _check(house["agent_mb"]["growth"], GROWTH_MB),
        "tickets_in_a_row_printed": {
            "measured": house["printed"],
            "floor": ROW,
            "pass": house["printed"] == ROW,
        },
    }
    ok = all(check["pass"] for check in checks.values())
    return {"checks": checks, "build": builds, "build_with_logo": with_logo, **house, "ok": ok}


def _check(measured: float, floor: float) -> dict[str, Any]:
    """One floor: at most this."""
    return {"measured": measured, "floor": floor, "pass": measured <= floor}


def _build(name: str, *, logo: bool) -> dict[str, float]:
    """Build tickets that differ, as real ones do: nothing but the logo may be remembered."""
    dialect = dialects.load(name)
    times, size = [], 0
    for n in range(BUILDS + 10):
        wanted = {
            **TICKET,
            "label": f"PA{n:03}",
            "follow_url": f"https://senhas.example/t/{uuid.uuid4().hex[:20]}",
        }
        if logo:
            wanted["layout"] = {"logo": _logo()}
        started = (
            time.thread_time()
        )  # our own work: on a busy machine the clock on the wall measures the others
        size = max(size, len(render.render(document.parse(wanted), dialect, dialect.widths[0]).data))
        times.append((time.thread_time() - started) * 1000)
    return {"bytes": size, **_spread(times[10:])}


def _spread(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    pick = {"p50_ms": 0.5, "p99_ms": 0.99}
    return {name: round(ordered[min(len(ordered) - 1, int(len(ordered) * q))], 2) for name, q in pick.items()}


@functools.cache
def _logo() -> str:
    """The largest logo that an upload may leave: a photograph, dithered, as high as a logo may be."""
    out = io.BytesIO()
    Image.radial_gradient("L").resize((1600, 600)).save(out, "JPEG")
    return base64.b64encode(upload.shrink(out.getvalue())).decode()


def _house() -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="vez-bench-") as folder, _demo(folder) as (facts, pid):
        web = facts["printer"]["web"]
        kiosk = next(d["token"] for d in facts["devices"] if d["kind"] == "kiosk" and d["unit"] == "centro")
        tap = _Tap(facts["base_url"], kiosk, web)
        _post(f"{web}/faults", {"slow": 0})  # paper that needs no time: the way is measured, not the motor
        for _ in range(5):
            tap.first_byte_ms()
        times, idle = [], []
        for _ in range(TAPS):
            times.append(tap.first_byte_ms())
            idle += [tap.nothing_ms() for _ in range(3)]
        agent = _agent(pid)
        tap.row(WARM)  # libraries, caches and the first pages of the spool are no growth
        before, printed = _resident_mb(agent), tap.printed()
        tap.row(ROW)
        after, printed = _resident_mb(agent), tap.printed() - printed
    spread = {name.removesuffix("_ms"): value for name, value in _spread(times).items()}
    spread["nothing_p99"] = _spread(idle)["p99_ms"]
    memory = {"before": before, "after": after, "growth": round(after - before, 1), "tickets": ROW}
    return {"tap_to_first_byte_ms": spread, "agent_mb": memory, "printed": printed}


class _Tap:
    """A kiosk that issues, and an eye on the virtual printer's tray."""

    def __init__(self, base: str, token: str, web: str) -> None:
        self.base, self.token, self.web = base, token, web
        self.count = 0

    def issue(self) -> None:
        wanted = {"service": "iptu-segunda-via", "tier": "normal", "language": "pt-BR"}
        _post(f"{self.base}/api/v1/units/centro/tickets", wanted, self.token)
        self.count += 1

    def row(self, tickets: int) -> None:
        """One after another, the printer never idle; not so far ahead of it that paper would come too late."""
        for n in range(tickets):
            self.issue()
            if n % 20 == 19:
                self.wait_printed(but=10)
        self.wait_printed()

    def first_byte_ms(self) -> float:
        """From the moment the tap leaves the kiosk to the moment the printer works on the first byte."""
        started = time.time()
        self.issue()
        self.wait_printed()
        last = _get(f"{self.web}/tickets.json")[-1]
        return (datetime.fromisoformat(last["started_at"]).timestamp() - started) * 1000

    def nothing_ms(self) -> float:
        """A request that does nothing, on the same server: the floor of this run."""
        started = time.time()
        _get(f"{self.base}/healthz")
        return (time.time() - started) * 1000

    def printed(self) -> int:
        """Tickets that came out since the printer was switched on."""
        return int(_get(f"{self.web}/status")["count"])

    def wait_printed(self, but: int = 0) -> None:
        """Until all that was issued has come out, or all ``but`` a few."""
        deadline = time.monotonic() + 120
        while _get(f"{self.web}/status")["count"] < self.count - but:
            if time.monotonic() > deadline:
                raise RuntimeError("the tickets did not come out")
            time.sleep(0.02)
        if not but:
            time.sleep(0.15)  # the agent reports, and is idle again


def _post(url: str, body: dict[str, Any], token: str = "") -> Any:
    headers = {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def _get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=20) as answer:
        return json.load(answer)


@contextlib.contextmanager
def _demo(folder: str) -> Iterator[tuple[dict[str, Any], int]]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("VEZ_")}
    command = [sys.executable, "-m", "server.cli", "demo", "--port", "0", "--data", folder, "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=clean
    ) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            facts = json.loads(line)
            _wait_bell(facts)
            yield facts, process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def _wait_bell(facts: dict[str, Any]) -> None:
    """Wait until the agent has reached both neighbours."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        menu = _get(f"{facts['base_url']}/api/v1/units/centro/menu")
        if menu["printer"]["state"] == "ready":
            return
        time.sleep(0.1)


def _agent(pid: int) -> int:
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        if b"agent" in Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0"):
            return int(child)
    raise RuntimeError("no agent among the demo's processes")


def _resident_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return round(next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024, 1)


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
