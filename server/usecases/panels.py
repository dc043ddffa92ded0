"""How the panels of a unit are set: once for the unit, and where one screen differs, for that screen.

Kept in the unit's settings as ``panel: {unit: {…}, devices: {id: {…}}}``; only what was chosen is kept. Every change
is audited and told to the screens, which read what is in force for them.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row

from server.domain.catalog import Catalog, in_language
from server.domain.errors import Refusal
from server.domain.events import Event
from server.domain.media import IMAGE_BYTES, VIDEO_BYTES
from server.store import counters, devices
from server.store.unit_of_work import find_unit
from server.store.work import Work
from server.usecases.context import Actor, House, Json, audited
from server.usecases.playlists import MOST_ITEMS, media_views
from server.usecases.spool import is_online
from server.wire.unit_settings import PanelSettings

DEFAULTS: Json = {
    "layout": "calls",
    "language": None,
    "contrast": "normal",
    "fresh_seconds": 120,
    "sound": {"enabled": True, "volume": 1, "repeat": 2, "languages": []},
    "filter": None,
    "messages": [],
}


def in_force(house: House, actor: Actor, unit_id: str) -> Json:
    """What the panel that asks is to do (for staff: a panel without settings of its own): ``{settings}``."""
    actor.must_reach(unit_id)
    with house.store.read() as connection:
        row = find_unit(connection, unit_id)
        kept = _kept(row)
        chosen = DEFAULTS | kept["unit"] | kept["devices"].get(actor.id, {})
        resolved = _resolved(connection, house.catalog(connection, row), row.id, chosen["filter"])
        media = [item for item in media_views(row) if item["on"]]
        return {"settings": chosen | {"filter": resolved, "media": media}}


def _kept(row: Row[Any]) -> Json:
    panel = row.settings.get("panel", {})
    return {"unit": panel.get("unit", {}), "devices": panel.get("devices", {})}


def _resolved(connection: Connection, catalog: Catalog, unit_id: str, wish: Json | None) -> Json | None:
    """Categories as their services, zones as their counters. What no longer exists is left out: then all is shown."""
    if not wish:
        return None
    services = [s.id for s in catalog.services.values() if s.category in wish["categories"]]
    rows = counters.of_unit(connection, unit_id)
    places = [c.id for c in rows if c.id in wish["counters"] or (c.zone and c.zone in wish["zones"])]
    return {"services": services, "counters": places} if services or places else None


def administration(house: House, actor: Actor, unit_id: str, language: str) -> Json:
    """All that the supervisor's page shows: what is chosen, for whom it may be chosen, and the play-list."""
    actor.must_reach(unit_id)
    with house.store.read() as connection:
        return _administration(house, connection, find_unit(connection, unit_id), language)


def _administration(house: House, connection: Connection, row: Row[Any], language: str) -> Json:
    kept, now = _kept(row), house.now()
    catalog = house.catalog(connection, row)
    seats = counters.of_unit(connection, row.id)
    panels = [
        {
            "id": d.id,
            "name": d.name,
            "online": is_online(d, now),
            "settings": _whole(kept["devices"][d.id]) if d.id in kept["devices"] else None,
        }
        for d in devices.of_unit(connection, row.id, "panel")
    ]
    return {
        "settings": _whole(kept["unit"]),
        "panels": panels,
        "categories": [{"id": c.id, "name": in_language(c.name, language)} for c in catalog.categories],
        "zones": sorted({c.zone for c in seats if c.zone}),
        "counters": [{"id": c.id, "number": c.number, "kind": c.kind, "zone": c.zone} for c in seats],
        "media": media_views(row),
        "limits": {"image_bytes": IMAGE_BYTES, "video_bytes": VIDEO_BYTES, "items": MOST_ITEMS},
    }


def _whole(chosen: Json) -> Json:
    return dict.fromkeys(DEFAULTS) | chosen


def set_unit(house: House, actor: Actor, unit_id: str, wish: PanelSettings, language: str) -> Json:
    """Set all panels of a unit. Raises ``Refusal``: invalid_fields (a category, zone or counter that is not there)."""
    return _set(house, actor, unit_id, None, wish, language)


def set_device(
    house: House, actor: Actor, unit_id: str, device_id: str, wish: PanelSettings, language: str
) -> Json:
    """Set where one panel differs; nothing chosen: it follows the unit again. Raises ``Refusal``: unknown_device,
    invalid_fields."""
    return _set(house, actor, unit_id, device_id, wish, language)


def _set(
    house: House, actor: Actor, unit_id: str, device_id: str | None, wish: PanelSettings, language: str
) -> Json:
    actor.must_reach(unit_id)
    chosen = wish.model_dump(exclude_none=True)
    with house.unit(unit_id) as work:
        panels = {row.id for row in devices.of_unit(work.connection, unit_id, "panel")}
        if device_id is not None and device_id not in panels:
            raise Refusal("unknown_device", device=device_id)
        _must_exist(house, work, chosen.get("filter"))
        before = _kept(work.unit)
        if device_id is None:
            after = before | {"unit": chosen}
        else:
            # Only of panels that are there: what was chosen for a revoked one goes with it.
            others = {
                id_: one for id_, one in before["devices"].items() if id_ in panels and id_ != device_id
            }
            after = before | {"devices": others | ({device_id: chosen} if chosen else {})}
        if after != before:
            change_settings(house, work, actor, "panel", after, device_id or unit_id, chosen)
    with house.store.read() as connection:
        return _administration(house, connection, find_unit(connection, unit_id), language)


def _must_exist(house: House, work: Work, wish: Json | None) -> None:
    if not wish:
        return
    seats = counters.of_unit(work.connection, work.unit.id)
    there = {
        "categories": {c.id for c in house.catalog(work.connection, work.unit).categories},
        "zones": {c.zone for c in seats if c.zone},
        "counters": {c.id for c in seats},
    }
    wrong = [
        {"field": f"filter.{name}", "problem": "unknown"} for name in there if set(wish[name]) - there[name]
    ]
    if wrong:
        raise Refusal("invalid_fields", fields=wrong)


def change_settings(
    house: House, work: Work, actor: Actor, name: str, value: Any, subject: str, told: Any
) -> None:
    """Store one of the unit's settings; note it in the audit and tell the screens (``unit.changed``)."""
    now = house.now()
    work.set_unit(settings={**work.unit.settings, name: value})
    audited(work.connection, actor, now, f"{name}.set", subject, work.unit.id, **{name: told})
    work.record(Event("unit.changed", now, {"what": name, "by": actor.ref}))
