"""Identifiers: standard, in the order of their moments, never twice."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.usecases.ids import new_id

_MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2400, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - its bounds


@given(_MOMENTS)
def test_it_is_a_uuid_of_version_seven_that_tells_its_millisecond(moment):
    """As any other program reads it."""
    made = uuid.UUID(new_id(moment))
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    assert str(made) == str(made).lower()


@given(_MOMENTS, st.integers(1, 10_000_000))
def test_later_is_greater(moment, microseconds):
    """By a microsecond already: two tickets of one millisecond keep their order."""
    assert new_id(moment) < new_id(moment + timedelta(microseconds=microseconds))


def test_one_moment_gives_many():
    """Of the very same microsecond."""
    moment = datetime(2026, 11, 29, tzinfo=UTC)
    assert len({new_id(moment) for _ in range(10_000)}) == 10_000
