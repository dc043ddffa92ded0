"""Twelve hours of a kiosk and a panel in one sitting: memory stays flat, and no visit and no call is missed.

The kiosk's clock is hurried: each visit takes two minutes of its time. The panel's is not, because it tells new calls
from old ones by the time of day: each call is waited for, so that the whole takes about an hour. Tickets and calls
are real. VEZ_SOAK_VISITS sets another length (default 360, which is twelve hours).
"""

from __future__ import annotations

import json
import os
import time
import urllib.request
import uuid
from typing import Any

from bench import browser, house

VISITS = int(os.environ.get("VEZ_SOAK_VISITS", "360"))
VISIT_MS = 120_000
SAMPLES = 8
PATIENCE_SECONDS = 120
# Notes each call that the panel begins to announce.
WATCH = """
window.shown = [];
new MutationObserver(() => {
  const node = document.querySelector('.now-calling');
  if (!node || window.shown.at(-1)?.seq === Number(node.dataset.seq)) return;
  window.shown.push({ seq: Number(node.dataset.seq), label: node.querySelector('.now-label').textContent });
}).observe(document, { childList: true, subtree: true, attributes: true });
"""
STEPS = (
    ("[data-category=tributos]", "services"),
    ("[data-action=search]", "search"),
    ("[data-action=back]", "services"),
    (f"[data-service={house.SERVICE}]", "service"),
    ("[data-tier=normal]", "done"),
)


def measure() -> dict[str, Any]:
    """Heap, nodes and listeners of both pages over the day; how many visits and calls were seen."""
    with house.server(seats=1) as running, browser.chromium() as chromium:
        base = f"http://{running.host}:{running.port}"
        kiosk = _screen(chromium, f"{base}/kiosk/{house.UNIT}#token={running.kiosk}")
        panel = _screen(chromium, f"{base}/panel/{house.UNIT}#token={running.panel}", WATCH)
        kiosk.wait_for_selector("[data-screen=rest]")
        panel.wait_for_selector(".panel")
        consoles = {
            "kiosk": kiosk.context.new_cdp_session(kiosk),
            "panel": panel.context.new_cdp_session(panel),
        }
        seen: dict[str, list[dict[str, int]]] = {"kiosk": [], "panel": []}
        taken, called = [], []
        for visit in range(1, VISITS + 1):
            taken.append(_visit(kiosk))
            called.append(_serve(base, running.seats[0]))
            _announced(panel, visit)
            kiosk.clock.run_for(VISIT_MS)
            if visit % max(1, VISITS // SAMPLES) == 0:
                for name, console in consoles.items():
                    seen[name].append(browser.weight(console))
        shown = [call["label"] for call in panel.evaluate("window.shown")]
    growth = {name: _growth(samples) for name, samples in seen.items()}
    told = {
        "visits": len(taken),
        "calls": len(called),
        "shown": len(shown),
        "missed": len(set(called) - set(shown)),
    }
    ok = taken == called == shown and all(grown["flat"] for grown in growth.values())
    return {
        "hours": round(VISITS * VISIT_MS / 3_600_000, 1),
        **told,
        "growth": growth,
        "samples": seen,
        "ok": ok,
    }


def _screen(chromium: Any, address: str, script: str = "") -> Any:
    page = chromium.new_context(viewport={"width": 1080, "height": 1920}, service_workers="block").new_page()
    if script:
        page.add_init_script(script)
    else:
        page.clock.install()
    page.goto(address)
    return page


def _visit(kiosk: Any) -> str:
    for selector, screen in STEPS:
        kiosk.click(selector)
        kiosk.clock.run_for(600)  # the guard against second taps has passed
        kiosk.wait_for_selector(f"[data-screen={screen}]")
    label = str(kiosk.get_attribute("[data-label]", "data-label"))
    kiosk.click("[data-action=finish]")
    kiosk.clock.run_for(600)
    kiosk.wait_for_selector("[data-screen=rest]")
    return label


def _serve(base: str, seat: house.Seat) -> str:
    def post(path: str) -> Any:
        headers = {**seat.headers, "Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        request = urllib.request.Request(f"{base}/api/v1{path}", b"{}", headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)["ticket"]

    ticket = post(f"/units/{house.UNIT}/counters/{seat.counter}/call-next")
    post(f"/tickets/{ticket['id']}/finish")
    return str(ticket["label"])


def _announced(panel: Any, count: int) -> None:
    """Wait until the panel has shown so many calls, one after the other as in a room."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if panel.evaluate("window.shown.length") >= count:
            return
        panel.wait_for_timeout(50)
    raise RuntimeError(f"the panel never showed call {count}")


def _growth(samples: list[dict[str, int]]) -> dict[str, Any]:
    """From the first eighth (everything is warm by then) to the end; flat: within a tenth and half a megabyte."""
    first, last = samples[0], samples[-1]
    by = {name: last[name] - first[name] for name in first}
    flat = by["heap_kb"] <= first["heap_kb"] * 0.1 + 512
    flat = (
        flat
        and by["nodes"] <= first["nodes"] * 0.1 + 100
        and by["listeners"] <= first["listeners"] * 0.1 + 50
    )
    return {**by, "flat": flat}
