"""The play-list of a unit's panels: files taken in and checked, when each is shown, and in which order."""

from __future__ import annotations

from typing import Any, BinaryIO

from sqlalchemy import Row

from server.domain.errors import Refusal
from server.domain.events import Event
from server.domain.media import FORMS, NotMedia
from server.store.unit_of_work import find_unit
from server.store.work import Work
from server.usecases.context import Actor, House, Json, audited
from server.usecases.ids import new_id
from server.usecases.shelf import Shelf
from server.wire.unit_settings import MediaPlan

MOST_ITEMS = 40
_PLAN = MediaPlan().model_dump(by_alias=True)


def items_of(row: Row[Any]) -> list[Json]:
    """The play-list as it is kept: ``{id, suffix, name, bytes, …plan}``, in order."""
    return list(row.settings.get("media", []))


def media_views(row: Row[Any]) -> list[Json]:
    """The play-list as screens see it."""
    return [media_view(row.id, item) for item in items_of(row)]


def media_view(unit_id: str, item: Json) -> Json:
    """One item: its address, and when it is shown."""
    name = file_name(item)
    more = {"kind": FORMS[item["suffix"]].kind, "url": f"/units/{unit_id}/media/{name}"}
    return {key: value for key, value in item.items() if key != "suffix"} | more


def file_name(item: Json) -> str:
    """What the file is called on the shelf."""
    return f"{item['id']}.{item['suffix']}"


def refuse_file(problem: NotMedia) -> Refusal:
    """The refusal of a file, in the words of its problem."""
    code = "media_too_large" if problem.problem in ("too_large", "too_many_pixels") else "not_media"
    return Refusal(code, problem=problem.problem)


def add(house: House, actor: Actor, unit_id: str, shelf: Shelf, stream: BinaryIO, name: str) -> Json:
    """Take a picture or video into the play-list, last: ``{media}``.

    Raises ``Refusal``: not_media, media_too_large, media_list_full, unknown_unit.
    """
    actor.must_reach(unit_id)
    with house.store.read() as connection:
        _must_have_room(items_of(find_unit(connection, unit_id)))  # before a long upload, not after
    try:
        with shelf.receive(unit_id, stream) as received:
            item: Json = {"id": new_id(house.now()), "suffix": received.form.suffix, "bytes": received.size}
            item |= {"name": _shown_name(name) or received.form.suffix} | _PLAN
            with house.unit(unit_id) as work:
                before = items_of(work.unit)
                _must_have_room(before)
                shelf.keep(unit_id, received, file_name(item))
                _store(house, work, actor, [*before, item], "media.add", item["id"], name=item["name"])
    except NotMedia as problem:
        raise refuse_file(problem) from None
    shelf.sweep(unit_id, _wanted(house, unit_id), house.now())
    return {"media": media_view(unit_id, item)}


def _must_have_room(items: list[Json]) -> None:
    if len(items) >= MOST_ITEMS:
        raise Refusal("media_list_full", most=MOST_ITEMS)


def _shown_name(name: str) -> str:
    return "".join(sign for sign in name if sign.isprintable()).strip()[:80]


def _wanted(house: House, unit_id: str) -> set[str]:
    with house.store.read() as connection:
        row = find_unit(connection, unit_id)
        logo = row.settings.get("brand", {}).get("logo")
        return {file_name(item) for item in items_of(row)} | ({logo} if logo else set())


def plan(house: House, actor: Actor, unit_id: str, media_id: str, wish: MediaPlan) -> Json:
    """When and for how long an item is shown: ``{media}``. Raises ``Refusal('unknown_media')``."""
    actor.must_reach(unit_id)
    with house.unit(unit_id) as work:
        before = items_of(work.unit)
        old = _find(before, media_id)
        new = old | wish.model_dump(by_alias=True)
        if new != old:
            after = [new if item is old else item for item in before]
            _store(house, work, actor, after, "media.plan", media_id, name=old["name"])
        return {"media": media_view(unit_id, new)}


def arrange(house: House, actor: Actor, unit_id: str, order: list[str]) -> Json:
    """Put the play-list into a new order: ``{media}``. Raises ``Refusal('conflict')`` when it does not name each item
    once: somebody else added or dropped one meanwhile."""
    actor.must_reach(unit_id)
    with house.unit(unit_id) as work:
        known = {item["id"]: item for item in items_of(work.unit)}
        if len(order) != len(known) or set(order) != set(known):
            raise Refusal("conflict")
        if order != list(known):
            _store(house, work, actor, [known[id_] for id_ in order], "media.arrange", unit_id)
        return {"media": [media_view(unit_id, known[id_]) for id_ in order]}


def drop(house: House, actor: Actor, unit_id: str, shelf: Shelf, media_id: str) -> None:
    """Take an item off the play-list and forget its file. Raises ``Refusal('unknown_media')``."""
    actor.must_reach(unit_id)
    with house.unit(unit_id) as work:
        before = items_of(work.unit)
        old = _find(before, media_id)
        after = [item for item in before if item is not old]
        _store(house, work, actor, after, "media.drop", media_id, name=old["name"])
    shelf.drop(unit_id, file_name(old))


def _find(items: list[Json], media_id: str) -> Json:
    for item in items:
        if item["id"] == media_id:
            return item
    raise Refusal("unknown_media", media=media_id)


def _store(
    house: House, work: Work, actor: Actor, items: list[Json], action: str, subject: str, **told: Any
) -> None:
    now = house.now()
    work.set_unit(settings={**work.unit.settings, "media": items})
    audited(work.connection, actor, now, action, subject, work.unit.id, **told)
    work.record(Event("unit.changed", now, {"what": "panel", "by": actor.ref}))
