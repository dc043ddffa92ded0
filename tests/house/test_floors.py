"""The floors of the house hold, and the contracts that keep them would notice if they did not."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

LINT = Path(sys.executable).with_name("lint-imports")
# One wrong import for each contract: {file: what it says}.
WRONG = {
    "server/domain/ticket.py": "import flask\n",
    "server/store/tickets.py": "from server.wire import views\n",
    "server/usecases/visitors.py": "import server.live\n",
    "server/web/pages.py": "import kiosk\n",
    "server/cli/__init__.py": "import printer\n",
    "kiosk/__init__.py": "import panel\n",
    "counter/__init__.py": "import server\n",
    "printer/agent.py": "import sqlalchemy\n",
}


def _lint(root: Path) -> str:
    command = [str(LINT), "--config", "pyproject.toml", "--no-cache"]
    run = subprocess.run(
        command, cwd=root, check=False, capture_output=True, text=True, env={"PYTHONPATH": "."}
    )
    return run.stdout + run.stderr


def test_floors_hold(pytestconfig):
    """The real house, by the real contracts."""
    said = _lint(pytestconfig.rootpath)
    assert "0 broken" in said, said[-3000:]
    kept = int(said.split("Contracts: ")[1].split(" kept")[0])
    assert kept >= 7


def test_contracts_notice_each_wrong_import(pytestconfig, tmp_path):
    """The control: a house of the same shape with one wrong import for each contract breaks them all."""
    text = (pytestconfig.rootpath / "pyproject.toml").read_text()
    (tmp_path / "pyproject.toml").write_text(text)
    floors = tomllib.loads(text)["tool"]["importlinter"]["contracts"][0]["layers"]
    rooms = [f"server/{room}" for layer in floors for room in re.findall(r"\w+", layer)]
    assert len(rooms) > 10
    for package in ("server", "kiosk", "panel", "counter", "printer", *rooms):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    (tmp_path / "server/wire/views.py").touch()
    for name, text in WRONG.items():
        (tmp_path / name).write_text(text)
    said = _lint(tmp_path)
    assert "Contracts: 0 kept" in said, said[-4000:]
