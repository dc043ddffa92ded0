"""The waiting-room panel: one page per unit, everything else is its browser modules in ``static/``.

A guest of the house: it knows no server code. The page speaks HTTP and Socket.IO (docs/protocol.md).
"""

from __future__ import annotations

from flask import Blueprint, render_template

bp = Blueprint(
    "panel", __name__, template_folder="templates", static_folder="static", static_url_path="/panel/static"
)


@bp.get("/panel/<unit>")
def panel(unit: str) -> str:
    """The page of a unit's panel. Whether the unit exists is the API's to say: the page shows it in words."""
    return render_template("panel.html", unit=unit)
