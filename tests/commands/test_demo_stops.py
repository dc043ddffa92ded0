"""`vez demo` as a script runs it: one line of JSON, no process and no port left behind, on both databases."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from waiting import wait_until

PATIENCE = 15  # seconds; a demo is gone after two or three


@contextlib.contextmanager
def running(
    vez: str, folder: Path, **settings: str
) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A demo in a folder that does not exist yet."""
    command = [vez, "demo", "--port", "0", "--data", str(folder), "--json"]
    with (
        (folder.parent / "stderr.txt").open("a") as errors,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env={**os.environ, **settings}
        ) as process,
    ):
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, (folder.parent / "stderr.txt").read_text()[-4000:]
            yield process, json.loads(line)
        finally:
            process.kill()


def ports_of(facts: dict[str, Any]) -> list[int]:
    """Server, printer and the printer's web page."""
    return [
        urlsplit(facts["base_url"]).port,
        facts["printer"]["port"],
        urlsplit(facts["printer"]["web"]).port,
    ]


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until_gone(facts: dict[str, Any]) -> None:
    """Every port of the demo is free again, soon."""
    ports = ports_of(facts)
    wait_until(lambda: not any(listens(port) for port in ports), PATIENCE, "every port free")


def test_its_line_has_what_was_promised_and_sigterm_frees_every_port(vez: str, tmp_path: Path) -> None:
    with running(vez, tmp_path / "city") as (process, facts):
        assert set(facts) == {"base_url", "units", "users", "devices", "printer"}
        unit, service = facts["units"][0], facts["units"][0]["services"][0]
        assert set(unit) == {"id", "services", "counters"}
        assert set(service) == {"id", "name"}
        assert set(facts["users"][0]) == {"username", "password", "role", "unit"}
        assert set(facts["devices"][0]) >= {"kind", "unit", "token"}
        assert set(facts["printer"]) == {"host", "port", "web"}
        assert all(listens(port) for port in ports_of(facts))
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        assert not any(listens(port) for port in ports_of(facts))


def test_an_impatient_second_signal_leaves_nobody_behind(vez: str, tmp_path: Path) -> None:
    with running(vez, tmp_path / "city") as (process, facts):
        process.send_signal(signal.SIGTERM)
        # The virtual printer is the first to go: from here on, the demo is busy with stopping the others.
        wait_until(lambda: not listens(facts["printer"]["port"]), PATIENCE, "the stop has begun")
        for number in (signal.SIGINT, signal.SIGTERM):
            process.send_signal(number)
        assert process.wait(PATIENCE) == 0
        wait_until_gone(facts)


def test_a_killed_demo_takes_its_programs_along(vez: str, tmp_path: Path) -> None:
    with running(vez, tmp_path / "city") as (process, facts):
        process.kill()
        wait_until_gone(facts)


@pytest.mark.postgres
def test_with_its_database_elsewhere_the_folder_is_made_all_the_same(
    vez: str, tmp_path: Path, pg_empty_url: str
) -> None:
    with running(vez, tmp_path / "city", VEZ_DATABASE_URL=pg_empty_url) as (process, facts):
        with urllib.request.urlopen(f"{facts['base_url']}/readyz", timeout=5) as answer:
            assert json.load(answer)["ready"] is True
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


def test_run_again_on_its_folder_it_keeps_its_tickets_and_its_screens(vez: str, tmp_path: Path) -> None:
    """A kiosk that was open meanwhile goes on with its token, and the next number is the next."""
    labels, tokens = [], []
    for _ in range(2):
        with running(vez, tmp_path / "city") as (process, facts):
            devices = {(d["unit"], d["kind"]): d["token"] for d in facts["devices"]}
            tokens.append(devices)
            request = urllib.request.Request(
                f"{facts['base_url']}/api/v1/units/centro/tickets",
                json.dumps({"service": "iptu-segunda-via"}).encode(),
                {
                    "Content-Type": "application/json",
                    "Authorization": f"Bearer {tokens[0]['centro', 'kiosk']}",
                },
            )
            with urllib.request.urlopen(request, timeout=5) as answer:
                labels.append(json.load(answer)["ticket"]["label"])
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0
    assert tokens[0] == tokens[1]
    assert labels == ["A001", "A002"]
