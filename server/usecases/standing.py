"""Where a ticket stands: the order of a whole unit, whoever asks, and how many are called before somebody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from server.domain.catalog import Catalog
from server.domain.policy import Choice, Level, Profile, RatioState, Snapshot, Waiting, order
from server.domain.presets import Mode
from server.domain.ticket import Ticket
from server.store import counters, lanes
from server.usecases.context import House


def whole_unit(
    house: House, connection: Connection, row: Row[Any], catalog: Catalog, now: datetime
) -> Snapshot:
    """The unit's queue as nobody's in particular: every service on one level, whoever a ticket is reserved for.

    Ratio mode has a memory at each counter; the list is that of the open one that owes most.
    """
    seats = [seat for seat in counters.of_unit(connection, row.id) if seat.state == "open"]
    shared = [seat for seat in seats if not catalog.profiles[seat.profile].dedicated]
    memory = max(((seat.normal_owed, seat.priority_run) for seat in shared), default=(0, 0))
    return Snapshot(
        now=now,
        preset=house.preset(row),
        profile=Profile("", (Level(frozenset(catalog.services)),)),
        counter="",
        attendant=None,
        waiting=lanes.everybody(connection, row.id),
        ratio=RatioState(memory[1], memory[0]),
        dedicated_open=len(shared) < len(seats),
        staffed=counters.staffed(connection, row.id),
        whole_unit=True,
    )


def ahead_of(house: House, connection: Connection, row: Row[Any], catalog: Catalog, t: Ticket) -> int:
    """How many of its line are called before a waiting ticket, stored or about to be, by the unit's own order."""
    line = catalog.companions(t.service)
    if house.preset(row).mode is Mode.law:
        return lanes.count_ahead(connection, t, line)  # an index answers, however long the queue is
    queue = whole_unit(house, connection, row, catalog, house.now())
    if all(waiting.id != t.id for waiting in queue.waiting):
        itself = Waiting(t.id, t.label, t.service, t.tier, t.arrival_at, t.appointment_at)
        queue = replace(queue, waiting=(*queue.waiting, itself))
    choices = order(queue)
    return next(
        ahead
        for choice, ahead in zip(choices, aheads(choices, catalog), strict=True)
        if choice.ticket.id == t.id
    )


def aheads(choices: Sequence[Choice], catalog: Catalog) -> list[int]:
    """For each of a unit's tickets in their order, how many of its own line come before it."""
    before: Counter[str] = Counter()
    found = []
    for choice in choices:
        found.append(sum(before[service] for service in catalog.companions(choice.ticket.service)))
        before[choice.ticket.service] += 1
    return found
