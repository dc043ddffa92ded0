"""The API blueprint: the table of routes, each wrapped in the same few steps."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, Response, request
from flask_limiter import Limiter

from server.web.access import Route
from server.web.calls import prepare
from server.web.handlers import ROUTES
from server.web.openapi import document

PREFIX = "/api/v1"


def to_response(answer: Any, status: int) -> Response:
    """A use case's answer as HTTP: data, (data, status), a ready response, or nothing."""
    if isinstance(answer, Response):
        return answer
    if isinstance(answer, tuple):
        answer, status = answer
    if answer is None:
        return Response(status=204)
    text = getattr(answer, "text", "") or orjson.dumps(answer)
    return Response(text, status, mimetype="application/json")


def _view(route: Route) -> Any:
    def view(**path: str) -> Response:
        response = to_response(route.handler(prepare(route), **path), route.status)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    view.__name__ = route.name
    return view


def login_name() -> str:
    """The key of the failed-login limit: address and name, so that one person's typing locks nobody else out."""
    data = request.get_json(silent=True, cache=True)
    name = data.get("username") if isinstance(data, dict) else None
    return f"{request.remote_addr}:{str(name).lower()[:60]}"


def _follow_key() -> str:
    """Phones in one waiting room share an address; each ticket has a limit of its own."""
    return f"{request.remote_addr}:{(request.view_args or {}).get('token', '')[:40]}"


def make_api(limiter: Limiter) -> Blueprint:
    """The blueprint with every route of ``ROUTES``, its limits, and the OpenAPI document."""
    api = Blueprint("api", __name__, url_prefix=PREFIX)
    for route in ROUTES:
        view = _view(route)
        if route.name == "log_in":
            failed = lambda response: response.status_code == 401  # noqa: E731 - said where it is used
            view = limiter.limit("10 per minute", key_func=login_name, deduct_when=failed)(view)
            view = limiter.limit("100 per minute", deduct_when=failed)(view)
        elif route.limit:
            view = limiter.limit(route.limit, key_func=_follow_key if "<token>" in route.path else None)(view)
        api.add_url_rule(route.path, route.name, view, methods=[route.method])

    @api.get("/openapi.json")
    def openapi() -> Response:
        return to_response(document(ROUTES, PREFIX), 200)

    return api
