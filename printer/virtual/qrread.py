"""Reads a QR code from clean dots: no camera, no perspective, no damage, hence no error correction either.

Follows ISO/IEC 18004: format information, mask, zigzag, block interleaving, segments.
"""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image, ImageChops

Matrix = list[list[int]]

_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_MASKS = (
    lambda r, c: (r + c) % 2 == 0,
    lambda r, _c: r % 2 == 0,
    lambda _r, c: c % 3 == 0,
    lambda r, c: (r + c) % 3 == 0,
    lambda r, c: (r // 2 + c // 3) % 2 == 0,
    lambda r, c: r * c % 2 + r * c % 3 == 0,
    lambda r, c: (r * c % 2 + r * c % 3) % 2 == 0,
    lambda r, c: ((r + c) % 2 + r * c % 3) % 2 == 0,
)


def read(pictures: list[Image.Image]) -> list[str]:
    """Return what those pictures say that are one QR code and nothing else; slices are joined."""
    said = []
    for picture in _joined(pictures):
        matrix = _matrix(picture)
        text = _decode(matrix) if matrix else None
        if text:
            said.append(text)
    return said


def _joined(pictures: list[Image.Image]) -> Iterator[Image.Image]:
    yield from pictures
    if len(pictures) > 1:
        whole = Image.new("1", (max(p.width for p in pictures), sum(p.height for p in pictures)), 1)
        top = 0
        for picture in pictures:
            whole.paste(picture, (0, top))
            top += picture.height
        yield whole


def _matrix(picture: Image.Image) -> Matrix | None:
    """Return the modules (1 = dark) if the dark part of `picture` is a square QR code."""
    box = ImageChops.invert(picture.convert("L")).getbbox()
    if box is None:
        return None
    code = picture.convert("L").crop(box)
    width, height = code.size
    run = next((x for x in range(width) if code.getpixel((x, 0))), width)
    if width != height or run % 7 or run == width:
        return None
    module = run // 7
    side = width // module
    if width % module or side < 21 or (side - 17) % 4:
        return None
    dots, half = code.load(), module // 2
    if dots is None:
        return None
    return [[int(not dots[c * module + half, r * module + half]) for c in range(side)] for r in range(side)]


def _decode(matrix: Matrix) -> str | None:
    side = len(matrix)
    version = (side - 17) // 4
    bits = [matrix[8][c] for c in (0, 1, 2, 3, 4, 5, 7, 8)] + [matrix[r][8] for r in (7, 5, 4, 3, 2, 1, 0)]
    form = int("".join(map(str, bits)), 2) ^ 0x5412
    level, mask = form >> 13, form >> 10 & 7
    stream = _codewords(matrix, version, mask)
    try:
        return _segments(_deinterleave(stream, version, level), version)
    except (IndexError, ValueError):
        return None


def _codewords(matrix: Matrix, version: int, mask: int) -> bytes:
    side = len(matrix)
    reserved = _reserved(side, version)
    bits: list[int] = []
    upward = True
    column = side - 1
    while column > 0:
        if column == 6:  # the vertical timing pattern takes a column of its own
            column -= 1
        for row in range(side - 1, -1, -1) if upward else range(side):
            free = [c for c in (column, column - 1) if not reserved[row][c]]
            bits += [matrix[row][c] ^ int(_MASKS[mask](row, c)) for c in free]
        upward = not upward
        column -= 2
    usable = len(bits) // 8 * 8
    return bytes(int("".join(map(str, bits[i : i + 8])), 2) for i in range(0, usable, 8))


def _reserved(side: int, version: int) -> list[list[bool]]:
    """Modules that carry no data: finders, timing, alignment, format and version information."""
    from qrcode.util import pattern_position  # type: ignore[import-untyped]

    grid = [[False] * side for _ in range(side)]

    def block(top: int, left: int, height: int, width: int) -> None:
        for r in range(max(0, top), min(side, top + height)):
            for c in range(max(0, left), min(side, left + width)):
                grid[r][c] = True

    block(0, 0, 9, 9)
    block(0, side - 8, 9, 8)
    block(side - 8, 0, 8, 9)
    block(6, 0, 1, side)
    block(0, 6, side, 1)
    if version >= 7:
        block(0, side - 11, 6, 3)
        block(side - 11, 0, 3, 6)
    centres = pattern_position(version)
    corners = {(6, 6), (6, side - 7), (side - 7, 6)}
    for r in centres:
        for c in centres:
            if (r, c) not in corners:
                block(r - 2, c - 2, 5, 5)
    return grid


def _deinterleave(stream: bytes, version: int, level: int) -> bytes:
    from qrcode import base  # type: ignore[import-untyped]

    sizes = [
        block.data_count for block in base.rs_blocks(version, level)
    ]  # `level` is coded as in the standard
    blocks = [bytearray() for _ in sizes]
    at = 0
    for i in range(max(sizes)):
        for block, size in zip(blocks, sizes, strict=True):
            if i < size:
                block.append(stream[at])
                at += 1
    return b"".join(blocks)


class _Bits:
    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data), 8 * len(data)

    def take(self, count: int) -> int:
        if count > self._left:
            raise IndexError(count)
        self._left -= count
        return self._value >> self._left & (1 << count) - 1

    def more(self) -> bool:
        return self._left >= 4


def _segments(data: bytes, version: int) -> str:
    bits, out = _Bits(data), bytearray()
    group = 0 if version < 10 else 1 if version < 27 else 2
    while bits.more():
        mode = bits.take(4)
        if mode == 0:
            break
        if mode == 7:  # extended channel interpretation: one-byte designators are enough here
            bits.take(8)
        elif mode == 4:
            out += bytes(bits.take(8) for _ in range(bits.take((8, 16, 16)[group])))
        elif mode == 1:
            out += _numeric(bits, bits.take((10, 12, 14)[group]))
        elif mode == 2:
            out += _alphanumeric(bits, bits.take((9, 11, 13)[group]))
        else:
            raise ValueError(mode)
    return out.decode("utf-8")


def _numeric(bits: _Bits, count: int) -> bytes:
    digits = ""
    while count > 0:
        size = min(3, count)
        digits += f"{bits.take((0, 4, 7, 10)[size]):0{size}d}"
        count -= size
    return digits.encode()


def _alphanumeric(bits: _Bits, count: int) -> bytes:
    text = ""
    while count > 1:
        pair = bits.take(11)
        text += _ALPHANUMERIC[pair // 45] + _ALPHANUMERIC[pair % 45]
        count -= 2
    if count:
        text += _ALPHANUMERIC[bits.take(6)]
    return text.encode()
