"""`vez demo`: the whole house on one machine: server, virtual printer and printer agent, with the demo city in it."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from server.commands.common import PORT, data_option_in, opened_house, refuse_taken, settings_for
from server.config import Settings, env_name

READY_SECONDS = 60
STOP_SECONDS = 10
POLL_SECONDS = 0.05
LINKS = "demo.json"  # what the start page shows, and the next run keeps
PR_SET_PDEATHSIG = 1  # prctl(2)
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
Json = dict[str, Any]


@click.command()
@click.option(
    "--port", type=PORT, default=8000, show_default=True, help="Port of the server; 0 picks a free one."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line when ready, for scripts.")
@click.option(
    "--real-hours", is_flag=True, help="Keep the units' opening hours; without it they are always open."
)
@data_option_in("var/demo")
def demo(port: int, host: str, as_json: bool, real_hours: bool, data: Path | None) -> None:
    """Run the Pró-Cidadão demonstration until Ctrl-C (or SIGTERM)."""
    port = port or free_port()
    public = os.environ.get("VEZ_PUBLIC_URL") or _address(host, port)
    folder = data or Path(os.environ.get("VEZ_DATA_DIR") or "var/demo")
    settings = settings_for(folder.resolve(), host=host, port=port, public_url=public, demo=True)
    refuse_taken(host, port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with contextlib.suppress(KeyboardInterrupt), contextlib.ExitStack() as house:
        facts, processes = house.enter_context(running(settings, always=not real_hours))
        if as_json:
            click.echo(json.dumps(facts, ensure_ascii=False))
        else:
            click.echo(describe(facts))
        sys.stdout.flush()
        watch(processes)


def _address(host: str, port: int) -> str:
    """Where a program on this machine reaches a server that listens on ``host``."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - looked up, not bound
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(settings: Settings, *, always: bool) -> Iterator[tuple[Json, list[subprocess.Popen[str]]]]:
    """Prepare the data, start the three programs, wait until the house is ready; stop them all on the way out."""
    # With its database elsewhere, nothing else makes the folder for what the demo keeps in files.
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    facts = prepare(settings, always=always)
    processes: list[subprocess.Popen[str]] = []
    try:
        printer = _start_printer(processes)
        facts["printer"] = printer
        _write_private(settings.data_dir / LINKS, json.dumps(_links(facts)))
        processes.append(
            _spawn("serve", "--host", settings.host, "--port", str(settings.port), env=_env(settings))
        )
        _wait_ready(settings, processes)
        _start_agent(settings, facts, printer, processes)
        yield facts, processes
    finally:
        _stop(processes)


def watch(processes: list[subprocess.Popen[str]]) -> None:
    """Stay until a program ends by itself: a demo that runs with half its house would only confuse."""
    while True:
        for process in processes:
            if process.poll() is not None:
                name = " ".join(str(word) for word in process.args[2:5])  # type: ignore[index]
                raise click.ClickException(f"{name} ended with {process.returncode}")
        time.sleep(0.5)


def prepare(settings: Settings, *, always: bool) -> Json:
    """Migrate, fill an empty database, give or keep the devices' tokens; returns what a script needs to know."""
    from server.demo.data import always_open, load_demo
    from server.store import migrate
    from server.usecases import seeding, web_issue
    from server.usecases.context import SYSTEM

    city = load_demo()
    if always:
        city = always_open(city)
    with opened_house(settings) as house:
        migrate.upgrade(house.store.engine)
        is_new = seeding.is_empty(house)
        if is_new:
            devices = seeding.seed(house, city)
        else:
            devices = seeding.keep_tokens(house, city, _known_tokens(settings.data_dir))
        for unit in city.units if is_new else ():
            web_issue.switch(house, SYSTEM, unit.id, True)  # off in a real unit until somebody wants it
    names = {s.id: s.name["pt-BR"] for s in city.services}
    return {
        "base_url": _address(settings.host, settings.port),
        "units": [
            {
                "id": u.id,
                "services": [{"id": s, "name": names[s]} for s in u.services],
                "counters": [c.id for c in u.counters],
            }
            for u in city.units
        ],
        "users": [
            {"username": u.username, "password": u.password, "role": u.role, "unit": u.unit}
            for u in city.users
        ],
        "devices": [{"kind": d.kind, "unit": d.unit, "token": d.token, "id": d.id} for d in devices],
    }


def _known_tokens(folder: Path) -> list[str]:
    """Those that the run before wrote down for the start page."""
    try:
        told = json.loads((folder / LINKS).read_text(encoding="utf-8"))
        return [token for kinds in told["tokens"].values() for token in kinds.values()]
    except (OSError, ValueError, KeyError):
        return []


def _links(facts: Json) -> Json:
    tokens: dict[str, dict[str, str]] = {}
    for device in facts["devices"]:
        tokens.setdefault(device["unit"], {})[device["kind"]] = device["token"]
    users = [{k: u[k] for k in ("username", "role", "unit")} for u in facts["users"]]
    return {
        "tokens": tokens,
        "users": users,
        "password": facts["users"][0]["password"],
        "printer": facts["printer"],
    }


def _env(settings: Settings) -> dict[str, str]:
    """The children see the demo's settings whatever the shell says; the database and mode of the shell are kept."""
    names = {"data_dir": str(settings.data_dir), "public_url": settings.public_url, "demo": "1"}
    return {env_name(name): value for name, value in names.items()}


def _spawn(*arguments: str, env: dict[str, str] | None = None, pipe: bool = False) -> subprocess.Popen[str]:
    # A group of its own: Ctrl-C reaches us alone, and we stop the children in order.
    return subprocess.Popen(
        [sys.executable, "-m", "server.cli", *arguments],
        env={**os.environ, **(env or {})},
        stdout=subprocess.PIPE if pipe else sys.stderr,
        text=True,
        start_new_session=True,
        preexec_fn=_end_with_the_demo,  # noqa: PLW1509 - a single system call, which takes no lock
    )


def _end_with_the_demo() -> None:
    # Killed, the demo can stop nobody: without this its server would keep the port, and the next demo would fail.
    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _start_printer(processes: list[subprocess.Popen[str]]) -> Json:
    port = "9100" if _is_free(9100) else "0"
    printer = _spawn("printer", "virtual", "--port", port, "--web-port", "0", "--json", pipe=True)
    processes.append(printer)
    return dict(json.loads(_first_line(printer)))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _start_agent(
    settings: Settings, facts: Json, printer: Json, processes: list[subprocess.Popen[str]]
) -> None:
    address = f"tcp://{printer['host']}:{printer['port']}"
    stations = [
        {"name": d["unit"], "server": facts["base_url"], "token": d["token"], "printer": address}
        for d in facts["devices"]
        if d["kind"] == "printer"
    ]
    path = settings.data_dir / "agent.json"
    _write_private(path, json.dumps({"stations": stations}))
    spool = str(settings.data_dir / "spool")
    processes.append(_spawn("printer", "agent", "--config", str(path), "--data", spool))


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(
        os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)


def _first_line(process: subprocess.Popen[str]) -> str:
    lines: queue.Queue[str] = queue.Queue()

    def read() -> None:
        for line in process.stdout or ():
            lines.put(line)
        lines.put("")

    threading.Thread(target=read, daemon=True).start()
    try:
        line = lines.get(timeout=READY_SECONDS)
    except queue.Empty:
        line = ""
    if not line:
        raise click.ClickException("the virtual printer did not start")
    return line


def _wait_ready(settings: Settings, processes: list[subprocess.Popen[str]]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    address = f"{_address(settings.host, settings.port)}/readyz"
    while time.monotonic() < deadline:
        if any(process.poll() is not None for process in processes):
            break
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310 - http, made three lines above
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(POLL_SECONDS)
    raise click.ClickException(f"the server did not become ready within {READY_SECONDS} s")


def _stop(processes: list[subprocess.Popen[str]]) -> None:
    # Somebody impatient presses twice: the second time must not keep us from stopping the rest.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    for process in reversed(processes):
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for process in reversed(processes):
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def describe(facts: Json) -> str:
    """The addresses and logins, for a person."""
    base, printer = facts["base_url"], facts["printer"]
    first = facts["units"][0]["id"]
    tokens = {(d["unit"], d["kind"]): d["token"] for d in facts["devices"]}
    attendant = next(u for u in facts["users"] if u["role"] == "attendant" and u["unit"] == first)
    supervisor = next(u for u in facts["users"] if u["role"] == "supervisor" and u["unit"] == first)
    admin = next(u for u in facts["users"] if u["role"] == "admin")
    lines = [
        "",
        f"  Vez está no ar:        {base}/   (tudo a partir daqui)",
        "",
        f"  Totem ({first}):        {base}/kiosk/{first}#token={tokens[first, 'kiosk']}",
        f"  Painel ({first}):       {base}/panel/{first}#token={tokens[first, 'panel']}",
        f"  Guichê:                {base}/counter",
        f"  Impressora virtual:    {printer['web']}",
        "",
        f"  Atendente:  {attendant['username']}   Supervisão:  {supervisor['username']}   Admin:  {admin['username']}",
        f"  Senha de todos na demonstração:  {attendant['password']}",
        "",
        "  Ctrl-C encerra tudo.",
        "",
    ]
    return "\n".join(lines)
