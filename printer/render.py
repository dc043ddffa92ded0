"""From a ticket to the bytes of one dialect: one buffer, sent in one write.

python-escpos is the byte builder (its Dummy); what differs between makers comes from printer/dialects.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from printer import bytebuilder, layout, pictures
from printer.dialects import Dialect
from printer.document import Rejected, Ticket

DOTS_PER_MM = 8
_LINE = 30  # dots from one text line to the next at single height (the makers' default)
_BLADE_MM = 22  # paper between print head and blade


@dataclass(frozen=True)
class Printout:
    """Bytes of one ticket without the questions after it; `millimetres` of paper that it will use."""

    data: bytes
    millimetres: int
    warnings: tuple[str, ...] = ()


def render(ticket: Ticket, dialect: Dialect, width: int) -> Printout:
    """Build the bytes of `ticket`.

    Raises document.Rejected when it cannot fit, bytebuilder.NoBuilder when python-escpos cannot be loaded. A
    logo that is no picture is left out, with a warning.
    """
    blocks = layout.lay_out(ticket, width, dialect.encoding, cutter_gap=dialect.cutter)
    pen = _Pen(dialect, width)
    for block in blocks:
        pen.draw(block)
    return pen.finish(ticket.warnings)


class _Pen:
    """Writes blocks to a Dummy, sending only those changes of style that are needed."""

    def __init__(self, dialect: Dialect, width: int) -> None:
        self.dialect = dialect
        self.width = width
        self.builder: Any = bytebuilder.new(dialect, width)
        self.dots = 0
        self.warnings: list[str] = []
        self.style: dict[str, tuple[int, ...]] = {"size": (1, 1), "bold": (0,), "invert": (0,), "font": (0,)}
        self._raw(dialect.code("reset") + dialect.code("page"))
        self.builder.magic.encoding = dialect.encoding.upper()
        self.builder.magic.disabled = True  # the page is ours to set: see the head just written
        self._raw(dialect.code("center"))

    def _raw(self, data: bytes) -> None:
        if data:
            self.builder._raw(data)  # noqa: SLF001 -- python-escpos' documented way for raw commands

    def draw(self, block: layout.Block) -> None:
        if isinstance(block, layout.Number) and self.dialect.number == "image":
            # Three quarters of the largest type: 13 mm high, and small enough for a slow line.
            size = min(block.height, 6) * 24
            self._picture(pictures.big_text(block.text, block.dots() * 3 // 4, size, self.width))
        elif isinstance(block, layout.Text):
            self._text(block)
        elif isinstance(block, layout.Space):
            self._feed(block.dots)
        elif isinstance(block, layout.Qr):
            self._qr(block)
        else:
            self._logo(block.png)

    def _logo(self, png: bytes) -> None:
        try:
            self._picture(pictures.logo(png, min(self.width, 384)))
        except Rejected as error:
            self.warnings.append(f"{error}; a senha sai sem ele")

    def _text(self, block: layout.Text) -> None:
        width, height = (min(n, self.dialect.max_scale) for n in (block.width, block.height))
        text = block.text
        if block.invert and not self.dialect.commands.get("invert_on"):
            text = f"*{text[1:-1]}*" if text[:1] == " " else text  # no inverse type: stars say "look here"
        self._set("font", int(block.font == "b"))
        self._set("size", width, height)
        self._set("bold", int(block.bold))
        self._set("invert", int(block.invert))
        self.builder.text(text + "\n")
        self.dots += max(_LINE, 24 * height + 6)

    def _set(self, name: str, *value: int) -> None:
        if self.style[name] == value:
            return
        self.style[name] = value
        if name == "size":
            width, height = value
            self._raw(self.dialect.code("size", wh=(width - 1) << 4 | height - 1, w=width - 1, h=height - 1))
        elif name == "font":
            self._raw(self.dialect.code("font_b" if value[0] else "font_a"))
        else:
            self._raw(self.dialect.code(f"{name}_{'on' if value[0] else 'off'}"))

    def _feed(self, dots: int) -> None:
        self.dots += dots
        while dots > 0:
            step = min(dots, 255)
            lines = max(1, round(step / _LINE))
            self._raw(self.dialect.code("feed", n=step) or self.dialect.code("line") * lines)
            dots -= step

    def _qr(self, block: layout.Qr) -> None:
        if self.dialect.qr == "raster":
            self._picture(pictures.qr(block.data, block.module, self.width, block.side))
            return
        data = block.data.encode()
        self.dots += block.side * block.module
        if self.dialect.qr == "gs_k":
            self.builder.qr(block.data, ec=1, size=block.module, native=True)
        else:
            head = self.dialect.code(
                "qr", n=len(data), n2=len(data) + 2, module=block.module, double=2 * block.module
            )
            self._raw(head + data + self.dialect.code("qr_end"))

    def _picture(self, image: Any) -> None:
        """Send a picture in slices: cheap printers drop bytes of a tall one and print the rest as text."""
        column_mode = self.dialect.raster == "esc_star"
        for slice_ in pictures.slices(image):
            self.builder.image(slice_, impl="bitImageColumn" if column_mode else "bitImageRaster")
        self._raw(self.dialect.code("line_spacing"))
        self.dots += image.height

    def finish(self, warnings: tuple[str, ...]) -> Printout:
        """Put the style back, cut, and return it all."""
        for name, rest in (("invert", (0,)), ("bold", (0,)), ("size", (1, 1)), ("font", (0,))):
            self._set(name, *rest)
        self._raw(self.dialect.code("cut"))
        blade = _BLADE_MM if self.dialect.cutter else 0
        millimetres = round(self.dots / DOTS_PER_MM) + blade
        return Printout(self.builder.output, millimetres, (*warnings, *self.warnings))
