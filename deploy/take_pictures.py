"""`make pictures`: run the demo, play a morning in it, and photograph the screens at their real sizes.

The best go scaled into docs/img, for the README; every state of every screen goes whole into var/pictures (not in git),
with one sheet of all of them to be looked at. `--states-only` leaves docs/img alone; names of screens take only those.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pictures import kiosk as kiosk_states
from pictures import panel as panel_states
from pictures import phone, sheet
from pictures import staff as staff_states
from pictures.album import Album, Staff
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as BrowserError

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "img"
ALBUM = ROOT / "var" / "pictures"
# States that stand in the README as well: the name there, and how much of the height is shown.
BEST = {"panel-hd-media": ("panel-media", 1080), "supervisor-day-unit": ("unit", 1000)}
UNIT = "centro"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
WAITING = (
    ("iptu-segunda-via", "normal"),
    ("parcelamento", "priority"),
    ("itbi", "normal"),
    ("iptu-isencao", "eighty_plus"),
    ("iptu-segunda-via", "donor"),
    ("itbi", "normal"),
)


@contextmanager
def running_demo() -> Iterator[dict[str, Any]]:
    """The demo on a fresh folder; yields what it prints."""
    vez = str(Path(sys.executable).with_name("vez"))
    with (
        tempfile.TemporaryDirectory(prefix="vez-pictures-") as folder,
        subprocess.Popen(
            [vez, "demo", "--port", "0", "--data", folder, "--json"], stdout=subprocess.PIPE, text=True
        ) as process,
    ):
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


def token(demo: dict[str, Any], kind: str) -> str:
    """A device's token in the unit of the pictures."""
    return str(next(d["token"] for d in demo["devices"] if d["unit"] == UNIT and d["kind"] == kind))


def issue(demo: dict[str, Any], service: str, tier: str) -> None:
    """One more citizen in the queue."""
    url = f"{demo['base_url']}/api/v1/units/{UNIT}/tickets"
    headers = {"Authorization": f"Bearer {token(demo, 'kiosk')}", "Content-Type": "application/json"}
    body = json.dumps({"service": service, "tier": tier}).encode()
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=10) as answer:
        answer.read()


def page_of(browser: Browser, width: int, height: int) -> Page:
    """A new screen of that size."""
    return browser.new_context(viewport={"width": width, "height": height}, locale="pt-BR").new_page()


def snap(page: Page, name: str, shown_width: int) -> None:
    """Photograph, scale for the page it will stand on, and keep the file small."""
    page.wait_for_timeout(1500)
    path = FOLDER / f"{name}.png"
    page.screenshot(path=str(path))
    picture = Image.open(path).convert("RGB")
    height = round(picture.height * shown_width / picture.width)
    picture.resize((shown_width, height), Image.Resampling.LANCZOS).quantize(128).save(path, optimize=True)


def kiosk(browser: Browser, demo: dict[str, Any]) -> None:
    """Rest screen, tier screen, the ticket."""
    page = page_of(browser, 1080, 1920)
    page.goto(f"{demo['base_url']}/kiosk/{UNIT}#token={token(demo, 'kiosk')}")
    page.get_by_role("button", name=re.compile("Impostos")).first.wait_for()
    snap(page, "kiosk-rest", 540)
    page.get_by_role("button", name=re.compile("Impostos")).first.click()
    page.get_by_role("button", name=re.compile("IPTU: segunda via")).first.click()
    page.get_by_role("button", name=re.compile("Atendimento normal")).wait_for()
    snap(page, "kiosk-tier", 540)
    page.get_by_role("button", name=re.compile("Atendimento normal")).click()
    page.get_by_text(re.compile(r"^[A-Z]\d{3,}$")).first.wait_for()
    page.wait_for_timeout(2500)
    snap(page, "kiosk-ticket", 540)


def counter_and_panel(browser: Browser, demo: dict[str, Any]) -> None:
    """An attendant calls; the wall shows it."""
    wall, desk = page_of(browser, 1920, 1080), page_of(browser, 1366, 768)
    wall.goto(f"{demo['base_url']}/panel/{UNIT}#token={token(demo, 'panel')}")
    user = next(u for u in demo["users"] if u["unit"] == UNIT and u["role"] == "attendant")
    desk.goto(f"{demo['base_url']}/counter")
    desk.get_by_label("Usuário").fill(user["username"])
    desk.locator("input[type=password]").fill(user["password"])
    desk.keyboard.press("Enter")
    desk.get_by_role("button", name=re.compile(r"Guichê 3\b")).click()
    for _ in range(3):
        desk.get_by_role("button", name=re.compile("Chamar próxima")).click()
        desk.get_by_role("button", name=re.compile("Iniciar")).wait_for()
        wall.wait_for_timeout(900)
        if _ < 2:
            desk.get_by_role("button", name=re.compile("Iniciar")).click()
            desk.get_by_role("button", name=re.compile("Finalizar")).first.click()
            desk.get_by_role("button", name=re.compile("Chamar próxima")).wait_for()
    snap(desk, "counter", 1100)
    wall.locator(".now-calling").wait_for(timeout=60_000)
    deadline = time.monotonic() + 90
    while wall.locator(".now-calling").count() and time.monotonic() < deadline:
        wall.wait_for_timeout(300)
    snap(wall, "panel", 1100)


def readme(browser: Browser, demo: dict[str, Any]) -> None:
    """The best ones, for the README."""
    kiosk(browser, demo)
    counter_and_panel(browser, demo)
    path = FOLDER / "ticket.png"
    with urllib.request.urlopen(demo["printer"]["web"] + "/tickets/2.png", timeout=10) as answer:
        path.write_bytes(answer.read())
    print(f"vez: {len(list(FOLDER.glob('*.png')))} pictures in {FOLDER.relative_to(ROOT)}")


def states(browser: Browser, demo: dict[str, Any], wanted: list[str]) -> list[str]:
    """Every state of the screens into var/pictures; returns what could not be reached."""
    ALBUM.mkdir(parents=True, exist_ok=True)
    if not wanted:
        for old in ALBUM.glob("*.png"):
            old.unlink()
    album = Album(browser, demo, ALBUM, UNIT)
    staff = Staff(album, browser.new_context())
    staff.sit()
    screens = {
        "kiosk": lambda: kiosk_states.kiosk(album),
        "panel": lambda: panel_states.panel(album, staff),
        "follow": lambda: phone.phone(album, staff),
        "counter": lambda: staff_states.counter(album, staff),
        "supervisor": lambda: staff_states.supervisor(album),
    }
    for name in wanted or screens:
        try:
            screens[name]()
        except BrowserError as error:
            album.missing.append(f"{name}, the rest of it: {str(error).splitlines()[0][:160]}")
    all_in_one = sheet.contact_sheet(ALBUM)
    print(f"vez: {album.taken} states in {ALBUM.relative_to(ROOT)}, all on {all_in_one.relative_to(ROOT)}")
    return album.missing


def best() -> None:
    """Some states, scaled for the README."""
    for state, (name, height) in BEST.items():
        if not (ALBUM / f"{state}.png").exists():
            continue
        picture = Image.open(ALBUM / f"{state}.png").convert("RGB")
        picture = picture.crop((0, 0, picture.width, min(height, picture.height)))
        picture = picture.resize(
            (1100, round(picture.height * 1100 / picture.width)), Image.Resampling.LANCZOS
        )
        picture.quantize(128).save(FOLDER / f"{name}.png", optimize=True)


def main(arguments: list[str]) -> None:
    """All pictures of the README, and every state of every screen."""
    only, wanted = "--states-only" in arguments, [name for name in arguments if not name.startswith("-")]
    chromium = next((p for n in ("chromium", "google-chrome") if (p := shutil.which(n))), None)
    if chromium is None:
        sys.exit("vez: pictures need chromium: `make test` installs it")
    FOLDER.mkdir(parents=True, exist_ok=True)
    missing: list[str] = []
    with running_demo() as demo, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for service, tier in WAITING:
            issue(demo, service, tier)
        if not only:
            readme(browser, demo)
        missing = states(browser, demo, wanted)
        browser.close()
        if not only:
            best()
    for name in missing:
        print(f"vez: not as it should be: {name}", file=sys.stderr)
    sys.exit(1 if missing else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
