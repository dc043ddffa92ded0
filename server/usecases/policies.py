"""The unit's policy: a dry run of the next calls, and putting a preset in force."""

from __future__ import annotations

from dataclasses import replace

from server.domain.errors import Refusal
from server.domain.events import Event
from server.domain.policy import RatioState
from server.domain.presets import PRESETS, Preset, preset_to_dict
from server.domain.preview import Desk, preview_unit
from server.store import counters, lanes
from server.store.unit_of_work import find_unit
from server.usecases.context import SYSTEM, Actor, House, Json, audited
from server.wire.moments import iso
from server.wire.words import order_notice, reason_text


def named_preset(name: str) -> Preset:
    """A preset by its name. Raises ``Refusal('invalid_fields')``."""
    if name not in PRESETS:
        known = ", ".join(PRESETS)
        raise Refusal(
            "invalid_fields", fields=[{"field": "preset", "problem": f"unknown, there are {known}"}]
        )
    return PRESETS[name]


def preview_calls(
    house: House, unit_id: str, preset: str | None, limit: int
) -> list[tuple[str, str, str, str]]:
    """The next calls as (counter, label, tier, reason in Portuguese), under a preset or the policy in force."""
    with house.store.read() as connection:
        row = find_unit(connection, unit_id)
        chosen = house.preset(row) if preset is None else named_preset(preset)
        profiles = house.catalog(connection, row).profiles
        desks = [
            Desk(c.id, profiles[c.profile], c.attendant, RatioState(c.priority_run, c.normal_owed))
            for c in counters.of_unit(connection, unit_id)
            if c.state == "open"
        ]
        waiting, staffed = lanes.everybody(connection, unit_id), counters.staffed(connection, unit_id)
    calls = preview_unit(house.now(), chosen, desks, waiting, limit, staffed)
    return [
        (counter, c.ticket.label, str(c.ticket.tier), reason_text("pt-BR", str(c.reason), c.detail) or "")
        for counter, c in calls
    ]


def show(house: House, actor: Actor, unit_id: str, language: str) -> Json:
    """The policy in force: the mode with its figures, who enabled it and when, and the notice that it owes."""
    actor.must_reach(unit_id)
    with house.store.read() as connection:
        row = find_unit(connection, unit_id)
        preset = house.preset(row)
    return {
        "policy": preset_to_dict(preset)
        | {
            "enabled_at": iso(preset.enabled_at, row.timezone),
            "notice": order_notice(language, preset) if preset.legal_notice_needed else None,
        }
    }


def set_policy(house: House, unit_id: str, preset: str, by: str) -> Json:
    """Put a named preset in force, with who decided it and when. Returns what is in force."""
    now = house.now()
    stored = preset_to_dict(replace(named_preset(preset), enabled_by=by, enabled_at=now))
    with house.unit(unit_id) as work:
        work.set_unit(policy=stored)
        audited(work.connection, SYSTEM, now, "policy.set", unit_id, unit_id, preset=preset, by=by)
        work.record(Event("unit.changed", now, {"what": "policy", "mode": stored["mode"], "by": by}))
    return stored
