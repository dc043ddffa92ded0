"""A TCP line to a server that can be cut, or swallow everything without a word: what a bad network does to a screen."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Self
from urllib.parse import urlsplit


class FaultyLine:
    """A proxy in threads; ``base_url`` is its near end."""

    def __init__(self, server_url: str) -> None:
        parts = urlsplit(server_url)
        self._far = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.base_url = f"http://127.0.0.1:{self.port}"
        self._wires: list[socket.socket] = []
        self._forsaken: set[socket.socket] = set()
        self._open = threading.Event()  # closed: bytes are read and thrown away
        self._open.set()
        self._over = False

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over = True
        self._listener.close()
        self._hang_up()

    def break_(self, fault: str) -> None:
        """``cut``: every connection ends now; ``blackhole``: they stay open, and nothing goes through any more."""
        self._open.clear()
        if fault == "cut":
            self._hang_up()

    def forsake(self) -> None:
        """The wires of now swallow everything for good and are never hung up; new ones work: another host has taken
        over the address of one that vanished."""
        self._forsaken.update(self._wires)

    def mend(self) -> None:
        """New connections work again; those that were swallowed stay dead, as after a real outage."""
        self._hang_up()
        self._open.set()

    def _hang_up(self) -> None:
        wires, self._wires = self._wires, []
        for wire in wires:
            with contextlib.suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)
            wire.close()

    def _accept(self) -> None:
        while not self._over:
            try:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._far, 5)
            except OSError:
                continue
            self._wires += [near, far]
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(source, target), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if self._open.is_set() and source not in self._forsaken:
                    target.sendall(data)
            if source not in self._forsaken:
                target.shutdown(socket.SHUT_WR)
