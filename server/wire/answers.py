"""The shapes of the answers, for OpenAPI and the tests. (Long: a list of records, one for each answer.)"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from server.wire.requests import TierName

CounterKind = Literal["desk", "table", "room"]
CounterState = Literal["closed", "open", "paused"]
TicketState = Literal[
    "waiting", "called", "serving", "on_hold", "finished", "no_show", "cancelled", "expired"
]
JobStateName = Literal[
    "queued", "claimed", "preflight", "sending", "sent", "printed", "unknown", "blocked", "expired", "reprint"
]


class Answer(BaseModel):
    """The base of every answer."""

    model_config = ConfigDict(extra="forbid")


class ErrorInside(Answer):
    code: str
    message: str
    detail: dict[str, Any]


class Error(Answer):
    """Every refusal."""

    error: ErrorInside


class User(Answer):
    id: str
    username: str
    name: str
    role: Literal["attendant", "supervisor", "admin"]
    unit: str | None


class Session(Answer):
    user: User
    csrf_token: str
    expires_at: datetime


class Device(Answer):
    id: str
    kind: Literal["kiosk", "panel", "printer", "feedback"]
    unit: str
    name: str
    also: list[str]  # further units that a kiosk gives out tickets for


class DeviceOnly(Answer):
    device: Device


class Paired(DeviceOnly):
    token: str


class NewDevice(DeviceOnly):
    code: str


class DeviceHealth(Device):
    online: bool
    paired: bool
    last_seen_at: datetime | None
    state: dict[str, Any]
    paused: bool  # a printer that the staff have stopped for a while


class OneDeviceHealth(Answer):
    device: DeviceHealth


class Devices(Answer):
    devices: list[DeviceHealth]


class Unit(Answer):
    id: str
    name: str
    address: str
    timezone: str
    open: bool
    opens_at: str | None
    closes_at: str | None


class Units(Answer):
    units: list[Unit]


class Estimate(Answer):
    low: int = Field(ge=0)
    high: int = Field(ge=5)


class Hours(Answer):
    opens: str
    closes: str


class MenuUnit(Answer):
    id: str
    name: str
    address: str
    timezone: str
    open: bool
    hours: Hours | None
    next_opening: datetime | None


class Language(Answer):
    code: str
    name: str


class MenuService(Answer):
    id: str
    name: str
    official_name: str
    description: str
    documents: list[str]
    keywords: list[str]
    prefix: str
    target_minutes: int
    open: bool
    closed_reason: Literal["unit_closed", "service_closed", "daily_cap_reached"] | None
    capped_tiers: list[TierName]
    next_opening: datetime | None
    waiting: int = Field(ge=0)
    estimate: Estimate | None


class MenuCategory(Answer):
    id: str
    icon: str
    name: str
    services: list[MenuService]


class MenuTier(Answer):
    id: TierName
    name: str
    description: str


class PrinterState(Answer):
    state: Literal["ready", "blocked", "unknown", "none"]
    cause: str | None


class Menu(Answer):
    unit: MenuUnit
    language: str
    languages: list[Language]
    categories: list[MenuCategory]
    tiers: list[MenuTier]
    notices: dict[str, str]
    message: str | None
    printer: PrinterState
    seq: int


class Call(Answer):
    ticket: str
    label: str
    service: str
    counter: str
    counter_number: str
    counter_kind: CounterKind
    calls: int
    at: datetime
    seq: int


class BoardView(Answer):
    unit: str
    seq: int
    day: date
    calls: list[Call]
    waiting: dict[str, int]
    counters: dict[str, CounterState]


class Event(Answer):
    unit: str
    seq: int
    type: str
    at: datetime
    data: dict[str, Any]


class Events(Answer):
    """Either events, or a snapshot for a screen that is too far behind."""

    seq: int
    events: list[Event] | None = None
    more: bool | None = None
    snapshot: BoardView | None = None


class Ticket(Answer):
    id: str
    unit: str
    day: date
    label: str
    prefix: str
    number: int
    service: str
    service_name: str
    tier: TierName
    language: str
    state: TicketState
    origin: str
    issued_at: datetime
    arrival_at: datetime
    called_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    waiting_since: datetime | None
    counter: str | None
    counter_number: str | None
    counter_kind: CounterKind | None
    attendant: str | None
    attendant_name: str | None
    reserved_counter: str | None
    reserved_attendant: str | None
    calls: int
    last_call_at: datetime | None
    reason: str | None
    reason_text: str | None
    note: str
    resolution: str | None
    performed: list[str]
    target_minutes: int | None
    wait_seconds: int | None
    walk_seconds: int | None
    service_seconds: int | None
    stay_seconds: int | None
    late_at: datetime | None
    version: int
    ahead: int | None
    estimate: Estimate | None
    follow_url: str | None


class OneTicket(Answer):
    ticket: Ticket


class Tickets(Answer):
    tickets: list[Ticket]


class QueuedTicket(Ticket):
    position: int


class Queue(Answer):
    counter: str | None
    seq: int
    total: int
    tickets: list[QueuedTicket]


class Policy(Answer):
    mode: Literal["law", "dedicated", "ratio", "accumulating"]
    ratio_n: int
    ratio_m: int
    rates: dict[TierName, float]
    enabled_by: str | None
    enabled_at: datetime | None
    notice: str | None


class OnePolicy(Answer):
    policy: Policy


class Counter(Answer):
    id: str
    number: str
    kind: CounterKind
    name: str
    zone: str
    state: CounterState
    attendant: str | None
    attendant_name: str | None
    profile: str
    profile_name: str
    pause_reason: str | None
    since: datetime | None
    idle_since: datetime | None
    ticket: str | None


class CounterOnly(Answer):
    counter: Counter


class Counters(Answer):
    counters: list[Counter]


class CounterAndTicket(CounterOnly):
    ticket: Ticket | None


class Colleague(Answer):
    id: str
    name: str


class Staff(Answer):
    attendants: list[Colleague]


class Called(Answer):
    ticket: Ticket | None
    reason: str | None
    reason_text: str | None


class JobRef(Answer):
    id: str
    state: JobStateName


class Issued(OneTicket):
    print_job: JobRef | None


class CopyRef(JobRef):
    copy_: int = Field(alias="copy")


class Reprinted(Answer):
    print_job: CopyRef


class JobView(Answer):
    id: str
    ticket: str
    copy_: int = Field(alias="copy")
    state: JobStateName
    cause: str | None
    created_at: datetime
    finished_at: datetime | None


class Job(Answer):
    job: JobView


class DocumentLayout(Answer):
    parts: list[str]
    large: bool
    logo: str | None


class Document(Answer):
    unit: str
    header: str
    label: str
    service: str
    tier: TierName
    tier_text: str
    issued_at: datetime
    ahead: int | None
    estimate: Estimate | None
    wait_text: str
    follow_url: str
    message: str
    copy_text: str | None
    language: str
    short_id: str
    layout: DocumentLayout


class ClaimedJob(Answer):
    id: str
    key: str
    copy_: int = Field(alias="copy")
    lease: int
    lease_seconds: int
    created_at: datetime
    expires_at: datetime
    document: Document


class PrinterOrders(Answer):
    paused: bool
    roll: datetime | None  # when a new roll was put in, as the supervisor said


class Claimed(Answer):
    job: ClaimedJob | None
    orders: PrinterOrders


class LayoutView(Answer):
    header: str
    message: dict[str, str]
    parts: list[str]
    large: bool
    logo: str | None  # base64 PNG


class PaperPrinter(Answer):
    dialect: str
    width: int


class TicketLayout(Answer):
    layout: LayoutView
    printer: PaperPrinter


class LayoutPicture(Answer):
    picture: str  # base64 PNG
    millimetres: int
    bytes: int


class HistoryEvent(Event):
    text: str


class History(Answer):
    events: list[HistoryEvent]


class FollowedTicket(Answer):
    label: str
    state: TicketState
    service_name: str
    language: str
    issued_at: datetime
    calls: int
    called_at: datetime | None
    position: int | None
    ahead: int | None
    estimate: Estimate | None
    counter: str | None
    counter_number: str | None
    counter_kind: CounterKind | None


class FollowedUnit(Answer):
    id: str
    name: str
    address: str
    look: str


class ServiceState(Answer):
    id: str
    open: bool


class ServiceOpen(Answer):
    service: ServiceState


class DayClosed(Answer):
    day: date
    expired: int
