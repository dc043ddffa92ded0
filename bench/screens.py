"""From the press to the panels: latency at 20 panels, beyond a bare emit of the same worker in the same run."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import websocket

from bench import house, load

PANELS = 20
CALLS = 120
PAUSE_SECONDS = 0.02  # a call at a time, as in a room: this measures delay, not throughput
BEYOND_MS = 40.0


class Panels:
    """Panels as bare websockets, so that the client's own work does not hide the server's."""

    def __init__(self, host: str, port: int, count: int, token: str) -> None:
        self._seen: list[float] = []
        self._lock = threading.Lock()
        self._sockets = [self._open(host, port, token) for _ in range(count)]
        for one in self._sockets:
            threading.Thread(target=self._read, args=(one,), daemon=True).start()

    def _open(self, host: str, port: int, token: str) -> websocket.WebSocket:
        wire = websocket.create_connection(
            f"ws://{host}:{port}/socket.io/?EIO=4&transport=websocket", timeout=30
        )
        wire.recv()
        wire.send("40/live," + json.dumps({"token": token}))
        wire.recv()
        wire.send('42/live,0["join",' + json.dumps({"unit": house.UNIT, "after": None}) + "]")
        while not str(wire.recv()).startswith("43"):
            pass
        return wire

    def _read(self, wire: websocket.WebSocket) -> None:
        try:
            while True:
                message = str(wire.recv())
                if message == "2":
                    wire.send("3")
                elif '"ticket.called"' in message:
                    with self._lock:
                        self._seen.append(time.perf_counter())
        except (OSError, websocket.WebSocketException):
            return

    def times_of(self, press: Callable[[], None]) -> list[float]:
        """Press once; how long after the press each panel had the call, in milliseconds."""
        with self._lock:
            self._seen.clear()
        began = time.perf_counter()
        press()
        deadline = began + 10
        while len(self._seen) < len(self._sockets):
            if time.perf_counter() > deadline:
                raise RuntimeError("a panel missed a call")
            time.sleep(0.0005)
        with self._lock:
            return [(at - began) * 1000 for at in self._seen]

    def close(self) -> None:
        """Switch the panels off."""
        for wire in self._sockets:
            wire.close()


def _percentiles(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        "p50_ms": round(ordered[len(ordered) // 2], 2),
        "p99_ms": round(ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))], 2),
    }


def _vez(mode: str) -> dict[str, float]:
    with house.server(seats=CALLS, mode=mode) as running:
        key = {"Authorization": f"Bearer {running.kiosk}"}
        path = f"/api/v1/units/{house.UNIT}/tickets"
        issue = [
            load.request(
                "POST", path, key | {"Idempotency-Key": str(uuid.uuid4())}, {"service": house.SERVICE}
            )
            for _ in range(CALLS)
        ]
        load.run(running.host, running.port, [issue])
        panels = Panels(running.host, running.port, PANELS, running.panel)
        wire = load.Wire(running.host, running.port)
        times: list[float] = []
        for seat in running.seats:
            who = {"Cookie": f"vez_session={seat.cookie}", "X-CSRF-Token": seat.csrf}
            call = f"/api/v1/units/{house.UNIT}/counters/{seat.counter}/call-next"
            message = load.request("POST", call, who | {"Idempotency-Key": str(uuid.uuid4())}, {})
            times += panels.times_of(lambda message=message: _ask(wire, message))
            time.sleep(PAUSE_SECONDS)
        panels.close()
        return _percentiles(times)


def _ask(wire: load.Wire, message: bytes) -> None:
    status, body = wire.ask(message)
    if status != 200:
        raise RuntimeError(f"{status}: {body!r}")


def _bare(mode: str) -> dict[str, float]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    script = str(Path(__file__).with_name("bare_emit.py"))
    with subprocess.Popen([sys.executable, "-W", "ignore", script, str(port), mode]) as process:
        try:
            _wait(port)
            panels = Panels("127.0.0.1", port, PANELS, "")
            wire = load.Wire("127.0.0.1", port)
            message = load.request("POST", "/emit", {}, {})
            times: list[float] = []
            for _ in range(CALLS):
                times += panels.times_of(lambda: _ask(wire, message))
                time.sleep(PAUSE_SECONDS)
            panels.close()
            return _percentiles(times)
        finally:
            process.send_signal(signal.SIGTERM)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the bare server did not start")


def measure(mode: str = "eventlet") -> dict[str, Any]:
    """Both latencies and their difference."""
    bare, vez = _bare(mode), _vez(mode)
    beyond = round(vez["p99_ms"] - bare["p99_ms"], 2)
    report = {"mode": mode, "panels": PANELS, "calls": CALLS, "bare_emit": bare, "call_to_panel": vez}
    return report | {"p99_beyond_bare_ms": beyond, "floor_ms": BEYOND_MS, "ok": beyond <= BEYOND_MS}
