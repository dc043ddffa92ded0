"""`vez forecast`: were the waits that citizens were promised kept?"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import click

from server.commands.common import data_option, opened_house, settings_for


@click.command()
@click.argument("unit")
@click.option("--day", help="YYYY-MM-DD; without it: the business day that is open.")
@click.option("--csv", "as_csv", is_flag=True, help="Every ticket: promise, wait and error, as CSV.")
@data_option
def forecast(unit: str, day: str | None, as_csv: bool, data: Path | None) -> None:
    """The forecasts of a day held against the real waits of a unit."""
    from server.usecases.context import SYSTEM
    from server.usecases.promises import report

    with opened_house(settings_for(data)) as house:
        found = report(house, SYSTEM, unit, day, "pt-BR", tickets=as_csv)
    if as_csv:
        names = ("label service tier issued_at called_at ahead low high waited_minutes error_minutes").split()
        writer = csv.DictWriter(sys.stdout, names)
        writer.writeheader()
        writer.writerows(found["tickets"])
        return
    click.echo(f"{unit}, {found['day']}: {found['taken']} tickets")
    for name, figures in [("all", found["figures"]), *((s["id"], s["figures"]) for s in found["services"])]:
        if not figures["judged"]:
            click.echo(f"{name:40} nothing to judge yet")
            continue
        click.echo(
            f"{name:40} {figures['judged']:5} judged  {figures['share_inside']:6.1%} inside  "
            f"mean error {figures['mean_error_minutes']:+.1f} min, off by {figures['mean_miss_minutes']:.1f} min"
        )
