"""Back up one installation of Vez: its database, whole and checked, and its signing key.

Usage: backup.py --to DIR [--keep N]. Reads VEZ_DATABASE_URL and VEZ_DATA_DIR as the server does. SQLite is
copied while the server works, and the copy is checked; PostgreSQL goes through pg_dump. A backup is a folder
`vez-<UTC time>` that appears only when complete; the N newest are kept. Standard library only: it must run
when the installation is broken. Exit 1 with one line when something is wrong; then nothing old is deleted.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

DEFAULT_KEEP = 14


class BackupError(Exception):
    """The backup could not be made; the message is one line."""


def back_up(database_url: str, data_dir: Path, to: Path, keep: int, now: datetime) -> Path:
    """Make one backup, then drop all but the newest `keep`; returns its folder. BackupError when it fails."""
    folder = to / f"vez-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    unfinished = folder.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        unfinished.mkdir(parents=True, mode=0o700)
        _copy_database(database_url or f"sqlite:///{data_dir / 'vez.sqlite3'}", unfinished)
        if (key := data_dir / "secret_key").exists():
            shutil.copy2(key, unfinished / "secret_key")
        _copy_media(data_dir / "media", unfinished / "media")
        unfinished.rename(folder)
    except OSError as error:
        raise BackupError(f"{error.filename or to}: {error.strerror}") from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    for old in sorted(to.glob("vez-????????T??????Z"))[: -max(keep, 1)]:
        shutil.rmtree(old)
    return folder


def _copy_media(source: Path, target: Path) -> None:
    """The pictures and videos of the panels. One that was taken off the list meanwhile is left out."""
    for path in source.glob("*/*.*"):
        if path.name.startswith("."):  # still being received
            continue
        (target / path.parent.name).mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            shutil.copy2(path, target / path.parent.name / path.name)


def _copy_database(url: str, folder: Path) -> None:
    if url.startswith("sqlite"):
        _copy_sqlite(Path(url.partition(":///")[2]), folder / "vez.sqlite3")
    elif url.startswith("postgresql"):
        _dump_postgres(url, folder / "vez.pgdump")
    else:
        raise BackupError(f"no backup for the database {url.partition(':')[0]}")


def _copy_sqlite(source: Path, target: Path) -> None:
    """A consistent copy beside a working server, then SQLite's own check of it."""
    if not source.exists():
        raise BackupError(f"there is no database at {source}")
    try:
        with (
            contextlib.closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30)) as live,
            contextlib.closing(sqlite3.connect(target)) as copy,
        ):
            live.backup(copy)
            verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as error:
        raise BackupError(f"{source}: {error}") from None
    if verdict != "ok":
        raise BackupError(f"the copy of {source} is damaged: {verdict}")


def _dump_postgres(url: str, target: Path) -> None:
    """pg_dump's own compressed format, for pg_restore; the list of its contents is read back as a check."""
    address, password = _apart(url)
    environment = os.environ | ({"PGPASSWORD": password} if password else {})
    try:
        for command in (
            ["pg_dump", "--format=custom", "--no-owner", f"--file={target}", f"--dbname={address}"],
            ["pg_restore", "--list", str(target)],
        ):
            subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    except FileNotFoundError as error:
        raise BackupError(
            f"{error.filename} is missing (Debian, Ubuntu: apt-get install postgresql-client)"
        ) from None
    except subprocess.CalledProcessError as error:
        last = (error.stderr or "").strip().splitlines()[-1:] or ["no reason given"]
        raise BackupError(f"{error.cmd[0]}: {last[0]}") from None


def _apart(url: str) -> tuple[str, str]:
    """The address without its password, and the password: the list of processes is for everybody to read."""
    parts = urlsplit(url)
    login, _, host = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    return urlunsplit(
        parts._replace(scheme="postgresql", netloc=f"{user}@{host}" if user else host)
    ), unquote(password)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Back up the database and the signing key of Vez.")
    parser.add_argument("--to", type=Path, required=True, help="folder of the backups")
    parser.add_argument(
        "--keep", type=int, default=DEFAULT_KEEP, help="how many to keep (default %(default)s)"
    )
    given = parser.parse_args()
    data_dir = Path(os.environ.get("VEZ_DATA_DIR") or "var")
    try:
        folder = back_up(
            os.environ.get("VEZ_DATABASE_URL", ""), data_dir, given.to, given.keep, datetime.now(UTC)
        )
    except BackupError as error:
        sys.exit(f"vez: no backup: {error}")
    print(f"vez: backup in {folder}")


if __name__ == "__main__":
    main()
