"""The demo city in a database of one's own, with a turned clock: what usecases, store and web tests stand on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import update

from server.demo.data import Demo, always_open, load_demo
from server.domain.lifecycle import Action
from server.domain.ticket import Tier
from server.store import accounts as staff_rows
from server.store import tables
from server.store.idempotency import Key
from server.store.unit_of_work import Store
from server.usecases import counters, moves, seeding, visitors
from server.usecases.accounts import actor_of
from server.usecases.context import Actor, House, Json
from server.wire.requests import (
    CallTicket,
    ChangeTier,
    Finish,
    IssueTicket,
    NextService,
    OnTicketMaybeReason,
    OnTicketWithReason,
    Transfer,
)

OPENING = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # Monday 09:00 in Florianópolis
PUBLIC_URL = "http://vez.test"
LATE_HOUR, WESTWARD = 22, "America/Rio_Branco"  # two hours behind: 22:00 is 20:00 there
NO_WAITING = {
    "recall_seconds": 0,
    "no_show_calls": 1,
    "no_show_seconds": 0,
    "no_show_priority_seconds": 0,
}


@dataclass(frozen=True)
class Seeded:
    """The tokens of a seeded database's devices, by (unit, kind)."""

    devices: dict[tuple[str, str], seeding.PairedDevice]

    def token(self, kind: str, unit: str = "centro") -> str:
        """The bearer token of a unit's device."""
        return self.devices[unit, kind].token


def fill(url: str, now: Callable[[], datetime], *, around_the_clock: bool = False) -> Seeded:
    """Put the demo city into a migrated, empty database."""
    demo: Demo = load_demo()
    store = Store(url)
    try:
        house = House(store, now, PUBLIC_URL)
        made = seeding.seed(house, _open_and_far_from_midnight(demo, now()) if around_the_clock else demo)
    finally:
        store.dispose()
    return Seeded({(device.unit, device.kind): device for device in made})


def _open_and_far_from_midnight(demo: Demo, now: datetime) -> Demo:
    """With the real clock a day could end in mid-test, and with it every ticket: then the city lies further west."""
    city = always_open(demo)
    late = now.astimezone(ZoneInfo(city.units[0].timezone)).hour >= LATE_HOUR
    units = tuple(replace(unit, timezone=WESTWARD) for unit in city.units) if late else city.units
    return replace(city, units=units)


def change_unit(store: Store, unit: str, **values: Any) -> None:
    """Change a unit's row as an administrator's tool would, catalogue version included."""
    with store.write() as connection:
        connection.execute(
            update(tables.unit)
            .where(tables.unit.c.id == unit)
            .values(catalog_version=tables.unit.c.catalog_version + 1, **values)
        )


def set_rules(store: Store, unit: str, rules: dict[str, int]) -> None:
    """Give a unit its courtesy rules."""
    with store.read() as connection:
        settings = connection.execute(tables.unit.select().where(tables.unit.c.id == unit)).one().settings
    change_unit(store, unit, settings=settings | {"rules": rules})


ALL_DAY = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
"""Hours of a unit that never closes."""


@dataclass
class City:
    """A house with the demo in it, and short ways to do what people do all day in one unit."""

    house: House
    clock: Any
    seeded: Seeded
    unit: str = "centro"
    language: str = "pt-BR"
    people: dict[str, Actor] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        """The database."""
        return self.house.store

    def who(self, username: str) -> Actor:
        """A member of staff."""
        if username not in self.people:
            with self.store.read() as connection:
                row = staff_rows.by_username(connection, username)
            assert row is not None, username
            self.people[username] = actor_of(row)
        return self.people[username]

    def device(self, kind: str, unit: str | None = None) -> Actor:
        """A paired device."""
        from server.usecases import devices

        return devices.authenticate(self.house, self.seeded.token(kind, unit or self.unit))

    def issue(
        self,
        service: str = "iptu-segunda-via",
        tier: str = "normal",
        *,
        by: Actor | None = None,
        key: Key | None = None,
    ) -> Json:
        """Take a ticket at the kiosk: its view."""
        request = IssueTicket(service=service, tier=Tier(tier).value)
        answer, _ = visitors.issue(self.house, by or self.device("kiosk"), self.unit, request, key)
        return dict(answer["ticket"])

    def open(self, username: str, counter: str) -> Actor:
        """Seat somebody."""
        counters.open_counter(self.house, self.who(username), self.unit, counter)
        return self.who(username)

    def call_next(self, username: str, counter: str, key: Key | None = None) -> Json:
        """Call whoever is next."""
        return counters.call_next(self.house, self.who(username), self.unit, counter, self.language, key)

    def call(self, username: str, counter: str, ticket: str, why: str = "mãe com bebê") -> Json:
        """Call out of order."""
        actor = self.who(username)
        request = CallTicket(ticket=ticket, reason=why)
        return counters.call(self.house, actor, self.unit, counter, request, self.language, None)

    def act(self, username: str, action: str, ticket: str, **body: Any) -> Json:
        """Any move of a ticket in hand, by the action's name on the wire."""
        house, actor, language = self.house, self.who(username), self.language
        if action == "finish":
            return moves.finish(house, actor, ticket, Finish(**body), language, None)["ticket"]
        if action == "transfer":
            return moves.transfer(house, actor, ticket, Transfer(**body), language, None)["ticket"]
        if action == "next-service":
            return moves.next_service(house, actor, ticket, NextService(**body), language, None)["ticket"]
        if action == "hold":
            request = OnTicketWithReason(**{"reason": "formulário"} | body)
            return moves.hold(house, actor, ticket, request, language, None)["ticket"]
        if action == "cancel":
            request = OnTicketWithReason(**{"reason": "desistiu"} | body)
            return moves.cancel(house, actor, ticket, request, language, None)["ticket"]
        if action == "tier":
            request = ChangeTier(**{"tier": "priority", "reason": "tocou na opção errada"} | body)
            return moves.change_tier(house, actor, ticket, request, language, None)["ticket"]
        if action == "return":
            return moves.give_back(house, actor, ticket, OnTicketMaybeReason(**body), language, None)[
                "ticket"
            ]
        simple = {"recall": Action.recall, "start": Action.start, "no-show": Action.no_show}[action]
        return moves.simple(house, actor, ticket, simple, language, None, body.get("version"))["ticket"]
