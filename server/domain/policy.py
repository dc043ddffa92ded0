"""Who is next (DOMAIN 4): one pure decision over a snapshot, with its reason.

Every candidate gets one sort key, and the smallest is called::

    (tier band, before its booked time?, level of the profile, -score, arrival, id)

    law           the band is the tier's rank and the score is 0
    ratio n:m     the same, but the first normal is drawn before the priority tiers while normals are owed
    dedicated     all tiers in one band, so that arrival decides; law at the dedicated counters, and
                  everywhere while none of them is open
    accumulating  one band, score = wait seconds × rate of the tier

The tier band stands before the level, so that a normal ticket of an upper level never overtakes a priority
one (Lei 10.048/2000: immediately after the service in progress, before anyone else). Inside a lane (service,
tier) only the arrival differs; therefore the heads of the lanes, and the reserved tickets, are all that a
decision needs.
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from server.domain.presets import DEFAULT_RATES, PRESETS, Mode, Preset, preset_from_dict, preset_to_dict
from server.domain.ticket import Tier

__all__ = [
    "DEFAULT_RATES",
    "PRESETS",
    "Choice",
    "Level",
    "Mode",
    "Preset",
    "Profile",
    "RatioState",
    "Reason",
    "Snapshot",
    "Waiting",
    "effective_arrival",
    "order",
    "pick_next",
    "preset_from_dict",
    "preset_to_dict",
    "ratio_after",
]

LATE_AFTER_MINUTES = 10
PATIENCE = timedelta(minutes=5)  # for a counter that is closed, for somebody who is away


class Reason(StrEnum):
    """Why a ticket was chosen: stored on the call and shown to the supervisor."""

    oldest_arrival = "oldest_arrival"
    eighty_plus = "eighty_plus"
    priority_tier = "priority_tier"
    donor = "donor"
    appointment_due = "appointment_due"
    aging_guard = "aging_guard"
    ratio_normal_due = "ratio_normal_due"
    highest_score = "highest_score"
    by_arrival_dedicated = "by_arrival_dedicated"
    reserved_for_counter = "reserved_for_counter"
    reserved_for_attendant = "reserved_for_attendant"
    manual = "manual"


_TIER_REASONS = {
    Tier.eighty_plus: Reason.eighty_plus,
    Tier.priority: Reason.priority_tier,
    Tier.donor: Reason.donor,
    Tier.normal: Reason.oldest_arrival,
}


@dataclass(frozen=True, slots=True)
class Level:
    """Services of equal standing in a profile. A lower level waits for the upper ones, but no longer than
    ``overflow_seconds`` (None: for ever): after that its head competes as if it stood at the top."""

    services: frozenset[str]
    overflow_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What a counter calls, top level first. A ``dedicated`` counter serves the priority tiers only, in every mode. It
    may stand idle while normals wait: if it helped out, it would be busy when the next priority citizen arrives."""

    id: str
    levels: tuple[Level, ...]
    dedicated: bool = False

    def calls(self, service: str) -> bool:
        """Whether this profile calls a service at all."""
        return any(service in level.services for level in self.levels)

    @property
    def services(self) -> frozenset[str]:
        """Every service that this profile calls."""
        return frozenset[str]().union(*(level.services for level in self.levels))


@dataclass(frozen=True, slots=True)
class Waiting:
    """A waiting ticket as the policy sees it. ``arrival`` is the effective one (see ``effective_arrival``);
    ``counter`` or ``attendant`` is set when a transfer reserved the ticket for them, ``since`` then. Where nobody is
    there it waits for them for ``PATIENCE`` only; then it stands in the common queue again, at its old place."""

    id: str
    label: str
    service: str
    tier: Tier
    arrival: datetime
    appointment: datetime | None = None
    counter: str | None = None
    attendant: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class RatioState:
    """Memory of ratio mode: priority calls in a row, and normal calls still owed.

    Keep one for each counter. Shared by counters of different profiles, one could pay the normals that
    another owes, and the bound on their wait would be lost.
    """

    priority_run: int = 0
    normal_owed: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a decision may depend on. ``waiting``: the whole queue, or the oldest unreserved ticket of each
    (service, tier) with every reserved one; ``pick_next`` answers the same."""

    now: datetime
    preset: Preset
    profile: Profile
    counter: str
    attendant: str | None
    waiting: tuple[Waiting, ...]
    ratio: RatioState = RatioState()
    dedicated_open: bool = False
    # Ids of the counters where somebody sits and of those who sit there; None: nobody asks whether they are there.
    staffed: frozenset[str] | None = None
    whole_unit: bool = False  # no counter asks: everybody who waits has a place in the unit's list

    def holds(self, ticket: Waiting) -> bool:
        """Whether a ticket is reserved, and for somebody who is there or may still come."""
        wanted = {who for who in (ticket.counter, ticket.attendant) if who is not None}
        if not wanted or self.staffed is None or wanted <= self.staffed:
            return bool(wanted)
        return ticket.since is None or self.now - ticket.since < PATIENCE


@dataclass(frozen=True, slots=True)
class Choice:
    """The ticket to call, and why. ``detail`` holds what the sentence about the reason needs, as text."""

    ticket: Waiting
    reason: Reason
    detail: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Candidate:
    ticket: Waiting
    band: int
    early: bool  # checked in before the booked time
    level: int
    aged: bool  # waited over the limit of its level
    wait: float
    score: float

    @property
    def key(self) -> tuple[int, bool, int, float, float, str]:
        level = 0 if self.aged else self.level
        # Seconds since the epoch: datetimes of one zone compare by the wall clock, which repeats an hour each
        # autumn.
        return self.band, self.early, level, -self.score, self.ticket.arrival.timestamp(), self.ticket.id


def effective_arrival(
    issued_at: datetime,
    booked: datetime | None,
    checked_in_at: datetime | None = None,
    late_after_minutes: int = LATE_AFTER_MINUTES,
) -> datetime:
    """The moment that gives a ticket its place in the queue.

    A walk-in: when the ticket was issued. An appointment checked in on time (at most ``late_after_minutes``
    after it): the booked time. A late one: its check-in, which is when the ticket was issued unless told
    otherwise.
    """
    if booked is None:
        return issued_at
    present = checked_in_at or issued_at
    grace = timedelta(minutes=late_after_minutes).total_seconds()
    return booked if present.timestamp() - booked.timestamp() <= grace else present


def pick_next(snapshot: Snapshot) -> Choice | None:
    """The ticket that this counter calls next, or None if nobody waits for it."""
    return next(_draw(snapshot, 1), None)


def order(snapshot: Snapshot, limit: int | None = None) -> list[Choice]:
    """The order in which this counter would call if it alone called, and all of it now.

    At most ``limit`` choices; the first is what ``pick_next`` answers. It needs the whole queue.
    """
    return list(_draw(snapshot, limit))


def ratio_after(state: RatioState, preset: Preset, tier: Tier) -> RatioState:
    """The counter's ratio memory after it called a ticket of ``tier``, in whatever way it was chosen."""
    if preset.mode is not Mode.ratio:
        return RatioState()
    if tier is Tier.normal:
        return RatioState(0, max(0, state.normal_owed - 1))
    run = state.priority_run + 1
    return RatioState(run, preset.ratio_m) if run >= preset.ratio_n else RatioState(run, state.normal_owed)


def _mode_here(snapshot: Snapshot) -> Mode:
    mode = snapshot.preset.mode
    # Dedicated mode falls back to law by itself: with no dedicated counter open, priority would mean nothing.
    if mode is Mode.dedicated and (snapshot.profile.dedicated or not snapshot.dedicated_open):
        return Mode.law
    return mode


def _candidates(snapshot: Snapshot, mode: Mode) -> Iterator[_Candidate]:
    now = snapshot.now.timestamp()
    by_tier = mode in (Mode.law, Mode.ratio)
    standing = _standing(snapshot.profile)
    for ticket in snapshot.waiting:
        place = _place(snapshot, standing, ticket)
        if place is None:
            continue
        level, overflow = place
        wait = now - ticket.arrival.timestamp()
        score = max(0.0, wait) * snapshot.preset.rates[ticket.tier] if mode is Mode.accumulating else 0.0
        aged = level > 0 and overflow is not None and wait > overflow
        # A walk-in's arrival lies ahead only when the clock was set back: nobody came early then.
        early = wait < 0 and ticket.appointment is not None
        yield _Candidate(ticket, ticket.tier.rank if by_tier else 0, early, level, aged, wait, score)


@lru_cache(maxsize=512)
def _standing(profile: Profile) -> dict[str, tuple[int, int | None]]:
    # Reversed: a service named in two levels stands in the upper one.
    levels = reversed(list(enumerate(profile.levels)))
    return {service: (rank, level.overflow_seconds) for rank, level in levels for service in level.services}


def _place(
    snapshot: Snapshot, standing: Mapping[str, tuple[int, int | None]], ticket: Waiting
) -> tuple[int, int | None] | None:
    """Level and overflow of a ticket at this counter; None if it is not for this counter."""
    if snapshot.whole_unit:
        return 0, None
    if snapshot.holds(ticket):
        mine = ticket.counter in (None, snapshot.counter) and ticket.attendant in (None, snapshot.attendant)
        return (0, None) if mine else None
    if snapshot.profile.dedicated and ticket.tier is Tier.normal:
        return None
    return standing.get(ticket.service)


def _draw(snapshot: Snapshot, limit: int | None) -> Iterator[Choice]:
    mode = _mode_here(snapshot)
    pool = list(_candidates(snapshot, mode))
    left = Counter((c.band, c.early, c.level) for c in pool)
    stream = (
        _by_ratio(snapshot, pool, limit) if mode is Mode.ratio else ((c, False) for c in _best(pool, limit))
    )
    for candidate, owed in stream:
        # The guard is the reason only if it moved somebody: a ticket of an upper level is passed over.
        passes = candidate.aged and any(
            left[candidate.band, candidate.early, upper] for upper in range(candidate.level)
        )
        left[candidate.band, candidate.early, candidate.level] -= 1
        yield _choice(snapshot, mode, candidate, owed=owed, passes=passes)


def _best(pool: Iterable[_Candidate], limit: int | None) -> list[_Candidate]:
    if limit is None:
        return sorted(pool, key=lambda c: c.key)
    return heapq.nsmallest(limit, pool, key=lambda c: c.key)


def _by_ratio(
    snapshot: Snapshot, pool: list[_Candidate], limit: int | None
) -> Iterator[tuple[_Candidate, bool]]:
    """Law order, except that while normals are owed the first of them goes before the priority tiers."""
    priority = deque(_best((c for c in pool if c.ticket.tier is not Tier.normal), limit))
    normal = deque(_best((c for c in pool if c.ticket.tier is Tier.normal), limit))
    state = snapshot.ratio
    for _ in range(len(pool) if limit is None else min(limit, len(pool))):
        # Who has come before the booked time is owed nothing yet.
        due = bool(priority and normal) and normal[0].early <= priority[0].early
        owed = due and state.normal_owed > 0
        candidate = normal.popleft() if owed or not priority else priority.popleft()
        state = ratio_after(state, snapshot.preset, candidate.ticket.tier)
        yield candidate, owed


def _choice(snapshot: Snapshot, mode: Mode, c: _Candidate, *, owed: bool, passes: bool) -> Choice:
    ticket = c.ticket
    detail = {"arrival_at": ticket.arrival.isoformat()}
    if ticket.appointment is not None:
        detail["appointment_at"] = ticket.appointment.isoformat()
    reason, more = _why(snapshot, mode, c, owed=owed, passes=passes)
    return Choice(ticket, reason, detail | more)


def _why(
    snapshot: Snapshot, mode: Mode, c: _Candidate, *, owed: bool, passes: bool
) -> tuple[Reason, dict[str, str]]:
    """The rule that put this candidate first, the most surprising one if several did."""
    ticket, preset = c.ticket, snapshot.preset
    answer: tuple[Reason, dict[str, str]]
    if owed:
        answer = Reason.ratio_normal_due, {"ratio": f"{preset.ratio_n}:{preset.ratio_m}"}
    elif ticket.counter is not None and snapshot.holds(ticket):
        answer = Reason.reserved_for_counter, {"counter": ticket.counter}
    elif ticket.attendant is not None and snapshot.holds(ticket):
        answer = Reason.reserved_for_attendant, {"attendant": ticket.attendant}
    elif passes:
        answer = Reason.aging_guard, {"wait_minutes": str(int(c.wait // 60))}
    elif mode is Mode.dedicated:
        answer = Reason.by_arrival_dedicated, {}
    elif mode is Mode.accumulating:
        answer = Reason.highest_score, {"score": f"{c.score:.0f}", "rate": f"{preset.rates[ticket.tier]:g}"}
    elif ticket.tier is Tier.normal and ticket.arrival == ticket.appointment and not c.early:
        answer = Reason.appointment_due, {}
    else:
        answer = _TIER_REASONS[ticket.tier], {}
    return answer
