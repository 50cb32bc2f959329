"""Cutouts: random views of a picture, so that no single pixel can please the perceptor.

The picture is pooled once, all views are one batched warp by a composed homography, and the colour changes are one
expression over the batch (the original pools and warps view by view). B pictures, N views of each, R pixels a side.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

OVERVIEWS = 0.75  # share of the views that show nearly the whole picture; the others show a part


def _uniform(shape: tuple[int, ...], low: float, high: float, generator: torch.Generator) -> Tensor:
    return torch.rand(shape, generator=generator) * (high - low) + low


def random_homographies(count: int, aspect: float, generator: torch.Generator) -> Tensor:
    """Matrices (count, 3, 3) from a view's square [-1, 1]^2 to the picture's; `aspect` is the picture's width / height.

    Each is perspective, rotation, scale and shift in one. No view is squeezed: it covers as many pixels across as down.
    """
    overview = torch.arange(count) < round(count * OVERVIEWS)
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


def pool(pictures: Tensor, resolution: int) -> Tensor:
    """(B, 3, H, W) to a short side of `resolution` pixels, the mean of average and maximum pooling as in clipit."""
    height, width = pictures.shape[-2:]
    shrink = resolution / min(height, width)
    if shrink >= 1:
        return pictures
    size = (max(resolution, round(height * shrink)), max(resolution, round(width * shrink)))
    return (F.adaptive_avg_pool2d(pictures, size) + F.adaptive_max_pool2d(pictures, size)) / 2


def cutouts(pictures: Tensor, resolution: int, count: int, generators: list[torch.Generator]) -> Tensor:
    """Views (B * N, 3, R, R) of the pictures (B, 3, H, W) in 0..1; the generators, one per picture, decide them."""
    batch, _, height, width = pictures.shape
    device = pictures.device
    matrices = torch.stack(
        [random_homographies(count, width / height, generator) for generator in generators]
    )  # B, N, 3, 3
    jitter = torch.stack([_uniform((count, 3, 1, 1), 0.9, 1.1, generator) for generator in generators])
    noise = torch.stack([
        torch.randn((count, 3, resolution, resolution), generator=generator)
        * _uniform((count, 1, 1, 1), 0, 0.1, generator)
        for generator in generators
    ])  # fmt: skip
    line = torch.linspace(-1, 1, resolution)
    points = torch.stack(
        [*torch.meshgrid(line, line, indexing="xy"), torch.ones(resolution, resolution)], -1
    )  # R, R, 3
    mapped = torch.einsum("bnij,hwj->bnhwi", matrices, points)
    grid = (mapped[..., :2] / mapped[..., 2:]).to(device)  # B, N, R, R, 2

    pooled = pool(pictures, resolution)
    # All views of one picture in one row: the picture is read N times without being copied N times.
    rows = F.grid_sample(pooled, grid.flatten(1, 2), padding_mode="reflection", align_corners=False)  # B, 3, N * R, R
    views = rows.view(batch, 3, count, resolution, resolution).transpose(1, 2)  # B, N, 3, R, R
    return (views * jitter.to(device) + noise.to(device)).flatten(0, 1)
