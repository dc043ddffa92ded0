"""What a citizen's phone sends and is told: the follow page, the rating, a ticket from the web."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from server.wire.answers import Answer, FollowedTicket, FollowedUnit
from server.wire.requests import LINE, IssueTicket, LanguageCode, Note, Request


class RateVisit(Request):
    """POST /tickets/follow/{token}/rating: one (bad) to five (very good), and a few words if wanted."""

    score: Annotated[int, Field(ge=1, le=5)]
    comment: Note = ""


class TakeFromWeb(IssueTicket):
    """POST /units/{unit}/web-tickets: as at the kiosk."""


B64 = r"^[A-Za-z0-9_-]+={0,2}$"


class BrowserKeys(Request):
    """What a browser's ``PushSubscription`` calls its keys, base64url."""

    p256dh: Annotated[str, StringConstraints(min_length=80, max_length=100, pattern=B64)]
    auth: Annotated[str, StringConstraints(min_length=16, max_length=40, pattern=B64)]


class TellMe(Request):
    """POST /tickets/follow/{token}/push: tell this browser of the ticket's calls."""

    endpoint: Annotated[str, StringConstraints(min_length=10, max_length=1000, pattern=LINE)]
    keys: BrowserKeys
    language: LanguageCode | None = None


class TellMeNoMore(Request):
    """DELETE /tickets/follow/{token}/push"""

    endpoint: Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=LINE)]


class CitizensTicket(FollowedTicket):
    late_at: datetime | None


class MayDo(Answer):
    late: bool
    give_up: bool
    rate: bool


class Follow(Answer):
    """The phone page of a ticket."""

    ticket: CitizensTicket
    unit: FollowedUnit
    closed: bool
    can: MayDo
    rating: int | None
    # With which a browser may subscribe to the ticket's calls; None: not here, or no more.
    push_key: str | None


class WebTicket(Answer):
    """A ticket taken from the web: its number, and where to follow it."""

    label: str
    follow_url: str
    ahead: int | None


class Comment(Answer):
    label: str
    service_name: str
    score: int
    comment: str
    at: datetime


class Satisfaction(Answer):
    """What citizens said of today's visits."""

    day: date
    count: int
    average: float | None
    scores: dict[str, int]
    comments: list[Comment]


class SwitchWebIssue(Request):
    """POST /units/{unit}/web-issue: whether the unit gives out tickets on its public page."""

    on: bool


class WebIssue(Answer):
    on: bool
    url: str
