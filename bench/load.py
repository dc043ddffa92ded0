"""Clients for measuring: keep-alive sockets with ready-made bytes, so that the client costs as little as it can."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """What a run of requests took."""

    requests: int
    seconds: float
    latencies: tuple[float, ...]

    @property
    def per_second(self) -> float:
        """Throughput."""
        return self.requests / self.seconds

    def percentile(self, share: float) -> float:
        """Latency in milliseconds that ``share`` of the requests kept."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000

    def summary(self) -> dict[str, float]:
        """For the report."""
        return {
            "per_second": round(self.per_second, 1),
            "p50_ms": round(self.percentile(0.5), 2),
            "p99_ms": round(self.percentile(0.99), 2),
        }


def request(method: str, path: str, headers: dict[str, str], body: object = None) -> bytes:
    """One HTTP/1.1 request as bytes."""
    payload = b"" if body is None else json.dumps(body).encode()
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: bench",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(payload)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + payload


class Wire:
    """One keep-alive connection."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._left = b""

    def ask(self, message: bytes) -> tuple[int, bytes]:
        """Send one request and read its whole answer: (status, body)."""
        self._socket.sendall(message)
        data = self._left
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more()
        head = data[:end].decode("latin-1")
        length = next(
            int(line[15:]) for line in head.split("\r\n") if line.lower().startswith("content-length:")
        )
        start = end + 4
        while len(data) < start + length:
            data += self._more()
        self._left = data[start + length :]
        return int(head[9:12]), data[start : start + length]

    def _more(self) -> bytes:
        chunk = self._socket.recv(65536)
        if not chunk:
            raise ConnectionError("the server closed the connection")
        return chunk

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def run(host: str, port: int, work: Sequence[Sequence[bytes]], good: Sequence[int] = (200, 201)) -> Result:
    """Each inner list is one client's requests, sent one after another; clients run at once.

    Raises RuntimeError when any answer has another status than ``good``.
    """
    gate = threading.Barrier(len(work) + 1)
    latencies: list[list[float]] = [[] for _ in work]
    wrong: list[tuple[int, bytes]] = []

    def client(messages: Sequence[bytes], times: list[float]) -> None:
        wire = Wire(host, port)
        gate.wait()
        for message in messages:
            began = time.perf_counter()
            status, body = wire.ask(message)
            times.append(time.perf_counter() - began)
            if status not in good:
                wrong.append((status, body))
        wire.close()

    threads = [threading.Thread(target=client, args=pair) for pair in zip(work, latencies, strict=True)]
    for thread in threads:
        thread.start()
    gate.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    if wrong:
        raise RuntimeError(f"{len(wrong)} wrong answers, e.g. {wrong[0]}")
    flat = tuple(t for times in latencies for t in times)
    return Result(len(flat), seconds, flat)
