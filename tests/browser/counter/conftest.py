"""A room of the demo for each test of the staff's screens, empty before and after, and pages that must not fail.

They work in a unit of their own, so that they never meet the tests of the other screens.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from counter_room import UNIT, Room, log_in


@pytest.fixture
def room(demo: dict[str, Any]) -> Iterator[Room]:
    room = Room(demo)
    room.clear()
    yield room
    room.clear()


@pytest.fixture
def policy(vez: str, demo: dict[str, Any]) -> Iterator[Callable[[str], None]]:
    """Puts a preset in force in the unit, as its IT does, while the server runs; the law's own afterwards."""

    def choose(preset: str) -> None:
        command = [vez, "policy", "set", UNIT, preset, "--by", "a diretora", "--data", demo["data"]]
        subprocess.run(command, check=True, capture_output=True)

    yield choose
    choose("law")


@pytest.fixture
def open_page(browser: Any, room: Room) -> Iterator[Callable[..., Any]]:
    """`open_page(path, username=None, **context options)`: a page in a context of its own, logged in if asked.

    Whatever a page reports as an uncaught error fails the test.
    """
    contexts, errors = [], []

    def opened(path: str = "/counter", username: str | None = None, **options: Any) -> Any:
        settings = {"viewport": {"width": 1366, "height": 768}, "locale": "pt-BR"} | options
        context = browser.new_context(**settings)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(room.base + path)
        if username:
            log_in(page, username, room.password)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not errors
