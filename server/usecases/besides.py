"""What a unit keeps beside tickets and board, and the journal tells as well: who issued a ticket and for what, who sits
where, how many wait in each lane, where the number series stand. A change of any of them shows (``verification``)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection

from server.domain.events import Recorded
from server.domain.numbering import SeriesState
from server.domain.ticket import State, Ticket
from server.store import counters, lanes, series, tickets


@dataclass
class Besides:
    """Gathered from the entries, one after the other."""

    births: dict[str, tuple[str, str]] = field(default_factory=dict)  # ticket: issued by, for which service
    seats: dict[str, tuple[str, str | None]] = field(default_factory=dict)  # counter: state, who sits there

    def note(self, entry: Recorded) -> None:
        """Take in the next entry."""
        data = entry.data
        if entry.type == "ticket.issued":
            self.births[data["ticket"]] = data["by"], data["service"]
        elif entry.type.startswith("counter."):
            sits = data["attendant"] if data["state"] != "closed" else None
            self.seats[data["counter"]] = data["state"], sits

    def differences(self, connection: Connection, unit_id: str, told: Mapping[str, Ticket]) -> Iterator[str]:
        """Each place where the rows say something else; ``told``: the tickets as the journal rebuilds them, in the
        order of their issue."""
        stored = tickets.births(connection, unit_id)
        for ticket_id in sorted(self.births.keys() & stored.keys()):
            if self.births[ticket_id] != stored[ticket_id]:
                yield f"ticket {ticket_id} was issued by another, or for another service"
        for seat in counters.of_unit(connection, unit_id):
            if self.seats.get(seat.id, (seat.state, seat.attendant)) != (seat.state, seat.attendant):
                yield f"counter {seat.id} is not as its last event left it"
        waiting = Counter((t.service, t.tier) for t in told.values() if t.state is State.waiting)
        if dict(waiting) != dict(lanes.counts(connection, unit_id)):
            yield "the lanes do not count who waits"
        if _series(told) != series.all_states(connection, unit_id):
            yield "a number series does not stand where the last ticket left it"


def _series(told: Mapping[str, Ticket]) -> dict[tuple[date, str], SeriesState]:
    found: dict[tuple[date, str], SeriesState] = {}
    for t in told.values():
        before = found.get((t.day, t.prefix), SeriesState())
        found[t.day, t.prefix] = SeriesState(last_number=t.number, issued=before.issued + 1, lap=t.lap)
    return found
