"""The start page, and the frame that all pages share."""

from __future__ import annotations

import json
import secrets
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, render_template, request, url_for

from server import __version__
from server.usecases import visitors
from server.web.calls import language_of_request, the_house

pages = Blueprint("pages", __name__, template_folder="templates")
_POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


@pages.get("/")
def start() -> str:
    """What runs here. In the demo: links with their tokens and logins."""
    demo = _demo_links() if current_app.extensions["vez_settings"].demo else None
    language = language_of_request()
    return render_template(
        "vez/start.html", units=visitors.units(the_house())["units"], demo=demo, language=language
    )


def _demo_links() -> dict[str, Any] | None:
    path = Path(current_app.extensions["vez_settings"].data_dir) / "demo.json"
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None


@pages.get("/favicon.ico")
def favicon() -> Response:
    """Browsers ask for it whatever the page says."""
    return current_app.send_static_file("shared/icon.svg")


@cache
def texts_of(page: str, language: str) -> dict[str, str]:
    """The words of a phone page (``follow``, ``take`` or ``sorry``): of the others' own none, they weigh."""
    file = Path(str(current_app.static_folder)) / "follow" / "i18n" / f"{language}.json"
    words = json.loads(file.read_text(encoding="utf-8"))
    others = tuple(f"{name}." for name in ("take", "sorry") if name != page)
    return {key: text for key, text in words.items() if not key.startswith(others)}


def is_visit() -> bool:
    """Whether a person's browser asks for a page, and not a program for data."""
    wanted = request.accept_mimetypes.best_match(("application/json", "text/html"))
    return wanted == "text/html" and request.method == "GET" and not request.path.startswith("/api/")


def sorry(message: str, language: str) -> str:
    """What a person reads who asked for a page that is not there, or that cannot be shown now."""
    texts = texts_of("sorry", language)
    return render_template("vez/sorry.html", message=message, language=language, texts=texts)


@lru_cache(maxsize=512)
def _version_of(path: str) -> str:
    file = Path(str(current_app.static_folder)) / path
    return format(int(file.stat().st_mtime), "x") if file.exists() else __version__


def _asset(path: str) -> str:
    return url_for("static", filename=path, v=_version_of(path))


def install(app: Flask) -> None:
    """Give every template its frame, and every response its headers."""

    @app.context_processor
    def frame() -> dict[str, Any]:
        if "nonce" not in g:
            g.nonce = secrets.token_urlsafe(12)
        settings = app.extensions["vez_settings"]
        boot = {"unit": (request.view_args or {}).get("unit"), "version": __version__}
        boot |= {"language": language_of_request(), "demo": settings.demo, "public_url": settings.public_url}
        return {"csp_nonce": g.nonce, "asset": _asset, "boot": boot}

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        if response.mimetype == "text/html":
            nonce = g.get("nonce", "")
            response.headers["Content-Security-Policy"] = _POLICY.format(nonce=nonce)
            response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
            response.headers.setdefault("Cache-Control", "no-store")
        return response
