"""Column types that behave alike on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, Dialect, Text, TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def _to_microseconds(value: datetime | None) -> int | None:
    return None if value is None else (value - _EPOCH) // _MICROSECOND


def _from_microseconds(value: int | None) -> datetime | None:
    return None if value is None else _EPOCH + timedelta(microseconds=value)


class Instant(TypeDecorator[datetime]):
    """An aware moment as whole microseconds since 1970 UTC.

    SQLite has no time type of its own and its text form loses the offset; an integer keeps order, precision and
    meaning on both engines.
    """

    impl = BigInteger
    cache_ok = True

    # The processors themselves, not SQLAlchemy's wrappers around them: a ticket has nine such columns, mostly empty.
    def bind_processor(self, dialect: Dialect) -> Any:
        """Aware datetime to microseconds; a naive one is a bug and raises TypeError."""
        return _to_microseconds

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Microseconds to an aware UTC datetime."""
        return _from_microseconds


def _to_iso(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _from_iso(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


class Day(TypeDecorator[date]):
    """A business day: SQL's own date, as ISO text on SQLite, which has none."""

    impl = Date
    cache_ok = True

    # On SQLite not SQLAlchemy's processors: they fit any form of text, and a ticket has four such columns.
    def bind_processor(self, dialect: Dialect) -> Any:
        """A date to what the driver takes."""
        return _to_iso if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: Any) -> Any:
        """What the driver gives to a date."""
        return _from_iso if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


Json = JSON(none_as_null=True)


class JsonText(TypeDecorator[str]):
    """The value of a JSON column that is text already: written as it is."""

    impl = JSON
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Any:
        """Nothing to do."""
        return None


def _to_text(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


@lru_cache(maxsize=256)
def _loaded(text: str | None) -> Any:
    return None if text is None else json.loads(text)


class SharedJson(TypeDecorator[Any]):
    """JSON that is read with every command and hardly ever changes: the same text gives the same object, parsed once.

    Whoever reads it must not change it; to store something else, write a new value.
    """

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Any:
        """Plain data to text."""
        return _to_text

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Text to (shared) plain data."""
        return _loaded
