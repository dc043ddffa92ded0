"""Appointments at the reception: who came in time stands at the booked time, who came late at the door's time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from city import City
from cityfixtures import both_engines

from server.domain.errors import Refusal
from server.usecases import counters, visitors
from server.wire.requests import CheckIn, IssueTicket

SERVICE = "iptu-segunda-via"


def check_in(city: City, minutes: float, tier: str = "normal") -> dict:
    """Ana at the reception: the appointment was (or is) so many minutes from now."""
    wanted = CheckIn(service=SERVICE, tier=tier, booked=city.clock.now + timedelta(minutes=minutes))
    answer, is_new = visitors.issue(city.house, city.who("ana.martins"), city.unit, wanted, None)
    assert is_new
    return answer["ticket"]


def labels(city: City) -> list[tuple[str, str]]:
    """The queue as the staff sees it."""
    ana = city.who("ana.martins")
    listed = counters.queue(city.house, ana, city.unit, "centro-1", "pt-BR", 50)["tickets"]
    return [(one["label"], one["reason"]) for one in listed]


@both_engines
def test_each_stands_where_the_rule_says(city: City):
    """In time: the booked time. Late: the check-in. Early: behind all who are due. The law's tiers stay above."""
    city.open("ana.martins", "centro-1")
    first = city.issue()["label"]
    city.clock.advance(minutes=20)
    second = city.issue()["label"]
    city.clock.advance(seconds=30)
    in_time = check_in(city, -10)
    assert in_time["ahead"] == 1  # only the first, who has been here for twenty minutes
    late = check_in(city, -11)
    early = check_in(city, +30)
    elder = check_in(city, -5, "priority")
    expected = [
        (elder["label"], "priority_tier"),
        (first, "oldest_arrival"),
        (in_time["label"], "appointment_due"),
        (second, "oldest_arrival"),
        (late["label"], "oldest_arrival"),
        (early["label"], "oldest_arrival"),
    ]
    assert labels(city) == expected
    for label, reason in expected:
        called = city.call_next("ana.martins", "centro-1")
        assert (called["ticket"]["label"], called["reason"]) == (label, reason)
        city.act("ana.martins", "finish", called["ticket"]["id"])


@pytest.mark.parametrize(
    "booked",
    [
        datetime(2026, 11, 24, 12, tzinfo=UTC),
        datetime(2026, 11, 22, 23, tzinfo=UTC),
        datetime.min.replace(tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
    ],
)
def test_an_appointment_of_another_day_is_refused(city: City, booked):
    """And nothing is issued."""
    with pytest.raises(Refusal) as refused:
        visitors.issue(
            city.house, city.who("ana.martins"), city.unit, CheckIn(service=SERVICE, booked=booked), None
        )
    assert refused.value.detail["fields"] == [{"field": "booked", "problem": "not_today"}]
    assert labels(city) == []


def test_over_http_it_is_for_staff_and_needs_a_time(site):
    """A kiosk may not; no time, no offset, nonsense: 422 in words."""
    path, body = "/units/centro/check-ins", {"service": SERVICE, "booked": "2026-11-23T08:55:00-03:00"}
    ana = site.staff("ana.martins")
    made = ana("POST", path, body)
    assert made.status_code == 201, made
    assert made.json["ticket"]["label"]
    assert site.device("kiosk")("POST", path, body).status_code == 403
    seconds = 1_795_435_200  # of today, since 1970: no ISO-8601, as a number and as a text
    nonsense = (None, "", "amanhã", "2026-11-23T08:55:00", "9999-12-31T23:59:59-12:00", [], True)
    for booked in (*nonsense, seconds, str(seconds)):
        answer = ana("POST", path, body | {"booked": booked})
        assert answer.status_code in (400, 422), (booked, answer)
        assert answer.json["error"]["code"] == "invalid_fields"
    assert IssueTicket(service=SERVICE).tier == "normal"
