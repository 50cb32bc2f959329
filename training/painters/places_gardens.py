"""Painters of garden and park. Each gives an RGB picture of SIDE x SIDE."""

import math
import random

from PIL import Image

from training.painters.painting import (
    Rgb,
    area,
    box,
    curve,
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
from training.painters.plants import PETALS, bush, flower, tree, tulip
from training.painters.scenery import TREES, day, fence, lamp, sides, tower


def garden(rng: random.Random) -> Image.Image:
    image = day(rng, 3)
    green = jitter((104, 176, 78), rng)
    for k in range(9):
        bush(image, rng, k / 8 + rng.uniform(-0.03, 0.03), 0.6, rng.uniform(0.09, 0.13), dark(green, 0.25))
    box(image, -0.02, 0.5, 1.02, 0.62, dark(green, 0.28))
    fence(image, -0.02, 1.02, 0.63, 0.17)
    land(image, ridge(rng, 0.62, 0.01), (light(green, 0.22), green, dark(green, 0.1)))
    arch(image, rng, 0.5)
    area(image, [(0.46, 0.64), (0.54, 0.64), (0.72, 1.02), (0.28, 1.02)], ((232, 214, 178), (214, 190, 148)))
    for side in (0, 1):
        for row in range(4):
            y = 0.68 + 0.085 * row
            inner, tone = 0.34 - 0.055 * row, rng.choice(PETALS)
            bed = [
                (side, y - 0.02),
                (abs(side - inner), y - 0.02),
                (abs(side - inner + 0.02), y + 0.045),
                (side, y + 0.045),
            ]
            area(image, bed, (122, 84, 60))
            for k in range(7):
                x = abs(side - (k + 0.4) / 7 * inner)
                size = 0.013 + 0.005 * row
                tulip(image, x, y - 0.03 - size * 0.6, size, jitter(tone, rng), 0.055 + 0.008 * row)
    for x, size in ((0.03, 0.13), (0.97, 0.13), (0.16, 0.085), (0.84, 0.085)):
        bush(image, rng, x, 0.6 + size * 0.5, size, dark(green, 0.12), rng.choice(PETALS))
    can(image, rng.uniform(0.74, 0.78), 0.9, 0.1)
    for _ in range(3):
        butterfly(image, rng.choice(sides(rng, 2, 0.3)), rng.uniform(0.2, 0.45), 0.028, rng.choice(PETALS))
    return finish(image, rng)


def arch(image: Image.Image, rng: random.Random, x: float) -> None:
    """A rose arch over a path."""
    line = [(x - 0.27, 0.66), (x - 0.27, 0.3)]
    line += [(x - 0.27 * math.cos(a * math.pi / 12), 0.3 - 0.2 * math.sin(a * math.pi / 12)) for a in range(13)]
    line += [(x + 0.27, 0.3), (x + 0.27, 0.66)]
    stroke(image, line, 0.022, (250, 248, 240))
    rose = rng.choice([(232, 70, 100), (246, 130, 170), (250, 240, 240)])
    for k, (px, py) in enumerate(line):
        nx, ny = line[min(k + 1, len(line) - 1)]
        steps = max(2, round(math.hypot(nx - px, ny - py) / 0.035))
        for j in range(steps):
            qx, qy = px + (nx - px) * j / steps, py + (ny - py) * j / steps
            disc(
                image,
                qx + rng.uniform(-0.02, 0.02),
                qy + rng.uniform(-0.02, 0.02),
                rng.uniform(0.02, 0.032),
                jitter((72, 146, 66), rng, 16),
            )
            if rng.random() < 0.75:
                flower(
                    image,
                    qx + rng.uniform(-0.025, 0.025),
                    qy + rng.uniform(-0.025, 0.025),
                    rng.uniform(0.013, 0.02),
                    rose,
                )


def can(image: Image.Image, x: float, base: float, size: float) -> None:
    """A watering can."""
    tone: Rgb = (84, 150, 190)
    stroke(
        image,
        curve(
            (x - size * 0.3, base - size * 0.1),
            (x - size * 0.85, base - size * 0.35),
            (x - size * 0.3, base - size * 0.6),
        ),
        size * 0.08,
        dark(tone),
    )
    area(
        image,
        taper([(x + size * 0.25, base - size * 0.2), (x + size * 0.75, base - size * 0.75)], size * 0.16, size * 0.1),
        dark(tone, 0.15),
    )
    oval(image, x + size * 0.78, base - size * 0.77, size * 0.12, size * 0.09, light(tone))
    box(image, x - size * 0.35, base - size * 0.65, x + size * 0.35, base, (light(tone, 0.25), dark(tone, 0.15)))
    oval(image, x, base - size * 0.65, size * 0.35, size * 0.09, dark(tone, 0.4))


def butterfly(image: Image.Image, x: float, y: float, size: float, colour: Rgb) -> None:
    for side in (-1, 1):
        oval(image, x + side * size * 0.55, y - size * 0.35, size * 0.5, size * 0.5, colour)
        oval(image, x + side * size * 0.4, y + size * 0.35, size * 0.34, size * 0.36, dark(colour, 0.15))
    oval(image, x, y, size * 0.1, size * 0.55, (60, 44, 40))


def park(rng: random.Random) -> Image.Image:
    image = day(rng, 3)
    green = jitter((110, 186, 84), rng)
    for k in range(10):
        x = (k + rng.uniform(0, 0.6)) / 10
        tower(image, rng, x, 0.08, 0.5 - rng.uniform(0.1, 0.3), 0.6, mix((110, 130, 160), (206, 224, 240), 0.65))
    for k in range(12):
        tree(image, rng, (k + rng.random()) / 12, 0.6, rng.uniform(0.12, 0.18), mix(TREES, (190, 220, 200), 0.25))
    land(image, ridge(rng, 0.58, 0.01), (light(green, 0.25), green, dark(green, 0.15)))
    oval(image, 0.5, 0.645, 0.26, 0.035, ((150, 210, 236), (90, 168, 210)))
    fountain(image, rng, 0.5, 0.645)
    path = curve((0.86, 0.62), (0.7, 0.72), (0.5, 0.78)) + curve((0.5, 0.78), (0.2, 0.88), (0.14, 1.02))
    other = curve((0.62, 1.02), (0.62, 0.9), (0.74, 0.8)) + curve((0.74, 0.8), (0.9, 0.72), (0.9, 0.62))
    area(image, path + other, ((236, 218, 182), (220, 196, 152)))
    for x, size in ((-0.01, 0.72), (1.0, 0.66), (0.86, 0.4)):
        tree(
            image,
            rng,
            x + rng.uniform(-0.02, 0.02),
            0.74 if size < 0.5 else 0.82,
            size * rng.uniform(0.92, 1.05),
            jitter(TREES, rng, 14),
        )
    lamp(image, rng.uniform(0.22, 0.26), 0.76, 0.46)
    bench(image, rng.uniform(0.13, 0.17), 0.86, 0.25)
    bush(image, rng, 0.93, 0.9, 0.08, TREES, rng.choice(PETALS))
    bench(image, rng.uniform(0.84, 0.88), 0.98, 0.28)
    for _ in range(14):
        flower(image, rng.choice(sides(rng, 2, 0.3)), rng.uniform(0.9, 1.0), 0.014, rng.choice(PETALS), 0.03)
    return finish(image, rng)


def fountain(image: Image.Image, rng: random.Random, x: float, base: float) -> None:
    for dx in (-0.1, -0.06, 0.06, 0.1):
        stroke(image, curve((x, base - 0.24), (x + dx * 0.9, base - 0.3), (x + dx, base)), 0.007, (232, 246, 252))
    area(image, taper([(x, base), (x, base - 0.27)], 0.03, 0.008), (240, 250, 254))
    oval(image, x, base - 0.1, 0.07, 0.018, (176, 180, 190))


def bench(image: Image.Image, x: float, base: float, size: float) -> None:
    """A park bench seen from its front."""
    half, wood, iron = size / 2, (170, 112, 68), (48, 52, 60)
    oval(image, x, base, half * 1.1, size * 0.05, (70, 120, 60), 0.6)
    for side in (-0.85, 0.85):
        stroke(image, [(x + side * half, base), (x + side * half, base - size * 0.52)], size * 0.045, iron)
        stroke(image, [(x + side * half * 1.1, base), (x + side * half * 1.1, base - size * 0.25)], size * 0.045, iron)
    for k, y in enumerate((0.5, 0.4, 0.3)):
        box(
            image,
            x - half,
            base - size * y - size * 0.035,
            x + half,
            base - size * y + size * 0.035,
            light(wood, 0.1 * (2 - k)),
        )
    area(
        image,
        [
            (x - half, base - size * 0.23),
            (x + half, base - size * 0.23),
            (x + half * 1.15, base - size * 0.15),
            (x - half * 1.15, base - size * 0.15),
        ],
        light(wood, 0.2),
    )
    box(image, x - half * 1.15, base - size * 0.15, x + half * 1.15, base - size * 0.115, dark(wood, 0.25))
