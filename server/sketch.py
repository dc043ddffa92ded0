"""Pictures of tickets and logos, drawn by a process of their own: the printer's libraries are not the server's.

The process is ``python -m printer.sketch``. It gets little memory and a deadline, so that a hostile picture ends it
and nothing else. Where the printer's libraries are not installed there is no picture, and everything else works.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from typing import Any

SECONDS = 15.0
_ONE_AT_A_TIME = threading.Lock()


class NoSketch(Exception):
    """No answer: the printer's libraries are missing, or the process died of what it was given."""


def ask(request: dict[str, Any]) -> dict[str, Any]:
    """The answer of one process to one request. Takes about a second. Raises NoSketch."""
    # One at a time: each takes 60 MB, and a preview may wait where a ticket may not.
    if not _ONE_AT_A_TIME.acquire(timeout=SECONDS):
        raise NoSketch("busy")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "printer.sketch"],
            input=json.dumps(request).encode(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env={name: value for name, value in os.environ.items() if not name.startswith("VEZ_")},
        )
        answer = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise NoSketch(str(error)) from error
    finally:
        _ONE_AT_A_TIME.release()
    if not isinstance(answer, dict):
        raise NoSketch("no object")
    return answer
