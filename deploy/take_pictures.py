"""`make pictures`: run the demo, play a morning in it, and photograph the screens at their real sizes.

The best go scaled into docs/img, for the README; every state of every screen goes whole into var/pictures (not in git),
with one sheet of all of them to be looked at. `--states-only` leaves docs/img alone; names of screens take only those.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
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
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "img"
ALBUM = ROOT / "var" / "pictures"
# States that stand in the README as well: the name there, how wide, and how much of the height is shown.
BEST = {
    "kiosk-portrait-pt-BR-rest": ("kiosk-rest", 540, 1920),
    "kiosk-portrait-pt-BR-service": ("kiosk-tier", 540, 1920),
    "kiosk-portrait-pt-BR-printed": ("kiosk-ticket", 540, 1920),
    "panel-hd-busy-calling": ("panel", 1100, 1080),
    "panel-hd-busy-media": ("panel-media", 1100, 1080),
    "counter-called": ("counter", 1100, 768),
    "follow-day-called": ("phone", 360, 844),
    "supervisor-day-unit": ("unit", 1100, 1000),
}
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
        with album.part(name):
            screens[name]()
    all_in_one = sheet.contact_sheet(ALBUM)
    print(f"vez: {album.taken} states in {ALBUM.relative_to(ROOT)}, all on {all_in_one.relative_to(ROOT)}")
    return album.missing


def readme(demo: dict[str, Any]) -> None:
    """The best of the album, scaled; and a ticket as the printer printed it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for state, (name, width, height) in BEST.items():
        picture = Image.open(ALBUM / f"{state}.png").convert("RGB")
        picture = picture.crop((0, 0, picture.width, min(height, picture.height)))
        size = (width, round(picture.height * width / picture.width))
        picture = picture.resize(size, Image.Resampling.LANCZOS)
        # Large papers keep their tint, and a flag, however small, stays a flag.
        picture.quantize(256, kmeans=2).save(FOLDER / f"{name}.png", optimize=True)
    with urllib.request.urlopen(demo["printer"]["web"] + "/tickets/2.png", timeout=10) as answer:
        (FOLDER / "ticket.png").write_bytes(answer.read())
    print(f"vez: {len(list(FOLDER.glob('*.png')))} pictures in {FOLDER.relative_to(ROOT)}")


def main(arguments: list[str]) -> None:
    """All pictures of the README, and every state of every screen."""
    only, wanted = "--states-only" in arguments, [name for name in arguments if not name.startswith("-")]
    chromium = next((p for n in ("chromium", "google-chrome") if (p := shutil.which(n))), None)
    if chromium is None:
        sys.exit("vez: pictures need chromium: `make test` installs it")
    missing: list[str] = []
    with running_demo() as demo, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for service, tier in WAITING:
            issue(demo, service, tier)
        missing = states(browser, demo, wanted)
        browser.close()
        if not only and not wanted:
            readme(demo)
    for name in missing:
        print(f"vez: not as it should be: {name}", file=sys.stderr)
    sys.exit(1 if missing else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
