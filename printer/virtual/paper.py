"""The paper of the virtual printer: commands become dots and lines of text, until the blade falls."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

from PIL import Image, ImageOps

from printer.virtual import fonts, symbols
from printer.virtual.parser import Token

CODE_PAGES = {
    0: "cp437", 2: "cp850", 3: "cp860", 4: "cp863", 5: "cp865", 13: "cp857", 14: "cp737", 15: "iso8859_7",
    16: "cp1252", 17: "cp866", 18: "cp852", 19: "cp858", 34: "cp855", 37: "cp864", 39: "iso8859_2",
    40: "iso8859_15",
}  # fmt: skip
DOTS_PER_MM = 8
MAX_ROWS = 20_000  # 2.5 m: more than that without a cut is a runaway


@dataclass
class Sheet:
    """What has been printed since the last cut."""

    strips: list[Image.Image] = field(default_factory=list)
    rows: int = 0
    lines: list[str] = field(default_factory=list)
    qr: list[str] = field(default_factory=list)
    raw: bytearray = field(default_factory=bytearray)
    unknown: list[str] = field(default_factory=list)
    pages: set[int] = field(default_factory=set)
    pictures: list[Image.Image] = field(default_factory=list)

    @property
    def blank(self) -> bool:
        """Whether nothing was put on it yet, white paper apart."""
        return not any(line.strip() for line in self.lines) and not self.qr

    def text(self) -> str:
        """Return the lines read, without trailing white."""
        return "\n".join(line.rstrip() for line in self.lines).strip("\n") + "\n"

    def png(self, width: int) -> bytes:
        """Return the picture of the paper, as a PNG file."""
        picture = Image.new("1", (width, max(1, min(self.rows, MAX_ROWS))), 1)
        top = 0
        for strip in self.strips:
            picture.paste(strip, (0, top))
            top += strip.height
        out = io.BytesIO()
        picture.save(out, "PNG")
        return out.getvalue()


@dataclass
class Mode:
    """The printer's settings; `ESC @` brings back these defaults."""

    page: int = 0
    align: int = 0
    width: int = 1
    height: int = 1
    bold: bool = False
    invert: bool = False
    font_b: bool = False
    upside_down: bool = False
    underline: int = 0
    spacing: int = 30
    margin: int = 0
    gap: int = 0


class Paper:
    """Executes tokens. `feed_dots` counts the paper moved, for the odometer and the speed model."""

    def __init__(self, width: int = 576, page: int = 0) -> None:
        self.width = width
        self.page = page  # set at the printer, where a maker has no command for it
        self.mode = Mode(page)
        self.sheet = Sheet()
        self.feed_dots = 0
        self.codes = symbols.Codes()
        self.stored: Image.Image | None = None  # GS ( L: loaded now, printed by a later command
        self._line: list[Image.Image] = []
        self._line_text = ""

    # -- text ----------------------------------------------------------------------------------------------

    def text(self, data: bytes) -> None:
        """Put characters on the current line, wrapping when it is full as a printer does."""
        self.sheet.pages.add(self.mode.page)
        printable = bytes(byte for byte in data if byte >= 0x20)  # a printer skips stray control bytes
        for char in printable.decode(CODE_PAGES.get(self.mode.page, "cp437"), "replace"):
            picture = self._glyph(char)
            if self._line_width() + picture.width > self.width - self.mode.margin and self._line:
                self.line_feed()
            self._line.append(picture)
            self._line_text += char

    def _glyph(self, char: str) -> Image.Image:
        mode = self.mode
        cell = (9, 17) if mode.font_b else (12, 24)
        picture = fonts.glyph(char, *cell, mode.bold)
        if mode.width > 1 or mode.height > 1:
            size = (cell[0] * mode.width, cell[1] * mode.height)
            picture = picture.resize(size, Image.Resampling.NEAREST)
        if mode.invert:
            picture = ImageOps.invert(picture.convert("L")).convert("1")
        elif mode.underline:
            picture = picture.copy()
            picture.paste(0, (0, picture.height - mode.underline, picture.width, picture.height))
        if mode.gap:
            picture = ImageOps.expand(picture.convert("L"), (0, 0, mode.gap * mode.width, 0), 255).convert(
                "1"
            )
        return picture

    def _line_width(self) -> int:
        return sum(picture.width for picture in self._line)

    def line_feed(self) -> None:
        """Print the line and advance by the line spacing, or more if the letters are taller."""
        tallest = max((picture.height for picture in self._line), default=0)
        if self._line:
            strip = Image.new("1", (self._line_width(), tallest), 1)
            x = 0
            for picture in self._line:
                strip.paste(picture, (x, tallest - picture.height))  # letters stand on one base line
                x += picture.width
            self._put(strip)
        # Single-height text is 24 dots in a spacing of 30; taller text pushes the next line down as a whole.
        self._white(max(0, self.mode.spacing - tallest) if tallest <= 24 else 6)
        self.sheet.lines.append(self._line_text)
        self._line, self._line_text = [], ""

    # -- pictures ------------------------------------------------------------------------------------------

    def picture(self, image: Image.Image) -> None:
        """Print a picture as a block of its own."""
        if self._line:
            self.line_feed()
        self._put(image)

    def raster(self, image: Image.Image) -> None:
        """Print a picture that came as dots: it may be a QR code."""
        self.picture(image)
        if len(self.sheet.pictures) < 100:
            self.sheet.pictures.append(image)

    def inline(self, image: Image.Image) -> None:
        """Put a picture on the current line, as column graphics are."""
        self._line.append(image)
        if len(self.sheet.pictures) < 100:
            self.sheet.pictures.append(image)

    def _put(self, image: Image.Image) -> None:
        free = self.width - self.mode.margin - image.width
        x = self.mode.margin + {0: 0, 1: free // 2, 2: free}.get(self.mode.align, 0)
        strip = Image.new("1", (self.width, image.height), 1)
        strip.paste(image, (max(0, x), 0))
        if self.mode.upside_down:
            strip = strip.rotate(180)
        self._advance(strip)

    def _white(self, dots: int) -> None:
        if dots > 0:
            self._advance(Image.new("1", (self.width, dots), 1))

    def _advance(self, strip: Image.Image) -> None:
        self.feed_dots += strip.height
        if self.sheet.rows + strip.height <= MAX_ROWS:
            self.sheet.strips.append(strip)
            self.sheet.rows += strip.height

    def feed(self, dots: int) -> None:
        """Print what is on the line and advance by `dots`."""
        if self._line:
            spacing, self.mode.spacing = self.mode.spacing, 0
            self.line_feed()
            self.mode.spacing = spacing
        self._white(dots)

    def symbol(self, image: Image.Image | None, said: str) -> None:
        """Print a two-dimensional code or bar code that says `said`."""
        if image is None:
            return
        self.picture(image)
        self.sheet.qr.append(said)

    def take(self) -> Sheet:
        """Cut: return the sheet and start a new one. The settings stay, as in a printer."""
        if self._line:
            self.line_feed()
        sheet, self.sheet = self.sheet, Sheet()
        # A code drawn as a picture is found by looking at the paper; a native one is known already.
        for said in symbols.read_pictures(sheet.pictures):
            if said not in sheet.qr:
                sheet.qr.append(said)
        return sheet

    def note_unknown(self, token: Token) -> None:
        """Remember a command that this printer does not know."""
        if len(self.sheet.unknown) < 100:
            self.sheet.unknown.append(f"{token.name} {token.raw.hex(' ')}"[:80])
