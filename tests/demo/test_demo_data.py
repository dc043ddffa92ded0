"""The demo city: what issue 2 asks of it, and words fit for the citizen."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from server.demo.data import LANGUAGES, TIERS, Demo, Service, always_open, load_demo
from server.domain import hours, numbering


@pytest.fixture(scope="module")
def demo() -> Demo:
    return load_demo()


def every_text(demo: Demo) -> list[tuple[str, str, str]]:
    """(where, language, words) of everything a citizen may read."""
    found: list[tuple[str, str, str]] = []
    for where, text in [
        *((f"category {c.id}", c.name) for c in demo.categories),
        *(
            (f"tier {t.id} {k}", v)
            for t in demo.tiers
            for k, v in (("name", t.name), ("text", t.description))
        ),
        *(
            (f"service {s.id} {k}", v)
            for s in demo.services
            for k, v in (("name", s.name), ("text", s.description))
        ),
    ]:
        found += [(where, language, words) for language, words in text.items()]
    for service in demo.services:
        for language, items in service.documents.items():
            found += [(f"service {service.id} documents", language, item) for item in items]
    return found


class TestTheCity:
    def test_has_what_the_issue_asks_for(self, demo: Demo) -> None:
        assert len(demo.categories) >= 8
        assert len(demo.services) >= 40
        assert [unit.id for unit in demo.units] == [
            "centro",
            "lagoa",
            "ingleses",
            "canasvieiras",
            "continente",
            "rio-tavares",
        ]

    def test_every_category_and_service_is_somewhere(self, demo: Demo) -> None:
        assert {s.category for s in demo.services} == {c.id for c in demo.categories}
        centro = demo.units[0]
        assert set(centro.services) == {s.id for s in demo.services}
        assert all(set(unit.services) < set(centro.services) for unit in demo.units[1:])

    def test_every_icon_is_one_that_is_shipped(self, demo: Demo) -> None:
        shipped = (
            (Path(__file__).parents[2] / "deploy" / "vendor_browser.py").read_text(encoding="utf-8").split()
        )
        assert [c.icon for c in demo.categories if c.icon not in shipped] == []

    def test_every_unit_is_staffed_and_equipped(self, demo: Demo) -> None:
        for unit in demo.units:
            roles = [user.role for user in demo.users if user.unit == unit.id]
            assert roles.count("supervisor") == 1
            assert roles.count("attendant") >= max(len(unit.counters), 8 if unit.id == "centro" else 4)
            kinds = sorted(device.kind for device in demo.devices if device.unit == unit.id)
            assert kinds == ["kiosk", "panel", "printer"]
            assert any(profile.dedicated for profile in unit.profiles)
        assert [user.unit for user in demo.users if user.role == "admin"] == [None]

    def test_any_counter_may_call_any_service_of_its_unit(self, demo: Demo) -> None:
        for unit in demo.units:
            for profile in unit.profiles:
                placed = [service for level in profile.levels for service in level]
                assert sorted(placed) == sorted(unit.services)

    def test_the_first_counters_take_everyone_in_order_of_arrival(self, demo: Demo) -> None:
        for unit in demo.units:
            first = next(p for p in unit.profiles if p.id == unit.counters[0].profile)
            assert (len(first.levels), first.dedicated) == (1, False)

    def test_opens_from_eight_to_five_on_weekdays(self, demo: Demo) -> None:
        saturday, friday = datetime(2026, 11, 21, 12, tzinfo=UTC), datetime(2026, 11, 20, 12, tzinfo=UTC)
        for unit in demo.units:
            assert hours.today(unit.hours, (), friday) == ("08:00", "17:00")
            assert hours.today(unit.hours, (), saturday) is None

    def test_may_be_shown_at_any_hour(self, demo: Demo) -> None:
        week = [
            datetime(2026, 11, 16, tzinfo=UTC) + timedelta(minutes=15 * step) for step in range(7 * 24 * 4)
        ]
        for unit in always_open(demo).units:
            assert all(hours.is_open(unit.hours, (), moment) for moment in week)

    def test_hours_and_series_are_what_the_domain_accepts(self, demo: Demo) -> None:
        for unit in demo.units:
            assert set(hours.check_hours(unit.hours)) == {"mon", "tue", "wed", "thu", "fri"}
        prefixes = {service.prefix for service in demo.services}
        assert [numbering.prefix_problem(prefix) for prefix in prefixes] == [None] * len(prefixes)
        assert numbering.clashes(prefixes) == []

    def test_specialised_counters_do_not_starve_the_others(self, demo: Demo) -> None:
        for unit in demo.units:
            assert all(p.overflow_minutes for p in unit.profiles if len(p.levels) > 1)

    def test_counter_ids_carry_the_unit(self, demo: Demo) -> None:
        assert [c.id for c in demo.units[0].counters][:3] == ["centro-1", "centro-2", "centro-3"]
        assert {c.kind for c in demo.units[0].counters} == {"desk", "table", "room"}


class TestTheWords:
    def test_service_names_fit_a_button(self, demo: Demo) -> None:
        long = [(s.id, n) for s in demo.services for n in s.name.values() if len(n) > 44]
        assert long == []

    def test_names_are_told_apart_in_each_language(self, demo: Demo) -> None:
        for language in LANGUAGES:
            names = [s.name[language] for s in demo.services]
            assert len(set(names)) == len(names)

    def test_descriptions_are_one_short_sentence_or_two(self, demo: Demo) -> None:
        for service in demo.services:
            for text in service.description.values():
                assert text.endswith((".", "?")), service.id
                assert len(text) <= 160, (service.id, len(text))

    def test_typography_is_clean(self, demo: Demo) -> None:
        bad = [
            found
            for found in every_text(demo)
            if re.search(r"  | [.,;:?!]|\.\.|\(s\)|'", found[2].replace("'s", ""))
        ]
        assert bad == []

    def test_translations_are_translated(self, demo: Demo) -> None:
        # Names of programmes may stay; whole sentences may not.
        same = [s.id for s in demo.services if len(set(s.description.values())) < len(LANGUAGES)]
        assert same == []

    def test_a_citizen_finds_a_service_by_the_word_they_would_use(self, demo: Demo) -> None:
        def found(word: str, language: str) -> set[str]:
            def haystack(s: Service) -> str:
                return " ".join([s.name[language], *s.keywords[language]]).casefold()

            return {s.id for s in demo.services if word in haystack(s)}

        assert "iptu-segunda-via" in found("boleto", "pt-BR")
        assert "poda-corte-arvore" in found("tree", "en")
        assert "recurso-multa" in found("multa", "es")

    def test_priority_names_every_group_of_the_law(self, demo: Demo) -> None:
        # Lei 10.048/2000, art. 1, and SC Lei 18.928/2024 (fibromyalgia).
        groups = ["60 anos", "deficiência", "autis", "gestante", "lactante", "criança de colo"]
        groups += ["obesidade", "mobilidade reduzida", "fibromialgia"]
        priority = next(tier for tier in demo.tiers if tier.id == "priority")
        for text in (priority.description["pt-BR"], demo.notices.priority["pt-BR"]):
            assert [group for group in groups if group not in text] == []
        assert "doadores de sangue" in demo.notices.priority["pt-BR"]
        assert "10.048/2000" in demo.notices.law_reference["pt-BR"]

    def test_paper_never_tells_the_condition(self, demo: Demo) -> None:
        texts = {tier.id: tier.ticket_text for tier in demo.tiers}
        assert list(texts) == list(TIERS)
        assert texts["priority"] == texts["eighty_plus"] == texts["donor"]
