"""Pictures that `make pictures` draws itself: a notice for the panel, and the sheet of all photographs."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw


def poster() -> Image.Image:
    """A notice such as a city hall would show: sea, beach, sun."""
    poster = Image.new("RGB", (1600, 900), "#bfe3ee")
    draw = ImageDraw.Draw(poster)
    draw.ellipse((1150, 120, 1370, 340), fill="#f2b33d")
    draw.polygon([(0, 560), (500, 330), (900, 560)], fill="#1c6e46")
    draw.rectangle((0, 560, 1600, 740), fill="#0f6a7d")
    draw.rectangle((0, 740, 1600, 900), fill="#efe3c4")
    return poster


def contact_sheet(folder: Path, width: int = 480) -> Path:
    """All pictures of a folder small on one sheet, to be looked at in one go."""
    names = sorted(folder.glob("*.png"))
    small = []
    for name in names:
        picture = Image.open(name).convert("RGB")
        small.append(picture.resize((width, round(picture.height * width / picture.width))))
    columns = 6
    tall = max(picture.height for picture in small)
    sheet = Image.new("RGB", (columns * width, -(-len(small) // columns) * tall), "#888888")
    for index, picture in enumerate(small):
        sheet.paste(picture, (index % columns * width, index // columns * tall))
    path = folder.parent / f"{folder.name}.jpg"
    sheet.save(path, quality=80)
    return path
