"""Cutouts: random views of a picture, so that no single pixel can please the perceptor.

The picture is pooled once, all views are one batched warp by a composed homography, and the colour changes are one
product over the batch (the original pools and warps view by view). B pictures, N views of each, R pixels a side.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from clipit.palettes import LUMINANCE

# To luminance and two colour axes, which a change of hue turns (NTSC).
TO_YIQ = (LUMINANCE, (0.596, -0.274, -0.322), (0.211, -0.523, 0.312))


class Part(NamedTuple):
    """Some views, in a row, that read the same pooled picture."""

    count: int
    level: int  # the short side of the pooled picture, in units of R; 0: squeezed to R x R, as clipit pools
    padding: str  # what lies outside the picture


@dataclass(frozen=True)
class Views:
    """How to look at B pictures: drawn from generators once, and then at any number of pictures alike."""

    resolution: int  # R, pixels a side
    parts: tuple[Part, ...]
    matrices: Tensor  # (B, N, 3, 3), from a view's square [-1, 1]^2 to the picture's
    colours: Tensor  # (B, N, 3, 3), by which red, green and blue are multiplied
    noise: Tensor  # (B, N, 3, R, R)

    def to(self, device: torch.device) -> "Views":
        """The same views, ready to look at pictures on that device."""
        moved = {name: getattr(self, name).to(device) for name in ("matrices", "colours", "noise")}
        return replace(self, **moved)

    def __call__(self, pictures: Tensor) -> Tensor:
        """Views (B * N, 3, R, R) of the pictures (B, 3, H, W) in 0..1."""
        line = torch.linspace(-1, 1, self.resolution, device=pictures.device)
        across, down = torch.meshgrid(line, line, indexing="xy")
        points = torch.stack([across, down, torch.ones_like(across)], -1)  # R, R, 3
        mapped = torch.einsum("bnij,hwj->bnhwi", self.matrices, points)
        grid = mapped[..., :2] / mapped[..., 2:]  # B, N, R, R, 2
        ends = torch.tensor([0, *(part.count for part in self.parts)]).cumsum(0).tolist()
        seen = [
            _warp(pool(pictures, self.resolution, part.level), grid[:, low:high], part.padding)
            for part, (low, high) in zip(self.parts, pairwise(ends), strict=True)
            if part.count
        ]
        views = torch.cat(seen, 1).flatten(3)  # B, N, 3, R * R
        return (self.colours @ views).view_as(self.noise).add(self.noise).flatten(0, 1)


def _warp(pictures: Tensor, grid: Tensor, padding: str) -> Tensor:
    """(B, N, 3, R, R) from pictures (B, 3, h, w) by a grid (B, N, R, R, 2)."""
    batch, count, resolution = grid.shape[:3]
    # All views of one picture in one row: the picture is read N times without being copied N times.
    rows = F.grid_sample(pictures, grid.flatten(1, 2), padding_mode=padding, align_corners=False)  # B, 3, N * R, R
    return rows.view(batch, 3, count, resolution, resolution).transpose(1, 2)


def pool(pictures: Tensor, resolution: int, level: int = 1) -> Tensor:
    """(B, 3, H, W) to a short side of `level * resolution` pixels at most, or for level 0 to resolution x resolution.

    The mean of average and maximum pooling, as in clipit.
    """
    if level == 0:
        return _pooled(pictures, (resolution, resolution))
    height, width = pictures.shape[-2:]
    wanted = level * resolution
    shrink = wanted / min(height, width)
    if shrink >= 1:
        return pictures
    return _pooled(pictures, (max(wanted, round(height * shrink)), max(wanted, round(width * shrink))))


def _pooled(pictures: Tensor, size: tuple[int, int]) -> Tensor:
    return (F.adaptive_avg_pool2d(pictures, size) + F.adaptive_max_pool2d(pictures, size)) / 2


def _uniform(shape: tuple[int, ...], low: float, high: float, generator: torch.Generator) -> Tensor:
    return torch.rand(shape, generator=generator) * (high - low) + low


def gentle_views(
    count: int, resolution: int, aspect: float, generators: Sequence[torch.Generator], overviews: float, detail: float
) -> Views:
    """Ours: mild turns, tilts and shifts. A share `overviews` shows nearly the whole picture, the others a part of it.

    A share `detail` of those parts reads the picture at twice the resolution, near its true pixels; clipit shows
    parts of a picture that was made small before. `aspect` is the picture's width / height.
    """
    wide = round(count * overviews)
    true = round((count - wide) * detail)
    return Views(
        resolution,
        (Part(count - true, 1, "reflection"), Part(true, 2, "reflection")),
        torch.stack([random_homographies(count, aspect, generator, wide) for generator in generators]),
        torch.stack([torch.diag_embed(_uniform((count, 3), 0.9, 1.1, generator)) for generator in generators]),
        _noise(count, resolution, generators),
    )


def _noise(count: int, resolution: int, generators: Sequence[torch.Generator]) -> Tensor:
    """(B, N, 3, R, R), of another strength in each view."""
    return torch.stack([
        torch.randn((count, 3, resolution, resolution), generator=generator)
        * _uniform((count, 1, 1, 1), 0, 0.1, generator)
        for generator in generators
    ])  # fmt: skip


def random_homographies(count: int, aspect: float, generator: torch.Generator, overviews: int) -> Tensor:
    """Matrices (count, 3, 3) from a view's square [-1, 1]^2 to the picture's; `aspect` is the picture's width / height.

    Each is perspective, rotation, scale and shift in one. No view is squeezed: it covers as many pixels across as down.
    The first `overviews` show nearly the whole picture.
    """
    overview = torch.arange(count) < overviews
    reach = torch.where(overview, _uniform((count,), 0.85, 1.1, generator), _uniform((count,), 0.45, 0.85, generator))
    angle = _uniform((count,), -0.15, 0.15, generator)  # radians
    across = reach * min(1.0, 1 / aspect)
    down = reach * min(1.0, aspect)
    room = torch.stack([1 - across, 1 - down], 1).clamp(min=0)
    loose = torch.where(overview, 0.5, 1.0)[:, None]  # overviews stay near the middle of a long picture
    shift = room * loose * _uniform((count, 2), -1, 1, generator) + _uniform((count, 2), -0.08, 0.08, generator)
    cos, sin = angle.cos(), angle.sin()
    matrix = torch.zeros(count, 3, 3)
    matrix[:, 0] = torch.stack([cos * across, -sin * across, shift[:, 0]], 1)
    matrix[:, 1] = torch.stack([sin * down, cos * down, shift[:, 1]], 1)
    matrix[:, 2, :2] = _uniform((count, 2), -0.1, 0.1, generator)
    matrix[:, 2, 2] = 1
    return matrix


def clipit_views(
    count: int, resolution: int, aspect: float, generators: Sequence[torch.Generator], drawn_out: bool
) -> Views:
    """The original's chain of kornia's augmentations, each as one homography: two thirds zoom in, one third is wide.

    The outside of a zoomed view is reflected or `drawn_out`, in turns; that of a wide one is black. In four of five
    views colours change their hue by a tenth of a turn and their saturation by a tenth at most.
    """
    zoomed = int(2 * count / 3)
    return Views(
        resolution,
        (Part(zoomed, 0, "border" if drawn_out else "reflection"), Part(count - zoomed, 0, "zeros")),
        torch.stack([
            torch.cat([_zoom(zoomed, aspect, generator), _wide(count - zoomed, aspect, generator)])
            for generator in generators
        ]),
        torch.stack([_hues(count, generator) for generator in generators]),
        _noise(count, resolution, generators),
    )  # fmt: skip


def _zoom(count: int, aspect: float, generator: torch.Generator) -> Tensor:
    """A square window along the longer side, seen askew, and in seven of ten views a part of it."""
    across, down = min(1.0, 1 / aspect), min(1.0, aspect)
    place = _uniform((count, 2), -1, 1, generator)
    window = _affine(
        torch.full((count,), across), torch.full((count,), down), place * torch.tensor([1 - across, 1 - down])
    )
    return window @ _perspective(count, 0.4, generator) @ _resized_crop(count, generator)


def _wide(count: int, aspect: float, generator: torch.Generator) -> Tensor:
    """The whole picture, its shorter side filled up with black, a little shifted and smaller, seen a little askew."""
    shrink = 0.95 if aspect == 1 else min(aspect, 1 / aspect)
    sizes = torch.full((count,), shrink) if aspect == 1 else shrink * _uniform((count,), 0.9, 1, generator)
    # A view of the whole longer side reaches over the shorter one; what was shrunk needs a larger reach.
    square = min(aspect, 1 / aspect)
    across, down = square / sizes * max(1.0, 1 / aspect), square / sizes * max(1.0, aspect)
    room = 1 - shrink
    drift = _uniform((count, 2), -room, room, generator) * torch.tensor([float(aspect <= 1), float(aspect >= 1)])
    moved = _affine(across, down, drift * torch.stack([across, down], 1))
    return moved @ _perspective(count, 0.2, generator)


def _affine(across: Tensor, down: Tensor, shift: Tensor) -> Tensor:
    matrix = torch.zeros(len(across), 3, 3)
    matrix[:, 0, 0], matrix[:, 1, 1], matrix[:, 2, 2] = across, down, 1
    matrix[:, :2, 2] = shift
    return matrix


def _perspective(count: int, distortion: float, generator: torch.Generator) -> Tensor:
    """In seven of ten views each corner moves inwards by up to half of `distortion` of the side."""
    corners = torch.tensor([[-1.0, -1], [1, -1], [1, 1], [-1, 1]])
    inwards = _uniform((count, 4, 2), 0, distortion, generator)
    applied = (torch.rand((count, 1, 1), generator=generator) < 0.7).float()
    moved = corners - corners * inwards * applied  # where kornia puts the corners
    return _homography(moved, corners.expand(count, 4, 2))


def _homography(sources: Tensor, targets: Tensor) -> Tensor:
    """Matrices (N, 3, 3) that map four points (N, 4, 2) onto four others."""
    x, y = sources.unbind(2)
    u, v = targets.unbind(2)
    one, nil = torch.ones_like(x), torch.zeros_like(x)
    left = torch.cat([
        torch.stack([x, y, one, nil, nil, nil, -u * x, -u * y], 2),
        torch.stack([nil, nil, nil, x, y, one, -v * x, -v * y], 2),
    ], 1)  # N, 8, 8  # fmt: skip
    solved = torch.linalg.solve(left, torch.cat([u, v], 1))
    return torch.cat([solved, torch.ones(len(solved), 1)], 1).view(-1, 3, 3)


def _resized_crop(count: int, generator: torch.Generator) -> Tensor:
    """In seven of ten views a window of 0.1 to 0.75 of the area, 0.85 to 1.2 as wide as high."""
    area = _uniform((count,), 0.1, 0.75, generator)
    ratio = _uniform((count,), math.log(0.85), math.log(1.2), generator).exp()
    applied = torch.rand(count, generator=generator) < 0.7
    across = torch.where(applied, (area * ratio).sqrt().clamp(max=1), 1)
    down = torch.where(applied, (area / ratio).sqrt().clamp(max=1), 1)
    room = torch.stack([1 - across, 1 - down], 1)
    return _affine(across, down, room * _uniform((count, 2), -1, 1, generator))


def _hues(count: int, generator: torch.Generator) -> Tensor:
    """Matrices (N, 3, 3) that turn and stretch the two colour axes and leave the luminance."""
    angle = _uniform((count,), -0.1, 0.1, generator) * 2 * torch.pi
    stretch = _uniform((count,), 0.9, 1.1, generator)
    applied = torch.rand(count, generator=generator) < 0.8
    angle, stretch = torch.where(applied, angle, 0), torch.where(applied, stretch, 1)
    turn = torch.zeros(count, 3, 3)
    turn[:, 0, 0] = 1
    turn[:, 1, 1] = turn[:, 2, 2] = stretch * angle.cos()
    turn[:, 1, 2], turn[:, 2, 1] = -stretch * angle.sin(), stretch * angle.sin()
    yiq = torch.tensor(TO_YIQ)
    return torch.linalg.inv(yiq) @ turn @ yiq
