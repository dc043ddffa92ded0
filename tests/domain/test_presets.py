"""Presets: what a unit may enable, how it is kept, and which nonsense is refused with the field's name."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from queues import presets

from server.domain.errors import Refusal
from server.domain.policy import DEFAULT_RATES, PRESETS, Mode, Preset, preset_from_dict, preset_to_dict
from server.domain.ticket import Tier

ENABLED = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def test_the_default_is_the_law():
    assert preset_from_dict({}) == Preset() == PRESETS["law"]
    assert not Preset().legal_notice_needed


def test_every_departure_from_the_law_needs_the_notice():
    for name, preset in PRESETS.items():
        assert preset.legal_notice_needed == (name != "law")
    assert {preset.mode for preset in PRESETS.values()} == set(Mode)


@pytest.mark.parametrize("name", PRESETS)
def test_named_presets_survive_the_store(name):
    enabled = replace(PRESETS[name], enabled_by="user:ana", enabled_at=ENABLED)
    assert preset_from_dict(json.loads(json.dumps(preset_to_dict(enabled)))) == enabled


@given(presets)
def test_any_preset_survives_the_store(preset):
    assert preset_from_dict(json.loads(json.dumps(preset_to_dict(preset)))) == preset


def test_rates_left_out_keep_their_default():
    rates = preset_from_dict({"mode": "accumulating", "rates": {"eighty_plus": 6}}).rates
    assert rates == {**DEFAULT_RATES, Tier.eighty_plus: 6.0}


@pytest.mark.parametrize(
    "raw,fields",
    [
        ("law", {"policy": "must_be_an_object"}),
        ({"mode": "fastest"}, {"mode": "unknown_mode"}),
        ({"mode": 3}, {"mode": "unknown_mode"}),
        ({"mode": ["law"]}, {"mode": "unknown_mode"}),
        ({"ratio_n": 0}, {"ratio_n": "must_be_1_to_20"}),
        ({"ratio_n": "2"}, {"ratio_n": "must_be_1_to_20"}),
        ({"ratio_m": True}, {"ratio_m": "must_be_1_to_20"}),
        ({"ratio_m": 21}, {"ratio_m": "must_be_1_to_20"}),
        ({"rates": [4, 3, 2, 1]}, {"rates": "unknown_tier"}),
        ({"rates": {"vip": 9}}, {"rates": "unknown_tier"}),
        ({"rates": {"normal": 0}}, {"rates.normal": "must_be_a_rate"}),
        ({"rates": {"donor": float("nan")}}, {"rates.donor": "must_be_a_rate"}),
        ({"rates": {"donor": "2"}}, {"rates.donor": "must_be_a_rate"}),
        ({"rates": {"eighty_plus": 101}}, {"rates.eighty_plus": "must_be_a_rate"}),
        ({"rates": {"normal": 5}}, {"rates": "must_not_rise_down_the_tiers"}),
        ({"enabled_by": 7}, {"enabled_by": "must_be_text"}),
        ({"enabled_at": "yesterday"}, {"enabled_at": "must_be_a_time_with_offset"}),
        ({"enabled_at": "2026-11-23T09:00:00"}, {"enabled_at": "must_be_a_time_with_offset"}),
        ({"enabled_at": 0}, {"enabled_at": "must_be_a_time_with_offset"}),
        ({"Mode": "law"}, {"Mode": "unknown_field"}),
        (
            {"mode": "x", "ratio_n": -1, "ratio_m": None, "why": ""},
            {
                "why": "unknown_field",
                "mode": "unknown_mode",
                "ratio_n": "must_be_1_to_20",
                "ratio_m": "must_be_1_to_20",
            },
        ),
    ],
)
def test_nonsense_is_refused_field_by_field(raw, fields):
    with pytest.raises(Refusal) as refused:
        preset_from_dict(raw)
    assert refused.value.code == "invalid_fields"
    assert {f["field"]: f["problem"] for f in refused.value.detail["fields"]} == fields


_KEYS = st.sampled_from(["mode", "ratio_n", "rates", "normal", "enabled_at"])
_ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner),
    max_leaves=6,
)


@given(_ANY_JSON)
def test_whatever_json_is_sent_it_is_a_preset_or_a_refusal(raw):
    with contextlib.suppress(Refusal):
        assert preset_from_dict(preset_to_dict(preset_from_dict(raw))) == preset_from_dict(raw)


@pytest.mark.parametrize(
    "wrong", [{"ratio_n": 0}, {"ratio_m": 0}, {"rates": {}}, {"rates": {**DEFAULT_RATES, Tier.donor: -1.0}}]
)
def test_code_cannot_build_a_preset_that_never_calls_somebody(wrong):
    with pytest.raises(ValueError, match=r"call|rate"):
        Preset(**wrong)
