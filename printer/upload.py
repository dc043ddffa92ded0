"""A unit's logo, from whatever was uploaded to the black and white PNG that goes along with each ticket.

Done once, at upload: agents only print it. Whatever comes in is a stranger's file, so its size is read before anything
is unpacked; `printer/sketch.py` runs this in a process of its own with little memory.
"""

from __future__ import annotations

import io
from typing import Any

from printer import pictures
from printer.document import Rejected

MAX_FILE_BYTES = 1_000_000
MAX_PIXELS = 12_000_000  # a phone's photograph
LOGO_DOTS = 384  # fits every paper; wider ones print it centred
_FORMATS = ("PNG", "JPEG")
_GREY_SHARE = 0.15  # more than this between black and white: a photograph, which needs dithering


class BadLogo(Rejected):
    """The upload is no usable logo; `code` is the wire's word for why, the message one Portuguese line."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def shrink(file: bytes, width: int = LOGO_DOTS) -> bytes:
    """Return `file` (PNG or JPEG) as a PNG of one bit a dot, at most `width` wide and 18 mm high.

    Line art is thresholded, which keeps letters sharp; a photograph is dithered. Raises BadLogo.
    """
    if len(file) > MAX_FILE_BYTES:
        raise BadLogo("logo_too_large", "o logotipo passa de 1 MB")
    grey = _open(file)
    grey.thumbnail((min(width, LOGO_DOTS), pictures.MAX_LOGO_ROWS))
    out = io.BytesIO()
    _pure(grey).save(out, "PNG", optimize=True)
    return out.getvalue()


def _open(file: bytes) -> Any:
    """The picture in grey, on white where it was transparent."""
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(file), formats=_FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise BadLogo("logo_too_many_dots", f"o logotipo tem {opened.width} × {opened.height} pontos")
            if opened.format == "JPEG":
                opened.draft("L", (2 * LOGO_DOTS, 2 * LOGO_DOTS))
            upright = ImageOps.exif_transpose(opened)
            rgba = upright.convert("RGBA")
    except Image.DecompressionBombError as error:
        raise BadLogo("logo_too_many_dots", "o logotipo tem pontos demais") from error
    except (OSError, SyntaxError, ValueError, MemoryError) as error:
        raise BadLogo("logo_unreadable", "o logotipo não é uma imagem PNG ou JPEG legível") from error
    grey = Image.new("L", rgba.size, 255)
    grey.paste(rgba.convert("L"), mask=rgba.getchannel("A"))
    return grey


def _pure(grey: Any) -> Any:
    shades = grey.histogram()
    between = sum(shades[48:208]) / max(1, sum(shades))
    if between > _GREY_SHARE:
        return grey.convert("1")  # Floyd-Steinberg
    return grey.point(lambda level: 255 if level >= 128 else 0).convert("1")
