"""Copy the browser libraries from node_modules into server/static/vendor (git-ignored).

Standard library only, because it runs before the virtual environment exists. Every unit must work
without internet, so each page loads only files copied here. Safe to run again; the old copy is replaced
only once the new one is complete. Exit 1 with one clear line when a library is missing.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
TARGET = ROOT / "server" / "static" / "vendor"

# node_modules path -> name in vendor/
SCRIPTS = {
    "preact/dist/preact.mjs": "preact.mjs",
    "preact/hooks/dist/hooks.mjs": "preact-hooks.mjs",
    "htm/dist/htm.module.js": "htm.mjs",
    "@preact/signals/dist/signals.module.js": "signals.mjs",
    "@preact/signals-core/dist/signals-core.module.js": "signals-core.mjs",
    "socket.io-client/dist/socket.io.esm.min.js": "socket.io.mjs",
    "qrcode-generator/dist/qrcode.mjs": "qrcode.mjs",
}
FONT = "@fontsource/atkinson-hyperlegible"
FONT_FILES = [
    f"atkinson-hyperlegible-{subset}-{weight}-normal.woff2"
    for subset in ("latin", "latin-ext")
    for weight in (400, 700)
]
LICENCES = ["preact", "htm", "@preact/signals", "socket.io-client", FONT]

# Lucide icons that screens use or that an administrator may give to a category.
ICONS = """
accessibility activity alarm-clock archive arrow-down arrow-left arrow-right arrow-up baby badge-check ban
banknote bell bell-ring bike book-open bookmark briefcase briefcase-business building building-2 bus
calendar calendar-check calendar-clock camera car check check-check chevron-down chevron-left chevron-right
chevron-up circle circle-alert circle-check circle-dot circle-help circle-parking circle-pause circle-play
circle-user circle-x clipboard clipboard-check clipboard-list clock coffee coins columns-2 construction
contrast copy credit-card delete door-open download droplet droplets ear eraser external-link eye eye-off
factory file file-badge file-check file-plus file-search file-text flag flame folder folder-open gavel gauge
gift globe grid-2x2 hammer hand hand-coins hand-heart hand-helping handshake hard-hat heart heart-handshake
heart-pulse history hospital house hourglass id-card image info key key-round keyboard landmark languages
layers layout-dashboard leaf library life-buoy lightbulb link list list-checks list-filter list-ordered
loader lock log-in log-out mail map map-pin megaphone menu message-circle message-square message-square-text
mic minus monitor moon move-right music navigation octagon-alert package palette panel-bottom panel-top
parking-meter pause pen-line pencil percent person-standing phone phone-call pin plane play plug plus power
printer printer-check qr-code receipt receipt-text refresh-cw repeat rotate-ccw route ruler save scale
scan-line school scissors scroll-text search send settings shield shield-check shopping-bag siren
skip-forward sliders-horizontal smartphone smile sparkles sprout square stamp star stethoscope store sun
syringe tag target ticket ticket-check timer timer-reset traffic-cone trash-2 tree-deciduous tree-palm
tree-pine trees triangle-alert trophy truck tv undo-2 upload user user-check user-plus user-round user-x
users users-round utensils venetian-mask video volume volume-1 volume-2 volume-x wallet wifi wifi-off wrench
x zap zoom-in zoom-out a-large-small file-clock frown meh laugh thumbs-up thumbs-down corner-down-left
hand-metal circle-minus circle-plus door-closed armchair pointer
""".split()


def fail(message: str) -> None:
    """Stop with one line that says what to do."""
    sys.exit(f"vendor_browser: {message}")


def source(name: str) -> Path:
    """The installed file, or a stop that names the missing one."""
    path = MODULES / name
    if not path.is_file():
        fail(f"node_modules/{name} is missing: run `npm ci` first (Node >= 20)")
    return path


def copy_scripts(target: Path) -> None:
    """ES modules as they are, without the pointer to source maps that are not shipped."""
    for name, short in SCRIPTS.items():
        text = source(name).read_text(encoding="utf-8")
        (target / short).write_text(re.sub(r"\n//# sourceMappingURL=.*", "", text), encoding="utf-8")


def copy_fonts(target: Path) -> None:
    """The hyperlegible font, latin and latin-ext, regular and bold."""
    (target / "fonts").mkdir()
    for name in FONT_FILES:
        shutil.copyfile(source(f"{FONT}/files/{name}"), target / "fonts" / name)


def icon_nodes(body: str) -> list[list[object]]:
    """SVG markup -> [[tag, attributes], ...], so that no page ever needs innerHTML."""
    shapes = ET.fromstring(f"<svg>{body}</svg>").iter()
    next(shapes)
    # Colour and stroke come from the one <svg> of ui.js; a group adds nothing else.
    drop = {"fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin"}
    return [[s.tag, {k: v for k, v in s.attrib.items() if k not in drop}] for s in shapes if s.tag != "g"]


def write_icons(target: Path) -> None:
    """The subset of Lucide named in ICONS, as one module of plain data."""
    data = json.loads(source("@iconify-json/lucide/icons.json").read_text(encoding="utf-8"))
    icons, aliases, chosen, missing = data["icons"], data.get("aliases", {}), {}, []
    for name in ICONS:
        known = name if name in icons else aliases.get(name, {}).get("parent")
        if known not in icons:
            missing.append(name)
            continue
        chosen[name] = icon_nodes(icons[known]["body"])
    if missing:
        fail(f"Lucide no longer has these icons: {', '.join(missing)}")
    text = json.dumps(chosen, separators=(",", ":"), sort_keys=True)
    (target / "icons.mjs").write_text(f"// Lucide, ISC licence\nexport default {text};\n", encoding="utf-8")


def write_licences(target: Path) -> None:
    """The licence texts must travel with the copies."""
    parts = [f"== {name}\n{source(f'{name}/LICENSE').read_text(encoding='utf-8')}" for name in LICENCES]
    parts.append("== qrcode-generator\nMIT, (c) Kazuhiko Arase\n== lucide\nISC, (c) Lucide Contributors\n")
    (target / "LICENCES.txt").write_text("\n".join(parts), encoding="utf-8")


def main() -> None:
    """Build the new copy beside the old one, then swap: a failed run leaves the pages working."""
    if not MODULES.is_dir():
        fail("node_modules is missing: run `npm ci` first (Node >= 20)")
    fresh = ROOT / "build" / "vendor"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for step in (copy_scripts, copy_fonts, write_icons, write_licences):
        step(fresh)
    shutil.rmtree(TARGET, ignore_errors=True)
    fresh.rename(TARGET)
    print(f"vendor_browser: {sum(1 for p in TARGET.rglob('*') if p.is_file())} files in server/static/vendor")


if __name__ == "__main__":
    main()
