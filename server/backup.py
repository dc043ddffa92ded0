"""A backup of one installation, its database, whole and checked, its signing key and its media; and the way back.

A backup is a folder `vez-<UTC time>` that appears only when complete; the N newest are kept, and when one fails nothing
old is deleted. SQLite is copied while the server works, PostgreSQL goes through pg_dump. A restore happens whole or not
at all, and what it replaces is kept aside. Standard library only: it must run when the installation is broken.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

DEFAULT_KEEP = 14


class BackupError(Exception):
    """The backup could not be made, or not be put back; the message is one line."""


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
        copy_media(data_dir / "media", unfinished / "media")
        unfinished.rename(folder)
    except OSError as error:
        raise BackupError(f"{error.filename or to}: {error.strerror}") from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    for old in sorted(to.glob("vez-????????T??????Z"))[: -max(keep, 1)]:
        shutil.rmtree(old)
    return folder


def copy_media(source: Path, target: Path) -> None:
    """The pictures and videos of the panels. One that was taken off the list meanwhile is left out."""
    for path in source.glob("*/*.*"):
        if path.name.startswith("."):  # still being received
            continue
        (target / path.parent.name).mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            shutil.copy2(path, target / path.parent.name / path.name)


def _copy_database(url: str, folder: Path) -> None:
    if url.startswith("sqlite"):
        _copy_sqlite(sqlite_path(url), folder / "vez.sqlite3")
    elif url.startswith("postgresql"):
        dump_postgres(url, folder / "vez.pgdump")
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


def sqlite_path(url: str) -> Path:
    """The file of an SQLite URL."""
    return Path(url.partition(":///")[2])


def dump_postgres(url: str, target: Path) -> None:
    """pg_dump's own compressed format, for pg_restore; the list of its contents is read back as a check."""
    address, environment = address_of(url)
    try:
        for command in (
            ["pg_dump", "--format=custom", "--no-owner", f"--file={target}", f"--dbname={address}"],
            ["pg_restore", "--list", str(target)],
        ):
            subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    except FileNotFoundError as error:
        raise missing_tool(error) from None
    except subprocess.CalledProcessError as error:
        last = (error.stderr or "").strip().splitlines()[-1:] or ["no reason given"]
        raise BackupError(f"{error.cmd[0]}: {last[0]}") from None


def missing_tool(error: FileNotFoundError) -> BackupError:
    """What to install."""
    return BackupError(f"{error.filename} is missing (Debian, Ubuntu: apt-get install postgresql-client)")


def address_of(url: str) -> tuple[str, dict[str, str]]:
    """The address without its password, and an environment that has it: the list of processes is for everybody to
    read."""
    parts = urlsplit(url)
    login, _, host = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    address = urlunsplit(parts._replace(scheme="postgresql", netloc=f"{user}@{host}" if user else host))
    return address, os.environ | ({"PGPASSWORD": unquote(password)} if password else {})
