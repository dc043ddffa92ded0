"""One order for everybody: the queue as listed, the dry run of `vez policy preview`, and the calls that follow."""

from __future__ import annotations

import pytest
from city import City
from cityfixtures import both_engines

from server.domain.presets import PRESETS
from server.usecases import counters, policies

DESK = "centro-1"
ROOM = (
    "normal",
    "priority",
    "normal",
    "donor",
    "normal",
    "eighty_plus",
    "normal",
    "priority",
    "priority",
    "normal",
)
ASKING = ("ana.martins", "bruno.silveira", "supervisao.centro", "admin")


def listed(city: City, who: str) -> list[tuple[str, str, str]]:
    """The queue of the desk as one person is shown it."""
    shown = counters.queue(city.house, city.who(who), city.unit, DESK, "pt-BR", 50)
    return [(one["label"], one["reason"], one["reason_text"]) for one in shown["tickets"]]


@both_engines
@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_the_queue_is_what_will_be_called(city: City, preset: str):
    """Whoever asks, under every preset: same order, same reasons, and then they are called so."""
    policies.set_policy(city.house, city.unit, preset, "a diretora")
    services = ("iptu-segunda-via", "itbi")
    for turn, tier in enumerate(ROOM):
        city.clock.advance(minutes=2)
        city.issue(services[turn % 2], tier)
    city.open("ana.martins", DESK)
    expected = listed(city, "ana.martins")
    assert len(expected) == len(ROOM)
    for who in ASKING:
        assert listed(city, who) == expected
    dry = policies.preview_calls(city.house, city.unit, None, 20)
    assert [(label, reason) for _, label, _, reason in dry] == [(label, text) for label, _, text in expected]
    assert dry == policies.preview_calls(city.house, city.unit, preset, 20)
    for label, reason, text in expected:
        answer = city.call_next("ana.martins", DESK)
        assert (answer["ticket"]["label"], answer["reason"], answer["reason_text"]) == (label, reason, text)
        city.act("ana.martins", "finish", answer["ticket"]["id"])
    assert listed(city, "admin") == []
