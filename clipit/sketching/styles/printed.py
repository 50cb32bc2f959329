"""Printed styles: ukiyo-e, pop art, comic book, cartoon sticker."""

import torch
import torch.nn.functional as F
from torch import Tensor

from clipit.sketching.styles.filtering import (
    colour,
    contours,
    contrasted,
    dots,
    flattened,
    grown,
    inked_in,
    kuwahara,
    luma,
    margin,
    mixed,
    nearest_colours,
    palettes,
    ramp,
    saturated,
    shifted,
    shrunk,
    side,
    soft,
)
from clipit.sketching.styles.grain import Generators, clouds, streaks

# Both by eye: pigments of Edo prints (indigo, vermilion, ochre, moss...), and poster inks.
WOODBLOCK = torch.tensor([
    [36, 52, 92], [62, 98, 138], [136, 168, 180], [196, 72, 48], [222, 140, 96], [206, 162, 84], [232, 212, 168],
    [112, 128, 84], [64, 84, 66], [120, 76, 56], [44, 40, 44], [150, 142, 130], [206, 150, 150], [104, 84, 112],
]) / 255  # fmt: skip
PRIMARIES = torch.tensor([
    [230, 28, 40], [252, 218, 0], [0, 92, 198], [255, 255, 255], [16, 14, 20], [0, 170, 220], [255, 96, 160],
    [250, 130, 0], [20, 160, 70], [150, 60, 170], [250, 200, 160],
]) / 255  # fmt: skip


def ukiyo_e(pictures: Tensor, generators: Generators) -> Tensor:
    """Few flat muted inks with dark outlines on fibrous paper, darker towards the top as bokashi does it."""
    palette = palettes(kuwahara(pictures, 0.02), 9)
    close = torch.cdist(palette, WOODBLOCK.expand(len(palette), -1, -1)).argmin(2)
    inks = mixed(palette, WOODBLOCK[close], 0.75)
    flat = soft(inked_in(nearest_colours(kuwahara(pictures, 0.03), palette), inks), 0.003)
    y = torch.linspace(0, 1, pictures.shape[2])[:, None]
    flat = contrasted(mixed(flat, colour(30, 54, 112), 0.85 * ramp(y, 0.2, 0.0)), 1.12, 0.45)
    fibres = 0.5 * streaks(pictures, generators, 0.03, 90, 6) + 0.5 * clouds(pictures, generators, 24)
    sheet = mixed(flat, colour(240, 222, 182), 0.1 + 0.3 * ramp(fibres, 0.4, 0.8))
    lines = contours(kuwahara(pictures, 0.01), 0.0085)
    return mixed(sheet, colour(34, 32, 42), 0.92 * lines).clamp(0, 1)


def pop_art(pictures: Tensor, generators: Generators) -> Tensor:
    """Poster primaries, dots (Ben Day's) where a colour lies between two, black contours: after Lichtenstein."""
    smooth = contrasted(saturated(kuwahara(pictures, 0.02), 1.8), 1.2, 0.55)
    screen = dots(pictures, 13)
    dotted = smooth + 0.45 * (ramp(screen, 0.35, 0.65) - 0.4)
    flat = inked_in(nearest_colours(dotted.clamp(0, 1), PRIMARIES[None]), PRIMARIES[None])
    lines = contours(kuwahara(pictures, 0.01), 0.0125)
    return mixed(soft(flat, 0.003), 0.04, lines).clamp(0, 1)


def comic_book(pictures: Tensor, generators: Generators) -> Tensor:
    """Inked outlines and solid blacks over few colours, shaded by a fine halftone, in a panel's frame."""
    smooth = kuwahara(pictures, 0.02)
    flat = soft(flattened(contrasted(saturated(smooth, 1.5), 1.15), 8), 0.003)
    grey = luma(smooth)
    size = ramp(grey, 0.75, 0.2)
    screen = ramp(dots(pictures, 20) + 0.75 * size - 0.85, 0, 0.2)
    shaded = mixed(flat, flat * 0.5, screen * 0.9)
    black = contours(kuwahara(pictures, 0.008), 0.009).maximum(ramp(grey, 0.14, 0.08))
    page = mixed(shaded, 0.03, black)
    page = mixed(page, 0.02, ramp(margin(pictures), 0.042, 0.036))
    return mixed(page, 0.98, ramp(margin(pictures), 0.022, 0.018)).clamp(0, 1)


def cartoon_sticker(pictures: Tensor, generators: Generators) -> Tensor:
    """Flat bright colours in thick outlines; a white rim and a shadow about what stands out of the ground."""
    bright = contrasted(saturated(kuwahara(pictures, 0.012), 1.5), 1.1, 0.42)
    flat = soft(flattened(bright, 10), 0.003)
    lines = contours(kuwahara(pictures, 0.008), 0.013)
    cut, dark, rim, shadow = grown(cutting(pictures), pictures).split(1, 1)
    ground = mixed(flat, 1.0, 0.25)
    ground = mixed(ground, ground * 0.55, shadow * 0.7)
    sticker = mixed(mixed(ground, 1.0, ramp(rim, 0.25, 0.75)), 0.07, ramp(dark, 0.25, 0.75))
    return mixed(mixed(sticker, flat, ramp(cut, 0.25, 0.75)), 0.07, lines * ramp(dark, 0.3, 0.9)).clamp(0, 1)


def cutting(pictures: Tensor) -> Tensor:
    """(B, 4, h, w): what is cut out, what its outline covers, what the white rim covers, the rim's shadow."""
    cut = silhouette(shrunk(pictures))
    rim = swollen(cut, 0.035)
    return torch.cat([cut, swollen(cut, 0.012), rim, soft(shifted(rim, 0.02, 0.015), 0.015)], 1)


def swollen(mask: Tensor, by: float) -> Tensor:
    """A mask grown by a share of the shorter side."""
    radius = max(1, round(by * side(mask)))
    wide = F.max_pool2d(F.max_pool2d(mask, (2 * radius + 1, 1), 1, (radius, 0)), (1, 2 * radius + 1), 1, (0, radius))
    return ramp(soft(wide, by / 2), 0.4, 0.6)


def silhouette(pictures: Tensor) -> Tensor:
    """(B, 1, H, W): 1 where the colours are unlike those at the same height of the picture's left and right borders."""
    edge = max(1, pictures.shape[3] // 12)
    smooth = soft(pictures, 0.01)
    gaps = [(smooth - part.mean(3, keepdim=True)).square().sum(1, keepdim=True).sqrt()
            for part in (smooth[..., :edge], smooth[..., -edge:])]  # fmt: skip
    unlike = torch.minimum(*gaps)
    mask = ramp(soft(unlike, 0.012), 0.16, 0.24) * ramp(margin(pictures), 0.0, 0.04)
    return swollen(1 - swollen(1 - mask, 0.02), 0.02) * mask  # without specks
