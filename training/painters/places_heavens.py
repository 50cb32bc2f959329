"""Painters of the sky, space and other worlds. Each gives an RGB picture of SIDE x SIDE."""

import math
import random

from PIL import Image, ImageDraw, ImageFilter

from training.painters.painting import (
    BIG,
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
    lay,
    light,
    mix,
    oval,
    ridge,
    stars,
    stroke,
    sun,
    taper,
)
from training.painters.plants import rock
from training.painters.scenery import sides


def sky(rng: random.Random) -> Image.Image:
    image = blank(jitter((36, 124, 226), rng), (92, 178, 246), (178, 222, 250), (222, 240, 252))
    sun(image, rng.uniform(0.78, 0.9), rng.uniform(0.1, 0.16), 0.055, (255, 250, 214))
    for k in range(5):
        cloud(image, rng, rng.random(), 0.15 + 0.12 * k, rng.uniform(0.12, 0.2), ((240, 248, 255), (206, 230, 250)))
    for x in sides(rng, 6, 0.16):
        cloud(image, rng, x, rng.uniform(0.2, 0.75), rng.uniform(0.28, 0.4))
    for y, tone in ((0.9, (226, 238, 250)), (0.98, (240, 247, 254)), (1.06, (255, 255, 255))):
        for k in range(5):
            cloud(
                image,
                rng,
                k / 4 + rng.uniform(-0.08, 0.08),
                y + rng.uniform(-0.02, 0.02),
                rng.uniform(0.4, 0.5),
                (tone, dark(tone, 0.06)),
            )
    return finish(image, rng)


def nebula(image: Image.Image, rng: random.Random, tones: tuple[Rgb, ...]) -> None:
    """Soft clouds of coloured gas along a diagonal."""
    small = Image.new("RGB", (64, 64))
    for k in range(22):
        share = k / 21
        x, y = share + rng.uniform(-0.15, 0.15), 0.85 - 0.7 * share + rng.uniform(-0.2, 0.2)
        mask = Image.new("L", (64, 64))
        r = rng.uniform(4, 11)
        corners = (x * 64 - r, y * 64 - r * 0.7, x * 64 + r, y * 64 + r * 0.7)
        mask.paste(110, tuple(round(v) for v in corners))
        small.paste(rng.choice(tones), (0, 0), mask.filter(ImageFilter.GaussianBlur(5)))
    soft = small.resize((BIG, BIG), Image.Resampling.BICUBIC)
    lay(image, soft, (0, 0), soft.convert("L").point(lambda value: min(235, value * 3)))


def space(rng: random.Random) -> Image.Image:
    image = blank((8, 8, 28), (14, 10, 40), (6, 6, 22))
    nebula(
        image,
        rng,
        rng.choice(
            [
                ((150, 50, 190), (60, 80, 220), (230, 80, 150)),
                ((40, 110, 220), (90, 60, 200), (50, 190, 200)),
                ((220, 80, 90), (150, 50, 170), (250, 150, 90)),
            ]
        ),
    )
    stars(image, rng, 170, 1.0)
    spiral(image, rng, rng.uniform(0.14, 0.24), rng.uniform(0.1, 0.2), 0.15)
    ringed(
        image,
        rng.uniform(0.86, 0.92),
        rng.uniform(0.16, 0.26),
        0.1,
        rng.choice([(240, 196, 130), (226, 150, 110), (190, 170, 230)]),
    )
    ball_world(
        image,
        rng,
        rng.uniform(0.04, 0.1),
        rng.uniform(0.84, 0.94),
        rng.uniform(0.15, 0.2),
        rng.choice([(60, 130, 210), (200, 96, 66), (80, 170, 150)]),
    )
    ball_world(image, rng, rng.uniform(0.84, 0.92), rng.uniform(0.78, 0.88), 0.05, (170, 166, 160))
    comet(image, rng.uniform(0.4, 0.7), rng.uniform(0.05, 0.1))
    return finish(image, rng)


def spiral(image: Image.Image, rng: random.Random, x: float, y: float, r: float) -> None:
    """A galaxy of two arms."""
    glow(image, x, y, r * 0.9, (190, 150, 255), 0.6)
    turn = rng.uniform(0, 3)
    for arm in (0, math.pi):
        for k in range(60):
            angle, reach = arm + turn + k * 0.09, r * (0.08 + 0.92 * k / 59)
            px, py = (
                x + reach * math.cos(angle) + rng.gauss(0, r * 0.035),
                y + reach * 0.6 * math.sin(angle) + rng.gauss(0, r * 0.03),
            )
            disc(
                image,
                px,
                py,
                rng.uniform(0.0018, 0.004),
                rng.choice([(255, 240, 220), (210, 200, 255), (255, 200, 230)]),
            )
    glow(image, x, y, r * 0.35, (255, 244, 214), 1.0)


def ball_world(
    image: Image.Image, rng: random.Random, x: float, y: float, r: float, colour: Rgb, bands: bool = True
) -> None:
    """A planet, lit from the upper left, with bands or spots."""
    glow(image, x, y, r * 1.4, light(colour, 0.3), 0.5)
    face = blank(light(colour, 0.25), colour, dark(colour, 0.2))
    for _ in range(7 if bands else 0):
        py = y + rng.uniform(-0.9, 0.9) * r
        oval(
            face,
            x + rng.uniform(-0.5, 0.5) * r,
            py,
            r * rng.uniform(0.4, 1.0),
            r * rng.uniform(0.05, 0.12),
            mix(light(colour, 0.35), dark(colour, 0.2), rng.random()),
            0.8,
        )
    oval(face, x + r * 0.5, y + r * 0.5, r * 1.0, r * 1.0, dark(colour, 0.75), 0.55, r * 0.22)
    stencil(image, face, x, y, r)


def stencil(image: Image.Image, face: Image.Image, x: float, y: float, r: float) -> None:
    """Lay the disc of radius r at (x, y) of one picture on the same spot of another."""
    mask = Image.new("L", (BIG, BIG))
    corners = ((x - r) * BIG, (y - r) * BIG, (x + r) * BIG, (y + r) * BIG)
    ImageDraw.Draw(mask).ellipse(corners, fill=255)
    lay(image, face, (0, 0), mask)


def ringed(image: Image.Image, x: float, y: float, r: float, colour: Rgb) -> None:
    """A planet with a tilted ring, its far half behind it."""
    ring = []
    for k in range(61):
        angle = k * math.pi / 30
        px, py = 1.9 * r * math.cos(angle), 0.5 * r * math.sin(angle)
        ring.append((x + px * 0.95 + py * 0.3, y - px * 0.3 + py * 0.95))
    for width, tone in ((0.03, dark(colour, 0.25)), (0.014, light(colour, 0.4))):
        stroke(image, ring[30:], width * r / 0.1, tone)
    face = blank(light(colour, 0.3), colour)
    for k, level in enumerate((-0.6, -0.25, 0.1, 0.45)):
        oval(face, x, y + level * r, r * 1.1, r * 0.1, light(colour, 0.35) if k % 2 else dark(colour, 0.18), 0.8)
    oval(face, x + r * 0.5, y + r * 0.5, r, r, dark(colour, 0.75), 0.5, r * 0.2)
    stencil(image, face, x, y, r)
    for width, tone in ((0.03, dark(colour, 0.1)), (0.014, light(colour, 0.5))):
        stroke(image, ring[:31], width * r / 0.1, tone)


def comet(image: Image.Image, x: float, y: float) -> None:
    area(image, taper([(x - 0.16, y - 0.05), (x, y)], 0.001, 0.014), ((40, 50, 120), (220, 235, 255)), 0.9)
    glow(image, x, y, 0.03, (220, 240, 255), 1.0)
    disc(image, x, y, 0.007, (255, 255, 255))


def earth(image: Image.Image, rng: random.Random, x: float, y: float, r: float) -> None:
    glow(image, x, y, r * 1.5, (110, 180, 255), 0.7)
    face = blank((70, 150, 240), (30, 100, 210))
    for _ in range(6):
        cx, cy = x + rng.uniform(-0.8, 0.8) * r, y + rng.uniform(-0.8, 0.8) * r
        patch = [(cx + r * 0.35 * math.cos(a), cy + r * 0.28 * math.sin(a)) for a in range(0, 7)]
        area(face, jagged(rng, patch, 0.25, 3), rng.choice([(92, 176, 86), (120, 180, 90), (196, 180, 110)]))
    for _ in range(6):
        cx, cy = x + rng.uniform(-0.8, 0.8) * r, y + rng.uniform(-0.9, 0.9) * r
        oval(face, cx, cy, r * rng.uniform(0.25, 0.5), r * 0.07, (255, 255, 255), 0.9)
    oval(face, x, y - r * 0.96, r * 0.5, r * 0.16, (250, 252, 255))
    oval(face, x + r * 0.6, y + r * 0.55, r, r, (4, 8, 36), 0.75, r * 0.2)
    stencil(image, face, x, y, r)


def crater(image: Image.Image, x: float, y: float, rx: float, colour: Rgb) -> None:
    """A pit seen flat, with a bright far rim."""
    oval(image, x, y, rx * 1.12, rx * 0.36, light(colour, 0.35))
    oval(image, x, y + rx * 0.03, rx, rx * 0.29, (dark(colour, 0.55), dark(colour, 0.1)))


def moon(rng: random.Random) -> Image.Image:
    image = blank((4, 5, 16), (10, 12, 30), (20, 22, 44))
    stars(image, rng, 120, 0.62)
    earth(image, rng, rng.uniform(0.14, 0.24), rng.uniform(0.16, 0.22), rng.uniform(0.12, 0.15))
    grey = jitter((156, 156, 164), rng)
    land(image, ridge(rng, 0.57, 0.08, 1.6), (dark(grey, 0.2), dark(grey, 0.5)))
    land(image, ridge(rng, 0.64, 0.04, 1.1), (grey, dark(grey, 0.3)))
    for x in sides(rng, 6, 0.34):
        crater(image, x, rng.uniform(0.67, 0.72), rng.uniform(0.03, 0.05), dark(grey, 0.08))
    land(image, ridge(rng, 0.74, 0.02), (light(grey, 0.4), grey, dark(grey, 0.3)))
    for x in sides(rng, 6, 0.26):
        crater(image, x, rng.uniform(0.79, 0.96), rng.uniform(0.06, 0.11), grey)
    for _ in range(9):
        crater(image, rng.random(), rng.uniform(0.8, 0.98), rng.uniform(0.012, 0.028), grey)
    for x in sides(rng, 5, 0.4):
        rock(image, rng, x, rng.uniform(0.84, 1.0), rng.uniform(0.04, 0.08), 0.04, dark(grey, 0.1))
    return finish(image, rng)


def planet(rng: random.Random) -> Image.Image:
    hue = jitter((206, 82, 50), rng, 14)
    image = blank((62, 20, 52), (150, 50, 62), (236, 120, 74), (255, 190, 120))
    stars(image, rng, 50, 0.4)
    ringed(image, rng.uniform(0.78, 0.84), rng.uniform(0.16, 0.22), 0.115, (240, 170, 120))
    ball_world(image, rng, rng.uniform(0.14, 0.22), rng.uniform(0.12, 0.18), 0.07, (150, 120, 170))
    ball_world(image, rng, rng.uniform(0.32, 0.4), rng.uniform(0.07, 0.11), 0.03, (220, 190, 170))
    for k, level in enumerate((0.56, 0.64)):
        far = mix(hue, (255, 180, 120), 0.5 - 0.25 * k)
        for x in sides(rng, 6, 0.34):
            spire(image, rng, x, level + 0.04, rng.uniform(0.12, 0.24), far)
        land(image, ridge(rng, level, 0.03, 1.2), (light(far, 0.1), dark(far, 0.1)))
    for x in sides(rng, 4, 0.12):
        spire(image, rng, x, rng.uniform(0.8, 0.86), rng.uniform(0.38, 0.55), dark(hue, 0.25))
    land(image, ridge(rng, 0.75, 0.02), (light(hue, 0.25), hue, dark(hue, 0.4)))
    for x in sides(rng, 7, 0.34):
        crater(image, x, rng.uniform(0.8, 0.97), rng.uniform(0.04, 0.09), hue)
    for x in sides(rng, 5, 0.3):
        alien_plant(image, rng, x, rng.uniform(0.84, 0.98), rng.uniform(0.1, 0.16))
    for x in sides(rng, 4, 0.36):
        rock(image, rng, x, rng.uniform(0.86, 1.0), 0.08, 0.05, dark(hue, 0.3))
    return finish(image, rng)


def spire(image: Image.Image, rng: random.Random, x: float, base: float, height: float, colour: Rgb) -> None:
    """A needle of rock, wind-worn."""
    lean, half = rng.uniform(-0.03, 0.05), height * 0.2
    left = jagged(rng, [(x - half, base), (x - half * 0.35, base - height * 0.6), (x + lean, base - height)], 0.07, 2)
    right = jagged(rng, [(x + lean, base - height), (x + half * 0.4, base - height * 0.5), (x + half, base)], 0.07, 2)
    area(image, left + right, (light(colour, 0.2), colour))
    area(image, [*right, (x + half * 0.1, base)], (colour, dark(colour, 0.3)))


def alien_plant(image: Image.Image, rng: random.Random, x: float, base: float, size: float) -> None:
    """A stalk that curls and ends in a glowing bulb."""
    colour = rng.choice([(120, 240, 210), (240, 120, 230), (160, 240, 110)])
    for k in (-1, 0, 1):
        tip = (x + k * size * 0.45, base - size * (1 - 0.3 * abs(k)))
        area(
            image,
            taper(curve((x, base), (x + k * size * 0.1, base - size * 0.7), tip), size * 0.1, size * 0.04),
            (92, 40, 90),
        )
        glow(image, *tip, size * 0.4, colour, 0.7)
        disc(image, *tip, size * 0.11, light(colour, 0.35))
