"""A fake server that speaks docs/protocol.md honestly, and virtual printers. (Long: two neighbours.)"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from waiting import wait_until

from printer import job as machine
from printer.agent import Agent
from printer.config import StationConfig
from printer.device import Limits
from printer.virtual.machine import Machine
from printer.virtual.server import Server

#: Deadlines short enough for tests, long enough for a busy machine.
QUICK = Limits(
    connect=2.0, write=2.0, answer=0.3, confirm=2.0, id_grace=0.5, backoff_first=0.05, backoff_last=0.2
)

DOCUMENT = {
    "unit": "Pró-Cidadão Centro",
    "header": "Prefeitura de Florianópolis",
    "label": "PA001",
    "service": "IPTU: segunda via e débitos",
    "tier": "priority",
    "tier_text": "Prioritário",
    "issued_at": "2026-11-23T09:12:03-03:00",
    "ahead": 4,
    "estimate": {"low": 10, "high": 20},
    "wait_text": "4 pessoas à frente · espera estimada 10–20 min",
    "follow_url": "https://vez.example/t/Ab3dEf7hIj1kLmN0pQrS",
    "message": "Aguarde a chamada no painel.",
    "copy_text": None,
    "language": "pt-BR",
    "short_id": "0193-7F2C",
}


class FakeServer:
    """Jobs, leases, reports and heartbeats, in memory. `refuse` maps a path's end to (status, code)."""

    def __init__(self) -> None:
        self.jobs: dict[str, dict[str, Any]] = {}
        self.reports: list[tuple[str, dict[str, Any]]] = []
        self.beats: list[dict[str, Any]] = []
        self.refuse: dict[str, tuple[int, str]] = {}
        self.lease_seconds = 20.0
        self.codes: dict[str, str] = {}  # pairing code: kind of device
        self.orders: dict[str, Any] = {"paused": False, "roll": None}
        self.clock_ahead = timedelta(0)
        self.changed = threading.Condition()
        self.port = 0
        self._http: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen; after `stop` on the same port again, as a server that restarts."""
        handler = type("Handler", (_Handler,), {"fake": self})
        self._http = _Quiet(("127.0.0.1", self.port), handler)
        self._http.daemon_threads = True
        self.port = self._http.server_address[1]
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        if self._http is not None:
            self._http.shutdown()
            self._http.server_close()
            self._http = None

    def now(self) -> datetime:
        return datetime.now(UTC) + self.clock_ahead

    def add(
        self, label: str = "PA001", *, copy: int = 1, life: float = 180.0, token: str = "t1", **document: Any
    ):
        """Queue a job and return its id."""
        job_id = str(uuid.uuid4())
        with self.changed:
            self.jobs[job_id] = {
                "id": job_id,
                "key": f"{label}-{len(self.jobs)}:{copy}",
                "copy": copy,
                "state": machine.State.QUEUED,
                "cause": None,
                "token": token,
                "lease": 0.0,
                "leases": 0,
                "created": self.now(),
                "expires": self.now() + timedelta(seconds=life),
                "document": {**DOCUMENT, "label": label, **document},
            }
            self.changed.notify_all()
        return job_id

    def state(self, job_id: str) -> str:
        return str(self.jobs[job_id]["state"])

    def states_told(self, job_id: str) -> list[str]:
        return [body["state"] for known, body in self.reports if known == job_id]

    def claim(self, token: str, wait: float) -> dict[str, Any] | None:
        deadline, running = time.monotonic() + wait, self._http
        with self.changed:
            # Who asked a server that has stopped since gets no job.
            while self._http is running and not self.orders["paused"]:
                found = next((j for j in self.jobs.values() if j["token"] == token and self._free(j)), None)
                if found:
                    found["state"] = machine.State.CLAIMED
                    found["lease"] = time.monotonic() + self.lease_seconds
                    found["leases"] += 1
                    return self._view(found)
                left = deadline - time.monotonic()
                if left <= 0:
                    break
                self.changed.wait(min(left, 0.1))
        return None

    def _free(self, job: dict[str, Any]) -> bool:
        if job["lease"] and job["lease"] < time.monotonic() and job["state"] not in machine.FINAL:
            job["lease"] = 0.0
            if job["state"] not in (machine.State.QUEUED, machine.State.UNKNOWN):
                job["state"] = machine.advance(job["state"], machine.Event.LEASE_LOST)
        return bool(job["state"] is machine.State.QUEUED)

    def _view(self, job: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": job["id"],
            "key": job["key"],
            "copy": job["copy"],
            "lease": job["leases"],
            "lease_seconds": self.lease_seconds,
            "created_at": job["created"].isoformat(),
            "expires_at": job["expires"].isoformat(),
            "document": job["document"],
        }

    def report(self, job_id: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        with self.changed:
            job = self.jobs.get(job_id)
            if job is None:
                return 404, _error("unknown_print_job")
            if body.get("lease") != job["leases"]:
                return 409, _error("lease_lost")
            try:
                job["state"] = machine.advance(job["state"], machine.Event(machine.REPORTS[body["state"]]))
            except machine.IllegalMove:
                return 409, _error("illegal_transition")
            job["cause"] = body.get("cause")
            job["lease"] = time.monotonic() + self.lease_seconds
            self.reports.append((job_id, body))
            self.changed.notify_all()
            return 200, {"job": {"id": job_id, "state": job["state"], "cause": job["cause"]}}


def _error(code: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": code, "detail": {}}}


class _Quiet(ThreadingHTTPServer):
    """Closes its connections when it stops, as a process that ends does."""

    def __init__(self, *args: Any) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(*args)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        super().server_close()
        for request in list(self._open):
            with contextlib.suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """An agent that hangs up in the middle of a long poll is no error."""


class _Handler(BaseHTTPRequestHandler):
    fake: FakeServer
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string((timestamp or time.time()) + self.fake.clock_ahead.total_seconds())

    def do_GET(self) -> None:
        for end, (status, code) in self.fake.refuse.items():
            if self.path.endswith(end):
                self._answer(status, _error(code))
                return
        self._answer(200, {"device": {"id": "p1", "kind": "printer", "unit": "centro", "name": "Impressora"}})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        path = self.path.removeprefix("/api/v1")
        for end, (status, code) in self.fake.refuse.items():
            if path.endswith(end):
                self._answer(status, _error(code))
                return
        if path == "/devices/pair":
            kind = self.fake.codes.pop(body["code"], None)
            device = {"id": "d1", "kind": kind, "unit": "centro", "name": "Impressora"}
            token = {"token": f"token-of-{body['code']}", "device": device}
            self._answer(*((201, token) if kind else (404, _error("unknown_pairing_code"))))
        elif path == "/print-jobs/claim":
            token = self.headers["Authorization"].removeprefix("Bearer ")
            self._answer(
                200, {"job": self.fake.claim(token, body.get("wait", 0)), "orders": self.fake.orders}
            )
        elif path == "/devices/heartbeat":
            with self.fake.changed:
                self.fake.beats.append(body["state"])
            self._answer(204, None)
        else:
            self._answer(*self.fake.report(path.split("/")[2], body))

    def _answer(self, status: int, body: dict[str, Any] | None) -> None:
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class VirtualPrinter:
    """A virtual printer that can be switched off and on again on the same port."""

    def __init__(self, **options: Any) -> None:
        self.options = {"speed": 0.0, **options}
        self.port = 0
        self.machine: Machine
        self.server: Server
        self.on()

    def on(self) -> None:
        self.machine = Machine(**self.options)
        self.server = Server(self.machine, port=self.port)
        self.server.start()
        self.port = self.server.port
        self.machine.start()

    def off(self) -> None:
        self.server.drop_all(reset=True)
        self.server.stop()
        self.machine.stop()

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    def labels(self) -> list[str]:
        """The numbers of the tickets in the tray, oldest first."""
        return [ticket.sheet_text.split("\n")[3].strip() for ticket in self.machine.tickets]


@pytest.fixture
def make_printer():
    """Return a maker of virtual printers; all are switched off afterwards."""
    made: list[VirtualPrinter] = []

    def make(**options: Any) -> VirtualPrinter:
        made.append(VirtualPrinter(**options))
        return made[-1]

    yield make
    for one in made:
        one.off()


@pytest.fixture
def virtual(make_printer):
    return make_printer()


@pytest.fixture
def server():
    fake = FakeServer()
    fake.start()
    yield fake
    fake.stop()


@pytest.fixture
def make_agent(server, tmp_path):
    """Return a maker of running agents; all are stopped afterwards."""
    made: list[Agent] = []

    def make(*stations: tuple[str, str], limits: Limits = QUICK, data: str = "data", **options: Any) -> Agent:
        configs = [
            StationConfig(server.url, token, address, name=f"estação {token}", **options)
            for token, address in stations
        ]
        agent = Agent(configs, tmp_path / data, limits)
        agent.start()
        made.append(agent)
        return agent

    yield make
    for one in made:
        one.stop()


@pytest.fixture
def wait():
    return wait_until


@pytest.fixture
def document():
    return dict(DOCUMENT)


@pytest.fixture
def quick():
    return QUICK


@pytest.fixture
def stranger():
    """Return a maker of TCP services that send the same bytes to everybody and are no printers."""
    listeners: list[socket.socket] = []

    def make(greeting: bytes) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        threading.Thread(target=_greet, args=(listener, greeting), daemon=True).start()
        return f"tcp://127.0.0.1:{listener.getsockname()[1]}"

    yield make
    for listener in listeners:
        listener.close()


def _greet(listener: socket.socket, greeting: bytes) -> None:
    kept = []
    while True:
        try:
            connection, _ = listener.accept()
            connection.sendall(greeting)
        except OSError:
            break
        kept.append(connection)
    for connection in kept:
        connection.close()
