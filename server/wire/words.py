"""The few words that the server itself says in the citizen's or the attendant's language (errors live in web/i18n)."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

from server.domain.catalog import DEFAULT_LANGUAGE, LANGUAGES
from server.domain.presets import Preset


@cache
def _catalogue(language: str) -> dict[str, str]:
    text = resources.files("server.wire").joinpath("i18n", f"{language}.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def say(language: str, key: str, /, **values: object) -> str:
    """The text of ``key`` with its ``{values}``; in Portuguese if the language is unknown. KeyError for a wrong key."""
    chosen = language if language in LANGUAGES else DEFAULT_LANGUAGE
    return _catalogue(chosen)[key].format_map(values)


def say_count(language: str, key: str, count: int, /, **values: object) -> str:
    """The same for a number of things: ``key.one`` or ``key.other`` (all three languages have these two forms)."""
    return say(language, f"{key}.{'one' if count == 1 else 'other'}", count=count, **values)


def reason_text(language: str, reason: str | None, detail: dict[str, str] | None) -> str | None:
    """Why a ticket was chosen, as a sentence for the staff."""
    if reason is None:
        return None
    return say(language, f"reason.{reason}", **_Blank(detail or {}))


def order_notice(language: str, preset: Preset) -> str:
    """What a unit that departs from the plain order of the law tells everybody (DOMAIN 4)."""
    return say(language, f"order.{preset.mode}", n=preset.ratio_n, m=preset.ratio_m)


class _Blank(dict[str, str]):
    """A missing detail shows as an ellipsis instead of failing a screen."""

    def __missing__(self, key: str) -> str:
        return "…"
