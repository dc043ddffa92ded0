"""What a unit shows of its own: the files of its play-list and logo, and its colours as a style sheet. Public, as the
screens in the waiting room are."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Blueprint, Response, current_app, request, send_from_directory
from werkzeug.exceptions import NotFound

from server.domain.media import FORMS
from server.usecases import brands
from server.usecases.shelf import Shelf
from server.web.calls import the_house
from server.wire.unit_settings import SAFE_FILE

files = Blueprint("files", __name__)
YEAR_SECONDS = 365 * 24 * 3600


def the_shelf() -> Shelf:
    """Where the running application keeps the files of its units."""
    shelf: Shelf = current_app.extensions["vez_shelf"]
    return shelf


@files.get("/units/<unit>/media/<name>")
def media_file(unit: str, name: str) -> Any:
    """A file of the play-list, in parts if the browser asks so (``Range``). Its name never comes back with other
    content, so it may be kept for ever."""
    if not SAFE_FILE.fullmatch(name):
        raise NotFound
    path = the_shelf().path(unit, name)
    mime = FORMS[name.rpartition(".")[2]].mime
    response = send_from_directory(
        path.parent.resolve(), name, mimetype=mime, conditional=True, max_age=YEAR_SECONDS
    )
    response.headers["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
    # Whatever a browser might make of it: it runs nothing and loads nothing.
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@files.get("/units/<unit>/brand.css")
def brand_sheet(unit: str) -> Any:
    """The unit's colours, checked each time by its ETag: a change is seen with the next load."""
    sheet = brands.stylesheet(the_house(), unit)
    response = Response(sheet, mimetype="text/css", headers={"Cache-Control": "no-cache"})
    response.set_etag(hashlib.sha256(sheet.encode()).hexdigest()[:20])
    return response.make_conditional(request)
