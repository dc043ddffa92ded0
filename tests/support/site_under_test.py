"""The web in one process: every answer that a test provokes is held against the OpenAPI document that is served."""

from __future__ import annotations

import secrets
from datetime import timedelta
from functools import cached_property
from typing import Any

from city import City, Seeded
from flask import Flask
from flask.testing import FlaskClient
from openapi_schema_validator import OAS31Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from server.app import create_app
from server.config import Settings
from server.store import accounts, catalog
from server.store.unit_of_work import Store
from server.usecases.context import House
from server.web.access import ROUTES, Route
from server.web.api import PREFIX

_ROUTES = {route.name: route for route in ROUTES}
Seen = dict[str, set[int]]


class Contract:
    """The served OpenAPI document, and which of its answers were seen."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.seen: Seen = {}
        resource = Resource.from_contents(document, default_specification=DRAFT202012)
        self._registry: Any = Registry().with_resource("urn:vez", resource)
        self._operations = {
            operation["operationId"]: (path, method)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        }
        self._validators: dict[tuple[str, int], Any] = {}

    def hold(self, name: str, response: TestResponse) -> None:
        """Raise AssertionError unless this status is declared for the operation and the body has its schema."""
        path, method = self._operations[name]
        declared = self.document["paths"][path][method]["responses"]
        status = str(response.status_code)
        assert status in declared, (
            f"{method.upper()} {path} answered {status}, declared are {sorted(declared)}"
        )
        self.seen.setdefault(name, set()).add(response.status_code)
        content = declared[status].get("content")
        if content is None:
            assert not response.data, f"{method.upper()} {path} {status} has an undeclared body"
            return
        assert response.mimetype == "application/json"
        problems = [error.message for error in self._validator(name, status).iter_errors(response.json)]
        assert not problems, f"{method.upper()} {path} {status}: {problems}"

    def _validator(self, name: str, status: str) -> Any:
        if (name, status) not in self._validators:
            path, method = self._operations[name]
            pointer = "/".join(
                part.replace("~", "~0").replace("/", "~1")
                for part in (
                    "paths",
                    path,
                    method,
                    "responses",
                    status,
                    "content",
                    "application/json",
                    "schema",
                )
            )
            self._validators[name, status] = OAS31Validator(
                {"$ref": f"urn:vez#/{pointer}"},
                registry=self._registry,
                format_checker=OAS31Validator.FORMAT_CHECKER,
            )
        return self._validators[name, status]


class Visitor:
    """Somebody who calls: nobody, a device, or a member of staff. Speaks one language."""

    def __init__(
        self, site: Site, client: FlaskClient, headers: dict[str, str] | None = None, language: str = ""
    ) -> None:
        self.site = site
        self.client = client
        self.headers = headers or {}
        self.language = language

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        without: tuple[str, ...] = (),
        **more: Any,
    ) -> TestResponse:
        """One call under /api/v1; the answer has been held against the contract."""
        headers = {name: value for name, value in self.headers.items() if name not in without}
        headers |= {"Accept-Language": self.language} if self.language else {}
        headers |= {"Idempotency-Key": key} if key is not None else {}
        headers |= more.pop("headers", {})
        if body is not None:
            more["json"] = body
        response = self.client.open(PREFIX + path, method=method, headers=headers, **more)
        if (name := self.site.operation(method, path)) is not None:
            self.site.contract.hold(name, response)
        return response

    def speaking(self, language: str) -> Visitor:
        """The same in another language."""
        return Visitor(self.site, self.client, self.headers, language)


class Site:
    """The application with its city."""

    def __init__(self, app: Flask, seeded: Seeded, clock: Any) -> None:
        self.app = app
        self.house: House = app.extensions["vez_house"]
        self.city = City(self.house, clock, seeded)
        self.clock = clock

    @property
    def store(self) -> Store:
        """The database."""
        return self.house.store

    @cached_property
    def contract(self) -> Contract:
        """What the application says of itself."""
        return Contract(self.app.test_client().get(f"{PREFIX}/openapi.json").json)

    def operation(self, method: str, path: str) -> str | None:
        """The operation that an address belongs to; None where there is none."""
        try:
            endpoint, _ = self.app.url_map.bind("vez.test").match(PREFIX + path.partition("?")[0], method)
        except HTTPException:
            return None
        name = str(endpoint).removeprefix("api.")
        return name if name in _ROUTES else None

    def nobody(self) -> Visitor:
        """Without token or cookie."""
        return Visitor(self, self.app.test_client(use_cookies=False))

    def bearer(self, token: str) -> Visitor:
        """Whoever holds this token."""
        return Visitor(self, self.app.test_client(use_cookies=False), {"Authorization": f"Bearer {token}"})

    def device(self, kind: str, unit: str = "centro") -> Visitor:
        """A unit's kiosk, panel, printer, or (made here, the demo has none) feedback tablet."""
        if kind == "feedback" and (unit, kind) not in self.city.seeded.devices:
            return self.bearer(self._feedback(unit))
        return self.bearer(self.city.seeded.token(kind, unit))

    def _feedback(self, unit: str) -> str:
        leader = self.staff("admin")
        made = leader("POST", f"/units/{unit}/devices", {"kind": "feedback", "name": "Tablet"}).json
        return str(self.nobody()("POST", "/devices/pair", {"code": made["code"]}).json["token"])

    def staff(self, username: str, **changes: Any) -> Visitor:
        """A member of staff with an open session; without the login, because argon2 means to be slow."""
        token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        now = self.house.now()
        values = {"expires_at": now + timedelta(hours=12)} | changes
        with self.store.write() as connection:
            row = accounts.by_username(connection, username)
            assert row is not None
            accounts.open_session(connection, row.id, token, csrf, now, **values)
        headers = {"Cookie": f"vez_session={token}", "X-CSRF-Token": csrf}
        return Visitor(self, self.app.test_client(use_cookies=False), headers)

    def close_service(self, service: str, unit: str = "centro") -> None:
        """As a supervisor does at the desk."""
        with self.store.lock_unit(unit) as work:
            catalog.set_open(work.connection, unit, service, False)


def route_of(name: str) -> Route:
    """A route by its operation's name."""
    return _ROUTES[name]


def build(url: str, seeded: Seeded, folder: Any, clock: Any, **settings: Any) -> Site:
    """An application on a database; nothing runs beside the requests."""
    usual = {"async_mode": "threading", "public_url": "http://vez.test"}
    made = Settings(database_url=url, data_dir=folder, **usual | settings)
    return Site(create_app(made, clock=clock), seeded, clock)
