"""Text made fit for a receipt printer: one code page, no control characters, never a question mark for an
accent.

Every user-supplied field passes through `clean`. A printer takes control bytes for commands, so that a
service named "x\\x1b@\\x1dV0" would reset the printer and cut the paper: C0, C1, DEL, bidi and other
invisible characters go.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

#: Longest field that is looked at, in characters. A ticket has no room for more.
MAX_FIELD = 400

# What the DOS code pages lack, as people would write it on a typewriter.
_TYPEWRITER = {
    "–": "-", "—": "-", "‒": "-", "―": "-", "−": "-", "‐": "-", "‑": "-",
    "‘": "'", "’": "'", "‚": "'", "‛": "'", "′": "'", "“": '"', "”": '"', "„": '"', "″": '"',
    "…": "...", "•": "*", "∙": "·", "●": "*", "€": "EUR", "₢": "Cr$", "™": "TM",
    "→": "->", "←": "<-", "≤": "<=", "≥": ">=", "≠": "<>", "\u2044": "/", "✓": "x", "✔": "x",
}  # fmt: skip
#: Stands for a letter that the page lacks and that has no plain form (CP850 0xFE), so that the gap is seen.
_GAP = "■"


def clean(text: object) -> str:
    """Return `text` normalised (NFC), without control, bidi or invisible characters, on one line."""
    if not isinstance(text, str):
        return ""
    normal = unicodedata.normalize("NFC", text[:MAX_FIELD])
    # Most fields are plain words: to look at each of their letters would take a third of a ticket's time.
    if normal.isprintable() and normal.isascii() and "  " not in normal:
        return normal.strip()
    return re.sub(" +", " ", "".join(map(_visible, normal))).strip()


@lru_cache(maxsize=2048)
def _visible(char: str) -> str:
    if char in "\t\n\r\v\f":
        return " "
    kind = unicodedata.category(char)
    if kind.startswith("Z"):
        return " "
    return "" if kind.startswith("C") else char


def to_page(text: str, encoding: str) -> str:
    """Return `text` with only characters that `encoding` (a Python codec name) holds.

    The length may change; lay out lines only after this. Letters that the page lacks lose their accent; those
    without a plain form become a black square, never a question mark; pictures are left out.
    """
    return "".join(_fit(char, encoding) for char in text)


@lru_cache(maxsize=2048)
def _fit(char: str, encoding: str) -> str:
    if char.isascii() or _holds(char, encoding):
        return char
    plain = _TYPEWRITER.get(char)
    if plain is None:
        plain = "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c))
    if all(_holds(c, encoding) for c in plain):
        return plain
    if unicodedata.category(char)[0] in "SM":  # pictures, and accents that have lost their letter
        return ""
    return _GAP if _holds(_GAP, encoding) else "#"


def _holds(char: str, encoding: str) -> bool:
    try:
        return len(char.encode(encoding)) == 1
    except UnicodeEncodeError:
        return False


def wrap(text: str, columns: int) -> list[str]:
    """Break `text` into lines of at most `columns` characters, at spaces where possible."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > columns:
            lines.append(line)
            line = ""
        line = f"{line} {word}" if line else word
        while len(line) > columns:  # a long address, say: broken by us rather than by the printer
            lines.append(line[:columns])
            line = line[columns:]
    return [*lines, line] if line else lines
