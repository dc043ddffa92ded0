"""A backup is whole or not there, on both engines; a failed one deletes nothing and says one line."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest


def back_up(
    to: Path, url: str = "", data: Path | None = None, keep: int = 14
) -> subprocess.CompletedProcess[str]:
    """Run it as the timer does."""
    environment = {"PATH": os.environ["PATH"], "VEZ_DATABASE_URL": url, "VEZ_DATA_DIR": str(data or to)}
    command = [sys.executable, "-m", "server.cli", "backup", "--to", str(to), "--keep", str(keep)]
    return subprocess.run(command, check=False, env=environment, capture_output=True, text=True)


@pytest.fixture
def installation(tmp_path: Path) -> Path:
    """A data directory with a small database in WAL mode, a writer still connected, and a key."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "secret_key").write_text("s3cret")
    with sqlite3.connect(data / "vez.sqlite3") as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE ticket (label TEXT)")
        database.execute("INSERT INTO ticket VALUES ('A042')")
    database.close()
    return data


def folders(to: Path) -> list[Path]:
    """What lies where backups go, oldest first."""
    return sorted(to.iterdir())


def test_pictures_and_videos_are_copied_whole(tmp_path, installation):
    """Not one that is still being received."""
    unit = installation / "media" / "centro"
    unit.mkdir(parents=True)
    (unit / "a.webm").write_bytes(b"film")
    (unit / ".new-x.part").write_bytes(b"half")
    assert back_up(tmp_path / "to", data=installation).returncode == 0
    copied = folders(tmp_path / "to")[0] / "media"
    assert [path.relative_to(copied).as_posix() for path in copied.rglob("*.*")] == ["centro/a.webm"]
    assert (copied / "centro" / "a.webm").read_bytes() == b"film"


def test_sqlite_is_copied_beside_a_working_server(tmp_path, installation):
    """What another connection committed and has not checkpointed is in the copy; the key is too."""
    live = sqlite3.connect(installation / "vez.sqlite3")
    live.execute("INSERT INTO ticket VALUES ('A043')")
    live.commit()
    run = back_up(tmp_path / "to", data=installation)
    live.close()
    assert run.returncode == 0, run.stderr
    (folder,) = folders(tmp_path / "to")
    copy = sqlite3.connect(folder / "vez.sqlite3")
    assert [label for (label,) in copy.execute("SELECT label FROM ticket")] == ["A042", "A043"]
    copy.close()
    assert (folder / "secret_key").read_text() == "s3cret"
    assert folder.stat().st_mode & 0o077 == 0, "others may not read it"


def test_only_the_newest_are_kept(tmp_path, installation):
    """Older ones go once the new one is there; what is no backup of ours stays."""
    to = tmp_path / "to"
    for name in ("vez-20200101T000000Z", "vez-20200102T000000Z", "vez-20200103T000000Z", "vez-notes"):
        (to / name).mkdir(parents=True)
    assert back_up(to, data=installation, keep=2).returncode == 0
    kept = [folder.name for folder in folders(to)]
    assert kept[0] == "vez-20200103T000000Z"
    assert kept[-1] == "vez-notes"
    assert len(kept) == 3


@pytest.mark.parametrize(
    "url,reason",
    [("", "there is no database at"), ("mysql://x/y", "VEZ_DATABASE_URL begins with")],
    ids=["missing", "unknown engine"],
)
def test_a_failed_backup_deletes_nothing(tmp_path, url, reason):
    """One line, exit 1, the old ones still there, nothing half made."""
    to = tmp_path / "to"
    (to / "vez-20200101T000000Z").mkdir(parents=True)
    run = back_up(to, url=url, data=tmp_path / "nowhere", keep=1)
    assert run.returncode == 1
    assert reason in run.stderr
    assert run.stderr.count("\n") == 1
    assert [folder.name for folder in folders(to)] == ["vez-20200101T000000Z"]


def test_a_damaged_database_is_no_backup(tmp_path, installation):
    """A copy that SQLite itself would not trust is not kept."""
    path = installation / "vez.sqlite3"
    path.write_bytes(path.read_bytes()[:100] + os.urandom(4000))
    run = back_up(tmp_path / "to", data=installation)
    assert run.returncode == 1
    assert run.stderr.startswith("Error: no backup: ")
    assert folders(tmp_path / "to") == []


@pytest.mark.postgres
def test_postgres_is_dumped_and_can_be_restored(tmp_path, pg_url, pg_empty_url):
    """pg_restore of the dump into an empty database gives the same rows."""
    with psycopg.connect(pg_url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE proof (label TEXT)")
        connection.execute("INSERT INTO proof VALUES ('A042')")
    run = back_up(tmp_path / "to", url=pg_url, data=tmp_path)
    assert run.returncode == 0, run.stderr
    (folder,) = folders(tmp_path / "to")
    address = pg_empty_url.replace("+psycopg", "")
    subprocess.run(["pg_restore", f"--dbname={address}", folder / "vez.pgdump"], check=True)
    with psycopg.connect(address) as connection:
        assert connection.execute("SELECT label FROM proof").fetchall() == [("A042",)]


@pytest.mark.postgres
def test_a_password_is_not_shown(tmp_path, pg_url):
    """Not in the words of a failure, nor on the command line that every user of the machine can list."""
    url = (
        pg_url.rpartition("/")[0].replace("//", "//somebody:pa%40ss@", 1).replace("@postgres@", "@")
        + "/not_there"
    )
    run = back_up(tmp_path / "to", url=url, data=tmp_path)
    assert run.returncode == 1
    assert "pg_dump" in run.stderr
    assert "pa@ss" not in run.stderr
    assert "pa%40ss" not in run.stderr
