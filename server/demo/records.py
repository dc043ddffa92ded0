"""The records of the demo: what a city, its people and its devices are, before any database."""

from collections.abc import Mapping
from dataclasses import dataclass

LANGUAGES = ("pt-BR", "en", "es")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TIERS = ("normal", "priority", "eighty_plus", "donor")
COUNTER_KINDS = ("desk", "table", "room")
ROLES = ("attendant", "supervisor", "admin")
DEVICE_KINDS = ("kiosk", "panel", "printer", "feedback")

Text = Mapping[str, str]
"""The same words in each of LANGUAGES, never empty."""

Texts = Mapping[str, tuple[str, ...]]
"""A list of words in each of LANGUAGES; only lists of keywords may differ in length between languages."""


Hours = Mapping[str, tuple[tuple[str, str], ...]]
"""Weekday (one left out is closed) to its intervals, e.g. ``("08:00", "17:00")`` (domain.hours)."""


class DemoDataError(ValueError):
    """The demo files contradict themselves; the message names the file, the item and what is wrong."""


@dataclass(frozen=True, slots=True)
class Language:
    code: str
    name: str  # in the language itself


@dataclass(frozen=True, slots=True)
class Category:
    id: str
    icon: str  # a lucide icon name
    name: Text


@dataclass(frozen=True, slots=True)
class Service:
    id: str
    category: str
    prefix: str  # series letter; services of one category share a series
    name: Text  # plain words, for the citizen
    official_name: str  # as the city publishes it, pt-BR
    description: Text
    documents: Texts  # what to bring
    keywords: Texts  # other words a citizen may search for
    target_minutes: int  # longest wait promised
    typical_service_minutes: int  # for forecasts before there is a history


@dataclass(frozen=True, slots=True)
class Profile:
    id: str  # unique in its unit
    name: str
    levels: tuple[tuple[str, ...], ...]  # service ids, top first, each once
    overflow_minutes: int | None  # after which a lower level no longer gives way; None: never
    dedicated: bool  # its counters serve the priority tiers only


@dataclass(frozen=True, slots=True)
class Counter:
    id: str  # "centro-3", unique in the installation
    number: str
    kind: str  # one of COUNTER_KINDS
    profile: str


@dataclass(frozen=True, slots=True)
class Unit:
    id: str
    name: str
    address: str
    timezone: str
    hours: Hours
    services: tuple[str, ...]
    profiles: tuple[Profile, ...]
    counters: tuple[Counter, ...]
    ticket_header: str
    ticket_message: Text


@dataclass(frozen=True, slots=True)
class User:
    username: str
    name: str
    role: str  # one of ROLES
    unit: str | None  # None: every unit
    password: str  # for demonstrations only; stored as a hash like any other


@dataclass(frozen=True, slots=True)
class Device:
    id: str
    kind: str  # one of DEVICE_KINDS
    unit: str
    name: str


@dataclass(frozen=True, slots=True)
class Tier:
    id: str  # one of TIERS
    name: Text  # on the kiosk
    ticket_text: Text  # on paper; never tells the condition
    description: Text


@dataclass(frozen=True, slots=True)
class Notices:
    companion: Text
    priority: Text  # every group, Lei 10.048/2000 art. 1
    priority_short: Text
    law_reference: Text


@dataclass(frozen=True, slots=True)
class Demo:
    languages: tuple[Language, ...]
    tiers: tuple[Tier, ...]
    notices: Notices
    categories: tuple[Category, ...]
    services: tuple[Service, ...]
    units: tuple[Unit, ...]
    users: tuple[User, ...]
    devices: tuple[Device, ...]
