"""A print box has no server library and a server no printer driver: each starts with its own extra alone."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

import pytest

# What a requirement is called when it is imported, where that is not its own name.
IMPORTED_AS = {
    "argon2-cffi": "argon2",
    "flask-socketio": "flask_socketio",
    "flask-limiter": "flask_limiter",
    "gevent-websocket": "geventwebsocket",
    "pillow": "PIL",
    "prometheus-client": "prometheus_client",
    "pyserial": "serial",
    "python-escpos": "escpos",
    "python-socketio": "socketio",
    "simple-websocket": "simple_websocket",
    "websocket-client": "websocket",
}
# Both sides speak Socket.IO and are clients of somebody: the agent of the server, the server of push services.
SHARED = {"python-socketio", "urllib3"}
RUN = """
import sys
sys.modules.update(dict.fromkeys({without!r}))
sys.argv[1:] = {call!r}
from server.cli import main
main()
"""


def libraries(pytestconfig, extra: str) -> set[str]:
    """The import names of one extra's requirements."""
    project = tomllib.loads((pytestconfig.rootpath / "pyproject.toml").read_text())["project"]
    names = {re.match(r"[\w-]+", line)[0] for line in project["optional-dependencies"][extra]} - SHARED
    return {IMPORTED_AS.get(name, name) for name in names}


def run(call: list[str], without: set[str]) -> subprocess.CompletedProcess[str]:
    """`vez` on a machine where these libraries are not installed."""
    script = RUN.format(without=sorted(without), call=call)
    return subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)


@pytest.mark.parametrize(
    "call",
    [["--help"], ["printer", "--help"], ["printer", "agent", "--help"], ["printer", "virtual", "--help"]],
    ids=" ".join,
)
def test_print_box_needs_no_server_library(pytestconfig, call):
    """No Flask, no SQLAlchemy, no pydantic."""
    done = run(call, libraries(pytestconfig, "server"))
    assert done.returncode == 0, done.stderr
    assert "Usage:" in done.stdout


@pytest.mark.parametrize(
    "call", [["serve", "--help"], ["migrate", "--help"], ["user", "--help"]], ids=" ".join
)
def test_server_needs_no_printer_library(pytestconfig, call):
    """No python-escpos, no serial line, no imaging."""
    done = run(call, libraries(pytestconfig, "printer"))
    assert done.returncode == 0, done.stderr


def test_server_app_is_made_without_printer_library(pytestconfig):
    """The whole application, not only its commands."""
    without = sorted(libraries(pytestconfig, "printer"))
    script = f"import sys; sys.modules.update(dict.fromkeys({without!r})); import server.app, server.serving"
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
