"""What a unit offers: categories and services, with their words in every language of the screens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from server.domain.numbering import Series
from server.domain.policy import Profile

LANGUAGES = ("pt-BR", "en", "es")
DEFAULT_LANGUAGE = "pt-BR"
Words = Mapping[str, str]
T = TypeVar("T")


def in_language(words: Mapping[str, T], language: str) -> T:
    """The text in ``language``, else in Portuguese (which every text has)."""
    found = words.get(language)
    return words[DEFAULT_LANGUAGE] if found is None else found


@dataclass(frozen=True, slots=True)
class Category:
    """A group of services on the kiosk."""

    id: str
    icon: str
    name: Words


@dataclass(frozen=True, slots=True)
class Service:
    """What a citizen came for, as one unit offers it."""

    id: str
    category: str
    prefix: str  # letter of its number series; several services may share one
    name: Words
    official_name: str
    description: Words
    documents: Mapping[str, list[str]]  # what to bring (Service Charter, Lei 13.460/2017 art. 7)
    keywords: Mapping[str, list[str]]
    target_minutes: int
    typical_seconds: int  # for the forecast, until the service has a pace of its own
    open: bool
    hours: dict[str, Any] | None  # None: the unit's hours
    daily_cap: int | None


@dataclass(frozen=True, slots=True)
class Catalog:
    """All of a unit that changes by administration only."""

    unit: str
    version: int
    categories: tuple[Category, ...]
    services: Mapping[str, Service]
    series: Mapping[str, Series]
    profiles: Mapping[str, Profile]
    lines: Mapping[str, frozenset[str]]  # from ``waiting_lines``, worked out once

    def companions(self, service_id: str) -> frozenset[str]:
        """The services that share a counter profile with this one: together they form one waiting line."""
        return self.lines.get(service_id) or frozenset({service_id})


def waiting_lines(services: Iterable[str], profiles: Iterable[Profile]) -> dict[str, frozenset[str]]:
    """For each service, all services that some counter profile calls together with it, itself included."""
    reach = [profile.services for profile in profiles]
    return {
        service: frozenset({service}).union(*(together for together in reach if service in together))
        for service in services
    }
