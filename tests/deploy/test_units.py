"""The files of deploy/ speak of commands, settings and files that exist, and their readers accept them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from server import config

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
# Where the manual installs Vez.
HOME = "/opt/vez/"


def settings_of(path: Path, *, examples: bool) -> dict[str, str]:
    """NAME=value lines; with examples, the ones that a # keeps off as well."""
    pattern = r"^#?([A-Z][A-Z0-9_]*)=(.*)$" if examples else r"^([A-Z][A-Z0-9_]*)=(.*)$"
    return dict(re.findall(pattern, path.read_text(), re.MULTILINE))


def commands_of(unit: Path) -> list[list[str]]:
    """What a unit runs."""
    return [line.split() for line in re.findall(r"^Exec\w+=(.+)$", unit.read_text(), re.MULTILINE)]


@pytest.mark.parametrize("examples", [False, True], ids=["as given", "every line switched on"])
def test_environment_example_is_accepted(examples):
    """The server's own reader takes the file as it stands, and with every default written out."""
    given = settings_of(DEPLOY / "vez.env.example", examples=examples)
    assert len(given) > (10 if examples else 3)
    settings = config.load_settings(given)
    assert str(settings.data_dir) == "/var/lib/vez"
    assert settings.trusted_proxies == 1
    assert settings.demo is False


def test_printer_example_shows_every_setting():
    """Each variable that the agent reads, and none that it does not."""
    from printer.cli import agent

    read = {option.envvar for option in agent.params if option.envvar}
    assert read
    assert set(settings_of(DEPLOY / "printer.env.example", examples=True)) == read


def test_example_shows_the_true_defaults():
    """A line kept off with # says what happens without it."""
    shown = settings_of(DEPLOY / "vez.env.example", examples=True)
    on = settings_of(DEPLOY / "vez.env.example", examples=False)
    off = {name: value for name, value in shown.items() if name not in on and value}
    addresses = {name for name, value in off.items() if "://" in value}
    default = config.load_settings({})
    checked = config.load_settings({name: value for name, value in off.items() if name not in addresses})
    assert len(off) > 5
    assert checked == default


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_units_run_what_is_there(unit):
    """Files of the project that a unit names exist, and scripts among them may be run."""
    commands = commands_of(unit)
    assert commands
    for command in commands:
        for word in command:
            if word.startswith(HOME) and "/.venv/" not in word:
                path = ROOT / word.removeprefix(HOME)
                assert path.exists(), word
                assert path.suffix == ".py" or os.access(path, os.X_OK), word


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_units_call_known_commands(unit, vez):
    """`vez serve` and its like answer to --help."""
    calls = [command[1:] for command in commands_of(unit) if command[0].endswith("/vez")]
    for call in calls:
        run = subprocess.run([vez, *call, "--help"], check=False, capture_output=True, text=True)
        assert run.returncode == 0, f"vez {' '.join(call)}: {run.stderr}"


def test_systemd_accepts_the_units():
    """No unknown section or setting (programs that are not installed here are no matter)."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd-analyze on this machine")
    files = [*UNITS, *(DEPLOY / "systemd").glob("*.timer")]
    run = subprocess.run([analyze, "verify", *files], check=False, capture_output=True, text=True)
    ours = [line for line in run.stderr.splitlines() if "vez" in line and "is not executable" not in line]
    assert not ours, "\n".join(ours)


def test_nginx_accepts_its_file(tmp_path):
    """The real parser, with a certificate made for the occasion."""
    nginx, openssl = shutil.which("nginx"), shutil.which("openssl")
    if not nginx or not openssl:
        pytest.skip("no nginx or no openssl on this machine")
    key = ["-keyout", tmp_path / "privkey.pem", "-out", tmp_path / "fullchain.pem"]
    request = [
        openssl,
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "1",
        "-subj",
        "/CN=vez",
        *key,
    ]
    subprocess.run(request, check=True, capture_output=True)
    site = (DEPLOY / "nginx" / "vez.conf").read_text().replace("/etc/vez/tls", str(tmp_path))
    (tmp_path / "site.conf").write_text(site)
    main = tmp_path / "nginx.conf"
    main.write_text(
        f"pid {tmp_path}/pid; events {{}} http {{ access_log off; include {tmp_path}/site.conf; }}"
    )
    run = subprocess.run([nginx, "-t", "-c", main], check=False, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


def test_nginx_lets_sockets_through():
    """The socket's place upgrades, is not buffered, and outlives the socket's own ping."""
    site = (DEPLOY / "nginx" / "vez.conf").read_text()
    block = re.search(r"location /socket\.io/ \{(.*?)\n    \}", site, re.DOTALL)[1]
    assert re.search(r"Upgrade\s+\$http_upgrade", block)
    assert re.search(r"Connection\s+\$connection_upgrade", block)
    assert "proxy_buffering off" in block
    assert int(re.search(r"proxy_read_timeout (\d+)s", block)[1]) >= 60


def test_compose_brings_everything_up():
    """Server, database and messages; what compose gives the server, the server takes."""
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    assert set(compose["services"]) == {"server", "postgres", "redis"}
    given = compose["services"]["server"]["environment"]
    values = {name: re.sub(r"\$\{\w+:-(\w+)\}", r"\1", value) for name, value in given.items()}
    settings = config.load_settings(values)
    assert settings.workers == 2
    assert settings.redis_url.startswith("redis://redis")
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE)
    assert copied
    assert all((ROOT / name).exists() for line in copied for name in line.split())


def test_build_lock_of_the_image_is_whole():
    """The image takes the build back end out of the lock by name: all that hatchling needs is there."""
    names = re.search(r"awk '/\^\(([^)]+)\)==", (DEPLOY / "Dockerfile").read_text())[1].split("|")
    lock = (ROOT / "requirements.lock").read_text()
    assert "hatchling" in names
    assert all(re.search(rf"^{re.escape(name)}==", lock, re.MULTILINE) for name in names)
