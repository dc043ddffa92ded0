"""What is committed is ours, works on any machine, and names no place to fetch from."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest

# Words of a hashed lock, a package lock or a set-up file that send an installer to one host.
INDEX_HOST = re.compile(
    r"\"resolved\"\s*:\s*\"https?:|https?://[^\s\"')]+/simple/?\b|(extra-)?index-url\s*[= ]\s*http"
    r"|https?://[\w.-]*(pypi|pythonhosted|npmjs)"
)
# Folders of the machine that it was written on.
MACHINE = re.compile(r"(?<![\w.$}-])/(?:work|root|home/[a-z]+/work|Users)/|/tmp/[b]ash_jobs")
CONFLICT = re.compile(r"^(<{7} |>{7} |={7}$)", re.MULTILINE)
GENERATED = re.compile(r"(^|/)(node_modules|vendor|__pycache__|\.venv|dist|build|var)/|\.(sqlite3?|pyc|log)$")
LARGEST = 600_000


def _texts(house):
    for name in house.files("", least=100):
        try:
            yield name, house.text(name)
        except UnicodeDecodeError:
            continue


def test_no_index_host_and_no_machine_path(house):
    """Installers use the host that the machine is set up for; paths are from the project's root."""
    found = [
        f"{name}:{number} {line.strip()[:90]}"
        for name, text in _texts(house)
        for number, line in enumerate(text.splitlines(), 1)
        if INDEX_HOST.search(line) or MACHINE.search(line)
    ]
    assert not found, "\n".join(found)


def test_nothing_generated_or_huge(house):
    """Vendored and generated files are made by `make setup`; pictures are small enough for a clone."""
    tracked = house.files("", least=100)
    assert not [name for name in tracked if GENERATED.search(name)]
    sizes = {name: (house.root / name).stat().st_size for name in tracked}
    assert not {name: size for name, size in sizes.items() if size > LARGEST}


def test_no_conflict_marks(house):
    """A merge was finished."""
    assert not [name for name, text in _texts(house) if CONFLICT.search(text)]


@pytest.mark.parametrize("box", ["all", "server", "printer"])
def test_python_locks_are_hashed_and_true(house, box):
    """Every entry has its hash, all that pyproject.toml asks of the box is there, with one version everywhere."""
    lock = house.text("requirements.lock" if box == "all" else f"deploy/requirements-{box}.lock")
    entries = re.split(r"\n(?=\w)", lock.strip())
    assert not [entry for entry in entries if not re.match(r"[\w.\[\]-]+==\S+.*\\\n\s+--hash=sha256:", entry)]
    pinned = {re.match(r"[\w.-]+==\S+", entry)[0] for entry in entries}
    asked = _requirements(tomllib.loads(house.text("pyproject.toml")), box)
    assert len(asked) >= 5
    assert not sorted(asked - {pin.partition("==")[0] for pin in pinned}), "run: make lock"
    assert not [pin for pin in pinned if f"{pin} " not in house.text("requirements.lock")], "run: make lock"


def _requirements(pyproject: dict[str, Any], box: str) -> set[str]:
    project, groups = pyproject["project"], pyproject["dependency-groups"]
    extras = project["optional-dependencies"]
    chosen = [*extras.values(), *groups.values()] if box == "all" else [extras[box]]
    lines = [line for part in (project["dependencies"], *chosen) for line in part]
    return {re.match(r"[\w-]+", line)[0].lower() for line in lines}


def test_package_lock_is_hashed(house):
    """Every package has an integrity and no address."""
    packages = {name: entry for name, entry in house.json("package-lock.json")["packages"].items() if name}
    assert len(packages) > 5
    assert not [name for name, entry in packages.items() if "integrity" not in entry or "resolved" in entry]
