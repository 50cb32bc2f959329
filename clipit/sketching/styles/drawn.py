"""Drawn styles: pencil, charcoal, line art, pastel, crayon, blueprint."""

import torch
from torch import Tensor

from clipit.sketching.styles.filtering import (
    colour,
    contours,
    contrasted,
    ink,
    kuwahara,
    levelled,
    luma,
    mixed,
    ramp,
    saturated,
    soft,
    turned,
)
from clipit.sketching.styles.grain import Generators, clouds, noise, streaks, wobbled
from clipit.sketching.styles.strokes import Brush, brushed


def pencil_sketch(pictures: Tensor, generators: Generators) -> Tensor:
    """Lines by colour dodge (grey over its blurred self), and hatching where it is dark."""
    grey = levelled(luma(pictures))
    dodged = (grey + 0.02) / (soft(grey, 0.02) + 0.02)
    lines = ramp(1 - dodged, 0.02, 0.4).maximum(ink(pictures, 0.007, 0.012, 22))
    shade = soft(grey, 0.006)
    hatching = 0.55 * hatched(pictures, generators, 0.8, 1 - shade, 0.28)
    hatching = hatching + 0.45 * hatched(pictures, generators, -0.5, 1 - shade, 0.62)
    tooth = noise(pictures, generators, 110)
    dark = (0.8 * lines + 0.42 * hatching + 0.1 * (1 - shade)) * (0.75 + 0.5 * tooth)
    return mixed(colour(250, 249, 245) - 0.04 * (tooth - 0.5), colour(52, 52, 56), dark.clamp(0, 0.95)).clamp(0, 1)


def hatched(pictures: Tensor, generators: Generators, angle: float, tone: Tensor, least: float) -> Tensor:
    """(B, 1, H, W): strokes along `angle`, the wider the darker, where the tone is above `least`."""
    threads = streaks(pictures, generators, angle, 60, 5)
    return ramp(threads + 0.7 * (tone - least), 0.5, 0.8) * ramp(tone, least - 0.1, least + 0.2)


def charcoal_drawing(pictures: Tensor, generators: Generators) -> Tensor:
    """Broad smudged darks on toothed paper: the wide XDoG of Winnemoeller 2012 over its own smear."""
    grey = levelled(luma(pictures))
    tone = 1 - ramp(soft(kuwahara(pictures, 0.02).mean(1, keepdim=True) * 0.4 + 0.6 * grey, 0.008), 0.0, 0.95)
    contour = ink(pictures, 0.014, 0.01, 30)
    smear = soft(contour.maximum(tone * 0.8), 0.03)
    dark = (0.75 * tone + 0.35 * smear).maximum(contour)
    tooth = 0.55 * noise(pictures, generators, 90) + 0.45 * streaks(pictures, generators, 0.7, 70, 12)
    caught = ramp(dark + 0.75 * (tooth - 0.5), 0.05, 1.15)
    paper = colour(226, 221, 211) - 0.1 * (clouds(pictures, generators, 40) - 0.5)
    return mixed(paper, colour(22, 21, 22), (0.85 * caught + 0.3 * smear).clamp(0, 1)).clamp(0, 1)


def line_art(pictures: Tensor, generators: Generators) -> Tensor:
    """Clean black lines on white."""
    lines = contours(kuwahara(pictures, 0.01), 0.0068)
    return (1 - lines).expand_as(pictures).clone()


def blueprint(pictures: Tensor, generators: Generators) -> Tensor:
    """White lines on blue paper ruled in squares."""
    paper = mixed(colour(18, 62, 140), colour(30, 84, 170), clouds(pictures, generators, 4))
    shade = luma(kuwahara(pictures, 0.015)) - 0.5
    x, y = turned(pictures, 0.0)
    ruled = 0.13 * rules(x, y, 20) + 0.17 * rules(x, y, 5)
    hatching = 0.16 * ramp(streaks(pictures, generators, 0.785, 50, 2), 0.5, 0.65) * ramp(shade, 0.1, -0.3)
    lines = contours(pictures, 0.008) * (0.85 + 0.3 * noise(pictures, generators, 60))
    base = paper + 0.08 * shade + colour(200, 220, 255) * (ruled + hatching)
    return mixed(base, colour(240, 247, 255), lines.clamp(0, 1)).clamp(0, 1)


def rules(x: Tensor, y: Tensor, count: int) -> Tensor:
    """Ruled lines, `count` to the shorter side each way, as wide as suits a small picture too."""
    near = torch.minimum(*((at * count - 0.5).frac().sub(0.5).abs().sub(0.5).abs() for at in (x, y)))
    return ramp(near / count, 0.0055, 0.002)


def pastel(pictures: Tensor, generators: Generators) -> Tensor:
    """Pale colours rubbed softly on paper whose tooth shows through."""
    pale = mixed(saturated(soft(kuwahara(pictures, 0.02), 0.006), 1.15), colour(255, 246, 240), 0.42)
    chalk = 0.35 * noise(pictures, generators, 70) + 0.65 * streaks(pictures, generators, -0.8, 50, 9)
    pressed = ramp(chalk + 0.25 * (1 - luma(pale)), 0.22, 0.6)
    bright = mixed(pale, 1.0, 0.35 * ramp(chalk, 0.55, 0.8))
    outline = 0.25 * soft(ink(pictures, 0.01, 0.012, 30), 0.005)
    drawn = mixed(colour(250, 243, 232), bright, 0.5 + 0.5 * pressed)
    return mixed(drawn, saturated(pale, 1.6) * 0.62, outline).clamp(0, 1)


def crayon_drawing(pictures: Tensor, generators: Generators) -> Tensor:
    """Waxy strokes of bright colours on white paper, and outlines by an unsteady hand."""
    bent = wobbled(pictures, generators, 7, 0.012)
    vivid = contrasted(saturated(kuwahara(bent, 0.02), 1.8), 1.1, 0.55)
    slant = torch.full_like(pictures[:, :1], -0.9)
    strokes = brushed(pictures, generators, slant, Brush(26, 2.2, 0.3, 0.22))
    tone = strokes.shown(strokes.marks.lots)
    tooth = noise(pictures, generators, 70)
    cover = strokes.there * (0.82 + 0.4 * tone[:, :1]) * (1 - 0.45 * strokes.across.square())
    cover = cover.clamp(min=0.15) * ramp(tooth + 0.2 * (1 - luma(vivid)), 0.0, 0.45)
    sheet = mixed(colour(254, 253, 249), vivid + 0.14 * tone[:, 1:2], cover.clamp(0, 1))
    outline = contours(bent, 0.011) * ramp(tooth, 0.0, 0.4)
    return mixed(sheet, saturated(vivid, 1.3) * 0.35, 0.85 * outline).clamp(0, 1)
