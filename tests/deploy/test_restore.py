"""A restore is whole or not at all, never under a running server, and throws nothing away; on both engines."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from city import City
from rows import dump
from serving import serving

from server.store.engine import open_engine


def run_vez(*words: str, url: str, data: Path) -> subprocess.CompletedProcess[str]:
    """A command as an administrator runs it, without a terminal."""
    environment = {"PATH": os.environ["PATH"], "VEZ_DATABASE_URL": url, "VEZ_DATA_DIR": str(data)}
    command = [sys.executable, "-W", "ignore", "-m", "server.cli", *words]
    return subprocess.run(command, check=False, env=environment, capture_output=True, text=True)


def rows(url: str) -> object:
    """All that a database holds."""
    engine = open_engine(url)
    try:
        return dump(engine)
    finally:
        engine.dispose()


@pytest.fixture
def installation(city_url, tmp_path, city: City) -> tuple[str, Path]:
    """A city with a ticket, its key, and a backup of both; then another ticket, and another key."""
    url, data = city_url[0], tmp_path / "data"
    data.mkdir()
    (data / "secret_key").write_text("of then")
    (data / "media" / "centro").mkdir(parents=True)
    (data / "media" / "centro" / "a.png").write_bytes(b"picture")
    city.issue()
    assert run_vez("backup", "--to", str(tmp_path / "to"), url=url, data=data).returncode == 0
    city.then = rows(url)  # type: ignore[attr-defined]
    city.issue()
    (data / "secret_key").write_text("of now")
    shutil.rmtree(data / "media")
    city.store.dispose()
    return url, data


def backup_in(tmp_path: Path) -> Path:
    """The only one."""
    (folder,) = (tmp_path / "to").iterdir()
    return folder


both = pytest.mark.parametrize(
    "city_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


@both
def test_what_was_backed_up_is_there_again(installation, tmp_path, city):
    """Rows, key and pictures; what was there before lies aside, and can be put back in the same way."""
    url, data = installation
    now = rows(url)
    run = run_vez("restore", str(backup_in(tmp_path)), "--yes", url=url, data=data)
    assert run.returncode == 0, run.stderr
    assert "centro: 1 entries, 1 tickets" in run.stdout
    assert rows(url) == city.then
    assert (data / "secret_key").read_text() == "of then"
    assert (data / "media" / "centro" / "a.png").read_bytes() == b"picture"
    (aside,) = data.glob("before-restore-*")
    assert (aside / "secret_key").read_text() == "of now"
    back = run_vez("restore", str(aside), "--yes", url=url, data=data)
    assert back.returncode == 0, back.stderr
    assert rows(url) == now
    assert (data / "secret_key").read_text() == "of now"


@both
def test_never_under_a_running_server(installation, tmp_path, vez, city):
    """One line, and nothing has changed."""
    url, data = installation
    with serving(vez, tmp_path, url, city.seeded) as served:
        assert served.client()("GET", "/units").status == 200
        run = run_vez("restore", str(backup_in(tmp_path)), "--yes", url=url, data=data)
        assert (run.returncode, run.stderr.count("\n")) == (1, 1), run.stderr
        assert "in use: stop the server first" in run.stderr
        assert served.client()("GET", "/units").status == 200
    assert list(data.glob("before-restore-*")) == []
    assert (data / "secret_key").read_text() == "of now"


@both
@pytest.mark.parametrize("fault", ["cut short", "of another kind", "unasked"])
def test_a_bad_backup_changes_nothing(installation, tmp_path, fault):
    """Damaged, of the other engine, or without a yes: one line, exit 1."""
    url, data = installation
    folder, before = backup_in(tmp_path), rows(url)
    database = next(path for path in folder.iterdir() if path.name.startswith("vez."))
    if fault == "cut short":
        database.write_bytes(database.read_bytes()[: database.stat().st_size // 2])
    elif fault == "of another kind":
        database.rename(folder / "vez.other")
    words = [] if fault == "unasked" else ["--yes"]
    run = run_vez("restore", str(folder), *words, url=url, data=data)
    assert (run.returncode, run.stderr.count("\n")) == (1, 1), run.stderr
    assert rows(url) == before
    assert (data / "secret_key").read_text() == "of now"
    assert list(data.glob("before-restore-*")) == []


def test_a_damaged_database_is_no_obstacle(installation, tmp_path, city):
    """That is what backups are for."""
    url, data = installation
    path = Path(url.removeprefix("sqlite:///"))
    path.write_bytes(os.urandom(5000))
    run = run_vez("restore", str(backup_in(tmp_path)), "--yes", url=url, data=data)
    assert run.returncode == 0, run.stderr
    assert rows(url) == city.then
    (aside,) = data.glob("before-restore-*")
    assert (aside / path.name).stat().st_size == 5000
