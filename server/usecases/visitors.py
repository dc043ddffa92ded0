"""What a citizen does: read the menu, take a ticket, follow it on the phone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row

from server.domain import hours
from server.domain.catalog import Catalog, Service, in_language
from server.domain.errors import Refusal
from server.domain.lifecycle import issued
from server.domain.numbering import business_day, label, series_prefix
from server.domain.policy import effective_arrival
from server.domain.presets import Mode, Preset
from server.domain.ticket import ALIVE, State, Ticket, Tier
from server.store import boards, counters, tickets
from server.store.idempotency import Key
from server.store.unit_of_work import all_units, find_unit
from server.store.work import Work
from server.usecases import numbers
from server.usecases import outlook as outlooks
from server.usecases.context import Actor, House, Json
from server.usecases.ids import new_follow_token, new_id
from server.usecases.spool import add_print_job, printer_of, printer_state
from server.usecases.standing import ahead_of
from server.wire.moments import iso, zone
from server.wire.requests import CheckIn, IssueTicket
from server.wire.views import Eyes, estimate_view, ticket_view
from server.wire.words import order_notice

_DAY_SECONDS = 24 * 3600


def units(house: House) -> Json:
    """Every unit with its opening of today."""
    now = house.now()
    with house.store.read() as connection:
        return {"units": [_unit_view(row, now) for row in all_units(connection)]}


def _unit_view(row: Row[Any], now: datetime) -> Json:
    local, holidays = now.astimezone(zone(row.timezone)), _holidays(row)
    times = hours.today(row.hours, holidays, local)
    opens, closes = times or (None, None)
    return {
        "id": row.id,
        "name": row.name,
        "address": row.address,
        "timezone": row.timezone,
        "open": hours.is_open(row.hours, holidays, local),
        "opens_at": opens,
        "closes_at": closes,
    }


def _holidays(row: Row[Any]) -> frozenset[date]:
    return frozenset(date.fromisoformat(text) for text in row.holidays)


def closed_reason(unit_row: Row[Any], service: Service, now: datetime) -> str | None:
    """Why a service takes nobody now: ``unit_closed``, ``service_closed``, or None when it is open."""
    local, holidays = now.astimezone(zone(unit_row.timezone)), _holidays(unit_row)
    if not service.open:
        return "service_closed"
    if not hours.is_open(unit_row.hours, holidays, local):
        return "unit_closed"
    if service.hours is not None and not hours.is_open(service.hours, holidays, local):
        return "service_closed"
    return None


def menu(house: House, unit_id: str, language: str, actor: Actor) -> Json:
    """All that a kiosk shows, in one language: services with documents, waiting counts, forecast and opening."""
    now = house.now()
    with house.store.read() as connection:
        row = find_unit(connection, unit_id)
        catalog = house.catalog(connection, row)
        outlook = outlooks.look(connection, catalog, house.room_pace)
        run_out = numbers.run_out(house, connection, row, catalog)
        groups = []
        for category in catalog.categories:
            members = [s for s in catalog.services.values() if s.category == category.id]
            shown = [_service_view(connection, row, s, outlook, run_out, language, now) for s in members]
            groups.append(
                {
                    "id": category.id,
                    "icon": category.icon,
                    "name": in_language(category.name, language),
                    "services": shown,
                }
            )
        return {
            "unit": _menu_unit(row, now),
            "language": language,
            "languages": row.settings.get("languages", []),
            "categories": groups,
            **_texts(row, house.preset(row), language),
            "printer": printer_state(connection, actor, row, now),
            "seq": row.seq,
        }


def _menu_unit(row: Row[Any], now: datetime) -> Json:
    local, holidays = now.astimezone(zone(row.timezone)), _holidays(row)
    times = hours.today(row.hours, holidays, local)
    opening = hours.next_opening(row.hours, holidays, local)
    is_open = hours.is_open(row.hours, holidays, local)
    return {
        "id": row.id,
        "name": row.name,
        "address": row.address,
        "timezone": row.timezone,
        "open": is_open,
        "hours": {"opens": times[0], "closes": times[1]} if times else None,
        "next_opening": None if is_open or opening is None else opening.isoformat(),
    }


def _texts(row: Row[Any], preset: Preset, language: str) -> Json:
    """The unit's own words: tiers and notices with the law (and with a departure from it), and a message."""
    settings = row.settings
    tiers = [
        {
            "id": tier["id"],
            "name": in_language(tier["name"], language),
            "description": in_language(tier["description"], language),
        }
        for tier in settings.get("tiers", [])
    ]
    notices = {name: in_language(words, language) for name, words in settings.get("notices", {}).items()}
    if preset.legal_notice_needed:
        notices["order"] = order_notice(language, preset)
    message = settings.get("kiosk_message")
    return {
        "tiers": tiers,
        "notices": notices,
        "message": in_language(message, language) if message else None,
    }


def _service_view(
    connection: Connection,
    row: Row[Any],
    service: Service,
    outlook: outlooks.Outlook,
    run_out: frozenset[str],
    language: str,
    now: datetime,
) -> Json:
    capped = [tier for tier in Tier if series_prefix(service.prefix, tier) in run_out]
    why = closed_reason(row, service, now)
    # While one tier has numbers, the service is open: nobody of it shall go home for the others' sake.
    if why is None and (len(capped) == len(Tier) or _is_capped(connection, row, service)):
        why = "daily_cap_reached"
    local = now.astimezone(zone(row.timezone))
    opening = None
    if why in {"unit_closed", "service_closed"} and service.open:
        opening = hours.next_opening(service.hours or row.hours, _holidays(row), local)
    ahead = outlook.ahead_of_new(service.id, Tier.normal)
    waiting = sum(count for (name, _), count in outlook.lanes.items() if name == service.id)
    return {
        "id": service.id,
        "name": in_language(service.name, language),
        "official_name": service.official_name,
        "description": in_language(service.description, language),
        "documents": in_language(service.documents, language),
        "keywords": in_language(service.keywords, language),
        "prefix": service.prefix,
        "target_minutes": service.target_minutes,
        "open": why is None,
        "closed_reason": why,
        "capped_tiers": [tier.value for tier in capped],
        "next_opening": opening.isoformat() if opening else None,
        "waiting": waiting,
        "estimate": estimate_view(outlook.forecast(service.id, Tier.normal, ahead)),
    }


def _is_capped(connection: Connection, row: Row[Any], service: Service) -> bool:
    cap = service.daily_cap
    return cap is not None and tickets.issued_today(connection, row.id, row.day, service.id) >= cap


def issue(
    house: House, actor: Actor, unit_id: str, request: IssueTicket, key: Key | None
) -> tuple[Json, bool]:
    """Give out a ticket and ask for its paper, in one transaction: ``({ticket, print_job}, is_new)``.

    Raises ``Refusal``: unknown_unit, unknown_service, service_closed, unit_closed, daily_cap_reached,
    series_exhausted, idempotency_key_reused.
    """
    actor.must_reach(unit_id)
    return house.keyed(unit_id, key, lambda work: _issue(house, actor, work, request))


def _issue(house: House, actor: Actor, work: Work, request: IssueTicket) -> Json:
    now, tier = house.now(), Tier(request.tier)
    catalog = house.catalog(work.connection, work.unit)
    service = catalog.services.get(request.service)
    if service is None:
        raise Refusal("unknown_service", service=request.service)
    _must_be_open(work, service, now)
    outlook = outlooks.look_at(work, catalog, house.room_pace)
    ahead = outlook.ahead_of_new(service.id, tier)
    ticket = _new_ticket(house, work, catalog, service, tier, request.language, _origin(actor), now)
    if isinstance(request, CheckIn):
        ticket = _booked(work, ticket, request.booked)
    if isinstance(request, CheckIn) or house.preset(work.unit).mode is not Mode.law:
        # A walk-in by the law's order stands behind everybody of its tier: counted already.
        ahead = ahead_of(house, work.connection, work.unit, catalog, ticket)
    token = new_follow_token()
    tickets.add(work, ticket, token, actor.ref)
    forecast = outlook.forecast(service.id, tier, ahead)
    view = ticket_view(
        ticket,
        Eyes(request.language, work.unit.timezone, catalog.services),
        ahead=ahead,
        estimate=forecast,
        follow_url=f"{house.public_url}/t/{token}",
    )
    event = issued(ticket, actor.ref)
    job = add_print_job(work, actor, ticket, view, copy=1, now=now, large=request.large_print)
    if job is not None:
        event.data.update(print_job=job["id"], printer=printer_of(work.connection, actor, ticket.unit))
    if forecast is not None:
        # Kept with the event, so that each promise can be held against what came (issue: judge the estimator).
        event.data.update(estimate=view["estimate"], ahead=ahead)
    work.record(event)
    return {"ticket": view, "print_job": job}


def _booked(work: Work, t: Ticket, booked: datetime) -> Ticket:
    """The ticket of an appointment: in time it stands at its booked time, late at its check-in (DOMAIN 4)."""
    # First by plain distance: the ends of the calendar have no business day.
    near = abs((booked - t.issued_at).total_seconds()) < _DAY_SECONDS
    if not near or business_day(booked, work.unit.timezone) != work.day:
        raise Refusal("invalid_fields", fields=[{"field": "booked", "problem": "not_today"}])
    arrival = effective_arrival(t.issued_at, booked, t.arrival_at)
    return replace(t, origin="appointment", appointment_at=booked, arrival_at=arrival)


def _origin(actor: Actor) -> str:
    return {"device": "kiosk", "staff": "reception"}.get(actor.kind, "web")


def _must_be_open(work: Work, service: Service, now: datetime) -> None:
    why = closed_reason(work.unit, service, now)
    if why:
        raise Refusal(why, service=service.id)
    if service.daily_cap is not None:
        issued_count = tickets.issued_today(work.connection, work.unit.id, work.day, service.id)
        if issued_count >= service.daily_cap:
            raise Refusal("daily_cap_reached", service=service.id, cap=service.daily_cap)


def _new_ticket(
    house: House,
    work: Work,
    catalog: Catalog,
    service: Service,
    tier: Tier,
    language: str,
    origin: str,
    now: datetime,
) -> Ticket:
    prefix, number, lap = numbers.take(house, work, catalog, service.prefix, tier)
    arrival = house.arrival(work, now)
    return Ticket(
        id=new_id(arrival),
        unit=work.unit.id,
        day=work.day,
        label=label(prefix, number),
        prefix=prefix,
        number=number,
        lap=lap,
        service=service.id,
        tier=tier,
        language=language,
        state=State.waiting,
        origin=origin,
        issued_at=now,
        arrival_at=arrival,
        waiting_since=now,
    )


def follow(house: House, token: str, language: str | None = None) -> Json:
    """What the phone page shows of one ticket. No identity. Raises ``Refusal('unknown_ticket')``."""
    with house.store.read() as connection:
        t = boards.by_follow_token(connection, token)
        if t is None:
            raise Refusal("unknown_ticket")
        row = find_unit(connection, t.unit)
        catalog = house.catalog(connection, row)
        eyes = Eyes(language or t.language, row.timezone, catalog.services)
        shown: Json = {"label": t.label, "state": str(t.state), "service_name": eyes.service_name(t.service)}
        shown |= {"language": t.language, "issued_at": iso(t.issued_at, row.timezone), "calls": t.calls}
        shown |= {"called_at": iso(t.called_at, row.timezone)}
        shown |= _place(house, connection, row, catalog, t) | _where(connection, t)
        return {
            "ticket": shown,
            "unit": {"id": row.id, "name": row.name, "address": row.address},
            "closed": t.state not in ALIVE,
        }


def _place(house: House, connection: Connection, row: Row[Any], catalog: Catalog, t: Ticket) -> Json:
    if t.state is not State.waiting or t.service not in catalog.services:
        return {"position": None, "ahead": None, "estimate": None}
    ahead = ahead_of(house, connection, row, catalog, t)
    outlook = outlooks.look(connection, catalog, house.room_pace)
    promise = outlook.forecast(t.service, t.tier, ahead)
    return {"position": ahead + 1, "ahead": ahead, "estimate": estimate_view(promise)}


def _where(connection: Connection, t: Ticket) -> Json:
    if t.state not in (State.called, State.serving) or t.counter is None:
        return {"counter": None, "counter_number": None, "counter_kind": None}
    seat = counters.get(connection, t.unit, t.counter)
    return {"counter": seat.id, "counter_number": seat.number, "counter_kind": seat.kind}
