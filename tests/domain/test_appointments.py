"""Appointments in the queue: on time, early and late (DOMAIN 4, effective arrival)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from queues import NINE, booked, names, profile, view, waits

from server.domain.policy import Reason, effective_arrival, order, pick_next


def test_an_appointment_takes_the_place_of_its_booked_time():
    room = view(waits("n1", 20), booked("n2", 10), waits("n3", 5))
    assert names(order(room)) == "n1 n2 n3"
    choice = order(room)[1]
    assert choice.reason is Reason.appointment_due
    assert choice.detail["appointment_at"] == (NINE - timedelta(minutes=10)).isoformat()


def test_who_came_early_waits_behind_everyone_who_is_due_even_of_a_lower_level():
    room = view(booked("n1", -30), waits("n2", 5, "alvara"), waits("n3", 1), levels=profile("iptu", "alvara"))
    assert names(order(room)) == "n3 n2 n1"


def test_who_came_early_is_called_early_when_nobody_else_waits():
    choice = pick_next(view(booked("n1", -30)))
    assert (choice.ticket.id, choice.reason) == ("n1", Reason.oldest_arrival)


def test_a_late_appointment_counts_from_its_check_in_and_is_not_called_due():
    late = replace(waits("n1", 5), appointment=NINE - timedelta(minutes=50))
    assert pick_next(view(late)).reason is Reason.oldest_arrival


BOOKED = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "minutes,counts_from",
    [(-45, "booked"), (0, "booked"), (10, "booked"), (10.5, "check-in"), (60, "check-in")],
)
def test_effective_arrival_of_an_appointment(minutes, counts_from):
    check_in = BOOKED + timedelta(minutes=minutes)
    expected = BOOKED if counts_from == "booked" else check_in
    assert effective_arrival(check_in, BOOKED, check_in) == expected
    assert effective_arrival(check_in, BOOKED) == expected


def test_effective_arrival_of_a_walk_in_and_of_a_stricter_unit():
    assert effective_arrival(NINE, None) == NINE
    assert effective_arrival(NINE, None, NINE + timedelta(hours=1)) == NINE
    check_in = BOOKED + timedelta(minutes=6)
    assert effective_arrival(check_in, BOOKED, check_in, late_after_minutes=5) == check_in
