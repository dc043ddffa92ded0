"""The unit's wishes: logo, large print, which parts. A bad wish costs the wish, never the citizen's ticket."""

import base64
import io
import time

import pytest
from PIL import Image, ImageDraw

from printer import dialects, pictures, preview, render
from printer import document as doc
from printer.virtual.parser import Parser

EPSON = dialects.load("epson")


def png(size=(600, 200), mode="RGBA", **options) -> bytes:
    picture = Image.new(mode, size, **options)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((10, 10, size[0] - 10, size[1] // 2), fill=(20, 60, 140, 255) if mode == "RGBA" else 0)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def build(document, logo=None, **style):
    layout = {**style, **({"logo": base64.b64encode(logo).decode()} if logo else {})}
    return render.render(doc.parse({**document, "layout": layout}), EPSON, 576)


def test_logo_is_scaled_black_and_white_and_small(document):
    printout = build(document, png())
    assert printout.warnings == ()
    assert len(printout.data) <= 8000
    pictures_sent = [token for token in Parser().feed(printout.data) if token.name == "GS v 0"]
    widths = {(token.args[1] | token.args[2] << 8) * 8 for token in pictures_sent}
    assert max(widths) <= 384
    assert all((token.args[3] | token.args[4] << 8) <= pictures.SLICE_ROWS for token in pictures_sent)


def test_transparent_is_white(document):
    empty = Image.new("RGBA", (100, 40), (0, 0, 0, 0))
    out = io.BytesIO()
    empty.save(out, "PNG")
    assert set(pictures.logo(out.getvalue(), 384).tobytes()) == {0xFF}


def bomb() -> bytes:
    """A small file that unpacks to 100 million dots."""
    out = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(out, "PNG", optimize=True)
    return out.getvalue()


@pytest.mark.parametrize(
    "logo, words",
    [
        (b"GIF89a not a png", "não é uma imagem PNG legível"),
        (png()[:200], "não é uma imagem PNG legível"),
        (b"x" * 1_000_000, "passa de 64 KiB"),
        (bomb(), "grande demais"),
    ],
    ids=["no picture", "cut off", "1 MB", "bomb"],
)
def test_bad_logo_is_left_out_with_one_line(document, logo, words):
    started = time.monotonic()
    printout = build(document, logo)
    assert time.monotonic() - started < 2
    assert len(printout.warnings) == 1
    assert words in printout.warnings[0]
    assert b"PA001" in printout.data


def test_logo_that_would_switch_the_printer_off_loses_one_dot():
    """Bytes 10 14 08 (DLE DC4 8) inside a picture are a command to real printers."""
    dots = bytearray(48 * 4)
    dots[10:13] = b"\x10\x14\x08"
    picture = Image.frombytes("1", (384, 4), bytes(byte ^ 0xFF for byte in dots))
    out = io.BytesIO()
    picture.save(out, "PNG")
    image = pictures.logo(out.getvalue(), 384)
    cleaned = bytes(byte ^ 0xFF for byte in image.tobytes())
    assert image.width == 384
    assert b"\x10\x14" not in cleaned
    assert sum((a ^ b).bit_count() for a, b in zip(cleaned, dots, strict=True)) == 1


def test_render_is_fast_once_warm(document):
    logo = png()
    build(document, logo)
    times = []
    for n in range(50):
        started = time.thread_time()
        build({**document, "label": f"A{n:03}"}, logo)
        times.append(time.thread_time() - started)
    assert sorted(times)[45] < 0.005


def test_only_the_wanted_parts_are_printed(document):
    text = build(document, parts=["number", "service"]).data
    assert b"PA001" in text
    assert "débitos".encode("cp850") in text
    assert b"Prefeitura" not in text
    assert b"1P0" not in text  # no QR data


@pytest.mark.parametrize("style", [{"parts": "x"}, {"parts": ["qr", "moon"]}, {"parts": []}])
def test_the_number_is_always_there(document, style):
    assert b"PA001" in build(document, **style).data


def test_large_print_has_nothing_below_double_size_but_the_address(document):
    small = [
        token.raw
        for token, size in _sized(build(document, large=True).data)
        if not token.name and size == (1, 1)
    ]
    assert small == [b"vez.example/t/Ab3dEf7hIj1kLmN0pQrS", b"0193-7F2C"]


def _sized(data):
    size = (1, 1)
    for token in Parser().feed(data):
        if token.name == "GS !":
            size = ((token.args[0] >> 4) + 1, (token.args[0] & 15) + 1)
        yield token, size


def test_preview_is_the_ticket_itself(document):
    with Image.open(io.BytesIO(preview.png(document, "generic58", 384))) as picture:
        assert picture.width == 384
        assert picture.height > 600
