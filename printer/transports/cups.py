"""A CUPS queue, raw. The last resort: CUPS says "completed" while the printer is out of paper and drops
jobs, so nothing sent this way is ever reported as printed.
"""

from __future__ import annotations

import shutil
import subprocess

from printer.transports.base import Transport, TransportError


class Cups(Transport):
    """Hands the whole job to `lp -o raw`."""

    two_way = False

    def __init__(self, queue: str) -> None:
        self.queue = queue
        self.address = f"cups://{queue}"

    def open(self, timeout: float) -> None:
        lpstat = shutil.which("lpstat")
        if lpstat is None or shutil.which("lp") is None:
            raise TransportError(f"{self.address}: o CUPS (comando lp) não está instalado")
        try:
            done = subprocess.run(
                [lpstat, "-p", self.queue], capture_output=True, timeout=timeout, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise TransportError(f"{self.address}: o CUPS não responde") from error
        if done.returncode:
            raise TransportError(f"{self.address}: fila desconhecida no CUPS")

    def close(self) -> None:
        pass

    def write(self, data: bytes, timeout: float) -> None:
        command = [shutil.which("lp") or "lp", "-s", "-d", self.queue, "-o", "raw", "--", "-"]
        try:
            done = subprocess.run(command, input=data, capture_output=True, timeout=timeout, check=False)
        except subprocess.TimeoutExpired as error:
            # Some of it may be in the queue: count it as accepted, or it might come out twice.
            raise TransportError(f"{self.address}: o CUPS não responde", len(data)) from error
        except OSError as error:
            raise TransportError(f"{self.address}: {error}") from error
        if done.returncode:
            raise TransportError(f"{self.address}: {done.stderr.decode(errors='replace').strip()[:200]}")
