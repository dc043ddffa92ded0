"""One API call: who asks, in which language, with which body and key."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from flask import current_app, request
from pydantic import BaseModel, ValidationError
from werkzeug.datastructures import LanguageAccept
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.http import parse_accept_header

from server.domain.catalog import DEFAULT_LANGUAGE, LANGUAGES
from server.domain.errors import Refusal
from server.store.idempotency import Key
from server.usecases import accounts, devices
from server.usecases.context import PUBLIC, Actor, House
from server.web.access import Route
from server.wire.requests import problems

COOKIE = "vez_session"
LONGEST_KEY = 128
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Call:
    """What a handler is given."""

    house: House
    actor: Actor
    language: str
    body: Any = None
    key: Key | None = None
    session: Any = None  # the row of the staff's session
    token: str = ""


def the_house() -> House:
    """The house of the running application."""
    house: House = current_app.extensions["vez_house"]
    return house


def language_of_request() -> str:
    """``?lang=``, else the best of Accept-Language, else Portuguese."""
    asked = request.args.get("lang") if request.query_string else None
    if asked in LANGUAGES:
        return asked
    return _best_language(request.headers.get("Accept-Language", ""))


@lru_cache(maxsize=256)
def _best_language(header: str) -> str:
    return parse_accept_header(header, LanguageAccept).best_match(LANGUAGES) or DEFAULT_LANGUAGE


def identify() -> tuple[Actor, Any, str]:
    """Who asks: by bearer token, else by cookie, else nobody. Raises ``Refusal`` for a token that is no longer good."""
    header = request.headers.get("Authorization", "")
    if header:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Refusal("not_authenticated")
        return devices.authenticate(the_house(), token.strip()), None, ""
    cookie = request.cookies.get(COOKIE)
    if cookie:
        actor, session = accounts.authenticate(the_house(), cookie)
        return actor, session, cookie
    return PUBLIC, None, ""


def check_csrf(actor: Actor) -> None:
    """A change by cookie needs the session's token in a header, which no foreign page can know."""
    if actor.kind != "staff" or request.method in _SAFE:
        return
    # As bytes: text that is no ASCII would make compare_digest fail instead of answering no.
    sent = request.headers.get("X-CSRF-Token", "").encode()
    if not hmac.compare_digest(sent, actor.csrf_token.encode()):
        raise Refusal("csrf_failed")


def prepare(route: Route) -> Call:
    """Check and parse one request for its route; raises ``Refusal`` before anything is touched."""
    try:
        actor, session, token = identify()
    except Refusal:
        if not route.access.public:
            raise
        # An old cookie must not lock anyone out of the login page.
        actor, session, token = PUBLIC, None, ""
    if not route.access.admits(actor):
        raise Refusal("not_authenticated" if actor.kind == "public" else "forbidden")
    if not route.access.public:
        check_csrf(actor)
    if route.most_bytes:
        request.max_content_length = route.most_bytes
    body = _parse(route.body) if route.body is not None else None
    key = _key(actor, body) if route.idempotent else None
    return Call(the_house(), actor, language_of_request(), body, key, session, token)


def _parse(model: type[BaseModel]) -> BaseModel:
    raw = _body()
    if raw and request.content_type != "application/json" and request.mimetype != "application/json":
        raise UnsupportedMediaType
    try:
        data = _loaded(raw) if raw else {}
    except (ValueError, RecursionError):
        raise Refusal("malformed_json") from None
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise Refusal("invalid_fields", fields=problems(error)) from None


def _body() -> bytes:
    length, most = request.content_length, request.max_content_length
    if length is None or "stream" in vars(request):  # without a length, or read before us
        raw = request.get_data(cache=False)
        if length is None and len(raw) == most:
            # A body in chunks has no length: werkzeug stops reading at the limit, and says nothing.
            raise RequestEntityTooLarge
        return raw
    if most is not None and length > most:
        raise RequestEntityTooLarge
    # Of known length: werkzeug's guarded stream around the server's own would cost more than all the parsing.
    raw = request.environ["wsgi.input"].read(length)
    if len(raw) < length:
        raise ClientDisconnected
    return raw


def _loaded(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except ValueError:
        # Half a character is JSON all the same, and then the field is told that has it.
        return json.loads(raw, parse_constant=_no_constant)


def _no_constant(name: str) -> None:
    # NaN and Infinity are Python's own; no JSON knows them, and PostgreSQL would refuse them later.
    raise ValueError(name)


class UnsupportedMediaType(Exception):
    """A body that is not JSON."""


def _key(actor: Actor, body: BaseModel | None) -> Key | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        raise Refusal(
            "invalid_fields",
            fields=[{"field": "Idempotency-Key", "problem": "1 to 128 printable characters"}],
        )
    # What was understood, not the bytes: a client may write the same body in another way.
    asked = "" if body is None else repr(vars(body))
    fingerprint = hashlib.sha256(f"{request.method} {request.path}\n{asked}".encode()).hexdigest()
    return Key(actor.ref, key, fingerprint)


def whole_number(name: str, default: int, least: int, most: int) -> int:
    """A number from the query string. Raises ``Refusal('invalid_fields')``."""
    raw = request.args.get(name)
    if raw is None or raw == "":
        return default
    try:
        value = int(raw)
    except ValueError:
        raise Refusal("invalid_fields", fields=[{"field": name, "problem": "int_parsing"}]) from None
    if not least <= value <= most:
        problem = f"must be between {least} and {most}"
        raise Refusal("invalid_fields", fields=[{"field": name, "problem": problem}])
    return value
