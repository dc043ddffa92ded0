"""Queues for the tests of the policy: short names for hand-written ones, strategies for drawn ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from server.domain.policy import DEFAULT_RATES, Level, Mode, Preset, Profile, RatioState, Snapshot, Waiting
from server.domain.ticket import Tier

NINE = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # 9:00 in Florianópolis
SERVICES = ("iptu", "itbi", "alvara", "protocolo")
HERE, ELSEWHERE = "centro-3", "centro-4"
ME, COLLEAGUE = "ana", "bruno"
TIERS = {"8": Tier.eighty_plus, "p": Tier.priority, "d": Tier.donor, "n": Tier.normal}


def waits(name: str, minutes: float, service: str = "iptu", **more) -> Waiting:
    """A ticket that has waited for so many minutes; its name begins with its tier (8, p, d, n)."""
    arrival = NINE - timedelta(minutes=minutes)
    return Waiting(name, name.upper(), service, TIERS[name[0]], arrival, **more)


def booked(name: str, minutes: float, service: str = "iptu") -> Waiting:
    """An appointment checked in on time, for so many minutes ago (below 0: still to come)."""
    return waits(name, minutes, service, appointment=NINE - timedelta(minutes=minutes))


def profile(*levels: str, dedicated: bool = False) -> Profile:
    """``profile("iptu itbi", "alvara@20")``: two levels, the second with an overflow of 20 minutes."""
    made = []
    for level in levels:
        services, _, minutes = level.partition("@")
        made.append(Level(frozenset(services.split()), int(minutes) * 60 if minutes else None))
    return Profile("test", tuple(made), dedicated)


def view(*waiting: Waiting, preset: Preset | None = None, levels: Profile | None = None, **more) -> Snapshot:
    """What the counter HERE, with ME at it, decides on."""
    chosen = levels or profile(" ".join(SERVICES))
    return Snapshot(NINE, preset or Preset(), chosen, HERE, ME, tuple(waiting), **more)


def names(choices) -> str:
    """The order as one line."""
    return " ".join(choice.ticket.id for choice in choices)


# Few distinct times, so that ties are common; some lie ahead, for who came before the booked time.
_moments = st.integers(min_value=-3, max_value=24).map(lambda n: NINE - timedelta(minutes=5 * n))
_reserved = st.sampled_from(
    [(None, None)] * 6 + [(HERE, None), (ELSEWHERE, None), (None, ME), (None, COLLEAGUE)]
)


@st.composite
def queues(draw: st.DrawFn, max_size: int = 40) -> tuple[Waiting, ...]:
    """A waiting room in no particular order."""
    size = draw(st.integers(min_value=0, max_value=max_size))
    tickets = []
    for n in draw(st.permutations(range(size))):
        arrival = draw(_moments)
        counter, attendant = draw(_reserved)
        tier = draw(st.sampled_from(Tier))
        booked = arrival if draw(st.booleans()) else None
        service = draw(st.sampled_from((*SERVICES, "not-in-any-profile")))
        tickets.append(Waiting(f"{n:04d}", f"A{n:03d}", service, tier, arrival, booked, counter, attendant))
    return tuple(tickets)


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    """One to three levels; a service may stand in two of them, or in none."""
    level = st.builds(
        Level,
        st.frozensets(st.sampled_from(SERVICES), min_size=1, max_size=3),
        st.none() | st.integers(min_value=0, max_value=7200),
    )
    levels = draw(st.lists(level, min_size=1, max_size=3))
    return Profile("drawn", tuple(levels), dedicated=draw(st.booleans()))


presets = st.builds(
    Preset,
    st.sampled_from(Mode),
    st.integers(min_value=1, max_value=4),
    st.integers(min_value=1, max_value=3),
    st.just(DEFAULT_RATES),
)
ratios = st.builds(RatioState, st.integers(min_value=0, max_value=5), st.integers(min_value=0, max_value=3))


@st.composite
def snapshots(draw: st.DrawFn, mode: Mode | None = None) -> Snapshot:
    """Any decision that a counter may face."""
    preset = draw(presets) if mode is None else Preset(mode)
    levels, waiting = draw(profiles()), draw(queues())
    who = draw(st.sampled_from([ME, None]))
    return Snapshot(NINE, preset, levels, HERE, who, waiting, draw(ratios), draw(st.booleans()))
