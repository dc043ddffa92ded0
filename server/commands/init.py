"""`vez init`: a real installation begins with a city's folder; `--example` writes one to begin that with."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from server.commands.common import data_option, opened_house, settings_for
from server.config import Settings, keep_secret_key

if TYPE_CHECKING:
    from server.demo.data import Demo
    from server.usecases.seeding import Administrator

PASSWORD = "VEZ_ADMIN_PASSWORD"  # noqa: S105 - the name of the variable
LONGEST_USERNAME = 60


class Faults(click.ClickException):
    """What is wrong with a city's folder, each fault on a line of its own."""

    def show(self, file: Any = None) -> None:
        for line in self.message.splitlines():
            click.echo(f"Error: {line}", file=file, err=True)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--example", is_flag=True, help="Only write the demo city into FOLDER, to be edited.")
@click.option("--admin", metavar="USERNAME", help="Create the first administrator; asks for a password.")
@click.option("--name", help="The administrator's name (default: the username).")
@data_option
def init(folder: Path, example: bool, admin: str | None, name: str | None, data: Path | None) -> None:
    """Begin an installation with the city in FOLDER, in a database without units.

    The password is asked for twice; where nobody can be asked, it is VEZ_ADMIN_PASSWORD or one line of the input.
    """
    if example:
        if admin or name or data:
            raise click.ClickException("--example only writes files: leave out --admin, --name and --data")
        _write_example(folder)
        return
    if name and not admin:
        raise click.ClickException("--name is the administrator's: give --admin too")
    city = _read(folder)
    settings = settings_for(data)
    _refuse_units(settings)
    administrator = _administrator(admin, name) if admin is not None else None
    _store(settings, city, administrator)
    _tell(settings, city, admin=admin, data=data)
    if (folder / "people.json").exists():
        click.echo(f"{folder / 'people.json'} was not read: people and devices are added by command.")


def _write_example(folder: Path) -> None:
    from server.demo.data import write_example

    if folder.exists() and not folder.is_dir():
        raise click.ClickException(f"{folder}: no folder")
    if folder.is_dir() and any(folder.iterdir()):
        raise click.ClickException(f"{folder}: has files already; give a new or an empty folder")
    write_example(folder)
    click.echo(f"{folder}: the demo city, without people and devices. Edit it, then:")
    click.echo(f"  vez init {shlex.quote(str(folder))} --admin USERNAME")


def _read(folder: Path) -> Demo:
    """The city, sound; a DemoDataError becomes lines that begin with the file's whole path."""
    from server.demo.data import DemoDataError, load_city

    if not folder.is_dir():
        hint = f"`vez init --example {shlex.quote(str(folder))}` writes one to begin with"
        raise click.ClickException(f"{folder}: no such folder; {hint}")
    try:
        return load_city(folder)
    except DemoDataError as error:
        raise Faults("\n".join(f"{folder}/{line}" for line in str(error).splitlines())) from None


def _refuse_units(settings: Settings) -> None:
    """Refuse a database with units before anybody is asked for a password, and before its schema is touched."""
    from sqlalchemy import make_url

    from server.store import migrate
    from server.usecases import seeding

    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return  # looking would make the file
    with opened_house(settings) as house:
        if migrate.present(house.store.engine) is None:
            return
        try:
            with house.store.read() as connection:
                seeding.must_be_empty(connection)
        except seeding.NotEmptyError as found:
            raise _units_there(found) from None


def _units_there(found: Exception) -> click.ClickException:
    return click.ClickException(f"the database has units already ({found}): nothing was changed")


def _administrator(username: str, name: str | None) -> Administrator:
    """Whoever was asked for, with a password that `vez user add` would take and that is not the demo's."""
    from server.demo.checks import USERNAME
    from server.demo.data import load_demo
    from server.usecases.accounts import hash_password
    from server.usecases.seeding import Administrator

    username = username.strip().lower()
    if not USERNAME.fullmatch(username) or len(username) > LONGEST_USERNAME:
        raise click.ClickException(f"--admin {username}: letters and digits, with . or - between them")
    password = _password()
    if password in {user.password for user in load_demo().users}:
        raise click.ClickException("this password is the demo's, which everybody knows: choose another")
    return Administrator(username, name or username, hash_password(password))


def _password() -> str:
    try:
        given = os.environ.get(PASSWORD) or _asked()
        given.encode()
    except UnicodeError:
        raise click.ClickException("the administrator's password is no UTF-8 text") from None
    if not given:
        raise click.ClickException(f"no password for the administrator: set {PASSWORD}, or give it as a line")
    return given


def _asked() -> str:
    if sys.stdin is None:
        return ""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def _store(settings: Settings, city: Demo, administrator: Administrator | None) -> None:
    """Data folder, key and schema, then the city at once: whatever fails on the way, the command can be repeated."""
    from server.store import migrate
    from server.usecases import seeding

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    keep_secret_key(settings)
    with opened_house(settings) as house:
        migrate.upgrade(house.store.engine)
        try:
            seeding.found_city(house, city, administrator)
        except seeding.NotEmptyError as found:  # another `vez init` was quicker
            raise _units_there(found) from None


def _tell(settings: Settings, city: Demo, *, admin: str | None, data: Path | None) -> None:
    from sqlalchemy import make_url

    counters = sum(len(unit.counters) for unit in city.units)
    there = f" --data {shlex.quote(str(data))}" if data else ""
    key = "VEZ_SECRET_KEY" if settings.secret_key else settings.data_dir / "secret_key"
    lines = [
        f"database  {make_url(settings.database).render_as_string(hide_password=True)}",
        f"key       {key}",
        f"city      units: {len(city.units)}, services: {len(city.services)}, counters: {counters}",
        f"admin     {admin.strip().lower() if admin else '(none yet)'}",
        "Next:",
    ]
    if not admin:
        lines.append(f"  vez user add USERNAME --role admin --name NAME{there}")
    lines += [
        f"  vez serve{there}",
        f'  vez device add {city.units[0].id} kiosk --name "Totem"{there}   (also: panel, printer, feedback)',
    ]
    click.echo("\n".join(lines))
