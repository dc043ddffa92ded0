"""Every command explains itself, and whatever goes wrong is one line: never a traceback (issue 2, deliver 7)."""

from __future__ import annotations

import socket
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from server.cli import vez as command


def every_command(group: click.Command, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = [path]
    if isinstance(group, click.Group):
        context = click.Context(group)
        for name in group.list_commands(context):
            child = group.get_command(context, name)
            assert child is not None
            found += every_command(child, (*path, name))
    return found


COMMANDS = every_command(command)


def test_the_commands_that_were_asked_for_are_there() -> None:
    names = {path[0] for path in COMMANDS if path}
    assert names >= {"demo", "serve", "migrate", "user", "device", "printer", "doctor", "bench"}
    assert {("policy", "preview"), ("journal", "verify")} <= set(COMMANDS)


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_help(path: tuple[str, ...]) -> None:
    done = CliRunner().invoke(command, [*path, "--help"])
    assert done.exit_code == 0, done.output
    usage, sentence = done.output.strip().split("\n\n")[:2]
    assert usage.startswith("Usage:")
    assert len(sentence.split()) > 2, "a command says what it is for"


WRONG = {
    "a folder that cannot be made": (["migrate", "--data", "/proc/vez"], {}, "/proc/vez"),
    "a database of another kind": (
        ["migrate"],
        {"VEZ_DATABASE_URL": "mysql://a:secret@b/c"},
        "postgresql://",
    ),
    "no database URL at all": (["serve"], {"VEZ_DATABASE_URL": "here"}, "VEZ_DATABASE_URL"),
    "no Redis URL at all": (["serve"], {"VEZ_REDIS_URL": "here"}, "redis://"),
    "a folder without a database": (["journal", "verify", "--data", "other"], {}, "vez migrate"),
    "a database that does not answer": (
        ["migrate"],
        {"VEZ_DATABASE_URL": "postgresql://postgres@127.0.0.1:1/vez"},
        "refused",
    ),
    "an async mode that is none": (["doctor"], {"VEZ_ASYNC": "asyncio"}, "eventlet, gevent, threading"),
    "a setting that is none": (["doctor"], {"VEZ_REDIS": "x"}, "VEZ_REDIS_URL"),
    "a port in words": (["doctor"], {"VEZ_PORT": "http"}, "whole number"),
    "a port beyond all ports": (["doctor"], {"VEZ_PORT": "99999"}, "65535"),
    "workers without a common database": (["serve", "--workers", "2"], {}, "PostgreSQL"),
    "a bench that is none": (["bench", "zz"], {}, "no bench called zz"),
}


@pytest.mark.parametrize("case", WRONG, ids=str)
def test_what_goes_wrong_is_one_line(run, case: str) -> None:
    words, settings, told = WRONG[case]
    done = run(*words, **settings)
    assert done.returncode in (1, 2)
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert told in done.stderr
    assert "secret" not in done.stderr


UNKNOWN = {
    "preview": ["policy", "preview", "atlantida"],
    "verify": ["journal", "verify", "atlantida"],
    "close": ["day", "close", "atlantida"],
    "list": ["device", "list", "atlantida"],
    "forecast": ["forecast", "atlantida"],
}


@pytest.fixture
def migrated(run, tmp_path: Path) -> Path:
    assert run("migrate", "--data", "city").returncode == 0
    return tmp_path / "city"


@pytest.mark.parametrize("case", UNKNOWN, ids=str)
def test_an_unknown_unit_is_one_line(run, migrated: Path, case: str) -> None:
    done = run(*UNKNOWN[case], "--data", str(migrated))
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["vez: Unidade desconhecida. (unknown_unit; unit: atlantida)"]


def test_presets_are_listed_in_words(run) -> None:
    lines = run("policy", "list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == [
        "law",
        "dedicated",
        "ratio_2_1",
        "ratio_3_1",
        "accumulating",
    ]
    assert not any(mark in line for line in lines for mark in "{}'"), "no data structure of ours"
    assert "2 calls of priority tiers in a row" in lines[2]


@pytest.mark.parametrize("words", [["serve"], ["demo", "--json"]], ids=lambda words: words[0])
def test_a_taken_port_is_one_line_and_nothing_starts(run, tmp_path: Path, words: list[str]) -> None:
    """The demo used to ask `/readyz` of whoever had the port, and to say that it was ready itself."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = run(*words, "--port", str(port), "--data", "city")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        f"Error: cannot listen on 127.0.0.1, port {port}: Address already in use"
    ]
    assert not (tmp_path / "city").exists()
