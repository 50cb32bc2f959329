"""Layers of a sketch: (4, h, w) in 0..1, the last channel telling how much each pixel covers.

The colours are multiplied by it already (Porter and Duff 1984), so that a layer can be scaled without a fringe.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

SHADOW = 0.35  # darkness of the shadow of what stands
_LUMINANCE = torch.tensor([0.299, 0.587, 0.114])


def scaled(layer: Tensor, height: int, width: int) -> Tensor:
    """(C, h, w) to (C, height, width)."""
    return F.interpolate(layer[None], (height, width), mode="bilinear", antialias=True, align_corners=False)[0]


def tinted(layer: Tensor, colour: tuple[float, float, float]) -> Tensor:
    """The layer in one colour (0..1): what was of middling brightness gets it, light and shade stay."""
    cover = layer[3]
    covered = (layer[:3] * _LUMINANCE[:, None, None]).sum(0)
    middle = (covered.sum() / cover.sum().clamp(min=1e-6)).clamp(0.25, 0.8)
    light = (covered / cover.clamp(min=1e-3)).clamp(max=1)
    paint = torch.tensor(colour)[:, None, None]
    shade = (light / middle).clamp(max=1)
    shine = ((light - middle) / (1 - middle)).clamp(min=0) * 0.55
    return torch.cat([(paint * shade).lerp(torch.ones_like(paint), shine) * cover, cover[None]])


def crisp(layer: Tensor, enlarged: float) -> Tensor:
    """A layer that was enlarged so many times, with an outline as narrow as before; others are left as they are.

    The cover is taken for a distance from the outline, as in C. Green's magnified alpha-tested textures (Valve, 2007).
    """
    cover = layer[3:]
    sharp = ((cover - 0.5) * max(1.0, enlarged) + 0.5).clamp(0, 1)
    return torch.cat([(layer[:3] * sharp / cover.clamp(min=1e-3)).minimum(sharp), sharp])


def over(layer: Tensor, ground: Tensor) -> Tensor:
    """The ground (3, h, w) with a layer (4, h, w) of the same size over it."""
    return layer[:3] + ground * (1 - layer[3:])


def laid_on(canvas: Tensor, layer: Tensor, left: float, top: float, side: float) -> None:
    """Lay a square layer on the canvas (3, H, W), in place; `left`, `top` and `side` are in pixels."""
    size = max(1, round(side))
    _cover(canvas, crisp(scaled(layer, size, size), size / layer.shape[2]), round(left), round(top))


def _cover(canvas: Tensor, layer: Tensor, left: int, top: int) -> None:
    height, width = canvas.shape[1:]
    rows = slice(max(0, top), max(0, min(height, top + layer.shape[1])))
    columns = slice(max(0, left), max(0, min(width, left + layer.shape[2])))
    part = layer[:, rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    canvas[:, rows, columns] = over(part, canvas[:, rows, columns])


def veiled(canvas: Tensor, veil: Tensor) -> Tensor:
    """The canvas (3, H, W) under a veil (4, h, w) that is stretched over it."""
    return over(scaled(veil, *canvas.shape[1:]), canvas)


def shaded(canvas: Tensor, x: float, bottom: float, side: float) -> None:
    """Darken the floor of the canvas (3, H, W), in place, below what stands with its `bottom` at this pixel."""
    rows = torch.arange(canvas.shape[1])[:, None] + 0.5
    columns = torch.arange(canvas.shape[2])[None] + 0.5
    away = ((columns - x) / (side * 0.4)).square() + ((rows - bottom + side * 0.03) / (side * 0.07)).square()
    canvas.mul_(1 - SHADOW * (-away).exp())
