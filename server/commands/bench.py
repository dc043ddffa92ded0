"""`vez bench`: the measurements of bench/, each with its floor from the same run."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import click


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(arguments: tuple[str, ...]) -> None:
    """Measure this machine; results as JSON (a checkout only: the wheel carries no benches)."""
    script = Path(__file__).resolve().parents[2] / "bench" / "run.py"
    if not script.exists():
        raise click.ClickException("bench/ is not here: benchmarks run from a checkout of the project")
    sys.argv = [str(script), *arguments]
    runpy.run_path(str(script), run_name="__main__")
