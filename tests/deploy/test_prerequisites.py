"""What a machine lacks is named in one line each, whatever else is wrong with it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "deploy" / "lib" / "prerequisites.sh"


def program(folder: Path, name: str, text: str) -> None:
    """An executable script in a folder of the PATH."""
    (folder / name).write_text(f"#!/bin/bash\n{text}\n")
    (folder / name).chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A PATH on which everything is as it should be."""
    program(tmp_path, "python3", f'exec {sys.executable} "$@"')
    program(tmp_path, "node", "echo 20")
    program(tmp_path, "npm", "")
    return tmp_path


def check(machine: Path, what: str = "check") -> subprocess.CompletedProcess[str]:
    """Run the check with nothing on the PATH but this machine."""
    command = [shutil.which("bash"), str(SCRIPT), what]
    return subprocess.run(command, check=False, env={"PATH": str(machine)}, capture_output=True, text=True)


def test_a_good_machine_passes_silently(machine):
    """Nothing to say."""
    run = check(machine)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert check(machine, "python").stdout.strip() == str(machine / "python3")


@pytest.mark.parametrize(
    "name,text,said",
    [
        ("python3", "exit 1", "Python 3.11 or newer"),
        ("python3", "[[ $2 == *ensurepip* ]] && exit 1; exit 0", "venv"),
        ("node", "echo 18", "Node.js 20 or newer is needed, found 18"),
        ("node", "exit 127", "Node.js 20 or newer is needed, found none"),
    ],
    ids=["old python", "python without venv", "old node", "no node"],
)
def test_each_lack_is_one_line(machine, name, text, said):
    """Named, with what to do, and nothing else."""
    program(machine, name, text)
    run = check(machine)
    assert run.returncode != 0
    assert said in run.stderr
    assert run.stderr.count("\n") == 1


def test_all_lacks_are_named_at_once(machine):
    """Nobody wants to install one thing to hear of the next."""
    for name in ("python3", "node", "npm"):
        (machine / name).unlink()
    run = check(machine)
    assert run.returncode != 0
    assert run.stderr.count("vez: ") == 3


def test_a_shim_that_runs_nothing_is_passed_over(machine):
    """A version manager leaves names on the PATH behind which there is no Python."""
    program(machine, "python3.13", "echo 'not installed' >&2; exit 127")
    assert check(machine, "python").stdout.strip() == str(machine / "python3")


def test_no_chromium_is_one_line(machine):
    """Without a browser and without the right to install one."""
    script = SCRIPT.with_name("chromium.sh")
    command = [shutil.which("bash"), str(script)]
    run = subprocess.run(command, check=False, env={"PATH": str(machine)}, capture_output=True, text=True)
    assert run.returncode == 1
    assert run.stderr.count("\n") == 1
