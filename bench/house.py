"""A real server for measuring: `vez serve` in a process of its own, on a fresh database with a large unit."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, insert, update

from bench import machine
from server.app import utc_now
from server.demo.data import Demo, Device, always_open, load_demo
from server.store import migrate, tables
from server.store.accounts import digest
from server.store.unit_of_work import Store
from server.usecases import seeding
from server.usecases.context import House

UNIT = "centro"
SERVICE = "iptu-segunda-via"
PROFILE = "geral"


@dataclass(frozen=True)
class Seat:
    """A counter of the bench, with the session of the attendant who will sit there."""

    counter: str
    cookie: str
    csrf: str
    unit: str = UNIT

    @property
    def headers(self) -> dict[str, str]:
        """What the attendant's browser sends."""
        return {"Cookie": f"vez_session={self.cookie}", "X-CSRF-Token": self.csrf}


@dataclass(frozen=True)
class Running:
    """A server under measurement."""

    host: str
    port: int
    pid: int
    kiosk: str
    panel: str
    seats: tuple[Seat, ...]
    database: str
    tokens: dict[tuple[str, str], str]  # of every device, by (unit, kind)

    def cpu(self) -> float:
        """CPU seconds that the server's processes have used so far."""
        return machine.cpu_seconds(machine.family(self.pid))


Prepare = Callable[[Store], None]
"""What a bench puts into the database before the server starts."""


@contextlib.contextmanager
def server(
    seats: int = 0,
    mode: str = "eventlet",
    database: str = "",
    *,
    town: Demo | None = None,
    prepare: Prepare | None = None,
    **env: str,
) -> Iterator[Running]:
    """Fill a database, start `vez serve` on it, wait until it is ready; stop it and forget it all at the end.

    With a ``town`` of one's own every counter of it is a seat; else ``seats`` are added to the demo's Centro.
    """
    with tempfile.TemporaryDirectory(prefix="vez-bench-") as folder, contextlib.ExitStack() as stack:
        url = database or stack.enter_context(_sqlite(Path(folder)))
        tokens, made = _fill(url, seats, town, prepare)
        unit = town.units[0].id if town else UNIT
        kiosk, panel = tokens[unit, "kiosk"], tokens[unit, "panel"]
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        clean = {k: v for k, v in os.environ.items() if not k.startswith("VEZ_")}
        settings = {
            "VEZ_DATABASE_URL": url,
            "VEZ_DATA_DIR": folder,
            "VEZ_ASYNC": mode,
            "VEZ_LOG_LEVEL": "warning",
        }
        command = [sys.executable, "-W", "ignore", "-m", "server.cli", "serve", "--port", str(port)]
        process = subprocess.Popen(command, env={**clean, **settings, **env}, start_new_session=True)
        try:
            _wait(port, process)
            yield Running("127.0.0.1", port, process.pid, kiosk, panel, made, url, tokens)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


@contextlib.contextmanager
def _sqlite(folder: Path) -> Iterator[str]:
    yield f"sqlite:///{folder / 'vez.sqlite3'}"


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the server did not become ready")


def _fill(
    url: str, seats: int, town: Demo | None, prepare: Prepare | None
) -> tuple[dict[tuple[str, str], str], tuple[Seat, ...]]:
    store = Store(url)
    migrate.upgrade(store.engine)
    house = House(store, utc_now, "http://vez.local")
    city = town or always_open(load_demo())
    tokens = {(d.unit, d.kind): d.token for d in seeding.seed(house, city)}
    with store.write() as connection:
        if town is None:
            places = [(UNIT, f"bench-{number}") for number in range(seats)]
            rows = [_counter(number) for number in range(seats)]
            if rows:
                connection.execute(insert(tables.counter), rows)
        else:
            places = [(unit.id, counter.id) for unit in town.units for counter in unit.counters]
        made = tuple(_seat(connection, unit, counter) for unit, counter in places)
    if prepare is not None:
        prepare(store)
    store.dispose()
    return tokens, made


def _counter(number: int) -> dict[str, object]:
    place = {"id": f"bench-{number}", "unit": UNIT, "position": 1000 + number}
    return place | {"number": f"B{number}", "profile": PROFILE}


def _seat(connection: Connection, unit: str, counter: str) -> Seat:
    """An open counter with its attendant and session, written straight into the tables: logins are not measured."""
    now, cookie, csrf = utc_now(), secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    account = f"of-{counter}"
    person = {"id": account, "username": account, "name": account, "role": "attendant", "unit": unit}
    session = {"token_hash": digest(cookie), "account": account, "csrf_token": csrf, "created_at": now}
    connection.execute(insert(tables.account).values(**person, password_hash="!"))
    connection.execute(insert(tables.session).values(**session, expires_at=now + timedelta(days=1)))
    sits = {"state": "open", "attendant": account, "attendant_name": account, "since": now}
    connection.execute(update(tables.counter).where(tables.counter.c.id == counter).values(**sits))
    return Seat(counter, cookie, csrf, unit)


def town_of(units: int, counters: int) -> Demo:
    """A city of equal units, each with the services of Rio Tavares, ``counters`` desks, a kiosk and a panel."""
    demo = always_open(load_demo())
    model = next(unit for unit in demo.units if unit.id == "rio-tavares")
    desk = next(counter for counter in model.counters if counter.profile == PROFILE)
    built = []
    for number in range(units):
        name = f"u{number:03}"
        desks = tuple(replace(desk, id=f"{name}-{n}", number=str(n)) for n in range(1, counters + 1))
        built.append(replace(model, id=name, name=name, counters=desks))
    devices = tuple(
        Device(f"{unit.id}-{kind}", kind, unit.id, kind) for unit in built for kind in ("kiosk", "panel")
    )
    return replace(demo, units=tuple(built), users=(), devices=devices)
