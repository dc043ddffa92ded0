"""Each kind of act has one place: what must never stand elsewhere is looked for in the syntax."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

PACKAGES = ("server/", "kiosk/", "panel/", "counter/", "printer/")
# The virtual printer's one page is a tool of its own, on loopback, and brings its script inside.
SCREENS = ("server/", "kiosk/", "panel/", "counter/")
# Markup made from strings is how a citizen's text becomes a script.
MARKUP_FROM_STRINGS = re.compile(
    r"\b(innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|createContextualFragment|document\.write)\b"
)
INLINE_CODE = re.compile(r"\s(style|on[a-z]+)\s*=\s*[\"']", re.IGNORECASE)
SCRIPT_WITHOUT_NONCE = re.compile(
    r"<script(?![^>]*\b(src|nonce)=)(?![^>]*application/json)[^>]*>", re.IGNORECASE
)
UNESCAPED = re.compile(r"\|\s*safe\b|\{%-?\s*autoescape\s+false")
# The one place that may pause: it polls a condition with a deadline.
POLLS = ("tests/support/waiting.py", "wait_until")
SLEEPS = {"sleep", "wait_for_timeout"}
CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
}
# Entry points choose the async mode; the settings name it.
NAME_A_MODE = (
    "server/cli",
    "server/wsgi",
    "server/eventlet_postgres",
    "server/eventlet_worker",
    "server/gevent_worker",
    "server/demo/",
    "deploy/",
    "bench/",
    "tests/",
)


def _trees(house, under, least) -> Iterator[tuple[str, ast.Module]]:
    for name in house.files(".py", under=under, least=least):
        yield name, ast.parse(house.text(name))


def _calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str, str]]:
    """Each call with what it is called on and by which name: (`session.commit()`, "session", "commit")."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Attribute):
                owner = function.value
                yield node, getattr(owner, "id", getattr(owner, "attr", "")), function.attr
            elif isinstance(function, ast.Name):
                yield node, "", function.id


@pytest.mark.parametrize(
    "acts,home", [({"emit"}, "server/live/"), ({"commit", "begin"}, "server/store/")], ids=["emit", "commit"]
)
def test_an_act_has_one_home(house, acts, home):
    """Only the relay tells the screens; only the store opens and commits a transaction."""
    seen, elsewhere = 0, []
    for name, tree in _trees(house, PACKAGES, 50):
        lines = [node.lineno for node, _, called in _calls(tree) if called in acts]
        if name.startswith(home):
            seen += len(lines)
        elif not name.startswith("printer/"):
            elsewhere += [f"{name}:{line}" for line in lines]
    assert seen, f"no {acts} in {home}: the rule looks at nothing"
    assert not elsewhere, f"{acts} belong in {home}: {elsewhere}"


def test_the_unit_s_row_is_written_in_one_place(house):
    """Commands that share a transaction hand the row on in memory: a write past ``Work`` would be lost or unseen."""
    writers = {
        name
        for name, tree in _trees(house, ("server/",), 50)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node).startswith(("update(unit)", "update(tables.unit)"))
    }
    assert writers == {"server/store/unit_of_work.py"}


def test_no_clock_below_the_web(house):
    """The domain is given its moment; the rest asks the clock of the composition root, which tests turn."""
    under = ("server/domain/", "server/usecases/", "server/store/", "server/wire/")
    found = [
        f"{name}:{node.lineno} {owner}.{called}"
        for name, tree in _trees(house, under, 20)
        for node, owner, called in _calls(tree)
        if (owner, called) in CLOCKS
    ]
    assert not found, found


def test_only_entry_points_name_an_async_mode(house):
    """A library of one mode imported elsewhere would end the other two."""
    found = []
    for name, tree in _trees(house, ("",), 50):
        for node in ast.walk(tree):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if {module.partition(".")[0] for module in modules} & {"eventlet", "gevent"}:
                found.append(f"{name}:{node.lineno}")
    outside = [place for place in found if not place.startswith(NAME_A_MODE)]
    assert not outside, outside


def test_tests_do_not_sleep(house):
    """A test that sleeps is slow on a good day and wrong on a bad one: wait_for(condition) instead.

    Crash tests may: the moment at which they kill is drawn by lot.
    """
    polls, found = 0, []
    for name, tree in _trees(house, ("tests/",), 20):
        allowed: set[int] = set()
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef) and (
                (name, function.name) == POLLS or _crashes(function)
            ):
                pauses = {id(node) for node, _, called in _calls(function) if called in SLEEPS}
                polls += len(pauses) if not _crashes(function) else 0
                allowed |= pauses
        calls = [(node, called) for node, _, called in _calls(tree) if called in SLEEPS]
        found += [f"{name}:{node.lineno}" for node, _ in calls if id(node) not in allowed]
    assert polls == 1, "wait_until is gone: the rule looks at nothing"
    assert not found, found


def _crashes(function: ast.FunctionDef) -> bool:
    """Whether a test is marked as one that kills processes."""
    return any(ast.unparse(mark) == "pytest.mark.crash" for mark in function.decorator_list)


def test_no_markup_from_strings(house):
    """Text reaches a page through the templating library only."""
    found = [
        f"{name}:{number} {line.strip()[:80]}"
        for name in house.files(".js", ".mjs", ".html", least=20)
        if not name.startswith("tests/house/")
        for number, line in enumerate(house.text(name).splitlines(), 1)
        if MARKUP_FROM_STRINGS.search(line)
    ]
    assert not found, "\n".join(found)


def test_templates_keep_the_content_policy(house):
    """No inline style or handler, no script without nonce, nothing unescaped."""
    found = [
        f"{name}:{number} {line.strip()[:80]}"
        for name in house.files(".html", under=SCREENS, least=3)
        for number, line in enumerate(house.text(name).splitlines(), 1)
        if INLINE_CODE.search(line) or SCRIPT_WITHOUT_NONCE.search(line) or UNESCAPED.search(line)
    ]
    assert not found, "\n".join(found)
