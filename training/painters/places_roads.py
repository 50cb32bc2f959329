"""Painters of street, road and bridge. Each gives an RGB picture of SIDE x SIDE."""

import random

from PIL import Image

from training.painters.painting import (
    Point,
    Rgb,
    area,
    blank,
    box,
    cloud,
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
from training.painters.plants import tree
from training.painters.scenery import TREES, day, glints, lamp, peak

WALLS: tuple[Rgb, ...] = (
    (214, 108, 84),
    (240, 196, 120),
    (128, 168, 196),
    (236, 226, 206),
    (178, 128, 160),
    (150, 184, 140),
)


def street(rng: random.Random) -> Image.Image:
    image = blank(jitter((110, 178, 236), rng), (206, 230, 246), (250, 240, 222))
    for _ in range(3):
        cloud(image, rng, rng.uniform(0.2, 0.8), rng.uniform(0.06, 0.2), rng.uniform(0.14, 0.24))
    horizon = 0.52
    box(image, -0.02, horizon, 1.02, 1.02, (214, 204, 192))
    for k in range(7):
        tree(image, rng, 0.4 + k * 0.035, horizon + 0.02, 0.08, mix(TREES, (220, 230, 230), 0.4))
    road_surface(image, horizon, 0.62)
    for side in (-1, 1):
        tones = rng.sample(WALLS, 5)
        for k in range(4, -1, -1):
            near = (1.05, 1.5, 2.0, 2.7, 3.7)[k]
            house_row(image, rng, side, near, (1.5, 2.0, 2.7, 3.7, 5.2)[k], rng.uniform(0.62, 0.85), tones[k], horizon)
        for z in (3.2, 2.1, 1.42):
            lamp(image, 0.5 + side * 0.46 / z, horizon + 0.4 / z, 0.6 / z, side)
    return finish(image, rng)


def road_surface(image: Image.Image, horizon: float, spread: float) -> None:
    """A street that runs to the vanishing point, with pavements and a dashed line."""
    centre = 0.5
    for half, tone in ((spread + 0.14, (226, 218, 208)), (spread + 0.02, (190, 184, 180)), (spread, (86, 88, 98))):
        area(
            image,
            [(centre - 0.02, horizon), (centre + 0.02, horizon), (centre + half, 1.02), (centre - half, 1.02)],
            (light(tone, 0.3), tone),
        )
    for near, far in ((1.0, 1.15), (1.4, 1.65), (2.1, 2.6), (3.6, 4.6), (6, 8)):
        y0, y1 = horizon + (1.02 - horizon) / near, horizon + (1.02 - horizon) / far
        area(
            image,
            [
                (centre - 0.016 / near, y0),
                (centre + 0.016 / near, y0),
                (centre + 0.016 / far, y1),
                (centre - 0.016 / far, y1),
            ],
            (250, 236, 190),
        )


def house_row(
    image: Image.Image,
    rng: random.Random,
    side: int,
    near: float,
    far: float,
    height: float,
    colour: Rgb,
    horizon: float,
) -> None:
    """A terraced house along the street, between two depths; heights are at depth 1."""

    def at(share: float, level: float) -> Point:
        depth = 1 / ((1 - share) / near + share / far)
        return 0.5 + side * 0.62 / depth, horizon + (0.4 - level * (0.4 + height)) / depth

    tone = dark(colour, 0.12) if side > 0 else colour
    area(image, [at(0, 0), at(1, 0), at(1, 1), at(0, 1)], (light(tone, 0.15), tone))
    area(image, [at(0, 1), at(1, 1), at(1, 0.95), at(0, 0.95)], dark(tone, 0.35))
    for level in (0.42, 0.7):
        for k in range(3):
            left, right = (k + 0.25) / 3, (k + 0.75) / 3
            area(
                image,
                [
                    at(left - 0.03, level - 0.015),
                    at(right + 0.03, level - 0.015),
                    at(right + 0.03, level + 0.19),
                    at(left - 0.03, level + 0.19),
                ],
                (250, 246, 238),
            )
            pane = rng.choice([(92, 130, 160), (120, 160, 190), (255, 226, 150)])
            area(image, [at(left, level), at(right, level), at(right, level + 0.17), at(left, level + 0.17)], pane)
    area(image, [at(0.08, 0), at(0.3, 0), at(0.3, 0.26), at(0.08, 0.26)], dark(colour, 0.6))
    area(image, [at(0.4, 0.04), at(0.92, 0.04), at(0.92, 0.24), at(0.4, 0.24)], (150, 196, 214))
    awning = rng.choice([(214, 66, 60), (46, 130, 110), (50, 96, 160)])
    for k in range(6):
        left, right = 0.36 + k * 0.1, 0.46 + k * 0.1
        area(
            image,
            [at(left, 0.34), at(right, 0.34), at(right, 0.24), at(left, 0.24)],
            (252, 248, 240) if k % 2 else awning,
        )


def road(rng: random.Random) -> Image.Image:
    image = day(rng, 4)
    green, horizon = jitter((132, 182, 82), rng), 0.46
    peak(image, rng, 0.2, 0.5, 0.5, 0.2, mix((110, 124, 160), (206, 224, 240), 0.4))
    peak(image, rng, 0.78, 0.5, 0.6, 0.24, mix((110, 124, 160), (206, 224, 240), 0.4))
    land(image, ridge(rng, 0.45, 0.03), (mix(green, (206, 226, 236), 0.5), mix(green, (206, 226, 236), 0.3)))
    box(image, -0.02, horizon, 1.02, 1.02, (light(green, 0.25), green, dark(green, 0.2)))
    for k in range(6):
        y = horizon + 0.02 + 0.03 * k
        box(image, -0.02, y, 1.02, y + 0.012, mix(green, (226, 200, 110), 0.5), 0.6)
    for half, tone in ((0.56, (214, 190, 140)), (0.5, (82, 84, 94))):
        area(
            image,
            [(0.49, horizon), (0.51, horizon), (0.5 + half, 1.02), (0.5 - half, 1.02)],
            (light(tone, 0.25), tone, dark(tone, 0.1)),
        )
    for side in (-1, 1):
        area(
            image,
            [
                (0.5 + side * 0.009, horizon),
                (0.5 + side * 0.01, horizon),
                (0.5 + side * 0.475, 1.02),
                (0.5 + side * 0.445, 1.02),
            ],
            (250, 250, 246),
        )
    for near, far in ((1.0, 1.14), (1.35, 1.6), (2.0, 2.5), (3.2, 4.2), (5.5, 7.5)):
        y0, y1 = horizon + (1.02 - horizon) / near, horizon + (1.02 - horizon) / far
        area(
            image,
            [(0.5 - 0.022 / near, y0), (0.5 + 0.022 / near, y0), (0.5 + 0.022 / far, y1), (0.5 - 0.022 / far, y1)],
            (252, 206, 60),
        )
    for side in (-1, 1):
        for z in (7, 5, 3.6, 2.6, 1.9, 1.45):
            if side < 0:
                pole(image, 0.5 - 0.64 / z, horizon + 0.5 / z, 0.9 / z)
            else:
                tree(image, rng, 0.5 + rng.uniform(0.66, 0.78) / z, horizon + 0.5 / z, 0.7 / z, jitter(TREES, rng))
    sign(image, rng.uniform(0.9, 0.94), 0.82, 0.4, rng.random() < 0.5)
    return finish(image, rng)


def pole(image: Image.Image, x: float, base: float, height: float) -> None:
    """A telegraph pole."""
    wood = (104, 78, 60)
    stroke(image, [(x, base), (x, base - height)], height * 0.03, wood)
    for level in (0.94, 0.86):
        stroke(
            image,
            [(x - height * 0.13, base - height * level), (x + height * 0.13, base - height * level)],
            height * 0.022,
            wood,
        )


def sign(image: Image.Image, x: float, base: float, height: float, warning: bool) -> None:
    """A road sign: a yellow diamond with a bend, or a red-rimmed disc."""
    stroke(image, [(x, base), (x, base - height)], 0.013, (150, 154, 162))
    y, r = base - height, 0.085
    if warning:
        for size, tone in ((1.0, (40, 40, 46)), (0.93, (255, 204, 40))):
            area(image, [(x - r * size, y), (x, y - r * size), (x + r * size, y), (x, y + r * size)], tone)
        stroke(
            image,
            [(x - 0.015, y + 0.035), (x - 0.015, y), (x + 0.015, y - 0.015), (x + 0.015, y - 0.04)],
            0.012,
            (40, 40, 46),
        )
    else:
        disc(image, x, y, r * 0.85, (222, 50, 50))
        disc(image, x, y, r * 0.64, (252, 252, 250))
        for dx in (-0.022, 0.022):
            oval(image, x + dx, y, 0.015, 0.028, (40, 40, 46))
            oval(image, x + dx, y, 0.007, 0.019, (252, 252, 250))


def bridge(rng: random.Random) -> Image.Image:
    image = blank(jitter((112, 176, 232), rng), (190, 220, 242), (250, 232, 212))
    for _ in range(3):
        cloud(image, rng, rng.random(), rng.uniform(0.08, 0.3), rng.uniform(0.16, 0.26))
    horizon, red = 0.54, jitter((206, 66, 48), rng)
    land(image, ridge(rng, 0.49, 0.06, 1.2), ((140, 166, 176), (110, 146, 150)))
    box(image, -0.02, horizon, 1.02, 1.02, ((130, 190, 216), (52, 130, 176), (30, 96, 146)))
    glints(image, rng, 0.56, 0.9, 60, (214, 240, 248))
    area(image, [(0.485, horizon), (0.515, horizon), (1.0, 1.02), (0.0, 1.02)], ((150, 150, 160), (96, 98, 110)))
    for near, far in ((1.0, 1.16), (1.4, 1.7), (2.2, 2.8), (4, 5.5)):
        y0, y1 = horizon + 0.48 / near, horizon + 0.48 / far
        area(
            image,
            [(0.5 - 0.018 / near, y0), (0.5 + 0.018 / near, y0), (0.5 + 0.018 / far, y1), (0.5 - 0.018 / far, y1)],
            (252, 226, 140),
        )
    for depth, share in ((4.4, 0.45), (1.5, 0.0)):
        portal(image, depth, horizon, mix(red, (226, 214, 214), share))
        cables(image, depth, horizon, mix(red, (226, 214, 214), share), 1.0 if depth < 2 else 2.0)
    for side in (-1, 1):
        for level in (0.0, 0.13):
            rail = [(0.5 + side * 0.017, horizon - level * 0.03), (0.5 + side * 0.6, horizon + (0.56 - level) * 1.02)]
            area(image, taper(rail, 0.003, 0.03 if not level else 0.02), dark(red, 0.1))
        for k in range(10):
            z = 1.0 + k * 0.25
            stroke(
                image,
                [(0.5 + side * 0.54 / z, horizon + 0.5 / z), (0.5 + side * 0.54 / z, horizon + 0.38 / z)],
                0.011 / z,
                dark(red, 0.1),
            )
    return finish(image, rng)


def portal(image: Image.Image, depth: float, horizon: float, colour: Rgb) -> None:
    """A tower of a suspension bridge astride the deck."""
    half, base, top, width = 0.52 / depth, horizon + 0.48 / depth, horizon - 0.78 / depth, 0.085 / depth
    for side in (-1, 1):
        x = 0.5 + side * half
        box(image, x - width / 2, top, x + width / 2, base + 0.1 / depth, (light(colour, 0.15), colour))
        box(image, x + width * 0.15, top, x + width / 2, base + 0.1 / depth, dark(colour, 0.25))
        box(image, x - width * 0.65, top - 0.02 / depth, x + width * 0.65, top + 0.03 / depth, dark(colour, 0.1))
    for level in (0.74, 0.5):
        y = horizon - level / depth
        box(image, 0.5 - half, y, 0.5 + half, y + 0.09 / depth, (light(colour, 0.1), dark(colour, 0.15)))


def cables(image: Image.Image, depth: float, horizon: float, colour: Rgb, far: float) -> None:
    """The main cables from the tower's heads, sagging towards the eye and away, with their hangers."""
    for side in (-1, 1):
        for k in range(1, 16):
            z = depth * (1 + 0.1 * k)
            sag = min(1.0, k / 12)
            level = 0.76 * (1 - sag) ** 2 + 0.1
            x, y = 0.5 + side * 0.52 / z, horizon - level / z
            if far < 2:
                stroke(image, [(x, y), (x, horizon + 0.45 / z)], 0.003, dark(colour, 0.1))
        line = []
        for k in range(16):
            z = depth * (1 + 0.1 * k)
            line.append((0.5 + side * 0.52 / z, horizon - (0.76 * (1 - min(1.0, k / 12)) ** 2 + 0.02) / z))
        area(image, taper(line, 0.018 / depth, 0.006 / depth), dark(colour, 0.1))
        near = [
            (0.5 + side * 0.52 / z, horizon - (0.76 - 0.9 * (1 - z / depth)) / z)
            for z in (depth, depth * 0.9, depth * 0.8, depth * 0.7)
        ]
        area(image, taper(near, 0.018 / depth, 0.03 / depth), dark(colour, 0.1))
        for z in (depth * 0.94, depth * 0.88, depth * 0.82):
            x = 0.5 + side * 0.52 / z
            stroke(
                image,
                [(x, horizon - (0.76 - 0.9 * (1 - z / depth)) / z), (x, horizon + 0.45 / z)],
                0.005,
                dark(colour, 0.1),
            )
