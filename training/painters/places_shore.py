"""Painters of places by water. Each gives an RGB picture of SIDE x SIDE."""

import math
import random

from PIL import Image

from training.painters.painting import (
    Fill,
    Rgb,
    area,
    blank,
    box,
    curve,
    dark,
    disc,
    finish,
    haze,
    jagged,
    jitter,
    land,
    light,
    mix,
    oval,
    ridge,
    stroke,
    sun,
    taper,
)
from training.painters.plants import fern, fir, grass, palm, reed, rock, tree
from training.painters.scenery import day, glints, peak, sides


def beach(rng: random.Random) -> Image.Image:
    image = day(rng, 3)
    sun(image, rng.uniform(0.75, 0.9), 0.13, 0.055)
    level = rng.uniform(0.42, 0.48)
    sea = jitter((30, 160, 200), rng)
    box(image, -0.02, level, 1.02, 0.9, (dark(sea, 0.25), sea, (130, 226, 222)))
    glints(image, rng, level + 0.01, 0.68, 40, (220, 246, 250))
    shore = ridge(rng, 0.71, 0.035, 0.8)
    land(image, [(x, y - 0.035) for x, y in shore], (190, 240, 236), 0.7)
    land(image, [(x, y - 0.015) for x, y in shore], (255, 255, 255))
    land(image, shore, ((226, 190, 128), (244, 216, 156), (250, 224, 168), (232, 196, 134)))
    for _ in range(60):
        disc(image, rng.random(), rng.uniform(0.76, 1), rng.uniform(0.002, 0.004), (214, 176, 116))
    parasol(image, rng.uniform(0.84, 0.9), 0.84, 0.36, rng.choice([(236, 74, 70), (250, 140, 40), (40, 130, 210)]))
    palm(image, rng, rng.uniform(-0.02, 0.04), 0.86, rng.uniform(0.62, 0.72), 0.12)
    starfish(image, rng.uniform(0.66, 0.8), rng.uniform(0.92, 0.96), 0.035, (244, 112, 84))
    shell(image, rng.uniform(0.2, 0.4), rng.uniform(0.93, 0.97), 0.03)
    ball(image, rng.uniform(0.1, 0.2), rng.uniform(0.88, 0.93), 0.05)
    return finish(image, rng)


def parasol(image: Image.Image, x: float, base: float, height: float, colour: Rgb) -> None:
    top, half = (x - height * 0.12, base - height), height * 0.5
    oval(image, x + 0.02, base, 0.12, 0.015, (206, 166, 108), 0.8)
    stroke(image, [(x, base), top], 0.012, (240, 240, 236))
    rim = [
        (top[0] - half + 2 * half * k / 8, top[1] + height * 0.34 - 0.02 * (k % 2) + 0.14 * height * (k / 8 - 0.5))
        for k in range(9)
    ]
    for k in range(8):
        bulge = [(a + (top[0] - a) * 0.45, b - (b - top[1]) * 0.72) for a, b in (rim[k], rim[k + 1])]
        area(image, [top, bulge[0], rim[k], rim[k + 1], bulge[1]], dark(colour if k % 2 else (252, 250, 244), 0.03 * k))


def starfish(image: Image.Image, x: float, y: float, r: float, colour: Rgb) -> None:
    points = [
        (x + q * math.cos(k * math.pi / 5 + 0.3), y + q * 0.8 * math.sin(k * math.pi / 5 + 0.3))
        for k, q in enumerate([r, r * 0.42] * 5)
    ]
    area(image, points, colour)
    for px, py in points[::2]:
        disc(image, (px + x) / 2, (py + y) / 2, r * 0.09, light(colour, 0.5))


def shell(image: Image.Image, x: float, y: float, r: float) -> None:
    fan = [(x, y + r * 0.7)] + [
        (x + r * math.cos(a * math.pi / 9), y - r * math.sin(a * math.pi / 9)) for a in range(10)
    ]
    area(image, fan, (255, 232, 222))
    for point in fan[1:]:
        stroke(image, [fan[0], point], 0.004, (232, 160, 150))


def ball(image: Image.Image, x: float, y: float, r: float) -> None:
    oval(image, x, y + r, r, r * 0.2, (206, 166, 108), 0.8)
    tones: tuple[Rgb, ...] = (
        (236, 70, 70),
        (252, 252, 250),
        (255, 204, 60),
        (252, 252, 250),
        (50, 130, 220),
        (252, 252, 250),
    )
    for k, tone in enumerate(tones):
        start, rim = k * math.pi / 3 + 0.4, []
        for j in range(7):
            rim.append((x + r * math.cos(start + j * math.pi / 18), y + r * math.sin(start + j * math.pi / 18)))
        area(image, [(x - r * 0.2, y - r * 0.25), *rim], tone)


def island(rng: random.Random) -> Image.Image:
    image = day(rng, 4)
    sea = jitter((26, 140, 200), rng)
    box(image, -0.02, 0.46, 1.02, 1.02, (dark(sea, 0.15), sea, (48, 186, 214), (36, 160, 206)))
    glints(image, rng, 0.48, 0.7, 60, (200, 240, 250))
    for rx, ry, tone, alpha in (
        (0.56, 0.18, (110, 224, 222), 0.6),
        (0.5, 0.145, (170, 242, 232), 0.8),
        (0.475, 0.13, (255, 255, 255), 1),
    ):
        oval(image, 0.5, 0.82, rx, ry, tone, alpha)
    mound = [
        (0.04, 0.83),
        *curve((0.06, 0.8), (0.5, 0.58), (0.94, 0.8)),
        (0.96, 0.83),
        *curve((0.94, 0.86), (0.5, 1.0), (0.06, 0.86)),
    ]
    area(image, mound, ((252, 230, 174), (244, 212, 148), (226, 186, 122)))
    area(
        image,
        [*curve((0.2, 0.76), (0.5, 0.62), (0.8, 0.76)), *curve((0.8, 0.76), (0.5, 0.82), (0.2, 0.76))],
        ((126, 190, 84), (92, 160, 70)),
    )
    palm(image, rng, rng.uniform(0.2, 0.24), 0.79, rng.uniform(0.56, 0.64), -0.06)
    palm(image, rng, rng.uniform(0.13, 0.16), 0.82, rng.uniform(0.38, 0.46), -0.07)
    palm(image, rng, rng.uniform(0.8, 0.84), 0.8, rng.uniform(0.46, 0.56), 0.06)
    for x in sides(rng, 4, 0.26):
        rock(image, rng, 0.5 + (x - 0.5) * 0.8, rng.uniform(0.82, 0.87), 0.06, 0.035, (176, 160, 140))
    for y in (0.95, 0.98):
        wave(image, rng, y, 0.012, 7, (120, 220, 236), 0.6)
    return finish(image, rng)


def wave(
    image: Image.Image, rng: random.Random, y: float, height: float, count: int, fill: Fill, alpha: float = 1.0
) -> None:
    """A row of sharp crests; all below them, down to a little under `y`, takes the fill."""
    image_points, step, phase = [], 1 / count, rng.random()
    for k in range(-1, count + 2):
        x = (k + phase) * step
        image_points += curve((x, y), (x + step * 0.5, y + height), (x + step, y), 8)
    back = [(x, py + height * 1.1) for x, py in image_points[::-1]]
    area(image, image_points + back, fill, alpha)


def lake(rng: random.Random) -> Image.Image:
    image = day(rng, 3)
    air = (196, 218, 236)
    for x, high in ((rng.uniform(0.08, 0.2), 0.34), (rng.uniform(0.8, 0.92), 0.38), (0.5, 0.24)):
        peak(image, rng, x, 0.48, 0.6, high, mix((92, 108, 144), air, 0.3))
    haze(image, 0.3, 0.5, air, 0, 0.55)
    for k in range(26):
        x = (k + rng.random()) / 26
        fir(
            image,
            rng,
            x,
            0.49,
            0.06 + 0.16 * abs(x - 0.5) * rng.uniform(0.8, 1.5),
            mix((34, 96, 76), air, 0.12 + 0.3 * rng.random()),
        )
    reflect(image, 0.485, 0.8)
    tint = jitter((40, 130, 180), rng)
    haze(image, 0.485, 0.8, tint, 0.25, 0.75)
    glints(image, rng, 0.5, 0.74, 30, (220, 240, 248))
    box(image, -0.02, 0.485, 1.02, 0.489, (226, 240, 246))
    for x in sides(rng, 5, 0.3):
        oval(image, x, rng.uniform(0.66, 0.74), 0.035, 0.008, (96, 168, 84))
    shore = ridge(rng, 0.79, 0.02, 0.8)
    land(image, [(x, y - 0.012) for x, y in shore], (220, 206, 160))
    land(image, shore, ((136, 186, 90), (96, 152, 70), (60, 112, 58)))
    for x in sides(rng, 12, 0.17):
        reed(image, rng, x, rng.uniform(0.8, 0.9), rng.uniform(0.24, 0.36))
    jetty(image, rng.uniform(0.74, 0.8))
    grass(image, rng, 50, 0.84, 1.02, 0.05, (84, 140, 64))
    for x in sides(rng, 4, 0.4):
        rock(image, rng, x, rng.uniform(0.84, 0.98), 0.08, 0.045, (146, 146, 150))
    return finish(image, rng)


def reflect(image: Image.Image, level: float, bottom: float) -> None:
    """Mirror what lies above the level in the water below it, a little squeezed and blurred."""
    size, first, last = image.width, round(level * image.width), round(bottom * image.width)
    above = image.crop((0, 0, size, first)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    image.paste(above.resize((size // 8, last - first)).resize((size, last - first)), (0, first))


def jetty(image: Image.Image, x: float) -> None:
    """A wooden pier that leads from the near shore into the water."""
    for share in (0.0, 0.5, 1.0):
        y, half = 0.86 - 0.22 * share, 0.085 - 0.05 * share
        for side in (-1, 1):
            stroke(
                image,
                [(x + side * half, y - 0.04 * (1.3 - share)), (x + side * half, y + 0.05)],
                0.014 - 0.006 * share,
                (98, 70, 48),
            )
    area(
        image, [(x - 0.1, 0.9), (x - 0.035, 0.64), (x + 0.035, 0.64), (x + 0.1, 0.9)], ((176, 132, 92), (150, 106, 70))
    )
    for k in range(11):
        share = (k / 10) ** 1.4
        y, half = 0.64 + 0.26 * share, 0.035 + 0.065 * share
        stroke(image, [(x - half, y), (x + half, y)], 0.003 + 0.002 * share, (112, 78, 52))


def river(rng: random.Random) -> Image.Image:
    image = day(rng, 3)
    air, green = (196, 222, 236), jitter((110, 176, 82), rng)
    land(image, ridge(rng, 0.4, 0.07, 1.0), (mix((90, 140, 130), air, 0.6), mix((90, 140, 120), air, 0.4)))
    land(image, ridge(rng, 0.45, 0.04, 1.3), (mix(green, air, 0.4), mix(green, air, 0.3)))
    land(image, ridge(rng, 0.5, 0.015), (light(green, 0.2), green, dark(green, 0.3)))
    for k in range(14):
        x = (k + rng.random()) / 14
        tree(image, rng, x, 0.52, rng.uniform(0.07, 0.12), mix((64, 132, 70), air, 0.25))
    left = [
        *curve((0.56, 0.51), (0.66, 0.56), (0.3, 0.62)),
        *curve((0.3, 0.62), (-0.1, 0.7), (0.12, 0.82)),
        *curve((0.12, 0.82), (0.26, 0.9), (0.24, 1.02)),
    ]
    right = [
        *curve((0.6, 0.51), (0.8, 0.57), (0.52, 0.63)),
        *curve((0.52, 0.63), (0.3, 0.7), (0.62, 0.78)),
        *curve((0.62, 0.78), (0.95, 0.86), (1.0, 1.02)),
    ]
    bank = [(x - 0.012, y) for x, y in left] + [(x + 0.012, y) for x, y in right[::-1]]
    area(image, [(x, y + 0.006) for x, y in bank], (206, 186, 132))
    area(image, left + right[::-1], ((170, 220, 240), (70, 166, 214), (40, 126, 190)))
    for _ in range(26):
        share = rng.random()
        k = round(share * (len(left) - 1))
        (a, y), (b, _y) = left[k], right[k]
        x, half = a + (b - a) * rng.uniform(0.2, 0.8), (b - a) * 0.1
        oval(image, x, y, half, 0.002 + 0.003 * share, (226, 246, 252), 0.8)
    for x in sides(rng, 6, 0.14):
        tree(image, rng, x, rng.uniform(0.6, 0.74), rng.uniform(0.3, 0.46), jitter((62, 140, 66), rng, 14))
    for k in (8, 16, 22, 27, 31, 34):
        for x, y in (left[k], right[k]):
            rock(
                image,
                rng,
                x + rng.uniform(-0.02, 0.02),
                y + 0.015,
                0.03 + 0.06 * (y - 0.5),
                0.02 + 0.05 * (y - 0.5),
                (150, 148, 150),
            )
    for x in (rng.uniform(0.02, 0.08), rng.uniform(0.12, 0.17)):
        reed(image, rng, x, 0.96, rng.uniform(0.2, 0.28))
    return finish(image, rng)


def waterfall(rng: random.Random) -> Image.Image:
    image = blank((120, 186, 236), (210, 236, 246), (160, 200, 190))
    stone, lip = jitter((104, 106, 116), rng), rng.uniform(0.16, 0.22)
    area(
        image,
        [*jagged(rng, [(-0.02, lip - 0.05), (0.5, lip - 0.02), (1.02, lip - 0.06)], 0.1), (1.02, 0.85), (-0.02, 0.85)],
        (light(stone, 0.1), dark(stone, 0.35)),
    )
    for _ in range(12):
        x, y = rng.choice([rng.uniform(0, 0.2), rng.uniform(0.8, 1)]), rng.uniform(lip, 0.6)
        area(
            image,
            [(x, y), (x + 0.05, y + 0.02), (x + 0.04, y + 0.1), (x - 0.02, y + 0.08)],
            mix(stone, (200, 200, 200), rng.uniform(0, 0.3)),
        )
    for x in (-0.03, 0.1, 0.5, 0.9, 1.03):
        tree(image, rng, x + rng.uniform(-0.03, 0.03), lip, rng.uniform(0.2, 0.3), jitter((56, 136, 70), rng))
    curtain(image, rng, 0.14, 0.86, lip)
    for x in (0.14, 0.86):
        for k in range(4):
            y = lip + 0.03 + 0.14 * k
            rock(
                image,
                rng,
                x + (0.02 if x < 0.5 else -0.02) * rng.uniform(-1, 1),
                y + 0.1,
                0.1,
                0.13,
                mix(stone, (70, 110, 80), 0.3 * (k % 2)),
            )
    for x in sides(rng, 8, 0.14):
        fern(image, rng, x, rng.uniform(0.3, 0.74), 0.09, (70, 150, 74))
    pool = ((150, 224, 236), (60, 168, 206), (34, 122, 172))
    box(image, -0.02, 0.74, 1.02, 1.02, pool)
    for _ in range(26):
        x = rng.uniform(0.08, 0.92)
        disc(image, x, 0.745 + rng.uniform(-0.03, 0.03), rng.uniform(0.03, 0.07), (246, 252, 255), 0.6, 0.012)
    for k in range(4):
        oval(image, 0.5, 0.8 + 0.05 * k, 0.4 + 0.05 * k, 0.012, (226, 246, 250), 0.5)
    rock(image, rng, 0.5, 0.96, 0.6, 0.14, dark(stone, 0.05))
    area(
        image,
        [(0.25, 0.845), (0.36, 0.82), (0.62, 0.815), (0.74, 0.84), (0.6, 0.87), (0.38, 0.872)],
        mix(light(stone, 0.35), (110, 160, 90), 0.4),
    )
    for x in sides(rng, 6, 0.18):
        rock(image, rng, x, rng.uniform(0.86, 1.0), rng.uniform(0.12, 0.18), 0.09, jitter(stone, rng))
    for x in sides(rng, 4, 0.1):
        fern(image, rng, x, rng.uniform(0.92, 1.0), 0.15, (60, 146, 70))
    return finish(image, rng)


def curtain(image: Image.Image, rng: random.Random, left: float, right: float, top: float) -> None:
    """Falling water: a white-blue sheet with streaks and an edge of foam."""
    box(image, left, top, right, 0.78, ((180, 226, 244), (214, 240, 250), (240, 250, 254)))
    for _ in range(46):
        x, y = rng.uniform(left, right), rng.uniform(top, 0.6)
        tone = rng.choice([(255, 255, 255), (255, 255, 255), (140, 204, 232), (120, 190, 224)])
        area(image, taper([(x, y), (x, y + rng.uniform(0.12, 0.35))], 0.012, 0.004), tone, 0.75)
    for k in range(11):
        oval(image, left + (right - left) * k / 10, top + 0.004, 0.05, 0.012, (250, 254, 255))
