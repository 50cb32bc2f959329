"""Pictures cut into cells: seeds on a jittered lattice, Voronoi cells, triangles, and their colours."""

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from clipit.sketching.styles.filtering import side
from clipit.sketching.styles.grain import Generators, draws


def lattice(pictures: Tensor, cells: int) -> tuple[int, int]:
    """Rows and columns of about square cells, `cells` to the shorter side."""
    height, width = pictures.shape[-2:]
    return round(cells * height / side(pictures)), round(cells * width / side(pictures))


def seeds(pictures: Tensor, generators: Generators, shape: tuple[int, int], jitter: float) -> Tensor:
    """(B, 2, *shape): x and y in pixels, one seed to a cell, off its middle by up to `jitter` of a cell."""
    offsets = (draws(generators, 2, *shape) - 0.5) * 2 * jitter + 0.5
    return spread(pictures, offsets)


def drawn_seeds(pictures: Tensor, generators: Generators, scores: Tensor, shape: tuple[int, int]) -> Tensor:
    """(B, 2, *shape): seeds like those of `seeds`, each where `scores` (B, 1, H, W) is highest in its cell."""
    rows, columns = shape
    fine = F.interpolate(scores, (rows * 5, columns * 5), mode="area")
    fine = fine + 0.02 * draws(generators, 1, rows * 5, columns * 5)
    cells = fine.reshape(-1, rows, 5, columns, 5).transpose(2, 3)[..., 1:4, 1:4].flatten(3)
    best = cells.argmax(3)
    return spread(pictures, torch.stack([best % 3, best // 3], 1) / 5 + 0.3)


def spread(pictures: Tensor, offsets: Tensor) -> Tensor:
    """(B, 2, rows, columns) offsets in cells as pixels."""
    rows, columns = offsets.shape[-2:]
    height, width = pictures.shape[-2:]
    x = (offsets[:, 0] + torch.arange(columns)) * width / columns
    y = (offsets[:, 1] + torch.arange(rows)[:, None]) * height / rows
    return torch.stack([x, y], 1)


class Cells(NamedTuple):
    """`index` (B, H, W) of each pixel's seed on the padded lattice, their `count`, and the distance (B, 1, H, W) to
    the cell's border in pixels."""

    index: Tensor
    count: int
    border: Tensor


def voronoi(pictures: Tensor, points: Tensor, angles: Tensor | None = None) -> Cells:
    """The cells of (B, 2, rows, columns) seeds; square ones where `angles` (B, 1, rows, columns) tell how they lie.

    Squares by the turned maximum metric: Hausner 2001, Simulating decorative mosaics.
    """
    rows, columns = points.shape[-2:]
    height, width = pictures.shape[-2:]
    padded = F.pad(points, (1, 1, 1, 1), "replicate")
    padded[:, 0, :, 0] -= width / columns
    padded[:, 0, :, -1] += width / columns
    padded[:, 1, 0] -= height / rows
    padded[:, 1, -1] += height / rows
    if angles is not None:
        turns = torch.cat([angles.cos(), angles.sin()], 1)
        padded = torch.cat([padded, F.pad(turns, (1, 1, 1, 1), "replicate")], 1)
    y, x = torch.arange(height) + 0.5, torch.arange(width) + 0.5
    row, column = (y * rows / height).long() + 1, (x * columns / width).long() + 1
    first = second = torch.full((len(points), height, width), math.inf)
    nearest = torch.zeros(first.shape, dtype=torch.uint8)
    for at in range(9):
        here = padded[:, :, row + at // 3 - 1][..., column + at % 3 - 1]
        distance = apart(x - here[:, 0], y[:, None] - here[:, 1], here[:, 2:])
        nearest.masked_fill_(distance < first, at)
        second = torch.minimum(second, torch.maximum(first, distance))
        first = torch.minimum(first, distance)
    border = (second - first) / 2 if angles is not None else (second.sqrt() - first.sqrt()) / 2
    nearest = nearest.long()
    index = (row[:, None] + nearest // 3 - 1) * (columns + 2) + column + nearest % 3 - 1
    return Cells(index, (rows + 2) * (columns + 2), border[:, None])


def apart(across: Tensor, down: Tensor, turn: Tensor) -> Tensor:
    """Squared distances, or with a turn (B, 2, H, W) the larger of both distances along the turned axes."""
    if turn.shape[1] == 0:
        return across.square() + down.square()
    cosine, sine = turn[:, 0], turn[:, 1]
    return torch.maximum((across * cosine + down * sine).abs(), (down * cosine - across * sine).abs())


def means(pictures: Tensor, index: Tensor, count: int) -> Tensor:
    """(B, 3, count): the mean colour of each cell; black where a cell is empty."""
    flat = index.flatten(1)[:, None]
    sizes = torch.zeros(len(pictures), 1, count).scatter_add_(2, flat, torch.ones_like(flat, dtype=torch.float32))
    sums = torch.zeros(len(pictures), 3, count).scatter_add_(2, flat.expand(-1, 3, -1), pictures.flatten(2))
    return sums / sizes.clamp(min=1)


def filled(index: Tensor, values: Tensor) -> Tensor:
    """(B, C, H, W): each cell of (B, H, W) in its own of the values (B, C, count)."""
    batch, height, width = index.shape
    flat = index.reshape(batch, 1, -1).expand(-1, values.shape[1], -1)
    return values.gather(2, flat).reshape(batch, -1, height, width)


def sampled(pictures: Tensor, points: Tensor) -> Tensor:
    """(B, C, N): the pixels under (B, 2, N) points."""
    height, width = pictures.shape[-2:]
    x, y = points[:, 0].long().clamp(0, width - 1), points[:, 1].long().clamp(0, height - 1)
    return pictures.flatten(2).gather(2, (y * width + x)[:, None].expand(-1, pictures.shape[1], -1))


def topmost(pictures: Tensor, axes: Tensor, stencil: Tensor) -> Tensor:
    """(B, H, W): for each pixel the highest number of the shapes that cover it, -1 without.

    A shape's points are an origin and two axes, (B, x and y, shapes, 3) in pixels, times the `stencil` (3, points) of
    ones and of two coordinates.
    """
    height, width = pictures.shape[-2:]
    column, row = (axes @ stencil).floor_().unbind(1)
    column, row = column.clamp_(-1, width), row.clamp_(-1, height)  # onto a frame that is cut off again
    pixel = row.add_(1).mul_(width + 2).add_(column).add_(1).long().flatten(1)
    number = torch.arange(axes.shape[2], dtype=torch.float32)[:, None].expand(-1, stencil.shape[1]).flatten()
    top = torch.full((len(pictures), (height + 2) * (width + 2)), -1.0)
    top.scatter_reduce_(1, pixel, number.expand(pixel.shape), "amax")
    top = top.reshape(-1, height + 2, width + 2)[:, 1:-1, 1:-1]
    return torch.where(top < 0, F.max_pool2d(top, 3, 1, 1), top)  # pixels between the points


def triangles(pictures: Tensor, points: Tensor) -> tuple[Tensor, int]:
    """(B, H, W) numbers of the triangles of a mesh on (B, 2, rows, columns) vertices, and how many there are.

    Of the two ways to cut a quad, the one whose smaller half is larger.
    """
    a, b = points[..., :-1, :-1].flatten(2), points[..., :-1, 1:].flatten(2)
    d, c = points[..., 1:, :-1].flatten(2), points[..., 1:, 1:].flatten(2)
    one, other = (a, b, c, a, c, d), (a, b, d, b, c, d)
    better = smaller_area(*one) >= smaller_area(*other)
    corners = [torch.where(better[:, None], p, q) for p, q in zip(one, other, strict=True)]
    first, second, third = (torch.cat([corners[k], corners[k + 3]], 2)[..., None] for k in range(3))
    cell = side(pictures) / (min(points.shape[-2:]) - 2)
    steps = torch.linspace(0, 1, round(2.2 * cell) + 2)
    stencil = torch.cartesian_prod(steps, steps)
    stencil = stencil[stencil.sum(1) <= 1.0001].T
    axes = torch.cat([first, second - first, third - first], 3)
    return topmost(pictures, axes, F.pad(stencil, (0, 0, 1, 0), value=1)).clamp(min=0).long(), axes.shape[2]


def smaller_area(*corners: Tensor) -> Tensor:
    """The lesser of twice the areas of two triangles, each of three (B, 2, N) corners; negative if turned over."""
    areas = []
    for p, q, r in (corners[:3], corners[3:]):
        first, second = q - p, r - p
        areas.append(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0])
    return torch.minimum(*areas)
