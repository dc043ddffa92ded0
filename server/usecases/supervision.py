"""Looking at a unit: board, events, search, one ticket's story; and opening or closing a service."""

from __future__ import annotations

from typing import Any

from server.domain.catalog import Catalog, in_language
from server.domain.errors import Refusal
from server.domain.events import Event, Recorded
from server.domain.ticket import State
from server.store import boards, devices, journal, tickets
from server.store import catalog as catalogs
from server.store.unit_of_work import find_unit
from server.usecases.context import Actor, House, Json, audited
from server.usecases.seats import eyes_for, eyes_for_one
from server.usecases.spool import is_online
from server.usecases.standing import ahead_of
from server.wire.events import Audience, event_view
from server.wire.views import device_view, ticket_view
from server.wire.words import reason_text, say

MOST_EVENTS = 500
MOST_ASKED_FOR = 5000
REACH_BACK = 5000
"""A screen further behind than this takes the snapshot: cheaper than replaying a day."""


def audience_of(actor: Actor) -> Audience:
    """Staff see all; devices see what the public sees."""
    return Audience.staff if actor.kind == "staff" else Audience.public


def board(house: House, actor: Actor, unit_id: str) -> Json:
    """The unit's board with the journal number it is true for."""
    actor.must_reach(unit_id)
    with house.store.read() as connection:
        return boards.board(connection, find_unit(connection, unit_id))


def events_after(house: House, actor: Actor, unit_id: str, after: int, limit: int | None = None) -> Json:
    """Journal entries after a number: ``{events, seq, more}``; ``{snapshot, seq}`` for a screen far behind or ahead.

    Whoever names a ``limit`` reads the journal itself, page by page, and is never sent back to the snapshot for
    being far behind.
    """
    actor.must_reach(unit_id)
    with house.store.read() as connection:
        row = find_unit(connection, unit_id)
        # Ahead of us: the screen knows a journal that was restored from an older backup.
        if after > row.seq or (limit is None and row.seq - after > REACH_BACK):
            return {"snapshot": boards.board(connection, row), "seq": row.seq}
        found = journal.after(connection, unit_id, after, min(limit or MOST_EVENTS, MOST_ASKED_FOR))
        views = [event_view(event, row.timezone, audience_of(actor)) for event in found]
        reached = found[-1].seq if found else after
        return {"events": views, "seq": row.seq, "more": reached < row.seq}


def journal_since(house: House, unit_id: str, after: int, limit: int) -> tuple[str, list[Recorded]]:
    """For the relay: the unit's time zone and what it has not sent yet."""
    with house.store.read() as connection:
        row = find_unit(connection, unit_id)
        return row.timezone, journal.after(connection, unit_id, after, limit)


def show_ticket(house: House, actor: Actor, ticket_id: str, language: str) -> Json:
    """One ticket, with its place if it waits."""
    with house.store.read() as connection:
        t = tickets.get(connection, ticket_id)
        actor.must_reach(t.unit)
        row = find_unit(connection, t.unit)
        catalog = house.catalog(connection, row)
        ahead = None
        if t.state is State.waiting:
            ahead = ahead_of(house, connection, row, catalog, t)
        eyes = eyes_for_one(connection, row.timezone, catalog, language, t)
        url = f"{house.public_url}/t/{boards.follow_token(connection, ticket_id)}"
        return {"ticket": ticket_view(t, eyes, ahead=ahead, follow_url=url)}


def search(
    house: House, actor: Actor, unit_id: str, label: str | None, state: str | None, limit: int, language: str
) -> Json:
    """Today's tickets, newest first, those included that were in service over midnight.

    Raises ``Refusal('invalid_fields')`` for a state that does not exist.
    """
    actor.must_reach(unit_id)
    if state is not None and state not in State.__members__:
        raise Refusal("invalid_fields", fields=[{"field": "state", "problem": "unknown_state"}])
    with house.store.read() as connection:
        row = find_unit(connection, unit_id)
        catalog = house.catalog(connection, row)
        eyes = eyes_for(connection, unit_id, row.timezone, catalog, language)
        carried, wanted = house.carried_into(connection, row), State(state) if state else None
        found = boards.search(connection, unit_id, row.day, carried, label, wanted, limit)
        return {"tickets": [ticket_view(t, eyes) for t in found]}


def history(house: House, actor: Actor, ticket_id: str, language: str) -> Json:
    """One ticket's story in plain words: the answer to "why was this one called?"."""
    with house.store.read() as connection:
        t = tickets.get(connection, ticket_id)
        actor.must_reach(t.unit)
        row = find_unit(connection, t.unit)
        catalog = house.catalog(connection, row)
        told = []
        for event in journal.of_ticket(connection, ticket_id):
            view = event_view(event, row.timezone, Audience.staff)
            told.append(view | {"text": _sentence(catalog, event, language)})
        return {"events": told}


def _sentence(catalog: Catalog, event: Recorded, language: str) -> str:
    data: dict[str, Any] = {"counter_number": "", "calls": "", "reason": "", **event.data}
    if event.type == "ticket.called":  # the other events' reasons are people's own words, not codes
        data["reason_text"] = reason_text(language, data["reason"], data.get("reason_detail"))
    if event.type == "ticket.tier_changed":
        for name in ("tier", "previous_tier"):
            data[name] = say(language, f"tier.{data[name]}")
    text = say(language, _words_of(event), **data)
    service = catalog.services.get(event.data.get("service", ""))
    if event.type in ("ticket.issued", "ticket.transferred") and service is not None:
        text = f"{text}: {in_language(service.name, language)}"
    return text


def _words_of(event: Recorded) -> str:
    if event.type == "ticket.cancelled" and event.data.get("by") == "citizen":
        return "history.ticket.cancelled.citizen"
    if event.type == "ticket.returned" and event.data.get("reason"):
        return "history.ticket.returned.why"
    return f"history.{event.type}"


def list_devices(house: House, actor: Actor, unit_id: str) -> Json:
    """The unit's kiosks, panels and printers, and whether each was heard of within a minute."""
    actor.must_reach(unit_id)
    now = house.now()
    with house.store.read() as connection:
        row = find_unit(connection, unit_id)
        found = devices.of_unit(connection, unit_id)
        return {"devices": [device_view(d, row.timezone, is_online(d, now)) for d in found]}


def open_service(house: House, actor: Actor, unit_id: str, service_id: str, is_open: bool) -> Json:
    """Open or close a service of a unit; every screen hears of it.

    Raises ``Refusal``: unknown_service.
    """
    actor.must_reach(unit_id)
    now = house.now()
    with house.unit(unit_id) as work:
        catalog = house.catalog(work.connection, work.unit)
        service = catalog.services.get(service_id)
        if service is None:
            raise Refusal("unknown_service", service=service_id)
        if service.open != is_open:
            catalogs.set_open(work.connection, unit_id, service_id, is_open)
            work.set_unit(catalog_version=work.unit.catalog_version + 1)
            audited(work.connection, actor, now, "service.open", service_id, unit_id, open=is_open)
            work.record(
                Event("unit.changed", now, {"what": "services", "service": service_id, "by": actor.ref})
            )
        return {"service": {"id": service_id, "open": is_open}}
