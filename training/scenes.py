"""Scenes as their training shows them, and a contact sheet of some.

python -m training.scenes sheet.png
"""

import random
import sys
from pathlib import Path

import torch
from PIL import Image, ImageDraw

from clipit.sketching.scene import Scene
from clipit.sketching.sketch import sketches
from training.album import album
from training.captions import caption
from training.scenes_by_lot import random_scene

WORK = Path(__file__).parents[1] / "training-data"
ALBUM = WORK / "album"


def render(scene: Scene, lot: random.Random, side: int = 128, shown: Path = ALBUM) -> Image.Image:
    """The scene out of the rendered album in the folder `shown`, side x side pixels; what it leaves open by lot."""
    (pixels,) = sketches([scene], album(shown), side, side, [torch.Generator().manual_seed(lot.getrandbits(32))])
    return Image.fromarray(pixels.mul(255).round().to(torch.uint8).permute(1, 2, 0).numpy())


def main() -> None:
    lot, columns, rows, side = random.Random(0), 8, 6, 160
    sheet = Image.new("RGB", (columns * (side + 4), rows * (side + 16)), "white")
    for index in range(columns * rows):
        scene = random_scene(lot)
        x, y = index % columns * (side + 4), index // columns * (side + 16)
        sheet.paste(render(scene, lot, side), (x, y))
        ImageDraw.Draw(sheet).text((x, y + side + 2), caption(scene, lot)[:28], fill="black")
    sheet.save(sys.argv[1])


if __name__ == "__main__":
    main()
