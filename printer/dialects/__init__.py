"""How printers of different makers want to be spoken to, as data: one TOML file per dialect in this
directory.

Commands are written as in the makers' manuals: `ESC t 0x02`. Names of control characters, `0x..` bytes and
literal ASCII stand apart by spaces; `{name}` is filled in by the renderer. An empty command is one that the
printer lacks.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources

_CONTROLS = {
    "NUL": 0x00, "SOH": 0x01, "STX": 0x02, "ETX": 0x03, "EOT": 0x04, "ENQ": 0x05, "BS": 0x08, "HT": 0x09,
    "LF": 0x0A, "FF": 0x0C, "CR": 0x0D, "SO": 0x0E, "SI": 0x0F, "DLE": 0x10, "DC2": 0x12, "DC4": 0x14,
    "SYN": 0x16, "CAN": 0x18, "ESC": 0x1B, "FS": 0x1C, "GS": 0x1D, "SP": 0x20,
}  # fmt: skip


class UnknownDialect(Exception):
    """No file for this dialect; the message lists the known ones, in Portuguese."""


@dataclass(frozen=True)
class Dialect:
    """What one family of printers understands. `commands` maps an operation to its template."""

    name: str
    title: str
    encoding: str
    widths: tuple[int, ...]
    max_scale: int
    cutter: bool
    number: str  # "text", or "image" where letters cannot grow to 12 mm
    qr: str  # "gs_k", "bema", "daruma", "elgin", or "raster"
    raster: str  # "gs_v0" or "esc_star"
    status: str  # "dle_eot", "bema", "daruma", "elgin" or "none"
    confirm: tuple[str, ...]  # of "gs_r", "gs_h"
    asb: bool
    commands: dict[str, str] = field(default_factory=dict, hash=False)

    def code(self, operation: str, **values: int) -> bytes:
        """Return the bytes of `operation`, or none where the printer lacks it."""
        return assemble(self.commands.get(operation, ""), **values)


@lru_cache(maxsize=1024)
def assemble(template: str, **values: int) -> bytes:
    """Turn `"ESC t 0x02"` into bytes; `{n}` stands for the byte `n`, `{n:2}` for two bytes, low one first."""
    out = bytearray()
    for token in template.split():
        filled = re.fullmatch(r"\{(\w+)(?::(\d))?\}", token)
        if filled:
            out += values[filled[1]].to_bytes(int(filled[2] or 1), "little")
        elif token in _CONTROLS:
            out.append(_CONTROLS[token])
        elif re.fullmatch("0x[0-9A-Fa-f]{2}", token):
            out.append(int(token, 16))
        else:
            out += token.encode("ascii")
    return bytes(out)


def names() -> list[str]:
    """Return the names of all dialects, sorted."""
    files = resources.files(__name__).iterdir()
    return sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml"))


@cache
def load(name: str) -> Dialect:
    """Read one dialect.

    Raises UnknownDialect when there is no such file.
    """
    if name not in names():
        raise UnknownDialect(f"dialeto desconhecido: {name}; conhecidos: {', '.join(names())}")
    data = tomllib.loads(resources.files(__name__).joinpath(f"{name}.toml").read_text("utf-8"))
    commands = dict(data.pop("commands"))
    base = data.pop("based_on", None)
    if base:
        parent = load(base)
        inherited = {
            f: getattr(parent, f) for f in parent.__dataclass_fields__ if f not in {"name", "commands"}
        }
        data = {**inherited, **data}
        commands = {**parent.commands, **commands}
    data["widths"] = tuple(data["widths"])
    data["confirm"] = tuple(data["confirm"])
    return Dialect(name=name, commands=commands, **data)
