"""A unit's own colours: contrast as WCAG 2.2 computes it, and the shades that the screens need of one brand colour."""

from __future__ import annotations

import re
from dataclasses import dataclass

ENOUGH = 4.5
"""WCAG 2.2, 1.4.3 (AA): the least contrast of text with what is behind it."""

# What brand-coloured text and icons stand on (shared/tokens.css): the darkest light surface, the lightest dark one.
PAPER, WHITE = "#f1ede4", "#ffffff"
NIGHT, NIGHT_SURFACE = "#1a333d", "#12272f"
_INKS = ("#ffffff", "#12262f")
_HEX = re.compile(r"#[0-9a-f]{6}")


class LowContrast(Exception):
    """Two colours are too alike to be read: ``pair`` is ``ink`` or ``paper``, ``ratio`` what they have."""

    def __init__(self, pair: str, ratio: float) -> None:
        super().__init__(f"{pair}: {ratio:.2f}")
        self.pair = pair
        self.ratio = ratio


@dataclass(frozen=True, slots=True)
class Shades:
    """The tokens that follow from a brand colour, for one theme."""

    brand: str
    brand_2: str
    brand_soft: str
    brand_ink: str


def _channels(colour: str) -> tuple[int, int, int]:
    if not _HEX.fullmatch(colour):
        raise ValueError(f"a colour is #rrggbb in small letters, not {colour!r}")
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    def linear(value: int) -> float:
        part = value / 255
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(value) for value in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """From 1 (alike) to 21 (black and white). ValueError for what is no ``#rrggbb``."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mix(one: str, other: str, share: float) -> str:
    """``one`` with a ``share`` (0 to 1) of ``other`` in it."""
    parts = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in parts)


def ink_on(colour: str) -> str:
    """White or the house's dark ink: whichever is read better on this colour."""
    return max(_INKS, key=lambda ink: contrast(ink, colour))


def light_shades(colour: str, ink: str) -> Shades:
    """The shades on white paper. Raises ``LowContrast``."""
    for pair, other in (("ink", ink), ("paper", PAPER)):
        ratio = contrast(colour, other)
        if ratio < ENOUGH:
            raise LowContrast(pair, ratio)
    hover = next(
        c for c in (mix(colour, WHITE, 0.12), mix(colour, "#000000", 0.15), colour) if _reads(c, ink)
    )
    soft = next(c for c in (mix(colour, WHITE, 0.88), mix(colour, WHITE, 0.94), WHITE) if _reads(colour, c))
    return Shades(colour, hover, soft, ink)


def dark_shades(colour: str) -> Shades:
    """The same hue on the dark screens: as much lighter as reading it there needs."""
    steps = (mix(colour, WHITE, step / 20) for step in range(21))
    brand = next(c for c in steps if _reads(c, NIGHT))
    hover = mix(brand, WHITE, 0.3)
    soft = next(c for c in (mix(NIGHT_SURFACE, brand, 0.16), NIGHT_SURFACE) if _reads(brand, c))
    return Shades(brand, hover, soft, ink_on(brand))


def _reads(one: str, other: str) -> bool:
    return contrast(one, other) >= ENOUGH
