"""Takes a printer's input apart into text and commands, across packet borders.

It knows how long each command is, even those that it does nothing with: a printer that loses count prints
garbage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

Length = int | Callable[[bytes], int | None]

_NAMES = {
    0x04: "EOT", 0x05: "ENQ", 0x09: "HT", 0x0A: "LF", 0x0C: "FF", 0x0D: "CR", 0x0E: "SO", 0x0F: "SI", 0x10: "DLE",
    0x12: "DC2", 0x14: "DC4", 0x18: "CAN", 0x1B: "ESC", 0x1C: "FS", 0x1D: "GS", 0x20: "SP",
}  # fmt: skip


@dataclass(frozen=True)
class Token:
    """A run of text bytes (`name` empty) or one command with its arguments. `raw` is all of it."""

    name: str
    args: bytes
    raw: bytes

    def __str__(self) -> str:
        if not self.name:
            return repr(self.raw.decode("cp850"))
        shown = self.args if len(self.args) <= 12 else self.args[:8]
        more = "" if len(self.args) <= 12 else f" … ({len(self.args)} bytes)"
        return " ".join([self.name, *(f"{byte:02x}" for byte in shown)]) + more


def _little(data: bytes, start: int, count: int = 2) -> int:
    return int.from_bytes(data[start : start + count], "little")


def _counted(at: int, size: int = 2) -> Callable[[bytes], int | None]:
    """A length field of `size` bytes at `at`, followed by that many bytes."""

    def length(args: bytes) -> int | None:
        return at + size + _little(args, at, size) if len(args) >= at + size else None

    return length


def _until_nul(args: bytes) -> int | None:
    end = args.find(b"\0")
    return end + 1 if end >= 0 else None


def _raster(args: bytes) -> int | None:  # GS v 0 m xL xH yL yH
    return 5 + _little(args, 1) * _little(args, 3) if len(args) >= 5 else None


def _columns(args: bytes) -> int | None:  # ESC * m nL nH
    return 3 + _little(args, 1) * (3 if args[0] >= 32 else 1) if len(args) >= 3 else None


def _cut(args: bytes) -> int | None:
    if not args:
        return None
    return 2 if args[0] in (65, 66, 97, 98, 103, 104) else 1


def _barcode(args: bytes) -> int | None:  # GS k: old form ends in NUL, new form is counted
    if not args:
        return None
    if args[0] <= 6:
        end = args.find(b"\0", 1)
        return end + 1 if end >= 0 else None
    return 2 + args[1] if len(args) >= 2 else None


def _bema_barcode(args: bytes) -> int | None:  # GS k Q n1 n2 n3 n4 nL nH data
    if args[:1] == b"Q":
        return 7 + _little(args, 5) if len(args) >= 7 else None
    return _barcode(args)


def _elgin_barcode(args: bytes) -> int | None:  # GS k 11 quality "A," data NUL
    if args[:1] == b"\x0b":
        return _until_nul(args)
    return _barcode(args)


def _downloaded(args: bytes) -> int | None:  # GS * x y data
    return 2 + args[0] * args[1] * 8 if len(args) >= 2 else None


def _logos(args: bytes) -> int | None:  # FS q n [xL xH yL yH data]…
    if not args:
        return None
    end = 1
    for _ in range(args[0]):
        if len(args) < end + 4:
            return None
        end += 4 + _little(args, end) * _little(args, end + 2) * 8
    return end


def _user_chars(args: bytes) -> int | None:  # ESC & y c1 c2 [x data]…
    if len(args) < 3:
        return None
    end = 3
    for _ in range(max(0, args[2] - args[1] + 1)):
        if len(args) <= end:
            return None
        end += 1 + args[0] * args[end]
    return end


def _dc4(args: bytes) -> int | None:  # DLE DC4 fn …
    return {1: 3, 2: 3, 3: 3, 7: 2, 8: 8}.get(args[0], 3) if args else None


def _eot(args: bytes) -> int | None:
    if not args:
        return None
    return 2 if args[0] in (7, 8, 18) else 1


def _fixed(prefix: bytes, lengths: dict[str, int]) -> dict[bytes, Length]:
    return {prefix + key.encode("latin-1"): size for key, size in lengths.items()}


def _sizes(prefix: bytes, *groups: str) -> dict[bytes, Length]:
    """Names of commands with 0, 1, 2… bytes of arguments, as words."""
    lengths = {word: size for size, group in enumerate(groups) for word in group.split()}
    return _fixed(prefix, lengths)


_COMMON: dict[bytes, Length] = {
    **_fixed(b"", {"\t": 0, "\n": 0, "\f": 0, "\r": 0, "\x18": 0}),
    **_fixed(b"\x1b", {" ": 1, "\f": 0, "W": 8}),
    **_sizes(b"\x1b", "@ 2 i m L S v <", "t a E ! - M J d e 3 { R G V r = % ? T u U K", "B $ \\ c f", "p"),
    **_sizes(b"\x1d", ": c", "! B h w H f r I a b E / T j x", "L W P $ \\ z0 A", "^"),
    **_sizes(b"\x1c", "& .", "! - W C", "S p"),
    b"\x1bD": _until_nul, b"\x1b*": _columns, b"\x1b&": _user_chars, b"\x1b(": _counted(1),
    b"\x1dV": _cut, b"\x1dv0": _raster, b"\x1d(": _counted(1), b"\x1d8L": _counted(0, 4), b"\x1dk": _barcode,
    b"\x1d*": _downloaded, b"\x1c(": _counted(1), b"\x1cq": _logos,
    b"\x10\x04": _eot, b"\x10\x05": 1, b"\x10\x14": _dc4,
}  # fmt: skip

_BEMA: dict[bytes, Length] = {
    **_fixed(b"\x1b", {"E": 0, "F": 0, "W": 1, "d": 1, "w": 0, "H": 0, "\x0f": 0, "4": 0, "5": 0}),
    b"\x1dk": _bema_barcode,
    **_fixed(b"\x1d", {"\xf9\x20": 1, "\xf9\x27": 1, "\xf8\x31": 0}),
}
_DARUMA: dict[bytes, Length] = {
    **_fixed(b"\x1b", {"E": 0, "F": 0, "j": 1, "w": 1, "W": 1, "\xc3": 0, "\xc7": 0, "\x0e": 1}),
    **_fixed(b"", {"\x05": 0, "\x0e": 0, "\x14": 0, "\x0f": 0, "\x12": 0}),
    b"\x1d\x05": 0,
    b"\x1b\x81": _counted(0),
    b"\x1bb": _until_nul,
}
_ELGIN: dict[bytes, Length] = {
    b"\x1dk": _elgin_barcode,
    b"\x1do": 4,
    **_fixed(b"", {"\x05": 0}),
}

TABLES: dict[str, dict[bytes, Length]] = {
    "epson": _COMMON,
    "bema": {**_COMMON, **_BEMA},
    "daruma": {**_COMMON, **_DARUMA},
    "elgin": {**_COMMON, **_BEMA, **_ELGIN},
}


class Parser:
    """Feed it bytes, iterate over complete tokens. `pending` bytes wait for the rest of a command."""

    MAX_COMMAND = 1 << 20  # a command longer than this is a mistake, not a picture

    def __init__(self, dialect: str = "epson") -> None:
        self._table = TABLES[dialect]
        self._starts = {key[0] for key in self._table} | {0x1B, 0x1C, 0x1D, 0x10}
        self._buffer = b""

    @property
    def pending(self) -> int:
        """Bytes received and not yet part of a token."""
        return len(self._buffer)

    def feed(self, data: bytes) -> Iterator[Token]:
        """Yield the tokens that `data` completes."""
        self._buffer += data
        while self._buffer:
            token = self._next()
            if token is None:
                return
            self._buffer = self._buffer[len(token.raw) :]
            yield token

    def _next(self) -> Token | None:
        buffer = self._buffer
        if buffer[0] not in self._starts:
            end = next((i for i, byte in enumerate(buffer) if byte in self._starts), len(buffer))
            return Token("", b"", buffer[:end])
        for size in (3, 2, 1):
            key = buffer[:size]
            if len(key) == size and key in self._table:
                return self._command(key, self._table[key])
        if len(buffer) < 3 and any(key.startswith(buffer) for key in self._table):
            return None
        if len(buffer) < 2:
            return None if buffer[0] in (0x1B, 0x1C, 0x1D, 0x10) else Token("?", b"", buffer[:1])
        return Token("?" + _spell(buffer[:2]), b"", buffer[:2])

    def _command(self, key: bytes, length: Length) -> Token | None:
        rest = self._buffer[len(key) :]
        size = length if isinstance(length, int) else length(rest)
        if size is not None and size > self.MAX_COMMAND:
            return Token("?" + _spell(key), b"", key)
        if size is None or len(rest) < size:
            # Only then a longer name may still follow ("GS v" of "GS v 0").
            return None
        return Token(_spell(key), rest[:size], key + rest[:size])


def _spell(key: bytes) -> str:
    return " ".join(_NAMES.get(byte) or (chr(byte) if 0x20 < byte < 0x7F else f"{byte:02x}") for byte in key)


def disassemble(data: bytes, dialect: str = "epson") -> list[str]:
    """Return `data` as lines for people: one per command or run of text."""
    parser = Parser(dialect)
    lines = [str(token) for token in parser.feed(data)]
    if parser.pending:
        lines.append(f"?incomplete ({parser.pending} bytes)")
    return lines
