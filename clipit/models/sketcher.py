"""Sketcher: a small network that turns a text's embedding into a rough picture, from which a drawing can start.

A feed-forward generator beside CLIP, after https://github.com/mehdidc/feed_forward_vqgan_clip; the coordinates of each
pixel, as seen from the thing's own centre and size, are given to it as in a compositional pattern-producing network.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

POSE = 6  # size, x and y of a single thing as shares of the side, and the red, green and blue behind it, all 0..1


@dataclass(frozen=True)
class SketcherConfig:
    embed_dim: int = 256  # of the CLIP whose texts it reads
    widths: tuple[int, ...] = (192, 160, 128, 64)  # channels at 4, 8, 16, ... cells a side
    enlarge: int = 4  # pixels a side that each cell of the last level becomes

    @property
    def side(self) -> int:
        """Pixels a side of a sketch."""
        return 4 * 2 ** (len(self.widths) - 1) * self.enlarge


class _Level(nn.Module):
    """Twice the size; two convolutions that see coordinates, scaled and shifted channel by channel by the wish."""

    def __init__(self, inputs: int, outputs: int, wish: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs + 4, outputs, 3, padding=1)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.norm1, self.norm2 = nn.GroupNorm(8, outputs), nn.GroupNorm(8, outputs)
        self.modulate = nn.Linear(wish, 2 * outputs)

    def forward(self, x: Tensor, wish: Tensor, pose: Tensor) -> Tensor:
        x = F.interpolate(x, scale_factor=2.0, mode="nearest")
        x = self.norm1(self.conv1(torch.cat([x, _coordinates(x, pose)], 1)))
        scale, shift = self.modulate(wish)[:, :, None, None].chunk(2, 1)
        x = F.silu(x * (1 + scale) + shift)
        return F.silu(self.norm2(self.conv2(x)))


def _coordinates(x: Tensor, pose: Tensor) -> Tensor:
    """(B, 4, h, w): where each cell lies in the picture, and as seen from the thing; -1 and 1 are the edges of each."""
    line = (torch.arange(x.shape[-1], device=x.device, dtype=x.dtype) + 0.5) / x.shape[-1]
    across = line[None, None, :].expand(len(x), x.shape[-1], -1)
    plain = torch.stack([across, across.transpose(1, 2)], 1)  # B, 2, h, w in 0..1
    size, centre = pose[:, :1, None, None].to(x.dtype), pose[:, 1:3, None, None].to(x.dtype)
    return torch.cat([plain * 2 - 1, (plain - centre) / size * 2], 1)


class Sketcher(nn.Module):
    """Unit text embeddings (B, E) and poses (B, POSE) to pictures (B, 3, side, side) around 0..1."""

    def __init__(self, config: SketcherConfig) -> None:
        super().__init__()
        self.config = config
        first, *_, last = config.widths
        wish = config.embed_dim + POSE
        self.first = nn.Linear(wish, first * 16)
        pairs = zip(config.widths, config.widths[1:], strict=False)
        self.levels = nn.ModuleList(_Level(inputs, outputs, wish) for inputs, outputs in pairs)
        self.last = nn.Conv2d(last, 3 * config.enlarge**2, 3, padding=1)

    def forward(self, texts: Tensor, pose: Tensor) -> Tensor:
        # A unit vector's entries are small beside the pose's; this brings both to the same size.
        wish = torch.cat([texts * self.config.embed_dim**0.5, pose * 2 - 1], 1)
        x = self.first(wish).view(len(wish), -1, 4, 4)
        for level in self.levels:
            x = level(x, wish, pose)
        return F.pixel_shuffle(self.last(x), self.config.enlarge) + 0.5
