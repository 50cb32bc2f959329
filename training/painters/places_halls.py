"""Painters of halls: castle, library, stage. Each gives an RGB picture of SIDE x SIDE."""

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
    leaf_shape,
    light,
    mix,
    oval,
    shaft,
    stroke,
    taper,
)
from training.painters.scenery import BOOKS, boards, drape, tiles


def castle_hall(rng: random.Random) -> Image.Image:
    stone = jitter((124, 116, 122), rng)
    image = blank(dark(stone, 0.55), dark(stone, 0.2), stone)
    for j in range(15):
        for k in range(9):
            x, y = (k + 0.5 * (j % 2)) / 8 - 0.06, j * 0.052
            box(image, x, y, x + 0.115, y + 0.046, mix(dark(stone, 0.5 - 0.022 * j), jitter(stone, rng, 8), 0.4))
    glass: tuple[Rgb, ...] = ((70, 130, 220), (230, 80, 80), (250, 200, 80), (90, 180, 120))
    for x in (0.32, 0.5, 0.68):
        gothic(image, rng, x, 0.12, 0.5, 0.1, glass)
    tiles(image, 0.74, (196, 188, 184), (110, 104, 116))
    red = jitter((170, 34, 44), rng)
    for half, tone in ((0.22, (226, 178, 80)), (0.195, red)):
        area(
            image,
            [(0.5 - half * 0.5, 0.74), (0.5 + half * 0.5, 0.74), (0.5 + half * 1.5, 1.02), (0.5 - half * 1.5, 1.02)],
            (dark(tone, 0.15), tone),
        )
    for x, width in ((0.205, 0.07), (0.795, 0.07), (0.03, 0.12), (0.97, 0.12)):
        pillar(image, x, width, 0.78 if width < 0.1 else 0.88, light(stone, 0.12))
    for x in (0.118, 0.882):
        banner(image, x, 0.14, 0.1, 0.42, jitter(red, rng))
        torch(image, x, 0.66)
    vault(image, dark(stone, 0.35), light(stone, 0.05))
    chandelier(image, 0.5, 0.14)
    armour(image, rng.choice([0.235, 0.765]), 0.86)
    return finish(image, rng)


def gothic(
    image: Image.Image, rng: random.Random, x: float, top: float, bottom: float, width: float, tones: tuple[Rgb, ...]
) -> None:
    """A pointed window of stained glass."""
    for grow, fill in ((0.016, (74, 68, 76)), (0.0, ((250, 236, 190), (160, 200, 236)))):
        half = width / 2 + grow
        outline = [
            (x - half, bottom + grow),
            *curve((x - half, top + 0.1), (x - half, top + 0.03), (x, top - grow)),
            *curve((x, top - grow), (x + half, top + 0.03), (x + half, top + 0.1)),
            (x + half, bottom + grow),
        ]
        area(image, outline, fill)
    for j in range(6):
        for side in (-1, 1):
            y = top + 0.1 + j * (bottom - top - 0.1) / 6
            area(
                image,
                [
                    (x + side * 0.006, y),
                    (x + side * width * 0.44, y),
                    (x + side * width * 0.44, y + 0.04),
                    (x + side * 0.006, y + 0.04),
                ],
                rng.choice(tones),
            )
    disc(image, x, top + 0.075, width * 0.2, rng.choice(tones))
    glow(image, x, (top + bottom) / 2, width * 1.5, (255, 240, 200), 0.35)


def pillar(image: Image.Image, x: float, width: float, base: float, colour: Rgb) -> None:
    half = width / 2
    box(image, x - half, 0.1, x + half, base, colour)
    box(image, x - half, 0.1, x - half * 0.4, base, light(colour, 0.25))
    box(image, x + half * 0.3, 0.1, x + half, base, dark(colour, 0.3))
    for y in (0.1, base - 0.04):
        box(image, x - half * 1.3, y, x + half * 1.3, y + 0.04, light(colour, 0.12))
        box(image, x + half * 0.4, y, x + half * 1.3, y + 0.04, dark(colour, 0.2))


def banner(image: Image.Image, x: float, top: float, width: float, length: float, colour: Rgb) -> None:
    half = width / 2
    shape = [
        (x - half, top),
        (x + half, top),
        (x + half, top + length),
        (x, top + length * 0.85),
        (x - half, top + length),
    ]
    area(image, shape, (light(colour, 0.12), dark(colour, 0.15)))
    for side in (-1, 1):
        stroke(
            image, [(x + side * half * 0.86, top), (x + side * half * 0.86, top + length * 0.95)], 0.008, (236, 190, 90)
        )
    shield = [
        (x - half * 0.5, top + 0.1),
        (x + half * 0.5, top + 0.1),
        (x + half * 0.45, top + 0.17),
        (x, top + 0.215),
        (x - half * 0.45, top + 0.17),
    ]
    area(image, shield, (240, 200, 96))
    stroke(image, [(x, top + 0.1), (x, top + 0.21)], 0.009, colour)
    stroke(image, [(x - half * 0.5, top + 0.145), (x + half * 0.5, top + 0.145)], 0.009, colour)


def torch(image: Image.Image, x: float, y: float) -> None:
    glow(image, x, y - 0.05, 0.18, (255, 170, 60), 0.8)
    area(image, taper([(x, y + 0.09), (x, y)], 0.014, 0.032), (74, 54, 46))
    for size, tone in ((1.0, (240, 110, 30)), (0.66, (255, 180, 50)), (0.34, (255, 240, 170))):
        area(image, leaf_shape(x, y + 0.005, 0.09 * size, 0.05 * size, -1.57), tone)


def vault(image: Image.Image, shade: Rgb, rib: Rgb) -> None:
    """Arches between the pillars along the top of the hall."""
    for left, right in ((0.03, 0.205), (0.205, 0.795), (0.795, 0.97)):
        middle, rise = (left + right) / 2, 0.1 if right - left > 0.3 else 0.09
        line = [
            *curve((left, 0.12), (left, 0.12 - rise), (middle, 0.02)),
            *curve((middle, 0.02), (right, 0.12 - rise), (right, 0.12)),
        ]
        area(image, [(left, -0.02), *line, (right, -0.02)], shade)
        stroke(image, line, 0.018, rib)


def chandelier(image: Image.Image, x: float, y: float) -> None:
    iron = (62, 50, 44)
    stroke(image, [(x, -0.02), (x, y)], 0.007, iron)
    for side in (-1, 1):
        stroke(image, [(x, y - 0.06), (x + side * 0.13, y)], 0.005, iron)
    oval(image, x, y, 0.14, 0.022, iron)
    for k in (-0.13, -0.065, 0, 0.065, 0.13):
        box(image, x + k - 0.007, y - 0.035, x + k + 0.007, y, (248, 240, 220))
        glow(image, x + k, y - 0.05, 0.06, (255, 210, 110), 0.9)
        area(image, leaf_shape(x + k, y - 0.033, 0.03, 0.015, -1.57), (255, 236, 150))


def armour(image: Image.Image, x: float, base: float) -> None:
    """A knight's armour on a stand."""
    steel: Rgb = (170, 178, 190)
    box(image, x - 0.05, base - 0.02, x + 0.05, base, (70, 62, 66))
    for side in (-1, 1):
        area(
            image,
            taper([(x + side * 0.018, base - 0.02), (x + side * 0.016, base - 0.15)], 0.024, 0.03),
            dark(steel, 0.1),
        )
        area(
            image,
            taper([(x + side * 0.045, base - 0.24), (x + side * 0.05, base - 0.13)], 0.026, 0.02),
            dark(steel, 0.15),
        )
    area(
        image,
        [(x - 0.045, base - 0.27), (x + 0.045, base - 0.27), (x + 0.03, base - 0.14), (x - 0.03, base - 0.14)],
        (light(steel, 0.4), steel),
    )
    area(
        image, [(x, base - 0.27), (x + 0.045, base - 0.27), (x + 0.03, base - 0.14), (x, base - 0.14)], dark(steel, 0.2)
    )
    oval(image, x, base - 0.3, 0.028, 0.036, (light(steel, 0.4), steel))
    box(image, x - 0.022, base - 0.306, x + 0.022, base - 0.296, (40, 40, 50))
    area(image, leaf_shape(x, base - 0.33, 0.06, 0.03, -1.2, 0.8), (210, 50, 56))


def library(rng: random.Random) -> Image.Image:
    wood = jitter((122, 78, 50), rng)
    image = blank(dark(wood, 0.45), dark(wood, 0.2), dark(wood, 0.35))
    arched_window(image, 0.5, 0.06, 0.66, 0.26, light(wood, 0.15))
    for left, right in ((-0.04, 0.165), (0.165, 0.345), (0.655, 0.835), (0.835, 1.04)):
        shelves(image, rng, left, right, -0.02, 0.8, wood)
    boards(image, 0.77, (150, 98, 62))
    oval(image, 0.5, 0.89, 0.44, 0.08, (126, 36, 46))
    oval(image, 0.5, 0.89, 0.4, 0.067, (222, 178, 96))
    oval(image, 0.5, 0.89, 0.385, 0.062, (150, 46, 54))
    for k in range(3):
        shaft(image, (0.42 + k * 0.08, 0.1), (0.34 + k * 0.14, 0.85), 0.05, (255, 240, 190), 0.2)
    ladder(image, rng.uniform(0.2, 0.26), 0.86)
    globe(image, rng.uniform(0.82, 0.86), 0.9)
    for x in (0.05, 0.14):
        pile(image, rng, x, 0.93 + 0.4 * abs(x - 0.05), rng.randint(3, 5))
    haze(image, 0.0, 0.3, (50, 28, 26), 0.25, 0.0)
    return finish(image, rng)


def shelves(
    image: Image.Image, rng: random.Random, left: float, right: float, top: float, base: float, wood: Rgb
) -> None:
    """A bookcase full of books."""
    box(image, left, top, right, base, dark(wood, 0.45))
    rows = 6
    step = (base - top) / rows
    for j in range(rows):
        floor, x = top + (j + 1) * step - 0.012, left + 0.014
        while x < right - 0.022:
            width, high = rng.uniform(0.013, 0.026), step * rng.uniform(0.6, 0.85)
            tone = jitter(rng.choice(BOOKS), rng)
            box(image, x, floor - high, min(x + width, right - 0.012), floor, tone)
            box(image, x, floor - high, x + width * 0.3, floor, light(tone, 0.2))
            box(image, x, floor - high * 0.8, min(x + width, right - 0.012), floor - high * 0.72, light(tone, 0.5))
            x += width + 0.002
        box(image, left, floor, right, floor + 0.014, wood)
    for x in (left, right - 0.012):
        box(image, x, top, x + 0.014, base, (light(wood, 0.15), wood))


def arched_window(image: Image.Image, x: float, top: float, bottom: float, width: float, frame: Rgb) -> None:
    """A tall window with a round head and small panes."""
    for grow, fill in ((0.025, frame), (0.0, ((180, 216, 244), (252, 240, 206)))):
        half = width / 2 + grow
        arc = [
            (x - half * math.cos(a * math.pi / 16), top + width / 2 - half * math.sin(a * math.pi / 16))
            for a in range(17)
        ]
        area(image, [(x - half, bottom + grow), *arc, (x + half, bottom + grow)], fill)
    for k in (-0.25, 0.0, 0.25):
        stroke(image, [(x + k * width, top + 0.03 * abs(k) * 4), (x + k * width, bottom)], 0.007, frame)
    for k in range(1, 6):
        y = top + (bottom - top) * k / 6
        stroke(image, [(x - width / 2, y), (x + width / 2, y)], 0.007, frame)
    glow(image, x, (top + bottom) / 2, 0.4, (255, 240, 200), 0.45)


def ladder(image: Image.Image, x: float, base: float) -> None:
    tone = (206, 152, 96)
    for dx in (-0.035, 0.035):
        stroke(image, [(x + dx, base), (x + dx * 0.8 + 0.05, 0.02)], 0.013, tone)
    for k in range(1, 10):
        share = k / 10
        stroke(
            image,
            [
                (x - 0.034 + 0.05 * share, base - (base - 0.02) * share),
                (x + 0.034 + 0.05 * share, base - (base - 0.02) * share),
            ],
            0.011,
            dark(tone, 0.12),
        )


def globe(image: Image.Image, x: float, base: float) -> None:
    """A globe on its stand."""
    stroke(image, [(x, base), (x, base - 0.13)], 0.014, (104, 66, 42))
    oval(image, x, base, 0.06, 0.014, (104, 66, 42))
    disc(image, x, base - 0.2, 0.082, (206, 160, 80))
    disc(image, x, base - 0.2, 0.072, ((110, 180, 220), (56, 116, 176)))
    for dx, dy, rx, ry in ((-0.025, -0.02, 0.026, 0.02), (0.025, 0.01, 0.02, 0.03), (-0.01, 0.035, 0.02, 0.014)):
        oval(image, x + dx, base - 0.2 + dy, rx, ry, (126, 178, 96))


def pile(image: Image.Image, rng: random.Random, x: float, base: float, count: int) -> None:
    """A pile of books."""
    for k in range(count):
        tone, half, shift = jitter(rng.choice(BOOKS), rng), rng.uniform(0.045, 0.06), rng.uniform(-0.01, 0.01)
        y = base - k * 0.026
        box(image, x - half + shift, y - 0.024, x + half + shift, y, tone)
        box(image, x - half + shift + 0.008, y - 0.018, x + half + shift, y - 0.006, (246, 236, 210))


def stage(rng: random.Random) -> Image.Image:
    red = jitter(rng.choice([(186, 28, 44), (186, 28, 44), (120, 30, 110)]), rng)
    image = blank((30, 14, 40), (62, 26, 60), (44, 18, 44))
    drape(image, 0.16, 0.84, 0.0, 0.74, dark(red, 0.62), 14)
    boards(image, 0.74, (176, 118, 70))
    beams: tuple[Rgb, ...] = ((255, 246, 206), (255, 220, 150), (206, 226, 255))
    for x, foot in ((0.26, 0.4), (0.5, 0.5), (0.74, 0.6)):
        shaft(image, (x, 0.06), (foot, 0.86), 0.15, rng.choice(beams), 0.22)
    oval(image, 0.5, 0.86, 0.34, 0.065, (255, 240, 196), 0.55, 0.012)
    for k in range(7):
        x = 0.2 + 0.1 * k
        box(image, x - 0.02, 0.1, x + 0.02, 0.15, (26, 24, 32))
        glow(image, x, 0.155, 0.05, (255, 244, 200), 1.0)
    side_curtain(image, red, 0)
    side_curtain(image, red, 1)
    valance(image, red)
    box(image, -0.02, 0.94, 1.02, 1.02, ((120, 74, 44), (66, 38, 30)))
    box(image, -0.02, 0.935, 1.02, 0.95, (226, 178, 90))
    for k in range(9):
        x = (k + 0.5) / 9
        glow(image, x, 0.935, 0.06, (255, 226, 140), 0.8)
        oval(image, x, 0.945, 0.028, 0.022, (255, 244, 206))
    return finish(image, rng)


def side_curtain(image: Image.Image, red: Rgb, side: int) -> None:
    """A curtain drawn aside and tied, at the left (0) or the right (1)."""
    for k in range(7, -1, -1):
        reach = 0.03 + 0.032 * k
        line = [
            *curve((reach * 1.05, -0.02), (reach * 1.1, 0.35), (reach * 0.62, 0.52)),
            *curve((reach * 0.62, 0.52), (reach * 0.7, 0.7), (reach * 0.95, 0.93)),
        ]
        tone = (light(red, 0.14), red, dark(red, 0.3), dark(red, 0.12))[k % 4]
        area(
            image,
            [
                (abs(side + 0.03 * (2 * side - 1)), -0.02),
                *((abs(side - x), y) for x, y in line),
                (abs(side + 0.03 * (2 * side - 1)), 0.93),
            ],
            tone,
        )
    stroke(image, [(abs(side - 0.0), 0.5), (abs(side - 0.165), 0.535)], 0.022, (236, 190, 90))


def valance(image: Image.Image, red: Rgb) -> None:
    """Swags along the top with a golden fringe."""
    for k in range(5):
        x = (k + 0.5) / 5
        oval(image, x, 0.03, 0.115, 0.115, (226, 178, 80))
        oval(image, x, 0.03, 0.112, 0.1, (dark(red, 0.2), red, light(red, 0.15)))
        for ring in (0.075, 0.05, 0.025):
            oval(image, x, 0.0, 0.1, ring, dark(red, 0.2) if ring != 0.05 else red)
    box(image, -0.02, -0.02, 1.02, 0.03, (light(red, 0.05), dark(red, 0.25)))
    box(image, -0.02, 0.025, 1.02, 0.036, (236, 190, 90))
