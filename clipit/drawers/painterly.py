"""Paints pictures with brush strokes, from broad to fine: what the drawer `strokes` begins with.

After Hertzmann, "Painterly rendering with curved brush strokes of multiple sizes" (SIGGRAPH 1998): every layer of
strokes goes where the painting is furthest from the picture, along its edges, in its colours. B pictures, N strokes.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from clipit.blur import blurred
from clipit.drawers.curves import paint
from clipit.palettes import LUMINANCE

STEPS = 5  # to either side of where a stroke is begun
LENGTH = 2.5  # of a segment, in widths
OPACITY = 0.9  # of all but the first layer, which hides the ground
UNLIKE = 0.12  # a stroke ends where the colour differs by so much from that where it was begun
FLAT = 1e-5  # a squared slope of brightness per pixel: below it strokes follow random swirls instead of edges
VARIETY = 0.06  # by how much a stroke may be lighter or darker than the picture
PLASTIC = 1.324717957244746
REACH = 2.5  # deviations of a blur


class Strokes(NamedTuple):
    """Strokes of cubic Bezier segments in the order of painting, in pixels from the upper left corner."""

    points: Tensor  # (B, N, 3K+1, 2), control points
    segments: Tensor  # (B, N), how many of the K segments are painted
    widths: Tensor  # (B, N)
    colours: Tensor  # (B, N, 4), red, green, blue and opacity in 0..1


class Layer(NamedTuple):
    share: float  # of all strokes
    cover: float  # how often its strokes, laid end to end, would cover the picture


LAYERS = (Layer(0.1, 3), Layer(0.2, 1.5), Layer(0.3, 0.8), Layer(0.4, 0.4))


def _plan(count: int, most: int, area: float, widest: float) -> list[tuple[int, float]]:
    """Number and width of the strokes of each layer; where strokes are few, they are broad ones."""
    plan, stretch = [], LENGTH * (1 + most) / 2  # of a stroke, in widths
    for layer in LAYERS:
        left = count - sum(number for number, _ in plan)
        needed = math.ceil(layer.cover * area / (stretch * widest**2))
        number = left if layer is LAYERS[-1] else min(left, max(needed, round(layer.share * count)))
        if number:
            plan.append((number, min(widest, max(1.0, math.sqrt(layer.cover * area / (stretch * number))))))
    return plan


def _random(shape: tuple[int, ...], generators: Sequence[Generator], like: Tensor) -> Tensor:
    """(B, *shape) in 0..1."""
    return torch.stack([torch.rand(shape, generator=generator) for generator in generators]).to(like)


def _spread(count: int, generator: Generator) -> Tensor:
    """(count, 2) in 0..1, evenly: the sequence R2 (Roberts, "Unreasonable effectiveness", 2018), moved at random."""
    steps = torch.arange(count, dtype=torch.float64)[:, None] * torch.tensor([PLASTIC**-1, PLASTIC**-2]).double()
    return ((torch.rand(2, generator=generator) + steps) % 1).float()


def _where_needed(error: Tensor, count: int, brush: float, generator: Generator) -> Tensor:
    """(count, 2) in 0..1: cells drawn by their share of the error (H, W), none twice, and a random place in each."""
    height, width = error.shape
    side = min(brush, math.sqrt(height * width / (2 * count)))
    rows, columns = math.ceil(height / side), math.ceil(width / side)
    shares = F.adaptive_avg_pool2d(error[None], (rows, columns)).flatten().cpu()
    chosen = torch.multinomial(shares + 1e-9, count, generator=generator)
    corners = torch.stack([chosen % columns, chosen // columns], 1)
    return (corners + torch.rand((count, 2), generator=generator)) / torch.tensor([columns, rows])


def _flow(pictures: Tensor, brush: float, swirls: Tensor) -> Tensor:
    """Along the edges, else along `swirls`: cosine and sine of twice the angle, times a strength, (B, 2, H, W)."""
    grey = (pictures * pictures.new_tensor(LUMINANCE)[:, None, None]).sum(1, keepdim=True)
    padded = F.pad(blurred(grey, max(0.7, brush / 4), REACH), (1, 1, 1, 1), "replicate")
    x = (padded[..., 1:-1, 2:] - padded[..., 1:-1, :-2]) / 2
    y = (padded[..., 2:, 1:-1] - padded[..., :-2, 1:-1]) / 2
    across = torch.cat([x * x - y * y, 2 * x * y], 1)  # the structure tensor without its trace
    near, far = (blurred(across, deviation, REACH) for deviation in (max(1.0, brush / 2), max(2.0, 2 * brush)))
    return FLAT * swirls - near - 0.1 * far


def _at(field: Tensor, points: Tensor) -> Tensor:
    """(B, N, C): a field (B, C, H, W) at points (B, N, 2) in pixels."""
    grid = points / points.new_tensor([field.shape[3], field.shape[2]]) * 2 - 1
    return F.grid_sample(field, grid[:, None], padding_mode="border", align_corners=False)[:, :, 0].transpose(1, 2)


def _side(flow: Tensor, pictures: Tensor, seeds: Tensor, step: Tensor, sign: float, unlike: float) -> list[Tensor]:
    """Follow the flow from the seeds (B, N, 2) by STEPS steps of `step` (B, N) pixels, as far as colours are alike."""
    begun, at, side = _at(pictures, seeds), seeds, []
    going, heading = torch.ones_like(step, dtype=torch.bool), None
    for _ in range(STEPS):
        cosine, sine = _at(flow, at).unbind(2)
        angle = torch.atan2(sine, cosine) / 2
        along = torch.stack([angle.cos(), angle.sin()], 2)
        heading = along * (sign if heading is None else 2.0 * ((along * heading).sum(2, keepdim=True) >= 0) - 1)
        ahead = at + heading * step[..., None]
        going = going & ((_at(pictures, ahead) - begun).square().mean(2).sqrt() < unlike)
        at = torch.where(going[..., None], ahead, at)
        side.append(at)
    return side


def _layer(
    pictures: Tensor, error: Tensor | None, count: int, brush: float, most: int, generators: Sequence[Generator]
) -> Strokes:
    """`count` strokes about `brush` wide, where the error (B, H, W) is; without one everywhere, and past all edges."""
    height, width = pictures.shape[2:]
    if error is None:
        seeds, opacity, unlike = [_spread(count, generator) for generator in generators], 1.0, math.inf
    else:
        pairs = zip(error, generators, strict=True)
        seeds, opacity, unlike = [_where_needed(e, count, brush, g) for e, g in pairs], OPACITY, UNLIKE
    middle = torch.stack(seeds).to(pictures) * pictures.new_tensor([width, height])
    swirls = F.interpolate(_random((2, 4, 4), generators, pictures) - 0.5, (height, width), mode="bicubic")
    widths = brush * (0.75 + 0.5 * _random((count,), generators, pictures))
    step = LENGTH / 3 * widths * (0.8 + 0.4 * _random((count,), generators, pictures))
    segments = 1 + (most * _random((count,), generators, pictures)).long()

    flow, soft = _flow(pictures, brush, swirls), blurred(pictures, max(0.5, brush / 3), REACH)
    before, after = (_side(flow, soft, middle, step, sign, unlike) for sign in (-1.0, 1.0))
    trace = torch.stack([*reversed(before), middle, *after], 2)  # B, N, 2 * STEPS + 1, 2
    last = 3 * segments[..., None]
    at = torch.arange(3 * most + 1, device=last.device).minimum(last) + STEPS - last // 2
    points = trace.gather(2, at[..., None].expand(-1, -1, -1, 2))
    colours = _at(soft, points.flatten(1, 2)).unflatten(1, at.shape[1:]).mean(2)
    return Strokes(points, segments, widths, F.pad(colours, (0, 1), value=opacity))


def _varied(strokes: Strokes, generators: Sequence[Generator]) -> Strokes:
    """Each a little lighter, darker or of another hue, so that strokes are seen where the picture is flat."""
    count = strokes.widths.shape[1]
    shade, hue = (2 * _random((count, channels), generators, strokes.colours) - 1 for channels in (1, 3))
    change = F.pad(VARIETY * (shade + hue / 2), (0, 1))
    return strokes._replace(colours=(strokes.colours + change).clamp(0, 1))


@torch.no_grad()
def paint_over(pictures: Tensor, count: int, most: int, widest: float, generators: Sequence[Generator]) -> Strokes:
    """`count` strokes of 1 to `most` segments, at most about `widest` pixels wide, that paint pictures (B, 3, H, W)."""
    height, width = pictures.shape[2:]
    layers: list[Strokes] = []
    error = None
    painting = torch.full_like(pictures, 2.0)  # brighter than any picture: what stays bare is furthest from it
    for number, brush in _plan(count, most, height * width, widest):
        layers.append(_layer(pictures, error, number, brush, most, generators))
        painting = paint(*layers[-1], width, height, painting)
        error = (painting - pictures).square().mean(1)
    return _varied(Strokes(*(torch.cat(parts, 1) for parts in zip(*layers, strict=True))), generators)
