"""How a green thread waits for PostgreSQL: one turn of eventlet's hub for each answer.

psycopg's own wait that eventlet can patch makes a selector, registers and asks ``select`` at every round trip: 0.2 ms
of Python for an answer that is there after 0.1 ms, and a command asks a dozen times. A timer of eventlet's for each
wait would make the turn half as dear again: one watch looks after all of them instead.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

_READ = 1  # psycopg.waiting.Wait.R and Ready.R
WATCH_SECONDS = 0.5

_waiting: dict[Any, float] = {}
"""The green threads that wait now, and until when."""


def _waiter() -> Callable[..., Any]:
    """What takes the place of ``psycopg.waiting.wait``. Made once: a command waits twenty times, and would look up each
    of these names as often."""
    from eventlet import getcurrent
    from eventlet.hubs import trampoline
    from psycopg import waiting

    def wait(gen: Any, fileno: int, interval: float = 0.1, timeout: float | None = None) -> Any:
        """What psycopg's generator comes to (its own function's parameters, and its meaning).

        The rare wish to write as well (a buffer that is full) is left to psycopg's own function.
        """
        end_at = None if timeout is None else time.monotonic() + timeout
        try:
            wanted = next(gen)
            while wanted == _READ:
                here = getcurrent()
                if end_at is not None:
                    _waiting[here] = end_at
                try:
                    trampoline(fileno, read=True)
                finally:
                    _waiting.pop(here, None)
                wanted = gen.send(_READ)
        except StopIteration as end:
            return end.value
        rest: Any = _Rest(gen, wanted)
        return waiting.wait_selector(rest, fileno, interval, timeout)

    return wait


def _watch() -> None:
    """Wakes whoever has waited long enough, with an error."""
    import eventlet
    from eventlet import hubs

    while True:
        eventlet.sleep(WATCH_SECONDS)
        now = time.monotonic()
        for thread, end_at in list(_waiting.items()):
            if end_at <= now:
                hubs.get_hub().schedule_call_global(0, _wake, thread, end_at)


def _wake(thread: Any, end_at: float) -> None:
    """Called by the hub itself: whoever is among the waiting stands in ``trampoline``."""
    from psycopg import OperationalError

    if _waiting.get(thread) == end_at:
        thread.throw(OperationalError("the database does not answer"))


class _Rest:
    """A generator that has been begun, as psycopg's function expects one: it asks once more for what was asked last."""

    def __init__(self, gen: Any, wanted: int) -> None:
        self._gen = gen
        self._wanted = wanted

    def __next__(self) -> int:
        return self._wanted

    def send(self, ready: int) -> Any:
        return self._gen.send(ready)


def install() -> None:
    """From now on psycopg waits like this, in this process. Call it after eventlet has patched the process."""
    import eventlet
    from psycopg import waiting

    waiting.wait = _waiter()
    eventlet.spawn(_watch)
