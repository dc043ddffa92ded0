"""What a supervisor does: devices, services, the end of the day."""

from __future__ import annotations

from typing import Any

from server.usecases import devices, endofday, supervision
from server.web.access import route
from server.web.calls import Call
from server.web.handlers.rules import LEADERS, UNIT_ERRORS
from server.wire import answers, requests

Answer = Any


@route(
    "GET",
    "/units/<unit>/devices",
    LEADERS,
    "Devices and their health",
    answer=answers.Devices,
    errors=UNIT_ERRORS,
)
def list_devices(call: Call, unit: str) -> Answer:
    return supervision.list_devices(call.house, call.actor, unit)


@route(
    "POST",
    "/units/<unit>/devices",
    LEADERS,
    "Register a device and get its pairing code",
    body=requests.NewDevice,
    answer=answers.NewDevice,
    status=201,
    errors=UNIT_ERRORS,
)
def add_device(call: Call, unit: str) -> Answer:
    return devices.add_device(call.house, call.actor, unit, call.body), 201


@route(
    "POST",
    "/units/<unit>/devices/<device>/revoke",
    LEADERS,
    "Turn a device away for good",
    body=requests.Nothing,
    answer=answers.DeviceOnly,
    errors=(*UNIT_ERRORS, "unknown_device"),
)
def revoke_device(call: Call, unit: str, device: str) -> Answer:
    return devices.revoke(call.house, call.actor, unit, device)


@route(
    "POST",
    "/units/<unit>/devices/<device>/units",
    LEADERS,
    "Let a kiosk serve further units",
    body=requests.ShareDevice,
    answer=answers.DeviceOnly,
    errors=(*UNIT_ERRORS, "unknown_device"),
)
def share_device(call: Call, unit: str, device: str) -> Answer:
    return devices.share(call.house, call.actor, unit, device, call.body.units)


@route(
    "POST",
    "/units/<unit>/services/<service>/open",
    LEADERS,
    "Open or close a service",
    body=requests.OpenService,
    answer=answers.ServiceOpen,
    errors=(*UNIT_ERRORS, "unknown_service"),
)
def open_service(call: Call, unit: str, service: str) -> Answer:
    return supervision.open_service(call.house, call.actor, unit, service, call.body.open)


@route(
    "POST",
    "/units/<unit>/close-day",
    LEADERS,
    "Close the business day early",
    body=requests.Nothing,
    answer=answers.DayClosed,
    errors=UNIT_ERRORS,
)
def close_day(call: Call, unit: str) -> Answer:
    return endofday.close_day_by_command(call.house, call.actor, unit)
