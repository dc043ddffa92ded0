"""What the commands share: settings with their options, an opened house without the web."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from server.config import Settings, load_settings

PORT = click.IntRange(0, 65535)
"""A TCP port; 0 where a command picks a free one."""


def data_option_in(folder: str) -> Any:
    """``--data DIR`` of a command whose data are usually in ``folder``."""
    return click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        help=f"Data directory (default: VEZ_DATA_DIR, else ./{folder}).",
    )


def data_option(function: Any) -> Any:
    """``--data DIR``, for the commands that work on a data directory."""
    return data_option_in("var")(function)


def refuse_taken(host: str, port: int) -> None:
    """Refuse an address that another program listens on, in one line and before anything is started.

    gunicorn would try for five seconds; and whoever asked in the meantime whether *we* are ready, would be told
    so by the other one.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As gunicorn does: what a stopped server left behind (TIME_WAIT) is no listener.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(f"cannot listen on {host}, port {port}: {error.strerror}") from None


def settings_for(data: Path | None, **more: Any) -> Settings:
    """The settings, with what the command line says on top."""
    return load_settings(data_dir=data, **more)


@contextmanager
def opened_house(settings: Settings) -> Iterator[Any]:
    """A house on the settings' database, for commands that run beside the server."""
    from server.app import utc_now
    from server.store.engine import be_patient
    from server.store.unit_of_work import Store
    from server.usecases.context import House

    if settings.database.startswith("sqlite"):
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    store = Store(settings.database)
    be_patient(store.engine)
    try:
        yield House(store, utc_now, settings.public_url.rstrip("/"), settings.session_hours)
    finally:
        store.dispose()
