"""Bringing a database to the schema of this version (Alembic)."""

from __future__ import annotations

from importlib import resources

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from server.store.engine import have_patience


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files("server.store").joinpath("migrations")))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest schema; does nothing when it is there already."""
    with engine.execution_options(vez_begin="IMMEDIATE").begin() as connection:
        have_patience(connection, None)
        command.upgrade(_config(connection), "head")


def newest() -> str:
    """The revision that this version of the program expects."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def present(engine: Engine) -> str | None:
    """The revision that the database is at, or None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()
