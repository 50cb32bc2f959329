"""Lets a VQGAN remember an album: every picture of every word, as tokens.

python -m training.sketcher OUT.safetensors --album FOLDER --vqgan VQGAN.safetensors
"""

import argparse
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from clipit.models.sketcher import Sketcher, SketcherConfig
from clipit.models.vqgan import VQGAN
from clipit.weights.checkpoints import load_vqgan, save_sketcher
from training.album import album
from training.vqgan import as_pictures

KEPT = {"places": 8, "times": 4, "weathers": 4}  # pictures a word; of things all


@torch.no_grad()
def tokens_of(vqgan: VQGAN, pictures: Tensor) -> Tensor:
    """Tokens (n, h, w) int16 of pictures (n, 3, H, W) in 0..1."""
    parts = [vqgan.quantize.nearest(vqgan.encode(part)) for part in pictures.split(16)]
    return torch.cat(parts).to(torch.int16)


def remember(shown: Mapping[str, Tensor], vqgan: VQGAN) -> Sketcher:
    """A sketcher of the pictures (n, 4, S, S) uint8 by `kind/name`."""
    kept = {name: pictures[: KEPT.get(name.partition("/")[0])] for name, pictures in sorted(shown.items())}
    layers = {name: pictures for name, pictures in kept.items() if not name.startswith("places/")}
    grounds = {name: pictures for name, pictures in kept.items() if name.startswith("places/")}
    on_grey, covers = zip(*(as_pictures(pictures.float() / 255) for pictures in layers.values()), strict=True)
    tokens = {
        "pictures": tokens_of(vqgan, torch.cat(on_grey)),
        "covers": tokens_of(vqgan, torch.cat(covers)),
        "grounds": tokens_of(vqgan, torch.cat([pictures[:, :3].float() / 255 for pictures in grounds.values()])),
    }
    config = SketcherConfig(
        tuple(name for name, pictures in layers.items() for _ in pictures),
        tuple(name for name, pictures in grounds.items() for _ in pictures),
        tokens["pictures"].shape[1],
        tokens["grounds"].shape[1],
    )
    sketcher = Sketcher(config)
    sketcher.load_state_dict(tokens)
    return sketcher


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--album", type=Path, required=True)
    parser.add_argument("--vqgan", type=Path, required=True)
    options = parser.parse_args()
    save_sketcher(options.out, remember(album(options.album).pictures, load_vqgan(options.vqgan)))


if __name__ == "__main__":
    main()
