"""Letters for the virtual paper: one fixed cell per character, black on white, no grey, like a thermal
head.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

_FACES = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationMono-Regular.ttf",
    "/usr/share/fonts/truetype/noto/NotoSansMono-Regular.ttf",
    "/usr/share/fonts/dejavu-sans-mono-fonts/DejaVuSansMono.ttf",
)
# Strokes over a letter where only Pillow's built-in face is at hand, which has no accents: points in a 12 x
# 24 cell.
_ACCENTS = {
    "\u0301": ((5, 5), (8, 1)), "\u0300": ((7, 5), (4, 1)), "\u0302": ((3, 5), (6, 1), (9, 5)),
    "\u0303": ((2, 4), (4, 2), (7, 4), (9, 2)), "\u0308": ((3, 3), (3, 4), (8, 3), (8, 4)),
    "\u0327": ((6, 20), (7, 22), (4, 23)),
}  # fmt: skip


@lru_cache(maxsize=4)
def _face(size: int) -> Any:
    for path in _FACES:
        if Path(path).exists():
            return ImageFont.truetype(path, size)
    return ImageFont.load_default(size=size)


def _has_accents() -> bool:
    return any(Path(path).exists() for path in _FACES)


@lru_cache(maxsize=1024)
def glyph(char: str, width: int, height: int, bold: bool) -> Image.Image:
    """Return `char` in a cell of `width` x `height` dots, mode "1", 0 = black."""
    cell = Image.new("L", (width, height), 255)
    draw = ImageDraw.Draw(cell)
    face = _face(round(height * 0.79))
    base, marks = char, ""
    if not _has_accents():
        plain = unicodedata.normalize("NFKD", char)
        base, marks = plain[0], plain[1:]
    wide = draw.textlength(base, font=face)
    at = ((width - wide) / 2, round(height * 0.79))
    draw.text(at, base, font=face, fill=0, anchor="ls", stroke_width=0)
    if bold:
        draw.text((at[0] + 1, at[1]), base, font=face, fill=0, anchor="ls")
    for mark in marks:
        points = [(x * width / 12, y * height / 24) for x, y in _ACCENTS.get(mark, ())]
        if points:
            draw.line(points, fill=0, width=2)
    return cell.point(lambda level: 255 if level > 140 else 0).convert("1")
