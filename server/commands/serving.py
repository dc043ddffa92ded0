"""`vez serve`: the server under gunicorn."""

from __future__ import annotations

from pathlib import Path

import click

from server.commands.common import PORT, data_option, refuse_taken, settings_for


@click.command()
@click.option("--host", help="Address to listen on (VEZ_HOST).")
@click.option("--port", type=PORT, help="Port to listen on (VEZ_PORT).")
@click.option("--workers", type=int, help="Worker processes; more than one needs PostgreSQL and Redis.")
@data_option
def serve(host: str | None, port: int | None, workers: int | None, data: Path | None) -> None:
    """Run the server until it is told to stop."""
    from server.serving import Server, prepare_process

    settings = settings_for(data, host=host, port=port, workers=workers)
    refuse_taken(settings.host, settings.port)
    prepare_process(settings)
    Server(settings).run()
