"""Painters of places among trees. Each gives an RGB picture of SIDE x SIDE."""

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
    jagged,
    jitter,
    land,
    leaf_shape,
    light,
    mix,
    oval,
    ridge,
    shaft,
    stroke,
    taper,
)
from training.painters.plants import fern, fir, grass, leaf, reed, tree, trunk
from training.painters.scenery import sides


def forest(rng: random.Random) -> Image.Image:
    mist = jitter((206, 228, 186), rng)
    image = blank((150, 196, 160), mist, (150, 190, 120))
    glow(image, rng.uniform(0.35, 0.65), 0.2, 0.6, (255, 252, 214), 0.8)
    for depth, count, high in ((0.62, 16, 0.5), (0.38, 12, 0.66)):
        tone = mix((34, 88, 58), mist, depth)
        for k in range(count):
            x = (k + rng.random()) / count
            fir(image, rng, x, 0.72 - depth * 0.06, high * rng.uniform(0.75, 1.1), tone)
        haze(image, 0.4, 0.75, mist, 0, 0.5)
    land(image, ridge(rng, 0.7, 0.03), ((132, 170, 84), (58, 110, 56), (34, 76, 48)))
    for x in sorted(sides(rng, 6, 0.26), key=lambda x: -abs(x - 0.5))[::-1]:
        fir(image, rng, x, rng.uniform(0.76, 0.84), rng.uniform(0.7, 0.95), jitter((36, 98, 58), rng, 10))
    for k in range(3):
        shaft(image, (0.25 + 0.22 * k, -0.02), (0.1 + 0.28 * k, 0.8), 0.07, (255, 250, 205), 0.2)
    trunk(image, rng, rng.uniform(0.02, 0.08), rng.uniform(0.11, 0.14), 0.9, (98, 72, 54))
    trunk(image, rng, rng.uniform(0.92, 0.97), rng.uniform(0.1, 0.13), 0.92, (88, 64, 50))
    grass(image, rng, 60, 0.8, 1.02, 0.06, (66, 122, 56))
    for x in sides(rng, 5, 0.3):
        fern(image, rng, x, rng.uniform(0.93, 1.0), rng.uniform(0.13, 0.18), (62, 136, 66))
    for x in sides(rng, 3, 0.32):
        mushroom(image, x, rng.uniform(0.9, 0.97), rng.uniform(0.05, 0.07))
    return finish(image, rng)


def mushroom(image: Image.Image, x: float, base: float, size: float) -> None:
    area(image, taper([(x, base), (x, base - size)], size * 0.4, size * 0.3), (246, 236, 214))
    dome = [
        (x + size * 0.75 * math.cos(a / 10 * math.pi), base - size * 0.75 - size * 0.7 * math.sin(a / 10 * math.pi))
        for a in range(11)
    ]
    area(image, dome, ((226, 64, 52), (176, 36, 40)))
    for dx, dy in ((-0.3, 1.0), (0.1, 1.2), (0.38, 0.95)):
        disc(image, x + dx * size, base - dy * size, size * 0.09, (255, 246, 230))


def jungle(rng: random.Random) -> Image.Image:
    image = blank((120, 176, 92), (206, 230, 140), (110, 168, 84), (40, 96, 56))
    glow(image, 0.5, 0.35, 0.55, (250, 255, 190), 0.8)
    for k in range(9):
        tone = mix((30, 104, 62), (200, 226, 140), 0.55)
        area(image, taper([((k + rng.random()) / 9, 0.8), ((k + rng.random()) / 9, -0.02)], 0.04, 0.02), tone)
    for depth, count in ((0.4, 16), (0.15, 16)):
        for x in sides(rng, count, 0.34):
            y, tone = rng.uniform(0.15, 0.85), mix(jitter((30, 112, 60), rng, 16), (190, 220, 130), depth)
            leaf(image, x, y, rng.uniform(0.2, 0.3), 0.09, rng.uniform(-3.1, 0.1), tone, rng.uniform(-0.7, 0.7))
    land(image, ridge(rng, 0.78, 0.03), ((92, 142, 62), (30, 72, 44)))
    for _ in range(5):
        x = rng.choice([rng.uniform(0, 0.3), rng.uniform(0.7, 1)])
        line = curve(
            (x, -0.02), (x + rng.uniform(-0.1, 0.1), 0.3), (x + rng.uniform(-0.05, 0.05), rng.uniform(0.4, 0.65))
        )
        stroke(image, line, 0.009, (62, 92, 42))
        for px, py in line[2::2]:
            area(image, leaf_shape(px, py, 0.05, 0.024, rng.uniform(0.4, 2.7)), (86, 156, 66))
    for x in (rng.uniform(0.0, 0.06), rng.uniform(0.94, 1.0)):
        trunk(image, rng, x, 0.1, 0.9, (92, 78, 50))
    frame_of_leaves(image, rng)
    for x in sides(rng, 4, 0.24):
        blossom(image, x, rng.uniform(0.8, 0.95), rng.uniform(0.04, 0.055), rng.choice([(240, 70, 90), (255, 150, 50)]))
    return finish(image, rng)


def frame_of_leaves(image: Image.Image, rng: random.Random) -> None:
    """Big leaves that hang in from the top and the sides and rise from the bottom corners."""
    for k in range(11):
        x, tone = k / 10 + rng.uniform(-0.04, 0.04), jitter((36, 128, 64), rng, 22)
        length = rng.uniform(0.16, 0.22) + 0.28 * abs(x - 0.5)
        leaf(image, x, -0.04, length, 0.1, 1.57 + (0.5 - x) * 0.9 + rng.uniform(-0.3, 0.3), tone, (x - 0.5) * 1.2)
    for side in (0, 1):
        for k in range(6):
            tone, angle = jitter((26, 108, 58), rng, 22), (-0.2 if side == 0 else -2.94) + rng.uniform(-0.5, 0.5)
            y, bend = 0.3 + k * 0.13, 0.7 if side == 0 else -0.7
            leaf(image, side, y, rng.uniform(0.2, 0.27), 0.1, angle, tone, bend)
        for k in range(4):
            tone, angle = jitter((52, 150, 70), rng, 20), (-1.2 + k * 0.28 if side == 0 else -1.94 - k * 0.28)
            leaf(image, side, 1.02, rng.uniform(0.26, 0.33), 0.11, angle, tone, 0.5 if side == 0 else -0.5)


def blossom(image: Image.Image, x: float, y: float, r: float, colour: Rgb) -> None:
    """A tropical flower with pointed petals."""
    for k in range(6):
        area(image, leaf_shape(x, y, r * 1.5, r * 0.8, k * 1.047), colour if k % 2 else light(colour, 0.25))
    disc(image, x, y, r * 0.3, (255, 226, 90))


def autumn_forest(rng: random.Random) -> Image.Image:
    tones: list[Rgb] = [(226, 92, 36), (240, 150, 40), (246, 190, 60), (198, 58, 40), (214, 118, 38)]
    mist = (252, 226, 178)
    image = blank((196, 214, 222), mist, (244, 196, 120))
    glow(image, rng.uniform(0.3, 0.7), 0.3, 0.55, (255, 246, 205), 0.8)
    for k in range(12):
        tree(
            image,
            rng,
            (k + rng.random()) / 12,
            0.73,
            rng.uniform(0.4, 0.55),
            mix(rng.choice(tones), mist, 0.5),
            (170, 130, 100),
        )
    haze(image, 0.45, 0.75, mist, 0, 0.4)
    land(image, ridge(rng, 0.71, 0.02), ((236, 170, 80), (206, 116, 50), (150, 74, 40)))
    for x in sides(rng, 6, 0.24):
        tree(
            image,
            rng,
            x,
            rng.uniform(0.76, 0.82),
            rng.uniform(0.62, 0.82),
            jitter(rng.choice(tones), rng),
            (98, 64, 48),
        )
    for _ in range(90):
        y = rng.uniform(0.76, 1.0)
        size = 0.014 + 0.1 * (y - 0.74) * 0.5
        area(
            image,
            leaf_shape(rng.random(), y, size * 1.6, size, rng.uniform(-0.5, 0.5)),
            jitter(rng.choice(tones), rng, 16),
        )
    for _ in range(12):
        x = rng.choice([rng.uniform(0, 0.3), rng.uniform(0.7, 1), rng.random()])
        area(image, leaf_shape(x, rng.uniform(0.1, 0.75), 0.04, 0.024, rng.uniform(0, 6.3)), rng.choice(tones))
    return finish(image, rng)


def swamp(rng: random.Random) -> Image.Image:
    image = blank(jitter((96, 118, 92), rng), (168, 180, 122), (130, 150, 96))
    glow(image, rng.uniform(0.4, 0.6), 0.28, 0.5, (230, 232, 170), 0.7)
    for k in range(10):
        trunk(image, rng, (k + rng.random()) / 10, 0.02, 0.62, (120, 136, 98))
    haze(image, 0.3, 0.62, (176, 188, 132), 0, 0.6)
    box(image, -0.02, 0.58, 1.02, 1.02, ((146, 160, 96), (86, 108, 62), (44, 66, 44)))
    for _ in range(26):
        y = rng.uniform(0.6, 0.78)
        oval(image, rng.random(), y, 0.03 + 0.1 * (y - 0.58), 0.003, (176, 190, 120), 0.6)
    for x in sides(rng, 4, 0.16):
        mangrove(image, rng, x, rng.uniform(0.7, 0.8), (70, 62, 46))
    oval(image, 0.5, 0.89, 0.4, 0.09, ((104, 112, 60), (58, 62, 40)))
    grass(image, rng, 30, 0.83, 0.9, 0.04, (104, 124, 56))
    for x in sides(rng, 12, 0.34):
        pad(image, x, rng.uniform(0.74, 0.98), rng.uniform(0.04, 0.065), rng.random() < 0.3)
    for x in sides(rng, 10, 0.16):
        reed(image, rng, x, rng.uniform(0.86, 1.0), rng.uniform(0.22, 0.34))
    haze(image, 0.55, 0.72, (190, 200, 150), 0.35, 0)
    for x in sides(rng, 10, 0.36):
        y = rng.uniform(0.3, 0.75)
        glow(image, x, y, 0.03, (240, 255, 140), 0.9)
        disc(image, x, y, 0.005, (255, 255, 210))
    return finish(image, rng)


def mangrove(image: Image.Image, rng: random.Random, x: float, base: float, colour: Rgb) -> None:
    """A bare, crooked tree on arched roots, with moss hanging from its boughs."""
    for k in range(-3, 4):
        line = curve((x, base - 0.16), (x + k * 0.035, base - 0.14), (x + k * 0.045, base + 0.02))
        area(image, taper(line, 0.02, 0.012), dark(colour, 0.06 * (k + 3)))
    top = (x + rng.uniform(-0.04, 0.04), -0.03)
    area(image, taper(jagged(rng, [(x, base - 0.12), top], 0.08, 3), 0.06, 0.035), colour)
    for k in range(6):
        y, reach = 0.06 + 0.08 * k, rng.uniform(0.12, 0.24) * (1 if k % 2 else -1)
        bough = curve((x, y + 0.06), (x + reach * 0.5, y + 0.03), (x + reach, y - 0.02))
        area(image, taper(bough, 0.022, 0.006), colour)
        for px, py in bough[3::2]:
            for shift in (-0.008, 0.008):
                moss = [(px + shift, py), (px + shift + rng.uniform(-0.01, 0.01), py + rng.uniform(0.05, 0.15))]
                area(image, taper(moss, 0.014, 0.002), jitter((118, 140, 84), rng, 14))


def pad(image: Image.Image, x: float, y: float, r: float, blooms: bool) -> None:
    """A lily pad with its notch; in flower if it `blooms`."""
    rim = [(x + r * math.cos(0.5 + a * 0.29), y + r * 0.36 * math.sin(0.5 + a * 0.29)) for a in range(20)]
    area(
        image,
        [(x, py + 0.006) if k < 0 else (px, py + 0.006) for k, (px, py) in enumerate([(x, y), *rim])],
        (40, 76, 44),
    )
    area(image, [(x, y), *rim], ((120, 170, 84), (78, 136, 66)))
    if blooms:
        for angle in (-2.6, -0.5, -2.1, -1.0, -1.57):
            area(
                image,
                leaf_shape(x, y, r * 0.8, r * 0.34, angle),
                (250, 190, 214) if angle != -1.57 else (255, 226, 236),
            )
