"""What every use case is given: the house (store, clock, settings, catalogues) and the actor who asks."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from types import TracebackType
from typing import Any

import orjson
from sqlalchemy import Connection, Row

from server.domain.catalog import Catalog
from server.domain.errors import Refusal
from server.domain.numbering import business_day
from server.domain.presets import Preset, preset_from_dict
from server.domain.ticket import Rules
from server.push.post import Post
from server.store import catalog as catalogs
from server.store import idempotency, series, tickets
from server.store.accounts import record_audit
from server.store.idempotency import Key
from server.store.unit_of_work import Revision, Store
from server.store.work import Work
from server.usecases.ids import new_id
from server.usecases.outlook import RoomPace
from server.voice.synth import Voice

Clock = Callable[[], datetime]
Json = dict[str, Any]
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: a member of staff, a paired device, a citizen with a follow token, or the house itself."""

    kind: str  # staff, device, public, system
    id: str = ""
    name: str = ""
    role: str = ""  # attendant, supervisor, admin
    unit: str | None = None  # None: every unit (an admin, the system)
    device_kind: str = ""  # kiosk, panel, printer, feedback
    printer: str | None = None  # the printer beside a kiosk
    csrf_token: str = ""

    @property
    def ref(self) -> str:
        """How the journal and the audit name this actor."""
        return f"{self.kind}:{self.id}" if self.id else self.kind

    @property
    def leads(self) -> bool:
        """Whether this is a supervisor or an admin."""
        return self.role in {"supervisor", "admin"}

    def must_reach(self, unit_id: str) -> None:
        """Raises ``Refusal('wrong_unit')`` when the actor belongs to another unit."""
        if self.unit is not None and self.unit != unit_id:
            raise Refusal("wrong_unit", unit=unit_id)


SYSTEM = Actor("system")
PUBLIC = Actor("public")
MOST_HOMES = 10_000


class Doorman:
    """Remembers for a second which device a token belongs to: a kiosk or an agent asks several times in a row.

    Revoking forgets everybody in this process at once; another process may let the old token in for that second.
    Staff are remembered only where it can be told that nothing has changed (``Sessions``).
    """

    SECONDS = 1.0
    MOST = 2000

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, Any]] = {}

    def recall(self, token: str) -> Any:
        """What was remembered of this token, or None."""
        known = self._known.get(token)
        return known[1] if known is not None and known[0] > time.monotonic() else None

    def remember(self, token: str, who: Any) -> None:
        """Remember a token that has just been checked."""
        if len(self._known) >= self.MOST:
            self._known.clear()
        self._known[token] = (time.monotonic() + self.SECONDS, who)

    def forget_all(self) -> None:
        """A device was revoked."""
        self._known.clear()


class Sessions:
    """Remembers whose session a token is, for as long as nobody can have ended it: who loses a right is out with the
    next press, whoever took it. On PostgreSQL that cannot be told, and nothing is remembered.

    Good is what was read at the present ``Store.revision``. It is noted before the reading, so that a session which
    ends meanwhile is not remembered after all.
    """

    MOST = 2000

    def __init__(self) -> None:
        self._known: dict[str, tuple[Revision, Any]] = {}

    def recall(self, token: str, revision: Revision | None) -> Any:
        """The session's row as it was read at this very revision, or None."""
        known = self._known.get(token)
        return known[1] if known is not None and known[0] == revision else None

    def remember(self, token: str, revision: Revision | None, row: Any) -> None:
        """Keep a row that was read after ``revision`` was noted."""
        if revision is None:
            return
        if len(self._known) >= self.MOST:
            self._known.clear()
        self._known[token] = (revision, row)


@dataclass
class House:
    """The composition of one server process, as the use cases see it."""

    store: Store
    now: Clock
    public_url: str
    session_hours: int = 12
    is_relay_alive: Callable[[], bool] = lambda: True
    wait_for_print_job: Callable[[str, float], None] = lambda _printer, _seconds: None
    voice: Voice | None = None
    post: Post | None = None  # to telephones; None where the site is not on https
    doorman: Doorman = field(default_factory=Doorman)
    sessions: Sessions = field(default_factory=Sessions)
    room_pace: RoomPace = field(default_factory=RoomPace)
    _catalogs: dict[str, Catalog] = field(default_factory=dict)
    _carried: dict[str, tuple[int, Mapping[str, str]]] = field(default_factory=dict)
    _presets: dict[str, tuple[Any, Preset]] = field(default_factory=dict)
    _arrivals: dict[str, tuple[date, datetime | None]] = field(default_factory=dict)  # the latest of the day
    _homes: dict[str, str] = field(default_factory=dict)  # ticket: its unit

    def catalog(self, connection: Connection, unit_row: Row[Any]) -> Catalog:
        """The unit's catalogue, read again only when its version has changed."""
        known = self._catalogs.get(unit_row.id)
        if known is None or known.version != unit_row.catalog_version:
            known = catalogs.load(connection, unit_row)
            self._catalogs[unit_row.id] = known
        return known

    def arrival(self, work: Work, now: datetime) -> datetime:
        """The place in the order of arrival of somebody who comes now: behind all who came before, also when the clock
        was set back meanwhile, and though two come in the same microsecond."""
        latest = self._arrivals.get(work.unit.id)
        if latest is None or latest[0] != work.day:
            latest = work.day, tickets.latest_arrival(work.connection, work.unit.id, work.day)
        moment = now if latest[1] is None or now > latest[1] else latest[1] + _INSTANT
        self._arrivals[work.unit.id] = work.day, moment
        return moment

    def carried_over(self, work: Work) -> Mapping[str, str]:
        """Tickets that were in service when the day began, by id: their labels. Whether one still lives is not said."""
        closing = work.changes.get("day_seq")
        if closing is None:
            return self.carried_into(work.connection, work.unit)
        # This very command has closed the day before, and may yet be undone: nothing of it is kept.
        carried: Mapping[str, str] = next(e.data["carried"] for e in work.recorded if e.seq == closing)
        return carried

    def carried_into(self, connection: Connection, unit_row: Row[Any]) -> Mapping[str, str]:
        """The same for the day of a unit's row. Read once a day."""
        known = self._carried.get(unit_row.id)
        if known is None or known[0] != unit_row.day_seq:
            known = unit_row.day_seq, series.carried_over(connection, unit_row)
            self._carried[unit_row.id] = known
        return known[1]

    def preset(self, unit_row: Row[Any]) -> Preset:
        """The policy in force in the unit, read again only when another text is stored."""
        known = self._presets.get(unit_row.id)
        # The same text comes as the same object (store.types.SharedJson); keeping it keeps its identity from reuse.
        if known is None or known[0] is not unit_row.policy:
            known = unit_row.policy, preset_from_dict(unit_row.policy)
            self._presets[unit_row.id] = known
        return known[1]

    def unit_of(self, ticket_id: str) -> str:
        """The unit of a ticket, which never changes. Raises ``Refusal('unknown_ticket')``."""
        known = self._homes.get(ticket_id)
        if known is None:
            known = self.store.glance(lambda connection: tickets.get(connection, ticket_id)).unit
            self.remember_home(ticket_id, known)
        return known

    def remember_home(self, ticket_id: str, unit_id: str) -> None:
        """Who has just called a ticket will soon act on it."""
        if len(self._homes) >= MOST_HOMES:
            self._homes.clear()
        self._homes[ticket_id] = unit_id

    def unit(self, unit_id: str) -> AbstractContextManager[Work]:
        """Lock a unit for one command. If its business day has passed meanwhile, that day is closed first."""
        return _UnitToday(self, unit_id)

    def keyed(self, unit_id: str, key: Key | None, command: Callable[[Work], Json]) -> tuple[Json, bool]:
        """Run a command on a locked unit under its idempotency key: ``(answer, is_new)``.

        The answer is stored in the command's own transaction, so that a retry finds either both or neither. The key is
        not looked up first: that would cost every command a question whose answer is nearly always no. A key that is
        known shows itself when the answer cannot be stored, or in a refusal (whoever asks again for the next ticket
        has one in hand by now); then all that the repeated command did is rolled back, and the first answer goes out.
        Raises ``Refusal('idempotency_key_reused')`` when the key came with another body before.
        """
        try:
            with self.unit(unit_id) as work:
                if key is None:
                    return command(work), True
                try:
                    answer = Answer(command(work))
                except Refusal:
                    _raise_if_known(work, key)
                    raise
                answer.text = _text_of(answer)
                if not idempotency.keep(work.connection, key, work.unit.id, work.day, answer.text):
                    _raise_if_known(work, key)
        except _AnsweredBeforeError as before:
            return orjson.loads(before.text), False
        return answer, True


class _UnitToday:
    """A locked unit on its present business day. A class, not a generator: every press of a button passes here."""

    __slots__ = ("_house", "_locked", "_unit_id", "_work")

    def __init__(self, house: House, unit_id: str) -> None:
        self._house, self._unit_id = house, unit_id
        self._locked = house.store.lock_unit(unit_id)

    def __enter__(self) -> Work:
        self._work = work = self._locked.__enter__()
        try:
            now = self._house.now()
            if today(work.unit, now) > work.day:
                _roll_day(work, now)
        except BaseException as error:
            self._locked.__exit__(type(error), error, error.__traceback__)
            raise
        return work

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._locked.__exit__(kind, error, trace)
        if error is None and any(event.type.startswith("counter.") for event in self._work.recorded):
            self._house.room_pace.forget(self._unit_id)


def _roll_day(work: Work, now: datetime) -> None:
    from server.usecases.endofday import roll_day  # which knows the house; needed once a day

    roll_day(work, now)


class _AnsweredBeforeError(Exception):
    """Leaves a command's transaction, so that it rolls back, with the answer that its key has got before."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def _raise_if_known(work: Work, key: Key) -> None:
    known = idempotency.find(work.connection, key)
    if known is not None:
        raise _AnsweredBeforeError(known)


def today(unit_row: Row[Any], now: datetime) -> date:
    """The unit's business day at this moment."""
    # No zone changes its clocks, and no day begins, in mid-minute.
    return _day_of(now.replace(second=0, microsecond=0), unit_row.timezone)


@lru_cache(maxsize=512)
def _day_of(minute: datetime, timezone: str) -> date:
    return business_day(minute, timezone)


def rules_of(unit_row: Row[Any]) -> Rules:
    """The unit's courtesy rules, with the law's defaults for what it does not set."""
    return Rules(**unit_row.settings.get("rules", {}))


def _text_of(answer: Json) -> str:
    return orjson.dumps(answer).decode()


class Answer(Json):
    """An answer that was put into text once, for its key, and goes out as that very text."""

    text: str = ""


def audited(
    connection: Connection,
    actor: Actor,
    now: datetime,
    action: str,
    subject: str,
    unit: str | None,
    **detail: Any,
) -> None:
    """Note a staff action in the audit trail, in the action's own transaction."""
    record_audit(
        connection,
        id=new_id(now),
        at=now,
        unit=unit,
        actor=actor.ref,
        action=action,
        subject=subject,
        detail=detail,
    )
