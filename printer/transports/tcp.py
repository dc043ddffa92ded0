"""Network printers on port 9100, IPv4 and IPv6."""

from __future__ import annotations

import contextlib
import socket
import time
from typing import Any

from printer.transports.base import Transport, TransportError


class Tcp(Transport):
    """One connection, closed properly: some Epson interfaces count leaked ones until they refuse new ones."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self.address = f"tcp://[{host}]:{port}" if ":" in host else f"tcp://{host}:{port}"
        self._socket: socket.socket | None = None

    def open(self, timeout: float) -> None:
        """Try each address of the name until one answers; the name is looked up anew each time (DHCP)."""
        self.close()
        deadline = time.monotonic() + timeout
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise TransportError(f"{self.address}: nome desconhecido ({error.strerror or error})") from error
        reason: OSError | None = None
        for family, kind, protocol, _name, where in found:
            try:
                self._socket = self._connect(socket.socket(family, kind, protocol), where, deadline)
                return
            except OSError as error:
                reason = error
        raise TransportError(f"{self.address}: não conecta ({reason})")

    @staticmethod
    def _connect(sock: socket.socket, where: tuple[Any, ...], deadline: float) -> socket.socket:
        try:
            sock.settimeout(max(0.05, deadline - time.monotonic()))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            sock.connect(where)
            sock.setblocking(False)
        except OSError:
            sock.close()
            raise
        return sock

    def close(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
            self._socket = None

    def _open_socket(self) -> socket.socket:
        if self._socket is None:
            raise TransportError(f"{self.address}: sem conexão")
        return self._socket

    def fileno(self) -> int:
        return self._open_socket().fileno()

    def send_some(self, data: memoryview) -> int:
        return self._open_socket().send(data)

    def receive_some(self, size: int) -> bytes:
        return self._open_socket().recv(size)
