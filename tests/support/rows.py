"""What a database holds, read around the program: to show that a refusal changed nothing, and that a story is true."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import Engine, func, select

from server.domain.lifecycle import EVENT_TYPES, LEGAL, Action
from server.domain.ticket import ALIVE, IN_HAND
from server.store.tables import counter, journal, lane, metadata, ticket, unit

Dump = dict[str, list[tuple[Any, ...]]]


def dump(engine: Engine) -> Dump:
    """Every row of every table."""
    found: Dump = {}
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            keys = list(table.primary_key.columns)
            rows = connection.execute(select(table).order_by(*keys)).all()
            found[table.name] = [tuple(map(str, row)) for row in rows]
    return found


def story(engine: Engine, ticket_id: str) -> list[Any]:
    """One ticket's journal rows, in order."""
    with engine.connect() as connection:
        query = select(journal).where(journal.c.ticket == ticket_id).order_by(journal.c.seq)
        return list(connection.execute(query).all())


def broken_promises(engine: Engine) -> list[str]:
    """Every promise about tickets, numbers and journal that the rows break; an empty list is what it should be.

    Read from the tables alone: labels unique, hands hold one ticket, counts true, journal dense, each ticket's story
    an unbroken chain of legal moves that ends where the row stands.
    """
    with engine.connect() as connection:
        tickets = connection.execute(select(ticket)).all()
        events = connection.execute(select(journal).order_by(journal.c.unit, journal.c.seq)).all()
        units = {row.id: row for row in connection.execute(select(unit))}
        lanes = connection.execute(select(lane)).all()
        seats = connection.execute(select(counter)).all()
    wrong = _labels_and_hands(tickets) + _journal_gaps(events, units) + _stories(tickets, events)
    waiting = Counter((t.unit, t.service, t.tier) for t in tickets if t.state == "waiting")
    counted = {(row.unit, row.service, row.tier): row.waiting for row in lanes if row.waiting}
    if dict(waiting) != counted:
        wrong.append(f"lanes count {counted}, but there wait {dict(waiting)}")
    taken = [(row.attendant) for row in seats if row.attendant]
    wrong += [f"{who} sits twice" for who, n in Counter(taken).items() if n > 1]
    # With somebody in hand the moment of before stays: a call writes no counter.
    wrong += [
        f"{row.id} is {row.state}, free since {row.free_since}"
        for row in seats
        if (row.state == "open") != (row.free_since is not None)
    ]
    return wrong


def _labels_and_hands(tickets: Any) -> list[str]:
    wrong = []
    labels = Counter((t.unit, t.day, t.label, t.lap) for t in tickets)
    wrong += [f"label given twice: {key}" for key, n in labels.items() if n > 1]
    alive = Counter((t.unit, t.label) for t in tickets if t.state in ALIVE)
    wrong += [f"two living tickets answer to {key}" for key, n in alive.items() if n > 1]
    for column in ("counter", "attendant"):
        hands = Counter(getattr(t, column) for t in tickets if t.state in IN_HAND)
        wrong += [f"{column} {key} has {n} tickets in hand" for key, n in hands.items() if n > 1]
    return wrong


def _journal_gaps(events: Any, units: Any) -> list[str]:
    wrong = []
    for name, row in units.items():
        numbers = [e.seq for e in events if e.unit == name]
        if numbers != list(range(1, len(numbers) + 1)) or row.seq != len(numbers):
            wrong.append(f"journal of {name} has holes or a wrong end: {numbers[-3:]}, unit says {row.seq}")
    return wrong


def _stories(tickets: Any, events: Any) -> list[str]:
    wrong, states = [], {}
    for e in events:
        if not e.type.startswith("ticket."):
            continue
        data = e.data
        if data["from"] != states.get(e.ticket):
            wrong.append(
                f"{e.ticket}: {e.type} says from {data['from']}, the story says {states.get(e.ticket)}"
            )
        if e.type != "ticket.issued":
            sources, target = LEGAL[Action(data["action"])]
            if (
                data["from"] not in sources
                or data["to"] != (target or data["from"])
                or EVENT_TYPES[Action(data["action"])] != e.type
            ):
                wrong.append(f"{e.ticket}: {data['action']} from {data['from']} to {data['to']} as {e.type}")
        states[e.ticket] = data["to"]
    wrong += [
        f"{t.id} is {t.state}, its story ends {states.get(t.id)}"
        for t in tickets
        if states.get(t.id) != t.state
    ]
    return wrong


def count(engine: Engine, table: Any, *where: Any) -> int:
    """How many rows."""
    with engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(table).where(*where)).scalar_one())
