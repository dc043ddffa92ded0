"""Putting a backup back (see ``backup``): whole or not at all, never under a running server, nothing thrown away."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from server.backup import BackupError, address_of, copy_media, dump_postgres, missing_tool, sqlite_path

_ANYBODY_ELSE = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
FRESH_KEY = ".secret_key.restored"
_EMPTY = "DROP SCHEMA public CASCADE;\nCREATE SCHEMA public;\n"


def put_back(folder: Path, database_url: str, data_dir: Path, now: datetime) -> Path:
    """Put the backup in ``folder`` in the place of what is there; returns where that lies now.

    Raises BackupError (a damaged or foreign backup, a server that runs); then nothing has changed.
    """
    aside = data_dir / f"before-restore-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        aside.mkdir(mode=0o700)
        try:
            # Written before the database is touched: afterwards its place is taken by a mere renaming.
            key = _fresh_key(folder / "secret_key", data_dir)
            if database_url.startswith("sqlite"):
                _sqlite(_the(folder, "vez.sqlite3"), sqlite_path(database_url), aside)
            else:
                _postgres(_the(folder, "vez.pgdump"), database_url, aside)
        except BaseException:
            (data_dir / FRESH_KEY).unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                aside.rmdir()  # empty as yet, or it stays
            raise
        if key is not None:
            _put_in_place(key, data_dir / "secret_key", aside)
        copy_media(folder / "media", data_dir / "media")  # only adds: the next try would go on with it
    except OSError as error:
        raise BackupError(f"{error.filename or data_dir}: {error.strerror}") from None
    return aside


def _the(folder: Path, name: str) -> Path:
    if not (folder / name).is_file():
        raise BackupError(f"{folder} is no backup of this kind of database: it has no {name}")
    return folder / name


def _sqlite(source: Path, target: Path, aside: Path) -> None:
    fresh = target.with_name(f".{target.name}.restored")
    try:
        shutil.copyfile(source, fresh)
        _must_be_sound(fresh, source)
        if target.exists():
            shutil.copymode(target, fresh)
            _fold_alone(target)
            for old in (target, *(Path(f"{target}{beside}") for beside in ("-wal", "-shm"))):
                if old.exists():
                    old.rename(aside / old.name)
        with fresh.open("rb+") as file:
            os.fsync(file.fileno())
        fresh.rename(target)
    finally:
        for leftover in target.parent.glob(f"{fresh.name}*"):
            leftover.unlink()


def _must_be_sound(copy: Path, source: Path) -> None:
    try:
        with contextlib.closing(sqlite3.connect(copy)) as database:
            verdict = database.execute("PRAGMA integrity_check").fetchone()[0]
            database.execute("SELECT count(*) FROM unit").fetchone()
    except sqlite3.Error as error:
        raise BackupError(f"{source}: {error}") from None
    if verdict != "ok":
        raise BackupError(f"{source} is damaged: {verdict}")


def _fold_alone(database: Path) -> None:
    """Everything into the one file, before it is moved; possible only when nobody else has it open."""
    address = f"file:{database}?mode=rw"
    try:
        with contextlib.closing(sqlite3.connect(address, uri=True, timeout=0, isolation_level=None)) as alone:
            alone.execute("PRAGMA locking_mode=EXCLUSIVE")
            alone.execute("BEGIN IMMEDIATE")
            alone.execute("ROLLBACK")
            alone.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            raise BackupError(f"{database} is in use: stop the server first") from None
        # Damaged: all the more reason to put another in its place.


def _postgres(dump: Path, url: str, aside: Path) -> None:
    address, environment = address_of(url)
    script = _run(["pg_restore", "--no-owner", "--no-privileges", "--file=-", str(dump)], environment)
    if _run(["psql", "-qAt", address, "-c", _ANYBODY_ELSE], environment).strip() != "0":
        raise BackupError("the database is in use: stop the server first")
    dump_postgres(url, aside / "vez.pgdump")
    # In one transaction: a backup that cannot be read to its end leaves everything as it was.
    alone = ["psql", "-q", "--single-transaction", "-v", "ON_ERROR_STOP=1", "-f", "-", address]
    _run(alone, environment, _EMPTY + script)


def _run(command: list[str], environment: dict[str, str], text: str | None = None) -> str:
    try:
        done = subprocess.run(
            command, check=True, capture_output=True, text=True, env=environment, input=text
        )
    except FileNotFoundError as error:
        raise missing_tool(error) from None
    except subprocess.CalledProcessError as error:
        last = (error.stderr or "").strip().splitlines()[-1:] or ["no reason given"]
        raise BackupError(f"{command[0]}: {last[0]}") from None
    return done.stdout


def _fresh_key(source: Path, data_dir: Path) -> Path | None:
    """A copy of the backup's key that only its owner reads, beside the present one; None where it has none."""
    if not source.exists():
        return None
    fresh = data_dir / FRESH_KEY
    with os.fdopen(os.open(fresh, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w") as file:
        file.write(source.read_text())
    return fresh


def _put_in_place(fresh: Path, target: Path, aside: Path) -> None:
    if target.exists():
        target.rename(aside / target.name)
    fresh.rename(target)
