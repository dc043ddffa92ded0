"""The migrations lead to the schema that the program has in mind, on both engines, from nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from server.store import migrate
from server.store.engine import open_engine
from server.store.tables import metadata


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request, tmp_path: Path) -> Any:
    """An empty database."""
    sqlite = f"sqlite:///{tmp_path / 'new.sqlite3'}"
    made = open_engine(sqlite if request.param == "sqlite" else request.getfixturevalue("pg_empty_url"))
    yield made
    made.dispose()


def test_migrated_is_what_the_tables_say(engine):
    """Nothing to add, nothing to drop: tables, columns, types, keys and indexes."""
    assert migrate.present(engine) is None
    migrate.upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []
    assert migrate.present(engine) == migrate.newest()


def test_migrating_twice_is_harmless(engine):
    """The second time there is nothing to do."""
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO category (id, position, icon, name) VALUES ('x', 0, 'i', '{}')"))
    migrate.upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM category")).scalar_one() == 1


def test_the_partial_indexes_are_partial(engine):
    """What must be unique only among the living has its condition in the database too (Alembic does not compare it)."""
    migrate.upgrade(engine)
    wanted = {
        index.name: index.dialect_options[engine.dialect.name]["where"]
        for table in metadata.sorted_tables
        for index in table.indexes
    }
    found = {
        index["name"]: index.get("dialect_options", {}).get(f"{engine.dialect.name}_where")
        for table in metadata.sorted_tables
        for index in inspect(engine).get_indexes(table.name)
    }
    assert {name for name, where in wanted.items() if where is not None} == {
        name for name, where in found.items() if where is not None
    }
    assert sum(1 for where in wanted.values() if where is not None) >= 8


def test_no_half_migration(engine, monkeypatch):
    """A step that fails leaves the database as it was: the old program still runs on it."""
    from alembic import command

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("the power went")

    real = command.upgrade

    def upgrade_then_break(config: Any, revision: str) -> None:
        real(config, revision)
        broken()

    monkeypatch.setattr(command, "upgrade", upgrade_then_break)
    with pytest.raises(RuntimeError):
        migrate.upgrade(engine)
    assert inspect(engine).get_table_names() == []


def test_sqlite_keeps_its_word(tmp_path: Path):
    """WAL, FULL, foreign keys: on every connection of the pool."""
    engine = open_engine(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    try:
        with engine.connect() as one, engine.connect() as two:
            for connection in (one, two):
                asked = {name: connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in _WANTED}
                assert asked == _WANTED
    finally:
        engine.dispose()


_WANTED = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
