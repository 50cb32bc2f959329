"""Painters of open land: grass, mountains, sand, snow, ice. Each gives an RGB picture of SIDE x SIDE."""

import random

from PIL import Image

from training.painters.painting import (
    Rgb,
    area,
    blank,
    curve,
    dark,
    disc,
    finish,
    glow,
    haze,
    jagged,
    jitter,
    land,
    light,
    mix,
    oval,
    ridge,
    stars,
    stroke,
    sun,
)
from training.painters.plants import PETALS, cactus, fir, flower, grass, rock, tree
from training.painters.scenery import day, peak, sides


def meadow(rng: random.Random) -> Image.Image:
    image = day(rng)
    green = jitter((112, 186, 70), rng, 14)
    land(image, ridge(rng, 0.5, 0.05, 0.8), (mix(green, (190, 225, 235), 0.5), mix(green, (190, 225, 235), 0.2)))
    land(image, ridge(rng, 0.58, 0.04, 0.7), (light(green, 0.3), dark(green, 0.15)))
    land(image, ridge(rng, 0.7, 0.03, 0.6), (light(green, 0.12), green, dark(green, 0.3)))
    for _ in range(90):
        x, y = rng.random(), rng.uniform(0.6, 0.8)
        disc(image, x, y, 0.002 + 0.022 * (y - 0.57), rng.choice(PETALS))
    grass(image, rng, 110, 0.74, 1.02, 0.07, dark(green, 0.12))
    for x in sides(rng, 22, 0.36) + [rng.random() for _ in range(12)]:
        edge = abs(x - 0.5) * 2
        y = rng.uniform(0.88, 0.99) - 0.26 * max(0.0, edge - 0.45) * rng.uniform(0.3, 1.6)
        flower(image, x, y, rng.uniform(0.024, 0.038), rng.choice(PETALS), 0.16)
    return finish(image, rng)


def hills(rng: random.Random) -> Image.Image:
    image = day(rng, 3)
    air, green = (196, 222, 240), jitter((98, 170, 74), rng, 14)
    for k in range(6):
        level = 0.4 + 0.075 * k
        tone = mix(green, air, 0.72 - 0.15 * k) if k < 5 else green
        line = ridge(rng, level, 0.07 - 0.004 * k, rng.uniform(0.7, 1.3))
        land(image, line, (light(tone, 0.22), tone, dark(tone, 0.25)))
        for x, y in rng.sample(line[3:-3], 3 if k in (2, 3, 4) else 0):
            size = 0.05 + 0.022 * k
            tree(image, rng, x, y + 0.015, size, mix((52, 118, 58), air, max(0.0, 0.5 - 0.12 * k)))
    path = [(0.62, 0.79), (0.55, 0.83), (0.6, 0.88), (0.42, 1.02), (0.66, 1.02), (0.7, 0.9), (0.62, 0.835)]
    area(image, path, ((236, 214, 160), (222, 194, 136)))
    for x in sides(rng, 3, 0.14):
        tree(image, rng, x, rng.uniform(0.84, 0.9), rng.uniform(0.3, 0.42), jitter((66, 142, 62), rng))
    grass(image, rng, 50, 0.84, 1.02, 0.035, dark(green, 0.15))
    return finish(image, rng)


def mountains(rng: random.Random) -> Image.Image:
    image = day(rng, 2)
    air = (190, 214, 236)
    for x in (0.3, 0.55, 0.78):
        peak(
            image, rng, x + rng.uniform(-0.05, 0.05), 0.62, 0.5, rng.uniform(0.34, 0.42), mix((96, 108, 140), air, 0.55)
        )
    haze(image, 0.4, 0.66, air, 0, 0.6)
    high, low = rng.uniform(0.58, 0.64), rng.uniform(0.5, 0.58)
    peak(image, rng, rng.uniform(0.82, 0.9), 0.74, 0.72, high, (104, 112, 140))
    peak(image, rng, rng.uniform(0.1, 0.2), 0.74, 0.78, low, (92, 100, 130))
    haze(image, 0.52, 0.76, (176, 206, 214), 0, 0.55)
    land(image, ridge(rng, 0.71, 0.03), ((124, 174, 92), (84, 140, 70), (54, 104, 60)))
    for x in sides(rng, 12, 0.36):
        fir(image, rng, x, rng.uniform(0.73, 0.78), rng.uniform(0.12, 0.18), (52, 104, 78))
    for x in sides(rng, 6, 0.18):
        fir(image, rng, x, rng.uniform(0.84, 0.96), rng.uniform(0.26, 0.36), jitter((38, 92, 64), rng))
    for x in sides(rng, 3, 0.4):
        rock(image, rng, x, rng.uniform(0.88, 0.98), 0.09, 0.05, (134, 136, 146))
    grass(image, rng, 40, 0.8, 1.02, 0.03, (70, 126, 64))
    return finish(image, rng)


def snow(rng: random.Random) -> Image.Image:
    image = blank(jitter((130, 178, 226), rng), (196, 220, 242), (240, 240, 246))
    glow(image, rng.uniform(0.1, 0.3), 0.16, 0.4, (255, 250, 230), 0.8)
    for level, tone in ((0.5, (214, 228, 246)), (0.58, (226, 237, 250)), (0.67, (238, 245, 253))):
        line = ridge(rng, level, 0.05, 0.8)
        land(image, line, (light(tone, 0.5), dark(tone, 0.08)))
        for x, y in rng.sample(line[2:-2], 7):
            size = 0.1 + (level - 0.5) * 0.7
            fir(
                image,
                rng,
                x,
                y + 0.02,
                size * rng.uniform(0.8, 1.2),
                mix((70, 116, 126), (214, 228, 246), 0.55 - (level - 0.5) * 2),
                True,
            )
    land(image, ridge(rng, 0.75, 0.02, 0.8), ((252, 253, 255), (236, 243, 252), (196, 214, 240)))
    for x in sides(rng, 6, 0.2):
        fir(image, rng, x, rng.uniform(0.78, 0.9), rng.uniform(0.42, 0.66), jitter((48, 104, 100), rng), True)
    for _ in range(5):
        oval(image, rng.random(), rng.uniform(0.86, 1), rng.uniform(0.1, 0.2), 0.02, (206, 222, 244), 0.5, 0.01)
    land(image, ridge(rng, 0.955, 0.02, 1), ((255, 255, 255), (222, 234, 250)))
    for _ in range(45):
        disc(image, rng.random(), rng.random(), rng.uniform(0.003, 0.008), (255, 255, 255), rng.uniform(0.6, 0.95))
    return finish(image, rng)


def arctic(rng: random.Random) -> Image.Image:
    image = blank((16, 34, 82), (36, 84, 130), (120, 190, 204), (190, 226, 226))
    stars(image, rng, 60, 0.35)
    for k in range(3):
        aurora(image, rng, 0.14 + 0.09 * k, [(90, 240, 180), (110, 220, 230), (170, 140, 240)][k])
    line = jagged(rng, [(-0.02, 0.47), (0.2, 0.41), (0.4, 0.47), (0.65, 0.42), (1.02, 0.46)], 0.14)
    area(image, [*line, (1.02, 0.52), (-0.02, 0.52)], ((222, 238, 248), (150, 194, 220)))
    area(image, [(0, 0.5), (1, 0.5), (1, 1), (0, 1)], ((70, 146, 176), (22, 78, 122)))
    for x, width in ((rng.uniform(0.02, 0.14), 0.36), (rng.uniform(0.86, 0.98), 0.34), (0.5, 0.3)):
        iceberg(image, rng, x, 0.62 if width > 0.3 else 0.54, width, rng.uniform(0.26, 0.36) if width > 0.3 else 0.16)
    for _ in range(8):
        floe(image, rng.random(), rng.uniform(0.64, 0.72), rng.uniform(0.05, 0.1))
    floe(image, 0.5, 0.9, 0.62, 0.22)
    for x in sides(rng, 2, 0.08):
        floe(image, x, 0.72, 0.12, 0.24)
    return finish(image, rng)


def aurora(image: Image.Image, rng: random.Random, level: float, colour: Rgb) -> None:
    """A curtain of light."""
    line = ridge(rng, level, 0.07, rng.uniform(0.6, 1))
    upper = [(x, y - 0.14) for x, y in line[::-1]]
    area(image, line + upper, ((20, 50, 110), colour), 0.5, 0.025)


def iceberg(image: Image.Image, rng: random.Random, x: float, base: float, width: float, height: float) -> None:
    outline = [(-0.5, 0), (-0.42, 0.5), (-0.2, 0.7), (-0.08, 1), (0.12, 0.86), (0.26, 0.5), (0.4, 0.4), (0.5, 0)]
    points = [(x + px * width, base - py * height) for px, py in outline]
    area(image, [(px, base + (base - py) * 0.35) for px, py in points], (120, 190, 210), 0.5)
    area(image, points, ((250, 254, 255), (196, 226, 242)))
    spine = [points[3], (x + 0.02 * width, base - 0.5 * height), (x - 0.06 * width, base)]
    area(image, [*points[3:], *spine[::-1]], ((190, 222, 242), (110, 174, 214)))
    area(image, [points[1], points[2], (x - 0.16 * width, base - 0.3 * height)], (222, 240, 250))


def floe(image: Image.Image, x: float, y: float, width: float, depth: float = 0.03) -> None:
    """A flat piece of ice; `depth` is how far its surface reaches to the eye."""
    half = width / 2
    top = [
        (x - half, y),
        (x - half * 0.7, y - depth * 0.55),
        (x + half * 0.6, y - depth * 0.6),
        (x + half, y - depth * 0.1),
        (x + half * 0.7, y + depth * 0.3),
        (x - half * 0.6, y + depth * 0.32),
    ]
    thick = 0.012 + depth * 0.14
    area(image, [*((px, py + thick) for px, py in top)], (110, 176, 212))
    area(image, [top[0], top[3], (top[3][0], top[3][1] + thick), (top[0][0], top[0][1] + thick)], (110, 176, 212))
    area(image, top, ((236, 247, 254), (252, 254, 255)))


def desert(rng: random.Random) -> Image.Image:
    image = blank(jitter((92, 170, 226), rng), (190, 222, 230), (252, 226, 170), (252, 226, 170))
    sun(image, rng.uniform(0.1, 0.26), rng.uniform(0.1, 0.18), 0.06, (255, 246, 200))
    sand = jitter((238, 182, 96), rng, 12)
    for level, share in ((0.5, 0.5), (0.58, 0.25), (0.68, 0.0)):
        dune(image, rng, level, mix(sand, (252, 226, 180), share))
    land(image, ridge(rng, 0.77, 0.02, 0.7), (light(sand, 0.3), sand, dark(sand, 0.2)))
    for k in range(7):
        y = 0.82 + 0.028 * k
        line = ridge(rng, y, 0.008, 2.0)
        stroke(image, line, 0.003, dark(sand, 0.14))
    for x in sides(rng, 2, 0.14) + sides(rng, 2, 0.3):
        size = rng.uniform(0.32, 0.48) if abs(x - 0.5) > 0.36 else rng.uniform(0.14, 0.2)
        base = 0.74 if size < 0.3 else rng.uniform(0.82, 0.9)
        oval(image, x + size * 0.25, base, size * 0.35, 0.014, dark(sand, 0.45), 0.6)
        cactus(image, x, base, size, jitter((74, 140, 78), rng))
    for x in sides(rng, 3, 0.4):
        rock(image, rng, x, rng.uniform(0.88, 0.98), rng.uniform(0.05, 0.1), 0.04, (196, 136, 84))
    return finish(image, rng)


def dune(image: Image.Image, rng: random.Random, level: float, colour: Rgb) -> None:
    """A row of dunes with a lit and a shaded side."""
    land(image, ridge(rng, level + 0.04, 0.02), (light(colour, 0.2), colour))
    for _ in range(3):
        x, wide, high = rng.random(), rng.uniform(0.3, 0.5), rng.uniform(0.06, 0.12)
        top, foot = (x, level - high / 2), level + 0.08
        left = curve((x - wide, foot), (x - wide * 0.4, level - high * 0.2), top)
        right = curve(top, (x + wide * 0.35, level + 0.02), (x + wide * 0.8, foot))
        spine = curve((x + wide * 0.25, foot), (x + wide * 0.1, level + 0.02), top)
        area(image, [*left, *right], (light(colour, 0.35), colour))
        area(image, [*right, *spine], (dark(colour, 0.22), dark(colour, 0.08)))
