"""From a ticket to lines: what stands where, how large, for a paper of 384, 512 or 576 dots.

Pure. No line is ever wider than the paper, so that the printer never wraps by itself. Order and sizes
follow the counters' experience (PRINTING 4.2): the number is what must be read from two metres, at least 12
mm high.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from printer.document import Rejected, Ticket
from printer.text import to_page, wrap

CELL_A = (12, 24)  # dots of one character in font A
CELL_B = (9, 17)
QUIET_ZONE = 4  # modules of white that the QR standard asks around the code

# Data bytes that a QR code of version 1, 2, 3… holds at error correction M (ISO/IEC 18004, table 7, byte
# mode).
_QR_BYTES_M = (14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331)

_TIME_WORDS = {"pt-BR": ("Emitida em", "às"), "en": ("Issued on", "at"), "es": ("Emitido el", "a las")}


@dataclass(frozen=True)
class Text:
    """One line. `width` and `height` multiply the cell of the font (1 to 8)."""

    text: str
    width: int = 1
    height: int = 1
    bold: bool = False
    invert: bool = False
    font: Literal["a", "b"] = "a"

    def dots(self) -> int:
        """Width of the line on paper, in dots."""
        return len(self.text) * (CELL_A if self.font == "a" else CELL_B)[0] * self.width


@dataclass(frozen=True)
class Space:
    """White paper, in dots."""

    dots: int


@dataclass(frozen=True)
class Number(Text):
    """The ticket's label; printers with small type only draw it as a picture of the same size."""


@dataclass(frozen=True)
class Qr:
    """A QR code of error correction M. `module` is the side of one square, in dots; `side` counts the
    squares.
    """

    data: str
    module: int
    side: int


@dataclass(frozen=True)
class Logo:
    """A picture, as the PNG file that came with the job."""

    png: bytes


Block = Text | Space | Qr | Logo


def lay_out(ticket: Ticket, width: int, encoding: str, cutter_gap: bool = True) -> list[Block]:
    """Return the blocks of `ticket`, top to bottom, for a paper of `width` dots.

    Raises Rejected when the number cannot fit in one line.
    """
    page = _Page(ticket, width, encoding)
    for part in ticket.style.parts:
        getattr(page, part)()
    if not cutter_gap:
        page.blocks.append(Space(120))  # no blade: the paper must pass the tear bar
    return page.blocks


class _Page:
    """Collects the blocks; each method is one part of `document.PARTS`."""

    def __init__(self, ticket: Ticket, width: int, encoding: str) -> None:
        self.ticket = ticket
        self.width = width
        self.encoding = encoding
        self.large = ticket.style.large
        self.blocks: list[Block] = []

    def _columns(self, scale: int = 1, font: Literal["a", "b"] = "a") -> int:
        return self.width // ((CELL_A if font == "a" else CELL_B)[0] * scale)

    def _lines(
        self, text: str, height: int = 1, *, wide: int = 1, bold: bool = False, small: bool = False
    ) -> None:
        font: Literal["a", "b"] = "b" if small and not self.large else "a"
        if self.large:
            wide, height = max(wide, 2), max(height, 2)
        for line in wrap(to_page(text, self.encoding), self._columns(wide, font)):
            self.blocks.append(Text(line, wide, height, bold, font=font))

    def logo(self) -> None:
        if self.ticket.style.logo:
            self.blocks += [Logo(self.ticket.style.logo), Space(16)]

    def header(self) -> None:
        if not self.large:
            self._lines(self.ticket.header)

    def unit(self) -> None:
        fits = len(to_page(self.ticket.unit, self.encoding)) <= self._columns(2)
        self._lines(self.ticket.unit, 2, wide=2 if fits else 1, bold=True)

    def copy(self) -> None:
        if self.ticket.copy_text:
            self.blocks += [Space(8), self._inverse(self.ticket.copy_text)]

    def service(self) -> None:
        if self.ticket.service:
            self.blocks.append(Space(12))
            self._lines(self.ticket.service, 2)

    def number(self) -> None:
        label = to_page(self.ticket.label, self.encoding)
        scale = min(8 if self.width >= 512 or self.large else 6, self._columns() // len(label))
        if scale < 1:
            raise Rejected(f"o número {label} não cabe em um papel de {self.width} pontos")
        self.blocks += [Space(16), Number(label, scale, max(scale, 4), bold=False), Space(16)]

    def tier(self) -> None:
        if self.ticket.tier != "normal" and self.ticket.tier_text:
            self.blocks += [self._inverse(self.ticket.tier_text), Space(12)]

    def _inverse(self, text: str) -> Text:
        scale = 2 if len(text) + 2 <= self._columns(2) else 1
        return Text(f" {to_page(text, self.encoding)[: self._columns(scale) - 2]} ", scale, 2, invert=True)

    def time(self) -> None:
        moment = self.ticket.issued_at
        if moment:
            word, at = _TIME_WORDS.get(self.ticket.language, _TIME_WORDS["pt-BR"])
            line = f"{word} {moment:%d/%m/%Y} {at} {moment:%H:%M:%S}"
            short = f"{moment:%d/%m/%Y} {moment:%H:%M:%S}"
            self._lines(line if len(line) <= self._columns(2 if self.large else 1) else short)

    def wait(self) -> None:
        # Two facts joined by a middle dot read best on a line each.
        for fact in self.ticket.wait_text.split(" · "):
            self._lines(fact)

    def qr(self) -> None:
        data = self.ticket.follow_url
        if not data:
            return
        size = len(data.encode())
        version = next((v for v, room in enumerate(_QR_BYTES_M, 1) if size <= room), 0)
        side = 17 + 4 * version
        module = min(8 if self.large else 6, self.width // (side + 2 * QUIET_ZONE))
        if (
            version and module >= 3
        ):  # below 3 dots (0.37 mm) phones fail; the address is printed beneath anyway
            quiet = Space(QUIET_ZONE * module)
            self.blocks += [quiet, Qr(data, module, side), quiet]

    def url(self) -> None:
        if self.ticket.follow_url:
            short = self.ticket.follow_url.removeprefix("https://").removeprefix("http://")
            for line in wrap(to_page(short, self.encoding), self._columns(1, "b")):
                self.blocks.append(Text(line, font="b"))
            self.blocks.append(Space(12))

    def message(self) -> None:
        self._lines(self.ticket.message, bold=True)

    def id(self) -> None:
        for line in wrap(to_page(self.ticket.short_id, self.encoding), self._columns(1, "b")):
            self.blocks.append(Text(line, font="b"))
