"""A kiosk page names every module that it will need, so that a cold browser asks for all of them at once."""

from __future__ import annotations

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
IMPORT = re.compile(r"""(?:\bfrom|^import)\s+['"]([^'"]+)['"];$""", re.MULTILINE)
PLACES = {"/kiosk/static/": ROOT / "kiosk" / "static", "/static/": ROOT / "server" / "static"}


def file_of(address: str) -> Path:
    """The file behind an address of ours."""
    start, folder = next((start, folder) for start, folder in PLACES.items() if address.startswith(start))
    return (folder / address.removeprefix(start)).resolve()


def test_every_module_of_the_kiosk_is_asked_for_at_once(site):
    page = site.app.test_client().get("/kiosk/centro").text
    names = json.loads(re.search(r'<script type="importmap"[^>]*>(.*?)</script>', page, re.DOTALL)[1])[
        "imports"
    ]
    asked = {file_of(href) for href in re.findall(r'rel="modulepreload" href="([^"]+)"', page)}
    found, left = set(), [ROOT / "kiosk" / "static" / "main.js"]
    while left:
        module = left.pop().resolve()
        if module in found:
            continue
        found.add(module)
        for name in IMPORT.findall(module.read_text(encoding="utf-8")):
            if name.startswith("."):
                left.append(module.parent / name)
            elif name.startswith("vez/"):
                left.append(file_of(names["vez/"] + name.removeprefix("vez/")))
            else:
                left.append(file_of(names[name]))
    assert found - asked == set()
    assert asked - found == set(), "asked for and never needed"
