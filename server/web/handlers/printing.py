"""The spool: claim, report, look, reprint."""

from __future__ import annotations

from typing import Any

from server.usecases import printing
from server.web.access import route
from server.web.calls import Call
from server.web.handlers.rules import ISSUERS, PRINTER
from server.wire import answers, requests

Answer = Any


@route(
    "POST",
    "/print-jobs/claim",
    PRINTER,
    "The next job of this printer, under a lease",
    body=requests.Claim,
    answer=answers.Claimed,
)
def claim_job(call: Call) -> Answer:
    return printing.claim(call.house, call.actor, call.body)


@route(
    "POST",
    "/print-jobs/<job>/report",
    PRINTER,
    "What became of a job",
    body=requests.Report,
    answer=answers.Job,
    errors=("unknown_print_job", "lease_lost", "illegal_transition", "wrong_unit"),
)
def report_job(call: Call, job: str) -> Answer:
    return printing.report(call.house, call.actor, job, call.body)


@route(
    "GET",
    "/print-jobs/<job>",
    ISSUERS,
    "A print job's fate",
    answer=answers.Job,
    errors=("unknown_print_job", "wrong_unit"),
)
def show_job(call: Call, job: str) -> Answer:
    return printing.show_job(call.house, call.actor, job)


@route(
    "POST",
    "/tickets/<ticket>/reprint",
    ISSUERS,
    "One more copy, marked 2ª VIA",
    body=requests.WithReason,
    answer=answers.Reprinted,
    status=201,
    idempotent=True,
    errors=("unknown_ticket", "wrong_unit", "illegal_transition", "conflict", "idempotency_key_reused"),
)
def reprint_ticket(call: Call, ticket: str) -> Answer:
    answer, is_new = printing.reprint(call.house, call.actor, ticket, call.body.reason, call.key)
    return answer, 201 if is_new else 200
