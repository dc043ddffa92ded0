"""The bell between processes: a Redis channel that says "something was committed", nothing more.

It may be slow, down or stalled without anybody noticing more than a second's delay: publishing happens in a thread of
its own behind a small queue, commands never touch the network for it, and every relay looks at the journal by itself.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import secrets
from collections.abc import Callable, Sequence
from typing import Any

import redis

from server.domain.events import Recorded
from server.live.relay import Relay

log = logging.getLogger("vez.neighbours")

CHANNEL = "vez:journal"
TIMEOUT_SECONDS = 1.0
RETRY_SECONDS = 1.0


class Neighbours:
    """Rings the other processes, and listens for their ringing."""

    def __init__(self, url: str, relay: Relay, sleep: Callable[[float], Any]) -> None:
        self._url = url
        self._relay = relay
        self._sleep = sleep
        self._me = secrets.token_hex(8).encode()
        self._outbox: queue.Queue[str] = queue.Queue(maxsize=100)
        self._stopped = False
        self._was_reached = True

    def ring(self, events: Sequence[Recorded]) -> None:
        """Ask the publisher to ring; dropped when it is behind (one ring stands for all)."""
        with contextlib.suppress(queue.Full):
            self._outbox.put_nowait(events[-1].unit)

    def publish(self) -> None:
        """The publisher's thread."""
        client = self._connect()
        while not self._stopped:
            try:
                unit = self._outbox.get(timeout=1.0)
            except queue.Empty:
                continue
            try:
                client.publish(CHANNEL, self._me + b" " + unit.encode())
                self._reached(True)
            except (redis.RedisError, OSError):
                self._reached(False)

    def listen(self) -> None:
        """The listener's thread: wakes the relay for every ring."""
        while not self._stopped:
            try:
                with self._connect().pubsub(ignore_subscribe_messages=True) as channel:
                    channel.subscribe(CHANNEL)
                    self._relay.wake()  # something may have been missed while we were away
                    while not self._stopped:
                        message = channel.get_message(timeout=TIMEOUT_SECONDS)
                        # Our own ring comes back to us; what it stands for is sent already.
                        if message is not None and not message["data"].startswith(self._me):
                            self._relay.wake()
            except (redis.RedisError, OSError):
                self._reached(False)
                self._sleep(RETRY_SECONDS)

    def stop(self) -> None:
        """End both threads soon."""
        self._stopped = True

    def _connect(self) -> redis.Redis:
        return redis.Redis.from_url(
            self._url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            health_check_interval=15,
        )

    def _reached(self, now: bool) -> None:
        # One line going, one returning: a stalled Redis must not fill the log.
        if now != self._was_reached:
            self._was_reached = now
            log.warning(
                "redis answers again"
                if now
                else "redis does not answer; screens follow the journal, up to 1 s later"
            )
