"""Portuguese right, nothing foreign in the stream, no line wider than the paper."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printer import dialects, layout, render
from printer import document as doc
from printer.text import clean, to_page, wrap
from printer.virtual.parser import Parser, disassemble

PANGRAM = "Luís argüia à Júlia que «brações, fé, chá, óxido, pôr, zângão» eram palavras do português: ª º °"
FIELDS = ("unit", "header", "service", "tier_text", "wait_text", "message", "copy_text", "short_id")


def build(fields: dict, dialect: str = "epson", width: int = 576) -> bytes:
    return render.render(doc.parse(fields), dialects.load(dialect), width).data


def independent_text(data: bytes) -> str:
    """Read the bytes without our parser: drop the commands that our head and body use, decode with Python's CP850."""
    data = re.sub(
        rb"\x1b[@]|\x1b[taEMJ\-].|\x1d[!B].|\x1dV\x42.|\x1d\(k..1[CEQA]..?", b"", data, flags=re.DOTALL
    )
    return data.decode("cp850")


def test_pangram_survives_and_only_slot_two_is_used(document):
    data = build(
        {**document, "message": PANGRAM, "unit": "São José – º", "service": "Emissão: “não” é necessário…"}
    )
    text = " ".join(independent_text(data).split())
    assert PANGRAM in text
    assert "São José - º" in text
    assert 'Emissão: "não" é necessário...' in text
    assert "?" not in text.replace("1P0", "")
    slots = {token.args[0] for token in Parser().feed(data) if token.name == "ESC t"}
    assert slots == {2}
    assert data.startswith(b"\x1b@\x1bt\x02")


@pytest.mark.parametrize(
    "given, printed",
    [
        ("São Paulo", "São Paulo"),  # decomposed input is composed first
        ("“Olá” – tudo… • 5 €", '"Olá" - tudo... * 5 EUR'),
        ("Łódź", "■ódz"),
        ("日本", "■■"),
        ("bom dia 🙂!", "bom dia !"),
        ("1\u202e23", "123"),
        ("a\x1b@\x1dVb", "a@Vb"),
        ("x\u200by\ufeff", "xy"),
        ("linha\numa\tdois", "linha uma dois"),
    ],
)
def test_what_a_text_becomes(given, printed):
    assert to_page(clean(given), "cp850") == printed


CONTROLS = "".join(
    map(chr, [*range(0x20), 0x7F, *range(0x80, 0xA0), 0x200E, 0x200F, 0x202A, 0x202E, 0x2066, 0x2069])
)
HOSTILE = st.text(st.one_of(st.sampled_from(CONTROLS), st.characters()), max_size=60)


@settings(max_examples=150, deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(FIELDS, HOSTILE)), HOSTILE, HOSTILE)
def test_no_control_byte_from_data_reaches_the_printer(fields, label, url):
    try:
        ticket = doc.parse({**fields, "label": "A" + label, "follow_url": url, "tier": "priority"})
    except doc.Rejected:
        return
    tokens = list(Parser().feed(render.render(ticket, dialects.load("epson"), 576).data))
    names = [token.name for token in tokens]
    assert set(names) <= {
        "", "LF", "ESC @", "ESC t", "ESC a", "ESC E", "ESC M", "ESC J", "GS !", "GS B", "GS V", "GS (",
    }  # fmt: skip
    assert names.count("ESC @") == names.count("GS V") == 1
    for token in tokens:
        if not token.name:
            assert min(token.raw) >= 0x20
            assert 0x7F not in token.raw


@settings(max_examples=150, deadline=None)
@given(
    st.fixed_dictionaries(
        dict.fromkeys(FIELDS, st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=400))
    ),
    st.text("PABCDEFG0123456789", min_size=1, max_size=12),
    st.sampled_from([384, 512, 576]),
    st.booleans(),
)
def test_no_line_is_wider_than_the_paper(fields, label, width, large):
    url = "https://senhas.example/t/" + "x" * (len(fields["message"]) % 250)
    ticket = doc.parse(
        {**fields, "label": label, "follow_url": url, "tier": "donor", "layout": {"large": large}}
    )
    for block in layout.lay_out(ticket, width, "cp850"):
        if isinstance(block, layout.Text):
            assert block.dots() <= width
        elif isinstance(block, layout.Qr):
            assert (block.side + 2 * layout.QUIET_ZONE) * block.module <= width


@pytest.mark.parametrize(
    "label, width, scale",
    [
        ("A042", 576, 8),
        ("PA042", 576, 8),
        ("PA0042", 576, 8),
        ("A042", 512, 8),
        ("A042", 384, 6),
        ("PA0042", 384, 5),
    ],
)
def test_number_is_as_large_as_it_fits(label, width, scale, document):
    blocks = layout.lay_out(doc.parse({**document, "label": label}), width, "cp850")
    number = next(block for block in blocks if isinstance(block, layout.Number))
    assert (number.text, number.width) == (label, scale)
    assert number.height * 24 * 0.125 >= 12  # millimetres


def test_number_too_long_is_rejected_in_one_line(document):
    with pytest.raises(doc.Rejected, match="cabem no máximo 12"):
        doc.parse({**document, "label": "A" * 13})


def test_wrap_breaks_words_only_when_it_must():
    assert wrap("um dois três", 8) == ["um dois", "três"]
    assert wrap("a" * 20, 8) == ["a" * 8, "a" * 8, "a" * 4]
    assert wrap("", 8) == []


def test_disassembly_reads_like_a_manual():
    assert disassemble(b"\x1b@\x1bt\x02Ol\xa0\n\x1dV\x42\x00") == [
        "ESC @",
        "ESC t 02",
        "'Olá'",
        "LF",
        "GS V 42 00",
    ]
