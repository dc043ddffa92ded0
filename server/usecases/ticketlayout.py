"""What a unit's tickets look like: read, change, preview, logo. For supervisors."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from server import sketch
from server.domain import ticketlayout
from server.domain.catalog import LANGUAGES, Service, in_language
from server.domain.errors import Refusal
from server.domain.events import Event
from server.domain.ticketlayout import WIDTHS, Layout
from server.store import devices, paper
from server.store.unit_of_work import find_unit
from server.usecases.context import Actor, House, Json, audited
from server.wire.moments import iso
from server.wire.requests import LayoutPreview, TicketLayout
from server.wire.words import say

MAX_LOGO_BYTES = 1_000_000
_DIALECTS = frozenset({"epson", "generic58", "generic80", "bema", "elgin", "daruma"})


def layout_of(unit_row: Row[Any]) -> Layout:
    """The unit's layout; until somebody sets one, its own header and message with every part."""
    kept = unit_row.settings.get(paper.SETTING)
    if kept is not None:
        return Layout(kept["header"], kept["message"], tuple(kept["parts"]), kept["large"])
    message = unit_row.settings.get("ticket_message") or {}
    words = {language: in_language(message, language) if message else "" for language in LANGUAGES}
    return Layout(unit_row.header, words)


def for_paper(connection: Connection, unit_row: Row[Any], *, large: bool) -> Json:
    """The ``layout`` of a print job's document; ``large``: the citizen asked for large print."""
    layout = layout_of(unit_row)
    wants_logo = "logo" in layout.parts
    return {
        "parts": list(layout.parts),
        "large": large or layout.large,
        "logo": paper.logo(connection, unit_row.id) if wants_logo else None,
    }


def _printer(connection: Connection, unit_id: str) -> Json:
    """Dialect and width of the unit's narrowest printer, as its agent last told; a usual 80 mm one if none did."""
    found: Sequence[Row[Any]] = devices.of_unit(connection, unit_id, "printer")
    known = [row.state for row in found if row.state.get("width") in WIDTHS]
    if not known:
        return {"dialect": "epson", "width": 576}
    narrow = min(known, key=lambda state: int(state["width"]))
    dialect = narrow.get("dialect")
    return {"dialect": dialect if dialect in _DIALECTS else "epson", "width": narrow["width"]}


def _view(connection: Connection, unit_row: Row[Any], layout: Layout) -> Json:
    view = layout.as_dict() | {"logo": paper.logo(connection, unit_row.id)}
    return {"layout": view, "printer": _printer(connection, unit_row.id)}


def show(house: House, actor: Actor, unit_id: str) -> Json:
    """``{layout, printer}``."""
    actor.must_reach(unit_id)
    with house.store.read() as connection:
        row = find_unit(connection, unit_id)
        return _view(connection, row, layout_of(row))


def change(house: House, actor: Actor, unit_id: str, request: TicketLayout) -> Json:
    """Store a layout that fits. Raises ``Refusal('layout_does_not_fit')``."""
    actor.must_reach(unit_id)
    now = house.now()
    with house.unit(unit_id) as work:
        width = _printer(work.connection, unit_id)["width"]
        layout = _made(request, width)
        if layout != layout_of(work.unit) or paper.SETTING not in work.unit.settings:
            work.set_unit(settings={**work.unit.settings, paper.SETTING: layout.as_dict()})
            audited(work.connection, actor, now, "ticket_layout.change", unit_id, unit_id, **layout.as_dict())
            work.record(Event("unit.changed", now, {"what": "ticket_layout", "by": actor.ref}))
        return _view(work.connection, work.unit, layout)


def _made(request: TicketLayout, width: int) -> Layout:
    message = request.message.model_dump(by_alias=True)
    return ticketlayout.made(request.header, message, request.parts, request.large, width)


def change_logo(house: House, actor: Actor, unit_id: str, picture: str | None) -> Json:
    """Store an uploaded PNG or JPEG as the black and white dots of a printer; None takes the logo away.

    Raises ``Refusal``: logo_too_large, logo_too_many_dots, logo_unreadable, unavailable.
    """
    actor.must_reach(unit_id)
    with house.store.read() as connection:
        find_unit(connection, unit_id)
    # Before the lock: it takes a second, and nobody's ticket must wait for a picture.
    png = None if picture is None else _shrunk(picture)
    now = house.now()
    with house.unit(unit_id) as work:
        paper.keep_logo(work.connection, unit_id, png, now)
        what = "remove" if png is None else "change"
        audited(work.connection, actor, now, f"ticket_logo.{what}", unit_id, unit_id)
        work.record(Event("unit.changed", now, {"what": "ticket_layout", "by": actor.ref}))
        return _view(work.connection, work.unit, layout_of(work.unit))


def _shrunk(picture: str) -> str:
    try:
        file = base64.b64decode(picture, validate=True)
    except (binascii.Error, ValueError):
        raise Refusal("logo_unreadable") from None
    if len(file) > MAX_LOGO_BYTES:
        raise Refusal("logo_too_large", bytes=len(file), most=MAX_LOGO_BYTES)
    return str(_sketch({"do": "logo", "picture": picture, "width": 384})["picture"])


def _sketch(request: Json) -> Json:
    try:
        answer = sketch.ask(request)
    except sketch.NoSketch:
        raise Refusal("unavailable") from None
    if "error" in answer:
        detail = {"why": answer["why"]} if "why" in answer else {}
        raise Refusal(answer["error"], **detail)
    return answer


def preview(house: House, actor: Actor, unit_id: str, request: LayoutPreview) -> Json:
    """``{picture, millimetres, bytes}`` of a made-up ticket: the printer's own bytes, drawn.

    Raises ``Refusal``: layout_does_not_fit, unavailable.
    """
    actor.must_reach(unit_id)
    now = house.now()
    with house.store.read() as connection:
        row = find_unit(connection, unit_id)
        printer, logo = _printer(connection, unit_id), paper.logo(connection, unit_id)
        service = next(iter(house.catalog(connection, row).services.values()))
    layout = _made(request, printer["width"])
    wishes = {"parts": list(layout.parts), "large": layout.large or request.large_print, "logo": logo}
    document = _example(row, service, layout, request.language) | {
        "issued_at": iso(now, row.timezone),
        "follow_url": f"{house.public_url}/t/Ab3dEf7hIj1kLmN0pQrS",
        "layout": wishes,
    }
    return _sketch({"do": "preview", "document": document, **printer})


def _example(row: Row[Any], service: Service, layout: Layout, language: str) -> Json:
    """The words of a ticket that says what most tickets say, and more than some."""
    ahead = say(language, "ticket.ahead.other", count=4)
    return {
        "unit": row.name,
        "header": layout.header,
        "label": "PA042",
        "service": in_language(service.name, language),
        "tier": "priority",
        "tier_text": _tier_text(row.settings, language),
        "wait_text": f"{ahead} · {say(language, 'ticket.estimate', low=10, high=20)}",
        "message": layout.message[language],
        "copy_text": None,
        "language": language,
        "short_id": "0000-0042",
    }


def _tier_text(settings: Json, language: str) -> str:
    found = [tier for tier in settings.get("tiers", []) if tier["id"] == "priority"]
    return str(in_language(found[0]["ticket_text"], language)) if found else ""
