"""The one error handler: every refusal and every accident in the one shape of docs/protocol.md, localised."""

from __future__ import annotations

import json
import logging
from functools import cache
from importlib import resources
from typing import Any

from flask import Flask, Response, jsonify, make_response, request
from flask_limiter import RateLimitExceeded
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from server.domain.catalog import DEFAULT_LANGUAGE, LANGUAGES
from server.domain.errors import Family, Refusal
from server.store.engine import is_away
from server.web.calls import UnsupportedMediaType, language_of_request
from server.web.pages import is_visit, sorry

log = logging.getLogger("vez.web")

STATUS = {
    Family.bad_request: 400,
    Family.unauthenticated: 401,
    Family.forbidden: 403,
    Family.missing: 404,
    Family.conflict: 409,
    Family.invalid: 422,
    Family.unavailable: 503,
}
_HTTP_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
    429: "too_many_requests",
    503: "unavailable",
}
RETRY_SECONDS = 2


@cache
def messages(language: str) -> dict[str, str]:
    """Every error message of one language, by code."""
    chosen = language if language in LANGUAGES else DEFAULT_LANGUAGE
    text = resources.files("server.web").joinpath("i18n", f"{chosen}.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def error_body(code: str, language: str, detail: dict[str, Any] | None = None) -> dict[str, Any]:
    """The one shape, for HTTP answers and socket acks alike."""
    return {"error": {"code": code, "message": messages(language)[code], "detail": detail or {}}}


def _answer(code: str, status: int, detail: dict[str, Any] | None = None) -> Response:
    language = language_of_request()
    if is_visit():
        response = make_response(sorry(messages(language)[code], language))
    else:
        response = jsonify(error_body(code, language, detail))
    response.status_code = status
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def install(app: Flask) -> None:
    """Register the handlers for API and pages alike."""

    @app.before_request
    def no_nul() -> None:
        # PostgreSQL keeps no NUL in a text: no address that holds one names anything.
        if "\0" in request.path or any("\0" in value for value in request.args.values()):
            raise Refusal("bad_request")

    @app.errorhandler(Refusal)
    def refused(error: Refusal) -> Response:
        return _answer(error.code, STATUS[error.family], error.detail)

    @app.errorhandler(UnsupportedMediaType)
    def no_json(_error: UnsupportedMediaType) -> Response:
        return _answer("unsupported_media_type", 415)

    @app.errorhandler(RateLimitExceeded)
    def too_many(error: RateLimitExceeded) -> Response:
        response = _answer("too_many_requests", 429, {"limit": str(error.limit.limit)})
        response.headers["Retry-After"] = str(int(error.limit.limit.get_expiry()))
        return response

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        status = error.code or 500
        response = _answer(_HTTP_CODES.get(status, "bad_request"), status)
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            response.allow.update(error.valid_methods)
        return response

    @app.errorhandler(SQLAlchemyError)
    def database(error: SQLAlchemyError) -> Response:
        return _database(error)

    @app.errorhandler(Exception)
    def accident(_error: Exception) -> Response:
        log.exception("unexpected failure")
        return _answer("internal_error", 500)


def _database(error: SQLAlchemyError) -> Response:
    if isinstance(error, IntegrityError):
        # A constraint held where a check did not: refuse, and let it be looked at.
        log.warning("a constraint refused a write: %s", error.orig)
        return _answer("conflict", 409)
    if is_away(error):
        log.error("the database is unavailable: %s", getattr(error, "orig", error))
        return _answer("unavailable", 503)
    log.exception("database failure")
    return _answer("internal_error", 500)
