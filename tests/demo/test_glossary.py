"""One word for one thing: what the domain can name has its line in docs/glossary.md."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from server.demo.records import COUNTER_KINDS, DEVICE_KINDS, ROLES
from server.domain.lifecycle import Action
from server.domain.policy import Mode, Reason
from server.domain.printjob import JobState
from server.domain.ticket import State, Tier

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"


@pytest.fixture(scope="module")
def rows() -> list[list[str]]:
    lines = GLOSSARY.read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]


@pytest.mark.parametrize(
    "words",
    [State, Tier, Action, Reason, Mode, JobState, COUNTER_KINDS, DEVICE_KINDS, ROLES],
    ids=["State", "Tier", "Action", "Reason", "Mode", "JobState", "counter kinds", "device kinds", "roles"],
)
def test_every_word_of_the_domain_has_a_line(rows: list[list[str]], words: Iterable[str]) -> None:
    named = {code for row in rows for code in re.findall(r"`([^`]+)`", row[0])}
    assert [str(word) for word in words if str(word) not in named] == []


def test_every_line_is_complete(rows: list[list[str]]) -> None:
    assert [row for row in rows if len(row) not in (2, 5) or not all(row)] == []
