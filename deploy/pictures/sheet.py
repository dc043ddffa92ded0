"""Pictures that `make pictures` makes itself: a notice for the panel, and the sheet of all photographs."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

# A notice such as a city hall would show, drawn by the browser itself with the house's own letters and horizon.
POSTER = """<!doctype html><html lang="pt-BR"><link rel="stylesheet" href="/static/shared/tokens.css"><style>
body { height: 100vh; overflow: hidden; padding: 90px 110px; }
body { background: linear-gradient(#bfe3ee, #f3ead2); color: #0b4a5e; }
h1 { font-size: 132px; max-width: 11ch; }
p { font-size: 54px; font-weight: 700; line-height: 1.2; margin-top: 28px; max-width: 24ch; }
i { position: absolute; right: 150px; top: 110px; width: 250px; height: 250px; }
i { border-radius: 50%; background: #f2b33d; }
.horizon { position: absolute; inset: auto 0 0; height: 330px; color: #0f6a7d; }
</style><i></i><h1>Vacina da gripe</h1><p>De segunda a sexta, das 8h às 17h, em qualquer posto de saúde</p>
<span class="horizon"></span></html>"""


def contact_sheet(folder: Path, width: int = 480) -> Path:
    """All pictures of a folder small on one sheet, to be looked at in one go."""
    names = sorted(folder.glob("*.png"))
    small = []
    for name in names:
        picture = Image.open(name).convert("RGB")
        small.append(picture.resize((width, round(picture.height * width / picture.width))))
    columns = 12
    rows = [small[start : start + columns] for start in range(0, len(small), columns)]
    heights = [max(picture.height for picture in row) for row in rows]
    sheet = Image.new("RGB", (columns * width, sum(heights)), "#888888")
    for number, row in enumerate(rows):
        for index, picture in enumerate(row):
            sheet.paste(picture, (index * width, sum(heights[:number])))
    path = folder.parent / f"{folder.name}.jpg"
    sheet.save(path, quality=80)
    return path
