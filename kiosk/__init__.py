"""The kiosk: one page per unit, and the service worker that keeps its shell when the server is away.

A guest of the server: it knows HTTP only. The page's frame (`vez/base.html`) and its variables
(`csp_nonce`, `asset`, `boot`) come from the application that registers this blueprint.
"""

from pathlib import Path

from flask import Blueprint, Response, render_template

bp = Blueprint(
    "kiosk",
    __name__,
    url_prefix="/kiosk",
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)
_STATIC = Path(__file__).parent / "static"
# Asked for all at once: found one by one through their imports, each level would cost a round trip.
MODULES = sorted(
    file.relative_to(_STATIC).as_posix() for file in _STATIC.rglob("*.js") if file.name != "sw.js"
)


@bp.get("/<unit>")
def page(unit: str) -> str:
    """The kiosk of one unit. Whether the unit exists is answered by the menu the page asks for."""
    return render_template("kiosk.html", unit=unit, modules=MODULES)


@bp.get("/sw.js")
def service_worker() -> Response:
    """Served here and not under /static: a worker may only serve pages below its own address."""
    response = bp.send_static_file("sw.js")
    # A worker that is itself kept in the HTTP cache could never be replaced.
    response.headers["Cache-Control"] = "no-cache"
    return response
