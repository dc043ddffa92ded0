"""One station: the jobs of one token, printed on one printer, in order, and the truth about each told to
the server.

The order of things is what keeps a ticket from coming out twice: the spool remembers `sending` on disk,
then the server confirms that the lease is still ours, then the first byte leaves; and once a byte was
accepted, no machine sends it again.
"""

from __future__ import annotations

import logging
import secrets
import string
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from printer import document, render
from printer.bytebuilder import NoBuilder
from printer.client import Client, Refused, Unreachable
from printer.device import Device, Outcome
from printer.job import Event, State
from printer.orders import Orders
from printer.spool import Job, Spool
from printer.status import WORDS, Cause
from printer.transports import TransportError

log = logging.getLogger(__name__)
_ALPHABET = string.ascii_letters + string.digits
LONG_POLL = 10  # seconds; the answer to a claim that the agent no longer waits for costs a lease
_SAFETY_POLL = 10.0  # seconds between looks for a job while the bell works
_STALE_LEASE = 5.0  # seconds of the lease kept in hand when the server cannot be asked


class Station:
    """Claims, prints and reports. `run` is a thread's whole life; all other methods are for tests and that
    thread.
    """

    def __init__(self, name: str, client: Client, device: Device, spool: Spool, width: int) -> None:
        self.name = name  # whose jobs in the spool are ours
        self.title = name  # what people call it
        self.client = client
        self.device = device
        self.spool = spool
        self.width = width
        self.orders = Orders(spool, name, device.transport.address)
        self.bell = threading.Event()
        self.bell_works: Callable[[], bool] = lambda: False
        self.owes = threading.Event()
        self.stop = threading.Event()
        self.busy = False
        self.alive_at = time.monotonic()
        self.refused = ""
        self._warned: set[str] = set()
        self._server_away = False
        self._lease_until = 0.0

    # -- the loop ------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Work until `stop`; survives whatever server and printer do."""
        pause = 0.5
        while not self.stop.is_set():
            self.alive_at = time.monotonic()
            try:
                self.step()
                pause = 0.5
                self.refused = ""
                self._reached()
            except Unreachable as error:
                if self.stop.is_set():
                    return
                self._away(error)
                pause = min(pause * 2, 10.0)
                self.stop.wait(pause)
            except Refused as error:
                self._on_refusal(error)
                self.stop.wait(10.0)
            except Exception:
                # The last line of defence: one bad job must not silence the printer for everybody else.
                log.exception("%s: erro inesperado", self.title)
                self.stop.wait(2.0)

    def _away(self, error: Unreachable) -> None:
        """Say once that the server is away: it may be away all night."""
        if not self._server_away:
            log.warning("%s: %s", self.title, error)
        self._server_away = True

    def _reached(self) -> None:
        if self._server_away:
            log.info("%s: servidor alcançado de novo", self.title)
        self._server_away = False

    def _on_refusal(self, error: Refused) -> None:
        if self.refused != error.code:
            self.refused = error.code
            hint = "; gere um novo token para este agente" if error.status == 401 else ""
            log.error("%s: o servidor recusou (%s): %s%s", self.title, error.code, error, hint)

    def step(self) -> None:
        """Report what is owed, print what waits here, then what the server has."""
        self.flush()
        for job in self.spool.queued(self.name):
            if self.stop.is_set() or self.orders.paused:
                break
            self._lease_until = 0.0  # from before a restart: only the server knows whether it is still ours
            self.work(job)
        bell = self.bell_works()
        self.bell.clear()
        if self.stop.is_set():
            return
        claimed = self.client.claim(0 if bell else LONG_POLL)
        self.orders.obey(self.client.orders)
        if claimed is None:
            if bell:
                self.bell.wait(_SAFETY_POLL)
            return
        self.accept(claimed)

    def flush(self) -> None:
        """Tell the server of ends that it has not heard of. Raises Unreachable."""
        for job in self.spool.unreported(self.name):
            self._report_end(job)

    def accept(self, claimed: dict[str, Any]) -> None:
        """Take over a claimed job: print it, or say again what became of it."""
        try:
            lease = float(claimed["lease_seconds"])
            expires = datetime.fromisoformat(claimed["expires_at"]).timestamp()
            job_id, key, wanted = str(claimed["id"]), str(claimed["key"]), claimed.get("document")
            number = claimed.get("lease")
        except (KeyError, ValueError, TypeError) as error:
            raise Unreachable(f"o servidor enviou um trabalho sem sentido: {error!r}") from error
        self._lease_until = time.monotonic() + lease - _STALE_LEASE
        self.busy = True
        try:
            self._take(job_id, key, wanted, expires, number if isinstance(number, int) else None)
        finally:
            self.busy = False

    def _take(self, job_id: str, key: str, wanted: Any, expires: float, lease: int | None) -> None:
        document_ = wanted if isinstance(wanted, dict) else {}
        job = self.spool.take(self.name, job_id, key, document_, expires, lease)
        if job.state is State.CLAIMED:
            self.work(job)
        else:
            self._retell(job)

    def _retell(self, job: Job) -> None:
        """The server claims to us a key that has already ended here: its own memory is older than ours."""
        log.info("%s: %s já terminou aqui como %s", self.title, job.key, job.state)
        self._report_end(job)

    # -- one job -------------------------------------------------------------------------------------------

    def work(self, job: Job) -> None:
        """Print `job`, waiting for the printer as long as the job lives."""
        if job.state is State.QUEUED:
            job = self.spool.move(job.key, Event.CLAIM)
        try:
            printout = render.render(document.parse(job.document), self.device.dialect, self.width)
        except (document.Rejected, NoBuilder) as error:
            log.error("%s: %s recusado: %s", self.title, job.key, error)  # noqa: TRY400 -- one line, no trace
            self._end(job, Event.EXPIRE, "rejected")
            return
        self._warn(printout.warnings)
        while not self.stop.is_set() and not self.orders.paused:
            if job.expires_at <= self.client.server_time():
                self._end(job, Event.EXPIRE, "too_old")
                return
            if self._attempt(job, printout):
                return
            now = self.spool.find(job.key)
            if now is None:
                return
            job = now
            if job.state is State.BLOCKED:
                self._stay_blocked(job)
                if self.spool.find(job.key) is None:
                    return
            elif time.monotonic() >= self._lease_until:
                break  # another station has kept the printer busy for too long
        self._give_back(job)

    def _warn(self, warnings: tuple[str, ...]) -> None:
        """Log each warning once: the same layout comes with every ticket."""
        for warning in set(warnings) - self._warned:
            self._warned.add(warning)
            log.warning("%s: %s", self.title, warning)

    def _attempt(self, job: Job, printout: render.Printout) -> bool:
        """Try once; True when the job has ended (well or not), False when nothing was sent."""
        if not self.device.lock.acquire(timeout=2.0):  # another station's ticket is being printed
            if self.device.status.cause:
                self.spool.move(job.key, Event.BLOCK, self.device.status.cause, durable=False)
            return False
        try:
            self.spool.move(job.key, Event.PREFLIGHT, durable=False)
            self.device.look()
            if not self.device.may_send():
                self.spool.move(job.key, Event.BLOCK, self.device.status.cause, durable=False)
                return False
            self.spool.move(job.key, Event.SEND)
            if not self._lease_holds(job):
                return True
            return self._send(job, printout)
        finally:
            self.device.lock.release()

    def _lease_holds(self, job: Job) -> bool:
        """Ask the server whether the job is still ours; if it cannot be asked, the time left on the lease
        decides.
        """
        try:
            self.client.report(job.id, "sending", timeout=3.0, lease=job.lease)
        except Refused as error:
            log.warning("%s: %s não é mais nosso (%s)", self.title, job.key, error.code)
            self.spool.drop(job.key)
            return False
        except Unreachable:
            if time.monotonic() >= self._lease_until:
                self.spool.move(job.key, Event.RELEASE)
                raise
        self._lease_until = time.monotonic() + 20.0 - _STALE_LEASE
        return True

    def _send(self, job: Job, printout: render.Printout) -> bool:
        tag = "".join(secrets.choice(_ALPHABET) for _ in range(4)).encode()
        try:
            self.device.send(printout.data, tag)
        except TransportError as error:
            log.warning("%s: %s", self.title, error)
            if not error.accepted:
                self.spool.move(job.key, Event.BLOCK, Cause.OFFLINE)
                return False
            self._end(job, Event.DOUBT, self.device.look().cause or Cause.NO_ANSWER)
            return True
        self.spool.move(job.key, Event.SENT, durable=False)
        self._judge(job, printout, tag, self.device.confirm(tag, printout.millimetres))
        return True

    def _judge(self, job: Job, printout: render.Printout, tag: bytes, outcome: Outcome) -> None:
        self.spool.add_millimetres(self.device.transport.address, printout.millimetres)
        if outcome.printed:
            self._end(job, Event.CONFIRM, None, printout.millimetres, outcome.confirm_ms)
            return
        cause = outcome.cause or Cause.NO_ANSWER
        log.warning("%s: %s sem confirmação (%s)", self.title, job.key, WORDS[cause])
        self.device.expect_late(tag, lambda: self._late(job.key))
        self._end(job, Event.DOUBT, cause, printout.millimetres)

    def _late(self, key: str) -> None:
        """The printer finished the ticket after all, after a refill, say."""
        log.info("%s: %s confirmado com atraso", self.title, key)
        self.spool.move(key, Event.CONFIRM)
        self.owes.set()  # told by a thread of ours, not by whoever has just read the printer

    # -- telling -------------------------------------------------------------------------------------------

    def _stay_blocked(self, job: Job) -> None:
        """Say that the job waits (which renews the lease), then wait for the printer to change."""
        before = self.device.status
        try:
            self.client.report(job.id, "blocked", cause=job.cause, lease=job.lease)
            self._lease_until = time.monotonic() + 20.0 - _STALE_LEASE
        except Unreachable as error:
            log.warning("%s: %s", self.title, error)
        except Refused as error:
            # Called, cancelled, or reprinted meanwhile: nothing was sent, so it is simply no longer ours.
            log.info("%s: %s não é mais nosso (%s)", self.title, job.key, error.code)
            self.spool.drop(job.key)
            return
        left = max(0.1, min(5.0, job.expires_at - self.client.server_time()))
        deadline = time.monotonic() + left
        while not self.stop.is_set() and not self.orders.paused and time.monotonic() < deadline:
            self.alive_at = time.monotonic()
            if self.device.wait_change(before, 0.5) != before:
                return

    def _give_back(self, job: Job) -> None:
        """The agent is stopping or paused: somebody else, or we afterwards, may print it."""
        self.spool.move(job.key, Event.RELEASE)
        try:
            self.client.report(job.id, "queued", timeout=2.0, lease=job.lease)
        except (Refused, Unreachable) as error:
            log.info("%s: %s", self.title, error)
            return
        self.spool.drop(job.key)

    def _end(
        self,
        job: Job,
        event: Event,
        cause: str | None,
        millimetres: int | None = None,
        confirm_ms: int | None = None,
    ) -> None:
        ended = self.spool.move(job.key, event, cause, millimetres=millimetres, confirm_ms=confirm_ms)
        try:
            self._report_end(ended)
        except Unreachable as error:
            log.warning("%s: %s", self.title, error)  # `flush` tells it later

    def _report_end(self, job: Job) -> None:
        try:
            self._say_end(job)
        except Refused as error:
            if error.status == 401:
                raise
            # The server has settled it otherwise, by a person say; our word is no longer asked for.
            log.info("%s: %s: o servidor não quis saber (%s)", self.title, job.key, error.code)
        self.spool.reported(job.key, job.state)

    def _say_end(self, job: Job) -> None:
        facts: dict[str, Any] = {
            "cause": job.cause,
            "millimetres": job.millimetres,
            "confirm_ms": job.confirm_ms,
            "lease": job.lease,
        }
        try:
            self.client.report(job.id, job.state, **facts)
        except Refused as error:
            if error.status != 409 or job.state not in (State.PRINTED, State.UNKNOWN):
                raise
            # It may have missed that we were sending; told so, it can follow.
            self.client.report(job.id, "sending", lease=job.lease)
            self.client.report(job.id, job.state, **facts)
