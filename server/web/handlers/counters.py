"""Issuing a ticket, and what an attendant does at a counter."""

from __future__ import annotations

from typing import Any

from server.usecases import counters, visitors
from server.web.access import route
from server.web.calls import Call
from server.web.handlers.rules import ISSUERS, MOVE_ERRORS, SEAT_ERRORS, STAFF, UNIT_ERRORS
from server.wire import answers, requests

Answer = Any


@route(
    "POST",
    "/units/<unit>/tickets",
    ISSUERS,
    "Give out a ticket",
    body=requests.IssueTicket,
    answer=answers.Issued,
    status=201,
    idempotent=True,
    errors=(
        *UNIT_ERRORS,
        "unknown_service",
        "service_closed",
        "unit_closed",
        "daily_cap_reached",
        "series_exhausted",
        "idempotency_key_reused",
    ),
)
def issue_ticket(call: Call, unit: str) -> Answer:
    answer, is_new = visitors.issue(call.house, call.actor, unit, call.body, call.key)
    return answer, 201 if is_new else 200


@route(
    "POST",
    "/units/<unit>/check-ins",
    STAFF,
    "Give out the ticket of an appointment: its place is the booked time, if the citizen is in time",
    body=requests.CheckIn,
    answer=answers.Issued,
    status=201,
    idempotent=True,
    errors=(
        *UNIT_ERRORS,
        "unknown_service",
        "service_closed",
        "unit_closed",
        "daily_cap_reached",
        "series_exhausted",
        "idempotency_key_reused",
        "invalid_fields",
    ),
)
def check_in(call: Call, unit: str) -> Answer:
    answer, is_new = visitors.issue(call.house, call.actor, unit, call.body, call.key)
    return answer, 201 if is_new else 200


@route(
    "POST",
    "/units/<unit>/counters/<counter>/open",
    STAFF,
    "Sit down at a counter",
    body=requests.Nothing,
    answer=answers.CounterOnly,
    errors=(*SEAT_ERRORS, "counter_occupied", "attendant_busy_elsewhere"),
)
def open_counter(call: Call, unit: str, counter: str) -> Answer:
    return counters.open_counter(call.house, call.actor, unit, counter)


@route(
    "POST",
    "/units/<unit>/counters/<counter>/close",
    STAFF,
    "Leave a counter",
    body=requests.MaybeReason,
    answer=answers.CounterOnly,
    errors=(*SEAT_ERRORS, "ticket_in_hand"),
)
def close_counter(call: Call, unit: str, counter: str) -> Answer:
    return counters.close_counter(call.house, call.actor, unit, counter, call.body.reason)


@route(
    "POST",
    "/units/<unit>/counters/<counter>/pause",
    STAFF,
    "Stop calling for a while",
    body=requests.WithReason,
    answer=answers.CounterOnly,
    errors=(*SEAT_ERRORS, "ticket_in_hand"),
)
def pause_counter(call: Call, unit: str, counter: str) -> Answer:
    return counters.pause(call.house, call.actor, unit, counter, call.body.reason)


@route(
    "POST",
    "/units/<unit>/counters/<counter>/resume",
    STAFF,
    "Go on after a pause",
    body=requests.Nothing,
    answer=answers.CounterOnly,
    errors=SEAT_ERRORS,
)
def resume_counter(call: Call, unit: str, counter: str) -> Answer:
    return counters.resume(call.house, call.actor, unit, counter)


@route(
    "POST",
    "/units/<unit>/counters/<counter>/call-next",
    STAFF,
    "Call whoever is next",
    body=requests.Nothing,
    answer=answers.Called,
    idempotent=True,
    errors=(*SEAT_ERRORS, "counter_paused", "ticket_in_hand", "idempotency_key_reused"),
)
def call_next(call: Call, unit: str, counter: str) -> Answer:
    return counters.call_next(call.house, call.actor, unit, counter, call.language, call.key)


@route(
    "POST",
    "/units/<unit>/counters/<counter>/call",
    STAFF,
    "Call one ticket out of order, with a reason",
    body=requests.CallTicket,
    answer=answers.Called,
    idempotent=True,
    errors=(*SEAT_ERRORS, "counter_paused", "ticket_in_hand", *MOVE_ERRORS),
)
def call_ticket(call: Call, unit: str, counter: str) -> Answer:
    return counters.call(call.house, call.actor, unit, counter, call.body, call.language, call.key)
