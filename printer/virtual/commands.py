"""What each printer command does to the paper. Questions and faults are the machine's business, not the
paper's.
"""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image, ImageOps

from printer.virtual.paper import Mode, Paper
from printer.virtual.parser import Token
from printer.virtual.symbols import draw_bars, draw_qr

Action = Callable[[Paper, bytes], None]


def _reset(paper: Paper, _args: bytes) -> None:
    paper.mode = Mode(paper.page)


def _number(name: str) -> Action:
    return lambda paper, args: setattr(paper.mode, name, args[0])


def _digit(name: str) -> Action:
    """A small number, or the same as an ASCII digit: 1 and "1" mean the same."""
    return lambda paper, args: setattr(paper.mode, name, args[0] - 48 if args[0] >= 48 else args[0])


def _bit(name: str) -> Action:
    return lambda paper, args: setattr(paper.mode, name, bool(args[0] & 1))


def _mode(name: str, value: object) -> Action:
    return lambda paper, _args: setattr(paper.mode, name, value)


def _size(paper: Paper, args: bytes) -> None:
    paper.mode.width, paper.mode.height = (args[0] >> 4 & 7) + 1, (args[0] & 7) + 1


def _style(paper: Paper, args: bytes) -> None:  # ESC !
    bits = args[0]
    paper.mode.font_b = bool(bits & 1)
    paper.mode.bold = bool(bits & 8)
    paper.mode.height = 2 if bits & 16 else 1
    paper.mode.width = 2 if bits & 32 else 1
    paper.mode.underline = 1 if bits & 128 else 0


def _line_feed(paper: Paper, _args: bytes) -> None:
    paper.line_feed()


def _feed_dots(paper: Paper, args: bytes) -> None:
    paper.feed(args[0])


def _feed_lines(paper: Paper, args: bytes) -> None:
    paper.feed(0)
    for _ in range(args[0]):
        paper.line_feed()


def _tab(paper: Paper, _args: bytes) -> None:
    paper.text(b" " * (8 - len(paper._line_text) % 8))  # noqa: SLF001 -- the room's own class


def _raster(paper: Paper, args: bytes) -> None:  # GS v 0 m xL xH yL yH data
    wide, rows = args[1] | args[2] << 8, args[3] | args[4] << 8
    if not wide or not rows:
        return
    paper.raster(_grow(_dots(args[5:], wide * 8, rows), args[0] & 1, args[0] & 2))


def _grow(image: Image.Image, wide: int, tall: int) -> Image.Image:
    if not wide and not tall:
        return image
    size = (image.width * (2 if wide else 1), image.height * (2 if tall else 1))
    return image.resize(size, Image.Resampling.NEAREST)


def _dots(data: bytes, width: int, height: int) -> Image.Image:
    """Bits of raster data, 1 = black, as a picture where 0 = black."""
    return ImageOps.invert(Image.frombytes("1", (width, height), data).convert("L")).convert("1")


def _columns(paper: Paper, args: bytes) -> None:  # ESC * m nL nH data: columns of 8 or 24 dots, top bit first
    count = args[1] | args[2] << 8
    tall = 3 if args[0] >= 32 else 1
    if not count:
        return
    sideways = _dots(args[3:], tall * 8, count)
    upright = sideways.transpose(Image.Transpose.TRANSPOSE)
    stretch = 1 if args[0] in (1, 33) else 2
    size = (count * stretch, 24)
    paper.inline(upright.resize(size, Image.Resampling.NEAREST) if upright.size != size else upright)


def _graphics(paper: Paper, args: bytes) -> None:  # GS ( L pL pH m fn …, and GS 8 L with a longer count
    if len(args) < 2:
        return
    if args[1] == 112 and len(args) > 10:  # a bx by c xL xH yL yH data
        width, rows = args[6] | args[7] << 8, args[8] | args[9] << 8
        bytes_wide = (width + 7) // 8
        if bytes_wide and rows and len(args) >= 10 + bytes_wide * rows:
            image = _dots(args[10:], bytes_wide * 8, rows).crop((0, 0, width, rows))
            paper.stored = _grow(image, args[3] == 2, args[4] == 2)
    elif args[1] in (2, 50) and paper.stored is not None:
        paper.raster(paper.stored)
        paper.stored = None


def _parenthesis(paper: Paper, args: bytes) -> None:  # GS ( x pL pH …
    name, rest = args[:1], args[3:]
    if name == b"k" and paper.codes.function(rest):
        level = {48: "L", 49: "M", 50: "Q", 51: "H"}.get(paper.codes.level, "L")
        picture = draw_qr(paper.codes.data, paper.codes.module, level, paper.width)
        paper.symbol(picture, paper.codes.data.decode("utf-8", "replace"))
    elif name == b"L":
        _graphics(paper, rest)


def _barcode(paper: Paper, args: bytes) -> None:
    data = args[1:-1] if args[0] <= 6 else args[2:]
    paper.symbol(draw_bars(data, paper.width, 80), "barcode:" + data.decode("ascii", "replace"))


def _bema_barcode(paper: Paper, args: bytes) -> None:  # GS k Q level 2*module version mode nL nH data
    if args[:1] != b"Q":
        _barcode(paper, args)
        return
    level = "LMQH"[min(args[1], 3)]
    picture = draw_qr(args[7:], max(1, args[2] // 2), level, paper.width)
    paper.symbol(picture, args[7:].decode("utf-8", "replace"))


def _daruma_qr(paper: Paper, args: bytes) -> None:  # ESC 81 nL nH module level data
    data = args[4:]
    paper.symbol(
        draw_qr(data, max(3, min(7, args[2])), chr(args[3]), paper.width), data.decode("utf-8", "replace")
    )


def _elgin_settings(paper: Paper, args: bytes) -> None:  # GS o 0 module language type
    paper.codes.module = max(1, min(16, args[1]))


def _elgin_barcode(paper: Paper, args: bytes) -> None:  # GS k 0B level "A," data NUL
    if args[:1] != b"\x0b":
        _barcode(paper, args)
        return
    data = args[4:-1]
    paper.symbol(
        draw_qr(data, paper.codes.module, chr(args[1]), paper.width), data.decode("utf-8", "replace")
    )


def _nothing(_paper: Paper, _args: bytes) -> None:
    """Known, and without effect on this paper."""


def _margin(paper: Paper, args: bytes) -> None:
    paper.mode.margin = min(args[0] | args[1] << 8, paper.width - 24)


_COMMON: dict[str, Action] = {
    "LF": _line_feed, "HT": _tab, "FF": _line_feed, "CR": _nothing, "CAN": _nothing,
    "ESC @": _reset, "ESC t": _number("page"), "ESC a": _digit("align"), "ESC E": _bit("bold"),
    "ESC G": _bit("bold"), "ESC -": _digit("underline"), "ESC M": _bit("font_b"), "ESC !": _style,
    "ESC {": _bit("upside_down"), "ESC SP": _number("gap"), "ESC 3": _number("spacing"),
    "ESC 2": _mode("spacing", 30), "ESC J": _feed_dots, "ESC d": _feed_lines, "ESC *": _columns,
    "GS !": _size, "GS B": _bit("invert"), "GS v 0": _raster, "GS (": _parenthesis,
    "GS 8 L": lambda paper, args: _graphics(paper, args[4:]), "GS k": _barcode, "GS L": _margin,
}  # fmt: skip

_BEMA: dict[str, Action] = {
    "ESC E": _mode("bold", True), "ESC F": _mode("bold", False),
    "ESC W": lambda paper, args: setattr(paper.mode, "width", 1 + (args[0] & 1)),
    # The trap that makes python-escpos' cut() double the height of everything after it.
    "ESC d": lambda paper, args: setattr(paper.mode, "height", 1 + (args[0] & 1)),
    "ESC SI": _mode("font_b", True), "ESC H": _mode("font_b", False), "GS B": _nothing, "GS k": _bema_barcode,
}  # fmt: skip
_DARUMA: dict[str, Action] = {
    "ESC E": _mode("bold", True), "ESC F": _mode("bold", False), "ESC j": _digit("align"),
    "ESC w": lambda paper, args: setattr(paper.mode, "height", 1 + (args[0] & 1)),
    "ESC W": lambda paper, args: setattr(paper.mode, "width", 1 + (args[0] & 1)),
    "SI": _mode("font_b", True), "DC2": _mode("font_b", False), "ESC 81": _daruma_qr, "ESC a": _nothing,
}  # fmt: skip

ACTIONS: dict[str, dict[str, Action]] = {
    "epson": _COMMON,
    "bema": {**_COMMON, **_BEMA},
    "daruma": {**_COMMON, **_DARUMA},
    "elgin": {**_COMMON, **_BEMA, "GS k": _elgin_barcode, "GS o": _elgin_settings},
}

#: Commands that cut, besides `GS V`, per dialect.
CUTS: dict[str, frozenset[str]] = {
    "epson": frozenset({"GS V", "ESC i", "ESC m"}),
    "bema": frozenset({"ESC w", "ESC m", "ESC i"}),
    "daruma": frozenset({"ESC m"}),
    "elgin": frozenset({"GS V", "ESC i", "ESC m", "ESC w"}),
}


def execute(paper: Paper, token: Token, dialect: str) -> None:
    """Let `token` act on `paper`; a command that nobody knows is noted, and nothing else happens."""
    if not token.name:
        paper.text(token.raw)
        return
    if token.name.startswith("?"):
        paper.note_unknown(token)
        return
    ACTIONS[dialect].get(token.name, _nothing)(paper, token.args)
