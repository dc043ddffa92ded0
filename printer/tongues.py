"""How to ask a printer how it is, where it does not speak ESC/POS: the questions, and what the answers mean.

Answers come as plain bytes, one per question and in order. Bits after ACBr (ACBrEscBematech, ACBrEscDaruma,
ACBrEscElgin), which is in use all over Brazil; an inverted bit is one that is set when all is well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from printer.status import Status


@dataclass(frozen=True)
class Tongue:
    """Questions with the length of each answer, and the decoder of all answers together."""

    questions: Sequence[tuple[bytes, int]]
    decode: Callable[[Sequence[bytes]], Status]


def _bit(byte: int, number: int) -> bool:
    return bool(byte >> number & 1)


def _bema(answers: Sequence[bytes]) -> Status:
    one, two, three = answers[0][0], answers[0][1], answers[0][2]
    return Status(
        connected=True,
        answered=True,
        offline=_bit(one, 3),
        busy=_bit(one, 4),
        near_end=_bit(two, 1),
        paper_out=_bit(two, 2) or _bit(two, 5),
        mechanical=_bit(two, 6),
        cover_open=not _bit(two, 7),
        cutter=_bit(three, 6),
    )


def _daruma(answers: Sequence[bytes]) -> Status:
    one, two = answers[0][0], answers[1][0]
    return Status(
        connected=True,
        answered=True,
        busy=_bit(one, 0),
        mechanical=_bit(one, 3) or _bit(two, 6),
        offline=not _bit(one, 4) or _bit(two, 3),
        paper_out=_bit(one, 5) or _bit(two, 1),
        cover_open=_bit(one, 7),
        near_end=_bit(two, 0),
    )


def _elgin(answers: Sequence[bytes]) -> Status:
    one = answers[0][0]
    return Status(
        connected=True,
        answered=True,
        offline=not _bit(one, 0),
        paper_out=_bit(one, 1),
        cover_open=not _bit(one, 3),
        near_end=_bit(one, 4),
    )


TONGUES = {
    "bema": Tongue([(b"\x1d\xf81", 5)], _bema),
    "daruma": Tongue([(b"\x05", 1), (b"\x1d\x05", 1)], _daruma),
    "elgin": Tongue([(b"\x05", 1)], _elgin),
}
