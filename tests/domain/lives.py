"""Tickets in every state of their life, led there by the moves that a real one makes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from server.domain.errors import Refusal
from server.domain.lifecycle import Action, Move, advance
from server.domain.ticket import Seat, State, Ticket, Tier

NINE = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HERE = Seat("centro-3", "3", "desk", "ana")
ELSEWHERE = Seat("centro-4", "4", "table", "bruno")

# From DOMAIN 3, by hand and not from the code: rows are actions, columns the state they find, a dot is a
# refusal.
TABLE = """
              waiting    called    serving   on_hold    finished  no_show  cancelled  expired
call          called     .         .         .          .         .        .          .
recall        .          called    .         .          .         .        .          .
start         .          serving   .         .          .         .        .          .
finish        .          finished  finished  .          .         .        .          .
no_show       .          no_show   .         .          .         .        .          .
return        .          .         .         waiting    .         waiting  waiting    .
hold          .          on_hold   on_hold   .          .         .        .          .
transfer      .          waiting   waiting   .          .         .        .          .
next_service  .          .         waiting   .          .         .        .          .
cancel        cancelled  .         .         cancelled  .         .        .          .
late          waiting    .         .         .          .         .        .          .
change_tier   waiting    .         .         on_hold    .         .        .          .
expire        expired    expired   .         expired    .         .        .          .
"""


def read_table() -> list[tuple[State, Action, State | None]]:
    head, *rows = [line.split() for line in TABLE.strip().splitlines()]
    return [
        (State(state), Action(action), None if cell == "." else State(cell))
        for action, *cells in rows
        for state, cell in zip(head, cells, strict=True)
    ]


CELLS = read_table()

# How a real ticket gets into each state: (seconds passed, action).
PATHS: dict[State, list[tuple[int, Action]]] = {
    State.waiting: [],
    State.called: [(60, Action.call)],
    State.serving: [(60, Action.call), (30, Action.start)],
    State.on_hold: [(60, Action.call), (30, Action.start), (120, Action.hold)],
    State.finished: [(60, Action.call), (30, Action.start), (300, Action.finish)],
    State.no_show: [(60, Action.call), (40, Action.recall), (40, Action.recall), (80, Action.no_show)],
    State.cancelled: [(60, Action.cancel)],
    State.expired: [(60, Action.expire)],
}
LATER = 600


def fresh(**more) -> Ticket:
    values = {
        "id": "0193",
        "unit": "centro",
        "day": date(2026, 11, 23),
        "label": "A042",
        "prefix": "A",
        "number": 42,
        "lap": 0,
        "service": "iptu",
        "tier": Tier.normal,
        "language": "pt-BR",
        "state": State.waiting,
        "origin": "kiosk",
        "issued_at": NINE,
        "arrival_at": NINE,
        "waiting_since": NINE,
    }
    return Ticket(**(values | more))


def move(action: Action, seconds: float, seat: Seat | None = HERE, **more) -> Move:
    """An action so many seconds after nine, with all that any action may need."""
    values = {"by": "staff:ana", "seat": seat, "service": "itbi", "tier": Tier.priority} | more
    return Move(action, NINE + timedelta(seconds=seconds), **values)


def live(*steps: tuple[float, Action], ticket: Ticket | None = None, **more) -> Ticket:
    """A ticket after these (seconds after nine, action)."""
    ticket = ticket or fresh()
    for seconds, action in steps:
        ticket, _ = advance(ticket, move(action, seconds, **more))
    return ticket


def in_state(state: State) -> Ticket:
    ticket, seconds = fresh(), 0
    for passed, action in PATHS[state]:
        seconds += passed
        ticket, _ = advance(ticket, move(action, seconds))
    assert ticket.state is state
    return ticket


def refused(ticket: Ticket, wanted: Move) -> Refusal:
    with pytest.raises(Refusal) as raised:
        advance(ticket, wanted)
    return raised.value
