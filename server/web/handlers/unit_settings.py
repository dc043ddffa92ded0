"""How a supervisor sets the panels, their play-list and the look of a unit; and what a panel is to do."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from flask import request

from server.domain.media import VIDEO_BYTES
from server.usecases import brands, panels, playlists, promises
from server.web.access import SUPERVISOR, Access, route
from server.web.calls import Call
from server.web.files import the_shelf
from server.web.handlers.rules import LEADERS, UNIT_ERRORS
from server.wire import unit_settings as shapes

Answer = Any
_PANELS = Access(roles=SUPERVISOR, devices=frozenset({"panel"}))
_FILE_ERRORS = (*UNIT_ERRORS, "not_media", "media_too_large")


def _upload() -> BinaryIO:
    """The body as it comes in: too large for the usual limit, and never whole in memory."""
    request.max_content_length = VIDEO_BYTES
    return cast("BinaryIO", request.stream)


@route(
    "GET",
    "/units/<unit>/panel",
    _PANELS,
    "What a panel is to do",
    answer=shapes.PanelView,
    errors=UNIT_ERRORS,
)
def show_panel(call: Call, unit: str) -> Answer:
    return panels.in_force(call.house, call.actor, unit)


@route(
    "GET",
    "/units/<unit>/panel/settings",
    LEADERS,
    "How the panels are set, and their play-list",
    answer=shapes.PanelAdmin,
    errors=UNIT_ERRORS,
)
def show_panel_settings(call: Call, unit: str) -> Answer:
    return panels.administration(call.house, call.actor, unit, call.language)


@route(
    "PUT",
    "/units/<unit>/panel/settings",
    LEADERS,
    "Set all panels of a unit",
    body=shapes.PanelSettings,
    answer=shapes.PanelAdmin,
    errors=UNIT_ERRORS,
)
def set_panels(call: Call, unit: str) -> Answer:
    return panels.set_unit(call.house, call.actor, unit, call.body, call.language)


@route(
    "PUT",
    "/units/<unit>/panel/settings/<device>",
    LEADERS,
    "Set where one panel differs from the others",
    body=shapes.PanelSettings,
    answer=shapes.PanelAdmin,
    errors=(*UNIT_ERRORS, "unknown_device"),
)
def set_one_panel(call: Call, unit: str, device: str) -> Answer:
    return panels.set_device(call.house, call.actor, unit, device, call.body, call.language)


@route(
    "POST",
    "/units/<unit>/media",
    LEADERS,
    "Add a picture or video (the body is the file) to the play-list",
    answer=shapes.OneMedia,
    status=201,
    query=(("name", "what the file is called"),),
    errors=(*_FILE_ERRORS, "media_list_full"),
    limit="60 per minute",
)
def add_media(call: Call, unit: str) -> Answer:
    name = request.args.get("name", "")
    return playlists.add(call.house, call.actor, unit, the_shelf(), _upload(), name), 201


@route(
    "POST",
    "/units/<unit>/media/order",
    LEADERS,
    "Put the play-list into a new order",
    body=shapes.MediaOrder,
    answer=shapes.MediaList,
    errors=(*UNIT_ERRORS, "conflict"),
)
def arrange_media(call: Call, unit: str) -> Answer:
    return playlists.arrange(call.house, call.actor, unit, call.body.order)


@route(
    "PUT",
    "/units/<unit>/media/<media>",
    LEADERS,
    "When and how long an item is shown",
    body=shapes.MediaPlan,
    answer=shapes.OneMedia,
    errors=(*UNIT_ERRORS, "unknown_media"),
)
def plan_media(call: Call, unit: str, media: str) -> Answer:
    return playlists.plan(call.house, call.actor, unit, media, call.body)


@route(
    "DELETE",
    "/units/<unit>/media/<media>",
    LEADERS,
    "Take an item off the play-list",
    status=204,
    errors=(*UNIT_ERRORS, "unknown_media"),
)
def drop_media(call: Call, unit: str, media: str) -> Answer:
    playlists.drop(call.house, call.actor, unit, the_shelf(), media)


@route(
    "GET",
    "/units/<unit>/brand",
    LEADERS,
    "The unit's name, colours and logo",
    answer=shapes.BrandView,
    errors=UNIT_ERRORS,
)
def show_brand(call: Call, unit: str) -> Answer:
    return brands.show(call.house, call.actor, unit)


@route(
    "PUT",
    "/units/<unit>/brand",
    LEADERS,
    "Set the unit's name and colours",
    body=shapes.BrandWish,
    answer=shapes.BrandView,
    errors=(*UNIT_ERRORS, "low_contrast"),
)
def set_brand(call: Call, unit: str) -> Answer:
    return brands.save(call.house, call.actor, unit, call.body)


@route(
    "POST",
    "/units/<unit>/brand/logo",
    LEADERS,
    "Set the unit's logo (the body is the picture)",
    answer=shapes.BrandView,
    errors=_FILE_ERRORS,
    limit="60 per minute",
)
def set_logo(call: Call, unit: str) -> Answer:
    return brands.set_logo(call.house, call.actor, unit, the_shelf(), _upload())


@route(
    "DELETE",
    "/units/<unit>/brand/logo",
    LEADERS,
    "Show no logo",
    answer=shapes.BrandView,
    errors=UNIT_ERRORS,
)
def drop_logo(call: Call, unit: str) -> Answer:
    return brands.drop_logo(call.house, call.actor, unit, the_shelf())


@route(
    "GET",
    "/units/<unit>/forecast",
    LEADERS,
    "How good the forecasts of a day were",
    answer=shapes.ForecastReport,
    query=(("day", "YYYY-MM-DD; without it the day that is open"), ("tickets", "1: each ticket as well")),
    errors=(*UNIT_ERRORS, "invalid_fields"),
)
def show_forecast(call: Call, unit: str) -> Answer:
    day, each = request.args.get("day") or None, request.args.get("tickets") == "1"
    return promises.report(call.house, call.actor, unit, day, call.language, tickets=each)
