"""A citizen's phone: small, touched, and looked at by axe-core."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PHONE = {
    "viewport": {"width": 360, "height": 640},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}


@contextmanager
def phones(browser: Any) -> Iterator[Callable[..., Any]]:
    """``opener(address, script="", may=(), **context)``: a page on a phone of its own, with what its user has permitted
    before and a ``script`` that runs first. A script error of any page fails the test."""
    contexts, errors = [], []

    def opener(address: str, script: str = "", may: tuple[str, ...] = (), **more: Any) -> Any:
        context = browser.new_context(**{**PHONE, **more})
        contexts.append(context)
        context.grant_permissions(list(may))
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        if script:
            page.add_init_script(script)
        page.goto(address)
        return page

    yield opener
    for context in contexts:
        context.close()
    assert errors == []


def look(page: Any) -> None:
    """axe-core finds nothing, and nothing sticks out."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")["violations"]
    assert not found, json.dumps([[v["id"], [n["html"] for n in v["nodes"]]] for v in found])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
