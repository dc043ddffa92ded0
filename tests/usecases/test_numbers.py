"""Series through the whole house: ranges, caps, shared letters, wraps, and never one number for two people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from city import ALL_DAY, City, change_unit
from cityfixtures import both_engines
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rows import broken_promises, dump
from sqlalchemy import update

from server.domain.errors import Refusal
from server.store import tables
from server.usecases import visitors


def set_series(city: City, prefix: str, **values: Any) -> None:
    """Change a series of Centro."""
    with city.store.write() as connection:
        here = (tables.series.c.unit == "centro") & (tables.series.c.prefix == prefix)
        assert connection.execute(update(tables.series).where(here).values(**values)).rowcount == 1
        connection.execute(update(tables.unit).values(catalog_version=tables.unit.c.catalog_version + 1))


def serve(city: City, times: int = 1) -> None:
    """Ana calls and finishes."""
    for _ in range(times):
        ticket = city.call_next("ana.martins", "centro-1")["ticket"]
        city.act("ana.martins", "finish", ticket["id"])


def labels(city: City, times: int, service: str = "iptu-segunda-via", tier: str = "normal") -> list[str]:
    """Take some tickets."""
    return [city.issue(service, tier)["label"] for _ in range(times)]


@both_engines
def test_services_share_a_series_and_priority_has_its_own(city):
    """IPTU and ITBI are both A; every priority tier is PA: the letter does not tell the condition."""
    assert labels(city, 2) == ["A001", "A002"]
    assert labels(city, 1, "itbi") == ["A003"]
    assert [labels(city, 1, tier=tier)[0] for tier in ("eighty_plus", "priority", "donor")] == [
        "PA001",
        "PA002",
        "PA003",
    ]
    assert labels(city, 1, "abertura-processo") == ["X001"]
    city.unit = "lagoa"
    assert labels(city, 1) == ["A001"]


def test_range_and_step(city):
    """From 100 in tens."""
    set_series(city, "A", first=100, last=130, step=10)
    assert labels(city, 4) == ["A100", "A110", "A120", "A130"]


def test_labels_grow_with_their_numbers(city):
    """At least three digits, never cut."""
    set_series(city, "A", first=998, last=1001)
    assert labels(city, 4) == ["A998", "A999", "A1000", "A1001"]


@both_engines
def test_a_cap_for_the_day(city):
    """The sixth is refused and changes nothing; priority has its own count; tomorrow there are five again."""
    set_series(city, "A", daily_cap=5)
    labels(city, 5)
    before = dump(city.store.engine)
    with pytest.raises(Refusal, match="daily_cap_reached"):
        city.issue()
    assert dump(city.store.engine) == before
    assert labels(city, 1, tier="priority") == ["PA001"]
    city.clock.advance(days=1)
    assert labels(city, 5) == ["A001", "A002", "A003", "A004", "A005"]


def test_a_cap_for_one_service(city):
    """ITBI has two a day; the kiosk shows it closed, the others of the series go on."""
    two_itbi_a_day(city)
    labels(city, 2, "itbi")
    with pytest.raises(Refusal, match="daily_cap_reached"):
        city.issue("itbi")
    assert labels(city, 1) == ["A003"]
    assert closed(city)["itbi"] == "daily_cap_reached"
    assert closed(city)["iptu-segunda-via"] is None


def two_itbi_a_day(city: City) -> None:
    """Give a service of Centro a cap."""
    with city.store.write() as connection:
        here = (tables.unit_service.c.unit == "centro") & (tables.unit_service.c.service == "itbi")
        connection.execute(update(tables.unit_service).where(here).values(daily_cap=2))
        connection.execute(update(tables.unit).values(catalog_version=tables.unit.c.catalog_version + 1))


def menu(city: City) -> dict[str, Any]:
    """The kiosk's menu: each service by its id."""
    shown = visitors.menu(city.house, "centro", "pt-BR", city.device("kiosk"))
    return {s["id"]: s for c in shown["categories"] for s in c["services"]}


def closed(city: City) -> dict[str, str | None]:
    """Why each service is closed in the kiosk's menu, or None."""
    return {name: s["closed_reason"] for name, s in menu(city).items()}


PRIORITY = ["eighty_plus", "priority", "donor"]


@both_engines
def test_a_series_at_its_cap_is_closed_in_the_menu(city):
    """First for the tiers whose numbers have run out, then, with the last number of any tier, altogether."""
    set_series(city, "A", daily_cap=2)
    labels(city, 2)
    before = dump(city.store.engine)
    for service in ("iptu-segunda-via", "itbi"):
        shown = menu(city)[service]
        assert (shown["open"], shown["closed_reason"], shown["capped_tiers"]) == (True, None, ["normal"])
    assert dump(city.store.engine) == before
    labels(city, 2, tier="donor")
    for service in ("iptu-segunda-via", "itbi"):
        shown = menu(city)[service]
        assert (shown["open"], shown["closed_reason"]) == (False, "daily_cap_reached")
        assert shown["capped_tiers"] == [*PRIORITY, "normal"]
    other = menu(city)["abertura-processo"]
    assert (other["open"], other["capped_tiers"]) == (True, [])
    city.clock.advance(days=1)
    city.issue("abertura-processo")
    assert menu(city)["itbi"]["capped_tiers"] == []


@both_engines
def test_a_series_that_meets_its_living_is_closed_in_the_menu(city):
    """All of a short series wait or are served: no number is left until one of them is done."""
    set_series(city, "A", last=2)
    city.open("ana.martins", "centro-1")
    labels(city, 2)
    assert menu(city)["itbi"]["capped_tiers"] == ["normal"]
    serve(city)
    assert menu(city)["itbi"]["capped_tiers"] == []
    labels(city, 1)
    assert menu(city)["itbi"]["capped_tiers"] == ["normal"]


@both_engines
def test_a_cap_counts_what_was_given_out(city):
    """Two came for ITBI and went on to IPTU: no third. Two came for IPTU and went on to ITBI: that costs no place."""
    two_itbi_a_day(city)
    city.open("ana.martins", "centro-1")
    for first, then in (("iptu-segunda-via", "itbi"), ("itbi", "iptu-segunda-via")):
        for action in ("transfer", "next-service"):
            assert closed(city)["itbi"] is None
            city.issue(first)
            ticket = city.call_next("ana.martins", "centro-1")["ticket"]
            city.act("ana.martins", "start", ticket["id"])
            assert city.act("ana.martins", action, ticket["id"], service=then)["service"] == then
            serve(city)
    with pytest.raises(Refusal, match="daily_cap_reached"):
        city.issue("itbi")
    assert closed(city)["itbi"] == "daily_cap_reached"


@both_engines
def test_wrapping(city):
    """A short series goes round when the first numbers are done; onto a living number it is refused."""
    set_series(city, "A", last=3)
    city.open("ana.martins", "centro-1")
    for _ in range(3):
        city.issue()
        city.clock.advance(1)
    before = dump(city.store.engine)
    with pytest.raises(Refusal, match="series_exhausted") as refusal:
        city.issue()
    assert refusal.value.detail["label"] == "A001"
    assert dump(city.store.engine) == before
    serve(city)
    assert labels(city, 1) == ["A001"]
    serve(city)
    assert labels(city, 1) == ["A002"]
    assert broken_promises(city.store.engine) == []


def test_a_cancelled_number_given_again_does_not_come_back(city):
    """A001 was cancelled, the series wrapped, A001 is somebody else's: the first cannot return under it."""
    set_series(city, "A", last=2)
    city.open("ana.martins", "centro-1")
    first = city.issue()
    city.act("ana.martins", "cancel", first["id"])
    city.clock.advance(1)
    city.issue()
    assert labels(city, 1) == ["A001"]
    with pytest.raises(Refusal, match="conflict"):
        city.act("ana.martins", "return", first["id"])
    assert broken_promises(city.store.engine) == []


def test_the_range_is_edited_during_the_day(city):
    """Numbers only rise within a lap, whatever an administrator does."""
    labels(city, 3)
    set_series(city, "A", first=1, last=2)
    with pytest.raises(Refusal, match="series_exhausted"):
        city.issue()
    set_series(city, "A", first=500, last=900)
    assert labels(city, 2) == ["A500", "A501"]


@both_engines
def test_a_number_carried_over_midnight_is_free_when_its_visit_ends(city):
    """A003 was served over midnight and has gone home: the series of four goes round and round, A003 included."""
    change_unit(city.store, "centro", hours=ALL_DAY)
    set_series(city, "A", last=4)
    day = ShortDay(city)
    for step in ("issue", "issue", "issue", "serve", "serve", "begin", "midnight"):
        day.do(step)
    assert labels(city, 3) == ["A001", "A002", "A004"]
    city.act("ana.martins", "finish", day.in_hand["id"])
    serve(city, 3)
    assert labels(city, 4) == ["A001", "A002", "A003", "A004"]
    with pytest.raises(Refusal, match="series_exhausted"):
        city.issue()
    assert broken_promises(city.store.engine) == []


STEPS = ("issue", "priority", "serve", "begin", "cancel", "midnight")
CANCELLED = "issue issue cancel issue issue issue issue"
OVER_MIDNIGHT = (
    "issue issue serve begin midnight issue serve issue serve issue issue serve serve issue issue issue issue"
)


@pytest.mark.parametrize("city_url", ["sqlite"], indirect=True)
@given(plan=st.lists(st.sampled_from(STEPS), max_size=30))
@example(plan=CANCELLED.split())
@example(plan=OVER_MIDNIGHT.split())
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_day_with_a_short_series(city, plan):
    """Issued, served, cancelled, served over midnight: in a series of four no number for two, none refused in vain."""
    change_unit(city.store, "centro", hours=ALL_DAY)
    set_series(city, "A", last=4)
    city.clock.advance(days=1)  # on from the day before, which has another example's tickets
    day = ShortDay(city)
    for step in plan:
        day.do(step)
    if day.in_hand:
        day.do("serve")
    day.do("midnight")
    assert broken_promises(city.store.engine) == []


@dataclass
class ShortDay:
    """Days at one counter, with what must be true of them: who waits, who is served, and which numbers live."""

    city: City
    waiting: list[Any] = field(default_factory=list)
    in_hand: Any = None

    def __post_init__(self) -> None:
        self.city.open("ana.martins", "centro-1")

    def do(self, step: str) -> None:
        """One step; one that makes no sense now does nothing."""
        self.city.clock.advance(1)
        if step in ("issue", "priority"):
            self._issue("normal" if step == "issue" else step)
        else:
            getattr(self, f"_{step}")()

    def _living(self) -> set[str]:
        return {ticket["label"] for ticket in (*self.waiting, *([self.in_hand] if self.in_hand else []))}

    def _issue(self, tier: str) -> None:
        """A number that nobody has is given; or the next one lives, which only a wrap onto an older one can be."""
        living = self._living()
        try:
            ticket = self.city.issue(tier=tier)
        except Refusal as refusal:
            if refusal.code != "series_exhausted" or refusal.detail["label"] not in living:
                raise
            return
        assert ticket["label"] not in living
        self.waiting.append(ticket)

    def _begin(self) -> None:
        if self.in_hand:
            return
        ticket = self.city.call_next("ana.martins", "centro-1")["ticket"]
        assert (ticket is None) == (not self.waiting)
        if ticket:
            self.city.act("ana.martins", "start", ticket["id"])
            self.waiting = [t for t in self.waiting if t["id"] != ticket["id"]]
            self.in_hand = ticket

    def _serve(self) -> None:
        self._begin()
        if self.in_hand:
            self.city.act("ana.martins", "finish", self.in_hand["id"])
            self.in_hand = None

    def _cancel(self) -> None:
        if self.waiting:
            self.city.act("supervisao.centro", "cancel", self.waiting.pop(0)["id"])

    def _midnight(self) -> None:
        self.city.clock.advance(days=1)
        self.waiting = []
        if not self.in_hand:
            self.city.open("ana.martins", "centro-1")
