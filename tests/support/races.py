"""Doing things at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any


def at_once(*acts: Callable[[], Any], seconds: float = 60) -> list[Any]:
    """Run each act in a thread of its own, all from the same moment; their results in order, or the first error."""
    gate = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)
    errors: list[BaseException] = []

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            gate.wait(seconds)
            results[place] = act()
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
            errors.append(error)

    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds)
    if errors:
        raise errors[0]
    assert not any(thread.is_alive() for thread in threads), f"still at it after {seconds} s"
    return results


def crowd(act: Callable[[int], Any], size: int, seconds: float = 60) -> Sequence[Any]:
    """The same act by ``size`` people at once, each told their number."""
    return at_once(*(lambda n=n: act(n) for n in range(size)), seconds=seconds)
