"""What the commands share: settings with their options, an opened house without the web."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from server.config import Settings, load_settings


def data_option(function: Any) -> Any:
    """``--data DIR``, for the commands that work on a data directory."""
    return click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        help="Data directory (default: VEZ_DATA_DIR, else ./var).",
    )(function)


def settings_for(data: Path | None, **more: Any) -> Settings:
    """The settings, with what the command line says on top."""
    return load_settings(data_dir=data, **more)


@contextmanager
def opened_house(settings: Settings) -> Iterator[Any]:
    """A house on the settings' database, for commands that run beside the server."""
    from server.app import utc_now
    from server.store.unit_of_work import Store
    from server.usecases.context import House

    if settings.database.startswith("sqlite"):
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    store = Store(settings.database)
    try:
        yield House(store, utc_now, settings.public_url.rstrip("/"), settings.session_hours)
    finally:
        store.dispose()
