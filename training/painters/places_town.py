"""Painters of city and village. Each gives an RGB picture of SIDE x SIDE."""

import random

from PIL import Image

from training.painters.painting import (
    Rgb,
    area,
    blank,
    box,
    cloud,
    dark,
    disc,
    finish,
    haze,
    jitter,
    land,
    light,
    mix,
    ridge,
    stroke,
)
from training.painters.plants import PETALS, bush, grass, tree
from training.painters.scenery import TREES, day, fence, glazed, sides, tower

ROOFS: tuple[Rgb, ...] = ((190, 78, 58), (168, 64, 54), (204, 104, 66))


def city(rng: random.Random) -> Image.Image:
    air = (206, 222, 236)
    image = blank(jitter((96, 164, 228), rng), (184, 214, 238), (246, 232, 214))
    cloud(image, rng, rng.random(), 0.14, 0.26)
    for depth, count, tall in ((0.72, 12, 0.5), (0.45, 9, 0.6)):
        for k in range(count):
            x, width = (k + rng.uniform(-0.2, 0.2)) / count, 1.15 / count
            top = 0.76 - tall * rng.uniform(0.5, 1.0) - 0.16 * abs(x - 0.45)
            tower(image, rng, x, width, top, 0.76, mix((70, 92, 128), air, depth))
    haze(image, 0.4, 0.77, (236, 226, 214), 0, 0.55)
    for x, width, top in ((-0.06, 0.16, 0.04), (0.12, 0.12, 0.22), (0.92, 0.16, 0.0), (0.78, 0.13, 0.16)):
        tone = jitter(rng.choice([(62, 96, 140), (84, 88, 118), (116, 92, 96), (58, 116, 132)]), rng)
        tower(image, rng, x + rng.uniform(-0.02, 0.02), width, top + rng.uniform(-0.04, 0.08), 0.78, tone)
    for x in sides(rng, 4, 0.3):
        tree(image, rng, x, 0.79, 0.12, TREES)
    box(image, -0.02, 0.77, 1.02, 0.815, ((206, 204, 204), (180, 180, 184)))
    box(image, -0.02, 0.815, 1.02, 1.02, ((92, 94, 104), (64, 66, 78)))
    for k in range(5):
        box(image, k * 0.24 - 0.04, 0.945, k * 0.24 + 0.08, 0.957, (244, 236, 214))
    car(image, rng.uniform(0.0, 0.06), 0.91, 0.17, rng.choice([(250, 190, 40), (220, 70, 60)]))
    car(image, rng.uniform(0.84, 0.9), 0.9, 0.16, rng.choice([(250, 190, 40), (60, 120, 190)]))
    return finish(image, rng)


def car(image: Image.Image, x: float, base: float, size: float, colour: Rgb) -> None:
    """A small car seen from its side."""
    box(
        image,
        x - size / 2,
        base - size * 0.26,
        x + size / 2,
        base - size * 0.06,
        (light(colour, 0.15), dark(colour, 0.1)),
    )
    cabin = [
        (x - size * 0.3, base - size * 0.25),
        (x - size * 0.2, base - size * 0.44),
        (x + size * 0.16, base - size * 0.44),
        (x + size * 0.3, base - size * 0.25),
    ]
    area(image, cabin, colour)
    area(image, [(px * 0.8 + x * 0.2, py * 0.8 + (base - size * 0.31) * 0.2) for px, py in cabin], (190, 222, 240))
    for wheel in (-0.28, 0.28):
        disc(image, x + wheel * size, base - size * 0.06, size * 0.1, (34, 34, 42))
        disc(image, x + wheel * size, base - size * 0.06, size * 0.045, (200, 202, 208))


def village(rng: random.Random) -> Image.Image:
    image = day(rng, 4)
    green = jitter((116, 182, 84), rng)
    land(image, ridge(rng, 0.44, 0.06), (mix(green, (200, 224, 236), 0.6), mix(green, (200, 224, 236), 0.4)))
    land(image, ridge(rng, 0.52, 0.04), (mix(green, (200, 224, 236), 0.35), green))
    church(image, rng.uniform(0.4, 0.62), 0.6, 0.5)
    for k in range(7):
        x = (k + rng.uniform(0.2, 0.8)) / 7
        cottage(image, rng, x, 0.62 + 0.02 * (k % 2), 0.12, jitter(rng.choice(ROOFS), rng), False)
        tree(image, rng, x + 0.06, 0.64, 0.09, TREES)
    land(image, ridge(rng, 0.64, 0.02), (light(green, 0.2), green, dark(green, 0.3)))
    area(
        image,
        [(0.47, 0.65), (0.53, 0.65), (0.6, 0.76), (0.76, 1.02), (0.24, 1.02), (0.4, 0.76)],
        ((236, 214, 168), (214, 184, 134)),
    )
    for x, base, size in ((0.24, 0.71, 0.2), (0.78, 0.71, 0.2), (0.06, 0.82, 0.34), (0.95, 0.81, 0.32)):
        cottage(
            image,
            rng,
            x + rng.uniform(-0.02, 0.02),
            base + rng.uniform(-0.01, 0.01),
            size,
            jitter(rng.choice(ROOFS), rng),
        )
        smoke(image, rng, x + size * 0.23, base - size * 1.06, size)
    for x in sides(rng, 6, 0.2):
        bush(image, rng, x, rng.uniform(0.83, 0.9), rng.uniform(0.035, 0.05), TREES, rng.choice(PETALS))
    fence(image, -0.02, 0.24, 0.96, 0.09)
    fence(image, 0.78, 1.02, 0.96, 0.09)
    grass(image, rng, 30, 0.94, 1.02, 0.04, dark(green, 0.15))
    return finish(image, rng)


def cottage(
    image: Image.Image, rng: random.Random, x: float, base: float, size: float, roof: Rgb, timber: bool = True
) -> None:
    """A house with a pitched roof, a chimney, a door and windows; half-timbered if asked."""
    half, wall, top = size / 2, base - size * 0.5, base - size * 0.98
    box(image, x + half * 0.35, top - size * 0.06, x + half * 0.58, wall, (150, 92, 76))
    box(image, x - half, wall, x + half, base, ((250, 240, 216), (232, 214, 182)))
    beam: Rgb = (120, 82, 58)
    if timber:
        for k in (-1.0, -0.34, 0.34, 1.0):
            stroke(image, [(x + k * half * 0.97, wall), (x + k * half * 0.97, base)], size * 0.03, beam)
        stroke(image, [(x - half, wall + size * 0.25), (x + half, wall + size * 0.25)], size * 0.03, beam)
    area(
        image,
        [
            (x - half * 1.2, wall + size * 0.03),
            (x - half * 0.72, top),
            (x + half * 0.72, top),
            (x + half * 1.2, wall + size * 0.03),
        ],
        (light(roof, 0.15), roof),
    )
    for k in range(1, 4):
        y, reach = top + (wall + size * 0.03 - top) * k / 4, half * (0.72 + 0.48 * k / 4)
        stroke(image, [(x - reach, y), (x + reach, y)], size * 0.014, dark(roof, 0.2))
    for px in (-0.66, 0.66):
        glazed(image, x + px * half, wall + size * 0.16, size * 0.17)
    box(image, x - size * 0.09, base - size * 0.33, x + size * 0.09, base, (104, 68, 50))
    disc(image, x + size * 0.05, base - size * 0.16, size * 0.014, (240, 206, 110))


def church(image: Image.Image, x: float, base: float, height: float) -> None:
    width = height * 0.2
    box(image, x - width / 2, base - height * 0.6, x + width / 2, base, ((248, 242, 230), (224, 214, 200)))
    box(image, x + width * 0.15, base - height * 0.6, x + width / 2, base, (212, 200, 190))
    area(
        image,
        [(x - width * 0.62, base - height * 0.6), (x, base - height), (x + width * 0.62, base - height * 0.6)],
        (104, 112, 136),
    )
    area(
        image,
        [(x + width * 0.12, base - height * 0.6), (x, base - height), (x + width * 0.62, base - height * 0.6)],
        (78, 84, 110),
    )
    stroke(image, [(x, base - height), (x, base - height - 0.05)], 0.006, (236, 196, 96))
    stroke(image, [(x - 0.015, base - height - 0.033), (x + 0.015, base - height - 0.033)], 0.006, (236, 196, 96))
    disc(image, x, base - height * 0.48, width * 0.24, (250, 250, 246))
    stroke(
        image,
        [(x, base - height * 0.54), (x, base - height * 0.48), (x + width * 0.14, base - height * 0.48)],
        0.005,
        (50, 50, 60),
    )


def smoke(image: Image.Image, rng: random.Random, x: float, y: float, size: float) -> None:
    for k in range(4):
        disc(
            image,
            x + k * size * 0.05,
            y - k * size * 0.11,
            size * (0.04 + 0.02 * k),
            (244, 244, 246),
            0.7 - 0.14 * k,
            0.006,
        )
