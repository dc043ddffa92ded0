"""What all transports share: non-blocking writes and reads against a deadline, counting accepted bytes.

python-escpos' own connectors are not used: they have no write deadline, take an unread write for success
and never reconnect (measured, PRINTING 1.4).
"""

from __future__ import annotations

import select
import time


class BadAddress(ValueError):
    """The address means nothing; the message is one Portuguese line."""


class TransportError(Exception):
    """The printer cannot be reached or stopped accepting. `accepted` bytes of the write had gone out
    already.
    """

    def __init__(self, message: str, accepted: int = 0) -> None:
        super().__init__(message)
        self.accepted = accepted


class Transport:
    """One way to one printer. Not thread-safe: one writer per printer is the rule of the house."""

    #: Whether the printer can answer. Without answers nothing is ever reported as printed.
    two_way = True
    address = ""

    def open(self, timeout: float) -> None:
        """Connect within `timeout` seconds. Raises TransportError."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the device. Never raises; may be called twice."""
        raise NotImplementedError

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        raise NotImplementedError

    def send_some(self, data: memoryview) -> int:
        """Write what fits now, without blocking; return the count. Raises OSError."""
        raise NotImplementedError

    def receive_some(self, size: int) -> bytes:
        """Read what is there, without blocking; b"" means that the other side has gone. Raises OSError."""
        raise NotImplementedError

    def write(self, data: bytes, timeout: float) -> None:
        """Write all of `data` within `timeout` seconds. Raises TransportError with the count accepted so
        far.
        """
        deadline = time.monotonic() + timeout
        rest = memoryview(data)
        try:
            while rest:
                if not self._wait(select.POLLOUT, deadline):
                    raise TransportError(
                        f"{self.address}: a impressora parou de receber", len(data) - len(rest)
                    )
                try:
                    rest = rest[self.send_some(rest) :]
                except BlockingIOError:
                    continue
        except OSError as error:
            raise TransportError(
                f"{self.address}: {error.strerror or error}", len(data) - len(rest)
            ) from error

    def read(self, timeout: float, size: int = 512) -> bytes:
        """Return what arrives within `timeout` seconds, b"" if nothing does. Raises TransportError when it
        has gone.
        """
        if not self.two_way:
            return b""
        try:
            if not self._wait(select.POLLIN, time.monotonic() + timeout):
                return b""
            data = self.receive_some(size)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise TransportError(f"{self.address}: {error.strerror or error}") from error
        if not data:
            raise TransportError(f"{self.address}: a impressora fechou a conexão")
        return data

    def _wait(self, event: int, deadline: float) -> bool:
        """Wait for `event`, an error or the deadline; errors are left to the next call to find and name."""
        poll = select.poll()
        poll.register(self.fileno(), event)
        left = max(0.0, deadline - time.monotonic())
        return bool(poll.poll(int(left * 1000) + 1))
