"""Painted styles: watercolour, oil, impressionism."""

import torch
from torch import Tensor

from clipit.sketching.styles.cells import sampled
from clipit.sketching.styles.filtering import (
    colour,
    contrasted,
    edges,
    kuwahara,
    luma,
    margin,
    mixed,
    ramp,
    saturated,
    side,
    slopes,
    soft,
    tangents,
)
from clipit.sketching.styles.grain import Generators, clouds, noise, wobbled
from clipit.sketching.styles.strokes import Brush, bristles, brushed


def watercolour(pictures: Tensor, generators: Generators) -> Tensor:
    """Uneven washes with darkened edges that leave the paper white at the borders.

    After Bousseau, Kaplan, Thollot and Sillion 2006, Interactive watercolor rendering.
    """
    flat = kuwahara(wobbled(pictures, generators, 14, 0.012), 0.028)
    bleed = mixed(flat, soft(flat, 0.025), 0.5 * noise(pictures, generators, 6))
    wash = mixed(saturated(bleed, 1.35), colour(255, 253, 248), 0.3)
    pool, granules = clouds(pictures, generators, 5) - 0.5, noise(pictures, generators, 90) - 0.5
    wash = diluted(wash, 1 + 1.2 * pool + 0.35 * granules + 0.8 * edges(flat, 0.01).clamp(max=1))
    reach = margin(pictures) + 0.11 * (clouds(pictures, generators, 7) - 0.5)
    painted, rim = ramp(reach, 0.015, 0.035), ramp(reach, 0.012, 0.03) * ramp(reach, 0.06, 0.03)
    return mixed(colour(252, 250, 244), diluted(wash, 1 + 0.5 * rim), painted).clamp(0, 1)


def diluted(wash: Tensor, density: Tensor) -> Tensor:
    """Bousseau's change of pigment density: darker above 1, lighter below."""
    return (wash * (1 - (1 - wash) * (density - 1))).clamp(0, 1)


def oil_painting(pictures: Tensor, generators: Generators) -> Tensor:
    """Strokes along the edges, finer ones over them where there is detail, lit from the upper left.

    After Hertzmann 1998, Painterly rendering with curved brush strokes of multiple sizes.
    """
    rich = contrasted(saturated(kuwahara(pictures, 0.015), 1.4), 1.15, 0.48)
    angles = tangents(pictures)
    canvas, relief = rich, torch.zeros_like(pictures[:, :1])
    for brush, wanted in ((Brush(15, 1.5, 0.42, 0.2), None), (Brush(34, 1.5, 0.42, 0.2), detailed(pictures))):
        strokes = brushed(pictures, generators, angles, brush, wanted)
        hues = sampled(soft(rich, 0.1 / brush.cells), strokes.marks.points) + 0.14 * strokes.marks.lots[:, :1]
        canvas = torch.where(strokes.there, strokes.shown(hues), canvas)
        relief = torch.where(strokes.there, bristles(strokes), relief)
    return lit(canvas, relief, 0.11)


def impressionism(pictures: Tensor, generators: Generators) -> Tensor:
    """Short dabs whose hues vary, light and without black, as Monet's."""
    light = mixed(saturated(soft(pictures, 0.006), 1.5), colour(190, 176, 224), 0.16) + 0.05
    angles = mixed(tangents(pictures, 0.05), 0.5, 0.35)
    canvas, relief = light, torch.zeros_like(pictures[:, :1])
    for cells, wanted, variety in ((26, None, 0.36), (46, detailed(pictures), 0.16)):
        strokes = brushed(pictures, generators, angles, Brush(cells, 0.95, 0.42, 0.9), wanted)
        hues = sampled(light, strokes.marks.points) + variety * strokes.marks.lots
        canvas = torch.where(strokes.there, strokes.shown(hues), canvas)
        relief = torch.where(strokes.there, bristles(strokes), relief)
    return lit(canvas, relief, 0.09)


def detailed(pictures: Tensor) -> Tensor:
    """(B, 1, H, W), bool: near edges, where finer strokes are wanted."""
    return soft(edges(pictures, 0.01), 0.012) > 0.12


def lit(canvas: Tensor, relief: Tensor, strength: float) -> Tensor:
    """The canvas (B, 3, H, W) with the light of the upper left on its relief (B, 1, H, W)."""
    across, down = slopes(soft(relief, 0.003))
    light = strength * side(canvas) / 256 * (across + down)
    return (canvas + light.clamp(-0.2, 0.25) * (0.4 + luma(canvas))).clamp(0, 1)
