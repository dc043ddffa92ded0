"""Each dialect's bytes are a file that a person can read; UPDATE_GOLDEN=1 writes them anew."""

import os
from pathlib import Path

import pytest

from printer import dialects, render
from printer import document as doc
from printer.virtual import commands
from printer.virtual.paper import Paper
from printer.virtual.parser import Parser

GOLDEN = Path(__file__).parent / "golden"
CASES = [(name, width) for name in dialects.names() for width in dialects.load(name).widths]
SPOKEN = {"bema": "bema", "elgin": "elgin", "daruma": "daruma"}


def tokens_of(document, name, width):
    data = render.render(doc.parse(document), dialects.load(name), width).data
    return list(Parser(SPOKEN.get(name, "epson")).feed(data))


def readable(token) -> str:
    """One line: the bytes where they are few, then what they mean. Pictures depend on the font library."""
    if len(token.raw) > 200:
        return f"{token.name} <picture>"
    return f"{token.raw.hex(' ')}    {token}" if token.name else f"{token}"


def must_be_golden(file, tokens):
    text = "\n".join(readable(token) for token in tokens) + "\n"
    golden = GOLDEN / file
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.mkdir(exist_ok=True)
        golden.write_text(text, "utf-8")
    assert text == golden.read_text("utf-8")


@pytest.mark.parametrize("name, width", CASES)
def test_golden_bytes(name, width, document):
    must_be_golden(f"{name}-{width}.txt", tokens_of({**document, "copy_text": "2ª VIA"}, name, width))


@pytest.mark.parametrize("name, width", [("epson", 576), ("generic58", 384)])
def test_golden_bytes_of_a_units_own_layout(name, width, document):
    """Large print, and only some of the parts: as a supervisor set it and a citizen asked for it."""
    layout = {"parts": ["unit", "service", "number", "tier", "wait", "message"], "large": True}
    must_be_golden(f"{name}-{width}-large.txt", tokens_of({**document, "layout": layout}, name, width))


@pytest.mark.parametrize("name", ["bema", "elgin"])
def test_bema_never_uses_the_feed_that_doubles_height(name, document):
    on = [token for token in tokens_of(document, name, 576) if token.name == "ESC d"]
    assert {token.args for token in on} <= {b"\0", b"\1"}
    assert on[-1].args == b"\0"


@pytest.mark.parametrize("name, width", CASES)
def test_every_printer_with_a_blade_cuts_once_at_the_end(name, width, document):
    tokens = tokens_of(document, name, width)
    cuts = [token for token in tokens if token.name in commands.CUTS[SPOKEN.get(name, "epson")]]
    assert len(cuts) == int(dialects.load(name).cutter)
    if cuts:
        assert tokens[-1] is cuts[0]


@pytest.mark.parametrize("name, width", CASES)
def test_every_dialect_prints_the_same_words_and_the_same_code(name, width, document):
    spoken = SPOKEN.get(name, "epson")
    paper = Paper(width, page=2)
    for token in tokens_of(document, name, width):
        if token.name not in commands.CUTS[spoken]:
            commands.execute(paper, token, spoken)
    sheet = paper.take()
    words = " ".join(sheet.text().split())
    for part in ("Pró-Cidadão Centro", "IPTU: segunda via e débitos", "Prioritário", "4 pessoas à frente"):
        assert part in words
    assert sheet.qr == [document["follow_url"]]
    assert sheet.unknown == []
    assert sheet.pages == {2}


def test_unknown_dialect_is_one_clear_line():
    with pytest.raises(dialects.UnknownDialect, match="dialeto desconhecido: star; conhecidos: bema, daruma"):
        dialects.load("star")


def test_ticket_sizes(document):
    epson = dialects.load("epson")
    assert len(render.render(doc.parse(document), epson, 576).data) <= 900
