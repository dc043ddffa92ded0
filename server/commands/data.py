"""`vez migrate` and `vez day`: the database's schema, and the closing of business days."""

from __future__ import annotations

from pathlib import Path

import click

from server.commands.common import data_option, opened_house, settings_for


@click.command()
@data_option
def migrate(data: Path | None) -> None:
    """Bring the database to the schema of this version."""
    from server.store import migrate as schema

    with opened_house(settings_for(data)) as house:
        before = schema.present(house.store.engine)
        schema.upgrade(house.store.engine)
        after = schema.present(house.store.engine)
    click.echo(f"schema {after}" if before == after else f"schema {before or 'empty'} → {after}")


@click.group()
def day() -> None:
    """Business days of the units."""


@day.command("close")
@click.argument("unit")
@data_option
def close(unit: str, data: Path | None) -> None:
    """Close a unit's business day now: what still waits expires. Safe to run twice."""
    from server.usecases.context import SYSTEM
    from server.usecases.endofday import close_day_by_command

    with opened_house(settings_for(data)) as house:
        answer = close_day_by_command(house, SYSTEM, unit)
    click.echo(f"{unit}: {answer['day']}, {answer['expired']} expired")
