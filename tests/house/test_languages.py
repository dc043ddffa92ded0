"""Every text exists in Portuguese, English and Spanish, with the same blanks; every key asked for exists."""

from __future__ import annotations

import re
from typing import Any

import pytest

LANGUAGES = {"pt-BR", "en", "es"}
BLANK = re.compile(r"\{(\w+)\}")


def test_catalogues_are_complete(house):
    """Same keys in the three languages, no text empty."""
    wrong = []
    for place, texts in house.catalogues():
        assert set(texts) == LANGUAGES, place
        everything = set().union(*texts.values())
        assert everything, f"{place} is empty"
        for language, catalogue in texts.items():
            wrong += [f"{place} {language} lacks {key}" for key in sorted(everything - set(catalogue))]
            wrong += [
                f"{place} {language} {key} is empty" for key, text in catalogue.items() if not text.strip()
            ]
    assert not wrong, "\n".join(wrong)


def test_blanks_are_the_same_in_each_language(house):
    """A {name} that one language fills and another does not is a text that lost its fact."""
    seen, wrong = 0, []
    for place, texts in house.catalogues():
        for key, portuguese in texts["pt-BR"].items():
            blanks = set(BLANK.findall(portuguese))
            seen += len(blanks)
            wrong += [
                f"{place} {language} {key}: {sorted(blanks)} in pt-BR, {sorted(other)} here"
                for language, texts_here in texts.items()
                if (other := set(BLANK.findall(texts_here.get(key, portuguese)))) != blanks
            ]
    assert seen > 10
    assert not wrong, "\n".join(wrong)


def test_plurals_have_both_forms(house):
    """A text counted in one needs its other."""
    wrong, seen = [], 0
    for place, texts in house.catalogues():
        keys = texts["pt-BR"].keys()
        ones = [key for key in keys if key.endswith(".one")]
        seen += len(ones)
        wrong += [f"{place}: {key} without .other" for key in ones if key[:-4] + ".other" not in keys]
    assert seen > 0
    assert not wrong, "\n".join(wrong)


def test_data_speaks_three_languages(house):
    """Wherever a JSON file has a text by language, it has it in all three."""
    wrong, seen = [], 0
    for name in house.files(".json"):
        if name.startswith(("package", "tests/")):
            continue
        for path, texts in _texts_by_language(house.json(name)):
            seen += 1
            if set(texts) != LANGUAGES:
                wrong.append(f"{name} {path}: only {sorted(texts)}")
            if not all(texts.values()):
                wrong.append(f"{name} {path}: an empty text")
    assert seen > 40
    assert not wrong, "\n".join(wrong)


def _texts_by_language(value: Any, path: str = "") -> list[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict):
        if value.keys() & LANGUAGES:
            return [(path, value)]
        return [found for key, child in value.items() for found in _texts_by_language(child, f"{path}.{key}")]
    if isinstance(value, list):
        return [found for i, child in enumerate(value) for found in _texts_by_language(child, f"{path}[{i}]")]
    return []


@pytest.mark.parametrize("screen", ["kiosk", "panel", "counter"])
def test_every_text_asked_for_exists(house, screen):
    """`t('key')` in a screen is in its own catalogue or among the shared texts; a plural has forms."""
    catalogues = dict(house.catalogues())
    own = next((texts for place, texts in catalogues.items() if place.startswith(f"{screen}/")), {})
    known = set(own.get("pt-BR", {})) | set(catalogues["server/static/shared/texts.js"]["pt-BR"])
    facts = house.node("js_facts.mjs", *house.files(".js", under=(f"{screen}/",)))
    asked = {(key, name) for name, fact in facts.items() for key in fact["texts"]}
    assert len(asked) > 5
    missing = sorted(
        f"{name}: {key}" for key, name in asked if key not in known and f"{key}.other" not in known
    )
    assert not missing, "\n".join(missing)
