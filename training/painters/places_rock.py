"""Painters of places of rock: canyon, volcano, cave. Each gives an RGB picture of SIDE x SIDE."""

import math
import random

from PIL import Image

from training.painters.painting import (
    Rgb,
    area,
    blank,
    cloud,
    curve,
    dark,
    disc,
    finish,
    glow,
    jagged,
    jitter,
    land,
    light,
    mix,
    oval,
    ridge,
    shaft,
    sparkle,
    stroke,
    taper,
)
from training.painters.plants import rock
from training.painters.scenery import sides


def canyon(rng: random.Random) -> Image.Image:
    image = blank(jitter((70, 150, 222), rng), (176, 216, 238), (252, 222, 186), (252, 222, 186))
    for _ in range(2):
        cloud(image, rng, rng.random(), rng.uniform(0.1, 0.2), rng.uniform(0.2, 0.3))
    red, air = jitter((200, 96, 58), rng), (250, 214, 184)
    for x, wide, top, foot, far in (
        (0.42, 0.2, 0.36, 0.56, 0.55),
        (0.64, 0.16, 0.34, 0.56, 0.55),
        (0.26, 0.26, 0.28, 0.62, 0.3),
        (0.8, 0.24, 0.24, 0.62, 0.3),
    ):
        butte(image, rng, x + rng.uniform(-0.03, 0.03), wide, top, foot, mix(red, air, far))
    land(image, ridge(rng, 0.58, 0.02), (mix(red, air, 0.4), mix(red, air, 0.1)))
    area(image, taper(curve((0.56, 0.58), (0.3, 0.66), (0.56, 0.8)), 0.01, 0.16), ((150, 214, 224), (60, 150, 180)))
    butte(image, rng, rng.uniform(0.0, 0.05), 0.42, rng.uniform(0.1, 0.18), 0.86, red)
    butte(image, rng, rng.uniform(0.95, 1.0), 0.4, rng.uniform(0.05, 0.14), 0.86, red)
    ledge = jagged(rng, [(-0.02, 0.8), (0.2, 0.77), (0.5, 0.78), (0.8, 0.77), (1.02, 0.8)], 0.05)
    area(image, [*ledge, (1.02, 1.02), (-0.02, 1.02)], (light(red, 0.42), light(red, 0.15), dark(red, 0.3)))
    for k in range(4):
        y = 0.87 + 0.035 * k
        stroke(
            image,
            jagged(rng, [(-0.02, y), (0.5, y + rng.uniform(-0.01, 0.01)), (1.02, y)], 0.01),
            0.004,
            dark(red, 0.2),
        )
    for x in sides(rng, 3, 0.35):
        rock(image, rng, x, rng.uniform(0.84, 0.96), rng.uniform(0.06, 0.12), 0.05, dark(red, 0.1))
    return finish(image, rng)


def butte(image: Image.Image, rng: random.Random, x: float, width: float, top: float, foot: float, colour: Rgb) -> None:
    """A table mountain of banded rock, lit from the left."""
    edge, bands, flank = width / 2 * 0.72, 9, []
    for k in range(bands + 1):
        flank.append(
            (edge * (1 + 0.05 * (k % 2)) + (width / 2 - edge) * (k / bands) ** 2.5, top + (foot - top) * k / bands)
        )
    for k in range(bands):
        (a, y0), (b, y1) = flank[k], flank[k + 1]
        tone = (light(colour, 0.28), colour, dark(colour, 0.12), light(colour, 0.1))[k % 4]
        area(image, [(x - a, y0), (x + a, y0), (x + b, y1), (x - b, y1)], tone)
        area(image, [(x + a * 0.2, y0), (x + a, y0), (x + b, y1), (x + b * 0.1, y1)], dark(tone, 0.26))
    for _ in range(5):
        at, y = x + rng.uniform(-0.9, 0.9) * edge, top + rng.uniform(0, 0.4) * (foot - top)
        stroke(image, [(at, y), (at + rng.uniform(-0.01, 0.01), y + 0.3 * (foot - top))], 0.005, dark(colour, 0.3))


def volcano(rng: random.Random) -> Image.Image:
    image = blank((38, 20, 34), (104, 34, 40), (220, 86, 44), (250, 150, 70))
    x, top, base = rng.uniform(0.4, 0.5), 0.2, 0.78
    for k in range(14):
        y, tone = 0.16 - 0.02 * k, mix((70, 48, 56), (30, 20, 30), k / 13)
        disc(
            image, x + 0.045 * k + rng.uniform(-0.05, 0.05), max(-0.05, y), 0.06 + 0.014 * k, (light(tone, 0.18), tone)
        )
    glow(image, x, top, 0.34, (255, 140, 40), 0.95)
    for _ in range(16):
        spray(image, rng, x, top)
    left = curve((x - 0.56, base), (x - 0.2, 0.5), (x - 0.1, top))
    right = curve((x + 0.1, top), (x + 0.22, 0.5), (x + 0.62, base))
    area(image, [*jagged(rng, left, 0.05, 2), *jagged(rng, right, 0.05, 2)], ((96, 62, 62), (52, 36, 44)))
    area(image, [(x + 0.01, top), *right, (x + 0.1, base)], ((66, 42, 48), (34, 24, 34)))
    oval(image, x, top, 0.1, 0.022, (255, 220, 110))
    lava: tuple[Rgb, ...] = ((255, 236, 130), (255, 150, 40), (232, 70, 24))
    for bend, end in (
        ((x - 0.18, 0.42), (x - 0.3, base)),
        ((x + 0.14, 0.4), (x + 0.36, base)),
        ((x + 0.02, 0.5), (x - 0.02, base)),
        ((x - 0.14, 0.36), (x - 0.46, base)),
    ):
        flow = jagged(rng, curve((x + (end[0] - x) * 0.2, top + 0.01), bend, end, 6), 0.08, 2)
        area(image, taper(flow, 0.02, 0.05), (232, 70, 24), 0.8, 0.012)
        area(image, taper(flow, 0.014, 0.034), lava)
    ground = jagged(rng, [(-0.02, 0.76), (0.3, 0.78), (0.7, 0.77), (1.02, 0.75)], 0.06)
    area(image, [*ground, (1.02, 1.02), (-0.02, 1.02)], ((74, 50, 54), (30, 22, 32)))
    for side in (0, 1):
        pool = taper(curve((side, 0.8), (0.3 + 0.4 * side, 0.9), (side * 0.8 + 0.1, 1.02)), 0.04, 0.12)
        area(image, pool, (255, 96, 30), 0.8, 0.015)
        area(image, pool, ((255, 200, 80), (240, 90, 30)))
    for at in sides(rng, 6, 0.3):
        rock(image, rng, at, rng.uniform(0.82, 0.98), rng.uniform(0.08, 0.14), 0.07, (62, 46, 54))
    return finish(image, rng)


def spray(image: Image.Image, rng: random.Random, x: float, top: float) -> None:
    """One clot of lava thrown out of the crater."""
    dx, up = rng.uniform(-0.24, 0.24), rng.uniform(0.06, 0.2)
    line = curve((x, top), (x + dx * 0.5, top - up * 1.6), (x + dx, top - up * 0.3))
    area(image, taper(line, 0.014, 0.005), (255, 176, 60))
    disc(image, *line[-1], 0.008, (255, 210, 100))


def cave(rng: random.Random) -> Image.Image:
    hue = rng.choice([(70, 150, 190), (120, 110, 200), (70, 170, 150)])
    image = blank(dark(hue, 0.75), dark(hue, 0.45), dark(hue, 0.7))
    glow(image, 0.5, 0.48, 0.55, light(hue, 0.45), 0.9)
    shaft(image, (0.55, 0.05), (0.45, 0.8), 0.16, (255, 255, 235), 0.3)
    for depth, reach in ((0.45, 0.3), (0.15, 0.2)):
        rough_frame(image, rng, mix((44, 40, 58), hue, depth), reach)
    land(
        image,
        jagged(rng, [(-0.02, 0.76), (0.5, 0.79), (1.02, 0.75)], 0.06),
        (mix((92, 84, 104), hue, 0.3), (40, 36, 54)),
    )
    for k in range(13):
        x = k / 12 + rng.uniform(-0.03, 0.03)
        spike(image, x, -0.02, (0.12 + 0.5 * abs(x - 0.5)) * rng.uniform(0.6, 1.25), rng.uniform(0.05, 0.08))
    for x in sides(rng, 7, 0.2):
        spike(image, x, rng.uniform(0.84, 1.0), -rng.uniform(0.14, 0.34), rng.uniform(0.06, 0.09))
    for x in sides(rng, 4, 0.22):
        crystals(
            image, rng, x, rng.uniform(0.82, 0.95), rng.choice([(120, 230, 255), (214, 140, 255), (140, 255, 210)])
        )
    for x in sides(rng, 4, 0.4):
        rock(image, rng, x, rng.uniform(0.9, 1.0), 0.1, 0.06, (72, 66, 86))
    return finish(image, rng)


def rough_frame(image: Image.Image, rng: random.Random, colour: Rgb, reach: float) -> None:
    """Rock all round the picture, open in the middle."""
    rim = []
    for k in range(25):
        angle = math.pi * (1.12 - 1.24 * k / 24)
        r = (0.72 - reach) * rng.uniform(0.92, 1.12)
        rim.append((0.5 + r * math.cos(angle), 0.62 - r * 1.05 * math.sin(angle)))
    rim = jagged(rng, rim, 0.12, 2)
    area(image, [(-0.02, 1.02), *rim, (1.02, 1.02), (1.02, -0.02), (-0.02, -0.02)], (dark(colour, 0.4), colour))


def spike(image: Image.Image, x: float, base: float, height: float, width: float) -> None:
    """A stalactite hanging `height` down from its base; standing where the height is negative."""
    points = [
        (x - width / 2, base),
        (x - width * 0.2, base + height * 0.45),
        (x, base + height),
        (x + width * 0.2, base + height * 0.4),
        (x + width / 2, base),
    ]
    area(image, points, ((86, 78, 100), (132, 122, 142)) if height > 0 else ((132, 122, 142), (70, 64, 86)))
    area(
        image,
        [(x + width * 0.06, base), *points[2:]],
        ((52, 46, 68), (86, 78, 102)) if height > 0 else ((90, 82, 104), (46, 42, 62)),
    )


def crystals(image: Image.Image, rng: random.Random, x: float, base: float, colour: Rgb) -> None:
    glow(image, x, base - 0.05, 0.16, colour, 0.7)
    for angle in (-0.5, 0.45, -0.1):
        high, width = rng.uniform(0.08, 0.15), rng.uniform(0.03, 0.04)
        tip = (x + high * math.sin(angle), base - high * math.cos(angle))
        left, right = (tip[0] - width * 0.5, tip[1] + width), (tip[0] + width * 0.5, tip[1] + width)
        area(image, [(x - width / 2, base), left, tip, (tip[0], tip[1] + width * 1.4), (x, base)], light(colour, 0.3))
        area(image, [(x + width / 2, base), right, tip, (tip[0], tip[1] + width * 1.4), (x, base)], dark(colour, 0.25))
    sparkle(image, x + 0.02, base - 0.12, 0.02)
