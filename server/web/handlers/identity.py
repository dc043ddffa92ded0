"""Who asks: sessions of the staff, pairing and heartbeats of devices."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, jsonify

from server.usecases import accounts, devices
from server.web.access import PUBLIC, route
from server.web.calls import COOKIE, Call
from server.web.handlers.rules import DEVICE, STAFF
from server.wire import answers, requests

Answer = Any


@route(
    "POST",
    "/session",
    PUBLIC,
    "Log a member of staff in",
    body=requests.Login,
    answer=answers.Session,
    errors=("bad_credentials",),
)
def log_in(call: Call) -> Answer:
    token, view = accounts.log_in(call.house, call.body.username, call.body.password)
    response = jsonify(view)
    settings = current_app.extensions["vez_settings"]
    response.set_cookie(
        COOKIE,
        token,
        max_age=settings.session_hours * 3600,
        httponly=True,
        samesite="Lax",
        secure=settings.secure_cookies,
        path="/",
    )
    return response


@route("GET", "/session", STAFF, "Who is logged in, and the CSRF token", answer=answers.Session)
def show_session(call: Call) -> Answer:
    return accounts.session_view(call.session)


@route("DELETE", "/session", STAFF, "Log out", status=204)
def log_out(call: Call) -> Answer:
    accounts.log_out(call.house, call.actor, call.token)
    response = Response(status=204)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="Lax")
    return response


@route(
    "POST",
    "/devices/pair",
    PUBLIC,
    "Trade a pairing code for a token",
    body=requests.Pair,
    answer=answers.Paired,
    status=201,
    errors=("unknown_pairing_code",),
    limit="20 per minute",
)
def pair_device(call: Call) -> Answer:
    return devices.pair(call.house, call.body.code)


@route("GET", "/devices/me", DEVICE, "The device that asks", answer=answers.DeviceOnly)
def show_device(call: Call) -> Answer:
    return devices.me(call.actor)


@route("POST", "/devices/heartbeat", DEVICE, "How a device is", body=requests.Heartbeat, status=204)
def heartbeat(call: Call) -> Answer:
    devices.heartbeat(call.house, call.actor, call.body)
