"""The door to python-escpos, which builds bytes for us and never touches a device.

Importing it is costly and has side effects (3.1): it parses its printer database with a pure-Python YAML
reader, leaves a temporary directory behind at each import, writes a pickle, installs a root log handler,
and refuses to start when the pickle is broken or no temporary directory is writable. So it is imported
once, late, with a database of our own of a few lines, and everything it disturbed is put back.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from printer.dialects import Dialect

_LOCK = threading.Lock()
_PLACES = ("VEZ_PRINTER_DATA", "RUNTIME_DIRECTORY", "STATE_DIRECTORY", "XDG_RUNTIME_DIR")
_ENCODERS: dict[str, Any] = {}
_dummy: Any = None


class NoBuilder(Exception):
    """python-escpos cannot be used here; the message says why in one Portuguese line."""


def new(dialect: Dialect, width: int) -> Any:
    """Return a fresh `escpos.printer.Dummy` for paper of `width` dots.

    Its database knows one code page, so that it can never switch to another in mid-line (it would pick CP857,
    Turkish, for a Portuguese word).
    """
    global _dummy  # noqa: PLW0603 -- the one import of the process
    with _LOCK:
        if _dummy is None:
            _dummy = _import()
    page = dialect.encoding.upper()
    builder = _dummy(profile=_profile(page, width))
    # Its table of the page's letters, once for all tickets: making it anew costs a tenth of a ticket.
    builder.magic.encoder = _ENCODERS.setdefault(page, builder.magic.encoder)
    builder.magic.force_encoding(None)
    return builder


def _import() -> Any:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        with _scratch() as directory, _environment(directory):
            from escpos.printer import Dummy
    except (ImportError, OSError) as error:
        raise NoBuilder(f"não foi possível carregar o python-escpos: {error}") from error
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    return Dummy


@contextlib.contextmanager
def _scratch() -> Iterator[Path]:
    """Yield a private directory that is gone afterwards; /tmp may be read-only on a locked-down print box."""
    places = [None, *(os.environ.get(name) for name in _PLACES), "/dev/shm", str(Path.cwd())]  # noqa: S108
    for place in places:
        try:
            directory = tempfile.mkdtemp(prefix="vez-escpos-", dir=place)
        except OSError:
            continue
        try:
            yield Path(directory)
        finally:
            shutil.rmtree(directory, ignore_errors=True)
        return
    raise OSError("nenhum diretório gravável para arquivos temporários")


@contextlib.contextmanager
def _environment(directory: Path) -> Iterator[None]:
    database = directory / "capabilities.json"
    database.write_text(json.dumps(_database()), "utf-8")
    ours = {"ESCPOS_CAPABILITIES_FILE": str(database), "ESCPOS_CAPABILITIES_PICKLE_DIR": str(directory)}
    before = {name: os.environ.get(name) for name in ours}
    mkdtemp = tempfile.mkdtemp
    os.environ.update(ours)
    tempfile.mkdtemp = lambda *_args, **_kwargs: str(directory)  # type: ignore[assignment]
    try:
        yield
    finally:
        tempfile.mkdtemp = mkdtemp
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _database() -> dict[str, Any]:
    page = {"name": "CP850", "python_encode": "cp850"}
    return {"profiles": {"default": _data("CP850", 576)}, "encodings": {"CP850": page}}


def _data(page: str, width: int) -> dict[str, Any]:
    return {
        "name": "vez",
        "codePages": {"2": page},
        "features": {},
        "fonts": {"0": {"columns": width // 12}, "1": {"columns": width // 9}},
        "media": {"width": {"pixels": width}},
    }


@cache
def _profile(page: str, width: int) -> Any:
    from escpos.capabilities import Profile

    profile = Profile()
    profile.profile_data = _data(page, width)
    return profile
