"""Running `vez` as a person or a script does: in a process of its own, in an empty folder."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(vez: str, tmp_path: Path) -> Run:
    """``run("policy", "list", VEZ_ASYNC="…")`` → the finished process, with what it printed."""

    def call(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [vez, *words],
            check=False,
            stdin=subprocess.DEVNULL,  # nobody sits there: a question would be an answer too few
            capture_output=True,
            text=True,
            timeout=60,
            cwd=tmp_path,
            env={**os.environ, **settings},
        )

    return call
