"""The bell: a websocket on which the server says that there is a job, so that nobody has to poll.

A hint and nothing more: without it the agent claims by long poll. It speaks Socket.IO (protocol 5 over
Engine.IO 4, websocket only) by itself, because python-socketio alone would take 24 MB of the agent's 60.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import websocket

log = logging.getLogger(__name__)
_NAMESPACE = "/live"


class Wake:
    """Keeps one websocket to the server; calls `rung` for each `print_job` and after each connection, and `ordered`
    with the staff's orders when they change.
    """

    def __init__(
        self, server: str, token: str, rung: Callable[[], None],
        ordered: Callable[[object], object] = lambda _orders: None,
    ) -> None:  # fmt: skip
        url = urlsplit(server)
        scheme = "wss" if url.scheme == "https" else "ws"
        self._url = f"{scheme}://{url.netloc}{url.path.rstrip('/')}/socket.io/?EIO=4&transport=websocket"
        self._token = token
        self._rung = rung
        self._ordered = ordered
        self._stop = threading.Event()
        self._socket: Any = None
        self.connected = False
        self._thread = threading.Thread(target=self._run, name="wake", daemon=True)

    def start(self) -> None:
        """Connect in the background, for ever."""
        self._thread.start()

    def stop(self) -> None:
        """Hang up."""
        self._stop.set()
        socket = self._socket
        if socket is not None:
            socket.close(timeout=0)

    def _run(self) -> None:
        pause = 0.5
        while not self._stop.is_set():
            try:
                self._listen()
            except (websocket.WebSocketException, OSError, ValueError, TypeError) as error:
                log.debug("sem campainha: %s", error)
            if self.connected:
                pause = 0.5
            self.connected = False
            self._rung()  # the station falls back to the long poll at once
            self._stop.wait(pause)
            pause = min(pause * 2, 10.0)

    def _listen(self) -> None:
        socket = websocket.create_connection(self._url, timeout=5)
        self._socket = socket
        try:
            hello = _packet(socket.recv(), "0")
            patience = (float(hello["pingInterval"]) + float(hello["pingTimeout"])) / 1000
            socket.send(f"40{_NAMESPACE}," + json.dumps({"token": self._token}))
            socket.settimeout(patience)
            while not self._stop.is_set():
                self._hear(socket, socket.recv())
        finally:
            self._socket = None
            socket.close(timeout=0)

    def _hear(self, socket: Any, message: Any) -> None:
        if message == "2":
            socket.send("3")
        elif (
            not isinstance(message, str)
            or message in {"", "1"}
            or message.startswith((f"44{_NAMESPACE}", "41"))
        ):
            raise websocket.WebSocketException("o servidor encerrou a campainha")
        elif message.startswith(f"40{_NAMESPACE}"):
            self.connected = True
            self._rung()
        elif message.startswith(f"42{_NAMESPACE},"):
            event = json.loads(message.split(",", 1)[1].lstrip("0123456789"))
            if isinstance(event, list) and event[:1] == ["print_job"]:
                self._rung()
            elif isinstance(event, list) and event[:1] == ["orders"] and len(event) > 1:
                self._ordered(event[1])
                self._rung()


def _packet(message: Any, kind: str) -> dict[str, Any]:
    if not isinstance(message, str) or not message.startswith(kind):
        raise ValueError("o servidor não fala Socket.IO")
    body = json.loads(message[1:])
    if not isinstance(body, dict):
        raise TypeError("o servidor não fala Socket.IO")
    return body
