"""The OpenAPI 3.1 document, made from the same table of routes and the same models that serve the requests."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from server import __version__
from server.domain.errors import CODES
from server.web.access import Route
from server.wire.answers import Error

_REF = "#/components/schemas/{model}"
_DESCRIPTIONS = {
    400: "Malformed",
    401: "Not authenticated",
    403: "Forbidden",
    404: "Not found",
    409: "Conflict",
    413: "Too large",
    415: "Not JSON",
    422: "Invalid",
    429: "Too many requests",
    503: "Unavailable",
}
_STATUS = {
    "bad_request": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "missing": 404,
    "conflict": 409,
    "invalid": 422,
    "unavailable": 503,
}


def document(routes: Sequence[Route], prefix: str) -> dict[str, Any]:
    """The whole specification."""
    models: set[type[BaseModel]] = {Error}
    models |= {m for r in routes for m in (r.body, r.answer) if m is not None}
    pairs = [(m, "validation") for m in sorted(models, key=lambda m: m.__name__)]
    refs, schemas = models_json_schema(pairs, ref_template=_REF)  # type: ignore[arg-type]
    known: dict[Any, Any] = {model: ref for (model, _), ref in refs.items()}
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        path = prefix + re.sub(r"<(\w+)>", r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, known)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Vez",
            "version": __version__,
            "description": "Queue management and kiosk ticketing. Socket messages: docs/protocol.md.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas.get("$defs", {}),
            "securitySchemes": {
                "device": {"type": "http", "scheme": "bearer"},
                "staff": {"type": "apiKey", "in": "cookie", "name": "vez_session"},
                "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token"},
            },
        },
    }


def _operation(route: Route, refs: dict[Any, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "parameters": _parameters(route),
        "responses": _responses(route, refs),
        "security": _security(route),
    }
    if route.body is not None:
        operation["requestBody"] = {
            "required": any(f.is_required() for f in route.body.model_fields.values()),
            "content": {"application/json": {"schema": refs[route.body]}},
        }
    return operation


def _parameters(route: Route) -> list[dict[str, Any]]:
    text = {"type": "string"}
    found = [
        {"name": name, "in": "path", "required": True, "schema": text}
        for name in re.findall(r"<(\w+)>", route.path)
    ]
    found += [{"name": name, "in": "query", "schema": text, "description": why} for name, why in route.query]
    if route.idempotent:
        key = {"type": "string", "minLength": 1, "maxLength": 128}
        why = "The same key, sender and body get the same answer again."
        found.append({"name": "Idempotency-Key", "in": "header", "schema": key, "description": why})
    return found


def _security(route: Route) -> list[dict[str, list[str]]]:
    if route.access.public:
        return []
    ways: list[dict[str, list[str]]] = []
    if route.access.devices:
        ways.append({"device": []})
    if route.access.roles:
        ways.append({"staff": []} if route.method == "GET" else {"staff": [], "csrf": []})
    return ways


def _responses(route: Route, refs: dict[Any, Any]) -> dict[str, Any]:
    good: dict[str, Any] = {"description": route.summary}
    if route.answer is not None:
        good["content"] = {"application/json": {"schema": refs[route.answer]}}
    if route.media:
        good["content"] = {route.media: {}}
    responses = {str(route.status): good}
    if route.idempotent and route.status == 201:
        responses["200"] = good | {"description": "The same command before: the same answer"}
    codes: dict[int, list[str]] = {}
    for code in _codes(route):
        codes.setdefault(_STATUS[CODES[code].value], []).append(code)
    if route.body is not None:
        codes |= {413: ["body_too_large"], 415: ["unsupported_media_type"]}
    if route.limit or route.name == "log_in":
        codes[429] = ["too_many_requests"]
    error = {"application/json": {"schema": refs[Error]}}
    for status, names in sorted(codes.items()):
        text = f"{_DESCRIPTIONS[status]}: {', '.join(sorted(set(names)))}"
        responses[str(status)] = {"description": text, "content": error}
    return responses


def _codes(route: Route) -> tuple[str, ...]:
    codes = [*route.errors, "bad_request", "unavailable"]
    if route.body is not None:
        codes += ["malformed_json", "invalid_fields"]
    if not route.access.public:
        codes += ["not_authenticated", "session_expired", "device_revoked", "forbidden"]
        if route.access.roles and route.method != "GET":
            codes.append("csrf_failed")
    return tuple(codes)
