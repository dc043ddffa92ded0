"""The two pages of a citizen's phone: the ticket (``/t/…``) and taking one from the web (``/u/…``).

Both work without JavaScript: plain pages, plain forms, and after each form a redirect, so that going back or loading
again repeats nothing. The forms need no CSRF token: whoever posts proves themself by the ticket's own token in the
address and by nothing that a browser would send along unasked; a form of a foreign site is turned away all the same.
"""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, send_from_directory, url_for
from flask_limiter import Limiter, RateLimitExceeded
from pydantic import ValidationError
from werkzeug.wrappers import Response

from server.domain.errors import Refusal
from server.store.idempotency import Key
from server.usecases import citizens, visitors, web_issue
from server.usecases.context import PUBLIC, House, Json
from server.web.calls import LANGUAGES, language_of_request, the_house
from server.web.errors import STATUS, messages
from server.web.handlers.citizens import OF_THE_WEB, TOLD
from server.web.pages import texts_of
from server.wire.citizens import RateVisit, TakeFromWeb

Page = tuple[str, int] | Response
ASKS = ("late", "give-up")
ACTS = (*ASKS, "rating")


def _language(fallback: str | None = None) -> str:
    asked = request.args.get("lang")
    return asked if asked in LANGUAGES else fallback or language_of_request()


def _is_foreign_form() -> bool:
    return request.headers.get("Sec-Fetch-Site") == "cross-site"


def show_ticket(token: str, ask: str | None = None) -> Page:
    """A citizen's ticket, in the ticket's language unless ``?lang=``; with ``ask``: the question before a deed."""
    asked = request.args.get("lang")
    try:
        view = citizens.follow(the_house(), token, asked if asked in LANGUAGES else None)
    except Refusal:
        return _ticket_page(None, token, _language(), None), 404
    language = _language(view["ticket"]["language"])
    if ask is not None and not view["can"][ask.replace("-", "_")]:
        return redirect(url_for("citizens.follow", token=token, lang=language), 303)
    return _ticket_page(view, token, language, ask), 200


def _ticket_page(view: Json | None, token: str, language: str, ask: str | None) -> str:
    texts = texts_of("follow", language)
    return render_template("vez/follow.html", view=view, token=token, language=language, texts=texts, ask=ask)


def act(token: str, deed: str) -> Page:
    """A form of the ticket's page. What cannot be done any more is not an error: the page shows how things are."""
    language = _language()
    try:
        if not _is_foreign_form():
            _do(the_house(), token, deed, language)
    except Refusal as refusal:
        if refusal.code == "unknown_ticket":
            return _ticket_page(None, token, language, None), 404
    except ValidationError:
        pass  # no score chosen: the page asks again
    return redirect(url_for("citizens.follow", token=token, lang=language), 303)


def _do(house: House, token: str, deed: str, language: str) -> None:
    if deed == "late":
        citizens.late(house, token, language)
    elif deed == "give-up":
        citizens.give_up(house, token, language)
    else:
        score, comment = request.form.get("score", ""), request.form.get("comment", "")
        said = {"score": int(score) if score.isdecimal() else 0, "comment": comment.replace("\r\n", "\n")}
        citizens.rate(house, token, RateVisit.model_validate(said), language)


def show_unit(unit: str, problem: str | None = None, status: int = 200) -> Page:
    """The unit's public page: its services, then one service with its documents and the four ways to be served."""
    house, language = the_house(), _language()
    texts: dict[str, Any] = {"texts": texts_of("take", language), "language": language, "problem": problem}
    try:
        is_on = web_issue.is_on(house, unit)
    except Refusal:
        return render_template("vez/take.html", unit=None, menu=None, service=None, **texts), 404
    menu = visitors.menu(house, unit, language, PUBLIC)
    known = {service["id"]: service for group in menu["categories"] for service in group["services"]}
    chosen = known.get(request.values.get("service", ""))
    shown = {"unit": unit, "menu": menu if is_on else None, "service": chosen if is_on else None}
    page = render_template("vez/take.html", **shown, **texts, key=secrets.token_urlsafe(12))
    return page, status if is_on else 404


def take(unit: str) -> Page:
    """The form of that page: the ticket is made and its own page shown. Its key makes a second press harmless."""
    language = _language()
    if _is_foreign_form():
        return show_unit(unit, messages(language)["csrf_failed"], 403)
    form = {name: request.form.get(name, "") for name in ("service", "tier")}
    try:
        wish = TakeFromWeb.model_validate(form | {"language": language})
        made, _ = web_issue.take(the_house(), unit, wish, _form_key(unit, wish))
    except ValidationError:
        return show_unit(unit, messages(language)["invalid_fields"], 422)
    except Refusal as refusal:
        return show_unit(unit, messages(language)[refusal.code], STATUS[refusal.family])
    token = made["follow_url"].rpartition("/")[2]
    return redirect(url_for("citizens.follow", token=token, lang=language), 303)


def _form_key(unit: str, wish: TakeFromWeb) -> Key | None:
    key = request.form.get("key", "")[:60]
    fingerprint = hashlib.sha256(f"/u/{unit}\n{wish.model_dump_json()}".encode()).hexdigest()
    return (
        Key(f"{PUBLIC.ref}:form", key, fingerprint) if key.isascii() and key.isprintable() and key else None
    )


def push_worker() -> Response:
    """The script that wakes the telephone; at this address, so that it may act for the pages below ``/t/``."""
    return send_from_directory(Path(str(current_app.static_folder)) / "follow", "push.js", max_age=0)


def _too_often(_error: RateLimitExceeded) -> Page:
    language = _language()
    texts = texts_of("take", language)
    page = render_template(
        "vez/take.html", unit=None, menu=None, service=None, language=language, texts=texts,
        problem=messages(language)["too_many_requests"],
    )  # fmt: skip
    return page, 429


def _ticket_key() -> str:
    # Phones in one waiting room share an address; each ticket has a limit of its own.
    return f"{request.remote_addr}:{(request.view_args or {}).get('token', '')[:40]}"


def make_citizen_pages(limiter: Limiter) -> Blueprint:
    """The blueprint of the phone's pages, with their limits."""
    pages = Blueprint("citizens", __name__, template_folder="templates")
    pages.add_url_rule("/t/push.js", "push_worker", push_worker)
    pages.add_url_rule("/t/<token>", "follow", show_ticket)
    pages.add_url_rule("/u/<unit>", "unit", show_unit)
    told = limiter.limit(TOLD, key_func=_ticket_key)(act)
    for deed in ACTS:
        if deed in ASKS:
            pages.add_url_rule(f"/t/<token>/{deed}", f"ask_{deed}", show_ticket, defaults={"ask": deed})
        pages.add_url_rule(f"/t/<token>/{deed}", deed, told, methods=["POST"], defaults={"deed": deed})
    pages.add_url_rule("/u/<unit>", "take", limiter.limit(OF_THE_WEB)(take), methods=["POST"])
    pages.register_error_handler(RateLimitExceeded, _too_often)
    return pages
