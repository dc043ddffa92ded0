"""How a unit sets its panels, their play-list and its own look: bodies and answers of those routes."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from server.wire.answers import Answer
from server.wire.requests import LINE, LanguageCode, Request, Slug

Layout = Literal["calls", "media"]
Contrast = Literal["normal", "high"]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=160, pattern=LINE)]
Volume = Annotated[float, Field(ge=0, le=1)] | Annotated[int, Field(ge=0, le=1)]
Hour = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Day = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
Colour = Annotated[str, StringConstraints(to_lower=True, pattern=r"^#[0-9A-Fa-f]{6}$")]
Ids = Annotated[list[Slug], Field(max_length=100)]


class PanelSound(Request):
    """What a panel plays. ``languages``: in which the voice speaks, one after the other; empty: the screen's own."""

    enabled: bool = True
    volume: Volume = 1
    repeat: Annotated[int, Field(ge=0, le=3)] = 2
    languages: Annotated[list[LanguageCode], Field(max_length=3)] = Field(default_factory=list)


class PanelFilter(Request):
    """Which calls a panel announces: of these categories, and at the counters of these zones. Empty: all."""

    categories: Ids = Field(default_factory=list)
    zones: Ids = Field(default_factory=list)
    counters: Ids = Field(default_factory=list)


class PanelSettings(Request):
    """PUT …/panel/settings: for all panels of a unit, or for one. What is left out is not chosen here."""

    layout: Layout | None = None
    language: LanguageCode | None = None
    contrast: Contrast | None = None
    fresh_seconds: Annotated[int, Field(ge=5, le=3600)] | None = None
    sound: PanelSound | None = None
    filter: PanelFilter | None = None
    messages: Annotated[list[Words], Field(max_length=10)] | None = None


class MediaPlan(Request):
    """PUT …/media/{media}: when and for how long an item is shown. Days of the week: 1 is Monday."""

    model_config = ConfigDict(populate_by_name=True)

    alt: Annotated[str, StringConstraints(strip_whitespace=True, max_length=160, pattern=LINE)] = ""
    seconds: Annotated[int, Field(ge=3, le=600)] = 15
    on: bool = True
    from_day: Day | None = Field(default=None, alias="from")
    to_day: Day | None = Field(default=None, alias="to")
    starts: Hour | None = None
    ends: Hour | None = None
    days: Annotated[list[Annotated[int, Field(ge=1, le=7)]], Field(max_length=7)] = Field(
        default_factory=list
    )

    @model_validator(mode="after")
    def _in_order(self) -> MediaPlan:
        for given in (self.from_day, self.to_day):
            if given is not None:
                date.fromisoformat(given)  # ValueError: no such day
        if self.from_day and self.to_day and self.from_day > self.to_day:
            raise ValueError("the last day is before the first")
        if self.starts and self.starts == self.ends:
            raise ValueError("it would never be shown")
        return self


class MediaOrder(Request):
    """POST …/media/order: every item once, in the new order."""

    order: Annotated[list[Slug], Field(max_length=100)]


class BrandWish(Request):
    """PUT …/brand. Colours null: the house's own; ``ink`` null: white or dark, whichever is read better."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=LINE)]
    colour: Colour | None = None
    ink: Colour | None = None


class MediaItem(Answer):
    """One picture or video of the play-list."""

    id: str
    kind: Literal["image", "video"]
    url: str
    name: str
    bytes: int
    alt: str
    seconds: int
    on: bool
    from_day: str | None = Field(alias="from")
    to_day: str | None = Field(alias="to")
    starts: str | None
    ends: str | None
    days: list[int]


class PanelFilterInForce(BaseModel):
    """The filter put into services and counters: what the panel compares a call with."""

    services: list[str]
    counters: list[str]


class PanelSoundInForce(BaseModel):
    enabled: bool
    volume: float
    repeat: int
    languages: list[str]


class PanelInForce(Answer):
    layout: Layout
    language: str | None
    contrast: Contrast
    fresh_seconds: int
    sound: PanelSoundInForce
    filter: PanelFilterInForce | None
    messages: list[str]
    media: list[MediaItem]


class PanelView(Answer):
    """What a panel is to do."""

    settings: PanelInForce


class Named(Answer):
    id: str
    name: str


class PanelDevice(Answer):
    id: str
    name: str
    online: bool
    settings: PanelSettings | None


class PanelCounter(Answer):
    id: str
    number: str
    kind: str
    zone: str


class Limits(Answer):
    image_bytes: int
    video_bytes: int
    items: int


class PanelAdmin(Answer):
    """All that the supervisor's page of the panels shows."""

    settings: PanelSettings
    panels: list[PanelDevice]
    categories: list[Named]
    zones: list[str]
    counters: list[PanelCounter]
    media: list[MediaItem]
    limits: Limits


class OneMedia(Answer):
    media: MediaItem


class MediaList(Answer):
    media: list[MediaItem]


class Brand(Answer):
    name: str
    colour: str | None
    ink: str | None
    logo_url: str | None
    contrast: float | None


class BrandView(Answer):
    """A unit's name, colours and logo; ``contrast`` of the colour with its ink, null for the house's own."""

    brand: Brand


class ForecastFigures(Answer):
    """Minutes; an error below 0 means that people were called sooner than they were told."""

    judged: int
    inside: int
    sooner: int
    later: int
    share_inside: float | None
    mean_error_minutes: float
    mean_miss_minutes: float


class ForecastService(Answer):
    id: str
    name: str
    taken: int
    figures: ForecastFigures


class ForecastTicket(Answer):
    label: str
    service: str
    tier: str
    issued_at: str
    called_at: str | None
    ahead: int | None
    low: int | None
    high: int | None
    waited_minutes: float | None
    error_minutes: float | None


class ForecastReport(Answer):
    """How good the forecasts of one business day were."""

    day: str
    taken: int
    figures: ForecastFigures
    services: list[ForecastService]
    tickets: list[ForecastTicket]


SAFE_FILE = re.compile(r"^[0-9a-f-]{36}\.(png|jpg|webp|mp4|webm)$")
"""The name of a stored file: an id and what it is. Nothing of what a person typed."""
