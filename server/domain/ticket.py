"""A ticket as the domain knows it: its states, its tier, its record (DOMAIN 2 and 3). What moves it: ``lifecycle``."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """Where a ticket is in its life."""

    waiting = "waiting"
    called = "called"
    serving = "serving"
    on_hold = "on_hold"
    finished = "finished"
    no_show = "no_show"
    cancelled = "cancelled"
    expired = "expired"


class Tier(StrEnum):
    """Priority tier, most urgent first (Lei 10.048/2000; Lei 13.466/2017). The condition itself is never kept."""

    eighty_plus = "eighty_plus"
    priority = "priority"
    donor = "donor"
    normal = "normal"

    @property
    def rank(self) -> int:
        """0 is called first."""
        return _RANKS[self]


_RANKS = {tier: rank for rank, tier in enumerate(Tier)}
IN_HAND = frozenset({State.called, State.serving})
ALIVE = frozenset({State.waiting, State.called, State.serving, State.on_hold})


@dataclass(frozen=True, slots=True)
class Rules:
    """The unit's courtesy rules. Seconds; a priority tier is given longer to reach the counter."""

    recall_seconds: int = 20
    no_show_calls: int = 3
    no_show_seconds: int = 75
    no_show_priority_seconds: int = 150
    late_places: int = 3  # how many somebody who is late lets go first

    def patience(self, tier: Tier) -> int:
        """Seconds from the first call before this tier may be marked absent."""
        return self.no_show_seconds if tier is Tier.normal else self.no_show_priority_seconds


@dataclass(frozen=True, slots=True)
class Seat:
    """A counter together with who sits there: the owner of the ticket in hand."""

    counter: str
    number: str
    kind: str
    attendant: str | None = None


@dataclass(frozen=True)  # without slots: `changed` copies its dictionary
class Ticket:
    """One citizen waiting for one service. Times are aware; durations are whole seconds, written when they end."""

    id: str
    unit: str
    day: date
    label: str
    prefix: str
    number: int
    lap: int  # how often the series had wrapped: label + lap is unique in a day
    service: str
    tier: Tier
    language: str
    state: State
    origin: str  # kiosk, reception, web, appointment
    issued_at: datetime
    arrival_at: datetime  # effective arrival: the place in the queue (DOMAIN 4)
    waiting_since: datetime | None  # start of the present wait; None when not waiting
    appointment_at: datetime | None = None
    counter: str | None = None  # who has it in hand, or had it last
    attendant: str | None = None
    reserved_counter: str | None = None  # a transfer to one counter or attendant hides it from the others
    reserved_attendant: str | None = None
    calls: int = 0  # calls in this round; a ticket that returns starts a new round
    called_at: datetime | None = None  # first call of the round
    last_call_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    reason: str | None = None  # why it was chosen
    reason_detail: dict[str, str] | None = None
    note: str = ""
    resolution: str | None = None
    performed: tuple[str, ...] = ()  # services already done in this visit
    wait_seconds: int = 0
    walk_seconds: int = 0
    service_seconds: int = 0
    stay_seconds: int | None = None
    late_at: datetime | None = None  # when the citizen said "I am late" and let others go first
    version: int = 1  # how many events its story has: whoever acts may name the one that they have seen


_NAMES = frozenset(field.name for field in fields(Ticket))


def changed(t: Ticket, **changes: Any) -> Ticket:
    """The ticket with some fields changed; ``dataclasses.replace`` sets each of 36 anew, ten times as slowly.

    Raises TypeError for a field that does not exist.
    """
    if not changes.keys() <= _NAMES:
        raise TypeError(f"a ticket has no {', '.join(sorted(changes.keys() - _NAMES))}")
    copy = object.__new__(Ticket)
    copy.__dict__.update(t.__dict__, **changes)
    return copy
