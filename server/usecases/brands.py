"""A unit's own look: name, colours, logo. Colours that cannot be read are refused when they are saved."""

from __future__ import annotations

import json
from typing import Any, BinaryIO
from zlib import crc32

from sqlalchemy import Row

from server.domain import colour
from server.domain.errors import Refusal
from server.domain.events import Event
from server.domain.media import NotMedia
from server.store.unit_of_work import find_unit
from server.store.work import Work
from server.usecases.context import Actor, House, Json, audited
from server.usecases.ids import new_id
from server.usecases.playlists import refuse_file
from server.usecases.shelf import Shelf
from server.wire.unit_settings import BrandWish


def show(house: House, actor: Actor, unit_id: str) -> Json:
    """The unit's name, colours and logo: ``{brand}``."""
    actor.must_reach(unit_id)
    with house.store.read() as connection:
        row = find_unit(connection, unit_id)
        return _view(row.id, row.name, _kept(row))


def _kept(row: Row[Any]) -> Json:
    kept: Json = {"colour": None, "ink": None, "logo": None}
    kept |= row.settings.get("brand", {})
    return kept


def look_of(row: Row[Any]) -> str:
    """A mark that changes with the unit's colours and logo: a page without a socket sees that its sheet is old."""
    return f"{crc32(json.dumps(_kept(row), sort_keys=True).encode()):08x}"


def _view(unit_id: str, name: str, brand: Json) -> Json:
    logo = brand["logo"]
    return {
        "brand": {
            "name": name,
            "colour": brand["colour"],
            "ink": brand["ink"],
            "logo_url": f"/units/{unit_id}/media/{logo}" if logo else None,
            "contrast": round(colour.contrast(brand["colour"], brand["ink"]), 2) if brand["colour"] else None,
        }
    }


def save(house: House, actor: Actor, unit_id: str, wish: BrandWish) -> Json:
    """Name and colours: ``{brand}``. Raises ``Refusal('low_contrast')`` with what they have and need."""
    actor.must_reach(unit_id)
    ink = (wish.ink or colour.ink_on(wish.colour)) if wish.colour else None
    if wish.colour and ink:
        try:
            colour.light_shades(wish.colour, ink)
        except colour.LowContrast as low:
            ratio = int(low.ratio * 100) / 100  # 4.499 must not be shown as the 4.5 that it lacks
            raise Refusal("low_contrast", pair=low.pair, ratio=ratio, needed=colour.ENOUGH) from None
    with house.unit(unit_id) as work:
        before = _kept(work.unit)
        after = before | {"colour": wish.colour, "ink": ink}
        if after != before or wish.name != work.unit.name:
            _store(house, work, actor, after, wish.name)
        return _view(unit_id, wish.name, after)


def set_logo(house: House, actor: Actor, unit_id: str, shelf: Shelf, stream: BinaryIO) -> Json:
    """A picture as the unit's logo: ``{brand}``. Raises ``Refusal``: not_media, media_too_large."""
    actor.must_reach(unit_id)
    show(house, actor, unit_id)
    try:
        with shelf.receive(unit_id, stream) as received:
            if received.form.kind != "image":
                raise NotMedia("unknown")
            name = f"{new_id(house.now())}.{received.form.suffix}"
            with house.unit(unit_id) as work:
                before = _kept(work.unit)
                shelf.keep(unit_id, received, name)
                _store(house, work, actor, before | {"logo": name}, work.unit.name)
    except NotMedia as problem:
        raise refuse_file(problem) from None
    if before["logo"]:
        shelf.drop(unit_id, before["logo"])
    return show(house, actor, unit_id)


def drop_logo(house: House, actor: Actor, unit_id: str, shelf: Shelf) -> Json:
    """No logo any more: ``{brand}``. Without one nothing happens."""
    actor.must_reach(unit_id)
    with house.unit(unit_id) as work:
        before = _kept(work.unit)
        if before["logo"]:
            _store(house, work, actor, before | {"logo": None}, work.unit.name)
    if before["logo"]:
        shelf.drop(unit_id, before["logo"])
    return show(house, actor, unit_id)


def _store(house: House, work: Work, actor: Actor, brand: Json, name: str) -> None:
    now = house.now()
    work.set_unit(name=name, settings={**work.unit.settings, "brand": brand})
    audited(work.connection, actor, now, "brand.set", work.unit.id, work.unit.id, name=name, **brand)
    work.record(Event("unit.changed", now, {"what": "brand", "by": actor.ref}))


def stylesheet(house: House, unit_id: str) -> str:
    """The unit's colours and logo as CSS over shared/tokens.css; empty where it has none of its own."""
    with house.store.read() as connection:
        brand = _kept(find_unit(connection, unit_id))
    parts = []
    if brand["colour"]:
        parts.append(
            _block(":root:not([data-contrast=high])", colour.light_shades(brand["colour"], brand["ink"]))
        )
        dark = colour.dark_shades(brand["colour"])
        parts.append(_block(":root[data-theme=dark]:not([data-contrast=high])", dark))
        # The phone pages follow the phone (they say data-theme=auto); the others never do.
        parts.append(f"@media (prefers-color-scheme: dark) {{ {_block(':root[data-theme=auto]', dark)} }}")
    if brand["logo"]:
        parts.append(".head-mark { display: none; }")  # the kiosk's own sign stands where the logo goes
        parts.append(
            f'.brand-logo {{ display: block; background-image: url("/units/{unit_id}/media/{brand["logo"]}"); }}'
        )
    return "\n".join(parts) + "\n" if parts else ""


def _block(selector: str, shades: colour.Shades) -> str:
    tokens = f"--brand: {shades.brand}; --brand-2: {shades.brand_2}; --brand-soft: {shades.brand_soft}; "
    tokens += f"--soft: {shades.brand_soft}; "  # what the phone pages call it
    return f"{selector} {{ {tokens}--brand-ink: {shades.brand_ink}; }}"
