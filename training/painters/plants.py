"""Painters of what grows and lies about: trees, leaves, grass, flowers, rocks, weeds. Sizes are shares of the side."""

import math
import random

from PIL import Image

from training.painters.painting import (
    Rgb,
    area,
    curve,
    dark,
    disc,
    jitter,
    leaf_shape,
    light,
    oval,
    stroke,
    taper,
)

BARK: Rgb = (104, 74, 54)
PETALS: tuple[Rgb, ...] = ((240, 84, 92), (255, 196, 56), (250, 250, 248), (236, 120, 186), (164, 104, 220))


def fir(image: Image.Image, rng: random.Random, x: float, base: float, height: float, colour: Rgb, snow=False) -> None:
    """A fir whose tiers are lit from the left; with `snow` on every tier."""
    width, tiers = height * rng.uniform(0.42, 0.5), 5
    area(image, taper([(x, base), (x, base - height * 0.3)], height * 0.07, height * 0.05), dark(BARK))
    for k in range(tiers):
        low, half = base - height * (0.1 + 0.165 * k), width / 2 * (1 - 0.17 * k)
        tip = low - height * (0.3 - 0.01 * k)
        dip = low - height * 0.035
        skirt = [(x - half, low), (x - half / 2, dip), (x, low + height * 0.01), (x + half / 2, dip), (x + half, low)]
        area(image, [(x, tip), *skirt], colour)
        area(image, [(x, tip), *skirt[2:]], dark(colour, 0.28))
        if snow:
            cap = [
                (x - half * 0.8, low - height * 0.02),
                (x - half / 3, low - height * 0.075),
                (x, low - height * 0.04),
            ]
            right = [(x + half / 3, low - height * 0.085), (x + half * 0.75, low - height * 0.03)]
            area(image, [(x, tip), *cap, *right], (246, 250, 255))
            area(image, [(x, tip), cap[2], *right], (204, 220, 240))


def crown(image: Image.Image, rng: random.Random, x: float, y: float, r: float, colour: Rgb) -> None:
    """A round head of leaves, lit from the upper left."""
    for tone, shift, size, count in (
        (dark(colour, 0.3), 0.0, 0.62, 9),
        (colour, 0.13, 0.5, 8),
        (light(colour, 0.22), 0.26, 0.34, 6),
    ):
        disc(image, x - shift * r, y - shift * r, r * size * 1.2, tone)
        for k in range(count):
            angle = 2 * math.pi * k / count + rng.uniform(-0.3, 0.3)
            reach = r * size * 0.85
            cx, cy = x - shift * r + reach * math.cos(angle), y - shift * r + reach * 0.9 * math.sin(angle)
            disc(image, cx, cy, r * size * rng.uniform(0.45, 0.65), tone)


def tree(image: Image.Image, rng: random.Random, x: float, base: float, height: float, colour: Rgb, bark=BARK) -> None:
    """A round leafy tree."""
    r, width = height * 0.3, height * 0.085
    trunk = [(x, base), (x + rng.uniform(-0.1, 0.1) * r, base - height * 0.6)]
    area(image, taper(trunk, width * 1.2, width * 0.7), bark)
    area(image, taper([(px + width * 0.28, py) for px, py in trunk], width * 0.5, width * 0.3), dark(bark))
    for side in (-1, 1):
        stroke(image, [(x, base - height * 0.38), (x + side * r * 0.6, base - height * 0.58)], width * 0.35, bark)
    crown(image, rng, x, base - height * 0.67, r, colour)


def trunk(image: Image.Image, rng: random.Random, x: float, width: float, base: float, colour: Rgb) -> None:
    """A tall trunk that leaves the picture at its top, with roots and a dark side."""
    lean = rng.uniform(-0.03, 0.03)
    foot = [(x - width, base + 0.01), (x - width * 0.55, base - 0.06), (x - width / 2 + lean, -0.02)]
    other = [(x + width / 2 + lean, -0.02), (x + width * 0.55, base - 0.06), (x + width, base + 0.015)]
    area(image, [*foot, *other], colour)
    area(image, [(x + width * 0.1, base + 0.015), (x + width * 0.12 + lean, -0.02), *other], dark(colour, 0.3))
    for _ in range(5):
        y, at = rng.uniform(0, base - 0.1), x + rng.uniform(-0.4, 0.3) * width
        stroke(image, [(at, y), (at, y + rng.uniform(0.03, 0.08))], 0.004, dark(colour, 0.4))


def palm(image: Image.Image, rng: random.Random, x: float, base: float, height: float, lean: float) -> None:
    """A palm whose head hangs `lean` to the right of its foot."""
    head = (x + lean, base - height)
    line = curve((x, base), (x + lean * 0.1, base - height * 0.6), head)
    area(image, taper(line, height * 0.075, height * 0.04), (150, 108, 70))
    for k, (px, py) in enumerate(line[:-1]):
        width = height * (0.036 - 0.0016 * k)
        stroke(image, [(px - width, py), (px + width, py - 0.004)], 0.004, (112, 78, 50))
    green = jitter((46, 150, 76), rng)
    for k, angle in enumerate((-2.95, -0.2, -2.45, -0.7, -2.0, -1.15, -1.57)):
        length, bend = (
            height * rng.uniform(0.46, 0.56),
            (1.7 if angle > -1.57 else -1.7) * (abs(angle + 1.57) + 0.4) / 1.6,
        )
        tone = dark(green, 0.25) if k < 2 else light(green, 0.06 * (k - 2))
        frond(image, head[0], head[1], length, angle, bend, tone)
    for dx in (-0.02, 0.012, 0.0):
        disc(image, head[0] + dx, head[1] + 0.022, height * 0.032, (122, 84, 48))


def frond(image: Image.Image, x: float, y: float, length: float, angle: float, bend: float, colour: Rgb) -> None:
    """A feathered, bending palm leaf."""
    step, upper, lower = length / 15, [], []
    for k in range(16):
        half = length * 0.12 * math.sin(math.pi * (0.12 + 0.88 * k / 15)) * (1 if k % 2 else 0.45)
        heading = angle + bend * k / 15
        upper.append((x + half * math.sin(heading), y - half * math.cos(heading)))
        lower.append((x - half * math.sin(heading), y + half * math.cos(heading)))
        x, y = x + step * math.cos(heading), y + step * math.sin(heading)
    area(image, upper + lower[::-1], colour)


def leaf(
    image: Image.Image, x: float, y: float, length: float, width: float, angle: float, colour: Rgb, bend=0.0
) -> None:
    """A big leaf with a darker half and a rib."""
    points = leaf_shape(x, y, length, width, angle, bend)
    half = len(points) // 2
    rib = [((a + c) / 2, (b + d) / 2) for (a, b), (c, d) in zip(points[:half], points[::-1][:half], strict=True)]
    area(image, points, colour)
    area(image, [*points[half:], *rib], dark(colour, 0.2))
    stroke(image, rib, 0.005, light(colour, 0.35))
    for k in range(2, half - 2, 2):
        stroke(image, [rib[k], points[k + 1]], 0.0025, light(colour, 0.2))


def fern(image: Image.Image, rng: random.Random, x: float, y: float, size: float, colour: Rgb) -> None:
    for angle in (-2.7, -2.2, -1.75, -1.35, -0.9, -0.45):
        turn = angle + rng.uniform(-0.15, 0.15)
        bend = 0.9 if angle > -1.57 else -0.9
        frond(image, x, y, size * rng.uniform(0.8, 1.1), turn, bend, jitter(colour, rng, 14))


def grass(
    image: Image.Image, rng: random.Random, count: int, top: float, bottom: float, size: float, colour: Rgb
) -> None:
    """Tufts of three blades, larger towards the bottom."""
    for y in sorted(rng.uniform(top, bottom) for _ in range(count)):
        x, high = rng.random(), size * (0.5 + 0.5 * (y - top) / max(1e-6, bottom - top))
        tone = jitter(colour, rng, 16)
        for lean in (-0.5, 0.0, 0.45):
            tip = (x + lean * high, y - high * (1 - abs(lean) * 0.4))
            area(image, [(x - high * 0.1, y), tip, (x + high * 0.1, y)], tone)


def flower(image: Image.Image, x: float, y: float, r: float, colour: Rgb, stem: float = 0.0) -> None:
    """Five petals around a heart, on a stem of this length."""
    if stem:
        stroke(image, [(x, y), (x + r * 0.3, y + stem)], r * 0.25, (64, 138, 58))
        area(image, leaf_shape(x + r * 0.15, y + stem * 0.7, r * 1.6, r * 0.7, -0.6), (74, 152, 64))
    for k in range(5):
        angle = k * 2 * math.pi / 5 - 1.57
        disc(image, x + r * 0.6 * math.cos(angle), y + r * 0.6 * math.sin(angle), r * 0.46, colour)
    disc(image, x, y, r * 0.34, (255, 208, 60) if colour[2] > 120 or colour[1] < 120 else (150, 92, 40))


def tulip(image: Image.Image, x: float, y: float, r: float, colour: Rgb, stem: float) -> None:
    stroke(image, [(x, y), (x, y + stem)], r * 0.3, (64, 138, 58))
    area(image, leaf_shape(x, y + stem, stem * 0.8, r * 0.7, -1.2), (74, 152, 64))
    area(image, leaf_shape(x, y + stem, stem * 0.7, r * 0.7, -1.95), (58, 132, 56))
    oval(image, x, y, r * 0.75, r, colour)
    area(
        image,
        [
            (x - r * 0.75, y),
            (x - r * 0.7, y - r * 1.25),
            (x - r * 0.2, y - r * 0.6),
            (x, y - r * 1.35),
            (x + r * 0.2, y - r * 0.6),
            (x + r * 0.7, y - r * 1.25),
            (x + r * 0.75, y),
        ],
        colour,
    )
    area(image, leaf_shape(x, y + r, r * 2.2, r * 0.8, -1.57), light(colour, 0.2))


def bush(
    image: Image.Image, rng: random.Random, x: float, base: float, r: float, colour: Rgb, blossom: Rgb | None = None
) -> None:
    """A round bush, with blossoms if given their colour."""
    crown(image, rng, x, base - r * 0.6, r, colour)
    if blossom:
        for _ in range(9):
            angle, reach = rng.uniform(0, 6.3), r * rng.uniform(0.1, 0.85)
            flower(
                image, x + reach * math.cos(angle), base - r * 0.65 + reach * 0.85 * math.sin(angle), r * 0.14, blossom
            )


def rock(
    image: Image.Image, rng: random.Random, x: float, base: float, width: float, height: float, colour: Rgb
) -> None:
    """A boulder, lit from the upper left."""
    outline = [(-0.5, 0), (-0.42, -0.55), (-0.15, -0.95), (0.18, -1), (0.42, -0.6), (0.52, 0)]
    outline = [(x + width * (px + rng.uniform(-0.05, 0.05)), base + height * py) for px, py in outline]
    facet = (x + width * rng.uniform(-0.05, 0.12), base - height * rng.uniform(0.5, 0.65))
    area(image, outline, colour)
    area(image, [outline[1], outline[2], outline[3], facet], light(colour, 0.3))
    area(image, [facet, outline[3], outline[4], outline[5], (x + width * 0.1, base)], dark(colour, 0.25))


def reed(image: Image.Image, rng: random.Random, x: float, base: float, height: float) -> None:
    """A cattail with its leaves."""
    lean = rng.uniform(-0.03, 0.03)
    for side in (-1, 1):
        area(
            image,
            leaf_shape(x, base, height * 0.8, 0.018, -1.57 + side * rng.uniform(0.1, 0.3), side * 0.3),
            (86, 128, 60),
        )
    top = (x + lean, base - height)
    stroke(image, [(x, base), top], 0.005, (98, 116, 60))
    area(
        image,
        taper([(x + lean * 0.7, base - height * 0.72), (x + lean * 0.93, base - height * 0.93)], 0.02, 0.018),
        (104, 66, 38),
    )


def weed(image: Image.Image, rng: random.Random, x: float, base: float, height: float, colour: Rgb) -> None:
    """A waving ribbon of seaweed with leaves on both sides."""
    phase, line = rng.uniform(0, 6.3), []
    for k in range(17):
        line.append((x + height * 0.08 * math.sin(phase + k * 0.65), base - height * k / 16))
    area(image, taper(line, height * 0.07, 0.004), colour)
    for k in range(2, 15, 2):
        side = 1 if k % 4 else -1
        px, py = line[k]
        area(
            image, leaf_shape(px, py, height * 0.2, height * 0.06, -1.57 + side * 0.8, -side * 0.5), light(colour, 0.1)
        )


def cactus(image: Image.Image, x: float, base: float, height: float, colour: Rgb) -> None:
    """A saguaro with two arms."""
    width = height * 0.2
    arms = (
        [(x, base - height * 0.38), (x - height * 0.3, base - height * 0.38), (x - height * 0.3, base - height * 0.72)],
        [
            (x, base - height * 0.52),
            (x + height * 0.27, base - height * 0.52),
            (x + height * 0.27, base - height * 0.82),
        ],
        [(x, base), (x, base - height)],
    )
    for line in arms:
        thick = width if len(line) == 2 else width * 0.62
        for tone, part, shift in (
            (dark(colour, 0.25), 1.0, 0.0),
            (colour, 0.72, -0.14),
            (light(colour, 0.25), 0.16, -0.22),
        ):
            moved = [(px + shift * thick, py) for px, py in line]
            stroke(image, moved, thick * part, tone)
            disc(image, *moved[-1], thick * part / 2, tone)
            if len(line) == 3:
                disc(image, *moved[1], thick * part / 2, tone)
