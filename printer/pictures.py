"""Pictures for thermal paper: pure black and white, centred on the paper, cut into slices.

Greys are never dithered: a threshold keeps letters and QR modules sharp (python-escpos would dither).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from printer.document import Rejected
from printer.layout import QUIET_ZONE

SLICE_ROWS = 256
MAX_LOGO_PIXELS = 4_000_000  # a PNG of a few bytes may unpack to gigabytes
MAX_LOGO_ROWS = 144  # 18 mm, and 7 kB at 384 dots: a ticket with logo stays under 8 kB
# Real-time commands are obeyed even inside pictures: DLE EOT answers, DLE ENQ recovers, DLE DC4 opens the
# drawer or switches the printer off.
_REAL_TIME = (b"\x10\x04", b"\x10\x05", b"\x10\x14")


def _image() -> Any:
    from PIL import Image

    return Image


def slices(image: Any) -> Iterator[Any]:
    """Yield `image` in pieces of at most SLICE_ROWS rows, top to bottom."""
    for top in range(0, image.height, SLICE_ROWS):
        yield image.crop((0, top, image.width, min(top + SLICE_ROWS, image.height)))


def _centred(image: Any, width: int) -> Any:
    """Return `image` (mode 1, black on white) centred on a strip of `width` dots, trimmed to whole bytes."""
    strip = _image().new("1", (width, image.height), 1)
    strip.paste(image, ((width - image.width) // 2, 0))
    return strip


@lru_cache(maxsize=32)
def logo(png: bytes, width: int) -> Any:
    """Return the logo scaled down to `width` dots, thresholded. Cached: a unit prints the same one all day.

    Raises Rejected when it is no picture, or a bomb.
    """
    image_module = _image()
    _check_size(png)
    try:
        with image_module.open(io.BytesIO(png), formats=["PNG"]) as opened:
            opened.load()
            grey = image_module.new("L", opened.size, 255)
            rgba = opened.convert("RGBA")
            grey.paste(rgba.convert("L"), mask=rgba.getchannel("A"))
    except (OSError, SyntaxError, ValueError, image_module.DecompressionBombError) as error:
        raise Rejected("o logotipo não é uma imagem PNG legível") from error
    grey.thumbnail((width, MAX_LOGO_ROWS))
    sharp = grey.point(lambda level: 255 if level >= 128 else 0).convert("1")
    return _harmless(_byte_wide(sharp))


def _check_size(png: bytes) -> None:
    """Read the size from the PNG's first chunk, before anything is unpacked."""
    if len(png) >= 24 and png[12:16] == b"IHDR":
        width, height = struct.unpack(">II", png[16:24])
        if width * height > MAX_LOGO_PIXELS:
            raise Rejected(f"o logotipo tem {width} × {height} pontos: grande demais")


def _byte_wide(image: Any) -> Any:
    return _centred(image, (image.width + 7) // 8 * 8)


def _harmless(image: Any) -> Any:
    """Turn one dot in each run of bytes that a printer would obey: nobody sees it, and the logo keeps its width."""
    data = bytearray(byte ^ 0xFF for byte in image.tobytes())
    for command in _REAL_TIME:
        while (at := data.find(command)) >= 0:
            data[at + 1] ^= 0x02
    return _image().frombytes("1", image.size, bytes(byte ^ 0xFF for byte in data))


@lru_cache(maxsize=8)
def qr(data: str, module: int, width: int, squares: int) -> Any:
    """Return a QR code (error correction M, quiet zone 4) of `squares` by `squares` as a picture, `module` dots a
    square.
    """
    import qrcode  # type: ignore[import-untyped]

    # Every mask is valid; weighing all eight would cost forty milliseconds of a budget of five.
    code = qrcode.QRCode(
        version=(squares - 17) // 4,
        error_correction=qrcode.constants.ERROR_CORRECT_M,
        border=QUIET_ZONE,
        mask_pattern=3,
    )
    code.add_data(data, optimize=0)
    code.make(fit=False)  # the layout has found the version; looking for it again takes a quarter of the time
    matrix = code.get_matrix()
    side = len(matrix)
    small = _image().new("1", (side, side), 1)
    small.putdata([0 if dark else 1 for row in matrix for dark in row])
    size = side * min(module, width // side)
    return _byte_wide(small.resize((size, size), _image().Resampling.NEAREST))


@lru_cache(maxsize=64)
def big_text(text: str, width: int, height: int, paper: int) -> Any:
    """Return `text` drawn `height` dots high, for printers whose own letters stay small."""
    from PIL import ImageDraw, ImageFont

    font = ImageFont.load_default(size=height)
    left, top, right, bottom = (round(n) for n in font.getbbox(text))
    drawn = _image().new("1", (right - left, bottom - top), 1)
    ImageDraw.Draw(drawn).text((-left, -top), text, font=font, fill=0)
    if drawn.width > min(width, paper):
        drawn = drawn.resize((min(width, paper), drawn.height))
    return _byte_wide(drawn)
