"""What a ticket will look like, as a picture: its real bytes, put through the virtual printer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from printer import dialects, document, render
from printer.virtual import commands
from printer.virtual.paper import Paper
from printer.virtual.parser import Parser


@dataclass(frozen=True)
class Drawn:
    """The picture of a ticket, the bytes that it takes and the paper that it uses."""

    png: bytes
    size: int
    millimetres: int


def draw(job_document: dict[str, Any], dialect: str = "epson", width: int = 576) -> Drawn:
    """Return the picture of the ticket that `job_document` (docs/protocol.md, "Printing") makes.

    Raises document.Rejected, dialects.UnknownDialect.
    """
    tongue = dialects.load(dialect)
    printout = render.render(document.parse(job_document), tongue, width)
    spoken = dialect if dialect in {"bema", "elgin", "daruma"} else "epson"
    paper = Paper(width, page=2)
    for token in Parser(spoken).feed(printout.data):
        if token.name not in commands.CUTS[spoken]:
            commands.execute(paper, token, spoken)
    return Drawn(paper.take().png(width), len(printout.data), printout.millimetres)


def png(job_document: dict[str, Any], dialect: str = "epson", width: int = 576) -> bytes:
    """Return only the picture. Raises as `draw`."""
    return draw(job_document, dialect, width).png
