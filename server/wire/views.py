"""How rows and records look on the wire (docs/protocol.md). Plain dicts: they are built on every command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from server.domain.catalog import Service, in_language
from server.domain.estimate import Range
from server.domain.ticket import Ticket
from server.wire.moments import iso
from server.wire.words import reason_text

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Eyes:
    """Who looks, and what is needed to put ids into words: language, time zone, services, counters, names."""

    language: str
    timezone: str
    services: Mapping[str, Service]
    counters: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # id → (number, kind)
    names: Mapping[str, str] = field(default_factory=dict)  # account id → name

    def service_name(self, service_id: str) -> str:
        """The service in the reader's language; its id if the unit no longer offers it."""
        service = self.services.get(service_id)
        return service_id if service is None else in_language(service.name, self.language)


def estimate_view(forecast: Range | None) -> Json | None:
    """Minutes from and to, or None: "sem previsão"."""
    return None if forecast is None else {"low": forecast.low_minutes, "high": forecast.high_minutes}


def ticket_view(
    t: Ticket,
    eyes: Eyes,
    *,
    ahead: int | None = None,
    estimate: Range | None = None,
    follow_url: str | None = None,
) -> Json:
    """A ticket as staff and the kiosk that issued it see it. (Long: one line for each field.)"""
    number, kind = eyes.counters.get(t.counter or "", (None, None))
    service = eyes.services.get(t.service)
    return {
        "id": t.id,
        "unit": t.unit,
        "day": t.day.isoformat(),
        "label": t.label,
        "prefix": t.prefix,
        "number": t.number,
        "service": t.service,
        "service_name": eyes.service_name(t.service),
        "tier": str(t.tier),
        "language": t.language,
        "state": str(t.state),
        "origin": t.origin,
        "issued_at": iso(t.issued_at, eyes.timezone),
        "arrival_at": iso(t.arrival_at, eyes.timezone),
        "called_at": iso(t.called_at, eyes.timezone),
        "started_at": iso(t.started_at, eyes.timezone),
        "finished_at": iso(t.finished_at, eyes.timezone),
        "waiting_since": iso(t.waiting_since, eyes.timezone),
        "counter": t.counter,
        "counter_number": number,
        "counter_kind": kind,
        "attendant": t.attendant,
        "attendant_name": eyes.names.get(t.attendant or ""),
        "reserved_counter": t.reserved_counter,
        "reserved_attendant": t.reserved_attendant,
        "calls": t.calls,
        "last_call_at": iso(t.last_call_at, eyes.timezone),
        "reason": t.reason,
        "reason_text": reason_text(eyes.language, t.reason, t.reason_detail),
        "note": t.note,
        "resolution": t.resolution,
        "performed": list(t.performed),
        "target_minutes": service.target_minutes if service else None,
        "wait_seconds": t.wait_seconds if t.called_at or t.finished_at else None,
        "walk_seconds": t.walk_seconds if t.started_at or t.finished_at else None,
        "service_seconds": t.service_seconds if t.finished_at or t.service_seconds else None,
        "stay_seconds": t.stay_seconds,
        "late_at": iso(t.late_at, eyes.timezone),
        "version": t.version,
        "ahead": ahead,
        "estimate": estimate_view(estimate),
        "follow_url": follow_url,
    }


def counter_view(row: Any, timezone: str, label_in_hand: str | None) -> Json:
    """A counter as staff see it; ``row`` is a row of the counter table."""
    # With somebody in hand the row still has the moment of before: a call does not write it.
    free_since = row.free_since if row.state == "open" and label_in_hand is None else None
    return {
        "id": row.id,
        "number": row.number,
        "kind": row.kind,
        "name": row.name,
        "zone": row.zone,
        "state": row.state,
        "attendant": row.attendant,
        "attendant_name": row.attendant_name,
        "profile": row.profile,
        "profile_name": row.profile_name,
        "pause_reason": row.pause_reason,
        "since": iso(row.since, timezone),
        "idle_since": iso(free_since, timezone),
        "ticket": label_in_hand,
    }


def device_view(row: Any, timezone: str, online: bool) -> Json:
    """A device as supervisors see it. Never its token."""
    return {
        "id": row.id,
        "unit": row.unit,
        "kind": row.kind,
        "name": row.name,
        "also": row.also or [],
        "online": online,
        "paired": row.token_hash is not None,
        "last_seen_at": iso(row.last_seen_at, timezone),
        "state": row.state,
        "paused": bool((row.orders or {}).get("paused")),
    }


def print_job_view(row: Any, timezone: str) -> Json:
    """A print job's fate, for the kiosk and the staff."""
    return {
        "id": row.id,
        "ticket": row.ticket,
        "copy": row.copy,
        "state": row.state,
        "cause": row.cause,
        "created_at": iso(row.created_at, timezone),
        "finished_at": iso(row.finished_at, timezone),
    }
