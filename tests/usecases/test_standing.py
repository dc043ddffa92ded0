"""Where a ticket stands, told alike on every screen: under every policy, reserved or not, with any clock."""

from __future__ import annotations

from datetime import timedelta

import pytest
from city import City
from cityfixtures import both_engines

from server.domain.presets import PRESETS
from server.store import boards
from server.usecases import citizens, counters, endofday, policies, supervision, visitors
from server.usecases.context import Json
from server.wire.requests import CheckIn

ANA, BRUNO, CARLA, LEO, BOSS = (
    "ana.martins",
    "bruno.silveira",
    "carla.nogueira",
    "leonardo.vieira",
    "supervisao.centro",
)
ONE, TWO, THREE, PREFERENTIAL = "centro-1", "centro-2", "centro-3", "centro-12"


def listed(city: City, counter: str | None = None) -> list[str]:
    """The labels of the unit's queue, or of one counter's."""
    shown = counters.queue(city.house, city.who(BOSS), city.unit, counter, "pt-BR", 50)
    assert shown["total"] >= len(shown["tickets"])
    return [one["label"] for one in shown["tickets"]]


def phone(city: City, ticket: Json) -> Json:
    """What the citizen sees."""
    with city.store.read() as connection:
        token = boards.follow_token(connection, ticket["id"])
    shown: Json = citizens.follow(city.house, token)["ticket"]
    return shown


def called(city: City, who: str, counter: str) -> tuple[str, str] | None:
    """Call the next one and finish: label and reason."""
    answer = city.call_next(who, counter)
    if answer["ticket"] is None:
        return None
    city.act(who, "finish", answer["ticket"]["id"])
    return answer["ticket"]["label"], answer["reason"]


def check_in(city: City, minutes: int, tier: str = "normal") -> Json:
    """An appointment booked in so many minutes checks in now."""
    request = CheckIn(service="iptu-segunda-via", tier=tier, booked=city.clock() + timedelta(minutes=minutes))
    answer, _ = visitors.issue(city.house, city.who(ANA), city.unit, request, None)
    ticket: Json = answer["ticket"]
    return ticket


@both_engines
def test_who_was_sent_to_a_counter_that_closed_is_called_all_the_same(city: City):
    """Carla goes home: the supervisor sees who waits for her, and in a few minutes the others have them."""
    for who, counter in ((ANA, ONE), (BRUNO, TWO), (CARLA, THREE)):
        city.open(who, counter)
    first = city.issue()
    city.clock.advance(minutes=1)
    city.issue()
    city.call_next(ANA, ONE)
    city.act(ANA, "transfer", first["id"], counter=THREE)
    counters.close_counter(city.house, city.who(CARLA), city.unit, THREE)
    assert listed(city) == ["A001", "A002"]
    assert called(city, ANA, ONE) == ("A002", "oldest_arrival")
    assert (listed(city), listed(city, ONE)) == (["A001"], [])
    city.clock.advance(minutes=6)
    assert listed(city, ONE) == ["A001"]
    assert [label for _, label, *_ in policies.preview_calls(city.house, city.unit, None, 20)] == ["A001"]
    assert called(city, BRUNO, TWO) == ("A001", "oldest_arrival")


@both_engines
def test_who_comes_back_has_what_was_kept_for_her(city: City):
    """A colleague's ticket is not taken from somebody who pauses."""
    city.open(ANA, ONE)
    carla = city.open(CARLA, THREE)
    first = city.issue()
    city.call_next(ANA, ONE)
    city.act(ANA, "transfer", first["id"], attendant=carla.id)
    counters.pause(city.house, carla, city.unit, THREE, "café")
    city.clock.advance(minutes=30)
    assert called(city, ANA, ONE) is None
    counters.resume(city.house, carla, city.unit, THREE)
    assert called(city, CARLA, THREE) == ("A001", "reserved_for_attendant")


@both_engines
@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_every_screen_tells_the_same_place(city: City, preset: str):
    """The unit's list, the ticket's own view, the phone, and what the last one was told with the paper."""
    policies.set_policy(city.house, city.unit, preset, "a diretora")
    city.open(ANA, ONE)
    city.open(LEO, PREFERENTIAL)
    issued = []
    for tier in ("normal", "priority", "priority", "normal", "eighty_plus", "priority", "donor", "normal"):
        city.clock.advance(minutes=3)
        issued.append(city.issue(tier=tier))
        order = listed(city)
        assert issued[-1]["ahead"] == order.index(issued[-1]["label"]), (preset, tier)
    for ticket in issued:
        place = order.index(ticket["label"])
        shown = supervision.show_ticket(city.house, city.who(BOSS), ticket["id"], "pt-BR")["ticket"]
        assert (shown["ahead"], phone(city, ticket)["position"]) == (place, place + 1), (
            preset,
            ticket["label"],
        )
    aheads = counters.queue(city.house, city.who(BOSS), city.unit, None, "pt-BR", 50)["tickets"]
    assert [one["ahead"] for one in aheads] == list(range(len(issued)))


@both_engines
def test_the_unit_s_list_knows_what_its_counter_owes(city: City):
    """Ratio mode: after two priority calls the only open counter owes a normal, and the supervisor sees it first."""
    policies.set_policy(city.house, city.unit, "ratio_2_1", "a diretora")
    city.open(ANA, ONE)
    for tier in ("priority",) * 4 + ("normal",) * 2:
        city.clock.advance(5)
        city.issue(tier=tier)
    assert [called(city, ANA, ONE) for _ in range(2)] == [
        ("PA001", "priority_tier"),
        ("PA002", "priority_tier"),
    ]
    assert listed(city)[0] == listed(city, ONE)[0] == "A001"
    assert called(city, ANA, ONE) == ("A001", "ratio_normal_due")


@both_engines
def test_a_new_day_owes_nothing_to_the_last_one(city: City):
    """Yesterday's last calls were of priority; today the first in line is the first."""
    policies.set_policy(city.house, city.unit, "ratio_2_1", "a diretora")
    city.open(ANA, ONE)
    for _ in range(2):
        city.issue(tier="priority")
        called(city, ANA, ONE)
    city.clock.advance(days=1)
    endofday.close_due_days(city.house)
    city.open(ANA, ONE)
    city.issue(tier="eighty_plus")
    city.clock.advance(60)
    city.issue()
    assert called(city, ANA, ONE) == ("PA001", "eighty_plus")


@both_engines
def test_late_behind_somebody_who_came_early_costs_no_hour(city: City):
    """An appointment of later is not one of the three who go first."""
    city.open(ANA, ONE)
    first, _ = city.issue(), city.clock.advance(60)
    city.issue()
    check_in(city, 60)
    city.clock.advance(60)
    token = phone(city, first)
    assert token["position"] == 1
    with city.store.read() as connection:
        key = boards.follow_token(connection, first["id"])
    citizens.late(city.house, key, None)
    for _ in range(3):
        city.clock.advance(60)
        city.issue()
    assert listed(city) == ["A002", "A001", "A004", "A005", "A006", "A003"]


@both_engines
def test_a_clock_set_back_turns_no_queue_round(city: City):
    """Who came first is called first; and the counter that had called somebody is not stuck."""
    city.open(ANA, ONE)
    for _ in range(3):
        city.issue()
        city.clock.advance(1)
    city.call_next(ANA, ONE)
    held = city.issue()
    city.clock.advance(minutes=-10)
    for _ in range(3):
        city.issue()
    assert listed(city) == ["A002", "A003", "A004", "A005", "A006", "A007"]
    in_hand = counters.show(city.house, city.who(ANA), city.unit, ONE, "pt-BR")["ticket"]
    for _ in range(2):
        city.act(ANA, "recall", in_hand["id"])
        city.clock.advance(21)
    city.act(ANA, "no-show", in_hand["id"])
    assert held["label"] == "A004"


def test_two_of_one_moment_are_called_in_the_order_of_their_numbers(city: City):
    """The clock stands still for both."""
    labels = [city.issue()["label"] for _ in range(20)]
    assert listed(city) == labels


def test_one_unit_that_cannot_close_its_day_keeps_no_other_from_it(city: City, caplog):
    """Somebody has written nonsense into its row."""
    from city import change_unit

    change_unit(city.store, "lagoa", timezone="Nowhere/Else")
    city.clock.advance(days=1)
    closed = endofday.close_due_days(city.house)
    assert "centro" in closed
    assert "lagoa" not in closed
    assert "the business day of lagoa could not be closed" in caplog.text
