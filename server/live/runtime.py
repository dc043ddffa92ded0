"""What runs beside the requests: the relay, its neighbours, and the ticker (due days, silent devices)."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from server.live.neighbours import Neighbours
from server.live.pusher import Pusher
from server.live.relay import Relay
from server.usecases.context import House
from server.usecases.devices import notice_silence
from server.usecases.endofday import close_due_days
from server.usecases.printing import settle_lost_leases
from server.usecases.telephones import forget_ended

log = logging.getLogger("vez.runtime")
TICK_SECONDS = 15.0
GUARD_SECONDS = 0.2
SESSIONS_EVERY_SECONDS = 2.0


class Runtime:
    """Started by the entry points, never at import: a created app has no thread."""

    def __init__(
        self,
        house: House,
        relay: Relay,
        socketio: Any,
        neighbours: Neighbours | None = None,
        pusher: Pusher | None = None,
    ) -> None:
        self._house = house
        self._pusher = pusher
        self._relay = relay
        self._socketio = socketio
        self._neighbours = neighbours
        self._stopped = False
        self._ending = False
        self.close_sockets: Callable[[], None] = lambda: None
        self.end_closed_sessions: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Start the background work of this process."""
        self._relay.start_here()
        spawn = self._socketio.start_background_task
        spawn(self._relay.run)
        spawn(self._tick)
        spawn(self._guard)
        if self._pusher is not None:
            spawn(self._pusher.run)
        if self._neighbours is not None:
            self._relay.neighbours = self._neighbours.ring
            spawn(self._neighbours.publish)
            spawn(self._neighbours.listen)

    def stop(self) -> None:
        """Ask everything to end soon."""
        self._stopped = True
        self._relay.stop()
        if self._pusher is not None:
            self._pusher.stop()
        if self._neighbours is not None:
            self._neighbours.stop()

    def end_soon(self) -> None:
        """The process was told to stop. Called inside a signal handler: it only leaves a note for the guard."""
        self._ending = True

    def _guard(self) -> None:
        """Watches over the sockets: whose session has ended is shown out, and at the end everybody is."""
        last = time.monotonic()
        while not self._stopped:
            if self._ending:
                self.close_sockets()
                self._relay.end_waits()
            elif time.monotonic() - last >= SESSIONS_EVERY_SECONDS:
                last = time.monotonic()
                try:
                    self.end_closed_sessions()
                except SQLAlchemyError as error:
                    log.warning("sessions could not be checked: %s", error)
            self._socketio.sleep(GUARD_SECONDS)

    def _tick(self) -> None:
        while not self._stopped:
            try:
                self._house.store.tidy()
                closed = close_due_days(self._house)
                if closed:
                    log.info("closed the business day of %s", ", ".join(closed))
                forget_ended(self._house)
                if settle_lost_leases(self._house):
                    log.warning("print jobs whose agent went silent were settled")
                silent = notice_silence(self._house)
                if silent:
                    log.warning("no sign of life from %s", ", ".join(silent))
            except SQLAlchemyError as error:
                log.warning("the ticker could not reach the database: %s", error)
            except Exception:
                log.exception("the ticker stumbled; it goes on")
            self._socketio.sleep(TICK_SECONDS)
