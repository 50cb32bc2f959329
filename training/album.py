"""What every word of the lexicon looks like: glyphs of the font, painted places, veils. Rendered once, kept in a file.

python -m training.album FOLDER
"""

import json
import random
import sys
from functools import cache
from pathlib import Path

import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from clipit.sketching.lexicon import lexicon
from training.glyphs import SIDE, layer, square
from training.places import PLACES
from training.veils import TIMES, WEATHERS

VARIANTS = {"places": 24, "times": 12, "weathers": 12}
PAINTERS = {"places": PLACES, "times": TIMES, "weathers": WEATHERS}
GROUND = 192  # pixels a side of places: they fill the picture


class Rendered:
    """An album of rendered layers: for each kind and name (n, 4, S, S) uint8."""

    def __init__(self, pictures: dict[str, Tensor]) -> None:
        self.pictures = pictures

    def show(self, kind: str, name: str, lot: random.Random) -> Tensor:
        """One of the pictures of this name, (4, S, S) in 0..1."""
        shown = self.pictures[f"{kind}/{name}"]
        return shown[lot.randrange(len(shown))].float() / 255


def _painted(kind: str, name: str, number: int) -> Tensor:
    image = PAINTERS[kind][name](random.Random(f"{kind}/{name}/{number}"))
    side = GROUND if kind == "places" else SIDE
    return layer(image.convert("RGBA")).unsqueeze(0) if image.width == side else _reduced(image, side)


def _reduced(image: Image.Image, side: int) -> Tensor:
    return layer(image.convert("RGBA").resize((side, side), Image.Resampling.LANCZOS)).unsqueeze(0)


def render() -> dict[str, Tensor]:
    """Every picture of every word."""
    pictures = {f"things/{name}": [square(glyph)[None] for glyph in thing["glyphs"]]
                for name, thing in lexicon().things.items()}  # fmt: skip
    for kind, painters in PAINTERS.items():
        for name in painters:
            pictures[f"{kind}/{name}"] = [_painted(kind, name, number) for number in range(VARIANTS[kind])]
    return {name: torch.cat(shown).mul(255).round().to(torch.uint8) for name, shown in pictures.items()}


@cache
def album(folder: Path) -> Rendered:
    """The album of this folder, rendered where it is missing."""
    path = folder / "album.safetensors"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        save_file(render(), path)
    with safe_open(path, "pt") as file:
        return Rendered({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118 - a handle, no mapping


if __name__ == "__main__":
    print(json.dumps({name: len(shown) for name, shown in album(Path(sys.argv[1])).pictures.items()})[:500])
