"""For operations: alive, ready, metrics."""

from __future__ import annotations

from flask import Blueprint, Response, current_app
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from server.store import migrate
from server.store.engine import ReadOnlyError, must_take_writes
from server.web.api import to_response
from server.web.calls import the_house
from server.web.metrics import count_state, exposition

ops = Blueprint("ops", __name__)


@ops.get("/healthz")
def healthz() -> Response:
    """The process answers. No database."""
    return to_response({"status": "ok"}, 200)


@ops.get("/readyz")
def readyz() -> Response:
    """Database reachable and writable, schema of this version, relay alive; 503 with what is missing otherwise."""
    house = the_house()
    checks: dict[str, bool] = {"database": False, "migrations": False, "relay": house.is_relay_alive()}
    try:
        house.store.glance(must_take_writes)
        checks["database"] = True
        checks["migrations"] = migrate.present(house.store.engine) == migrate.newest()
    except SQLAlchemyError:
        current_app.logger.warning("not ready: the database does not answer")
    except ReadOnlyError:
        current_app.logger.warning("not ready: the database takes no writes")
    ready = all(checks.values())
    return to_response({"ready": ready, "checks": checks}, 200 if ready else 503)


@ops.get("/metrics")
def metrics() -> Response:
    """Prometheus, for the operations network: nginx keeps it from the public (deploy/nginx)."""
    count_state(the_house())
    return Response(exposition(), mimetype=CONTENT_TYPE_LATEST)
