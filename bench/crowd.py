"""Rooms filled in bulk: so many who wait, so many who were served today. Cloned in SQL from tickets that lived here.

The clones hold every constraint (labels, tokens, counts per lane, dense journal). Only the hash chain is a copy and not
true: nothing that is measured reads it.
"""

from __future__ import annotations

from sqlalchemy import Connection, select, text, update

from bench.house import SERVICE, UNIT
from server.app import utc_now
from server.domain.lifecycle import Action
from server.store import tables
from server.store.idempotency import Key
from server.store.unit_of_work import Store, find_unit
from server.usecases import counters, moves, visitors
from server.usecases.context import Actor, House
from server.wire.requests import Finish, IssueTicket

_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :many) "
_LANES = 10  # services among which those who wait are spread: as many lanes in a small room as in a large one


def wait(store: Store, many: int) -> None:
    """Let ``many`` people wait in Centro, spread over ten services."""
    house = House(store, utc_now, "http://vez.local")
    with store.read() as connection:
        offered = house.catalog(connection, find_unit(connection, UNIT)).services
    chosen = [SERVICE, *[name for name in sorted(offered) if name != SERVICE][: _LANES - 1]]
    for lane, service in enumerate(chosen):
        ticket = _issue(house, service, f"lane-{lane}")
        if many > _LANES:
            with store.write() as connection:
                _clone(connection, ticket, many // _LANES - 1, lane + 1)
                bigger = {"waiting": tables.lane.c.waiting + many // _LANES - 1}
                here = (tables.lane.c.unit == UNIT, tables.lane.c.service == service)
                connection.execute(update(tables.lane).where(*here).values(**bigger))
    _settle(store)


def serve(store: Store, many: int, counter: str) -> None:
    """Let ``many`` people have been served today: tickets, journal, print jobs and kept answers."""
    house = House(store, utc_now, "http://vez.local")
    account = f"of-{counter}"
    attendant = Actor("staff", account, account, "attendant", UNIT)
    ticket = _issue(house, SERVICE, "served")
    counters.call_next(house, attendant, UNIT, counter, "pt-BR", None)
    moves.simple(house, attendant, ticket, Action.start, "pt-BR", None)
    moves.finish(house, attendant, ticket, Finish(), "pt-BR", None)
    with store.write() as connection:
        if store.is_sqlite:
            # Indexes stay in memory while they are filled.
            connection.exec_driver_sql("PRAGMA cache_size=-500000")
        else:
            # References are copied from a row that was checked: not looked up again a million times.
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        _clone(connection, ticket, many - 1, 0)
        _clone_answers(connection, many - 1)
    _settle(store)


def _issue(house: House, service: str, key: str) -> str:
    with house.store.read() as connection:
        device = tables.device
        kiosk = connection.execute(
            select(device.c.id, device.c.printer).where(device.c.unit == UNIT, device.c.kind == "kiosk")
        ).one()
    actor = Actor("device", kiosk.id, unit=UNIT, device_kind="kiosk", printer=kiosk.printer)
    answer, _ = visitors.issue(house, actor, UNIT, IssueTicket(service=service), Key(actor.ref, key, "-"))
    return str(answer["ticket"]["id"])


def _clone(connection: Connection, ticket: str, many: int, group: int) -> None:
    """``many`` more of a ticket with its journal and its print jobs. ``group`` keeps labels of several calls apart."""
    values = {"many": many, "ticket": ticket, "base": (group + 1) * 300_000, "group": f"{group}-"}
    values["end"] = connection.execute(text("SELECT seq FROM unit WHERE id = :u"), {"u": UNIT}).scalar_one()
    span = "SELECT count(*) AS each_one, min(seq) AS first_one FROM journal WHERE ticket = :ticket"
    values["each"], values["first"] = connection.execute(text(span), values).one()
    # A template's events stand together in the journal; everything is numbered so that indexes grow at their end.
    moved = ":end + (i - 1) * :each + {} - :first + 1"
    _copy(
        connection,
        tables.ticket,
        values,
        "id = :ticket",
        id="'bench-' || :group || (1000000 + i)",
        number=":base + i",
        label="x.prefix || (:base + i)",
        follow_token="'b' || :group || (1000000 + i)",
        arrival_at="x.arrival_at - i * 1000",
        board_seq=moved.format("x.board_seq"),
    )
    _copy(
        connection,
        tables.journal,
        values,
        "ticket = :ticket",
        seq=moved.format("x.seq"),
        ticket="'bench-' || :group || (1000000 + i)",
    )
    _copy(
        connection,
        tables.print_job,
        values,
        "ticket = :ticket",
        id="'job-' || :group || (1000000 + i)",
        ticket="'bench-' || :group || (1000000 + i)",
        state="'printed'",
    )
    grown = {"seq": values["end"] + many * values["each"]}
    connection.execute(update(tables.unit).where(tables.unit.c.id == UNIT).values(**grown))


def _clone_answers(connection: Connection, many: int) -> None:
    """The kept answers (idempotency keys) of a day's tickets: one each."""
    _copy(connection, tables.idempotency, {"many": many}, "key = 'served'", key="'served-' || (1000000 + i)")


def _copy(
    connection: Connection, table: object, values: dict[str, object], where: str, **changed: str
) -> None:
    names = [column.name for column in table.columns]  # type: ignore[attr-defined]
    shown = ", ".join(changed.get(name, f'x."{name}"') for name in names)
    quoted = ", ".join(f'"{name}"' for name in names)
    source = f'(SELECT * FROM "{table.name}" WHERE {where}) x'  # type: ignore[attr-defined]
    statement = f'{_NUMBERS} INSERT INTO "{table.name}" ({quoted}) SELECT {shown} FROM n CROSS JOIN {source}'  # type: ignore[attr-defined]
    used = {name: value for name, value in values.items() if f":{name}" in statement}
    connection.execute(text(statement), used)


def _settle(store: Store) -> None:
    """What autovacuum and the ticker do by themselves within a minute, done now."""
    if store.is_sqlite:
        store.tidy()
        return
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
