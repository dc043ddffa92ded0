"""The server's side of printing: one job per copy of a ticket, made in the ticket's own transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from server.domain.catalog import in_language
from server.domain.ticket import Ticket, Tier
from server.store import devices, printjobs
from server.store.work import Work
from server.usecases.context import Actor, Json
from server.usecases.ids import new_id
from server.usecases.ticketlayout import for_paper, layout_of
from server.wire.moments import iso
from server.wire.words import say, say_count

JOB_LIFE = timedelta(minutes=3)  # PRINTING 2.3: never print an old number late
ONLINE_FOR = timedelta(seconds=60)


def printer_of(connection: Connection, actor: Actor, unit_id: str) -> str | None:
    """Where this actor's tickets come out: the kiosk's own printer, else the unit's first one."""
    if actor.kind == "device":
        return actor.printer
    rows = devices.of_unit(connection, unit_id, "printer")
    return rows[0].id if rows else None


def is_online(device: Row[Any], now: datetime) -> bool:
    """Whether a device has been heard of within a minute."""
    return device.last_seen_at is not None and now - device.last_seen_at <= ONLINE_FOR


def printer_state(connection: Connection, actor: Actor, unit_row: Row[Any], now: datetime) -> Json:
    """What the kiosk must know before it promises paper: ready, blocked (why), unknown, or none."""
    printer = printer_of(connection, actor, unit_row.id)
    if printer is None:
        return {"state": "none", "cause": None}
    row = devices.get(connection, printer)
    if (row.orders or {}).get("paused"):
        return {"state": "blocked", "cause": "paused"}
    if not is_online(row, now):
        return {"state": "unknown", "cause": "no_answer"}
    return {"state": row.state.get("printer", "unknown"), "cause": row.state.get("cause")}


def add_print_job(
    work: Work, actor: Actor, ticket: Ticket, view: Json, *, copy: int, now: datetime, reason: str = "",
    large: bool = False,
) -> Json | None:  # fmt: skip
    """Queue one copy at the actor's printer; None when the unit has none. Part of the caller's transaction.

    ``large``: in large print, as the citizen asked.
    """
    # Whoever takes a ticket from the web is not at the printer.
    printer = None if actor.kind == "public" else printer_of(work.connection, actor, ticket.unit)
    if printer is None:
        return None
    job_id = new_id(now)
    printjobs.add(
        work,
        id=job_id,
        unit=ticket.unit,
        ticket=ticket.id,
        copy=copy,
        printer=printer,
        asked_by=actor.ref,
        reason=reason,
        # Only what the paper cannot be written from later; the words are found when an agent claims the job.
        promise={"ahead": view["ahead"], "estimate": view["estimate"]} | ({"large": True} if large else {}),
        state="queued",
        attempts=0,
        created_at=now,
        expires_at=now + JOB_LIFE,
    )
    return {"id": job_id, "state": "queued"}


def document(
    connection: Connection,
    unit_row: Row[Any],
    ticket: Ticket,
    service_name: str,
    promise: Json,
    follow_url: str,
    copy: int,
) -> Json:
    """What goes on paper, in the citizen's language, as data: the agent lays it out (docs/protocol.md, Printing)."""
    language, settings = ticket.language, unit_row.settings
    layout = layout_of(unit_row)
    return {
        "unit": unit_row.name,
        "header": layout.header,
        "label": ticket.label,
        "service": service_name,
        "tier": str(ticket.tier),
        "tier_text": _tier_text(settings, ticket.tier, language),
        "issued_at": iso(ticket.issued_at, unit_row.timezone),
        "ahead": promise["ahead"],
        "estimate": promise["estimate"],
        "wait_text": _wait_text(language, promise["ahead"], promise["estimate"]),
        "follow_url": follow_url,
        "message": layout.message.get(language, ""),
        "copy_text": say(language, "ticket.copy", copy=copy) if copy > 1 else None,
        "language": language,
        "short_id": f"{ticket.id[9:13]}-{ticket.id[-4:]}".upper(),
        "layout": for_paper(connection, unit_row, large=bool(promise.get("large"))),
    }


def _tier_text(settings: Json, tier: Tier, language: str) -> str:
    if tier is Tier.normal:
        return ""
    for known in settings.get("tiers", []):
        if known["id"] == str(tier):
            return str(in_language(known["ticket_text"], language))
    return ""


def _wait_text(language: str, ahead: int | None, estimate: Json | None) -> str:
    if ahead is None:
        return ""
    people = say(language, "ticket.ahead.none") if ahead == 0 else say_count(language, "ticket.ahead", ahead)
    if estimate is None:
        return people
    return f"{people} · {say(language, 'ticket.estimate', low=estimate['low'], high=estimate['high'])}"
