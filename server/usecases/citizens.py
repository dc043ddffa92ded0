"""What a citizen does from the phone: look, say "I am late", give up, say what they thought of it.

Whoever holds the ticket's token is its citizen; there is nothing else to prove. Every command may be sent twice
(old phones, the back button): the second one changes nothing and answers the same.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from server.domain.errors import Refusal
from server.domain.lifecycle import Action, Move
from server.domain.ticket import State, Ticket
from server.store import boards, citizens, tickets
from server.store.unit_of_work import find_unit
from server.store.work import Work
from server.usecases import brands, telephones, visitors
from server.usecases.context import Actor, House, Json, rules_of
from server.usecases.seats import make_move
from server.wire.citizens import RateVisit
from server.wire.moments import iso
from server.wire.views import Eyes

CITIZEN = Actor("citizen")
GAVE_UP = "gave_up"
RATE_DAYS = 7
MOST_COMMENTS = 20
_MAY_GIVE_UP = frozenset({State.waiting, State.on_hold})


def follow(house: House, token: str, language: str | None = None) -> Json:
    """What the phone page shows of a ticket, and what its citizen may do now. Raises ``Refusal('unknown_ticket')``."""
    page = visitors.follow(house, token, language)
    with house.store.read() as connection:
        t = _ticket(boards.by_follow_token(connection, token))
        score = citizens.score_of(connection, t.id) if t.state is State.finished else None
        unit = find_unit(connection, t.unit)
    page["ticket"] |= {"late_at": iso(t.late_at, unit.timezone)}
    page["unit"] |= {"look": brands.look_of(unit)}
    page["rating"] = score
    page["push_key"] = telephones.public_key(house, t)
    page["can"] = {
        "late": t.state is State.waiting and t.late_at is None,
        "give_up": t.state in _MAY_GIVE_UP,
        "rate": score is None and _may_rate(t, house.now()),
    }
    return page


def _ticket(found: Ticket | None) -> Ticket:
    if found is None:
        raise Refusal("unknown_ticket")
    return found


def _may_rate(t: Ticket, now: datetime) -> bool:
    return (
        t.finished_at is not None
        and t.state is State.finished
        and now - t.finished_at <= timedelta(RATE_DAYS)
    )


def _lock(house: House, token: str) -> tuple[AbstractContextManager[Work], str]:
    with house.store.read() as connection:
        t = _ticket(boards.by_follow_token(connection, token))
    return house.unit(t.unit), t.id


def late(house: House, token: str, language: str | None) -> Json:
    """Let the next few go first and keep waiting. Raises ``Refusal``: unknown_ticket, illegal_transition."""
    unit, ticket_id = _lock(house, token)
    with unit as work:
        before = tickets.get(work.connection, ticket_id)
        if before.late_at is None or before.state is not State.waiting:
            place = later_place(house, work, before)
            make_move(work, before, Move(Action.late, house.now(), CITIZEN.ref, arrival_at=place))
    return follow(house, token, language)


def later_place(house: House, work: Work, t: Ticket) -> datetime:
    """The arrival of somebody who lets the unit's number of places go first: just behind the last of them.

    Only people of the same tier count: nobody who is late falls behind those whom the law puts after them.
    """
    line = house.catalog(work.connection, work.unit).companions(t.service)
    places = rules_of(work.unit).late_places
    behind = citizens.arrivals_behind(work.connection, t, line, places, house.now())
    return behind[-1] + timedelta(microseconds=1) if behind else t.arrival_at


def give_up(house: House, token: str, language: str | None) -> Json:
    """Cancel the ticket by its citizen. Raises ``Refusal``: unknown_ticket, illegal_transition (called, over)."""
    unit, ticket_id = _lock(house, token)
    with unit as work:
        before = tickets.get(work.connection, ticket_id)
        if before.state is not State.cancelled:
            make_move(work, before, Move(Action.cancel, house.now(), CITIZEN.ref, reason=GAVE_UP))
    return follow(house, token, language)


def rate(house: House, token: str, request: RateVisit, language: str | None) -> Json:
    """Keep what the citizen thought, once: what was said first stays.

    Raises ``Refusal``: unknown_ticket, illegal_transition for a visit that has not ended, or ended a week ago.
    """
    unit, ticket_id = _lock(house, token)
    with unit as work:
        t, now = tickets.get(work.connection, ticket_id), house.now()
        if citizens.score_of(work.connection, ticket_id) is None:
            if not _may_rate(t, now):
                raise Refusal("illegal_transition", state=str(t.state), action="rate")
            citizens.add_rating(work.connection, t, request.score, request.comment, now)
    return follow(house, token, language)


def satisfaction(house: House, actor: Actor, unit_id: str, language: str) -> Json:
    """What citizens said of today's visits: how many, the mean, each score, and the newest words."""
    actor.must_reach(unit_id)
    with house.store.read() as connection:
        row = find_unit(connection, unit_id)
        counts = citizens.scores(connection, unit_id, row.day)
        said = citizens.comments(connection, unit_id, row.day, MOST_COMMENTS)
        eyes = Eyes(language, row.timezone, house.catalog(connection, row).services)
    total = sum(counts.values())
    mean = round(sum(score * n for score, n in counts.items()) / total, 1) if total else None
    return {
        "day": row.day.isoformat(),
        "count": total,
        "average": mean,
        "scores": {str(score): counts.get(score, 0) for score in range(1, 6)},
        "comments": [
            {
                "label": one.label,
                "service_name": eyes.service_name(one.service),
                "score": one.score,
                "comment": one.comment,
                "at": iso(one.at, row.timezone),
            }
            for one in said
        ],
    }
