"""Styles made of tiles: pixel art, low poly, stained glass, mosaic."""

import torch.nn.functional as F
from torch import Tensor

from clipit.sketching.styles.cells import drawn_seeds, filled, lattice, means, seeds, triangles, voronoi
from clipit.sketching.styles.filtering import (
    contours,
    contrasted,
    edges,
    flattened,
    luma,
    mixed,
    ramp,
    saturated,
    side,
    soft,
    tangents,
)
from clipit.sketching.styles.grain import Generators, draws, noise


def pixel_art(pictures: Tensor, generators: Generators) -> Tensor:
    """32 square cells to the shorter side, in 14 colours."""
    height, width = pictures.shape[-2:]
    cells = min(32, side(pictures) // 2)
    shape = tuple(round(cells * size / side(pictures)) for size in (height, width))
    small = F.interpolate(contrasted(saturated(pictures, 1.25), 1.1), shape, mode="area")
    return F.interpolate(flattened(small, 14), (height, width), mode="nearest")


def low_poly(pictures: Tensor, generators: Generators) -> Tensor:
    """Triangles with their corners drawn to the edges, each of one colour and lit a little differently."""
    points = framed(pictures, drawn_seeds(pictures, generators, edges(pictures), lattice(pictures, 16)))
    index, count = triangles(pictures, points)
    light = 1 + 0.22 * (draws(generators, 1, count) - 0.5)
    faces = means(contrasted(saturated(pictures, 1.2), 1.08), index, count) * light + 0.12 * (light - 1)
    return filled(index, faces).clamp(0, 1)


def framed(pictures: Tensor, points: Tensor) -> Tensor:
    """(B, 2, rows + 2, columns + 2): the points and a ring of others on the picture's border."""
    height, width = pictures.shape[-2:]
    ringed = F.pad(points, (1, 1, 1, 1), "replicate")
    ringed[:, 0, :, 0], ringed[:, 0, :, -1] = 0, width
    ringed[:, 1, 0], ringed[:, 1, -1] = 0, height
    return ringed


def stained_glass(pictures: Tensor, generators: Generators) -> Tensor:
    """Voronoi cells that keep off the edges, of deep glass, in black leads that also follow the edges."""
    steep = edges(pictures, 0.012)
    points = drawn_seeds(pictures, generators, -soft(steep, 0.02).clamp(max=1), lattice(pictures, 11))
    cells = voronoi(pictures, points)
    vivid = contrasted(saturated(pictures, 1.7), 1.15, 0.45)
    glass = filled(cells.index, means(vivid, cells.index, cells.count))
    glass = mixed(glass, soft(vivid, 0.02), 0.4)
    border = cells.border / side(pictures)
    glow = 0.78 + 0.32 * ramp(border, 0, 0.045) + 0.16 * (noise(pictures, generators, 20) - 0.5)
    lead = ramp(border, 0.009, 0.005).maximum(contours(pictures, 0.012, 0.15))
    shine = 0.25 * ramp(border, 0.008, 0.012) * ramp(border, 0.022, 0.012)
    return mixed((saturated(glass, 1.4) * glow + shine * glass).clamp(0, 1), 0.04, lead)


def mosaic(pictures: Tensor, generators: Generators) -> Tensor:
    """Squarish stones along the edges, in grout (after Hausner 2001, Simulating decorative mosaics)."""
    shape = lattice(pictures, 24)
    points = seeds(pictures, generators, shape, 0.13)
    angles = F.interpolate(soft(tangents(pictures, 0.04).cos().abs(), 0.01), shape, mode="area").clamp(0, 1).acos()
    angles = 0.3 * angles + 0.3 * (draws(generators, 1, *shape) - 0.5)
    cells = voronoi(pictures, points, angles)
    stones = means(contrasted(saturated(pictures, 1.25), 1.1), cells.index, cells.count)
    lots = draws(generators, 4, cells.count) - 0.5
    stones = stones + 0.16 * lots[:, :1] + 0.05 * lots[:, 1:]
    border = cells.border / side(pictures)
    bevel = 0.86 + 0.2 * ramp(border, 0.002, 0.012)
    grout = ramp(border, 0.0045, 0.0015)
    laid = filled(cells.index, stones)
    ground = 0.55 + 0.3 * soft(luma(laid), 0.05) - 0.1 * noise(pictures, generators, 60)
    return mixed((laid * bevel).clamp(0, 1), ground, grout)
