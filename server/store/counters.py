"""Counters: real rows, at most one attendant each, at most one counter per attendant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, func, literal_column, select, update

from server.domain.errors import Refusal
from server.store.prepared import Prepared
from server.store.tables import counter, profile, ticket

_WITH_PROFILE = select(counter, profile.c.name.label("profile_name")).select_from(
    counter.join(profile, (profile.c.unit == counter.c.unit) & (profile.c.id == counter.c.profile))
)
_ONE = Prepared(
    _WITH_PROFILE.where(counter.c.id == bindparam("counter_id"), counter.c.unit == bindparam("unit_id"))
)
_WITH_HAND = Prepared(
    select(counter, ticket.c.id.label("held"), ticket.c.label.label("held_label"))
    .select_from(
        counter.outerjoin(
            ticket,
            (ticket.c.counter == counter.c.id)
            # The words of the partial index itself: with bound states no planner would use it.
            & ticket.c.state.in_([literal_column("'called'"), literal_column("'serving'")]),
        )
    )
    .where(counter.c.id == bindparam("counter_id"), counter.c.unit == bindparam("unit_id"))
)
_OF_UNIT = Prepared(
    _WITH_PROFILE.where(counter.c.unit == bindparam("unit_id")).order_by(counter.c.position, counter.c.id)
)
_OF_ATTENDANT = Prepared(select(counter).where(counter.c.attendant == bindparam("account_id")))
SET_FREE = (
    update(counter)
    .where(counter.c.id == bindparam("free_counter"), counter.c.state == literal_column("'open'"))
    .values(free_since=bindparam("free_moment", type_=counter.c.free_since.type))
)
"""An open counter has nobody in hand from this moment on. A call leaves the moment as it is: it costs no write."""
_SET_FREE = Prepared(SET_FREE)
_OPEN_PROFILES = Prepared(
    select(counter.c.profile, func.count().label("open_counters"))
    .where(counter.c.unit == bindparam("unit_id"), counter.c.state == literal_column("'open'"))
    .group_by(counter.c.profile)
)
_STAFFED = Prepared(
    select(counter.c.id, counter.c.attendant).where(
        counter.c.unit == bindparam("unit_id"), counter.c.attendant.is_not(None)
    )
)


def get(connection: Connection, unit_id: str, counter_id: str) -> Any:
    """One counter of a unit. Raises ``Refusal('unknown_counter')``."""
    row = _ONE.one_or_none(connection, {"counter_id": counter_id, "unit_id": unit_id})
    if row is None:
        raise Refusal("unknown_counter", counter=counter_id)
    return row


def with_hand(connection: Connection, unit_id: str, counter_id: str) -> Any:
    """One counter of a unit with the ticket it has called or serves (``held``, ``held_label``: None for empty hands).

    Raises ``Refusal('unknown_counter')``.
    """
    row = _WITH_HAND.one_or_none(connection, {"counter_id": counter_id, "unit_id": unit_id})
    if row is None:
        raise Refusal("unknown_counter", counter=counter_id)
    return row


def of_unit(connection: Connection, unit_id: str) -> Sequence[Any]:
    """Every counter of a unit, in the order of the screens."""
    return _OF_UNIT.all(connection, {"unit_id": unit_id})


def staffed(connection: Connection, unit_id: str) -> frozenset[str]:
    """Ids of the counters where somebody sits, open or paused, and of those who sit there."""
    return frozenset(who for row in _STAFFED.all(connection, {"unit_id": unit_id}) for who in row)


def forget_ratio(connection: Connection, unit_id: str) -> None:
    """A new day owes nothing to the last one: the counters' memory of ratio mode begins anew."""
    owing = (counter.c.priority_run > 0) | (counter.c.normal_owed > 0)
    change = update(counter).where(counter.c.unit == unit_id, owing).values(priority_run=0, normal_owed=0)
    connection.execute(change)


def of_attendant(connection: Connection, account_id: str) -> Any | None:
    """Where an attendant sits now, in any unit."""
    return _OF_ATTENDANT.one_or_none(connection, {"account_id": account_id})


def save(connection: Connection, counter_id: str, was: str, **values: Any) -> None:
    """Guarded write: only from the state the decision was made on. Raises ``Refusal('conflict')``."""
    change = update(counter).where(counter.c.id == counter_id, counter.c.state == was).values(**values)
    if connection.execute(change).rowcount != 1:
        raise Refusal("conflict", counter=counter_id)


def set_free(connection: Connection, values: Mapping[str, Any]) -> None:
    """Run ``SET_FREE`` with its two parameters."""
    _SET_FREE.run(connection, values)


_OPEN_WITH_PROFILE = (
    select(func.count())
    .select_from(
        counter.join(profile, (profile.c.unit == counter.c.unit) & (profile.c.id == counter.c.profile))
    )
    .where(counter.c.unit == bindparam("unit_id"), counter.c.state == "open", profile.c.dedicated.is_(True))
)


def is_dedicated_open(connection: Connection, unit_id: str) -> bool:
    """Whether a counter that serves priority tiers only is open now."""
    return bool(connection.execute(_OPEN_WITH_PROFILE, {"unit_id": unit_id}).scalar_one())


def open_profiles(connection: Connection, unit_id: str) -> dict[str, int]:
    """How many counters are open now with each profile."""
    return dict(_OPEN_PROFILES.all(connection, {"unit_id": unit_id}))
