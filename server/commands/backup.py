"""`vez backup` and `vez restore`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from server.backup import DEFAULT_KEEP, BackupError, back_up
from server.commands.common import data_option, opened_house, settings_for


@click.command()
@click.option(
    "--to", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder of the backups."
)
@click.option(
    "--keep", type=click.IntRange(1), default=DEFAULT_KEEP, show_default=True, help="How many to keep."
)
@data_option
def backup(to: Path, keep: int, data: Path | None) -> None:
    """Back up the database, the signing key and the media, while the server works."""
    settings = settings_for(data)
    try:
        folder = back_up(settings.database, settings.data_dir, to, keep, datetime.now(UTC))
    except BackupError as error:
        raise click.ClickException(f"no backup: {error}") from None
    click.echo(f"backup in {folder}")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--yes", is_flag=True, help="Do not ask.")
@data_option
def restore(folder: Path, yes: bool, data: Path | None) -> None:
    """Put a backup back, in the place of what is there now. The server must be stopped.

    What was there is kept aside. An older schema is brought up to date, and every journal is checked.
    """
    from server.restore import put_back

    settings = settings_for(data)
    if not yes:
        if not sys.stdin.isatty():
            raise click.ClickException("this replaces the database: say --yes")
        click.confirm(f"Replace {settings.database.rpartition('@')[2]} by {folder}?", abort=True)
    try:
        aside = put_back(folder, settings.database, settings.data_dir, datetime.now(UTC))
    except BackupError as error:
        raise click.ClickException(f"not restored: {error}") from None
    click.echo(f"restored from {folder}; what was there lies in {aside}")
    with opened_house(settings) as house:
        _bring_up_to_date(house)
        sound = [_check(house, unit_id) for unit_id in _units(house)]
    if not all(sound):
        raise click.ClickException("the backup was put back, but its journal does not hold (above)")


def _bring_up_to_date(house: Any) -> None:
    from server.store import migrate

    before = migrate.present(house.store.engine)
    migrate.upgrade(house.store.engine)
    after = migrate.present(house.store.engine)
    if before != after:
        click.echo(f"schema {before or 'empty'} → {after}")


def _units(house: Any) -> list[str]:
    from server.store.unit_of_work import all_units

    with house.store.read() as connection:
        return [row.id for row in all_units(connection)]


def _check(house: Any, unit_id: str) -> bool:
    from server.usecases.verification import verify_journal

    verdict = verify_journal(house, unit_id)
    click.echo(f"{unit_id}: {verdict.entries} entries, {verdict.tickets} tickets")
    for problem in verdict.problems:
        click.echo(f"{unit_id}: {problem}", err=True)
    return not verdict.problems
