"""Many screens, as a program of its own: ``python watch.py``. Bare websockets in one event loop.

Standard input, one JSON line each: the plan (host, port, screens as [unit, token]); at the end, the journal number that
each unit reached. Standard output: one line when all have joined; at the end what arrived, and what did not.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import struct
import sys
import time
from dataclasses import dataclass, field
from typing import Any

AT_ONCE = 40
PATIENCE_SECONDS = 20.0
AFTERWARDS_SECONDS = 2.5  # the relays look at the journal every second: what they told twice has come by then


@dataclass
class Screen:
    """One websocket: a hand-made frame reader, because a thousand threads would measure themselves."""

    unit: str
    token: str
    seqs: list[int] = field(default_factory=list)
    called: list[tuple[str, float]] = field(default_factory=list)
    first: int = 0
    lost: bool = False

    async def connect(self, host: str, port: int) -> None:
        """Upgrade, open the namespace, join the unit."""
        self.reader, self.writer = await asyncio.open_connection(host, port)
        key = base64.b64encode(os.urandom(16)).decode()
        head = [
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
            f"Host: {host}:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
        ]
        self.writer.write(("\r\n".join(head) + "\r\n\r\n").encode())
        answer = await self.reader.readuntil(b"\r\n\r\n")
        if b" 101 " not in answer.split(b"\r\n", 1)[0]:
            raise RuntimeError(f"no websocket: {answer[:200]!r}")
        await self._read()
        self._send("40/live," + json.dumps({"token": self.token}))
        await self._read()
        self._send('42/live,0["join",' + json.dumps({"unit": self.unit, "after": None}) + "]")
        while not (text := await self._read()).startswith("43"):
            pass
        ack = json.loads(text[text.index("[") :])[0]
        if "seq" not in ack:
            raise RuntimeError(f"not admitted: {ack}")
        self.first = ack["seq"]

    def _send(self, text: str) -> None:
        data, mask = text.encode(), os.urandom(4)
        size = (
            bytes([0x80 | len(data)])
            if len(data) < 126
            else bytes([0x80 | 126]) + struct.pack(">H", len(data))
        )
        masked = bytes(byte ^ mask[n % 4] for n, byte in enumerate(data))
        self.writer.write(b"\x81" + size + mask + masked)

    async def _read(self) -> str:
        while True:
            head = await self.reader.readexactly(2)
            size = head[1] & 0x7F
            if size == 126:
                (size,) = struct.unpack(">H", await self.reader.readexactly(2))
            elif size == 127:
                (size,) = struct.unpack(">Q", await self.reader.readexactly(8))
            data = await self.reader.readexactly(size)
            if head[0] & 0x0F == 8:
                raise ConnectionError("the server hung up")
            if head[0] & 0x0F == 1:
                text = data.decode()
                if text != "2":
                    return text
                self._send("3")

    async def listen(self) -> None:
        """Keep every event that comes, with the time of each call."""
        try:
            while True:
                text = await self._read()
                if not text.startswith('42/live,["event",'):
                    continue
                event = json.loads(text[8:])[1]
                self.seqs.append(event["seq"])
                if event["type"] == "ticket.called":
                    self.called.append((event["data"]["ticket"], time.monotonic()))
        except (OSError, asyncio.IncompleteReadError):
            self.lost = True


def _verdict(screens: list[Screen], ends: dict[str, int]) -> dict[str, Any]:
    missing = doubled = disordered = events = 0
    for screen in screens:
        wanted = set(range(screen.first + 1, ends.get(screen.unit, screen.first) + 1))
        got = set(screen.seqs)
        events += len(screen.seqs)
        missing += len(wanted - got)
        doubled += len(screen.seqs) - len(got)
        disordered += sum(b <= a for a, b in zip(screen.seqs, screen.seqs[1:], strict=False))
    cut_off = sum(screen.lost for screen in screens)
    told = {"events": events, "lost": missing, "doubled": doubled, "out_of_order": disordered}
    return told | {"cut_off": cut_off, "called": [pair for screen in screens for pair in screen.called]}


async def _watch() -> None:
    loop = asyncio.get_running_loop()
    stdin = asyncio.StreamReader(limit=2**24)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stdin), sys.stdin)
    plan = json.loads(await stdin.readline())
    screens = [Screen(unit, token) for unit, token in plan["screens"]]
    gate = asyncio.Semaphore(AT_ONCE)

    async def enter(screen: Screen) -> None:
        async with gate:
            await screen.connect(plan["host"], plan["port"])
        # At once: a screen that does not answer pings while the others come is taken for dead.
        listening.append(asyncio.create_task(screen.listen()))

    listening: list[asyncio.Task[None]] = []
    await asyncio.gather(*map(enter, screens))
    print(json.dumps({"joined": len(screens)}), flush=True)
    ends = json.loads(await stdin.readline() or "{}")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while _verdict(screens, ends)["lost"] and time.monotonic() < deadline:  # noqa: ASYNC110 - a thousand screens
        await asyncio.sleep(0.5)
    await asyncio.sleep(AFTERWARDS_SECONDS)
    told = _verdict(screens, ends) | {"cpu_seconds": round(time.process_time(), 2)}
    print(json.dumps(told), flush=True)
    for task in listening:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(_watch())
