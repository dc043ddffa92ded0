"""Paper as people meet it: the ticket's layout, the printers' pauses and rolls, "I have my paper"."""

from __future__ import annotations

from typing import Any

from server.usecases import printers, ticketlayout
from server.web.access import route
from server.web.calls import Call
from server.web.handlers.rules import ISSUERS, LEADERS, UNIT_ERRORS
from server.wire import answers, requests

Answer = Any
_FILE_BYTES = 2 * 1024 * 1024  # a file of 1 MB in base64, and a little more: to be refused by its own name
_LAYOUT = "/units/<unit>/ticket-layout"
_PRINTER_ERRORS = (*UNIT_ERRORS, "unknown_device")


@route(
    "GET",
    _LAYOUT,
    LEADERS,
    "How the unit's tickets look, and the printer they are for",
    answer=answers.TicketLayout,
    errors=UNIT_ERRORS,
)
def show_ticket_layout(call: Call, unit: str) -> Answer:
    return ticketlayout.show(call.house, call.actor, unit)


@route(
    "PUT",
    _LAYOUT,
    LEADERS,
    "Change how the unit's tickets look",
    body=requests.TicketLayout,
    answer=answers.TicketLayout,
    errors=(*UNIT_ERRORS, "layout_does_not_fit"),
)
def change_ticket_layout(call: Call, unit: str) -> Answer:
    return ticketlayout.change(call.house, call.actor, unit, call.body)


@route(
    "POST",
    f"{_LAYOUT}/preview",
    LEADERS,
    "A made-up ticket in a layout that is not stored yet, as a picture of the printer's own bytes",
    body=requests.LayoutPreview,
    answer=answers.LayoutPicture,
    errors=(*UNIT_ERRORS, "layout_does_not_fit"),
)
def preview_ticket_layout(call: Call, unit: str) -> Answer:
    return ticketlayout.preview(call.house, call.actor, unit, call.body)


@route(
    "PUT",
    f"{_LAYOUT}/logo",
    LEADERS,
    "Upload the logo (PNG or JPEG in base64, at most 1 MB), made black and white at once",
    body=requests.NewLogo,
    answer=answers.TicketLayout,
    errors=(*UNIT_ERRORS, "logo_too_large", "logo_too_many_dots", "logo_unreadable"),
    most_bytes=_FILE_BYTES,
)
def change_ticket_logo(call: Call, unit: str) -> Answer:
    return ticketlayout.change_logo(call.house, call.actor, unit, call.body.picture)


@route(
    "DELETE",
    f"{_LAYOUT}/logo",
    LEADERS,
    "Print without a logo",
    answer=answers.TicketLayout,
    errors=UNIT_ERRORS,
)
def remove_ticket_logo(call: Call, unit: str) -> Answer:
    return ticketlayout.change_logo(call.house, call.actor, unit, None)


@route(
    "POST",
    "/units/<unit>/printers/<device>/pause",
    LEADERS,
    "Let a printer rest after its ticket",
    body=requests.Nothing,
    answer=answers.OneDeviceHealth,
    errors=_PRINTER_ERRORS,
)
def pause_printer(call: Call, unit: str, device: str) -> Answer:
    return printers.pause(call.house, call.actor, unit, device)


@route(
    "POST",
    "/units/<unit>/printers/<device>/resume",
    LEADERS,
    "Let a printer work again",
    body=requests.Nothing,
    answer=answers.OneDeviceHealth,
    errors=_PRINTER_ERRORS,
)
def resume_printer(call: Call, unit: str, device: str) -> Answer:
    return printers.resume(call.house, call.actor, unit, device)


@route(
    "POST",
    "/units/<unit>/printers/<device>/new-roll",
    LEADERS,
    "A new roll of paper was put in",
    body=requests.Nothing,
    answer=answers.OneDeviceHealth,
    errors=_PRINTER_ERRORS,
)
def new_roll(call: Call, unit: str, device: str) -> Answer:
    return printers.new_roll(call.house, call.actor, unit, device)


@route(
    "POST",
    "/print-jobs/<job>/confirm",
    ISSUERS,
    "A person has the paper, or needs none: nothing more is printed",
    body=requests.Nothing,
    answer=answers.Job,
    errors=("unknown_print_job", "wrong_unit", "illegal_transition"),
)
def confirm_job(call: Call, job: str) -> Answer:
    return printers.confirm(call.house, call.actor, job)
