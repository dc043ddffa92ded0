"""Two-dimensional codes on the virtual paper: native ones drawn, drawn ones read back."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from printer.virtual import qrread


@dataclass
class Codes:
    """The `GS ( k` store: settings and data of the QR code to print next."""

    module: int = 3
    level: int = 48
    data: bytes = b""

    def function(self, args: bytes) -> bool:
        """Execute one `GS ( k` (arguments after `k pL pH`); True when it asks to print the QR code."""
        if len(args) < 2 or args[0] != 49:
            return False
        number, rest = args[1], args[2:]
        if number == 67 and rest:
            self.module = max(1, min(16, rest[0]))
        elif number == 69 and rest:
            self.level = rest[0]
        elif number == 80:
            self.data = rest[1:]
        return number == 81


def draw_qr(data: bytes, module: int, level: str, width: int) -> Image.Image | None:
    """Return the QR code for `data` without a quiet zone, or None when it does not fit the paper."""
    import qrcode  # type: ignore[import-untyped]

    levels = {
        "L": qrcode.constants.ERROR_CORRECT_L,
        "M": qrcode.constants.ERROR_CORRECT_M,
        "Q": qrcode.constants.ERROR_CORRECT_Q,
        "H": qrcode.constants.ERROR_CORRECT_H,
    }
    # Any mask can be read; trying all eight for the prettiest would take forty milliseconds.
    code = qrcode.QRCode(error_correction=levels.get(level, levels["M"]), border=0, mask_pattern=3)
    code.add_data(data, optimize=0)
    try:
        code.make(fit=True)
    except (ValueError, qrcode.exceptions.DataOverflowError):
        return None
    matrix = code.get_matrix()
    side = len(matrix)
    if side * module > width:
        return None
    small = Image.new("1", (side, side), 1)
    small.putdata([0 if dark else 1 for row in matrix for dark in row])
    return small.resize((side * module, side * module), Image.Resampling.NEAREST)


def draw_bars(data: bytes, width: int, height: int) -> Image.Image:
    """Return a stand-in for a bar code: stripes that follow the data, so that two codes differ."""
    bits = "101" + "".join(f"{byte:08b}0" for byte in data) + "101"
    small = Image.new("1", (len(bits), 1), 1)
    small.putdata([0 if bit == "1" else 1 for bit in bits])
    module = max(1, min(width // len(bits), 3))
    return small.resize((min(width, len(bits) * module), max(1, height)), Image.Resampling.NEAREST)


def read_pictures(strips: list[Image.Image]) -> list[str]:
    """Return what the QR codes that are plainly visible on the paper say."""
    return qrread.read(strips)
