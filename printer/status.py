"""What a printer says of itself, decoded; and the rule that no answer is never "all is well".

Bits after Epson's manuals (TM-T88III specification, DLE EOT and Automatic Status Back), which every ESC/POS
printer follows; see also printer/dialects for makers with another tongue.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Cause(StrEnum):
    """Why a printer does not print; the words of the wire."""

    PAPER_OUT = "paper_out"
    COVER_OPEN = "cover_open"
    CUTTER = "cutter"
    MECHANICAL = "mechanical"
    OFFLINE = "offline"
    NO_ANSWER = "no_answer"


#: For operators: one line each.
WORDS = {
    Cause.PAPER_OUT: "sem papel",
    Cause.COVER_OPEN: "tampa aberta",
    Cause.CUTTER: "guilhotina travada",
    Cause.MECHANICAL: "erro mecânico",
    Cause.OFFLINE: "fora de linha ou desligada",
    Cause.NO_ANSWER: "não responde",
}


@dataclass(frozen=True)
class Status:
    """One look at a printer. All False with `answered` True means ready."""

    answered: bool = False
    connected: bool = False
    offline: bool = False
    cover_open: bool = False
    paper_out: bool = False
    near_end: bool = False
    cutter: bool = False
    mechanical: bool = False
    #: Still printing; no news worth telling, so it does not count in comparisons.
    busy: bool = field(default=False, compare=False)

    @property
    def cause(self) -> Cause | None:
        """What to tell people, the most concrete first: an open cover also reads as paper out and offline."""
        if not self.connected:
            return Cause.OFFLINE
        if not self.answered:
            return Cause.NO_ANSWER
        for name in ("cover_open", "paper_out", "cutter", "mechanical", "offline"):
            if getattr(self, name):
                return Cause(name)
        return None

    @property
    def state(self) -> str:
        """`ready`, `blocked` or `unknown`, as in a heartbeat."""
        if self.cause is None:
            return "ready"
        return "unknown" if self.cause is Cause.NO_ANSWER else "blocked"


DISCONNECTED = Status()
MUTE = Status(connected=True)


def is_real_time(byte: int) -> bool:
    """Whether `byte` can be an answer to DLE EOT."""
    return byte & 0x93 == 0x12


def from_real_time(answers: dict[int, int]) -> Status:
    """Decode answers to DLE EOT n, as {n: byte}. Missing ones say nothing."""
    one, two, three, four = (answers.get(n, 0) for n in (1, 2, 3, 4))
    return Status(
        connected=True,
        answered=bool(answers),
        offline=bool(one & 0x08),
        cover_open=bool(two & 0x04),
        paper_out=bool(two & 0x20 or four & 0x60),
        near_end=bool(four & 0x0C),
        cutter=bool(three & 0x08),
        # Bit 6 of n=2 is "an error"; which one, n=3 says. An error nobody names is still one.
        mechanical=bool(three & 0x64 or (two & 0x40 and not three & 0x08)),
    )


def from_asb(block: bytes) -> Status:
    """Decode the four bytes of Automatic Status Back."""
    return Status(
        connected=True,
        answered=True,
        offline=bool(block[0] & 0x08),
        cover_open=bool(block[0] & 0x20),
        cutter=bool(block[1] & 0x08),
        mechanical=bool(block[1] & 0x64),
        near_end=bool(block[2] & 0x03),
        paper_out=bool(block[2] & 0x0C),
    )


def words(status: Status) -> str:
    """Return one Portuguese line for an operator."""
    text = WORDS[status.cause] if status.cause else "pronta"
    return f"{text}, papel perto do fim" if status.near_end and status.cause is not Cause.PAPER_OUT else text


@dataclass(frozen=True)
class Reply:
    """One thing heard from the printer. `kind`: real_time, asb, sensor (GS r), id (GS ( H), info (GS I),
    noise.
    """

    kind: str
    data: bytes


class Listener:
    """Takes a printer's byte stream apart, across packet borders.

    Answers carry no label, only bit patterns: see `_first`.
    """

    _LIMIT = 256  # bytes of an unfinished block before it is taken for noise

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[Reply]:
        """Return the replies completed by `data`."""
        self._buffer += data
        replies = []
        while self._buffer:
            reply = self._first()
            if reply is None:
                break
            replies.append(reply)
            self._buffer = self._buffer[len(reply.data) :]
        return replies

    def clear(self) -> None:
        """Forget a half reply (the connection is new)."""
        self._buffer = b""

    def _first(self) -> Reply | None:
        head = self._buffer[0]
        if head in (0x37, 0x5F):  # blocks that end in NUL: process id, printer information
            end = self._buffer.find(b"\0", 1)
            if end < 0:
                return None if len(self._buffer) < self._LIMIT else Reply("noise", self._buffer)
            return Reply("id" if head == 0x37 else "info", self._buffer[: end + 1])
        if is_real_time(head):
            return Reply("real_time", self._buffer[:1])
        if head & 0x93 == 0x10:
            if len(self._buffer) < 4:
                return None
            block = self._buffer[:4]
            if all(byte & 0x90 == 0 for byte in block[1:]):
                return Reply("asb", block)
            return Reply("noise", self._buffer[:1])
        if head & 0x90 == 0:
            return Reply("sensor", self._buffer[:1])
        return Reply("noise", self._buffer[:1])


def process_id(reply: Reply) -> bytes:
    """Return the four characters of a `GS ( H` answer: header 37 22, id, NUL."""
    return reply.data[2:-1] if reply.data[1:2] == b"\x22" else b""


def info_text(reply: Reply) -> str:
    """Return the text of a `GS I` answer: header 5F, text, NUL."""
    return reply.data[1:-1].decode("ascii", "replace")
