"""Refusals: the one way in which the domain and the use cases say no.

A refusal changes nothing. It carries a stable snake_case code, the family that decides the HTTP status, and a
detail that a screen can show. The words live in ``server/web/i18n``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any


class Family(StrEnum):
    """What kind of no it is; ``server/web/errors.py`` maps each family to one HTTP status."""

    bad_request = "bad_request"
    unauthenticated = "unauthenticated"
    forbidden = "forbidden"
    missing = "missing"
    conflict = "conflict"
    invalid = "invalid"
    unavailable = "unavailable"


_FAMILIES: dict[Family, tuple[str, ...]] = {
    Family.bad_request: ("bad_request", "malformed_json"),
    Family.unauthenticated: ("not_authenticated", "session_expired", "bad_credentials", "device_revoked"),
    Family.forbidden: ("forbidden", "csrf_failed", "wrong_unit"),
    Family.missing: (
        "not_found",
        "unknown_unit",
        "unknown_service",
        "unknown_counter",
        "unknown_ticket",
        "unknown_print_job",
        "unknown_pairing_code",
        "unknown_user",
        "unknown_device",
        "unknown_media",
    ),
    Family.conflict: (
        "illegal_transition",
        "service_closed",
        "unit_closed",
        "counter_closed",
        "counter_paused",
        "counter_occupied",
        "counter_not_yours",
        "attendant_busy_elsewhere",
        "ticket_in_hand",
        "ticket_not_yours",
        "ticket_of_another_day",
        "too_soon",
        "too_few_calls",
        "tier_unchanged",
        "series_exhausted",
        "daily_cap_reached",
        "lease_lost",
        "media_list_full",
        "conflict",
    ),
    Family.invalid: (
        "invalid_fields",
        "idempotency_key_reused",
        "low_contrast",
        "media_too_large",
        "not_media",
        "layout_does_not_fit",
        "logo_too_large",
        "logo_too_many_dots",
        "logo_unreadable",
    ),
    Family.unavailable: ("unavailable",),
}
CODES: dict[str, Family] = {code: family for family, codes in _FAMILIES.items() for code in codes}


class Refusal(Exception):
    """A command was refused and nothing changed.

    ``code`` must be one of ``CODES`` (a KeyError otherwise: a typo is found by the first test that meets it).
    """

    def __init__(self, code: str, **detail: Any) -> None:
        self.code = code
        self.family = CODES[code]
        self.detail = detail
        super().__init__(code)

    def __str__(self) -> str:
        return f"{self.code} {self.detail}" if self.detail else self.code
