"""The command `vez`. Heavy imports happen inside the commands: a print box has no Flask, and `--help` must be quick."""

from __future__ import annotations

import importlib
import sys
from typing import Any, cast

import click

from server import __version__


class LazyGroup(click.Group):
    """Commands named by where they live, imported when they are asked for."""

    def __init__(self, *args: Any, lazy: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lazy = lazy or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *self._lazy])

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self._lazy:
            return super().get_command(ctx, name)
        module, _, attribute = self._lazy[name].partition(":")
        try:
            command = getattr(importlib.import_module(module), attribute)
        except ModuleNotFoundError as error:
            extra = "printer" if name == "printer" else "server"
            message = f"`vez {name}` needs {error.name}: install vez-atendimento[{extra}]"
            raise click.ClickException(message) from None
        return cast("click.Command", command)


@click.group(
    cls=LazyGroup,
    lazy={
        "init": "server.commands.init:init",
        "serve": "server.commands.serving:serve",
        "demo": "server.commands.demo:demo",
        "migrate": "server.commands.data:migrate",
        "user": "server.commands.people:user",
        "device": "server.commands.people:device",
        "day": "server.commands.data:day",
        "journal": "server.commands.rules:journal",
        "policy": "server.commands.rules:policy",
        "forecast": "server.commands.forecast:forecast",
        "doctor": "server.commands.doctor:doctor",
        "backup": "server.commands.backup:backup",
        "restore": "server.commands.backup:restore",
        "bench": "server.commands.bench:bench",
        # By name, not by import: nobody in the server knows the printer agent (DESIGN 2).
        "printer": "printer.cli:printer",
    },
)
@click.version_option(__version__, prog_name="vez")
def vez() -> None:
    """Vez: senhas e filas do atendimento ao cidadão."""


def main() -> None:
    """Entry point: every expected failure is one line on stderr and exit status 1."""
    from server.config import SettingsError

    try:
        vez(prog_name="vez", standalone_mode=True)
    except SettingsError as error:
        _fail(str(error))
    except Exception as error:
        if _is_refusal(error):
            _fail(_in_words(error))
        if type(error).__module__.startswith("sqlalchemy"):
            _fail(_database_in_words(str(getattr(error, "orig", error)).splitlines()[0]))
        if isinstance(error, OSError):
            _fail(f"{error.filename or 'the system refused'}: {error.strerror or error}")
        raise


def _is_refusal(error: Exception) -> bool:
    return type(error).__module__ == "server.domain.errors"


def _database_in_words(told: str) -> str:
    if "no such table" in told or ("relation" in told and "does not exist" in told):
        return "the database has no tables of ours yet: is it the right one? Then run `vez migrate`"
    return f"the database refused: {told}"


def _in_words(error: Any) -> str:
    from server.web.errors import messages

    detail = ", ".join(_pair(name, value) for name, value in error.detail.items())
    return f"{messages('pt-BR')[error.code]} ({error.code}{'; ' + detail if detail else ''})"


def _pair(name: str, value: Any) -> str:
    if name == "fields":
        return ", ".join(f"{found['field']}: {found['problem']}" for found in value)
    return f"{name}: {value}"


def _fail(message: str) -> None:
    click.echo(f"vez: {message}", err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
