"""The server as the agent sees it: three HTTP calls under one token (docs/protocol.md, "Printing")."""

from __future__ import annotations

import contextlib
import json
import socket
import time
import weakref
from email.utils import parsedate_to_datetime
from typing import Any

import urllib3

_MAX_ANSWER = 512 * 1024


class Unreachable(Exception):
    """No answer, or none that makes sense: the network or the server is down. Try again later."""


class Refused(Exception):
    """The server said no: the HTTP `status` and the stable `code` (docs/protocol.md, "Errors")."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message or code)
        self.status = status
        self.code = code


class Client:
    """One station's line to the server. Safe to use from several threads."""

    def __init__(self, server: str, token: str, agent: str = "vez-printer") -> None:
        self.server = server.rstrip("/")
        self._pool = urllib3.PoolManager(
            num_pools=1,
            maxsize=4,
            retries=False,
            headers={"Authorization": f"Bearer {token}", "User-Agent": agent, "Accept-Language": "pt-BR"},
        )
        self._track_connections()
        #: Seconds that the server's clock is ahead of ours. Lifetimes are judged by its clock: ours may be a
        #: day off.
        self.skew = 0.0
        #: What the staff want of this station, as the latest claim told it (printer/orders.py).
        self.orders: object = None

    def me(self) -> dict[str, Any]:
        """Return the device that the token stands for."""
        device = self._call("GET", "/devices/me").get("device")
        if not isinstance(device, dict):
            raise Unreachable("a resposta do servidor não faz sentido")
        return device

    def claim(self, wait: int) -> dict[str, Any] | None:
        """Return a job under lease, or None; the server holds the answer for up to `wait` seconds."""
        answer = self._call("POST", "/print-jobs/claim", {"wait": wait} if wait else {}, wait + 10)
        self.orders = answer.get("orders")
        job = answer.get("job")
        return job if isinstance(job, dict) else None

    def report(self, job_id: str, state: str, *, timeout: float = 5.0, **facts: Any) -> None:
        """Say how a job stands. Raises Refused (409 `lease_lost`: it is somebody else's now) or
        Unreachable.
        """
        body = {"state": state} | {name: value for name, value in facts.items() if value is not None}
        self._call("POST", f"/print-jobs/{job_id}/report", body, timeout)

    def heartbeat(self, state: dict[str, Any]) -> None:
        """Say how the printer is."""
        self._call("POST", "/devices/heartbeat", {"state": state})

    def server_time(self) -> float:
        """Return the server's clock, in seconds since 1970, as far as known."""
        return time.time() + self.skew

    def _track_connections(self) -> None:
        """Remember open connections, so that `hang_up` can end a long poll: urllib3 has no way to interrupt
        one.
        """
        self._connections: weakref.WeakSet[Any] = weakref.WeakSet()
        track = self._connections.add
        pools: dict[str, Any] = {}
        for scheme, pool in (("http", urllib3.HTTPConnectionPool), ("https", urllib3.HTTPSConnectionPool)):
            kind: Any = pool.ConnectionCls

            def connect(connection: Any, kind: Any = kind) -> None:
                kind.connect(connection)
                track(connection)

            tracked = type(kind.__name__, (kind,), {"connect": connect})
            pools[scheme] = type(pool.__name__, (pool,), {"ConnectionCls": tracked})
        self._pool.pool_classes_by_scheme = pools

    def close(self) -> None:
        """Drop idle connections."""
        self._pool.clear()

    def hang_up(self) -> None:
        """End calls under way, from another thread; they raise Unreachable."""
        for connection in list(self._connections):
            sock = connection.sock
            if sock is not None:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    def _call(self, method: str, path: str, body: Any = None, timeout: float = 10.0) -> dict[str, Any]:
        try:
            answer = self._pool.request(
                method,
                f"{self.server}/api/v1{path}",
                body=None if body is None else json.dumps(body).encode(),
                headers={
                    **self._pool.headers,
                    **({} if body is None else {"Content-Type": "application/json"}),
                },
                timeout=urllib3.Timeout(connect=3.0, read=timeout),
                redirect=False,
                preload_content=False,
            )
            data = answer.read(_MAX_ANSWER)
            answer.drain_conn()
            answer.release_conn()
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise Unreachable(f"servidor {self.server} inacessível: {error}") from error
        self._note_clock(answer.headers.get("Date"))
        return _body(answer.status, data)

    def _note_clock(self, date: str | None) -> None:
        if date:
            try:
                skew = parsedate_to_datetime(date).timestamp() - time.time()
            except (ValueError, TypeError):
                return
            # The header has whole seconds: smaller differences are noise.
            self.skew = skew if abs(skew) > 2 else 0.0


def _body(status: int, data: bytes) -> dict[str, Any]:
    try:
        body = json.loads(data) if data else {}
    except ValueError:
        body = None
    if status >= 500:
        raise Unreachable(f"o servidor respondeu {status}")
    if not isinstance(body, dict):
        raise Unreachable(f"o servidor respondeu {status} com algo que não é JSON")
    if status >= 300:
        error = body.get("error")
        error = error if isinstance(error, dict) else {}
        raise Refused(status, str(error.get("code", status)), str(error.get("message", "")))
    return body
