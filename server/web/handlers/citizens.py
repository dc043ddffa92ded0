"""What a citizen does without a kiosk: from the phone page of a ticket, and from the unit's page on the web."""

from __future__ import annotations

from typing import Any

from flask import request

from server.usecases import citizens, moves, telephones, web_issue
from server.web.access import PUBLIC, route
from server.web.calls import Call
from server.web.handlers.rules import LEADERS, MOVE_ERRORS, STAFF, UNIT_ERRORS
from server.wire import answers, requests
from server.wire import citizens as wire

Answer = Any
TOLD = "20 per minute"
OF_THE_WEB = "10 per minute; 120 per hour"
ISSUE_ERRORS = ("unknown_service", "service_closed", "unit_closed", "daily_cap_reached", "series_exhausted")


def _language(call: Call) -> str | None:
    return call.language if request.args.get("lang") else None


@route(
    "GET",
    "/tickets/follow/<token>",
    PUBLIC,
    "A ticket by its QR code, without identity",
    answer=wire.Follow,
    errors=("unknown_ticket",),
    limit="120 per minute",
)
def follow_ticket(call: Call, token: str) -> Answer:
    return citizens.follow(call.house, token, _language(call))


@route(
    "POST",
    "/tickets/follow/<token>/late",
    PUBLIC,
    "I am late: let others go first",
    body=requests.Nothing,
    answer=wire.Follow,
    errors=("unknown_ticket", "illegal_transition"),
    limit=TOLD,
)
def say_late(call: Call, token: str) -> Answer:
    return citizens.late(call.house, token, _language(call))


@route(
    "POST",
    "/tickets/follow/<token>/give-up",
    PUBLIC,
    "Give up: the citizen cancels the ticket",
    body=requests.Nothing,
    answer=wire.Follow,
    errors=("unknown_ticket", "illegal_transition"),
    limit=TOLD,
)
def give_up(call: Call, token: str) -> Answer:
    return citizens.give_up(call.house, token, _language(call))


@route(
    "POST",
    "/tickets/follow/<token>/rating",
    PUBLIC,
    "What the citizen thought of the visit, once",
    body=wire.RateVisit,
    answer=wire.Follow,
    errors=("unknown_ticket", "illegal_transition"),
    limit=TOLD,
)
def rate_visit(call: Call, token: str) -> Answer:
    return citizens.rate(call.house, token, call.body, _language(call))


@route(
    "POST",
    "/tickets/follow/<token>/push",
    PUBLIC,
    "Tell this browser of the ticket's calls, even while its page is closed",
    body=wire.TellMe,
    status=204,
    errors=("unknown_ticket", "illegal_transition", "conflict", "unavailable"),
    limit=TOLD,
)
def tell_me(call: Call, token: str) -> Answer:
    telephones.tell_me(call.house, token, call.body)


@route(
    "DELETE",
    "/tickets/follow/<token>/push",
    PUBLIC,
    "Tell this browser no more",
    body=wire.TellMeNoMore,
    status=204,
    errors=("unknown_ticket",),
    limit=TOLD,
)
def tell_me_no_more(call: Call, token: str) -> Answer:
    telephones.tell_me_no_more(call.house, token, call.body.endpoint)


@route(
    "POST",
    "/tickets/<ticket>/late",
    STAFF,
    "The citizen is late: let others go first",
    body=requests.OnTicket,
    answer=answers.OneTicket,
    idempotent=True,
    errors=MOVE_ERRORS,
)
def late_ticket(call: Call, ticket: str) -> Answer:
    return moves.late(call.house, call.actor, ticket, call.body, call.language, call.key)


@route(
    "POST",
    "/units/<unit>/web-tickets",
    PUBLIC,
    "Take a ticket from the unit's public page",
    body=wire.TakeFromWeb,
    answer=wire.WebTicket,
    status=201,
    idempotent=True,
    errors=("unknown_unit", "forbidden", *ISSUE_ERRORS, "idempotency_key_reused"),
    limit=OF_THE_WEB,
)
def take_web_ticket(call: Call, unit: str) -> Answer:
    answer, is_new = web_issue.take(call.house, unit, call.body, call.key)
    return answer, 201 if is_new else 200


@route(
    "GET",
    "/units/<unit>/satisfaction",
    LEADERS,
    "What citizens said of today's visits",
    answer=wire.Satisfaction,
    errors=UNIT_ERRORS,
)
def show_satisfaction(call: Call, unit: str) -> Answer:
    return citizens.satisfaction(call.house, call.actor, unit, call.language)


@route(
    "GET",
    "/units/<unit>/web-issue",
    LEADERS,
    "Whether the unit gives out tickets on the web, and where",
    answer=wire.WebIssue,
    errors=UNIT_ERRORS,
)
def show_web_issue(call: Call, unit: str) -> Answer:
    return web_issue.show(call.house, call.actor, unit)


@route(
    "POST",
    "/units/<unit>/web-issue",
    LEADERS,
    "Open or close the unit's public page",
    body=wire.SwitchWebIssue,
    answer=wire.WebIssue,
    errors=UNIT_ERRORS,
)
def switch_web_issue(call: Call, unit: str) -> Answer:
    return web_issue.switch(call.house, call.actor, unit, call.body.on)
