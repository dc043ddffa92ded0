"""Every fault switch of the virtual printer, from the citizen's tap to what citizen and supervisor see.

The whole house runs: server, agent, virtual printer, and two real browser windows.
"""

from __future__ import annotations

import json
import re
import time
import urllib.request
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from printer.virtual.faults import Faults

pytestmark = [pytest.mark.browser, pytest.mark.slow]

UNIT = "canasvieiras"  # a unit that the other browser tests leave alone
WORDS = json.loads((Path(__file__).parents[2] / "counter/static/i18n/pt-BR.json").read_text("utf-8"))

# fault, what the kiosk shows, the supervisor's device line (its cause), how the paper ends after the repair
CASES = [
    ({}, "printed", ("ok", None), "printed"),
    ({"near_end": True}, "printed", ("near_end", None), "printed"),
    ({"slow": 60}, "printed", ("ok", None), "printed"),
    ({"paper_out": True}, "failed", ("blocked", "paper_out"), "printed"),
    ({"paper_out_after_mm": 30}, "unsure", ("blocked", "paper_out"), "printed"),
    ({"cover_open": True}, "failed", ("blocked", "cover_open"), "printed"),
    ({"cutter": True}, "failed", ("blocked", "cutter"), "printed"),
    ({"mechanical": True}, "failed", ("blocked", "mechanical"), "printed"),
    ({"offline": True}, "failed", ("blocked", "offline"), "printed"),
    ({"power": False}, "failed", ("blocked", "offline"), "printed"),
    ({"mute": True}, "failed", ("unknown", "no_answer"), "printed"),
    ({"stall": True}, "failed", ("unknown", "no_answer"), "printed"),
    # What broke the line in mid-ticket is over at once; the ticket stays in doubt until a person decides.
    ({"drop_after": 200}, "unsure", ("ok", None), "unsure"),
    ({"rst_after": 200}, "unsure", ("ok", None), "unsure"),
]


class House:
    """The demo with a kiosk and a supervisor's window open on one unit."""

    def __init__(self, browser: Any, demo: dict[str, Any]) -> None:
        self.demo = demo
        self.web = demo["printer"]["web"]
        self.printer = next(d["id"] for d in demo["devices"] if d["kind"] == "printer" and d["unit"] == UNIT)
        self.kiosk = self._page(browser, 1080, 1920)
        self.floor = self._page(browser, 1600, 900)
        self._log_in()

    @staticmethod
    def _page(browser: Any, width: int, height: int) -> Any:
        page = browser.new_context(viewport={"width": width, "height": height}, locale="pt-BR").new_page()
        page.set_default_timeout(20_000)
        return page

    def _log_in(self) -> None:
        user = next(u for u in self.demo["users"] if u["role"] == "supervisor" and u["unit"] in (UNIT, None))
        self.floor.goto(f"{self.demo['base_url']}/supervisor")
        self.floor.get_by_label("Usuário").fill(user["username"])
        self.floor.locator("input[type=password]").fill(user["password"])
        self.floor.keyboard.press("Enter")
        self.floor.locator(f"[data-device='{self.printer}']").wait_for()

    def faults(self, **wanted: Any) -> None:
        request = urllib.request.Request(
            f"{self.web}/faults", json.dumps(wanted).encode(), {"Content-Type": "application/json"}
        )
        urllib.request.urlopen(request, timeout=10).close()

    def order(self, what: str) -> None:
        """A button of the printer's card on the supervisor's screen."""
        self.floor.locator(f"[data-printer='{self.printer}'] [data-order='{what}']").click()

    def height(self, code: str) -> int:
        """Millimetres of the paper that carries this code."""
        with urllib.request.urlopen(f"{self.web}/tickets.json", timeout=10) as answer:
            return next(ticket["millimetres"] for ticket in json.load(answer) if code in ticket["qr"])

    def tap(self, *, large: bool = False, **faults: Any) -> str:
        """From the rest screen to the number."""
        self.at_service()
        if large:
            self.kiosk.locator("[data-action=large-print]").click()
        if faults:  # at the last moment: an idle agent's questions count as bytes, too
            self.faults(**faults)
        self.kiosk.get_by_role("button", name=re.compile("Atendimento normal")).first.click()
        return str(self.kiosk.locator("[data-label]").get_attribute("data-label"))

    def at_service(self) -> None:
        """The screen before the ticket."""
        token = next(d["token"] for d in self.demo["devices"] if d["kind"] == "kiosk" and d["unit"] == UNIT)
        self.kiosk.goto("about:blank")
        self.kiosk.goto(f"{self.demo['base_url']}/kiosk/{UNIT}#token={token}")
        for name in ("Impostos e taxas", "IPTU: segunda via e débitos"):
            self.kiosk.get_by_role("button", name=re.compile(re.escape(name))).first.click()

    def paper_says(self, state: str) -> None:
        self.kiosk.locator(f".done[data-print={state}]").wait_for()

    def supervisor_reads(self, key: str, cause: str | None, within: float = 10.0) -> None:
        words = WORDS[f"device.{key}"] + (f" {WORDS[f'print.cause.{cause}']}" if cause else "")
        line = self.floor.locator(f"[data-device='{self.printer}']", has_text=words)
        line.wait_for(timeout=max(1, within * 1000))

    def code(self) -> str:
        """What the QR on the kiosk says: one ticket's own, where each unit of the demo has an A001."""
        return str(self.kiosk.locator("[data-url]").first.get_attribute("data-url"))

    def papers(self, code: str) -> int:
        """Papers that carry this code, whole: a torn one has none."""
        with urllib.request.urlopen(f"{self.web}/tickets.json", timeout=10) as answer:
            return sum(code in ticket["qr"] for ticket in json.load(answer))


@pytest.fixture(scope="module")
def house(browser: Any, demo: dict[str, Any]):
    house = House(browser, demo)
    yield house
    house.faults(reset=True)


def test_no_switch_of_the_virtual_printer_is_left_out() -> None:
    """A fault that can be set is a fault that somebody will see."""
    assert {name for fault, *_ in CASES for name in fault} == set(asdict(Faults()))


@pytest.mark.parametrize(
    "fault, kiosk, line, end",
    CASES,
    ids=[next(iter(fault), "none") for fault, *_ in CASES],
)
def test_from_tap_to_screens(house: House, fault: dict, kiosk: str, line: tuple, end: str) -> None:
    house.faults(reset=True)
    house.supervisor_reads("ok", None)
    late = bool({"drop_after", "rst_after"} & set(fault))
    if fault and not late:
        house.faults(**fault)
    label = house.tap(**(fault if late else {}))
    house.paper_says(kiosk)
    assert house.kiosk.locator("[data-label]").inner_text() == label, (
        "the number is there whatever the paper does"
    )
    assert house.kiosk.locator(".follow canvas, .follow svg").count() == 1
    if kiosk in {"failed", "unsure"}:
        assert "fotografe" in house.kiosk.locator(".paper").inner_text()
    code = house.code()
    house.supervisor_reads(*line)
    house.faults(reset=True)
    house.paper_says(end)
    house.supervisor_reads("ok", None)
    assert house.papers(code) == (1 if end == "printed" else 0)


def test_the_citizen_settles_the_paper(house: House) -> None:
    """ "I have my paper" and "I have noted it": nothing more comes out, however well the printer is afterwards."""
    house.faults(reset=True)
    house.supervisor_reads("ok", None)
    house.tap(drop_after=200)
    house.paper_says("unsure")
    torn = house.code()
    house.kiosk.locator("[data-action=confirm]").click()
    house.paper_says("kept")
    house.faults(reset=True, paper_out=True)
    house.supervisor_reads("blocked", "paper_out")
    house.tap()
    house.paper_says("failed")
    noted = house.code()
    house.kiosk.locator("[data-action=confirm]").click()
    house.paper_says("noted")
    house.faults(reset=True)
    house.supervisor_reads("ok", None)
    # One that is printed after both: they had their turn, and did not take it. In large print, as asked.
    house.tap(large=True)
    house.paper_says("printed")
    large = house.code()
    assert [house.papers(code) for code in (torn, noted, large)] == [0, 0, 1]
    house.tap()
    house.paper_says("printed")
    assert house.height(large) > house.height(house.code())


def test_the_supervisor_stops_a_printer_and_lets_it_go_on(house: House) -> None:
    """Paused and resumed from the screen; meanwhile the kiosk says at once that there is no paper, and prints after."""
    house.faults(reset=True)
    house.supervisor_reads("ok", None)
    house.order("new-roll")
    house.order("pause")
    house.supervisor_reads("blocked", "paused", within=3)  # pushed: its next claim may be ten seconds away
    house.tap()
    house.paper_says("failed")
    code = house.code()
    assert house.papers(code) == 0
    house.order("resume")
    house.supervisor_reads("ok", None)
    house.paper_says("printed")
    assert house.papers(code) == 1


def test_trouble_and_its_end_are_on_both_screens_within_two_seconds(house: House) -> None:
    """From the printer's lid, so to speak: staff read the cause, and the kiosk says so before it promises paper."""
    house.faults(reset=True)
    house.supervisor_reads("ok", None)
    house.kiosk.goto("about:blank")
    house.at_service()
    house.kiosk.locator("[data-action=large-print]").wait_for()
    for fault, cause in (("paper_out", "paper_out"), ("cover_open", "cover_open")):
        started = time.monotonic()
        house.faults(**{fault: True})
        house.kiosk.locator(f"[data-no-paper={cause}]").wait_for(timeout=2000)
        house.supervisor_reads("blocked", cause, within=started + 2 - time.monotonic())
        started = time.monotonic()
        house.faults(reset=True)
        house.supervisor_reads("ok", None, within=2)
        left = started + 2 - time.monotonic()
        house.kiosk.locator("[data-action=large-print]").wait_for(timeout=max(1, left * 1000))
