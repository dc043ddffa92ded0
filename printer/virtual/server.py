"""The virtual printer's socket: one thread per connection, several at once, faults on the line included."""

from __future__ import annotations

import contextlib
import logging
import socket
import struct
import threading

from printer.virtual.machine import Machine

log = logging.getLogger(__name__)
_MAX_CONNECTIONS = 32


class Server:
    """Listens on `host`:`port` (0 picks a free one) and feeds a Machine."""

    def __init__(self, machine: Machine, host: str = "127.0.0.1", port: int = 9100) -> None:
        self.machine = machine
        self.host = host
        self.port = port
        self._listener: socket.socket | None = None
        self._lines: set[_Line] = set()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Listen. Raises OSError when the address is taken."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self._listener = socket.create_server((self.host, self.port), family=family, backlog=16)
        self._listener.settimeout(0.2)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, name="virtual-accept", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close everything and wait."""
        self._stop.set()
        if self._listener is not None:
            self._listener.close()
        self.drop_all(reset=False)
        if self._thread is not None:
            self._thread.join(5)

    def drop_all(self, *, reset: bool) -> None:
        """Close every connection, with a reset if wanted."""
        with self._lock:
            lines = list(self._lines)
        for line in lines:
            line.drop(reset=reset)

    def connections(self) -> int:
        """Return how many clients are connected."""
        with self._lock:
            return len(self._lines)

    def _accept(self) -> None:
        listener = self._listener
        while listener is not None and not self._stop.is_set():
            try:
                sock, _peer = listener.accept()
            except TimeoutError:
                if not self.machine.faults.power:
                    self.drop_all(reset=True)
                continue
            except OSError:
                return
            if not self.machine.faults.power or self.connections() >= _MAX_CONNECTIONS:
                sock.close()
                continue
            line = _Line(sock, self)
            with self._lock:
                self._lines.add(line)
            threading.Thread(target=line.run, name="virtual-line", daemon=True).start()

    def gone(self, line: _Line) -> None:
        """A line reports its end."""
        with self._lock:
            self._lines.discard(line)


class _Line:
    """One connected client."""

    def __init__(self, sock: socket.socket, server: Server) -> None:
        self.sock = sock
        self.server = server
        self.machine = server.machine
        self.over = threading.Event()
        sock.settimeout(0.2)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def run(self) -> None:
        try:
            while not self.over.is_set():
                if not self.machine.faults.power:
                    self.drop(reset=True)
                elif self.machine.faults.stall:
                    self.over.wait(0.05)  # the client's bytes pile up in the kernel
                else:
                    self._read()
        finally:
            self.machine.forget(self.answer)
            self.drop(reset=False)
            self.server.gone(self)

    def _read(self) -> None:
        try:
            data = self.sock.recv(1024)
        except TimeoutError:
            return
        except OSError:
            data = b""
        if not data:
            self.over.set()
            return
        while self.machine.faults.stall and not self.over.is_set():
            self.over.wait(0.05)  # taken from the wire just before, but not looked at
        data, cut_line = self._line_faults(data)
        self.machine.receive(data, self.answer, self.over.is_set)
        if cut_line:
            self.drop(reset=cut_line == "rst")

    def _line_faults(self, data: bytes) -> tuple[bytes, str]:
        """Return the bytes that still get through, and "drop" or "rst" if the line breaks after them."""
        for name in ("drop", "rst"):
            left = getattr(self.machine.faults, f"{name}_after")
            if left is None:
                continue
            if len(data) >= left:
                setattr(self.machine.faults, f"{name}_after", None)
                return data[:left], name
            setattr(self.machine.faults, f"{name}_after", left - len(data))
        return data, ""

    def answer(self, data: bytes) -> None:
        """Send status back; a client that does not read it loses it."""
        if data and not self.over.is_set():
            with contextlib.suppress(OSError):
                self.sock.send(data)

    def drop(self, *, reset: bool) -> None:
        """Close the connection, by FIN or by RST."""
        self.over.set()
        with contextlib.suppress(OSError):
            if reset:
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()
