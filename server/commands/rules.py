"""`vez journal` and `vez policy`: what happened, and who would be next."""

from __future__ import annotations

from pathlib import Path

import click

from server.commands.common import data_option, opened_house, settings_for
from server.domain.presets import PRESETS, Mode, Preset


@click.group()
def journal() -> None:
    """The journals of the units."""


@journal.command("verify")
@click.argument("units", nargs=-1)
@data_option
def verify(units: tuple[str, ...], data: Path | None) -> None:
    """Check that journals are whole and unaltered, and that replaying them gives the stored tickets and board."""
    from server.store.unit_of_work import all_units
    from server.usecases.verification import verify_journal

    bad = 0
    with opened_house(settings_for(data)) as house:
        if not units:
            with house.store.read() as connection:
                units = tuple(row.id for row in all_units(connection))
        for unit in units:
            verdict = verify_journal(house, unit)
            bad += bool(verdict.problems)
            mark = "FAIL" if verdict.problems else "ok  "
            click.echo(
                f"{mark}  {unit}: {verdict.entries} entries, {verdict.tickets} tickets, chain {verdict.chain[:16]}"
            )
            for problem in verdict.problems:
                click.echo(f"      {problem}")
    if bad:
        raise click.ClickException(f"{bad} journal(s) do not hold")


@click.group()
def policy() -> None:
    """Who is next: presets of the units."""


@policy.command("list")
def presets() -> None:
    """The presets by name."""
    for name, preset in PRESETS.items():
        click.echo(f"{name:14} {_in_words(preset)}")


def _in_words(preset: Preset) -> str:
    if preset.mode is Mode.ratio:
        return f"{preset.ratio_n} calls of priority tiers in a row, then the oldest normal ticket {preset.ratio_m}×"
    if preset.mode is Mode.accumulating:
        rates = ", ".join(f"{tier} {rate:g}" for tier, rate in preset.rates.items())
        return f"the highest score is next: the wait times the rate of its tier ({rates})"
    return {
        Mode.law: "by tier, then by arrival: eighty_plus, priority, donor, normal",
        Mode.dedicated: "while a counter for priority tiers is open the others call by arrival; else as law",
    }[preset.mode]


@policy.command("preview")
@click.argument("unit")
@click.option("--preset", help="A preset's name; without it: the one in force.")
@click.option("--limit", default=20, show_default=True, help="How many calls.")
@data_option
def preview(unit: str, preset: str | None, limit: int, data: Path | None) -> None:
    """The next calls of a unit, if its open counters took turns and nobody came."""
    from server.usecases.policies import preview_calls

    with opened_house(settings_for(data)) as house:
        calls = preview_calls(house, unit, preset, limit)
    if not calls:
        click.echo("nobody would be called: nobody waits, or no counter is open")
    for place, (counter, label, tier, reason) in enumerate(calls, 1):
        click.echo(f"{place:3}  {label:8} {tier:12} {counter:16} {reason}")


@policy.command("set")
@click.argument("unit")
@click.argument("preset")
@click.option("--by", required=True, help="Who decided it; kept with the policy and in the audit.")
@data_option
def choose(unit: str, preset: str, by: str, data: Path | None) -> None:
    """Put a preset in force. Anything but `law` shows a legal notice."""
    from server.usecases.policies import set_policy

    with opened_house(settings_for(data)) as house:
        in_force = set_policy(house, unit, preset, by)
    click.echo(f"{unit}: {in_force['mode']}, decided by {by}")
    if in_force["mode"] != "law":
        click.echo("Lei 10.048/2000 art. 1 and Decreto 5.296/2004 art. 6 give priority at shared counters;")
        click.echo("departing from it is the unit's own, signed decision.")
