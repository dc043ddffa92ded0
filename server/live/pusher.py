"""Sends the calls to the telephones that asked for it: apart from every command, and from the relay."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from server.domain.events import Recorded
from server.push.post import Fate
from server.usecases import telephones
from server.usecases.context import House

log = logging.getLogger("vez.push")
LOOK_EVERY_SECONDS = 5.0  # what another process called and could not tell
PAUSES_SECONDS = (1.0, 4.0)  # between attempts at a push service that is busy
CALLS = frozenset({"ticket.called", "ticket.recalled"})


class Pusher:
    """One a process. ``spawn`` and ``sleep`` are the async mode's."""

    def __init__(self, house: House, spawn: Callable[..., Any], sleep: Callable[[float], Any]) -> None:
        self._house = house
        self._spawn = spawn
        self._sleep = sleep
        self._bell = threading.Event()
        self._stopped = False

    def ring(self, events: Sequence[Recorded]) -> None:
        """Events of one commit: somebody may have been called."""
        if any(event.type in CALLS for event in events):
            self._bell.set()

    def stop(self) -> None:
        """Send nothing more."""
        self._stopped = True
        self._bell.set()

    def run(self) -> None:
        """Until stopped: look for untold calls at each bell, and now and then."""
        while True:
            self._bell.wait(LOOK_EVERY_SECONDS)
            self._bell.clear()
            if self._stopped:
                return
            try:
                for letter in telephones.letters_to_send(self._house):
                    # Each apart: a push service that does not answer holds nobody up but its own telephone.
                    self._spawn(self._deliver, letter)
            except SQLAlchemyError as error:
                log.warning("push: the database could not be asked: %s", error)
            except Exception:
                log.exception("the pusher stumbled; it goes on")

    def _deliver(self, letter: telephones.Letter) -> None:
        for pause in (*PAUSES_SECONDS, None):
            try:
                fate = telephones.send(self._house, letter)
            except SQLAlchemyError as error:
                log.warning("push: a telephone could not be forgotten: %s", error)
                return
            if fate is not Fate.again or pause is None or self._stopped:
                return
            self._sleep(pause)
