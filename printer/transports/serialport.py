"""Serial printers, through pyserial. Speed and flow control are set at the printer: read its self-test."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

import serial

from printer.transports.base import BadAddress, Transport, TransportError

_FLOWS = {"rtscts": "rtscts", "dsrdtr": "dsrdtr", "xonxoff": "xonxoff", "none": ""}


class SerialPort(Transport):
    """`serial:///dev/ttyS0?baud=115200&flow=dsrdtr`; 8 bits, no parity, as every ESC/POS printer comes."""

    def __init__(self, path: str, options: Mapping[str, str]) -> None:
        self.path = path
        self.address = f"serial://{path}"
        flow = options.get("flow", "none")
        try:
            self.baud = int(options.get("baud", "115200"))
        except ValueError:
            raise BadAddress(f"velocidade serial inválida: {options['baud']}") from None
        if flow not in _FLOWS:
            raise BadAddress(f"controle de fluxo inválido: {flow}; use {', '.join(_FLOWS)}")
        self._flow: dict[str, Any] = {_FLOWS[flow]: True} if _FLOWS[flow] else {}
        self._port: serial.Serial | None = None

    def open(self, timeout: float) -> None:
        del timeout  # opening a serial port takes no time
        self.close()
        try:
            # Zero timeouts make pyserial write and read without blocking; the deadline is Transport's.
            self._port = serial.Serial(
                self.path, self.baud, timeout=0, write_timeout=0, exclusive=True, **self._flow
            )
        except (OSError, ValueError) as error:
            raise TransportError(f"{self.address}: não abre ({error})") from error

    def close(self) -> None:
        if self._port is not None:
            with contextlib.suppress(OSError):
                self._port.reset_output_buffer()  # else closing waits for a printer that has stopped
                self._port.close()
            self._port = None

    def _open_port(self) -> serial.Serial:
        if self._port is None:
            raise TransportError(f"{self.address}: sem conexão")
        return self._port

    def fileno(self) -> int:
        return int(self._open_port().fileno())

    def send_some(self, data: memoryview) -> int:
        written = self._open_port().write(bytes(data))
        if not written:
            raise BlockingIOError
        return int(written)

    def receive_some(self, size: int) -> bytes:
        return bytes(self._open_port().read(size))
