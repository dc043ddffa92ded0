"""A locked unit inside an open transaction: what a command is given to work on, and what it leaves to the next one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row

from server.domain.events import Event, Recorded
from server.domain.numbering import SeriesState
from server.domain.ticket import Tier

Lanes = Mapping[tuple[str, Tier], int]
"""How many wait, by (service, tier); empty lanes are left out."""
SeriesKey = tuple[date, str]
"""Business day and prefix."""


class Head(NamedTuple):
    """A unit's row, and how far the unit has come since that row was read.

    On SQLite commands share transactions (``group_commit``): what one leaves here, the next need not read again, and
    their commit writes all of it in one go.
    """

    unit: Row[Any]
    seq: int  # of the latest entry, those not yet written included
    chain: str  # of the latest entry that is written
    entries: tuple[Recorded, ...] = ()  # of the journal, not yet written
    jobs: tuple[dict[str, Any], ...] = ()  # rows of new print jobs, not yet written
    series: Mapping[SeriesKey, SeriesState] = {}  # numbers given out, not yet written
    lanes: Lanes | None = None  # None: nobody has counted yet

    @classmethod
    def of(cls, row: Row[Any]) -> Head:
        """The head of a row that has just been read."""
        return cls(row, int(row.seq), row.chain)


@dataclass
class Work:
    """A locked unit inside an open transaction. Record events on it; leaving the ``with`` block commits."""

    connection: Connection
    head: Head  # before this command
    day: date  # the business day; closing the day inside this transaction moves it on
    recorded: list[Recorded] = field(default_factory=list)
    changes: dict[str, Any] = field(default_factory=dict)  # new values of the unit's own row
    jobs: tuple[dict[str, Any], ...] = ()  # these three: see Head
    series: Mapping[SeriesKey, SeriesState] = field(default_factory=dict)
    lanes: Lanes | None = None

    @classmethod
    def on(cls, connection: Connection, head: Head) -> Work:
        """Work that is about to begin."""
        return cls(connection, head, head.unit.day, jobs=head.jobs, series=head.series, lanes=head.lanes)

    @property
    def unit(self) -> Row[Any]:
        """The unit's row; how far its journal is, ``seq`` says, not the row."""
        return self.head.unit

    @property
    def seq(self) -> int:
        """The number of the latest event, this transaction's included."""
        return self.recorded[-1].seq if self.recorded else self.head.seq

    def record(self, event: Event) -> Recorded:
        """Append to the unit's journal; the event gets its number now and becomes visible with the commit."""
        entry = Recorded(self.unit.id, self.seq + 1, event.type, event.at, event.data)
        self.recorded.append(entry)
        return entry

    def set_unit(self, **values: Any) -> None:
        """Change columns of the unit's row with this transaction."""
        self.changes |= values
