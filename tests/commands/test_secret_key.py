"""The signing key that a server makes for itself: one for all of its processes, and never an empty one."""

from __future__ import annotations

import multiprocessing
from pathlib import Path
from typing import Any

from server.config import Settings, keep_secret_key


def test_processes_that_start_together_have_one_key(tmp_path):
    """The first start of a server with several workers."""
    context = multiprocessing.get_context("spawn")
    size, rounds = 4, 10
    gate, found = context.Barrier(size), context.Queue()

    processes = [context.Process(target=_rounds, args=(tmp_path, rounds, gate, found)) for _ in range(size)]
    for process in processes:
        process.start()
    keys = [found.get(timeout=60) for _ in range(size)]
    for process in processes:
        process.join(60)
    assert len(set(map(tuple, keys))) == 1
    assert all(len(key) == 64 for key in keys[0])
    assert sorted(path.name for path in (tmp_path / "0").iterdir()) == ["secret_key"]
    assert (tmp_path / "0" / "secret_key").stat().st_mode & 0o077 == 0


def _rounds(folder: Path, rounds: int, gate: Any, found: Any) -> None:
    keys = []
    for number in range(rounds):
        gate.wait()
        keys.append(keep_secret_key(Settings(data_dir=folder / str(number))))
    found.put(keys)


def test_an_empty_key_is_no_key(tmp_path):
    """What a power cut once left behind."""
    (tmp_path / "secret_key").write_text("")
    key = keep_secret_key(Settings(data_dir=tmp_path))
    assert len(key) == 64
    assert keep_secret_key(Settings(data_dir=tmp_path)) == key
