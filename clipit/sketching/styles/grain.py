"""Noise for paper, pigment and strokes: each picture's from its own generator, of the same look at any size."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from clipit.sketching.styles.filtering import side, turned

Generators = Sequence[torch.Generator]


def draws(generators: Generators, *shape: int) -> Tensor:
    """(B, *shape) of even draws from 0 to 1."""
    return torch.stack([torch.rand(shape, generator=generator) for generator in generators])


def noise(pictures: Tensor, generators: Generators, cells: int, channels: int = 1) -> Tensor:
    """(B, channels, H, W), 0..1: smooth spots, `cells` of them along the shorter side."""
    height, width = pictures.shape[-2:]
    rows, columns = (max(2, round(cells * size / side(pictures))) for size in (height, width))
    spots = draws(generators, channels, rows, columns)
    if cells >= side(pictures):
        return F.interpolate(spots, (height, width), mode="area")
    mode = "bicubic" if cells <= side(pictures) / 4 else "bilinear"
    return F.interpolate(spots, (height, width), mode=mode, align_corners=False).clamp(0, 1)


def clouds(pictures: Tensor, generators: Generators, cells: int, octaves: int = 3) -> Tensor:
    """(B, 1, H, W), 0..1: octaves of noise, each twice as fine and half as strong."""
    weights = [0.5**octave for octave in range(octaves)]
    layers = [noise(pictures, generators, cells << octave) * weight for octave, weight in enumerate(weights)]
    return torch.stack(layers).sum(0) / sum(weights)


def streaks(pictures: Tensor, generators: Generators, angle: float, across: float, along: float) -> Tensor:
    """(B, 1, H, W), 0..1: noise drawn out along `angle`; `across` and `along` spots to the shorter side."""
    spots = draws(generators, 1, 96, 96)
    x, y = turned(pictures, angle)
    grid = torch.stack([x[0] * along, y[0] * across], -1) / 48
    return F.grid_sample(spots, grid.expand(len(spots), -1, -1, -1), padding_mode="reflection", align_corners=False)


def wobbled(pictures: Tensor, generators: Generators, cells: int, reach: float) -> Tensor:
    """Bent by smooth noise, by at most `reach` of the shorter side."""
    height, width = pictures.shape[-2:]
    y, x = torch.linspace(-1, 1, height)[:, None].expand(-1, width), torch.linspace(-1, 1, width).expand(height, -1)
    bend = (noise(pictures, generators, cells, channels=2) - 0.5).permute(0, 2, 3, 1) * 4 * reach
    bend = bend * side(pictures) / torch.tensor([width, height])
    return F.grid_sample(pictures, torch.stack([x, y], -1) + bend, padding_mode="reflection", align_corners=True)
