"""The files that a unit shows on its screens, kept under the data folder: ``media/<unit>/<id>.<suffix>``.

A file gets its name only when it is whole, on the disk, and known to be what it says it is.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from server.domain.media import VIDEO_BYTES, Form, NotMedia, recognise

_CHUNK = 65_536
_ORPHAN_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Received:
    """A whole, recognised file that has no name yet."""

    path: Path
    form: Form
    size: int


class Shelf:
    """A folder of media, a sub-folder for each unit."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, unit_id: str, name: str) -> Path:
        """Where a file of a unit lies. ``name`` must have been checked (``SAFE_FILE``)."""
        return self._folder / unit_id / name

    @contextmanager
    def receive(self, unit_id: str, stream: BinaryIO) -> Iterator[Received]:
        """Take in a file, whole; it is gone after the block unless ``keep`` gave it a name. Raises ``NotMedia``."""
        folder = self._folder / unit_id
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".new-", dir=folder)
        path = Path(name)
        try:
            with os.fdopen(handle, "w+b") as file:
                size = _copy(stream, file)
                form = recognise(size, lambda offset, length: os.pread(file.fileno(), length, offset))
                os.fsync(file.fileno())
            yield Received(path, form, size)
        finally:
            path.unlink(missing_ok=True)

    def keep(self, unit_id: str, received: Received, name: str) -> None:
        """Give a received file its name."""
        received.path.chmod(0o644)
        received.path.replace(self.path(unit_id, name))

    def drop(self, unit_id: str, name: str) -> None:
        """Forget a file; it may be gone already."""
        self.path(unit_id, name).unlink(missing_ok=True)

    def sweep(self, unit_id: str, wanted: Collection[str], now: datetime) -> None:
        """Forget the files of this unit that nothing names any more: left by a crash between file and database."""
        before = now.timestamp() - _ORPHAN_SECONDS
        for path in (self._folder / unit_id).glob("*"):
            with contextlib.suppress(OSError):
                if path.name not in wanted and path.stat().st_mtime < before:
                    path.unlink()


def _copy(stream: BinaryIO, file: BinaryIO) -> int:
    size = 0
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        if size > VIDEO_BYTES:
            raise NotMedia("too_large")
        file.write(chunk)
    file.flush()
    return size
