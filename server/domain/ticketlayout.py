"""How a unit wants its tickets: header, message, which parts, large print; and whether that fits on its paper.

Widths are those of the printer agent (docs/protocol.md, Printing): 12 dots a character, 24 in large print. What is
stored has always fitted the unit's narrowest printer, so that no ticket comes out in surprising lines.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from server.domain.catalog import LANGUAGES
from server.domain.errors import Refusal

PARTS = (
    "logo", "header", "unit", "copy", "service", "number", "tier", "time", "wait", "qr", "url", "message", "id",
)  # fmt: skip
"""Every part of a ticket, in the order of printing."""
ALWAYS = frozenset({"number", "copy", "tier"})
"""What a unit cannot leave out: the number, that a paper is a second one, and the citizen's right."""
WIDTHS = (384, 512, 576)
_CHARACTER_DOTS = 12
_MOST_LINES = {"header": 3, "message": 8}


@dataclass(frozen=True)
class Layout:
    """A unit's wishes. ``message``: language to words. The logo is kept apart."""

    header: str
    message: Mapping[str, str]
    parts: tuple[str, ...] = PARTS
    large: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Plain data, as kept in the unit's settings."""
        return {
            "header": self.header,
            "message": dict(self.message),
            "parts": list(self.parts),
            "large": self.large,
        }


def plain(text: str) -> str:
    """The text on one line, normalised, without control, bidi or other invisible characters."""
    normal = unicodedata.normalize("NFC", text)
    return re.sub(" +", " ", "".join(_visible(char) for char in normal)).strip()


def _visible(char: str) -> str:
    kind = unicodedata.category(char)
    if char in "\t\n\r\v\f" or kind.startswith("Z"):
        return " "
    return "" if kind.startswith("C") else char


def made(header: str, message: Mapping[str, str], parts: Iterable[str], large: bool, width: int) -> Layout:
    """A layout that fits on paper of ``width`` dots.

    Raises ``Refusal('layout_does_not_fit')`` with field and either the word that is too long or the lines.
    """
    wanted = set(parts) | ALWAYS
    words = {language: plain(message.get(language, "")) for language in LANGUAGES}
    layout = Layout(plain(header), words, tuple(part for part in PARTS if part in wanted), large)
    # A citizen may ask for large print wherever the unit prints small: the message must fit both ways.
    _must_fit("header", layout.header, width // _CHARACTER_DOTS)
    for language, text in layout.message.items():
        _must_fit(f"message.{language}", text, width // (2 * _CHARACTER_DOTS))
    return layout


def _must_fit(field: str, text: str, columns: int) -> None:
    lines, room = 0, 0
    for word in text.split():
        if len(word) > columns:
            raise Refusal("layout_does_not_fit", field=field, word=word, columns=columns)
        if room < len(word) + 1:
            lines, room = lines + 1, columns + 1
        room -= len(word) + 1
    most = _MOST_LINES[field.partition(".")[0]]
    if lines > most:
        raise Refusal("layout_does_not_fit", field=field, lines=lines, most=most)
