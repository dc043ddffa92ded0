"""What happens to a ticket after its call."""

from __future__ import annotations

from typing import Any

from server.domain.lifecycle import Action
from server.usecases import moves
from server.web.access import route
from server.web.calls import Call
from server.web.handlers.rules import LEADERS, MOVE_ERRORS, RETURNERS, STAFF
from server.wire import answers, requests

Answer = Any


@route(
    "POST",
    "/tickets/<ticket>/recall",
    STAFF,
    "Call again",
    body=requests.OnTicket,
    answer=answers.OneTicket,
    idempotent=True,
    errors=(*MOVE_ERRORS, "too_soon"),
)
def recall_ticket(call: Call, ticket: str) -> Answer:
    return moves.simple(
        call.house, call.actor, ticket, Action.recall, call.language, call.key, call.body.version
    )


@route(
    "POST",
    "/tickets/<ticket>/start",
    STAFF,
    "The citizen has come",
    body=requests.OnTicket,
    answer=answers.OneTicket,
    idempotent=True,
    errors=MOVE_ERRORS,
)
def start_ticket(call: Call, ticket: str) -> Answer:
    return moves.simple(
        call.house, call.actor, ticket, Action.start, call.language, call.key, call.body.version
    )


@route(
    "POST",
    "/tickets/<ticket>/no-show",
    STAFF,
    "The citizen did not come",
    body=requests.OnTicket,
    answer=answers.OneTicket,
    idempotent=True,
    errors=(*MOVE_ERRORS, "too_few_calls"),
)
def no_show_ticket(call: Call, ticket: str) -> Answer:
    return moves.simple(
        call.house, call.actor, ticket, Action.no_show, call.language, call.key, call.body.version
    )


@route(
    "POST",
    "/tickets/<ticket>/finish",
    STAFF,
    "End the service",
    body=requests.Finish,
    answer=answers.OneTicket,
    idempotent=True,
    errors=(*MOVE_ERRORS, "unknown_service"),
)
def finish_ticket(call: Call, ticket: str) -> Answer:
    return moves.finish(call.house, call.actor, ticket, call.body, call.language, call.key)


@route(
    "POST",
    "/tickets/<ticket>/hold",
    STAFF,
    "Set a ticket aside",
    body=requests.OnTicketWithReason,
    answer=answers.OneTicket,
    idempotent=True,
    errors=MOVE_ERRORS,
)
def hold_ticket(call: Call, ticket: str) -> Answer:
    return moves.hold(call.house, call.actor, ticket, call.body, call.language, call.key)


@route(
    "POST",
    "/tickets/<ticket>/return",
    RETURNERS,
    "Back to the queue, in its old place",
    body=requests.OnTicketMaybeReason,
    answer=answers.OneTicket,
    idempotent=True,
    errors=(*MOVE_ERRORS, "ticket_of_another_day"),
)
def return_ticket(call: Call, ticket: str) -> Answer:
    return moves.give_back(call.house, call.actor, ticket, call.body, call.language, call.key)


@route(
    "POST",
    "/tickets/<ticket>/transfer",
    STAFF,
    "Send to a service, counter or attendant",
    body=requests.Transfer,
    answer=answers.OneTicket,
    idempotent=True,
    errors=(*MOVE_ERRORS, "unknown_service", "unknown_counter", "unknown_user"),
)
def transfer_ticket(call: Call, ticket: str) -> Answer:
    return moves.transfer(call.house, call.actor, ticket, call.body, call.language, call.key)


@route(
    "POST",
    "/tickets/<ticket>/next-service",
    STAFF,
    "The next service of the same visit",
    body=requests.NextService,
    answer=answers.OneTicket,
    idempotent=True,
    errors=(*MOVE_ERRORS, "unknown_service"),
)
def next_service(call: Call, ticket: str) -> Answer:
    return moves.next_service(call.house, call.actor, ticket, call.body, call.language, call.key)


@route(
    "POST",
    "/tickets/<ticket>/tier",
    LEADERS,
    "Put a tier right while the ticket waits or is on hold",
    body=requests.ChangeTier,
    answer=answers.OneTicket,
    idempotent=True,
    errors=(*MOVE_ERRORS, "tier_unchanged"),
)
def change_tier(call: Call, ticket: str) -> Answer:
    return moves.change_tier(call.house, call.actor, ticket, call.body, call.language, call.key)


@route(
    "POST",
    "/tickets/<ticket>/cancel",
    STAFF,
    "Cancel for the citizen",
    body=requests.OnTicketWithReason,
    answer=answers.OneTicket,
    idempotent=True,
    errors=MOVE_ERRORS,
)
def cancel_ticket(call: Call, ticket: str) -> Answer:
    return moves.cancel(call.house, call.actor, ticket, call.body, call.language, call.key)
