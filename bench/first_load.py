"""From the address to a screen that can be used: kiosk, panel and phone page in a cold browser over loopback."""

from __future__ import annotations

import json
import statistics
import urllib.request
import uuid
from typing import Any

from bench import browser, house

TRIES = 5
MOST_MS = 1000
MOST_PHONE_BYTES = 50_000
# Usable: what the first touch, the first call or the first look needs is there, and has been drawn.
READY = {
    "nothing": "body",
    "kiosk": "[data-screen=rest] [data-category]",
    "panel": ".panel",
    "follow": "#state",
}

# In the page itself, so that the way to this program is not counted.
NOTICE = """
const look = () => {
  if (window.usableAt || !document.querySelector(READY)) return;
  requestAnimationFrame(() => { window.usableAt = performance.now(); });
};
new MutationObserver(look).observe(document, { childList: true, subtree: true, attributes: true });
document.addEventListener('DOMContentLoaded', look);
"""


def measure() -> dict[str, Any]:
    """Of each page: milliseconds until usable (median and worst), bytes received, the server's CPU for one load."""
    with house.server() as running, browser.chromium() as chromium:
        base = f"http://{running.host}:{running.port}"
        pages = {
            "nothing": f"{base}/healthz",  # what this machine, now, needs to show any page at all
            "kiosk": f"{base}/kiosk/{house.UNIT}#token={running.kiosk}",
            "panel": f"{base}/panel/{house.UNIT}#token={running.panel}",
            "follow": f"{base}/t/{_ticket(base, running.kiosk)}",
        }
        found = {}
        for name, address in pages.items():
            before = running.cpu()
            found[name] = _page(chromium, name, address)
            found[name]["server_cpu_ms"] = round((running.cpu() - before) * 1000 / TRIES)
    fast = all(found[name]["median_ms"] <= MOST_MS for name in ("kiosk", "panel"))
    light = found["follow"]["bytes"] <= MOST_PHONE_BYTES
    return {**found, "floor_ms": MOST_MS, "floor_follow_bytes": MOST_PHONE_BYTES, "ok": fast and light}


def _ticket(base: str, token: str) -> str:
    body = json.dumps({"service": house.SERVICE}).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    headers["Idempotency-Key"] = str(uuid.uuid4())
    request = urllib.request.Request(f"{base}/api/v1/units/{house.UNIT}/tickets", body, headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(json.load(answer)["ticket"]["follow_url"]).rpartition("/")[2]


def _page(chromium: Any, name: str, address: str) -> dict[str, Any]:
    times, weights = [], []
    for _ in range(TRIES):
        context = chromium.new_context(
            service_workers="block"
        )  # a context has a cache of its own: cold each time
        page = context.new_page()
        sizes = browser.transferred(page)
        page.add_init_script(NOTICE.replace("READY", json.dumps(READY[name])))
        page.goto(address, wait_until="commit")
        page.wait_for_function("() => window.usableAt")
        times.append(page.evaluate("window.usableAt"))
        page.wait_for_load_state("load")
        weights.append(sum(sizes))
        context.close()
    return {
        "median_ms": round(statistics.median(times)),
        "worst_ms": round(max(times)),
        "bytes": max(weights),
    }
