"""What clients may send. Strict: wrong types and unknown fields are refused, strings are trimmed and bounded."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

# Control characters are no part of a name; a note may have its lines. (PostgreSQL keeps no NUL in a text at all.)
LINE = r"^[^\x00-\x1f\x7f]*$"
LINES = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
HALF_PAIRS = re.compile("[\ud800-\udfff]")
Slug = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=LINE)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=LINE)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=LINES)]
ISO_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d")
TierName = Literal["eighty_plus", "priority", "donor", "normal"]
LanguageCode = Literal["pt-BR", "en", "es"]


def _plain(value: object) -> object:
    # Before the union below, which would name one problem for each of its branches.
    if value is None or isinstance(value, int | float) or (isinstance(value, str) and _is_text(value)):
        return value
    raise PydanticCustomError("plain_value", "a text, a number, true, false or null")


def _is_text(value: str) -> bool:
    """What a database and a wire can hold: no half of a surrogate pair, no control characters."""
    return re.match(LINES, value) is not None and HALF_PAIRS.search(value) is None


def _iso(value: object) -> object:
    # pydantic takes numbers, and texts of digits, for seconds since 1970; nobody means an appointment so.
    if isinstance(value, datetime) or (isinstance(value, str) and ISO_MOMENT.match(value)):
        return value
    raise PydanticCustomError("iso_8601", "a date and a time with offset, ISO-8601")


class Request(BaseModel):
    """The base of every body."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Nothing(Request):
    """A command that needs no words."""


class Login(Request):
    """POST /session"""

    username: Annotated[
        str,
        StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=60, pattern=LINE),
    ]
    password: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Pair(Request):
    """POST /devices/pair"""

    code: Annotated[
        str,
        StringConstraints(strip_whitespace=True, to_upper=True, min_length=4, max_length=20, pattern=LINE),
    ]


class Heartbeat(Request):
    """POST /devices/heartbeat: how a device is, in its own few words."""

    state: dict[
        Annotated[str, StringConstraints(max_length=40, pattern=LINE)],
        Annotated[str | int | float | bool | None, BeforeValidator(_plain)],
    ] = Field(default_factory=dict, max_length=20)

    @model_validator(mode="after")
    def _short(self) -> Heartbeat:
        if any(isinstance(value, str) and len(value) > 200 for value in self.state.values()):
            raise ValueError("a value is longer than 200 characters")
        return self


class IssueTicket(Request):
    """POST /units/{unit}/tickets"""

    service: Slug
    tier: TierName = "normal"
    language: LanguageCode = "pt-BR"
    large_print: bool = False  # the paper in letters for low vision


class CheckIn(IssueTicket):
    """POST /units/{unit}/check-ins: somebody with an appointment is here."""

    # JSON has no time type: the text is read here, the offset is a must.
    booked: Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_iso)]


class OnTicket(Request):
    """An action on a ticket. With the ``version`` that the sender has seen it is refused if the ticket has moved on."""

    version: Annotated[int, Field(ge=1)] | None = None


class OnTicketWithReason(OnTicket):
    """POST /tickets/{id}/hold and /cancel"""

    reason: Reason


class OnTicketMaybeReason(OnTicket):
    """POST /tickets/{id}/return"""

    reason: Reason | None = None


class WithReason(Request):
    """A command that must be justified: pause, reprint."""

    reason: Reason


class MaybeReason(Request):
    """A command that may be justified."""

    reason: Reason | None = None


class CallTicket(OnTicket):
    """POST …/call: out of order, with the reason that the journal keeps."""

    ticket: Slug
    reason: Reason


class Finish(OnTicket):
    """POST /tickets/{id}/finish"""

    resolution: Literal["resolved", "pending"] = "resolved"
    services: list[Slug] = Field(default_factory=list, max_length=20)
    note: Note | None = None


class Transfer(OnTicket):
    """POST /tickets/{id}/transfer: to a service, and/or to one counter or attendant."""

    service: Slug | None = None
    counter: Slug | None = None
    attendant: Slug | None = None
    place: Literal["keep", "last"] = "keep"
    note: Note | None = None

    @model_validator(mode="after")
    def _somewhere(self) -> Transfer:
        if not (self.service or self.counter or self.attendant):
            raise ValueError("say where to: service, counter or attendant")
        if self.counter and self.attendant:
            raise ValueError("either a counter or an attendant")
        return self


class ChangeTier(OnTicket):
    """POST /tickets/{id}/tier"""

    tier: TierName
    reason: Reason


class NextService(OnTicket):
    """POST /tickets/{id}/next-service"""

    service: Slug
    note: Note | None = None


class Claim(Request):
    """POST /print-jobs/claim; ``wait`` seconds to hold the answer."""

    wait: Annotated[float, Field(ge=0, le=25)] = 0


class Report(Request):
    """POST /print-jobs/{id}/report"""

    state: Literal["preflight", "sending", "sent", "printed", "unknown", "blocked", "queued", "expired"]
    cause: (
        Literal[
            "paper_out", "cover_open", "cutter", "mechanical", "offline", "no_answer", "rejected", "too_old"
        ]
        | None
    ) = None
    detail: Annotated[str, StringConstraints(max_length=200, pattern=LINES)] | None = None
    millimetres: Annotated[int, Field(ge=0, le=100_000)] | None = None
    confirm_ms: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    # The number that came with the claim: of two agents with one token, only the latest lease may speak.
    lease: Annotated[int, Field(ge=1)] | None = None


PartName = Literal[
    "logo", "header", "unit", "copy", "service", "number", "tier", "time", "wait", "qr", "url", "message", "id"
]  # fmt: skip
# Cleaned of control and bidi characters instead of refused: they come along unseen when a text is pasted.
PaperText = Annotated[str, StringConstraints(max_length=400)]


class PaperMessage(Request):
    """The words at the foot of a ticket, in each language."""

    pt_br: PaperText = Field(default="", alias="pt-BR")
    en: PaperText = ""
    es: PaperText = ""


class TicketLayout(Request):
    """PUT /units/{unit}/ticket-layout"""

    header: PaperText
    message: PaperMessage
    parts: list[PartName] = Field(max_length=13)
    large: bool = False


class LayoutPreview(TicketLayout):
    """POST /units/{unit}/ticket-layout/preview: a layout that is not stored yet."""

    language: LanguageCode = "pt-BR"
    large_print: bool = False


class NewLogo(Request):
    """PUT /units/{unit}/ticket-layout/logo: a PNG or JPEG file in base64."""

    picture: Annotated[str, StringConstraints(min_length=4, max_length=4_000_000)]


class OpenService(Request):
    """POST /units/{unit}/services/{service}/open: open or close a service for today and after."""

    open: bool


class ShareDevice(Request):
    """POST …/devices/{device}/units: the further units of a kiosk."""

    units: list[Slug] = Field(max_length=20)


class NewDevice(Request):
    """POST /units/{unit}/devices"""

    kind: Literal["kiosk", "panel", "printer", "feedback"]
    name: Slug


def problems(error: Any) -> list[dict[str, str]]:
    """pydantic's findings as ``[{field, problem}]``: where, and its stable name for what is wrong."""
    return [
        {"field": ".".join(str(part) for part in found["loc"]) or "body", "problem": found["type"]}
        for found in error.errors(include_url=False, include_context=False, include_input=False)
    ]
