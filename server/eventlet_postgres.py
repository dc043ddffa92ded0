"""How a green thread waits for PostgreSQL: one turn of eventlet's hub for each answer.

psycopg's own wait that eventlet can patch makes a selector, registers and asks ``select`` at every round trip: 0.2 ms
of Python for an answer that is there after 0.1 ms, and a command asks a dozen times.
"""

from __future__ import annotations

from typing import Any

_READ = 1  # psycopg.waiting.Wait.R and Ready.R


def wait(gen: Any, fileno: int, interval: float = 0.1, timeout: float | None = None) -> Any:
    """What psycopg's generator comes to; takes the place of ``psycopg.waiting.wait`` (its parameters, its meaning).

    A deadline, and the rare wish to write as well (a buffer that is full), are left to psycopg's own function.
    """
    from eventlet.hubs import trampoline
    from psycopg import waiting

    if timeout is not None:
        return waiting.wait_selector(gen, fileno, interval, timeout)
    try:
        wanted = next(gen)
        while wanted == _READ:
            trampoline(fileno, read=True)
            wanted = gen.send(_READ)
    except StopIteration as end:
        return end.value
    rest: Any = _Rest(gen, wanted)
    return waiting.wait_selector(rest, fileno, interval)


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
    from psycopg import waiting

    waiting.wait = wait
