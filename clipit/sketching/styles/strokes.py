"""Brush strokes: where they lie over each other, and how their paint stands up."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from clipit.sketching.styles.cells import filled, lattice, sampled, seeds, topmost
from clipit.sketching.styles.filtering import side
from clipit.sketching.styles.grain import Generators, draws

AWAY = -1e4  # pixels: where strokes are that are not wanted


class Brush(NamedTuple):
    """`cells`: strokes to the shorter side; half a length and half a width, in cells; `stray`, radians."""

    cells: int
    length: float
    width: float
    stray: float


class Marks(NamedTuple):
    """N strokes: middles (B, 2, N) and half widths (B, N) in pixels, angles (B, N), half a length of all, and `lots`
    (B, 3, N), draws of -0.5..0.5. Later ones lie above earlier ones."""

    points: Tensor
    angles: Tensor
    length: float
    widths: Tensor
    lots: Tensor


class Strokes(NamedTuple):
    """Whether any stroke covers a pixel (`there`), where the pixel lies `along` and `across` it, -1..1: (B, 1, H, W);
    `index` (B, H, W) of the stroke, 0 where none; the strokes."""

    there: Tensor
    along: Tensor
    across: Tensor
    index: Tensor
    marks: Marks

    def shown(self, values: Tensor) -> Tensor:
        """(B, C, H, W): each stroke in its own of the values (B, C, N)."""
        return filled(self.index, values)


def brushed(
    pictures: Tensor, generators: Generators, angles: Tensor, brush: Brush, wanted: Tensor | None = None
) -> Strokes:
    """Strokes on a jittered lattice, in random order, at the `angles` (B, 1, H, W) there, give or take the brush's
    stray; with `wanted` (B, 1, H, W; bool), only where it holds."""
    marks = marked(pictures, generators, angles, brush, wanted)
    most = max(1.25 * brush.width * side(pictures) / brush.cells, 0.7)
    stencil = torch.cartesian_prod(torch.linspace(-1, 1, taps(marks.length)), torch.linspace(-1, 1, taps(most)))
    stencil = stencil[stencil.abs().pow(3).sum(1) <= 1.05].T  # rounded ends
    ahead = torch.stack([marks.angles.cos(), marks.angles.sin()], 1)
    aside = torch.stack([-ahead[:, 1], ahead[:, 0]], 1)
    axes = torch.stack([marks.points, marks.length * ahead, marks.widths[:, None] * aside], 3)
    top = topmost(pictures, axes, F.pad(stencil, (0, 0, 1, 0), value=1))
    return located(pictures, top.long(), marks)


def taps(reach: float) -> int:
    """Points across a stroke of `reach` pixels each way: closer than a pixel."""
    return int(2.3 * reach) + 2


def marked(
    pictures: Tensor, generators: Generators, angles: Tensor, brush: Brush, wanted: Tensor | None = None
) -> Marks:
    """The strokes of `brushed`, before they are laid. Those not wanted come last and are cut off as far as can be."""
    cell = side(pictures) / brush.cells
    points = seeds(pictures, generators, lattice(pictures, brush.cells), 0.5).flatten(2)
    order, lots = (drawn := draws(generators, 6, points.shape[2]))[:, 0], drawn[:, 1:]
    if wanted is not None:
        kept = sampled(wanted, points)[:, 0]
        points = torch.where(kept[:, None], points, AWAY)
        order = (order + 2.0 * ~kept).argsort(1)[:, : max(1, int(kept.sum(1).amax()))]
    else:
        order = order.argsort(1)
    points, lots = (values.gather(2, order[:, None].expand(-1, values.shape[1], -1)) for values in (points, lots))
    turns = sampled(angles, points)[:, 0] + brush.stray * (2 * lots[:, 0] - 1)
    widths = (brush.width * cell * (0.75 + 0.5 * lots[:, 1])).clamp(min=0.7)
    return Marks(points, turns, max(brush.length * cell, 1.0), widths, lots[:, 2:] - 0.5)


def located(pictures: Tensor, top: Tensor, marks: Marks) -> Strokes:
    """Strokes, of which `top` (B, H, W) tells the one that each pixel shows, or -1."""
    index = top.clamp(min=0)
    params = torch.stack([*marks.points.unbind(1), marks.angles.cos(), marks.angles.sin(), marks.widths], 1)
    left, above, cosine, sine, width = filled(index, params).split(1, 1)
    y, x = (torch.arange(size) + 0.5 for size in pictures.shape[-2:])
    right, down = x - left, y[:, None] - above
    along, across = (right * cosine + down * sine) / marks.length, (down * cosine - right * sine) / width
    return Strokes((top >= 0)[:, None], along, across, index, marks)


def bristles(strokes: Strokes) -> Tensor:
    """(B, 1, H, W): height of the paint: furrows along each stroke, and its round back."""
    phase = (strokes.index % 17)[:, None]
    furrows = (strokes.across * 8 + phase).sin() * 0.3 + (strokes.across * 15 + 3 * phase).sin() * 0.2
    return 1 - 0.8 * strokes.across.square() - 0.5 * (strokes.along + 0.3).square() + furrows
