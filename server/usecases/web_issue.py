"""A ticket from the unit's public page: the kiosk's rules, the kiosk's queue; only the door is another one."""

from __future__ import annotations

from server.domain.errors import Refusal
from server.domain.events import Event
from server.store.idempotency import Key
from server.store.unit_of_work import find_unit
from server.usecases import visitors
from server.usecases.context import PUBLIC, Actor, House, Json, audited
from server.wire.citizens import TakeFromWeb

SETTING = "web_issue"  # in unit.settings; off unless the unit has said otherwise


def is_on(house: House, unit_id: str) -> bool:
    """Whether the unit gives out tickets from the web. Raises ``Refusal('unknown_unit')``."""
    with house.store.read() as connection:
        return bool(find_unit(connection, unit_id).settings.get(SETTING, False))


def show(house: House, actor: Actor, unit_id: str) -> Json:
    """The switch and the address of the page, for the supervisor."""
    actor.must_reach(unit_id)
    return {"on": is_on(house, unit_id), "url": f"{house.public_url}/u/{unit_id}"}


def switch(house: House, actor: Actor, unit_id: str, on: bool) -> Json:
    """Open or close the public page. Tickets already taken stay what they are."""
    actor.must_reach(unit_id)
    now = house.now()
    with house.unit(unit_id) as work:
        if bool(work.unit.settings.get(SETTING, False)) is not on:
            work.set_unit(settings={**work.unit.settings, SETTING: on})
            audited(work.connection, actor, now, "unit.web_issue", unit_id, unit_id, on=on)
            work.record(Event("unit.changed", now, {"what": "web_issue", "by": actor.ref}))
    return show(house, actor, unit_id)


def take(house: House, unit_id: str, request: TakeFromWeb, key: Key | None) -> tuple[Json, bool]:
    """Give out a ticket without paper: ``({label, follow_url, ahead}, is_new)``.

    Raises ``Refusal``: forbidden when the unit does not do this, and all that issuing raises.
    """
    if not is_on(house, unit_id):
        raise Refusal("forbidden")
    answer, is_new = visitors.issue(house, PUBLIC, unit_id, request, key)
    made = answer["ticket"]
    return {"label": made["label"], "follow_url": made["follow_url"], "ahead": made["ahead"]}, is_new
