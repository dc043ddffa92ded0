"""What a file is by its content, for the play-list of the panels: never by its name, never by what a browser claims.

Only what every panel can show: PNG, JPEG and WebP pictures, MP4 and WebM videos. SVG is not among them: it is a
program. A file that was cut short is refused here, where a person can send it again, and not on the wall.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

MIB = 1024 * 1024
IMAGE_BYTES = 8 * MIB
VIDEO_BYTES = 60 * MIB
MOST_PIXELS = 40_000_000
"""A larger picture would fill the memory of a TV box; 4K has 8.3 million."""

Read = Callable[[int, int], bytes]
"""``read(offset, length)`` of the file; fewer bytes at its end."""
Problem = Literal["empty", "unknown", "broken", "too_many_pixels", "too_large"]

_HEAD = 4096
_TAIL = 65_536
_PNG = b"\x89PNG\r\n\x1a\n"
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of file that panels show."""

    kind: Literal["image", "video"]
    mime: str
    suffix: str
    most_bytes: int


PNG = Form("image", "image/png", "png", IMAGE_BYTES)
JPEG = Form("image", "image/jpeg", "jpg", IMAGE_BYTES)
WEBP = Form("image", "image/webp", "webp", IMAGE_BYTES)
MP4 = Form("video", "video/mp4", "mp4", VIDEO_BYTES)
WEBM = Form("video", "video/webm", "webm", VIDEO_BYTES)
FORMS = {form.suffix: form for form in (PNG, JPEG, WEBP, MP4, WEBM)}


class NotMedia(Exception):
    """The file cannot be shown; ``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem: Problem = problem


def recognise(size: int, read: Read) -> Form:
    """The form of a file of ``size`` bytes. Raises ``NotMedia``."""
    if size == 0:
        raise NotMedia("empty")
    head = read(0, _HEAD)
    if head.startswith(_PNG):
        form, pixels = PNG, _png(head, size, read)
    elif head.startswith(b"\xff\xd8\xff"):
        form, pixels = JPEG, _jpeg(size, read)
    elif head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        form, pixels = WEBP, _webp(head, size)
    elif head[4:8] == b"ftyp":
        form, pixels = MP4, _mp4(size, read)
    elif head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head[:64]:
        form, pixels = WEBM, _webm(head)
    else:
        raise NotMedia("unknown")
    if size > form.most_bytes:
        raise NotMedia("too_large")
    if pixels > MOST_PIXELS:
        raise NotMedia("too_many_pixels")
    return form


def _require(sound: bool) -> None:
    if not sound:
        raise NotMedia("broken")


def _png(head: bytes, size: int, read: Read) -> int:
    _require(head[12:16] == b"IHDR" and len(head) >= 24)
    _require(b"IEND" in read(max(0, size - _HEAD), _HEAD))
    width, height = struct.unpack(">II", head[16:24])
    _require(width > 0 and height > 0)
    return int(width * height)


def _jpeg(size: int, read: Read) -> int:
    _require(b"\xff\xd9" in read(max(0, size - _TAIL), _TAIL))
    at = 2
    while True:
        mark = read(at, 9)
        _require(len(mark) == 9 and mark[0] == 0xFF)
        if mark[1] == 0xFF:  # a fill byte before the marker
            at += 1
        elif mark[1] in _START_OF_FRAME:
            height, width = struct.unpack(">HH", mark[5:9])
            _require(width > 0 and height > 0)
            return int(width * height)
        else:
            length = struct.unpack(">H", mark[2:4])[0]
            _require(length >= 2)
            at += 2 + length


def _webp(head: bytes, size: int) -> int:
    _require(len(head) >= 30 and struct.unpack("<I", head[4:8])[0] + 8 <= size)
    what, body = head[12:16], head[20:30]
    if what == b"VP8X":
        return (int.from_bytes(body[4:7], "little") + 1) * (int.from_bytes(body[7:10], "little") + 1)
    if what == b"VP8L":
        _require(body[0] == 0x2F)
        bits = int.from_bytes(body[1:5], "little")
        return ((bits & 0x3FFF) + 1) * ((bits >> 14 & 0x3FFF) + 1)
    _require(what == b"VP8 " and body[3:6] == b"\x9d\x01\x2a")
    width, height = struct.unpack("<HH", body[6:10])
    return int((width & 0x3FFF) * (height & 0x3FFF))


def _mp4(size: int, read: Read) -> int:
    """The boxes must fill the file exactly and hold an index and data; a download that broke off has neither."""
    at, names = 0, set()
    while at < size:
        header = read(at, 16)
        _require(len(header) >= 8)
        length, name = struct.unpack(">I4s", header[:8])
        if length == 1:
            _require(len(header) == 16)
            length = struct.unpack(">Q", header[8:16])[0]
        elif length == 0:  # to the end of the file
            length = size - at
        _require(length >= 8 and at + length <= size)
        names.add(name)
        at += length
    _require({b"moov", b"mdat"} <= names)
    return 0


def _webm(head: bytes) -> int:
    _require(b"\x18\x53\x80\x67" in head)  # the segment: all of the film is in it
    return 0
