"""Tickets issued and called per second over HTTP, against the no-op route of the same server in the same run."""

from __future__ import annotations

import uuid
from statistics import median
from typing import Any

from bench import house, load

EACH = 240  # requests per measurement
NOOP_TIMES = 5  # the no-op is so much quicker that it needs more of them to last as long
ROUNDS = 11
FLOORS = {"issue": 0.4, "call_next": 0.35}


def _noop(running: house.Running, clients: int) -> load.Result:
    """The API's route that does nothing: through the same door (routing, token, JSON), and no further."""
    message = load.request("GET", "/api/v1/devices/me", {"Authorization": f"Bearer {running.kiosk}"})
    return load.run(running.host, running.port, [[message] * (NOOP_TIMES * EACH // clients)] * clients)


def _healthz(running: house.Running, clients: int) -> load.Result:
    """Not even the door: reported beside the floor, so that nobody need guess what the door costs."""
    message = load.request("GET", "/healthz", {})
    return load.run(running.host, running.port, [[message] * (NOOP_TIMES * EACH // clients)] * clients)


def _issue(running: house.Running, clients: int) -> load.Result:
    def one() -> bytes:
        headers = {"Authorization": f"Bearer {running.kiosk}", "Idempotency-Key": str(uuid.uuid4())}
        return load.request(
            "POST", f"/api/v1/units/{house.UNIT}/tickets", headers, {"service": house.SERVICE}
        )

    return load.run(
        running.host, running.port, [[one() for _ in range(EACH // clients)] for _ in range(clients)]
    )


def _seat_request(seat: house.Seat, path: str) -> bytes:
    cookie = {"Cookie": f"vez_session={seat.cookie}", "X-CSRF-Token": seat.csrf}
    return load.request("POST", path, {**cookie, "Idempotency-Key": str(uuid.uuid4())}, {})


def _call_next(running: house.Running, clients: int) -> load.Result:
    """Every seat calls once; then, outside the measurement, every ticket is finished."""
    seats = running.seats[:EACH]
    base = f"/api/v1/units/{house.UNIT}/counters"
    messages = [_seat_request(seat, f"{base}/{seat.counter}/call-next") for seat in seats]
    result = load.run(running.host, running.port, [messages[at::clients] for at in range(clients)])
    _finish_all(running, seats)
    return result


def _finish_all(running: house.Running, seats: tuple[house.Seat, ...]) -> None:
    import json

    wire = load.Wire(running.host, running.port)
    for seat in seats:
        cookie = {"Cookie": f"vez_session={seat.cookie}"}
        path = f"/api/v1/units/{house.UNIT}/counters/{seat.counter}"
        _, body = wire.ask(load.request("GET", path, cookie))
        ticket = json.loads(body)["ticket"]
        if ticket is None:
            raise RuntimeError("a call-next of the bench called nobody: it measured an empty queue")
        wire.ask(_seat_request(seat, f"/api/v1/tickets/{ticket['id']}/finish"))
    wire.close()


MEASURED = (("healthz", _healthz), ("noop", _noop), ("issue", _issue), ("call_next", _call_next))


def _rounds(running: house.Running, clients: int) -> list[dict[str, load.Result]]:
    """Rounds that measure all of them, one after the other: a neighbour who comes and goes meets each alike."""
    return [{name: what(running, clients) for name, what in MEASURED} for _ in range(ROUNDS)]


def _row(rounds: list[dict[str, load.Result]]) -> dict[str, Any]:
    """The fastest run of each; and as ratio the median of the rounds: the fastest no-op and the fastest ticket are
    seldom of the same moment."""
    best = {
        name: max((r[name] for r in rounds), key=lambda result: result.per_second) for name, _ in MEASURED
    }
    ratios = {
        f"{name}_ratio": round(median(r[name].per_second / r["noop"].per_second for r in rounds), 3)
        for name in FLOORS
    }
    return {name: result.summary() for name, result in best.items()} | ratios


def measure(mode: str = "eventlet", database: str = "") -> dict[str, Any]:
    """Throughput at 1 and 8 clients and its ratio to the no-op route."""
    report: dict[str, Any] = {
        "mode": mode,
        "engine": "postgresql" if database else "sqlite (synchronous=FULL)",
    }
    with house.server(seats=EACH, mode=mode, database=database) as running:
        for warm in (_noop, _issue, _call_next):
            warm(running, 8)
        for clients in (1, 8):
            report[f"clients_{clients}"] = _row(_rounds(running, clients))
    report["floors"] = FLOORS
    report["ok"] = all(report["clients_8"][f"{name}_ratio"] >= floor for name, floor in FLOORS.items())
    return report
