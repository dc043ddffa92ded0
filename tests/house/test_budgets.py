"""Quality shows in the tail: no file over 350 lines, no function over 40, unless its first line says why.

The reason stands on the file's first line, or in the function's docstring (in JavaScript: in the comment
right above it), after the word "long:".
"""

from __future__ import annotations

import ast
import re

FILE_LINES = 350
FUNCTION_LINES = 40
# A test tells its whole story in one place; still, a story.
TEST_FUNCTION_LINES = 80
# The past of the schema: one step each, written once and never again.
HISTORY = "server/store/migrations/versions/"
REASON = re.compile(r"\blong: \S.{15,}", re.IGNORECASE)


def test_files_keep_their_budget(house):
    """A file past the budget owes its reader a reason."""
    over = []
    for name in house.files(".py", ".js", ".mjs", least=50):
        lines = house.text(name).splitlines()
        if len(lines) > FILE_LINES and not name.startswith(HISTORY) and not REASON.search(lines[0]):
            over.append(f"{name}: {len(lines)} lines")
    assert not over, "\n".join(over)


def test_python_functions_keep_their_budget(house):
    """Counted from `def` to the last line, docstring included."""
    seen, over = 0, []
    for name in house.files(".py", least=50):
        budget = TEST_FUNCTION_LINES if name.startswith("tests/") else FUNCTION_LINES
        for node in ast.walk(ast.parse(house.text(name))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                seen += 1
                lines = node.end_lineno - node.lineno + 1
                if (
                    lines > budget
                    and not name.startswith(HISTORY)
                    and not REASON.search(ast.get_docstring(node) or "")
                ):
                    over.append(f"{name}:{node.lineno} {node.name}: {lines} lines")
    assert seen > 500
    assert not over, "\n".join(over)


def test_browser_functions_keep_their_budget(house):
    """Without the functions inside: a `createX` that holds a module is as long as what it does itself.

    Tests are left out: their suites are functions only by name.
    """
    facts = house.node("js_facts.mjs", *_browser_files(house))
    functions = [(name, found) for name, fact in facts.items() for found in fact["functions"]]
    assert len(functions) > 100
    over = [
        f"{name}:{found['line']} {found['name']}: {found['lines']} lines"
        for name, found in functions
        if found["lines"] > FUNCTION_LINES and not REASON.search(found["why"])
    ]
    assert not over, "\n".join(over)


def _browser_files(house) -> list[str]:
    return [name for name in house.files(".js", ".mjs", least=20) if not name.startswith("tests/js/")]
