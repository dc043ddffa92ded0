"""Numbers: labels, series, laps, caps, and the letters that may stand before them."""

from __future__ import annotations

import contextlib
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.errors import Refusal
from server.domain.numbering import (
    LETTERS,
    Series,
    SeriesState,
    check_prefix,
    clashes,
    label,
    next_number,
    prefix_problem,
    series_for,
    series_prefix,
)
from server.domain.ticket import Tier


def nobody(_number: int) -> bool:
    return False


def take(series: Series, how_many: int, state: SeriesState | None = None) -> list[tuple[int, int]]:
    """(lap, number) of the next tickets when nobody stays alive."""
    state, taken = state or SeriesState(), []
    for _ in range(how_many):
        number, state = next_number(series, state, nobody)
        taken.append((state.lap, number))
    return taken


@pytest.mark.parametrize(
    "prefix,number,expected",
    [
        ("A", 1, "A001"),
        ("A", 42, "A042"),
        ("A", 999, "A999"),
        ("A", 1000, "A1000"),
        ("PA", 123456, "PA123456"),
        ("", 7, "007"),
    ],
)
def test_a_label_has_three_digits_or_all_of_them(prefix, number, expected):
    assert label(prefix, number) == expected


@pytest.mark.parametrize("tier", Tier)
def test_the_letter_does_not_tell_the_condition(tier):
    """One priority series for all of them, donors too."""
    assert series_prefix("A", tier) == ("A" if tier is Tier.normal else "PA")
    assert series_for(Series("A", 1, 99, 2, 40), tier) == Series(series_prefix("A", tier), 1, 99, 2, 40)


def test_a_day_begins_with_the_first_number_and_goes_up_by_the_step():
    assert take(Series("A"), 3) == [(0, 1), (0, 2), (0, 3)]
    assert take(Series("A", first=100, last=120, step=10), 5) == [
        (0, 100),
        (0, 110),
        (0, 120),
        (1, 100),
        (1, 110),
    ]


def test_the_last_number_need_not_be_met_exactly():
    assert take(Series("A", first=1, last=6, step=4), 3) == [(0, 1), (0, 5), (1, 1)]


def test_a_wrap_onto_a_living_ticket_is_refused_and_goes_on_when_it_is_done():
    series, state = Series("A", first=1, last=3), SeriesState()
    for _ in range(3):
        _, state = next_number(series, state, nobody)
    with pytest.raises(Refusal) as refused:
        next_number(series, state, {1}.__contains__)
    assert refused.value.code == "series_exhausted"
    assert refused.value.detail == {"prefix": "A", "number": 1, "label": "A001"}
    assert next_number(series, state, {2, 3}.__contains__) == (1, SeriesState(1, 4, 1))


def test_the_number_of_one_served_since_yesterday_is_passed_over():
    """Yesterday's A001 and A002 are still at a counter: today begins with A003, and nobody is refused."""
    number, state = next_number(Series("A"), SeriesState(), {1, 2}.__contains__)
    assert (number, state) == (3, SeriesState(3, 1, 0))
    assert next_number(Series("A", 1, 9, 4), SeriesState(), {1, 2}.__contains__)[0] == 5
    with pytest.raises(Refusal):
        next_number(Series("A", 1, 2), SeriesState(), {1, 2}.__contains__)


def test_the_daily_cap_counts_tickets_and_not_numbers():
    series, state = Series("A", first=1, last=2, step=1, daily_cap=5), SeriesState()
    for _ in range(5):
        _, state = next_number(series, state, nobody)
    with pytest.raises(Refusal) as refused:
        next_number(series, state, nobody)
    assert (refused.value.code, refused.value.detail) == (
        "daily_cap_reached",
        {"prefix": "A", "daily_cap": 5},
    )


def test_a_range_edited_during_the_day():
    assert take(Series("A", first=500, last=599), 1, SeriesState(42, 42)) == [(0, 500)]
    assert take(Series("A", first=1, last=20), 1, SeriesState(42, 42)) == [(1, 1)]
    assert take(Series("A", daily_cap=30), 0, SeriesState(42, 42)) == []


_series = st.builds(
    lambda first, size, step, cap: Series("A", first, first + size, step, cap),
    st.integers(min_value=0, max_value=30),
    st.integers(min_value=0, max_value=30),
    st.integers(min_value=1, max_value=7),
    st.none() | st.integers(min_value=1, max_value=40),
)


@given(st.lists(st.tuples(_series, st.integers(min_value=0, max_value=25)), max_size=5))
def test_label_and_lap_are_unique_however_the_series_is_edited_between_tickets(edits):
    state, seen = SeriesState(), set()
    for series, how_many in edits:
        for _ in range(how_many):
            if series.daily_cap is not None and state.issued >= series.daily_cap:
                break
            number, state = next_number(series, state, nobody)
            assert series.first <= number <= series.last
            assert (state.lap, number) not in seen
            seen.add((state.lap, number))
        assert state.issued == len(seen)


@given(_series, st.data())
def test_no_two_living_tickets_share_a_number(series, data):
    state, alive = SeriesState(), set()
    for _ in range(60):
        if alive and data.draw(st.booleans()):
            alive.remove(data.draw(st.sampled_from(sorted(alive))))
        with contextlib.suppress(Refusal):
            number, state = next_number(series, state, alive.__contains__)
            assert number not in alive
            alive.add(number)


@pytest.mark.parametrize(
    "figures,field",
    [
        ({"first": -1}, "first"),
        ({"first": 10, "last": 9}, "last"),
        ({"last": 1_000_000}, "last"),
        ({"step": 0}, "step"),
        ({"daily_cap": 0}, "daily_cap"),
    ],
)
def test_a_series_that_makes_no_sense_is_refused(figures, field):
    with pytest.raises(Refusal) as refused:
        Series("A", **figures)
    assert refused.value.code == "invalid_fields"
    assert [problem["field"] for problem in refused.value.detail["fields"]] == [field]


@pytest.mark.parametrize(
    "prefix,problem",
    [
        ("", "wrong_length"),
        ("ABC", "wrong_length"),
        ("a", "must_be_capital_letters"),
        ("Á", "must_be_capital_letters"),
        ("1", "must_be_capital_letters"),
        ("A ", "must_be_capital_letters"),
        ("I", "looks_like_a_digit"),
        ("AO", "looks_like_a_digit"),
        ("Q", "looks_like_a_digit"),
        ("P", "reserved_for_priority"),
        ("PA", "reserved_for_priority"),
        ("A", None),
        ("CP", None),
    ],
)
def test_prefixes_that_would_be_misread_are_refused(prefix, problem):
    assert prefix_problem(prefix) == problem
    if problem is None:
        assert check_prefix(prefix) == prefix
        return
    with pytest.raises(Refusal) as refused:
        check_prefix(prefix, "services.3.prefix")
    assert refused.value.detail == {"fields": [{"field": "services.3.prefix", "problem": problem}]}


@pytest.mark.parametrize(
    "prefixes,expected",
    [
        ("A B C", []),
        ("A A", []),
        ("B D", [("B", "D")]),
        ("B D T", [("B", "D"), ("B", "T"), ("D", "T")]),
        ("M N", [("M", "N")]),
        ("AB AD", [("AB", "AD")]),
        ("B AB", []),
        # Spoken, the priority series of A is like DA's own.
        ("A DA", [("A", "DA")]),
        ("A TA C", [("A", "TA")]),
        ("M DN", [("DN", "M")]),
    ],
)
def test_prefixes_of_one_unit_that_sound_alike_are_named(prefixes, expected):
    assert clashes(prefixes.split()) == expected


def test_there_are_letters_enough_for_a_unit_without_clashes():
    chosen: list[str] = []
    for letter in sorted(LETTERS - {"P"}):
        if not clashes([*chosen, letter]):
            chosen.append(letter)
    assert len(chosen) >= 18


@given(st.lists(st.text(alphabet=sorted(LETTERS), min_size=1, max_size=2), max_size=8))
def test_without_a_clash_no_two_series_sound_alike(prefixes):
    """What is spoken, letter by letter, stays distinct for normal and priority tickets of every service."""
    if clashes(prefixes) or any(prefix_problem(prefix) for prefix in prefixes):
        return
    sound = str.maketrans("DPTN", "BBBM")
    spoken = {series_prefix(prefix, tier) for prefix in prefixes for tier in Tier}
    assert len({prefix.translate(sound) for prefix in spoken}) == len(spoken)


def test_a_full_day_of_a_small_series_never_repeats_a_living_number():
    """Two hundred citizens, ten in the house at once, numbers 1 to 12."""
    series, state, house = Series("A", 1, 12), SeriesState(), []
    for serial in count(1):
        number, state = next_number(series, state, house.__contains__)
        house.append(number)
        if len(house) == 10:
            house.pop(0)
        if serial == 200:
            break
    assert state.lap == 16
