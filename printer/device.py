"""One printer: its single connection, its status, and a ticket sent and confirmed.

A successful write is no print (a TCP peer that never reads "accepts" 40 kB at once), so that every ticket
ends in a question that the printer answers in sequence, and only the answer makes it printed.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from printer import status as st
from printer.dialects import Dialect
from printer.pictures import SLICE_ROWS
from printer.status import Cause, Listener, Reply, Status
from printer.tongues import TONGUES, Tongue
from printer.transports import Transport, TransportError

log = logging.getLogger(__name__)

#: No command of ours is longer, in bytes: a slice of a picture on the widest paper (576 dots), and its head.
HALF_COMMAND = SLICE_ROWS * 576 // 8 + 16


@dataclass(frozen=True)
class Limits:
    """Deadlines, in seconds."""

    connect: float = 3.0
    write: float = 10.0
    answer: float = 0.3  # to one status question
    confirm: float = 8.0  # from the last byte to the confirmation
    slowest: float = 80.0  # mm/s that even an old printer makes: how long to watch one that cannot confirm
    id_grace: float = 3.0  # from GS r to GS ( H, for models that turn out to lack the latter
    backoff_first: float = 0.5
    backoff_last: float = 10.0


@dataclass(frozen=True)
class Outcome:
    """What became of the bytes. `printed` only on the printer's word; `cause` says what is wrong."""

    printed: bool
    cause: Cause | None
    confirm_ms: int


class Device:
    """All access to one printer, from whichever station; hold `lock` while talking to it."""

    def __init__(self, transport: Transport, dialect: Dialect, limits: Limits | None = None) -> None:
        self.transport = transport
        self.dialect = dialect
        self.limits = limits or Limits()
        self.lock = threading.RLock()
        self.status = st.DISCONNECTED
        self._changed = threading.Condition()
        self._seen: Status | None = None
        #: Whether this printer has ever answered; one that did and falls silent is stuck, not one-way.
        self.answers = False
        self.noisy = False
        self._listener = Listener()
        self._pause = threading.Event()  # never set: a wait that a test may cut short
        self._open = False
        self._retry_at = 0.0
        self._backoff = 0.0
        self._process_ids = "gs_h" in dialect.confirm
        self._awaiting: bytes | None = None  # id of a ticket whose confirmation may still come
        self._on_late: Callable[[], None] | None = None
        self._sensor_seen = False
        self._id_seen = b""
        self._unfinished = 0  # bytes of a ticket of which nobody knows whether the printer got them all
        self._torn = 0  # the same, once the connection that carried them is gone

    # -- connection ----------------------------------------------------------------------------------------

    def connect(self) -> None:
        """Open the connection unless it is open. Raises TransportError; between attempts it waits longer
        and longer.
        """
        if self._open:
            return
        now = time.monotonic()
        if now < self._retry_at:
            raise TransportError(f"{self.transport.address}: aguardando para tentar de novo")
        try:
            self.transport.open(self.limits.connect)
        except TransportError:
            self._backoff = min(max(self._backoff * 2, self.limits.backoff_first), self.limits.backoff_last)
            self._retry_at = time.monotonic() + self._backoff
            raise
        self._open, self._backoff, self._retry_at = True, 0.0, 0.0
        self._listener.clear()
        self.noisy = False
        self._forget_late()  # a new connection may mean a power cycle: the printer's buffer is gone
        self._torn = max(self._torn, self._unfinished)
        self._complete_torn()
        if self.dialect.asb and self.transport.two_way:
            self.transport.write(self.dialect.code("asb_on"), self.limits.answer)

    def _complete_torn(self) -> None:
        """Zeros end the half command that a broken line may have left in the printer; by themselves they mean
        nothing (as receiptio does). They come first of all: a status question taken for the length of a command
        would swallow the next tickets whole.
        """
        if self._torn:
            with contextlib.suppress(TransportError):  # a full printer: the question that follows tells
                self.transport.write(b"\0" * self._torn, self.limits.answer)

    def assume_torn(self) -> None:
        """A process before this one may have died in mid-ticket on this printer."""
        self._torn = HALF_COMMAND

    def disconnect(self) -> None:
        """Close the connection; the next use opens it again."""
        self._open = False
        self.transport.close()

    # -- status --------------------------------------------------------------------------------------------

    def look(self) -> Status:
        """Ask the printer how it is; at most `connect` + 4 × `answer` seconds, twice if it must reconnect.
        Never raises.
        """
        with self.lock:
            self.status = self._look()
            if self.status.connected and not self.status.answered and self.transport.two_way and self.answers:
                # The connection may be a dead one, from before a power cycle: a fresh one tells.
                self.disconnect()
                self.status = self._look()
            self._tell()
            return self.status

    def _tell(self) -> None:
        """Wake those who wait for a change of status."""
        if self.status != self._seen:
            log.info("%s: %s", self.transport.address, st.words(self.status))
            with self._changed:
                self._seen = self.status
                self._changed.notify_all()

    def wait_change(self, known: Status | None, timeout: float) -> Status | None:
        """Wait until the status is another than `known`, at most `timeout` seconds; return the present one.

        None means that nobody has looked at the printer yet.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._seen != known, timeout)
            return self._seen

    def _look(self) -> Status:
        try:
            self.connect()
            if not self.transport.two_way or self.dialect.status == "none":
                return st.MUTE
            status = self._ask()
        except TransportError as error:
            log.debug("%s", error)
            self.disconnect()
            return st.DISCONNECTED
        self.answers = self.answers or status.answered
        return status

    def _ask(self) -> Status:
        tongue = TONGUES.get(self.dialect.status)
        if tongue:
            return self._ask_in(tongue)
        self._pump(0)
        answers: dict[int, int] = {}
        for n in (1, 2, 4):
            if not self._ask_one(n, answers):
                return st.MUTE  # a half answer proves nothing
        if answers[2] & 0x40 and not self._ask_one(3, answers):
            return st.MUTE
        return st.from_real_time(answers)

    def _ask_in(self, tongue: Tongue) -> Status:
        """Ask in a maker's own tongue; answers are bare bytes, so that old ones must be out of the way first."""
        while self.transport.read(0):
            pass
        answers = []
        for question, size in tongue.questions:
            self.transport.write(question, self.limits.answer)
            deadline, answer = time.monotonic() + self.limits.answer, b""
            while len(answer) < size and (left := deadline - time.monotonic()) > 0:
                answer += self.transport.read(left)
            if len(answer) < size:
                return st.MUTE
            answers.append(answer[:size])
        return tongue.decode(answers)

    def _ask_one(self, n: int, answers: dict[int, int]) -> bool:
        self.transport.write(bytes((0x10, 0x04, n)), self.limits.answer)
        deadline = time.monotonic() + self.limits.answer
        while (left := deadline - time.monotonic()) > 0:
            for reply in self._pump(left):
                if reply.kind == "real_time":
                    answers[n] = reply.data[0]
                    return True
        return False

    def _pump(self, timeout: float) -> list[Reply]:
        """Read once; take in what concerns status and confirmations, return all of it."""
        replies = self._listener.feed(self.transport.read(timeout))
        for reply in replies:
            if reply.kind == "asb":
                self.status = st.from_asb(reply.data)
            elif reply.kind == "sensor":
                self._sensor_seen = True
                self._settle(b"")
            elif reply.kind == "id":
                self._id_seen = st.process_id(reply)
                self._settle(self._id_seen)
            elif reply.kind == "noise":
                self.noisy = True
        return replies

    def may_send(self) -> bool:
        """Whether the last look allows sending: ready, or a printer that is one-way by nature (never
        "printed").
        """
        if self.status.cause is Cause.NO_ANSWER:
            return not self.answers and not self.noisy
        return self.status.cause is None

    # -- printing ------------------------------------------------------------------------------------------

    def send(self, data: bytes, tag: bytes) -> None:
        """Write the ticket and the question after it, as one buffer. Raises TransportError with the
        accepted count.
        """
        questions = b""
        if self.transport.two_way:
            questions = self.dialect.code("ask_paper") if "gs_r" in self.dialect.confirm else b""
            if self._process_ids:
                questions += self.dialect.code("ask_id") + tag
        self._forget_late()
        self._sensor_seen, self._id_seen = False, b""
        # What a broken line has left falls off as a piece of its own: no paper begins with another's head.
        ending = self.dialect.code("reset") + b"\n" + self.dialect.code("cut") if self._torn else b""
        size = min(len(data) + len(questions), HALF_COMMAND)
        try:
            self.transport.write(ending + data + questions, self.limits.write)
        except TransportError as error:
            self._unfinished = size if error.accepted else self._unfinished
            self.disconnect()
            raise
        self._unfinished = size
        self._torn = 0
        if not self.transport.two_way or not self.dialect.confirm:
            self._unfinished = 0  # nobody will ever say so: what the line took counts as arrived

    def confirm(self, tag: bytes, millimetres: int) -> Outcome:
        """Wait for the printer's word on the ticket just sent, asking how it is meanwhile. Never raises."""
        start = time.monotonic()
        try:
            if "idle" in self.dialect.confirm:
                outcome = self._watch_idle(start, millimetres / self.limits.slowest)
            else:
                outcome = self._await(tag, start)
        except TransportError as error:
            log.warning("%s", error)
            self.disconnect()
            self.status = st.DISCONNECTED
            outcome = self._doubt(Cause.OFFLINE, start)
        if outcome.printed:
            self._unfinished = 0
        self._tell()
        return outcome

    def _await(self, tag: bytes, start: float) -> Outcome:
        if not self.transport.two_way or not self.dialect.confirm:
            return self._doubt(Cause.NO_ANSWER, start)
        deadline, sensor_at, ask_at = start + self.limits.confirm, 0.0, start + 0.5
        while (now := time.monotonic()) < deadline:
            self._pump(max(0.0, min(deadline, ask_at) - now))
            now = time.monotonic()
            if self._id_seen == tag or (self._sensor_seen and not self._process_ids):
                return Outcome(True, None, int((now - start) * 1000))
            sensor_at = sensor_at or (now if self._sensor_seen else 0.0)
            if sensor_at and now - sensor_at >= self.limits.id_grace:
                log.info("%s: não responde a GS ( H; confirmando só por GS r", self.transport.address)
                self._process_ids = False
                continue
            if now >= ask_at:
                self.status = self._ask()
                ask_at = time.monotonic() + 0.5
            if self.status.answered and self.status.cause:
                return self._doubt(self.status.cause, start)
        return self._doubt(self.status.cause or Cause.NO_ANSWER, start)

    def _watch_idle(self, start: float, seconds: float) -> Outcome:
        """For printers without a confirmation: well, and idle after the time that the paper needs.

        Weaker than an answer in sequence, and the best that their own tongue allows (docs/pt/impressao.md).
        """
        deadline = start + max(self.limits.confirm, 2 * seconds)
        while (now := time.monotonic()) < deadline:
            self.status = self._ask()
            if self.status.cause:
                return self._doubt(self.status.cause, start)
            if now - start >= seconds and not self.status.busy:
                return Outcome(True, None, int((now - start) * 1000))
            self._pause.wait(0.2)
        return self._doubt(Cause.NO_ANSWER, start)

    @staticmethod
    def _doubt(cause: Cause, start: float) -> Outcome:
        return Outcome(False, cause, int((time.monotonic() - start) * 1000))

    # -- late confirmations --------------------------------------------------------------------------------

    def expect_late(self, tag: bytes, told: Callable[[], None]) -> None:
        """Call `told` if the confirmation of a doubtful ticket still comes: after a refill the printer
        finishes it.
        """
        self._awaiting, self._on_late = tag, told

    def _settle(self, tag: bytes) -> None:
        if self._awaiting is None or (self._process_ids and tag != self._awaiting):
            return
        told = self._on_late
        self._forget_late()
        self._unfinished = 0
        if told:
            told()

    def _forget_late(self) -> None:
        self._awaiting, self._on_late = None, None
