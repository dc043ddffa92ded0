"""What a measurement needs of the machine: CPU time of processes to the nanosecond, and a PostgreSQL and Redis apart.

CPU time is compared beside the clock on the wall, because on a shared machine the wall measures the neighbours too.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from private import private_postgres, private_redis


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    members = [pid]
    for task in _listed(Path(f"/proc/{pid}/task")):
        with contextlib.suppress(OSError):
            for child in (task / "children").read_text().split():
                members += family(int(child))
    return members


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []  # it has just ended


def cpu_seconds(pids: Iterable[int]) -> float:
    """CPU time that these processes have used so far, all threads, to the nanosecond (Linux: schedstat)."""
    spent = 0
    for pid in pids:
        for task in _listed(Path(f"/proc/{pid}/task")):
            with contextlib.suppress(OSError):
                spent += int((task / "schedstat").read_text().split()[0])
    return spent / 1e9


def resident_kb(pids: Iterable[int]) -> int:
    """Proportional set size in kB: memory that processes share is counted once."""
    total = 0
    for pid in pids:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total


@dataclass(frozen=True)
class Engine:
    """Where a server under measurement keeps its rows. ``pids``: the database's own processes (none for SQLite)."""

    name: str
    url: str = ""
    redis_url: str = ""
    postmaster: int = 0

    def cpu(self) -> float:
        """CPU seconds of the database so far (0 for SQLite, which works inside the server)."""
        return cpu_seconds(family(self.postmaster)) if self.postmaster else 0.0


SQLITE = Engine("sqlite")


@contextlib.contextmanager
def engine(name: str, databases: int = 1) -> Iterator[list[Engine]]:
    """``sqlite`` or ``postgresql`` (with Redis), ``databases`` times, until the block ends.

    Raises LackingError when the machine has no PostgreSQL or Redis.
    """
    if name == "sqlite":
        yield [SQLITE] * databases
        return
    with (
        tempfile.TemporaryDirectory(prefix="vez-bench-") as folder,
        private_postgres() as cluster,
        private_redis(Path(folder)) as redis,
    ):
        names = [f"bench_{number}" for number in range(databases)]
        for one in names:
            cluster.database(one)
        # Over the Unix socket, as deploy/vez.env.example has it: TCP to oneself costs the kernel twice as much.
        yield [Engine(name, cluster.socket_url(one), redis.url, cluster.pid) for one in names]
