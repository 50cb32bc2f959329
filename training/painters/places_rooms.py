"""Painters of the rooms of a house. Each gives an RGB picture of SIDE x SIDE."""

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
    glow,
    jitter,
    leaf_shape,
    light,
    mix,
    oval,
    stroke,
    taper,
)
from training.painters.scenery import BOOKS, boards, drape, tiles

WOOD: Rgb = (160, 108, 70)
VIEW: tuple[Rgb, ...] = ((120, 186, 240), (206, 232, 246), (140, 196, 110))


def view(
    image: Image.Image, left: float, top: float, right: float, bottom: float, frame: Rgb, outside: Fill = VIEW
) -> None:
    """A window with its frame and a cross bar."""
    box(image, left - 0.018, top - 0.018, right + 0.018, bottom + 0.018, frame)
    box(image, left, top, right, bottom, outside)
    stroke(image, [((left + right) / 2, top), ((left + right) / 2, bottom)], 0.012, frame)
    stroke(image, [(left, (top + bottom) / 2), (right, (top + bottom) / 2)], 0.012, frame)
    box(image, left - 0.035, bottom + 0.018, right + 0.035, bottom + 0.04, light(frame, 0.2))


def framed(image: Image.Image, rng: random.Random, x: float, y: float, width: float, height: float) -> None:
    """A small landscape in a frame."""
    box(
        image,
        x - width / 2 - 0.014,
        y - height / 2 - 0.014,
        x + width / 2 + 0.014,
        y + height / 2 + 0.014,
        (150, 104, 60),
    )
    sky = rng.choice([((130, 190, 236), (250, 226, 190)), ((250, 170, 120), (250, 220, 160))])
    box(image, x - width / 2, y - height / 2, x + width / 2, y + height / 2, sky)
    area(
        image,
        [(x - width / 2, y + height / 2), (x - width * 0.15, y - height * 0.1), (x + width * 0.15, y + height / 2)],
        (92, 120, 150),
    )
    area(
        image,
        [
            (x - width * 0.15, y + height / 2),
            (x + width * 0.25, y),
            (x + width / 2, y + height * 0.2),
            (x + width / 2, y + height / 2),
        ],
        (90, 150, 96),
    )


def potted(image: Image.Image, rng: random.Random, x: float, base: float, size: float) -> None:
    """A house plant in a pot."""
    for k in range(9):
        angle = -2.9 + k * 0.33 + rng.uniform(-0.08, 0.08)
        bend = 0.5 if angle > -1.57 else -0.5
        points = leaf_shape(x, base - size * 0.35, size * rng.uniform(0.5, 0.72), size * 0.17, angle, bend)
        area(image, points, jitter((58, 138, 74), rng, 18))
    area(
        image,
        [
            (x - size * 0.2, base - size * 0.36),
            (x + size * 0.2, base - size * 0.36),
            (x + size * 0.15, base),
            (x - size * 0.15, base),
        ],
        ((220, 130, 90), (176, 92, 62)),
    )


def standing_lamp(image: Image.Image, x: float, base: float, height: float, shade: Rgb) -> None:
    glow(image, x, base - height * 0.9, height * 0.5, (255, 232, 160), 0.75)
    oval(image, x, base, 0.05, 0.012, (70, 58, 54))
    stroke(image, [(x, base), (x, base - height * 0.85)], 0.01, (90, 74, 64))
    area(
        image,
        [
            (x - 0.05, base - height),
            (x + 0.05, base - height),
            (x + 0.085, base - height * 0.8),
            (x - 0.085, base - height * 0.8),
        ],
        (light(shade, 0.5), shade),
    )


def kitchen(rng: random.Random) -> Image.Image:
    wall = jitter(rng.choice([(246, 226, 180), (206, 230, 224), (250, 216, 196)]), rng, 6)
    image = blank(light(wall, 0.3), wall)
    cabinet = jitter(rng.choice([(84, 150, 160), (230, 234, 236), (196, 120, 84)]), rng, 6)
    for j in range(5):
        for k in range(20):
            box(
                image,
                k * 0.052,
                0.36 + j * 0.042,
                k * 0.052 + 0.048,
                0.398 + j * 0.042,
                jitter((240, 246, 248), rng, 5),
            )
    view(image, 0.39, 0.1, 0.61, 0.34, (250, 248, 240))
    for left, right in ((0.0, 0.18), (0.18, 0.355), (0.645, 0.8)):
        cupboard(image, left, 0.02, right, 0.3, cabinet, 0.27)
    tiles(image, 0.79, (248, 244, 236), mix(cabinet, (120, 120, 130), 0.3))
    for k in range(6):
        left = -0.02 + 0.137 * k
        cupboard(image, left, 0.6, left + 0.137, 0.8, cabinet, 0.63)
    box(image, -0.02, 0.565, 0.82, 0.605, ((232, 206, 168), (176, 138, 98)))
    box(image, -0.02, 0.8, 0.82, 0.825, dark(cabinet, 0.5))
    stove(image, rng, 0.13, 0.565)
    fridge(image, 0.81, 1.03, 0.1, 0.84)
    tap(image, 0.56, 0.565)
    utensils(image, rng)
    return finish(image, rng)


def cupboard(
    image: Image.Image, left: float, top: float, right: float, bottom: float, colour: Rgb, knob: float
) -> None:
    box(image, left, top, right, bottom, dark(colour, 0.22))
    box(image, left + 0.006, top + 0.006, right - 0.006, bottom - 0.006, (light(colour, 0.15), colour))
    box(image, left + 0.026, top + 0.028, right - 0.026, bottom - 0.028, dark(colour, 0.1))
    box(image, left + 0.031, top + 0.033, right - 0.026, bottom - 0.028, light(colour, 0.06))
    disc(image, right - 0.02, knob, 0.009, (214, 178, 100))


def stove(image: Image.Image, rng: random.Random, x: float, top: float) -> None:
    """A stove with its oven, a hood above and pots on it."""
    box(image, x - 0.13, top, x + 0.13, 0.83, ((226, 228, 232), (180, 184, 192)))
    box(image, x - 0.13, top - 0.012, x + 0.13, top + 0.012, (60, 62, 70))
    for k in range(5):
        disc(image, x - 0.09 + k * 0.045, top + 0.04, 0.012, (60, 62, 70))
    box(image, x - 0.1, top + 0.08, x + 0.1, top + 0.21, (52, 54, 62))
    box(image, x - 0.085, top + 0.095, x + 0.085, top + 0.19, ((90, 70, 60), (226, 130, 60)))
    stroke(image, [(x - 0.1, top + 0.068), (x + 0.1, top + 0.068)], 0.01, (130, 134, 142))
    area(
        image,
        [(x - 0.06, -0.02), (x + 0.06, -0.02), (x + 0.06, 0.2), (x + 0.15, 0.31), (x - 0.15, 0.31), (x - 0.06, 0.2)],
        ((206, 210, 216), (156, 162, 172)),
    )
    box(image, x - 0.15, 0.3, x + 0.15, 0.325, (120, 126, 138))
    pot(image, x - 0.065, top - 0.012, 0.1, rng.choice([(206, 62, 52), (60, 120, 170)]))
    pot(image, x + 0.065, top - 0.012, 0.09, (190, 194, 202))
    for k in range(4):
        disc(
            image,
            x - 0.065 + 0.012 * (-1) ** k,
            top - 0.1 - 0.035 * k,
            0.018 + 0.004 * k,
            (255, 255, 255),
            0.55 - 0.1 * k,
            0.008,
        )


def pot(image: Image.Image, x: float, base: float, size: float, colour: Rgb) -> None:
    half = size / 2
    stroke(image, [(x - half * 1.3, base - size * 0.5), (x + half * 1.3, base - size * 0.5)], 0.012, (50, 50, 58))
    box(image, x - half, base - size * 0.62, x + half, base, (light(colour, 0.2), dark(colour, 0.2)))
    oval(image, x, base - size * 0.62, half * 1.05, size * 0.1, light(colour, 0.35))
    disc(image, x, base - size * 0.74, size * 0.07, (50, 50, 58))


def fridge(image: Image.Image, left: float, right: float, top: float, bottom: float) -> None:
    tone: Rgb = (232, 238, 242)
    box(image, left, top, right, bottom, (light(tone, 0.3), dark(tone, 0.12)))
    box(image, left, top, left + 0.012, bottom, dark(tone, 0.22))
    box(image, left, top + 0.26, right, top + 0.27, dark(tone, 0.35))
    for y0, y1 in ((top + 0.1, top + 0.22), (top + 0.31, top + 0.5)):
        stroke(image, [(left + 0.035, y0), (left + 0.035, y1)], 0.014, (140, 146, 156))
    for x, y, fill in ((0.1, 0.36, (250, 214, 80)), (0.15, 0.42, (240, 110, 110)), (0.1, 0.09, (120, 196, 140))):
        box(image, left + x, top + y, left + x + 0.05, top + y + 0.05, fill)


def tap(image: Image.Image, x: float, top: float) -> None:
    steel = (160, 168, 178)
    stroke(
        image,
        [
            (x, top),
            (x, top - 0.09),
            *curve((x, top - 0.09), (x + 0.01, top - 0.14), (x + 0.06, top - 0.13)),
            (x + 0.065, top - 0.09),
        ],
        0.014,
        steel,
    )
    box(image, x - 0.09, top - 0.006, x + 0.09, top + 0.012, (190, 196, 204))


def utensils(image: Image.Image, rng: random.Random) -> None:
    """What hangs on the rail and stands on the worktop."""
    stroke(image, [(0.645, 0.35), (0.8, 0.35)], 0.008, (110, 114, 122))
    for k, x in enumerate((0.67, 0.72, 0.77)):
        stroke(image, [(x, 0.35), (x, 0.43)], 0.008, (90, 70, 60) if k % 2 else (130, 134, 142))
        oval(image, x, 0.45, 0.016 if k else 0.024, 0.024, (90, 70, 60) if k % 2 else (130, 134, 142))
    box(image, 0.7, 0.47, 0.77, 0.565, ((250, 240, 220), (206, 190, 164)))
    for x, lean, tone in ((0.715, -0.02, WOOD), (0.735, 0.0, (214, 180, 130)), (0.755, 0.025, WOOD)):
        stroke(image, [(x, 0.48), (x + lean, 0.4)], 0.008, tone)
    oval(image, 0.33, 0.55, 0.065, 0.024, (214, 150, 90))
    for dx, dy, tone in ((-0.03, 0.53, (220, 60, 50)), (0.0, 0.515, (250, 190, 60)), (0.03, 0.53, (120, 180, 70))):
        disc(image, 0.33 + dx, dy, 0.024, tone)
    area(image, [(0.265, 0.54), (0.395, 0.54), (0.37, 0.567), (0.29, 0.567)], (232, 240, 246))


def bedroom(rng: random.Random) -> Image.Image:
    wall = jitter(rng.choice([(182, 206, 226), (226, 204, 220), (206, 222, 196), (236, 216, 190)]), rng, 6)
    image = blank(light(wall, 0.1), wall, dark(wall, 0.06))
    for k in range(14):
        box(image, k * 0.08, 0, k * 0.08 + 0.03, 0.68, light(wall, 0.18), 0.6)
    boards(image, 0.68, (196, 148, 104))
    box(image, -0.02, 0.66, 1.02, 0.685, (250, 248, 242))
    night = rng.random() < 0.4
    view(image, 0.62, 0.1, 0.86, 0.42, (252, 250, 244), ((24, 34, 84), (70, 80, 140)) if night else VIEW)
    if night:
        disc(image, 0.68, 0.18, 0.03, (255, 246, 206))
    cloth = jitter(rng.choice([(226, 110, 120), (120, 150, 210), (240, 190, 100)]), rng)
    stroke(image, [(0.52, 0.06), (0.96, 0.06)], 0.012, (120, 84, 60))
    drape(image, 0.54, 0.64, 0.06, 0.5, cloth, 3)
    drape(image, 0.85, 0.95, 0.06, 0.5, cloth, 3)
    framed(image, rng, 0.24, 0.22, 0.17, 0.13)
    oval(image, 0.6, 0.93, 0.4, 0.07, light(cloth, 0.4))
    oval(image, 0.6, 0.93, 0.33, 0.055, light(cloth, 0.65))
    bed(image, rng, cloth)
    bedside(image, 0.91, 0.8, cloth)
    slippers(image, rng.uniform(0.2, 0.4))
    return finish(image, rng)


def bed(image: Image.Image, rng: random.Random, cloth: Rgb) -> None:
    """A big bed along the wall, its head at the left, its foot at the right."""
    wood = jitter((140, 90, 58), rng)
    box(image, -0.03, 0.36, 0.05, 0.9, (light(wood, 0.15), wood))
    disc(image, 0.01, 0.36, 0.035, light(wood, 0.2))
    box(image, 0.03, 0.78, 0.8, 0.86, (wood, dark(wood, 0.2)))
    box(image, 0.04, 0.62, 0.79, 0.79, ((252, 252, 250), (222, 224, 232)))
    quilt = jitter(rng.choice([(90, 130, 196), (206, 92, 110), (110, 164, 130), (150, 110, 180)]), rng)
    area(
        image,
        [
            (0.26, 0.57),
            *curve((0.26, 0.57), (0.5, 0.53), (0.78, 0.59)),
            (0.8, 0.61),
            (0.8, 0.82),
            *curve((0.8, 0.82), (0.5, 0.85), (0.25, 0.81)),
        ],
        (light(quilt, 0.25), dark(quilt, 0.12)),
    )
    for k in range(5):
        for j in range(3):
            x, y = 0.31 + k * 0.105, 0.62 + j * 0.075
            area(image, [(x, y - 0.022), (x + 0.022, y), (x, y + 0.022), (x - 0.022, y)], light(quilt, 0.5))
    area(image, [(0.22, 0.57), (0.31, 0.56), (0.31, 0.8), (0.22, 0.8)], ((255, 255, 255), (226, 230, 240)))
    for x, y, lean in ((0.1, 0.55, 0.03), (0.17, 0.59, 0.05)):
        area(
            image,
            [
                (x - 0.065 + lean, y - 0.1),
                *curve((x - 0.065 + lean, y - 0.1), (x + 0.03 + lean, y - 0.13), (x + 0.06 + lean, y - 0.08)),
                (x + 0.06, y + 0.06),
                *curve((x + 0.06, y + 0.06), (x - 0.02, y + 0.08), (x - 0.075, y + 0.05)),
            ],
            ((255, 255, 255), (214, 220, 234)),
        )
    box(image, 0.78, 0.53, 0.83, 0.9, (light(wood, 0.15), wood))
    disc(image, 0.805, 0.53, 0.03, light(wood, 0.2))


def bedside(image: Image.Image, x: float, base: float, cloth: Rgb) -> None:
    """A small table with a lamp and an alarm clock."""
    box(image, x - 0.075, base - 0.2, x + 0.1, base, ((190, 136, 92), (146, 98, 64)))
    for k in (0, 1):
        box(image, x - 0.06, base - 0.175 + 0.085 * k, x + 0.09, base - 0.105 + 0.085 * k, (206, 154, 108))
        disc(image, x + 0.015, base - 0.14 + 0.085 * k, 0.009, (240, 210, 130))
    glow(image, x + 0.02, base - 0.36, 0.2, (255, 236, 170), 0.8)
    area(image, taper([(x + 0.02, base - 0.2), (x + 0.02, base - 0.31)], 0.04, 0.018), (230, 200, 150))
    area(
        image,
        [(x - 0.02, base - 0.42), (x + 0.06, base - 0.42), (x + 0.09, base - 0.3), (x - 0.05, base - 0.3)],
        ((255, 246, 210), (252, 220, 150)),
    )


def slippers(image: Image.Image, x: float) -> None:
    for dx in (0.0, 0.06):
        oval(image, x + dx, 0.95, 0.022, 0.032, (246, 170, 180))
        oval(image, x + dx, 0.962, 0.015, 0.018, (206, 110, 130))


def room(rng: random.Random) -> Image.Image:
    wall = jitter(rng.choice([(236, 212, 170), (196, 214, 200), (232, 196, 176), (190, 206, 222)]), rng, 6)
    image = blank(light(wall, 0.15), wall, dark(wall, 0.06))
    boards(image, 0.72, (186, 132, 86))
    box(image, -0.02, 0.7, 1.02, 0.725, (250, 246, 238))
    view(image, 0.06, 0.08, 0.26, 0.42, (252, 250, 244))
    curtain = jitter(rng.choice([(214, 120, 90), (96, 150, 150), (230, 190, 110)]), rng)
    stroke(image, [(-0.02, 0.05), (0.34, 0.05)], 0.012, (120, 84, 60))
    drape(image, -0.02, 0.07, 0.05, 0.68, curtain, 3)
    drape(image, 0.25, 0.33, 0.05, 0.68, curtain, 3)
    framed(image, rng, 0.47, 0.17, 0.16, 0.12)
    framed(image, rng, 0.66, 0.14, 0.1, 0.13)
    wall_shelf(image, rng, 0.88, 0.24)
    oval(image, 0.5, 0.9, 0.46, 0.085, light(curtain, 0.15))
    oval(image, 0.5, 0.9, 0.42, 0.073, (248, 236, 214))
    oval(image, 0.5, 0.9, 0.36, 0.058, light(curtain, 0.3))
    standing_lamp(image, 0.93, 0.8, 0.5, (250, 214, 140))
    sofa(image, jitter(rng.choice([(60, 120, 130), (176, 84, 76), (84, 104, 160), (110, 140, 96)]), rng), curtain)
    potted(image, rng, 0.05, 0.86, 0.36)
    return finish(image, rng)


def wall_shelf(image: Image.Image, rng: random.Random, x: float, y: float) -> None:
    box(image, x - 0.1, y, x + 0.12, y + 0.018, (130, 88, 58))
    at = x - 0.09
    for _ in range(5):
        width, tone = rng.uniform(0.014, 0.022), rng.choice(BOOKS)
        box(image, at, y - rng.uniform(0.07, 0.1), at + width, y, tone)
        at += width + 0.002
    disc(image, x + 0.07, y - 0.025, 0.026, (90, 160, 170))


def sofa(image: Image.Image, colour: Rgb, cushion: Rgb) -> None:
    """A wide sofa whose arms show at both sides."""
    for x in (0.13, 0.87):
        box(image, x - 0.012, 0.78, x + 0.012, 0.83, (90, 60, 44))
    area(
        image,
        [
            (0.13, 0.72),
            *curve((0.13, 0.5), (0.14, 0.44), (0.22, 0.44)),
            *curve((0.78, 0.44), (0.86, 0.44), (0.87, 0.5)),
            (0.87, 0.72),
        ],
        (light(colour, 0.15), dark(colour, 0.1)),
    )
    for left, right in ((0.2, 0.495), (0.505, 0.8)):
        box(image, left, 0.6, right, 0.71, (light(colour, 0.3), light(colour, 0.05)))
        oval(image, (left + right) / 2, 0.6, (right - left) / 2, 0.018, light(colour, 0.3))
    box(image, 0.14, 0.7, 0.86, 0.79, (colour, dark(colour, 0.3)))
    for x in (0.145, 0.855):
        box(image, x - 0.055, 0.57, x + 0.055, 0.79, (light(colour, 0.08), dark(colour, 0.2)))
        oval(image, x, 0.57, 0.062, 0.04, light(colour, 0.2))
    for x, turn in ((0.25, 0.2), (0.75, -0.2)):
        area(
            image,
            [(x - 0.06, 0.52 + turn * 0.06), (x + 0.06, 0.52 - turn * 0.06), (x + 0.065, 0.63), (x - 0.065, 0.63)],
            (light(cushion, 0.35), cushion),
        )
