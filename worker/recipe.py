"""What to paint, as clipit understands it: the product's words (style, quality, palette) become settings. Pure."""

from typing import Any

from PIL import Image

import clipit
from jobs import Job, Style
from jobs.order import Palette

DRAWERS = {Style.IMAGE: "vqgan", Style.PAINTING: "strokes", Style.PIXEL_ART: "pixel"}

COLOURS = {
    Palette.GAME_BOY: "gameboy",
    Palette.PICO_8: "pico8",
    Palette.INK: "[#0b0d12, #2b3038, #5a6068, #98a0a5, #d4d3cb, #f4f0e6]",
    Palette.SEPIA: "[#1f140b, #4a2f1a, #7b5430, #ab8052, #d6b283, #f3e4c6]",
    Palette.SUNSET: "[#1b1135, #4b1d5e, #93285f, #d9434f, #f47c3c, #fbb74c, #ffe9a8]",
    Palette.OCEAN: "[#03152b, #0a3556, #12658a, #1fa0b0, #6fd0c8, #c8f0e4, #f3e7c4]",
    Palette.FOREST: "[#0f1a12, #20402a, #3c6b35, #7a9a47, #c2c77a, #5b3d22, #a8794a, #efe9cf]",
    Palette.NEON: "[#08060f, #1d0f3a, #ff2e97, #b026ff, #2d7dff, #16f0e0, #5dff5a, #fff94d]",
    Palette.PASTEL: "[#fff7f0, #ffd1dc, #f5a3b7, #fff3b0, #bfe8cc, #86cfc4, #a9d8f5, #6fa3d8, #9180bd, #5e5a80]",
    Palette.UKIYO_E: "[#16233f, #274c77, #6a93b3, #b9cfd6, #efe3c8, #d9b779, #c0533a, #7a2f2b, #5c6b4a]",
}
PALETTE_WEIGHT = 10.0  # the colours are kept to and the thing is still seen: chosen by eye among 1, 2, 5, 10, 20 and 60


def settings_of(job: Job, start_image: Image.Image | None = None) -> clipit.Settings:
    """The settings for a job. Raises ClipitError, naming the accepted choices, when it cannot be painted."""
    order = job.order
    return clipit.Settings(
        prompts=order.prompt,
        quality=str(order.quality),
        aspect=str(order.aspect),
        drawer=DRAWERS[order.style],
        size=order.size,
        scale=order.scale,
        iterations=order.iterations,
        seed=job.seed,
        start_image=start_image,
        **coloured(order.style, order.palette),
    )


def coloured(style: Style, palette: Palette | None) -> dict[str, Any]:
    """The settings by which a palette is kept to: by pixel art strictly, by the others as far as they can."""
    if palette is None:
        return {}
    if style == Style.PIXEL_ART:
        return {"drawer_options": {"palette": COLOURS[palette]}}
    return {"palette": COLOURS[palette], "palette_weight": PALETTE_WEIGHT}
