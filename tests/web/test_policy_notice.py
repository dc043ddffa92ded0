"""A unit that departs from the law's order says so to everybody, and to its staff who decided it (DOMAIN 4)."""

from __future__ import annotations

import pytest
from site_under_test import Site

from server.usecases import policies

LAWS = ("10.048/2000", "5.296/2004")


def notice(site: Site, language: str) -> str | None:
    menu = site.nobody()("GET", f"/units/centro/menu?lang={language}").json
    found: str | None = menu["notices"].get("order")
    return found


def test_the_law_itself_owes_no_notice(site):
    assert notice(site, "pt-BR") is None
    policy = site.staff("ana.martins")("GET", "/units/centro/policy").json["policy"]
    assert (policy["mode"], policy["notice"], policy["enabled_by"]) == ("law", None, None)


@pytest.mark.parametrize("preset", ["dedicated", "ratio_2_1", "ratio_3_1", "accumulating"])
def test_every_other_mode_is_told_to_all_and_signed_for_the_staff(site, preset):
    policies.set_policy(site.house, "centro", preset, "a diretora, Portaria 12/2026")
    texts = {language: notice(site, language) for language in ("pt-BR", "en", "es")}
    assert len(set(texts.values())) == 3
    assert all(law in str(text) for text in texts.values() for law in LAWS)
    if preset.startswith("ratio"):
        assert preset[6] in str(texts["pt-BR"])
    menu = site.device("kiosk")("GET", "/units/centro/menu").text
    assert "diretora" not in menu, "who decided is for the staff"
    policy = site.staff("ana.martins")("GET", "/units/centro/policy?lang=es").json["policy"]
    assert policy["notice"] == texts["es"]
    assert (policy["enabled_by"], policy["enabled_at"][-6:]) == ("a diretora, Portaria 12/2026", "-03:00")


def test_back_to_the_law_ends_the_notice(site):
    policies.set_policy(site.house, "centro", "dedicated", "a diretora")
    policies.set_policy(site.house, "centro", "law", "a diretora")
    assert notice(site, "pt-BR") is None
