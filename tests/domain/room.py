"""A unit in memory: the domain's pure decisions strung together as the use cases do it, without a database.

``Room.board`` is told by the tickets and counters alone, so that it can be held against the fold of the
journal.
"""

from __future__ import annotations

from collections import Counter as Tally
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from server.domain.board import CALLS_KEPT, Board
from server.domain.errors import Refusal
from server.domain.events import Event, Recorded
from server.domain.lifecycle import Action, Move, advance, issued
from server.domain.numbering import Series, SeriesState, business_day, label, next_number, series_prefix
from server.domain.policy import (
    Choice,
    Preset,
    Profile,
    RatioState,
    Reason,
    Snapshot,
    Waiting,
    effective_arrival,
    pick_next,
    ratio_after,
)
from server.domain.ticket import ALIVE, IN_HAND, Rules, Seat, State, Ticket, Tier
from server.wire.events import Audience, event_view

ZONE = "America/Sao_Paulo"
OPENING = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)  # Monday, 8:00


@dataclass(frozen=True)
class Desk:
    """A counter of the room."""

    id: str
    number: str
    profile: Profile
    kind: str = "desk"
    state: str = "closed"
    attendant: str | None = None
    ratio: RatioState = field(default_factory=RatioState)


@dataclass
class Room:
    """What the database of one unit would hold. Its methods decide and record, or raise ``Refusal``."""

    prefixes: dict[str, str]
    desks: dict[str, Desk]
    rules: Rules = field(default_factory=Rules)
    preset: Preset = field(default_factory=Preset)
    series_end: int = 999
    now: datetime = OPENING
    unit: str = "centro"
    journal: list[Recorded] = field(default_factory=list)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    series: dict[str, SeriesState] = field(default_factory=dict)
    lines: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.day = business_day(self.now, ZONE)

    # --- what is known
    # ----------------------------------------------------------------------------------------

    def in_hand(self, desk: str) -> Ticket | None:
        """The ticket that a counter has called or serves."""
        held = [t for t in self.tickets.values() if t.counter == desk and t.state in IN_HAND]
        assert len(held) <= 1, f"two tickets at {desk}"
        return held[0] if held else None

    def seat(self, desk: str) -> Seat:
        """The counter with who sits there."""
        found = self.desks[desk]
        return Seat(found.id, found.number, found.kind, found.attendant)

    def events(self, audience: Audience = Audience.public, after: int = 0) -> list[dict[str, Any]]:
        """The journal as a screen receives it."""
        return [event_view(event, ZONE, audience) for event in self.journal[after:]]

    def board(self) -> Board:
        """The public picture, from the records and not from the journal."""
        waiting = Tally(t.service for t in self.tickets.values() if t.state is State.waiting)
        lines = sorted(self.lines.values(), key=lambda line: -line["seq"])
        return {
            "unit": self.unit,
            "seq": len(self.journal),
            "day": self.day.isoformat(),
            "calls": lines[:CALLS_KEPT],
            "waiting": dict(waiting),
            "counters": {d.id: d.state for d in self.desks.values() if d.state != "closed"},
        }

    def snapshot(self, desk: str) -> Snapshot:
        """What a counter decides on."""
        at = self.desks[desk]
        waiting = [
            Waiting(
                t.id,
                t.label,
                t.service,
                t.tier,
                t.arrival_at,
                t.appointment_at,
                t.reserved_counter,
                t.reserved_attendant,
            )
            for t in self.tickets.values()
            if t.state is State.waiting
        ]
        dedicated = any(d.profile.dedicated and d.state == "open" for d in self.desks.values())
        return Snapshot(
            self.now, self.preset, at.profile, desk, at.attendant, tuple(waiting), at.ratio, dedicated
        )

    # --- what happens
    # -----------------------------------------------------------------------------------------

    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.now += timedelta(seconds=seconds)

    def record(self, event: Event) -> Recorded:
        """The journal gives the event its number."""
        recorded = Recorded(self.unit, len(self.journal) + 1, event.type, event.at, event.data)
        self.journal.append(recorded)
        return recorded

    def note(self, kind: str, data: dict[str, Any]) -> Recorded:
        """Something that happened besides tickets and counters."""
        return self.record(Event(kind, self.now, data))

    def issue(
        self, service: str, tier: Tier = Tier.normal, booked: datetime | None = None, language: str = "pt-BR"
    ) -> Ticket:
        """A citizen takes a ticket, or checks in for an appointment."""
        prefix = series_prefix(self.prefixes[service], tier)
        alive = {t.number for t in self.tickets.values() if t.prefix == prefix and t.state in ALIVE}
        series = Series(prefix, 1, self.series_end)
        number, self.series[prefix] = next_number(
            series, self.series.get(prefix, SeriesState()), alive.__contains__
        )
        ticket = Ticket(
            id=f"t{len(self.tickets) + 1:03d}",
            unit=self.unit,
            day=self.day,
            label=label(prefix, number),
            prefix=prefix,
            number=number,
            lap=self.series[prefix].lap,
            service=service,
            tier=tier,
            language=language,
            state=State.waiting,
            origin="kiosk" if booked is None else "appointment",
            issued_at=self.now,
            arrival_at=effective_arrival(self.now, booked),
            waiting_since=self.now,
            appointment_at=booked,
        )
        self.tickets[ticket.id] = ticket
        self.record(issued(ticket, "device:kiosk"))
        return ticket

    def set_desk(self, desk: str, state: str, attendant: str | None = None) -> None:
        """Open, pause, resume or close a counter."""
        before = self.desks[desk]
        if before.state == state:
            return
        if state != "open" and self.in_hand(desk):
            raise Refusal("ticket_in_hand")
        kind = {"closed": "closed", "paused": "paused", "open": "resumed"}[state]
        if before.state == "closed":
            kind = "opened"
            taken = any(d.attendant == attendant for d in self.desks.values())
            if taken:
                raise Refusal("attendant_busy_elsewhere")
        who = None if state == "closed" else before.attendant or attendant
        after = self.desks[desk] = replace(before, state=state, attendant=who)
        data = {
            "counter": desk,
            "counter_number": after.number,
            "counter_kind": after.kind,
            "state": state,
            "attendant": before.attendant or who,
        }
        self.record(Event(f"counter.{kind}", self.now, data))

    def call_next(self, desk: str) -> Choice | None:
        """The counter calls whoever is next."""
        self._must_be_ready(desk)
        choice = pick_next(self.snapshot(desk))
        if choice is not None:
            self._call(desk, choice.ticket.id, choice.reason, choice.detail)
        return choice

    def call(self, desk: str, ticket_id: str, why: str) -> Ticket:
        """The counter calls one ticket out of order."""
        self._must_be_ready(desk)
        return self._call(desk, ticket_id, Reason.manual, {"why": why})

    def _must_be_ready(self, desk: str) -> None:
        if self.desks[desk].state != "open":
            raise Refusal("counter_closed")
        if self.in_hand(desk):
            raise Refusal("ticket_in_hand")

    def _call(self, desk: str, ticket_id: str, reason: Reason, detail: dict[str, str]) -> Ticket:
        at = self.desks[desk]
        after = self.act(ticket_id, Action.call, desk, reason=str(reason), reason_detail=detail)
        self.desks[desk] = replace(at, ratio=ratio_after(at.ratio, self.preset, after.tier))
        return after

    def act(self, ticket_id: str, action: Action, desk: str | None = None, **more: Any) -> Ticket:
        """One move of one ticket, from a counter or (without one) by a supervisor's or the citizen's hand."""
        seat = self.seat(desk) if desk else None
        move = Move(action, self.now, f"staff:{desk}", seat, rules=self.rules, **more)
        after, event = advance(self.tickets[ticket_id], move)
        self.tickets[ticket_id] = after
        recorded = self.record(event)
        if action in (Action.call, Action.recall) and seat is not None:
            self.lines[ticket_id] = {
                "ticket": after.id,
                "label": after.label,
                "service": after.service,
                "counter": seat.counter,
                "counter_number": seat.number,
                "counter_kind": seat.kind,
                "calls": after.calls,
                "at": self.events(after=recorded.seq - 1)[0]["at"],
                "seq": recorded.seq,
            }
        return after

    def close_day(self) -> int:
        """Expire what still waits and begin the day of the calendar."""
        next_day = max(self.day + timedelta(days=1), business_day(self.now, ZONE))
        expired = [t.id for t in self.tickets.values() if t.state in ALIVE and t.state is not State.serving]
        for ticket_id in expired:
            self.act(ticket_id, Action.expire)
        for desk in self.desks:
            if not self.in_hand(desk):
                self.set_desk(desk, "closed")
        data = {"day": self.day.isoformat(), "next_day": next_day.isoformat(), "expired": len(expired)}
        self.record(Event("day.closed", self.now, data))
        self.day, self.series, self.lines = next_day, {}, {}
        return len(expired)
