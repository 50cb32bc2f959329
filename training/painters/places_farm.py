"""Painter of a farm. It gives an RGB picture of SIDE x SIDE."""

import math
import random

from PIL import Image

from training.painters.painting import (
    area,
    box,
    dark,
    disc,
    finish,
    jitter,
    land,
    light,
    mix,
    oval,
    ridge,
    stroke,
    taper,
)
from training.painters.plants import grass, tree
from training.painters.scenery import TREES, day, fence, glazed


def farm(rng: random.Random) -> Image.Image:
    image = day(rng, 4)
    green = jitter((122, 180, 78), rng)
    land(image, ridge(rng, 0.5, 0.06), (mix(green, (206, 226, 230), 0.5), mix(green, (206, 226, 230), 0.3)))
    land(image, ridge(rng, 0.56, 0.02), ((236, 206, 110), (214, 176, 84)))
    windmill(image, rng.uniform(0.5, 0.62), 0.6, 0.5)
    silo(image, 0.36, 0.68, 0.09, 0.46)
    barn(image, rng.uniform(0.12, 0.17), 0.72, 0.42)
    land(image, ridge(rng, 0.69, 0.015), (light(green, 0.15), green, dark(green, 0.2)))
    for side in (0, 1):
        for row in range(9):
            y0, y1 = 0.71, 1.02
            far, near = (0.62 + row * 0.045, 0.56 + row * 0.13) if side else (0.4 - row * 0.045, 0.4 - row * 0.13)
            if side:
                area(
                    image, [(far, y0), (far + 0.02, y0), (near + 0.07, y1), (near, y1)], ((158, 118, 76), (120, 84, 56))
                )
                for k in range(9):
                    share = (k / 8) ** 1.5
                    x, y, r = (
                        far + 0.01 + (near + 0.035 - far - 0.01) * share,
                        y0 + (y1 - y0) * share,
                        0.009 + 0.022 * share,
                    )
                    disc(image, x, y, r, (86, 160, 64))
                    disc(image, x - r * 0.25, y - r * 0.3, r * 0.55, (136, 200, 90))
    for x, base, size in ((0.8, 0.69, 0.11), (0.93, 0.7, 0.13)):
        hay(image, x, base, size)
    tree(image, rng, rng.uniform(0.97, 1.02), 0.7, 0.4, TREES)
    fence(image, -0.02, 0.3, 0.92, 0.12, (176, 132, 92))
    hay(image, rng.uniform(0.06, 0.12), 0.98, 0.16)
    grass(image, rng, 24, 0.95, 1.02, 0.04, dark(green, 0.15))
    return finish(image, rng)


def barn(image: Image.Image, x: float, base: float, size: float) -> None:
    """A red barn with a gambrel roof, white trim and a crossed door."""
    red, white, half = (196, 56, 48), (252, 248, 240), size / 2
    gable = [
        (x - half, base),
        (x - half, base - size * 0.55),
        (x - half * 0.62, base - size * 0.88),
        (x, base - size * 1.05),
        (x + half * 0.62, base - size * 0.88),
        (x + half, base - size * 0.55),
        (x + half, base),
    ]
    area(image, gable, ((214, 72, 60), dark(red, 0.15)))
    for k in range(1, 12):
        px = x - half + size * k / 12
        stroke(image, [(px, base), (px, base - size * (0.6 + 0.25 * (1 - abs(px - x) / half)))], 0.003, dark(red, 0.2))
    stroke(image, gable[1:-1], size * 0.06, (96, 84, 92))
    stroke(image, [(gx, gy + size * 0.045) for gx, gy in gable[1:-1]], size * 0.025, white)
    left, right, top = x - half * 0.5, x + half * 0.5, base - size * 0.42
    box(image, left - 0.01, top - 0.01, right + 0.01, base, white)
    for a, b in ((left, x - 0.005), (x + 0.005, right)):
        box(image, a, top, b, base, (172, 44, 40))
        stroke(image, [(a, top), (b, base)], size * 0.022, white)
        stroke(image, [(b, top), (a, base)], size * 0.022, white)
    glazed(image, x, base - size * 0.66, size * 0.15, (70, 50, 60))


def silo(image: Image.Image, x: float, base: float, half: float, height: float) -> None:
    box(image, x - half, base - height, x + half, base, (190, 196, 206))
    box(image, x - half, base - height, x - half * 0.3, base, (222, 226, 232))
    box(image, x + half * 0.45, base - height, x + half, base, (150, 158, 172))
    oval(image, x, base - height, half, half * 0.9, ((236, 240, 244), (150, 160, 176)))
    for k in range(1, 6):
        stroke(image, [(x - half, base - height * k / 6), (x + half, base - height * k / 6)], 0.004, (140, 148, 162))


def windmill(image: Image.Image, x: float, base: float, height: float) -> None:
    """A farm's wind pump."""
    steel = (112, 122, 136)
    for side in (-1, 1):
        stroke(image, [(x + side * height * 0.16, base), (x, base - height)], 0.007, steel)
    for k in range(1, 5):
        half, y = height * 0.16 * k / 5, base - height * (1 - k / 5)
        stroke(image, [(x - half, y), (x + half, y)], 0.004, steel)
    for k in range(12):
        angle, r = k * math.pi / 6, height * 0.2
        tip = (x + r * math.cos(angle), base - height + r * math.sin(angle))
        area(
            image,
            taper([(x, base - height), tip], 0.003, height * 0.075),
            (236, 240, 242) if k % 2 else (206, 214, 222),
        )
    disc(image, x, base - height, 0.012, (196, 66, 56))


def hay(image: Image.Image, x: float, base: float, size: float) -> None:
    r = size / 2
    box(image, x, base - size, x + r * 1.1, base, ((240, 206, 110), (190, 146, 62)))
    oval(image, x + r * 1.1, base - r, r * 0.6, r, (206, 164, 76))
    oval(image, x, base - r, r * 0.7, r, (246, 218, 130))
    for k in (0.75, 0.5, 0.25):
        oval(image, x, base - r, r * 0.7 * k, r * k, (214, 172, 84) if k != 0.5 else (246, 218, 130))
