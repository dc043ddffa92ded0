"""What screens read: menu, board, events, queue, counters, tickets."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from server.usecases import accounts, counters, policies, speech, supervision, visitors
from server.web.access import PUBLIC, route
from server.web.calls import Call, whole_number
from server.web.handlers.rules import STAFF, UNIT_ERRORS, WATCHERS
from server.wire import answers

Answer = Any


@route("GET", "/units", PUBLIC, "Every unit, with its opening of today", answer=answers.Units)
def list_units(call: Call) -> Answer:
    return visitors.units(call.house)


@route(
    "GET",
    "/units/<unit>/menu",
    PUBLIC,
    "What a kiosk shows, in one language",
    answer=answers.Menu,
    query=(("lang", "pt-BR, en or es"),),
    errors=("unknown_unit",),
)
def show_menu(call: Call, unit: str) -> Answer:
    return visitors.menu(call.house, unit, call.language, call.actor)


@route("GET", "/units/<unit>/board", WATCHERS, "The board", answer=answers.BoardView, errors=UNIT_ERRORS)
def show_board(call: Call, unit: str) -> Answer:
    return supervision.board(call.house, call.actor, unit)


@route(
    "GET",
    "/units/<unit>/events",
    WATCHERS,
    "Journal entries after a number",
    answer=answers.Events,
    query=(("after", "last number seen"), ("limit", "at most so many, up to 5000; without it 500")),
    errors=(*UNIT_ERRORS, "invalid_fields"),
)
def list_events(call: Call, unit: str) -> Answer:
    after = whole_number("after", 0, 0, 2**62)
    limit = whole_number("limit", 0, 1, supervision.MOST_ASKED_FOR)
    return supervision.events_after(call.house, call.actor, unit, after, limit or None)


@route(
    "GET",
    "/units/<unit>/queue",
    STAFF,
    "The waiting tickets in the exact order of calling",
    answer=answers.Queue,
    query=(
        ("counter", "for this counter; without it for a counter that calls everything"),
        ("limit", "up to 1000"),
    ),
    errors=(*UNIT_ERRORS, "unknown_counter", "invalid_fields"),
)
def show_queue(call: Call, unit: str) -> Answer:
    counter = request.args.get("counter") or None
    limit = whole_number("limit", 200, 1, 1000)
    return counters.queue(call.house, call.actor, unit, counter, call.language, limit)


@route(
    "GET",
    "/units/<unit>/policy",
    STAFF,
    "Who is next: the mode in force, who enabled it, and the notice that it owes",
    answer=answers.OnePolicy,
    errors=UNIT_ERRORS,
)
def show_policy(call: Call, unit: str) -> Answer:
    return policies.show(call.house, call.actor, unit, call.language)


@route("GET", "/units/<unit>/counters", STAFF, "Every counter", answer=answers.Counters, errors=UNIT_ERRORS)
def list_counters(call: Call, unit: str) -> Answer:
    return counters.list_counters(call.house, call.actor, unit)


@route(
    "GET",
    "/units/<unit>/counters/<counter>",
    STAFF,
    "One counter and its ticket in hand",
    answer=answers.CounterAndTicket,
    errors=(*UNIT_ERRORS, "unknown_counter"),
)
def show_counter(call: Call, unit: str, counter: str) -> Answer:
    return counters.show(call.house, call.actor, unit, counter, call.language)


@route(
    "GET", "/units/<unit>/staff", STAFF, "Colleagues to transfer to", answer=answers.Staff, errors=UNIT_ERRORS
)
def list_staff(call: Call, unit: str) -> Answer:
    return accounts.colleagues(call.house, call.actor, unit)


@route(
    "GET",
    "/units/<unit>/tickets",
    STAFF,
    "Today's tickets by label or state",
    answer=answers.Tickets,
    query=(("label", "beginning of the label"), ("state", "one state"), ("limit", "up to 200")),
    errors=(*UNIT_ERRORS, "invalid_fields"),
)
def search_tickets(call: Call, unit: str) -> Answer:
    label, state = request.args.get("label"), request.args.get("state")
    limit = whole_number("limit", 50, 1, 200)
    return supervision.search(call.house, call.actor, unit, label, state, limit, call.language)


@route(
    "GET",
    "/tickets/<ticket>",
    STAFF,
    "One ticket",
    answer=answers.OneTicket,
    errors=("unknown_ticket", "wrong_unit"),
)
def show_ticket(call: Call, ticket: str) -> Answer:
    return supervision.show_ticket(call.house, call.actor, ticket, call.language)


@route(
    "GET",
    "/tickets/<ticket>/history",
    STAFF,
    "A ticket's story in plain words",
    answer=answers.History,
    errors=("unknown_ticket", "wrong_unit"),
)
def show_history(call: Call, ticket: str) -> Answer:
    return supervision.history(call.house, call.actor, ticket, call.language)


@route(
    "GET",
    "/units/<unit>/voice",
    WATCHERS,
    "A call, or for a kiosk any short text, as audio/wav",
    query=(
        ("lang", "pt-BR, en or es"),
        ("label", "the ticket's label"),
        ("kind", "desk, table or room"),
        ("number", "the counter's number"),
        ("text", "instead of a call: the words to say"),
    ),
    errors=(*UNIT_ERRORS, "invalid_fields"),
    limit="240 per minute",
    media="audio/wav",
)
def speak(call: Call, unit: str) -> Answer:
    asked = request.args
    words = asked.get("text")
    if words is not None:
        audio = speech.text(call.house, call.actor, unit, call.language, words)
    else:
        label, kind, number = asked.get("label", ""), asked.get("kind", "desk"), asked.get("number", "")
        audio = speech.announcement(call.house, call.actor, unit, call.language, label, kind, number)
    return Response(audio, mimetype="audio/wav", headers={"Cache-Control": "private, max-age=86400"})
