"""What screens say aloud: calls on the panel, any text on the kiosk. No internet is needed."""

from __future__ import annotations

from server.domain.errors import Refusal
from server.usecases.context import Actor, House
from server.voice.synth import VoiceUnavailable


def announcement(
    house: House, actor: Actor, unit_id: str, language: str, label: str, kind: str, number: str
) -> bytes:
    """The wave file of a call. Raises ``Refusal``: invalid_fields, unavailable (no voice on this machine)."""
    actor.must_reach(unit_id)
    if house.voice is None:
        raise Refusal("unavailable")
    try:
        return house.voice.announcement(language, label, kind, number)
    except ValueError as error:
        raise Refusal("invalid_fields", fields=[{"field": "label", "problem": str(error)}]) from None
    except VoiceUnavailable:
        raise Refusal("unavailable") from None


def text(house: House, actor: Actor, unit_id: str, language: str, words: str) -> bytes:
    """The wave file of any short text. Raises ``Refusal``: invalid_fields, unavailable."""
    actor.must_reach(unit_id)
    if house.voice is None:
        raise Refusal("unavailable")
    try:
        return house.voice.text(language, words)
    except ValueError as error:
        raise Refusal("invalid_fields", fields=[{"field": "text", "problem": str(error)}]) from None
    except VoiceUnavailable:
        raise Refusal("unavailable") from None
