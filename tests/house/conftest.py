"""The house as the rules see it: its files and their text. A rule that looked at nothing fails."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

LANGUAGES = ("pt-BR", "en", "es")


class House:
    """The project's own files: what git tracks, and what it would track once added."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def names(self) -> list[str]:
        """All of them, as paths from the root."""
        command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=self.root, check=True, capture_output=True, text=True).stdout
        return sorted(name for name in set(listed.splitlines()) if (self.root / name).is_file())

    def files(self, *endings: str, under: tuple[str, ...] = ("",), least: int = 1) -> list[str]:
        """Those with one of the endings, in one of the folders; AssertionError for fewer than `least`."""
        found = [name for name in self.names if name.endswith(endings or "") and name.startswith(under)]
        assert len(found) >= least, f"the rule looks at {len(found)} files, it should see {least}"
        return found

    def text(self, name: str) -> str:
        """One file's text."""
        return (self.root / name).read_text(encoding="utf-8")

    def json(self, name: str) -> Any:
        """One file's JSON."""
        return json.loads(self.text(name))

    def node(self, script: str, *arguments: str) -> Any:
        """What a script of tests/house prints as JSON, under node."""
        command = ["node", f"tests/house/{script}", *arguments]
        run = subprocess.run(command, cwd=self.root, check=False, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr[-2000:]
        return json.loads(run.stdout)

    def catalogues(self) -> Iterator[tuple[str, dict[str, dict[str, str]]]]:
        """Each set of texts: where it lives, and {language: {key: text}}."""
        folders = {
            name.rpartition("/")[0] for name in self.names if "/i18n/" in name and name.endswith(".json")
        }
        for folder in sorted(folders):
            files = [name for name in self.names if name.rpartition("/")[0] == folder]
            yield folder, {Path(name).stem: self.json(name) for name in files}
        yield "server/static/shared/texts.js", self.node("module_json.mjs", "server/static/shared/texts.js")


@pytest.fixture(scope="session")
def house(pytestconfig: pytest.Config) -> House:
    """The project's files."""
    return House(pytestconfig.rootpath)
