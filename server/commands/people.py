"""`vez user` and `vez device`: accounts of the staff, and devices with their pairing codes."""

from __future__ import annotations

from pathlib import Path

import click

from server.commands.common import data_option, opened_house, settings_for


@click.group()
def user() -> None:
    """Accounts of the staff."""


@user.command("add")
@click.argument("username")
@click.option("--name", required=True, help="The person's name.")
@click.option("--role", type=click.Choice(["attendant", "supervisor", "admin"]), required=True)
@click.option("--unit", help="The person's unit; without it: every unit.")
@click.password_option(help="At least 8 characters; asked for when not given.")
@data_option
def add_user(username: str, name: str, role: str, unit: str | None, password: str, data: Path | None) -> None:
    """Create an account."""
    from server.store.unit_of_work import find_unit
    from server.usecases.accounts import add_account

    if unit is None and role == "attendant":
        raise click.UsageError("an attendant belongs to a unit: give --unit")
    with opened_house(settings_for(data)) as house:
        if unit is not None:
            with house.store.read() as connection:
                find_unit(connection, unit)
        add_account(house, username, name, role, unit, password)
    click.echo(f"{username}: {role}{' of ' + unit if unit else ''}")


@user.command("password")
@click.argument("username")
@click.password_option(help="At least 8 characters; asked for when not given.")
@data_option
def change_password(username: str, password: str, data: Path | None) -> None:
    """Give an account a new password; its sessions end."""
    from server.usecases.accounts import set_password

    with opened_house(settings_for(data)) as house:
        set_password(house, username, password)
    click.echo(f"{username}: new password")


@user.command("list")
@click.option("--unit", help="Only this unit.")
@data_option
def list_users(unit: str | None, data: Path | None) -> None:
    """Everybody who may log in."""
    from server.store.accounts import of_unit

    with opened_house(settings_for(data)) as house, house.store.read() as connection:
        for row in of_unit(connection, unit):
            state = "  (disabled)" if row.disabled else ""
            click.echo(f"{row.username:20} {row.role:11} {row.unit or '*':14} {row.name}{state}")


@click.group()
def device() -> None:
    """Kiosks, panels, printers and feedback tablets."""


@device.command("add")
@click.argument("unit")
@click.argument("kind", type=click.Choice(["kiosk", "panel", "printer", "feedback"]))
@click.option("--name", required=True, help="Where it stands, e.g. 'Totem da entrada'.")
@data_option
def add_device(unit: str, kind: str, name: str, data: Path | None) -> None:
    """Register a device; prints the code that pairs it within 15 minutes."""
    from server.usecases import devices
    from server.usecases.context import SYSTEM
    from server.wire.requests import NewDevice

    with opened_house(settings_for(data)) as house:
        made = devices.add_device(house, SYSTEM, unit, NewDevice(kind=kind, name=name))  # type: ignore[arg-type]
    click.echo(f"{made['device']['id']}  code {made['code']}")


@device.command("revoke")
@click.argument("unit")
@click.argument("device_id")
@data_option
def revoke_device(unit: str, device_id: str, data: Path | None) -> None:
    """Turn a device away for good."""
    from server.usecases import devices
    from server.usecases.context import SYSTEM

    with opened_house(settings_for(data)) as house:
        devices.revoke(house, SYSTEM, unit, device_id)
    click.echo(f"{device_id}: revoked")


@device.command("list")
@click.argument("unit")
@data_option
def list_devices(unit: str, data: Path | None) -> None:
    """The devices of a unit, and whether each was heard of within a minute."""
    from server.usecases.context import SYSTEM
    from server.usecases.supervision import list_devices as listed

    with opened_house(settings_for(data)) as house:
        for row in listed(house, SYSTEM, unit)["devices"]:
            click.echo(f"{row['id']:38} {row['kind']:9} {'on ' if row['online'] else 'off'}  {row['name']}")


@device.command("serve")
@click.argument("unit")
@click.argument("device_id")
@click.argument("units", nargs=-1)
@data_option
def serve_units(unit: str, device_id: str, units: tuple[str, ...], data: Path | None) -> None:
    """Let a kiosk of UNIT give out tickets for further UNITS too; without any: for its own only."""
    from server.usecases import devices
    from server.usecases.context import SYSTEM

    with opened_house(settings_for(data)) as house:
        also = devices.share(house, SYSTEM, unit, device_id, list(units))["device"]["also"]
    click.echo(f"{device_id}: {', '.join([unit, *also])}")
