"""Contact sheets: pictures in rows, each or each few with a caption below."""

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

PAPER, INK, WRONG = "#fbfaf7", "#2b2b2b", "#c8321f"
GAP = 4  # pixels between the pictures of one group
LINES = 2  # of a caption, at most


def contact_sheet(
    groups: Sequence[Sequence[Image.Image]],
    captions: Sequence[str],
    inks: Sequence[str] | None = None,
    columns: int = 8,
    side: int = 144,
    size: int = 13,
    headings: Sequence[str] = (),
) -> Image.Image:
    """Groups of equally many pictures, `columns` of them in a row, each over its caption in its ink.

    `side` is a picture's, `size` the letters', in pixels; each picture of a group in the first row has a heading.
    """
    few, font = len(groups[0]), ImageFont.load_default(size)
    step, width = (3 if few == 1 else 6) * GAP, few * (side + GAP) - GAP
    wrapped = [_wrapped(caption, width, font) for caption in captions]
    height = side + round(1.3 * size * max(caption.count("\n") + 1 for caption in wrapped))
    top = step + (size + GAP if headings else 0)
    rows, columns = math.ceil(len(groups) / columns), min(columns, len(groups))
    sheet = Image.new("RGB", (columns * (width + step) + step, rows * (height + step) + top), PAPER)
    draw = ImageDraw.Draw(sheet)
    for index, (pictures, caption) in enumerate(zip(groups, wrapped, strict=True)):
        x, y = step + index % columns * (width + step), top + index // columns * (height + step)
        for place, picture in enumerate(pictures):
            left = x + place * (side + GAP)
            sheet.paste(picture.resize((side, side), Image.Resampling.LANCZOS), (left, y))
            if headings and index < columns:
                draw.text((left + side / 2, top - size / 2 - GAP), headings[place], INK, font, anchor="mm")
        ink = inks[index] if inks else INK
        draw.text((x + width / 2, y + side + size / 3), caption, ink, font, "ma", align="center")
    return sheet


def _wrapped(caption: str, width: int, font: ImageFont.FreeTypeFont) -> str:
    """In up to LINES lines no wider than so many pixels; what is too long ends in dots."""
    lines = [""]
    for word in caption.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return "\n".join(lines) if len(lines) <= LINES else "\n".join(lines[:LINES]) + "…"
