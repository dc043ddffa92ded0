"""What the counter's and the supervisor's browser tests share: a unit of their own, past the screen and on it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from uuid import uuid4

UNIT = "ingleses"
ANA, BETO = "paula.menezes", "rafael.cunha"
CHIEF = "supervisao.ingleses"
SERVICE, OTHER = "iptu-segunda-via", "certidao-negativa"
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class Refused(Exception):
    """The API said no: method, path, status, code."""


class Wire:
    """The API as one member of staff, or one device, speaks it."""

    def __init__(self, base: str, *, token: str = "", username: str = "", password: str = "") -> None:
        self.base, self.headers = base + "/api/v1", {"Content-Type": "application/json"}
        if token:
            self.headers["Authorization"] = f"Bearer {token}"
        if username:
            answer, cookie = self._send("POST", "/session", {"username": username, "password": password})
            self.headers |= {"Cookie": cookie.split(";")[0], "X-CSRF-Token": answer["csrf_token"]}

    def get(self, path: str) -> Any:
        return self._send("GET", path, None)[0]

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._send("POST", path, body or {})[0]

    def _send(self, method: str, path: str, body: Any) -> tuple[Any, str]:
        headers = self.headers | ({"Idempotency-Key": str(uuid4())} if method == "POST" else {})
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return json.loads(response.read() or b"null"), response.headers.get("Set-Cookie", "")
        except urllib.error.HTTPError as error:
            with error:
                raise Refused(method, path, error.code, json.loads(error.read())["error"]["code"]) from None


class Room:
    """The unit as the test sets it up and looks at it, past the screen."""

    def __init__(self, demo: dict[str, Any]) -> None:
        self.base = demo["base_url"]
        self.password = next(user["password"] for user in demo["users"] if user["username"] == CHIEF)
        token = next(d["token"] for d in demo["devices"] if d["kind"] == "kiosk" and d["unit"] == UNIT)
        self.kiosk = Wire(self.base, token=token)
        self.chief = self.staff(CHIEF)

    def staff(self, username: str) -> Wire:
        return Wire(self.base, username=username, password=self.password)

    def issue(self, service: str = SERVICE, tier: str = "normal") -> dict[str, Any]:
        return self.kiosk.post(f"/units/{UNIT}/tickets", {"service": service, "tier": tier})["ticket"]

    def tickets(self, state: str) -> list[dict[str, Any]]:
        return self.chief.get(f"/units/{UNIT}/tickets?state={state}&limit=200")["tickets"]

    def ticket(self, ticket_id: str) -> dict[str, Any]:
        return self.chief.get(f"/tickets/{ticket_id}")["ticket"]

    def counters(self) -> dict[str, dict[str, Any]]:
        return {c["id"]: c for c in self.chief.get(f"/units/{UNIT}/counters")["counters"]}

    def clear(self) -> None:
        for ticket in self.tickets("called") + self.tickets("serving"):
            self.chief.post(f"/tickets/{ticket['id']}/transfer", {"service": ticket["service"]})
        for ticket in self.tickets("waiting") + self.tickets("on_hold"):
            self.chief.post(f"/tickets/{ticket['id']}/cancel", {"reason": "fim do teste"})
        for counter in self.counters().values():
            if counter["state"] != "closed":
                self.chief.post(f"/units/{UNIT}/counters/{counter['id']}/close")


def log_in(page: Any, username: str, password: str) -> None:
    page.fill("#username", username)
    page.fill("#password", password)
    page.keyboard.press("Enter")


def sit_down(page: Any, counter: str = "ingleses-1") -> None:
    page.click(f"[data-counter={counter}]")
    page.wait_for_selector("[data-phase=idle]")
    page.wait_for_selector("[data-status=live]")


def in_queue(page: Any, *labels: str) -> None:
    """Wait until the queue shows exactly these, in this order."""
    page.wait_for_function(
        """wanted => wanted === JSON.stringify(
           [...document.querySelectorAll('[data-queue] [data-ticket]')].map(e => e.dataset.ticket))""",
        arg=json.dumps(labels, separators=(",", ":")),
    )


def press_and_wait(page: Any, key: str, phase: str) -> None:
    page.keyboard.press(key)
    page.wait_for_selector(f"[data-phase={phase}]")


def axe(page: Any, where: str) -> None:
    """No violation of WCAG 2.2 AA (and of axe's best practices) in the page as it stands."""
    if not page.evaluate("Boolean(window.axe)"):
        # Not a script tag: the page's own policy would rightly refuse it.
        page.evaluate(AXE.read_text(encoding="utf-8") + "; undefined")
    found = page.evaluate(
        """async rules => (await axe.run(document, {runOnly: rules})).violations
           .map(v => `${v.id}: ${v.nodes[0].html.slice(0, 200)} ${v.nodes[0].failureSummary}`)""",
        RULES,
    )
    assert not found, f"{where}: " + "\n".join(found)
