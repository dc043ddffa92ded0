"""A server of one unit's events in the hands of a panel's test."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

DAY_MS = 86_400_000
MORNING = "2026-11-23T09:00:00-03:00"


class Feed:
    """Engine.io 4 and Socket.IO 5 spoken by hand, and their HTTP twins: board and events.

    `screen` has a Playwright `page` and an attribute `on_socket`; `calls` are the board's, newest first, each with
    whatever differs from the first ticket at desk 3.
    """

    def __init__(self, screen: Any, calls: Sequence[dict[str, Any]] = ()) -> None:
        self._socket: Any = None
        self._events: list[dict[str, Any]] = []
        for call in reversed(calls):
            self._add(**call)
        screen.on_socket = self._open
        page = screen.page
        page.route(re.compile(r"/units/[^/]+/events"), lambda r: r.fulfill(json=self._since(r.request.url)))
        page.route(re.compile(r"/units/[^/]+/board"), lambda r: r.fulfill(json=self._board()))
        page.route("**/api/v1/devices/heartbeat", lambda r: r.fulfill(status=204))

    @property
    def seq(self) -> int:
        """The number of the last event."""
        return len(self._events)

    def call(self, **parts: Any) -> None:
        """One more ticket is called, now."""
        self._add(**parts, at="2099-01-01T00:00:00Z")
        self._socket.send(f"42/live,{json.dumps(['event', self._events[-1]])}")

    def miss(self, **parts: Any) -> None:
        """One more ticket is called, and the panel does not hear of it: it must catch up."""
        self._add(**parts, at="2099-01-01T00:00:00Z")

    def _add(self, at: str = MORNING, **parts: Any) -> None:
        seq = self.seq + 1
        data = {
            "ticket": f"t{seq}",
            "label": f"A{seq}",
            "service": None,
            "counter": "c",
            "counter_number": "3",
            "counter_kind": "desk",
            "calls": 1,
            "from": "waiting",
            "to": "called",
        }
        event = {"unit": "u", "seq": seq, "type": "ticket.called", "at": at, "data": data | parts}
        self._events.append(event)

    def _board(self) -> dict[str, Any]:
        newest = list(reversed(self._events))[:12]
        calls = [event["data"] | {"at": event["at"], "seq": event["seq"]} for event in newest]
        parts = {"calls": calls, "waiting": {}, "counters": {}}
        return {"unit": "u", "seq": self.seq, "day": "2026-11-23"} | parts

    def _since(self, url: str) -> dict[str, Any]:
        found = re.search(r"after=(\d+)", url)
        after = int(found[1]) if found else 0
        return {"events": self._events[after:], "seq": self.seq, "more": False}

    def _open(self, socket: Any) -> None:
        self._socket = socket
        socket.on_message(self._answer)
        hello = {
            "sid": "x",
            "upgrades": [],
            "pingInterval": DAY_MS,
            "pingTimeout": DAY_MS,
            "maxPayload": 65536,
        }
        socket.send(f"0{json.dumps(hello)}")

    def _answer(self, message: str) -> None:
        if message.startswith("40/live"):
            self._socket.send('40/live,{"sid":"y"}')
        elif found := re.match(r"42/live,(\d+)(\[\"join\".*)", message):
            after = json.loads(found[2])[1]["after"]
            known = {"snapshot": self._board()} if after is None else {"events": self._events[after:]}
            self._socket.send(f"43/live,{found[1]}{json.dumps([{'seq': self.seq} | known])}")
