"""The same key from several connections at once: one answer, one ticket, one call."""

from __future__ import annotations

import pytest
from races import crowd
from rows import broken_promises
from serving import Client, Served

from server.store.engine import open_engine

UNIT = "ingleses"
DESK = f"/units/{UNIT}/counters/ingleses-1"
ISSUE = {"service": "iptu-segunda-via"}
TABS = 6


@pytest.fixture(scope="module")
def paula(served: Served) -> Client:
    """An attendant at her counter."""
    client = served.staff("paula.menezes")
    assert client("POST", f"{DESK}/open").status == 200
    return client


def _tabs(served: Served, client: Client) -> list[Client]:
    tabs = [client.twin() for _ in range(TABS)]
    served.clients.extend(tabs)
    for tab in tabs:
        tab("GET", "/session")  # connected before the race begins
    return tabs


def test_a_ticket_is_issued_once(served, paula):
    """An impatient touch, a retry after a blip: six requests, one ticket, one print job, the same answer."""
    tabs = _tabs(served, paula)
    for turn in range(5):
        answers = crowd(
            lambda n, key=f"issue-{turn}": tabs[n]("POST", f"/units/{UNIT}/tickets", ISSUE, key=key), TABS
        )
        assert sorted(answer.status for answer in answers) == [200] * (TABS - 1) + [201]
        assert len({answer.body["ticket"]["id"] for answer in answers}) == 1
        assert all(answer.body == answers[0].body for answer in answers)
    assert len(paula("GET", f"/units/{UNIT}/tickets").body["tickets"]) == 5


def test_a_ticket_is_called_once(served, paula):
    """Six times *Chamar próxima* under one key: one citizen comes."""
    tabs = _tabs(served, paula)
    for turn in range(3):
        answers = crowd(lambda n, key=f"call-{turn}": tabs[n]("POST", f"{DESK}/call-next", key=key), TABS)
        assert {answer.status for answer in answers} == {200}
        ids = {answer.body["ticket"]["id"] for answer in answers}
        assert len(ids) == 1
        assert paula("POST", f"/tickets/{ids.pop()}/finish").status == 200


def test_different_keys_are_different_calls(served, paula):
    """The control: with a key for each, exactly one call wins and the others find the hand full."""
    for _ in range(3):
        served.device("kiosk", UNIT)("POST", f"/units/{UNIT}/tickets", ISSUE)
    tabs = _tabs(served, paula)
    answers = crowd(lambda n: tabs[n]("POST", f"{DESK}/call-next", key=f"own-{n}"), TABS)
    assert sorted(answer.status for answer in answers) == [200] + [409] * (TABS - 1)
    assert {a.body["error"]["code"] for a in answers if a.status == 409} == {"ticket_in_hand"}


def test_two_attendants_reach_for_one_counter(served):
    """At the same moment: one sits, the other is told who; and one person gets one counter only."""
    rafael, sabrina = served.staff("rafael.cunha"), served.staff("sabrina.machado")
    for _ in range(3):
        path = f"/units/{UNIT}/counters/ingleses-2"
        answers = crowd(lambda n, who=(rafael, sabrina), path=path: who[n]("POST", f"{path}/open"), 2)
        assert sorted(answer.status for answer in answers) == [200, 409]
        winner = (rafael, sabrina)[[answer.status for answer in answers].index(200)]
        assert winner("POST", f"{path}/close").status == 200
        twin = rafael.twin()
        served.clients.append(twin)
        desks = [f"/units/{UNIT}/counters/ingleses-{n}" for n in (3, 4)]
        answers = crowd(lambda n, who=(rafael, twin), desks=desks: who[n]("POST", f"{desks[n]}/open"), 2)
        assert sorted(answer.status for answer in answers) == [200, 409]
        for desk in desks:
            rafael("POST", f"{desk}/close")


def test_all_is_well_afterwards(served):
    """Every row keeps its promise."""
    engine = open_engine(served.database_url)
    assert broken_promises(engine) == []
    engine.dispose()
