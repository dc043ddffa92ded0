"""Printers behind a path: a device file, a pseudo-terminal, a named pipe, or a plain file for trying things
out.
"""

from __future__ import annotations

import os
import stat
import termios
import tty
from pathlib import Path

from printer.transports.base import Transport, TransportError


class File(Transport):
    """Opens without blocking; a terminal is switched to raw mode, or it would turn LF into CR LF."""

    scheme = "file"

    def __init__(self, path: str) -> None:
        self.path = path
        self.address = f"{self.scheme}://{path}"
        self._fd: int | None = None

    def open(self, timeout: float) -> None:
        del timeout  # opening without blocking takes no time
        self.close()
        try:
            mode = Path(self.path).stat().st_mode
            self.two_way = not stat.S_ISREG(mode) and not stat.S_ISFIFO(mode)
            flags = os.O_RDWR if self.two_way else os.O_WRONLY | os.O_APPEND
            self._fd = os.open(self.path, flags | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
            if os.isatty(self._fd):
                tty.setraw(self._fd, termios.TCSANOW)
        except (OSError, termios.error) as error:
            self.close()
            raise TransportError(f"{self.address}: não abre ({error})") from error

    def close(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def fileno(self) -> int:
        if self._fd is None:
            raise TransportError(f"{self.address}: sem conexão")
        return self._fd

    def send_some(self, data: memoryview) -> int:
        return os.write(self.fileno(), data)

    def receive_some(self, size: int) -> bytes:
        return os.read(self.fileno(), size)
