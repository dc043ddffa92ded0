"""A PostgreSQL and a Redis of one's own, in a folder and on a free port: to be stopped, stalled and killed at will.

Used by the crash tests and by the benches; the machine's own servers are never touched.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from waiting import wait_until

_PLACES = ("/usr/lib/postgresql", "/usr/local/lib/postgresql", "/usr/pgsql")


class LackingError(Exception):
    """The machine has no such program; the message says what to install."""


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listened to a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class PrivateRedis:
    """A redis-server without persistence."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """For VEZ_REDIS_URL."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it; returns when it answers. Raises LackingError."""
        binary = shutil.which("redis-server")
        if binary is None:
            raise LackingError("no redis-server on the PATH")
        command = [
            binary,
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            str(self.folder),
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_until(self._answers, 20, "redis-server answers")

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as wire:
                wire.sendall(b"PING\r\n")
                return wire.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def tell(self, number: signal.Signals) -> None:
        """SIGSTOP, SIGCONT, SIGTERM or SIGKILL; for the last two it returns when the process is gone."""
        assert self.process is not None
        os.kill(self.process.pid, number)
        if number in (signal.SIGKILL, signal.SIGTERM):
            self.process.wait()

    def stop(self) -> None:
        """The end, whatever state it is in."""
        if self.process is not None and self.process.poll() is None:
            self.tell(signal.SIGKILL)


@contextlib.contextmanager
def private_redis(folder: Path) -> Iterator[PrivateRedis]:
    """A running Redis. Raises LackingError."""
    made = PrivateRedis(folder, free_port())
    made.start()
    try:
        yield made
    finally:
        made.stop()


@dataclass
class PrivatePostgres:
    """A PostgreSQL cluster in a folder of its own. Commits are as durable as in production (fsync stays on)."""

    folder: Path
    port: int
    binaries: Path

    @property
    def admin_url(self) -> str:
        """libpq URL of the maintenance database."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    @property
    def pid(self) -> int:
        """The postmaster's."""
        return int((self.folder / "postmaster.pid").read_text().split()[0])

    def url(self, name: str) -> str:
        """SQLAlchemy URL of one database."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{name}"

    def socket_url(self, name: str) -> str:
        """The same over the Unix socket, which deploy/vez.env.example sets for a server on the same machine."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder.parent}&port={self.port}"

    def make(self) -> None:
        """Create the cluster (once)."""
        self._run(
            "initdb", "-D", str(self.folder), "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"
        )
        with (self.folder / "postgresql.conf").open("a") as config:
            config.write(f"port = {self.port}\nlisten_addresses = '127.0.0.1'\n")
            config.write(f"unix_socket_directories = '{self.folder.parent}'\nmax_connections = 150\n")

    def start(self) -> None:
        """Start it; returns when it answers."""
        self._run("pg_ctl", "-D", str(self.folder), "-w", "-t", "60", "-l", str(self.folder / "log"), "start")

    def stop(self, how: str = "fast") -> None:
        """``fast`` (a restart by the administrator: everybody is thrown out) or ``immediate`` (the power goes)."""
        self._run("pg_ctl", "-D", str(self.folder), "-w", "-t", "60", "-m", how, "stop")

    def become_standby(self) -> None:
        """Start, after a stop, as one that reads and takes no writes: what is left behind by a failover."""
        (self.folder / "standby.signal").touch()
        self.start()

    def be_promoted(self) -> None:
        """A standby takes writes from now on."""
        self._run("pg_ctl", "-D", str(self.folder), "-w", "-t", "60", "promote")

    def database(self, name: str) -> str:
        """Create an empty database; returns its SQLAlchemy URL."""
        with psycopg.connect(self.admin_url, autocommit=True, connect_timeout=5) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.binaries / program), *arguments]
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
        # Into a file, not a pipe: the server inherits it, and a pipe would never end.
        with (self.folder.parent / "control.log").open("ab") as log:
            code = subprocess.run(
                command, stdout=log, stderr=log, cwd=self.folder.parent, check=False
            ).returncode
        if code:
            raise RuntimeError(
                f"{program} ended with {code}: {(self.folder.parent / 'control.log').read_text()[-800:]}"
            )


@contextlib.contextmanager
def private_postgres() -> Iterator[PrivatePostgres]:
    """A running cluster, gone without a trace at the end. Raises LackingError."""
    binaries = _binaries()
    # A place of its own: the postgres user must be able to walk to it, which pytest's folders do not allow.
    with tempfile.TemporaryDirectory(prefix="vez-pg-") as place:
        if os.geteuid() == 0:
            try:
                owner = pwd.getpwnam("postgres")
            except KeyError:
                raise LackingError("root may not run PostgreSQL, and there is no user postgres") from None
            os.chown(place, owner.pw_uid, owner.pw_gid)
        made = PrivatePostgres(Path(place) / "data", free_port(), binaries)
        made.make()
        made.start()
        try:
            yield made
        finally:
            if (made.folder / "postmaster.pid").exists():
                made.stop("immediate")


def _binaries() -> Path:
    found = sorted(
        (path.parent for place in _PLACES for path in Path(place).glob("*/bin/initdb")),
        key=lambda path: float(path.parent.name) if path.parent.name.replace(".", "").isdigit() else 0.0,
    )
    if found:
        return found[-1]
    if (path := shutil.which("initdb")) is not None:
        return Path(path).resolve().parent
    raise LackingError("no initdb on this machine (apt-get install postgresql)")
