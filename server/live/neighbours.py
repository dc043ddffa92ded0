"""What the processes of one installation tell each other through Redis: the events that each has committed.

The journal stays the only truth about them: whoever is not told, or hears it late, doubled or in the wrong order, reads
it there (``relay``). Redis may be slow, down or stalled without anybody noticing more than a second's delay: publishing
happens in a thread of its own behind a small queue, and commands never touch the network for it.

Each letter is sealed with a key of the installation. Another one may use the same Redis, and somebody may have got into
it: an unsealed letter can send us to the journal, but never puts a word on a screen.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import logging
import queue
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import orjson
import redis

from server.domain.events import Recorded
from server.live.relay import Relay

log = logging.getLogger("vez.neighbours")

CHANNEL = "vez:journal"
TIMEOUT_SECONDS = 1.0
RETRY_SECONDS = 1.0
LONGEST_BYTES = 256 * 1024  # more (a day that ends with thousands waiting) is read in the journal
MOST_COMMITS = 50  # told in one letter when they come faster than they can be sent
_ME_BYTES, _SEAL_BYTES = 16, 32


class Neighbours:
    """Tells the other processes, and listens to them."""

    def __init__(self, url: str, relay: Relay, sleep: Callable[[float], Any], key: str) -> None:
        self._url = url
        self._relay = relay
        self._sleep = sleep
        self._key = hashlib.sha256(f"neighbours\n{key}".encode()).digest()
        self._me = secrets.token_hex(_ME_BYTES // 2).encode()
        self._outbox: queue.Queue[Sequence[Recorded]] = queue.Queue(maxsize=100)
        self._stopped = False
        self._was_reached = True

    def ring(self, events: Sequence[Recorded]) -> None:
        """Ask the publisher to tell of one commit; dropped when it is behind, the others look by themselves."""
        with contextlib.suppress(queue.Full):
            self._outbox.put_nowait(events)

    def publish(self) -> None:
        """The publisher's thread."""
        client = self._connect()
        while not self._stopped:
            try:
                events = list(self._outbox.get(timeout=1.0))
            except queue.Empty:
                continue
            with contextlib.suppress(queue.Empty):
                for _ in range(MOST_COMMITS):
                    events += self._outbox.get_nowait()
            try:
                client.publish(CHANNEL, self.letter(events))
                self._reached(True)
            except (redis.RedisError, OSError):
                self._reached(False)

    def listen(self) -> None:
        """The listener's thread."""
        while not self._stopped:
            try:
                with self._connect().pubsub(ignore_subscribe_messages=True) as channel:
                    channel.subscribe(CHANNEL)
                    self._relay.wake()  # something may have been missed while we were away
                    while not self._stopped:
                        message = channel.get_message(timeout=TIMEOUT_SECONDS)
                        if message is not None:
                            self.read(message["data"])
            except (redis.RedisError, OSError):
                self._reached(False)
                self._sleep(RETRY_SECONDS)

    def stop(self) -> None:
        """End both threads soon."""
        self._stopped = True

    def letter(self, events: Sequence[Recorded]) -> bytes:
        """Who writes, the seal, and what was committed; nothing but the seal when that would be too long."""
        body = orjson.dumps([(e.unit, e.seq, e.type, e.at, e.data) for e in events])
        if len(body) > LONGEST_BYTES:
            body = b"[]"
        return self._me + self._seal(body) + body

    def read(self, letter: bytes) -> None:
        """Pass on what a neighbour tells. One that says nothing, or is not sealed by us, is a reason to look."""
        me, rest = letter[:_ME_BYTES], letter[_ME_BYTES:]
        if me == self._me:
            return  # our own comes back to us; what it tells is sent already
        seal, body = rest[:_SEAL_BYTES], rest[_SEAL_BYTES:]
        if body == b"[]" or not hmac.compare_digest(seal, self._seal(body)):
            self._relay.wake()
            return
        self._relay.hear(
            [
                Recorded(unit, seq, type_, datetime.fromisoformat(at), data)
                for unit, seq, type_, at, data in orjson.loads(body)
            ]
        )

    def _seal(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, "sha256")

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
