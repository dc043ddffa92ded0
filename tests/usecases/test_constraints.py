"""The last line: what may never be is refused by the database itself, whoever writes."""

from __future__ import annotations

import pytest
from city import City
from cityfixtures import both_engines
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from server.domain.errors import Refusal
from server.store import counters, tickets
from server.store.tables import counter, idempotency, journal, lane, print_job, ticket
from server.usecases.ids import new_id

pytestmark = both_engines


@pytest.fixture
def busy(city: City) -> City:
    """Two seated attendants, one with a ticket in hand, two more waiting."""
    city.open("ana.martins", "centro-1")
    city.open("bruno.silveira", "centro-2")
    for _ in range(3):
        city.issue()
        city.clock.advance(1)
    city.call_next("ana.martins", "centro-1")
    return city


def refused(city: City, statement: object) -> None:
    """IntegrityError, and the rows as before."""
    with pytest.raises(IntegrityError), city.store.write() as connection:
        connection.execute(statement)


def waiting(city: City) -> str:
    """A ticket that waits."""
    with city.store.read() as connection:
        return str(
            connection.execute(select(ticket.c.id).where(ticket.c.state == "waiting")).scalars().first()
        )


def account(city: City, name: str) -> str:
    """Somebody's id."""
    return city.who(name).id


def test_two_tickets_in_one_hand(busy):
    """Neither at one counter nor with one attendant."""
    row = update(ticket).where(ticket.c.id == waiting(busy))
    ana, bruno = account(busy, "ana.martins"), account(busy, "bruno.silveira")
    refused(busy, row.values(state="called", counter="centro-1", attendant=bruno))
    refused(busy, row.values(state="serving", counter="centro-2", attendant=ana))


def test_two_attendants_at_one_counter(busy):
    """And one attendant at two."""
    carla, ana = account(busy, "carla.nogueira"), account(busy, "ana.martins")
    third = update(counter).where(counter.c.id == "centro-3")
    refused(busy, third.values(state="open", attendant=ana))
    with (
        busy.store.write() as connection
    ):  # one column holds one attendant: the second takes the first's place
        connection.execute(update(counter).where(counter.c.id == "centro-2").values(attendant=carla))
    with busy.store.read() as connection:
        assert counters.get(connection, "centro", "centro-2").attendant == carla


def test_an_open_counter_has_somebody(busy):
    """Open without attendant, or closed with one, is no state."""
    refused(busy, update(counter).where(counter.c.id == "centro-3").values(state="open"))
    refused(busy, update(counter).where(counter.c.id == "centro-1").values(state="closed"))


def test_one_label_one_day(busy):
    """Not twice in a lap, and never twice alive."""
    with busy.store.read() as connection:
        row = dict(connection.execute(select(ticket)).mappings().first())
    copy = row | {"id": new_id(busy.clock()), "follow_token": "x" * 12, "board_seq": None, "board_line": None}
    copy |= {"counter": None, "attendant": None, "state": "finished"}
    refused(busy, insert(ticket).values(copy))
    refused(busy, insert(ticket).values(copy | {"lap": 1, "state": "waiting"}))
    with busy.store.write() as connection:
        connection.execute(insert(ticket).values(copy | {"lap": 1}))


def test_one_paper_for_one_copy(busy):
    """A second job for the same copy would be a second paper."""
    with busy.store.read() as connection:
        row = dict(connection.execute(select(print_job)).mappings().first())
    refused(busy, insert(print_job).values(row | {"id": new_id(busy.clock())}))


def test_one_number_one_event(busy):
    """The journal's numbers belong to their unit."""
    with busy.store.read() as connection:
        row = dict(connection.execute(select(journal)).mappings().first())
    refused(busy, insert(journal).values(row))


def test_one_key_one_answer(city):
    """Whoever sends it twice at once: the second insert fails."""
    row = {"sender": "device:x", "key": "k", "unit": "centro", "day": city.clock().date(), "fingerprint": "f"}
    with city.store.write() as connection:
        connection.execute(insert(idempotency).values(row | {"body": "{}"}))
    refused(city, insert(idempotency).values(row | {"body": "[]"}))


def test_a_queue_is_never_negative(busy):
    """A wrong count is an error, not a wrong screen."""
    refused(busy, update(lane).where(lane.c.unit == "centro").values(waiting=-1))


def test_nothing_hangs_in_the_air(busy):
    """Foreign keys are on, on SQLite too."""
    refused(busy, update(ticket).where(ticket.c.id == waiting(busy)).values(service="passaporte"))
    refused(busy, update(ticket).where(ticket.c.id == waiting(busy)).values(reserved_counter="centro-99"))


def test_the_guard_on_a_ticket(busy):
    """A write decided on another state than the row's is refused, and the rest of its transaction with it."""
    with busy.store.read() as connection:
        before = tickets.get(connection, waiting(busy))
    busy.act("supervisao.centro", "cancel", before.id)
    with pytest.raises(Refusal, match="conflict"), busy.store.lock_unit("centro") as work:
        tickets.save(work, before, before)
    with pytest.raises(Refusal, match="conflict"), busy.store.lock_unit("centro") as work:
        counters.save(work.connection, "centro-1", "paused", state="open")


def test_naive_moments_are_bugs(city):
    """A time without offset never reaches the database."""
    from datetime import datetime

    from server.store.types import Instant

    with pytest.raises(TypeError):
        Instant().bind_processor(city.store.engine.dialect)(datetime(2026, 1, 1))  # noqa: DTZ001
