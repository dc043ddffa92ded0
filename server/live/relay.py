"""The relay: from the journal to the screens. Nothing else in the house may emit.

A command commits, rings the bell and goes on; it never waits for a broadcast. The relay runs apart, keeps its place in
each unit's journal and sends what comes after it, in order, at least once. Each process serves its own sockets. What
one commits the others hear through Redis, so that they need not read it; but that may be lost, late or doubled. The
journal decides what comes next: a gap is filled from it, and every second the relay looks at it by itself.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from sqlalchemy.exc import SQLAlchemyError

from server.domain.errors import Refusal
from server.domain.events import Recorded
from server.store.engine import is_away
from server.store.unit_of_work import unit_heads
from server.usecases.context import House
from server.usecases.supervision import journal_since
from server.wire.events import Audience, event_view

log = logging.getLogger("vez.relay")

NAMESPACE = "/live"
LOOK_EVERY_SECONDS = 1.0
BATCH = 500
STALE_AFTER_SECONDS = 10.0


class Emitter(Protocol):
    """What the relay needs of Socket.IO."""

    def emit(self, event: str, data: Any, *, to: str, namespace: str) -> None:
        """Send to every socket of a room in this process."""


def room(unit: str, audience: Audience) -> str:
    """The room of a unit's screens of one audience."""
    return f"unit:{unit}:{audience}"


def device_room(device: str) -> str:
    """The room of one device: a printer agent waits there for its hints."""
    return f"device:{device}"


class Relay:
    """Keeps this process's sockets as far as the journal is."""

    def __init__(self, house: House, emitter: Emitter) -> None:
        self._house = house
        self._emitter = emitter
        self._sent: dict[str, int] = {}
        self._zones: dict[str, str] = {}
        self._fresh: deque[Recorded] = deque(maxlen=10_000)
        self._bell = threading.Event()
        self._doorbells: dict[str, threading.Event] = {}
        self._others = False  # another process has committed something, and we were not told what
        self._looked = self._beat = time.monotonic()
        self._seeks = False  # started, but the database has not told yet where the journal stands
        self._placing = threading.Lock()
        self._stopped = False
        self._ending = False
        self.neighbours: Callable[[Sequence[Recorded]], None] | None = None  # rings the other processes
        self.dismiss: Callable[[str], None] = lambda _device: None  # hangs up on a device
        self.is_heard: Callable[[str], bool] = lambda _room: (
            True
        )  # whether anybody is in a room of this process

    # --- called by commands, after their commit -----------------------------------------------------------

    def ring(self, events: Sequence[Recorded]) -> None:
        """Events of one commit. Takes microseconds and cannot fail: a command never waits for a broadcast."""
        self._fresh.extend(events)
        self._bell.set()
        if self.neighbours is not None:
            self.neighbours(events)

    # --- called by the neighbours -------------------------------------------------------------------------

    def hear(self, events: Sequence[Recorded]) -> None:
        """What another process has committed."""
        self._fresh.extend(events)
        self._bell.set()

    def wake(self) -> None:
        """Another process committed something, or may have: look at the journal now."""
        self._others = True
        self._bell.set()

    # --- called by printer agents -------------------------------------------------------------------------

    def wait_for_print_job(self, printer: str, seconds: float) -> None:
        """Wait until a job of this printer was committed here, or the time is over.

        Raises ``Refusal('unavailable')`` once the process was told to stop: an agent is not kept, nor keeps us.
        """
        doorbell = self._doorbells.setdefault(printer, threading.Event())
        if not self._ending:
            doorbell.wait(seconds)
        doorbell.clear()
        if self._ending:
            raise Refusal("unavailable")

    def end_waits(self) -> None:
        """The process was told to stop: whoever waits for a print job is told so now."""
        self._ending = True
        for doorbell in list(self._doorbells.values()):
            doorbell.set()

    # --- the relay's own thread ---------------------------------------------------------------------------

    def start_here(self) -> None:
        """Begin at the journal's present ends: older events are for snapshots and catching up.

        While the database is away the place is found later; until then the relay is not alive.
        """
        self._seeks = True
        try:
            self.find_place()
        except SQLAlchemyError as error:
            if not is_away(error):
                raise
            log.warning("the relay finds its place when the database answers: %s", error)

    def find_place(self) -> None:
        """Find it if that could not be done at the start. Whoever opens a socket makes sure of it first: what is
        committed after the snapshot that they get is beyond our place, and is told."""
        if not self._seeks:
            return
        with self._house.store.read() as connection:
            ends = unit_heads(connection)
        with self._placing:
            if self._seeks:  # a later reading would leave out what somebody else relies on
                for event in self._fresh.copy():  # committed since we started
                    ends[event.unit] = min(ends.get(event.unit, event.seq), event.seq - 1)
                self._sent, self._seeks = ends, False
                self._beat = time.monotonic()

    def run(self) -> None:
        """Send until stopped. A failure is logged, and the relay goes on a moment later."""
        while not self._stopped:
            rung = self._bell.wait(LOOK_EVERY_SECONDS)
            self._bell.clear()
            try:
                self.step(look=not rung)
            except Exception:
                log.exception("the relay stumbled; it goes on")
                self._bell.wait(LOOK_EVERY_SECONDS)

    def stop(self) -> None:
        """End ``run`` soon."""
        self._stopped = True
        self._bell.set()

    def step(self, *, look: bool) -> None:
        """One round: what was told, straight from memory; after a gap, or with ``look``, from the journal."""
        self.find_place()
        gaps: set[str] = set()
        while self._fresh:
            event = self._fresh.popleft()
            sent = self._sent.setdefault(event.unit, 0)
            if event.seq == sent + 1:
                self._send(event)
            elif event.seq > sent:
                gaps.add(event.unit)
        # Another's word may be lost while ours go on and on.
        now = time.monotonic()
        if look or self._others or now - self._looked >= LOOK_EVERY_SECONDS:
            self._others, self._looked = False, now
            self._catch_up()
        else:
            for unit in gaps:
                self._read_on(unit)
        self._beat = time.monotonic()

    def _catch_up(self) -> None:
        with self._house.store.read() as connection:
            ends = unit_heads(connection)
        for unit, end in ends.items():
            if self._sent.setdefault(unit, end) > end:
                # The database was restored from an older backup; screens notice by the snapshot's smaller seq.
                # Asked before sending: what is committed meanwhile is sent too and puts us ahead of `end`.
                self._sent[unit] = end
            if self._sent[unit] < end:
                self._read_on(unit)

    def _read_on(self, unit: str) -> None:
        """Send what the journal holds beyond our place in it."""
        events = None
        while events is None or len(events) == BATCH:
            self._zones[unit], events = journal_since(self._house, unit, self._sent[unit], BATCH)
            for event in events:
                self._send(event)

    def _send(self, event: Recorded) -> None:
        zone = self._zone(event.unit)
        for audience in Audience:
            there = room(event.unit, audience)
            # Who comes in a moment later gets this event with the snapshot: it is committed already.
            if self.is_heard(there):
                view = event_view(event, zone, audience)
                self._emitter.emit("event", view, to=there, namespace=NAMESPACE)
        self._sent[event.unit] = event.seq
        if event.data.get("print_job") and event.data.get("printer"):
            self._hint(event.data["printer"], event.data["print_job"])
        if event.data.get("orders") is not None:
            self._order(event.data["device"], event.data["orders"])
        if event.type == "device.status" and event.data.get("state") == "revoked":
            self.dismiss(event.data["device"])

    def _hint(self, printer: str, job: str) -> None:
        self._emitter.emit("print_job", {"id": job}, to=device_room(printer), namespace=NAMESPACE)
        if printer in self._doorbells:
            self._doorbells[printer].set()

    def _order(self, printer: str, orders: Any) -> None:
        """What the staff want of a printer, at once; its next claim would tell it too."""
        self._emitter.emit("orders", orders, to=device_room(printer), namespace=NAMESPACE)
        if printer in self._doorbells:
            self._doorbells[printer].set()

    def _zone(self, unit: str) -> str:
        if unit not in self._zones:
            self._zones[unit], _ = journal_since(self._house, unit, 2**62, 1)
        return self._zones[unit]

    # --- for readyz ------------------------------------------------------------------------------------------

    def is_alive(self) -> bool:
        """Whether it has its place, and has gone round within ten seconds."""
        return not self._seeks and time.monotonic() - self._beat < STALE_AFTER_SECONDS
