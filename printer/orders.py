"""What the staff want of a station: to rest for a while, and to count a new roll of paper from nothing.

Orders come with each answer to a claim, and over the bell when they change; hearing one twice changes nothing. They are
remembered on disk, so that a paused printer stays paused while the agent starts anew.
"""

from __future__ import annotations

import logging
import threading
from typing import Any

from printer.spool import Spool

log = logging.getLogger(__name__)


class Orders:
    """The orders of one station, whose printer is at `address`."""

    def __init__(self, spool: Spool, station: str, address: str) -> None:
        self._spool = spool
        self._address = address
        self._paused_fact = f"paused:{station}"
        self._roll_fact = f"roll-since:{station}"
        self._lock = threading.Lock()
        self.paused = spool.fact(self._paused_fact) == "yes"

    def obey(self, orders: object) -> bool:
        """Take in `{paused, roll}`; whether anything changed. What makes no sense is ignored."""
        if not isinstance(orders, dict):
            return False
        with self._lock:
            return any([self._pause(orders.get("paused")), self._count_from(orders.get("roll"))])

    def _pause(self, paused: Any) -> bool:
        if not isinstance(paused, bool) or paused == self.paused:
            return False
        self.paused = paused
        self._spool.remember(self._paused_fact, "yes" if paused else "no")
        log.info("%s: %s pela supervisão", self._address, "pausada" if paused else "retomada")
        return True

    def _count_from(self, roll: Any) -> bool:
        if not isinstance(roll, str) or roll == self._spool.fact(self._roll_fact):
            return False
        used = self._spool.roll_millimetres(self._address)
        self._spool.new_roll(self._address)
        self._spool.remember(self._roll_fact, roll[:40])
        log.info("%s: bobina nova; a anterior deu %.1f m", self._address, used / 1000)
        return True
