"""What Prometheus may ask: requests by route and status, their time, and the queue of each unit.

Several workers count in files of one folder (``serving`` names it before they start): whichever is asked tells of all.
"""

from __future__ import annotations

import os
import time

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from server.store import lanes
from server.store.unit_of_work import all_units
from server.usecases.context import House

REQUESTS = Counter("vez_http_requests_total", "API and page requests", ["route", "method", "status"])
SECONDS = Histogram("vez_http_request_seconds", "Time to answer, by route", ["route"])
WAITING = Gauge("vez_waiting_tickets", "Tickets that wait now", ["unit"], multiprocess_mode="mostrecent")
JOURNAL = Gauge("vez_journal_seq", "Latest journal number", ["unit"], multiprocess_mode="mostrecent")
# Each label is kept for good: words that a client may invent are not for them.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})


def install(app: Flask) -> None:
    """Measure every request."""

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        route = request.endpoint or "none"
        method = request.method if request.method in _METHODS else "other"
        REQUESTS.labels(route, method, response.status_code).inc()
        if "began" in g:
            SECONDS.labels(route).observe(time.perf_counter() - g.began)
        return response


def count_state(house: House) -> None:
    """Bring the gauges up to date; called when they are read."""
    with house.store.read() as connection:
        for row in all_units(connection):
            WAITING.labels(row.id).set(sum(lanes.counts(connection, row.id).values()))
            JOURNAL.labels(row.id).set(row.seq)


def exposition() -> bytes:
    """All of it, as Prometheus reads it; of every worker where there are several."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest()
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    return generate_latest(registry)
