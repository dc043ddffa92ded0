"""Real servers: `vez serve` in a process of its own, plain HTTP clients, and sockets as the screens open them."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import socketio
from city import Seeded
from waiting import wait_until

NAMESPACE = "/live"
READY_SECONDS = 60
STOP_SECONDS = 20


@dataclass
class Answer:
    """What a server said."""

    status: int
    body: Any
    headers: dict[str, str]


class Client:
    """One keep-alive connection, as a kiosk, a panel, an agent or a browser tab has one."""

    def __init__(self, base_url: str, token: str = "", timeout: float = 30) -> None:
        self.base_url = base_url
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._timeout = timeout
        self._connection: http.client.HTTPConnection | None = None

    def log_in(self, username: str, password: str = "vez-demo") -> Client:
        """Become a member of staff."""
        answer = self("POST", "/session", {"username": username, "password": password})
        assert answer.status == 200, answer
        cookie = answer.headers["set-cookie"].partition(";")[0]
        self.headers = {"Cookie": cookie, "X-CSRF-Token": answer.body["csrf_token"]}
        return self

    def twin(self) -> Client:
        """The same person in another tab: same session, own connection."""
        other = Client(self.base_url, timeout=self._timeout)
        other.headers = dict(self.headers)
        return other

    def __call__(self, method: str, path: str, body: Any = None, key: str | None = None) -> Answer:
        """One call under /api/v1 (or at the root for a path that begins with //). Raises OSError, HTTPException."""
        headers = dict(self.headers)
        data = None
        if method in ("POST", "PUT"):
            data, headers["Content-Type"] = json.dumps(body or {}).encode(), "application/json"
        if key is not None:
            headers["Idempotency-Key"] = key
        path = path[1:] if path.startswith("//") else f"/api/v1{path}"
        if self._connection is None:
            address = urlsplit(self.base_url)
            self._connection = http.client.HTTPConnection(
                address.hostname or "", address.port, timeout=self._timeout
            )
        try:
            self._connection.request(method, path, data, headers)
            response = self._connection.getresponse()
            raw = response.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        said = {name.lower(): value for name, value in response.getheaders()}
        is_json = said.get("content-type", "").startswith("application/json")
        return Answer(response.status, json.loads(raw) if is_json and raw else raw, said)

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@dataclass
class Served:
    """A running server."""

    base_url: str
    seeded: Seeded
    process: subprocess.Popen[bytes]
    log_path: Path
    database_url: str
    settings: tuple[str, ...] = ()  # the names of what was set, e.g. VEZ_REDIS_URL
    clients: list[Client] = field(default_factory=list)

    def log(self) -> str:
        """Everything it has said."""
        return self.log_path.read_text(errors="replace")

    def client(self, token: str = "") -> Client:
        """A new connection; closed with the server."""
        made = Client(self.base_url, token)
        self.clients.append(made)
        return made

    def device(self, kind: str, unit: str = "centro") -> Client:
        """A device's connection."""
        return self.client(self.seeded.token(kind, unit))

    def staff(self, username: str) -> Client:
        """A person, logged in."""
        return self.client().log_in(username)

    def kill(self) -> None:
        """The power goes: no process of it gets another instruction."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextlib.contextmanager
def serving(
    vez: str,
    folder: Path,
    database_url: str,
    seeded: Seeded,
    port: int = 0,
    **settings: str | int,
) -> Iterator[Served]:
    """`vez serve` until the block ends; it must then stop cleanly by SIGTERM. Settings by name: ``async_="gevent"``."""
    port = port or _free_port()
    names = {f"VEZ_{name.rstrip('_').upper()}": str(value) for name, value in settings.items() if value}
    base_url = f"http://127.0.0.1:{port}"
    env = {**os.environ, "VEZ_DATABASE_URL": database_url, "VEZ_DATA_DIR": str(folder)}
    env |= {"VEZ_PUBLIC_URL": base_url, **names}
    log_path = folder / "server.log"
    with log_path.open("ab") as log:
        process = subprocess.Popen(
            [vez, "serve", "--port", str(port)],
            env=env,
            stdout=log,
            stderr=log,
            cwd=folder,
            start_new_session=True,
        )
    served = Served(base_url, seeded, process, log_path, database_url, tuple(names))
    try:
        wait_until(lambda: _is_ready(served), READY_SECONDS, "vez serve is ready")
        yield served
        # Open connections would keep a stopping server waiting for its whole time of grace.
        hang_up(served)
        stop(served)
    finally:
        hang_up(served)
        if process.poll() is None:
            served.kill()


def hang_up(served: Served) -> None:
    """End every client's connection."""
    for client in served.clients:
        client.close()


def stop(served: Served) -> None:
    """SIGTERM, and a clean end."""
    if served.process.poll() is not None:
        return  # a test has killed it
    served.process.terminate()
    code = served.process.wait(STOP_SECONDS)
    assert code == 0, f"vez serve ended with {code}:\n{served.log()[-3000:]}"


def _is_ready(served: Served) -> bool:
    if served.process.poll() is not None:
        raise AssertionError(f"vez serve ended with {served.process.returncode}:\n{served.log()[-3000:]}")
    client = Client(served.base_url, timeout=5)
    try:
        return client("GET", "//readyz").status == 200
    except OSError:
        return False
    finally:
        client.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Screen:
    """A socket as a screen opens it: websocket only, with everything it was told, and when."""

    def __init__(self, base_url: str, token: str = "", cookie: str = "") -> None:
        self.events: list[dict[str, Any]] = []
        self.hints: list[dict[str, Any]] = []
        self.arrived: dict[int, float] = {}
        self.lost = threading.Event()
        self._client = socketio.Client(reconnection=False, websocket_extra_options={"timeout": 10})
        self._client.on("event", self._event, namespace=NAMESPACE)
        self._client.on("print_job", self.hints.append, namespace=NAMESPACE)
        self._client.on("disconnect", lambda *_: self.lost.set(), namespace=NAMESPACE)
        try:
            self._client.connect(
                base_url,
                headers={"Cookie": cookie} if cookie else {},
                auth={"token": token} if token else None,
                transports=["websocket"],
                namespaces=[NAMESPACE],
                wait_timeout=10,
            )
        except socketio.exceptions.ConnectionError:
            self.close()
            raise
        self._wire = self._client.eio.ws

    def _event(self, event: dict[str, Any]) -> None:
        self.arrived[event["seq"]] = time.monotonic()
        self.events.append(event)

    def join(self, unit: Any, after: Any = None, **more: Any) -> dict[str, Any]:
        """The ack of ``join``."""
        return self.say("join", {"unit": unit, "after": after, **more})

    def say(self, name: str, message: Any) -> Any:
        """The ack of any message."""
        return self._client.call(name, message, namespace=NAMESPACE, timeout=10)

    def seqs(self) -> list[int]:
        """The numbers of the events that came, in the order they came."""
        return [event["seq"] for event in self.events]

    def local_port(self) -> int:
        """This end of the wire, by which the server's process can be found."""
        return int(self._wire.sock.getsockname()[1])

    def send_raw(self, frames: bytes) -> None:
        """Bytes of ready-made frames, past the client's own manners."""
        self._wire.sock.sendall(frames)

    def cut(self) -> None:
        """The cable is pulled: no goodbye is said."""
        self._wire.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Leave politely; returns when the wire is down."""
        wire = self._client.eio.ws
        self._client.disconnect()
        # engine.io's writer sleeps on for half a minute when the other end has hung up first: nobody need wait for it.
        if not self.lost.is_set():
            self._client.eio.wait()
        if wire is not None:
            wire.shutdown()  # engine.io leaves it open when the other end hung up first


@contextlib.contextmanager
def screens() -> Iterator[Callable[..., Screen]]:
    """Opens sockets, and closes those that are left at the end."""
    opened: list[Screen] = []

    def open_one(served: Served, token: str = "", cookie: str = "") -> Screen:
        opened.append(Screen(served.base_url, token, cookie))
        return opened[-1]

    try:
        yield open_one
    finally:
        for screen in opened:
            screen.close()


def process_of(port: int, group: int) -> int | None:
    """Which process of a group holds the other end of a TCP connection from ``port`` (Linux: /proc)."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[2].rpartition(":")[2], 16) == port:
            wanted = f"socket:[{fields[9]}]"
            for process in Path("/proc").glob("[0-9]*"):
                with contextlib.suppress(OSError):
                    if os.getpgid(int(process.name)) == group and any(
                        str(end.readlink()) == wanted for end in process.glob("fd/*")
                    ):
                        return int(process.name)
    return None
