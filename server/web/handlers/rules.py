"""The rules and error lists that the tables of routes share."""

from __future__ import annotations

from server.web.access import ANY_DEVICE, ATTENDANT, SUPERVISOR, Access

STAFF = Access(roles=ATTENDANT)
LEADERS = Access(roles=SUPERVISOR)
DEVICE = Access(devices=ANY_DEVICE)
PRINTER = Access(devices=frozenset({"printer"}))
ISSUERS = Access(roles=ATTENDANT, devices=frozenset({"kiosk"}))
RETURNERS = ISSUERS  # DOMAIN 3: staff, and the citizen at the kiosk
WATCHERS = Access(roles=ATTENDANT, devices=frozenset({"panel", "kiosk"}))

UNIT_ERRORS = ("unknown_unit", "wrong_unit")
SEAT_ERRORS = (*UNIT_ERRORS, "unknown_counter", "counter_not_yours", "counter_closed")
MOVE_ERRORS = (
    "unknown_ticket",
    "wrong_unit",
    "illegal_transition",
    "ticket_not_yours",
    "conflict",
    "idempotency_key_reused",
)
