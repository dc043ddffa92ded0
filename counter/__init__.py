"""The staff's two screens: the attendant's counter and the supervisor's room.

A guest of the house: it knows no server code. The pages speak HTTP and Socket.IO (docs/protocol.md); who may
see what is the API's to say, so both pages are served to anyone and begin with the login.
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template
from werkzeug.wrappers import Response

bp = Blueprint(
    "counter",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/counter/static",
)


@bp.get("/counter")
def counter() -> str:
    """The attendant's screen: login, unit, counter, queue and the ticket in hand; reception mode as well."""
    return render_template("counter.html")


@bp.get("/supervisor")
def supervisor() -> str:
    """The supervisor's screen: every counter, queue and device of one or several units, live."""
    return render_template("supervisor.html")


@bp.get("/admin")
def admin() -> Response:
    """What can be set of a unit is on the supervisor's screen; the address that the contract names leads there."""
    return redirect("/supervisor#unit")
