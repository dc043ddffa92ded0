"""The works of the virtual printer: receive buffer, mechanism with a speed, sensors, answers.

Real-time questions are answered on arrival, even when the mechanism stands; everything else waits its turn
in the buffer. After a refill the buffered ticket goes on where it stopped, as in a real printer.
"""

from __future__ import annotations

import re
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from printer.virtual import commands, faults
from printer.virtual.faults import Faults
from printer.virtual.paper import DOTS_PER_MM, Paper, Sheet
from printer.virtual.parser import Parser, Token

Answer = Callable[[bytes], None]
_INFO = {
    1: b"\x20",
    2: b"\x02",
    3: b"\x01",
    65: b"_1.0\0",
    66: b"_Vez\0",
    67: b"_Virtual\0",
    68: b"_V0001\0",
    69: b"_\0",
}
_QUESTION = re.compile(rb"(\x1d\xf81|\x1d\x05|\x05)\Z")
#: Answered on arrival; when their turn comes in the queue they are no news.
_REAL_TIME = frozenset({"DLE EOT", "DLE ENQ", "ENQ", "GS ENQ", "GS f8 1"})
_CUT_MM = 22  # from the print head to the blade


@dataclass(frozen=True)
class PrintedTicket:
    """One piece of paper in the tray."""

    n: int
    started: float  # when its first byte was worked on
    at: float  # when it was cut
    sheet_text: str
    qr: tuple[str, ...]
    raw: bytes
    png: bytes
    millimetres: int
    cuts: int
    unknown: tuple[str, ...]
    pages: tuple[int, ...]


class Machine:
    """One printer. `answer` callables send bytes back to whoever is connected; they must not block or
    raise.
    """

    def __init__(
        self,
        width: int = 576,
        speed: float = 250.0,
        buffer_size: int = 4096,
        keep: int = 100,
        dialect: str = "epson",
    ) -> None:
        self.dialect = dialect
        self.speed = speed
        self.buffer_size = buffer_size
        self.faults = Faults()
        self.paper = self._new_paper(width)
        self.tickets: deque[PrintedTicket] = deque(maxlen=keep)
        self.count = 0
        self.millimetres = 0.0
        self.changed = threading.Condition()
        self._parser = Parser(dialect)
        self._buffer: deque[tuple[Answer, bytes]] = deque()
        self._buffered = 0
        self._subscribers: set[Answer] = set()
        self._last_asb = b""
        self._started = 0.0
        self._stop = False
        self._thread = threading.Thread(target=self._run, name="virtual-printer", daemon=True)

    def _new_paper(self, width: int) -> Paper:
        return Paper(width, page=2 if self.dialect == "daruma" else 0)

    # -- from outside --------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the mechanism."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the mechanism and wait for it."""
        with self.changed:
            self._stop = True
            self.changed.notify_all()
        self._thread.join(5)

    def set_faults(self, wanted: dict[str, Any]) -> None:
        """Move switches. Raises BadFault."""
        with self.changed:
            self.faults.change(wanted)
            if not self.faults.power:
                self._lose_buffers()
            self._tell_status()
            self.changed.notify_all()

    def _lose_buffers(self) -> None:
        self._clear()
        self._subscribers.clear()

    def _clear(self) -> None:
        """Forget all that came in; a new parser, because the mechanism may be feeding the old one right now."""
        self._buffer.clear()
        self._buffered = 0
        self._parser = Parser(self.dialect)
        self.paper = self._new_paper(self.paper.width)

    def receive(self, data: bytes, answer: Answer, gone: Callable[[], bool]) -> None:
        """Take in `data`; blocks while the buffer is full, as a real one does, until `gone()`."""
        self._real_time(data, answer)
        with self.changed:
            while data and self.faults.power and not gone() and not self._stop:
                room = self.buffer_size - self._buffered
                if room <= 0:
                    self.changed.wait(0.1)
                    continue
                self._buffer.append((answer, data[:room]))
                self._buffered += len(data[:room])
                data = data[room:]
                self.changed.notify_all()

    def forget(self, answer: Answer) -> None:
        """A connection is over: no more status for it."""
        with self.changed:
            self._subscribers.discard(answer)

    def wait_for_tickets(self, count: int, timeout: float) -> bool:
        """Wait until `count` tickets in all have been cut; False when `timeout` seconds were not enough."""
        with self.changed:
            return self.changed.wait_for(lambda: self.count >= count, timeout)

    # -- real time -----------------------------------------------------------------------------------------

    def _real_time(self, data: bytes, answer: Answer) -> None:
        """Obey DLE commands wherever they stand, even inside a picture: real printers do."""
        at = data.find(0x10)
        while 0 <= at < len(data) - 2:
            code, n = data[at + 1], data[at + 2]
            if code == 0x04 and 1 <= n <= 4:
                self._say(answer, bytes((faults.real_time(self.faults, n),)))
            elif code == 0x05 and n in (1, 2):
                self._recover(n)
            at = data.find(0x10, at + 1)
        question = _QUESTION.search(data) if self.dialect != "epson" else None
        if question:
            self._tongue(question[0], answer)

    def _tongue(self, question: bytes, answer: Answer) -> None:
        """Answer a maker's own status question; it may have come in one packet with the end of a ticket."""
        busy = bool(self._buffered)
        if question == b"\x05":
            self._say(answer, faults.enquiry(self.faults, self.dialect, busy=busy))
        else:
            self._say(answer, faults.tongue(self.faults, question, busy=busy) or b"")

    def _recover(self, n: int) -> None:
        with self.changed:
            self.faults.cutter = False
            if n == 2:
                self._clear()
            self._tell_status()
            self.changed.notify_all()

    def _say(self, answer: Answer, data: bytes) -> None:
        if not self.faults.mute:
            answer(data)

    def _tell_status(self) -> None:
        block = faults.asb(self.faults)
        if block != self._last_asb:
            self._last_asb = block
            for answer in list(self._subscribers):
                self._say(answer, block)

    # -- mechanism -----------------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self._stop or (self._buffer and not self.faults.stopped))
                if self._stop:
                    return
                answer, data = self._buffer.popleft()
                paper, parser = self.paper, self._parser
            # Freed only when worked off: what the mechanism has not reached still fills the buffer.
            for token in parser.feed(data):
                if not self._step(token, answer, paper):
                    break
            with self.changed:
                if self._parser is parser:
                    self._buffered = max(0, self._buffered - len(data))
                self.changed.notify_all()

    def _step(self, token: Token, answer: Answer, paper: Paper) -> bool:
        """Execute one token, at the speed of the paper; False when power or the buffer has gone meanwhile."""
        with self.changed:
            self.changed.wait_for(lambda: self._stop or not self.faults.stopped or self.paper is not paper)
            if self._stop or self.paper is not paper:
                return False
            before = paper.feed_dots
            cut = token.name in commands.CUTS[self.dialect]
            self._keep_raw(token, paper)
            if not cut and not self._question(token, answer):
                commands.execute(paper, token, self.dialect)
            moved = (paper.feed_dots - before) / DOTS_PER_MM + (_CUT_MM if cut else 0)
            self._use_paper(moved)
            speed = self.faults.slow if self.faults.slow is not None else self.speed
            due = time.monotonic() + (moved / speed if speed else 0)
            # The paper moves outside the lock's attention: faults may come in meanwhile.
            self.changed.wait_for(lambda: self._stop or self.paper is not paper or time.monotonic() >= due,
                                  max(0.0, due - time.monotonic()))  # fmt: skip
            if cut and self.paper is paper:
                self._cut(paper)
        return True

    def _keep_raw(self, token: Token, paper: Paper) -> None:
        """Keep the ticket's bytes; questions between two tickets belong to neither."""
        between = not paper.sheet.raw and token.name in {"GS r", "GS I", "GS a", *_REAL_TIME}
        tagged = not paper.sheet.raw and token.name == "GS (" and token.args[:1] == b"H"
        if between or tagged:
            return
        self._started = self._started or time.time()
        if len(paper.sheet.raw) < 1 << 20:
            paper.sheet.raw += token.raw

    def _use_paper(self, moved: float) -> None:
        self.millimetres += moved
        left = self.faults.paper_out_after_mm
        if left is not None:
            self.faults.paper_out_after_mm = max(0.0, left - moved)
            if left <= moved:
                self.faults.paper_out, self.faults.paper_out_after_mm = True, None
                self._tell_status()
                # What is already under the head is printed; the next token waits for paper.

    def _question(self, token: Token, answer: Answer) -> bool:
        """Answer a question that stands in the queue; True when it was one."""
        name, args = token.name, token.args
        if name == "GS r":
            self._say(answer, bytes((faults.sensor(self.faults) if args[0] in (1, 49) else 0,)))
        elif name == "GS I":
            self._say(answer, _INFO.get(args[0], _INFO.get(args[0] - 48, b"")))
        elif name == "GS a":
            if args[0]:
                self._subscribers.add(answer)
                self._say(answer, faults.asb(self.faults))
            else:
                self._subscribers.discard(answer)
        elif name == "GS (" and args[:1] == b"H":
            if args[3:5] == b"\x30\x30":
                self._say(answer, b"\x37\x22" + args[5:9] + b"\0")
        else:
            return name in _REAL_TIME
        return True

    def _cut(self, paper: Paper) -> None:
        """Drop the sheet into the tray; a blank one (a feed button) as well, unless nothing at all was
        printed.
        """
        sheet: Sheet = paper.take()
        if sheet.rows or sheet.raw:
            self._drop(sheet, cuts=1)

    def _drop(self, sheet: Sheet, cuts: int) -> None:
        ticket = PrintedTicket(
            n=self.count + 1,
            started=self._started or time.time(),
            at=time.time(),
            sheet_text=sheet.text(),
            qr=tuple(sheet.qr),
            raw=bytes(sheet.raw),
            png=sheet.png(self.paper.width),
            millimetres=round(sheet.rows / DOTS_PER_MM),
            cuts=cuts,
            unknown=tuple(sheet.unknown),
            pages=tuple(sorted(sheet.pages)),
        )
        self._started = 0.0
        self.tickets.append(ticket)
        self.count = ticket.n  # told last: whoever counts finds the ticket there
        self.changed.notify_all()

    def tear(self) -> bool:
        """Tear off by hand what hangs out of a printer without a blade; False when there is nothing."""
        with self.changed:
            if not self.paper.sheet.rows:
                return False
            self._drop(self.paper.take(), cuts=0)
            return True
