"""A real Chromium for measuring, and what its pages weigh."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from typing import Any

NAMES = (
    os.environ.get("VEZ_CHROMIUM"),
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
]


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    """A browser without any cache; RuntimeError when this machine has none."""
    from playwright.sync_api import sync_playwright

    path = next((found for name in NAMES if name and (found := shutil.which(name))), None)
    if path is None:
        raise RuntimeError("no Chromium on this machine (apt-get install chromium, or set VEZ_CHROMIUM)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def transferred(page: Any) -> list[int]:
    """A list that fills with the bytes of each answer that this page receives, heads included."""
    from playwright.sync_api import Error

    sizes: list[int] = []

    def add(request: Any) -> None:
        with contextlib.suppress(Error):  # the page was closed in the middle of it: it has been weighed
            size = request.sizes()
            sizes.append(size["responseBodySize"] + size["responseHeadersSize"])

    page.on("requestfinished", add)
    return sizes


def weight(console: Any) -> dict[str, int]:
    """What a page holds after its rubbish was collected: heap in kB, nodes, listeners. ``console``: a CDP session."""
    console.send("HeapProfiler.collectGarbage")
    counters = console.send("Memory.getDOMCounters")
    heap = console.send("Runtime.getHeapUsage")["usedSize"]
    return {"heap_kb": heap // 1024, "nodes": counters["nodes"], "listeners": counters["jsEventListeners"]}
