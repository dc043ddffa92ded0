"""`vez doctor`: is everything in place? One line per finding, exit status 1 if anything is wrong."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click

from server.commands.common import data_option, opened_house, settings_for
from server.config import Settings

PACKAGES = ("server", "kiosk", "panel", "counter", "printer")
LEAST_FREE_BYTES = 500 * 1024 * 1024


class Finding(NamedTuple):
    """One thing looked at."""

    ok: bool
    what: str
    advice: str = ""


@click.command()
@data_option
def doctor(data: Path | None) -> None:
    """Check packages, browser libraries, database, schema, Redis and disk."""
    settings = settings_for(data)
    bad = 0
    for finding in findings(settings):
        bad += not finding.ok
        mark = "ok  " if finding.ok else "FAIL"
        click.echo(f"{mark}  {finding.what}{'' if finding.ok else ': ' + finding.advice}")
    if bad:
        raise click.ClickException(f"{bad} problem(s)")


def findings(settings: Settings) -> Iterator[Finding]:
    """Everything that is looked at, in order."""
    yield from _packages()
    yield _browser_libraries()
    yield _disk(settings)
    yield from _database(settings)
    if settings.redis_url:
        yield _redis(settings)


def _packages() -> Iterator[Finding]:
    home = Path(__file__).resolve().parents[2]
    for name in PACKAGES:
        try:
            found = Path(str(importlib.import_module(name).__file__)).resolve().parents[1]
        except ImportError as error:
            yield Finding(False, f"package {name}", f"cannot be imported ({error})")
            continue
        # `panel` is also somebody else's project: installed over ours it would replace a screen.
        advice = f"comes from {found}, not from {home}; another distribution overwrote it"
        yield Finding(found == home, f"package {name}", advice)


def _browser_libraries() -> Finding:
    vendor = Path(__file__).resolve().parents[1] / "static" / "vendor"
    return Finding((vendor / "preact.mjs").exists(), "browser libraries", "run `make setup`")


def _disk(settings: Settings) -> Finding:
    folder = settings.data_dir if settings.data_dir.exists() else Path()
    free = shutil.disk_usage(folder).free
    return Finding(free > LEAST_FREE_BYTES, "free disk", f"only {free // 1024**2} MiB left")


def _database(settings: Settings) -> Iterator[Finding]:
    from sqlalchemy.exc import SQLAlchemyError

    from server.store import migrate

    try:
        with opened_house(settings) as house:
            present = migrate.present(house.store.engine)
    except SQLAlchemyError as error:
        yield Finding(False, "database", str(getattr(error, "orig", error)).splitlines()[0])
        return
    yield Finding(True, "database")
    advice = f"at {present or 'nothing'}, needs {migrate.newest()}: run `vez migrate`"
    yield Finding(present == migrate.newest(), "schema", advice)


def _redis(settings: Settings) -> Finding:
    import redis

    try:
        redis.Redis.from_url(settings.redis_url, socket_timeout=2, socket_connect_timeout=2).ping()
    except (redis.RedisError, OSError) as error:
        return Finding(False, "redis", f"does not answer ({error})")
    return Finding(True, "redis")
