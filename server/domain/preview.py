"""The next calls of a whole unit under a preset: what a supervisor looks at before changing it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from server.domain.policy import (
    Choice,
    Preset,
    Profile,
    RatioState,
    Snapshot,
    Waiting,
    pick_next,
    ratio_after,
)


@dataclass(frozen=True, slots=True)
class Desk:
    """An open counter in a preview."""

    counter: str
    profile: Profile
    attendant: str | None = None
    ratio: RatioState = field(default_factory=RatioState)


def preview_unit(
    now: datetime,
    preset: Preset,
    desks: Iterable[Desk],
    waiting: Iterable[Waiting],
    limit: int = 20,
    staffed: frozenset[str] | None = None,
) -> list[tuple[str, Choice]]:
    """The next ``limit`` calls of a unit as (counter, choice), if its counters took turns and nobody came.

    ``staffed``: see ``Snapshot``.
    """
    queue = {ticket.id: ticket for ticket in waiting}
    turns = deque(desks)
    dedicated_open = any(desk.profile.dedicated for desk in turns)
    calls: list[tuple[str, Choice]] = []
    idle = 0
    while turns and idle < len(turns) and len(calls) < limit:
        desk = turns.popleft()
        view = Snapshot(
            now,
            preset,
            desk.profile,
            desk.counter,
            desk.attendant,
            tuple(queue.values()),
            desk.ratio,
            dedicated_open,
            staffed,
        )
        choice = pick_next(view)
        if choice is None:
            idle += 1
        else:
            idle = 0
            calls.append((desk.counter, choice))
            del queue[choice.ticket.id]
            desk = replace(desk, ratio=ratio_after(desk.ratio, preset, choice.ticket.tier))
        turns.append(desk)
    return calls
