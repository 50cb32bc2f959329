"""Painters of the sea, on it and in it. Each gives an RGB picture of SIDE x SIDE."""

import math
import random

from PIL import Image

from training.painters.painting import (
    Rgb,
    area,
    blank,
    box,
    curve,
    dark,
    disc,
    finish,
    glow,
    haze,
    jitter,
    land,
    light,
    mix,
    oval,
    ridge,
    shaft,
    stroke,
    taper,
)
from training.painters.places_shore import starfish
from training.painters.plants import rock, weed
from training.painters.scenery import day, glints, sides

CORALS: tuple[Rgb, ...] = (
    (255, 96, 110),
    (255, 150, 70),
    (236, 90, 180),
    (160, 90, 220),
    (255, 206, 80),
    (90, 220, 190),
)


def ocean(rng: random.Random) -> Image.Image:
    image = day(rng, 5)
    sea, level = jitter((22, 108, 178), rng), rng.uniform(0.4, 0.45)
    box(image, -0.02, level, 1.02, 1.02, (light(sea, 0.4), sea))
    glints(image, rng, level + 0.01, level + 0.1, 40, (226, 244, 250))
    for k in range(6):
        y, high = level + 0.08 + 0.09 * k, 0.022 + 0.012 * k
        swell(image, rng, y, high, 6 - k * 0.6, mix(light(sea, 0.25), dark(sea, 0.45), k / 5), 0.05 + 0.035 * k)
    for _ in range(4):
        gull(image, rng.choice(sides(rng, 2, 0.25)), rng.uniform(0.08, 0.3), rng.uniform(0.03, 0.045))
    return finish(image, rng)


def swell(
    image: Image.Image, rng: random.Random, y: float, height: float, waves: float, colour: Rgb, rise: float
) -> None:
    """A row of sharp waves with white crests, opaque down to the bottom, that heaves by `rise` at both sides."""
    phase, line, foam = rng.uniform(0, 1), [], []
    for k in range(121):
        x = -0.02 + 1.04 * k / 120
        crest = (1 - 2 * abs((x * waves + phase) % 1 - 0.5)) ** 1.8
        top = y - height * crest - rise * abs(2 * x - 1) ** 2.5
        line.append((x, top))
        foam.append((x, top + 0.004 + 0.2 * height * crest**3 * (1 + 0.6 * math.sin(x * 90 + phase * 6))))
    land(image, line, (light(colour, 0.4), light(colour, 0.12), colour, dark(colour, 0.1)))
    area(image, line + foam[::-1], (244, 252, 254))
    for k in range(2):
        streak = [(x, top + height * (0.5 + 0.45 * k) + 0.008 * math.sin(x * 40 + k)) for x, top in line]
        start = rng.randint(5, 40)
        area(image, taper(streak[start : start + 34], 0.001, 0.004), light(colour, 0.5), 0.7)


def gull(image: Image.Image, x: float, y: float, size: float) -> None:
    for side in (-1, 1):
        line = curve((x, y), (x + side * size * 0.5, y - size * 0.7), (x + side * size, y - size * 0.1))
        area(image, taper(line, 0.012, 0.003), (250, 252, 255))


def depths(rng: random.Random, surface: Rgb, deep: Rgb) -> Image.Image:
    """Water seen from within: light from above, rays, dark below."""
    image = blank(light(surface, 0.5), surface, mix(surface, deep, 0.6), deep)
    glow(image, 0.5, -0.05, 0.6, (235, 255, 250), 0.7)
    for k in range(6):
        x = 0.1 + 0.16 * k + rng.uniform(-0.05, 0.05)
        shaft(
            image,
            (0.4 + x * 0.2, -0.05),
            (x * 1.4 - 0.2, rng.uniform(0.6, 0.85)),
            rng.uniform(0.03, 0.07),
            (220, 255, 250),
            0.17,
        )
    return image


def fish(
    image: Image.Image, x: float, y: float, size: float, colour: Rgb, side: int, stripe: Rgb | None = None
) -> None:
    """A fish that swims to `side` (1 right, -1 left)."""
    area(
        image,
        [
            (x - side * size * 0.4, y),
            (x - side * size * 0.85, y - size * 0.34),
            (x - side * size * 0.72, y),
            (x - side * size * 0.85, y + size * 0.34),
        ],
        dark(colour, 0.12),
    )
    area(
        image,
        [
            (x - side * size * 0.1, y - size * 0.2),
            (x - side * size * 0.2, y - size * 0.48),
            (x + side * size * 0.25, y - size * 0.2),
        ],
        dark(colour, 0.12),
    )
    oval(image, x, y, size * 0.52, size * 0.3, (light(colour, 0.25), colour))
    if stripe:
        for shift in (-0.16, 0.16):
            oval(image, x + shift * side * size, y, size * 0.055, size * 0.26, stripe)
    disc(image, x + side * size * 0.32, y - size * 0.06, size * 0.075, (255, 255, 255))
    disc(image, x + side * size * 0.34, y - size * 0.06, size * 0.04, (20, 24, 40))


def bubbles(image: Image.Image, rng: random.Random, count: int) -> None:
    for _ in range(count):
        x, y, r = rng.choice(sides(rng, 2, 0.32)), rng.uniform(0.05, 0.85), rng.uniform(0.006, 0.018)
        disc(image, x, y, r, (225, 250, 255), 0.55)
        disc(image, x, y + r * 0.1, r * 0.78, (110, 200, 230), 0.55)
        disc(image, x - r * 0.35, y - r * 0.35, r * 0.25, (255, 255, 255))


def underwater(rng: random.Random) -> Image.Image:
    image = depths(rng, jitter((52, 176, 214), rng), jitter((10, 62, 128), rng))
    for x in (-0.02, 0.18, 0.85, 1.04):
        rock(image, rng, x, 0.9, rng.uniform(0.3, 0.4), rng.uniform(0.16, 0.3), (24, 98, 150))
    haze(image, 0.6, 0.9, (40, 140, 190), 0, 0.5)
    land(image, ridge(rng, 0.87, 0.03), ((206, 200, 150), (142, 156, 138), (92, 120, 128)))
    for x in sides(rng, 10, 0.2):
        weed(image, rng, x, rng.uniform(0.9, 0.98), rng.uniform(0.3, 0.62), jitter((36, 150, 96), rng, 20))
    for x in sides(rng, 4, 0.24):
        rock(image, rng, x, rng.uniform(0.93, 1.0), 0.13, 0.08, (84, 110, 126))
    for k, x in enumerate(sides(rng, 6, 0.22)):
        tone = rng.choice([(255, 170, 60), (255, 214, 90), (240, 110, 130)])
        fish(image, x, 0.14 + 0.11 * k + rng.uniform(-0.03, 0.03), rng.uniform(0.06, 0.09), tone, rng.choice([-1, 1]))
    shoal = rng.uniform(0.55, 0.75)
    for _ in range(8):
        fish(image, shoal + rng.uniform(-0.12, 0.12), 0.13 + rng.uniform(-0.05, 0.05), 0.03, (24, 104, 160), 1)
    starfish(image, rng.uniform(0.3, 0.7), 0.95, 0.03, (244, 120, 90))
    bubbles(image, rng, 26)
    return finish(image, rng)


def coral_reef(rng: random.Random) -> Image.Image:
    image = depths(rng, jitter((60, 206, 222), rng), jitter((14, 104, 170), rng))
    for x in sides(rng, 8, 0.3):
        branch_coral(image, rng, x, 0.88, rng.uniform(0.16, 0.3), mix(rng.choice(CORALS), (30, 140, 190), 0.55), 3)
    land(image, ridge(rng, 0.86, 0.03, 1.5), ((150, 150, 170), (96, 100, 150), (66, 70, 130)))
    kinds = [branch_coral, fan_coral, tube_coral, brain_coral, table_coral]
    for row, (base, inner) in enumerate(((0.9, 0.22), (0.97, 0.26), (1.02, 0.34))):
        for k, x in enumerate(sides(rng, 6, inner)):
            size = rng.uniform(0.2, 0.36) * (1 - 0.2 * row)
            kind = kinds[(k + row * 2 + rng.randint(0, 1)) % len(kinds)]
            kind(image, rng, x, base, size, jitter(rng.choice(CORALS), rng, 12), 4)
    for k, x in enumerate(sides(rng, 8, 0.26)):
        tone, stripe = rng.choice(
            [((255, 140, 40), (255, 255, 255)), ((255, 220, 60), (40, 60, 140)), ((60, 110, 230), (255, 220, 60))]
        )
        fish(
            image,
            x,
            0.1 + 0.07 * k + rng.uniform(-0.03, 0.03),
            rng.uniform(0.07, 0.1),
            tone,
            rng.choice([-1, 1]),
            stripe,
        )
    for _ in range(10):
        brain_coral(image, rng, rng.random(), 1.02, rng.uniform(0.08, 0.12), rng.choice(CORALS), 0)
    bubbles(image, rng, 14)
    return finish(image, rng)


def branch_coral(
    image: Image.Image,
    rng: random.Random,
    x: float,
    y: float,
    size: float,
    colour: Rgb,
    depth: int,
    angle: float = -1.57,
) -> None:
    """Branches that fork `depth` times."""
    length = size * 0.34
    end = (x + length * math.cos(angle), y + length * math.sin(angle))
    width = size * 0.09
    area(image, taper([(x, y), end], width, width * 0.75), colour)
    disc(image, *end, width * 0.42, light(colour, 0.2) if depth < 2 else colour)
    if depth > 0:
        for turn in (-0.5, 0.5) if depth < 4 else (-0.6, 0.0, 0.6):
            branch_coral(image, rng, *end, size * 0.82, colour, depth - 1, angle + turn + rng.uniform(-0.15, 0.15))


def fan_coral(image: Image.Image, rng: random.Random, x: float, y: float, size: float, colour: Rgb, _: int) -> None:
    rim = [
        (x + size * 0.5 * math.cos(a * math.pi / 14), y - size * 0.2 - size * 0.62 * math.sin(a * math.pi / 14))
        for a in range(15)
    ]
    area(image, [(x, y), *rim], (light(colour, 0.15), dark(colour, 0.2)))
    for point in rim:
        stroke(
            image, curve((x, y), ((x + point[0]) / 2, point[1] * 0.3 + y * 0.7), point, 6), 0.005, light(colour, 0.45)
        )
    for share in (0.45, 0.7):
        stroke(image, [(x + (px - x) * share, y + (py - y) * share) for px, py in rim], 0.004, light(colour, 0.35))


def tube_coral(image: Image.Image, rng: random.Random, x: float, y: float, size: float, colour: Rgb, _: int) -> None:
    for k in (-2, 2, -1, 1, 0):
        high, width = size * rng.uniform(0.5, 0.9) * (1 - 0.12 * abs(k)), size * 0.16
        top = (x + k * size * 0.17, y - high)
        area(image, taper([(x + k * size * 0.08, y), top], width * 0.8, width), (light(colour, 0.2), dark(colour, 0.3)))
        oval(image, *top, width * 0.52, width * 0.25, light(colour, 0.45))
        oval(image, *top, width * 0.36, width * 0.15, dark(colour, 0.6))


def brain_coral(image: Image.Image, rng: random.Random, x: float, y: float, size: float, colour: Rgb, _: int) -> None:
    r = size * 0.42
    disc(image, x, y - r * 0.5, r, (light(colour, 0.25), dark(colour, 0.3)))
    for k in range(5):
        start = rng.uniform(0, 6.3)
        arc = [
            (
                x + r * (0.2 + 0.15 * k) * math.cos(start + j * 0.35),
                y - r * 0.5 + r * (0.2 + 0.15 * k) * math.sin(start + j * 0.35),
            )
            for j in range(7)
        ]
        stroke(image, arc, 0.006, light(colour, 0.5))


def table_coral(image: Image.Image, rng: random.Random, x: float, y: float, size: float, colour: Rgb, _: int) -> None:
    area(image, taper([(x, y), (x, y - size * 0.4)], size * 0.22, size * 0.12), dark(colour, 0.3))
    for k in (0, 1):
        level, half = y - size * (0.34 + 0.2 * k), size * (0.5 - 0.14 * k)
        oval(image, x, level + 0.012, half, size * 0.09, dark(colour, 0.35))
        oval(image, x, level, half, size * 0.08, (light(colour, 0.35), colour))
