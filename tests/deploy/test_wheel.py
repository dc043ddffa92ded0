"""The wheel is all a server needs: five packages, their texts and pages, and the browser libraries."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HATCHLING = Path(sys.executable).with_name("hatchling")
PACKAGES = ("server", "kiosk", "panel", "counter", "printer")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> zipfile.ZipFile:
    """Built from this tree with the locked build back end."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [HATCHLING, "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True, capture_output=True
    )
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


def test_everything_of_the_packages_is_in_it(wheel):
    """Each tracked file of the five packages, and nothing from beside them."""
    listed = subprocess.run(
        ["git", "ls-files", *PACKAGES], cwd=ROOT, check=True, capture_output=True, text=True
    )
    tracked = {name for name in listed.stdout.splitlines() if (ROOT / name).is_file()}
    assert len(tracked) > 80
    packed = set(wheel.namelist())
    assert not sorted(tracked - packed)
    assert {name.partition("/")[0] for name in packed if ".dist-info/" not in name} == set(PACKAGES)


def test_browser_libraries_travel_in_it(wheel):
    """A unit may have no internet: what the import map names is there."""
    vendored = {name for name in wheel.namelist() if name.startswith("server/static/vendor/")}
    page = (ROOT / "server/web/templates/vez/base.html").read_text()
    named = set(re.findall(r"vendor/([\w.-]+\.m?js)", page)) | set(re.findall(r"'vendor/([\w.-]+)'", page))
    assert named
    assert {f"server/static/vendor/{name}" for name in named} <= vendored
    assert any(name.endswith(".woff2") for name in vendored)


def test_command_is_installed_by_it(wheel):
    """`vez` is the one script."""
    (entry,) = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    assert "vez = server.cli:main" in wheel.read(entry).decode()
