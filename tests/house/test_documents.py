"""What the documents say is there: links lead somewhere, settings and codes are explained, decisions kept."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from printer.cli import printer
from server import config
from server.domain.errors import CODES
from server.wire import answers

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
SETTING = re.compile(r"\bVEZ_[A-Z][A-Z0-9_]*[A-Z0-9]\b")
CODE = re.compile(r"`([a-z][a-z_]+)`")
DECISION_PARTS = ("Date: 20", "Status: ", "## Decision", "## Why")


def test_links_lead_somewhere(house):
    """Every relative link of every page, the README's first."""
    assert LINK.search(house.text("README.md")), "the README leads nowhere"
    dead = [
        f"{name}: {target}"
        for name in house.files(".md", least=5)
        for target in LINK.findall(house.text(name))
        if "://" not in target and not target.startswith(("#", "mailto:"))
        if not (house.root / name).parent.joinpath(target.partition("#")[0]).exists()
    ]
    assert not dead, "\n".join(dead)


def test_readme_has_its_two_commands(house):
    """And the Makefile knows them."""
    readme, makefile = house.text("README.md"), house.text("Makefile")
    for target in ("run", "test"):
        assert f"make {target}" in readme
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_every_setting_is_explained(house):
    """Each VEZ_ name of the settings stands in the manual and in the example of the environment file."""
    names = [config.env_name(name) for name in config.Settings.__dataclass_fields__]
    assert len(names) > 5
    manual = "\n".join(house.text(name) for name in house.files(".md", under=("docs/", "README")))
    example = house.text("deploy/vez.env.example")
    missing = [f"{name}: not in docs/" for name in names if name not in SETTING.findall(manual)]
    missing += [f"{name}: not in the example" for name in names if name not in SETTING.findall(example)]
    assert not missing, "\n".join(missing)


def test_no_setting_is_invented(house):
    """A name that a document, unit or script speaks of is one that something reads."""
    read = {config.env_name(name) for name in config.Settings.__dataclass_fields__} | _read_by_agent()
    scripts = house.files(".py", ".sh", "Makefile", ".ci/run", least=50)
    read |= {
        name
        for file in scripts
        if not file.startswith("deploy/gunicorn")
        for name in _read_in(house.text(file))
    }
    spoken = {
        (name, file)
        for file in house.files(".md", least=5) + house.files("", under=("deploy/",), least=10)
        for name in SETTING.findall(house.text(file))
    }
    assert spoken
    assert not sorted((name, file) for name, file in spoken if name not in read)


def _read_by_agent() -> set[str]:
    """Names that the options of `vez printer …` take from the environment."""
    options = [option for command in printer.commands.values() for option in command.params]
    return {option.envvar for option in options if option.envvar}


def _read_in(text: str) -> set[str]:
    """Names a program takes from the environment: quoted in Python, expanded in a shell."""
    return set(re.findall(r"[\"'](VEZ_[A-Z_]+)[\"']", text)) | set(re.findall(r"\$\{?(VEZ_[A-Z_]+)", text))


def test_error_codes_and_protocol_agree(house):
    """docs/protocol.md names every code the domain can refuse with."""
    table = re.search(r"## Errors\n(.*?)\n## ", house.text("docs/protocol.md"), re.DOTALL)
    assert table
    written = {code for row in table[1].splitlines() if row.startswith("|") for code in CODE.findall(row)}
    assert len(written) > 20
    assert not sorted(CODES.keys() - written), (
        "codes of server/domain/errors.py that docs/protocol.md does not name"
    )


@pytest.mark.parametrize("name,model", [("ticket", answers.Ticket), ("counter", answers.Counter)])
def test_records_and_protocol_agree(house, name, model):
    """The ticket and the counter of docs/protocol.md have the very fields that are sent."""
    part = re.search(rf"### {name}\n(.*?)\n##", house.text("docs/protocol.md"), re.DOTALL)[1]
    if name == "ticket":
        written = json.loads(re.search(r"```json\n(.*?)\n```", part, re.DOTALL)[1]).keys()
    else:
        written = re.search(r"`\{([^}]*)\}`", part)[1].split(", ")
    assert set(written) == set(model.model_fields)


def test_error_codes_have_words(house):
    """Every code of docs/protocol.md has a message; the three languages agree by test_languages."""
    table = re.search(r"## Errors\n(.*?)\n## ", house.text("docs/protocol.md"), re.DOTALL)
    written = {code for row in table[1].splitlines() if row.startswith("|") for code in CODE.findall(row)}
    for language in ("pt-BR", "en", "es"):
        messages = house.json(f"server/web/i18n/{language}.json")
        assert not sorted(written - messages.keys()), language
        assert not sorted(CODES.keys() - messages.keys()), language


def test_decisions_are_numbered_and_whole(house):
    """One number each, without holes; date, status, decision and reason in each."""
    records = [
        name for name in house.files(".md", under=("docs/decisions/",)) if Path(name).name[:4].isdigit()
    ]
    numbers = sorted(int(Path(name).name[:4]) for name in records)
    assert numbers == list(range(1, len(numbers) + 1))
    wrong = [
        f"{name}: no {part}" for name in records for part in DECISION_PARTS if part not in house.text(name)
    ]
    assert not wrong, wrong


def test_changelog_is_kept(house):
    """What is to come has a place, and the version of the project too."""
    changelog = house.text("CHANGELOG.md")
    version = re.search(r'^version = "([^"]+)"', house.text("pyproject.toml"), re.MULTILINE)[1]
    assert "## Unreleased" in changelog or f"## {version}" in changelog
    assert re.search(r"^- \S", changelog, re.MULTILINE), "nothing is told"
