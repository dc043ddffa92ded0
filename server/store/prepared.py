"""Statements of the hot path: written in Core, compiled once, run on the driver's own cursor.

``Connection.execute`` spends some 80 µs of Python on each statement here, and a ticket takes a dozen. Types are still
SQLAlchemy's: their processors run on every value, and errors come out as SQLAlchemy's own.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import ClauseElement

Values = Mapping[str, Any]
RowMaker = Callable[[Sequence[Any]], Any]


class _Plan(NamedTuple):
    """A statement for one dialect."""

    sql: str
    bind: Callable[[Values], Any]  # parameters by name → what the driver wants
    error: type[Exception]
    # psycopg: one cursor serves a connection for life, as each result is read at once, and whole.
    keeps_cursor: bool


class Prepared:
    """One Core statement without expanding parameters. Parameters are given by name on each call."""

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._plans: dict[str, _Plan] = {}
        self._row_makers: dict[str, RowMaker] = {}

    def one_or_none(self, connection: Connection, values: Values) -> Any:
        """The only row as a named tuple, or None."""
        cursor = self._execute(connection, values)
        make = self._row_makers.get(connection.dialect.driver) or self._row_maker(connection.dialect, cursor)
        row = cursor.fetchone()
        if not self._plans[connection.dialect.driver].keeps_cursor:
            # An unfinished cursor would hold SQLite's snapshot open on a connection that stays.
            cursor.close()
        return make(row) if row is not None else None

    def all(self, connection: Connection, values: Values) -> list[Any]:
        """Every row as a named tuple."""
        cursor = self._execute(connection, values)
        make = self._row_makers.get(connection.dialect.driver) or self._row_maker(connection.dialect, cursor)
        return [make(row) for row in cursor.fetchall()]

    def scalar(self, connection: Connection, values: Values) -> Any:
        """The first column of the first row; None without a row."""
        row = self.one_or_none(connection, values)
        return None if row is None else row[0]

    def run(self, connection: Connection, values: Values) -> int:
        """Execute a write; how many rows it touched."""
        return int(self._execute(connection, values).rowcount)

    def run_many(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Execute a write for each of the rows."""
        if rows:
            self._execute(connection, rows, many=True)

    def _execute(self, connection: Connection, values: Any, *, many: bool = False) -> Any:
        plan = self._plans.get(connection.dialect.driver) or self._compile(connection.dialect)
        # The driver's own connection: the pool's wrapper around it costs more than a small statement.
        wire: Any = connection.connection.dbapi_connection
        cursor = _cursor_of(wire) if plan.keeps_cursor else wire.cursor()
        try:
            if many:
                cursor.executemany(plan.sql, [plan.bind(row) for row in values])
            else:
                cursor.execute(plan.sql, plan.bind(values))
        except plan.error as error:
            raise DBAPIError.instance(
                plan.sql, None, error, plan.error, dialect=connection.dialect
            ) from error
        return cursor

    def _row_maker(self, dialect: Dialect, cursor: Any) -> RowMaker:
        # Made at the first result: PostgreSQL's figures are read by the type that the server names.
        made = _make_row_maker(self._statement, dialect, [column[1] for column in cursor.description])
        self._row_makers[dialect.driver] = made
        return made

    def _compile(self, dialect: Dialect) -> _Plan:
        compiled: Any = self._statement.compile(dialect=dialect)
        plan = _Plan(
            sql=str(compiled),
            bind=_binder(compiled, dialect),
            error=dialect.loaded_dbapi.Error,
            keeps_cursor=dialect.name == "postgresql",
        )
        self._plans[dialect.driver] = plan
        return plan


def _cursor_of(wire: Any) -> Any:
    """The connection's own cursor, made at its first statement."""
    cursor = getattr(wire, "vez_cursor", None)
    if cursor is None:
        cursor = wire.vez_cursor = wire.cursor()
    return cursor


def _binder(compiled: Any, dialect: Dialect) -> Callable[[Values], Any]:
    """Parameters by name to the driver's list or dict, through the processors of their types."""
    processors = {n: b.type.dialect_impl(dialect).bind_processor(dialect) for n, b in compiled.binds.items()}
    # What the statement itself holds, such as the 1 of a LIMIT.
    fixed = {n: b.effective_value for n, b in compiled.binds.items() if not b.required}
    names = compiled.positiontup if compiled.positional else list(compiled.binds)
    busy = [(at, processors[name]) for at, name in enumerate(names) if processors[name] is not None]
    pick = itemgetter(*names) if len(names) > 1 else lambda given: (given[names[0]],) if names else ()
    positional = compiled.positional

    def bind(values: Values) -> Any:
        cells = pick({**fixed, **values} if fixed else values)
        if busy:
            cells = list(cells)
            for at, process in busy:
                cells[at] = process(cells[at])
        return cells if positional else dict(zip(names, cells, strict=True))

    return bind


def _make_row_maker(statement: Any, dialect: Dialect, types: Sequence[Any]) -> RowMaker:
    columns = list(statement.selected_columns)
    row: Any = namedtuple("row", [str(c.key) for c in columns], rename=True)  # type: ignore[misc]  # noqa: PYI024
    processors = [
        c.type.dialect_impl(dialect).result_processor(dialect, code)
        for c, code in zip(columns, types, strict=True)
    ]
    busy = [(at, process) for at, process in enumerate(processors) if process is not None]

    def make(values: Sequence[Any]) -> Any:
        cells = list(values)
        for at, process in busy:
            cells[at] = process(cells[at])
        return row(*cells)

    return make
