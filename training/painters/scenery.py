"""Parts that several places share: a day's sky, mountains, light on water, floors, fences, lamps."""

import math
import random

from PIL import Image, ImageDraw

from training.painters.painting import (
    BIG,
    Fill,
    Point,
    Rgb,
    area,
    blank,
    box,
    cloud,
    dark,
    glow,
    haze,
    jagged,
    jitter,
    light,
    mix,
    oval,
    stroke,
)

TREES: Rgb = (66, 142, 66)
BOOKS: tuple[Rgb, ...] = (
    (176, 54, 50),
    (44, 92, 140),
    (52, 120, 84),
    (214, 164, 68),
    (122, 66, 120),
    (222, 208, 178),
    (96, 62, 46),
)


def day(rng: random.Random, clouds: int = 4) -> Image.Image:
    """A friendly blue sky."""
    image = blank(jitter((84, 164, 236), rng), (164, 214, 248), (232, 245, 250), (232, 245, 250))
    for _ in range(clouds):
        cloud(image, rng, rng.uniform(-0.05, 1.05), rng.uniform(0.1, 0.38), rng.uniform(0.16, 0.34))
    return image


def sides(rng: random.Random, count: int, inner: float = 0.3) -> list[float]:
    """Positions in the left and the right margin of the picture, in turn."""
    places = [rng.uniform(-0.02, inner) for _ in range(count)]
    return [x if k % 2 else 1 - x for k, x in enumerate(places)]


def peak(
    image: Image.Image, rng: random.Random, x: float, base: float, width: float, height: float, colour: Rgb
) -> None:
    """A snow-capped mountain, lit from the left."""
    top = (x, base - height)
    left = jagged(rng, [(x - width / 2, base), top], 0.09)
    right = jagged(rng, [top, (x + width / 2, base)], 0.09)
    spine = jagged(rng, [top, (x + width * 0.03, base - height * 0.5), (x - width * 0.05, base)], 0.16)
    area(image, [*left, *spine], (light(colour, 0.4), light(colour, 0.12)))
    area(image, [*right, *spine[::-1]], (dark(colour, 0.05), dark(colour, 0.3)))
    for sharp, flank, tone in ((-1, left[::-1], (250, 252, 255)), (1, right, (196, 212, 236))):
        rim = [point for point in flank if point[1] < base - height * 0.56]
        middle = [point for point in spine if point[1] < base - height * 0.5]
        teeth = []
        for k in range(7):
            share = (k + 0.5) / 7
            tx = rim[-1][0] + (middle[-1][0] - rim[-1][0]) * share
            teeth.append((tx, base - height * (0.5 if k % 2 else 0.68) + rng.uniform(-0.03, 0.03) * height))
        area(image, [*rim, *teeth, *middle[::-1]], tone)
        if sharp < 0:
            for _ in range(2):
                share = rng.uniform(0.25, 0.5)
                foot = (x - width * 0.5 * share, base - height * (1 - share))
                area(
                    image,
                    [
                        foot,
                        (foot[0] + width * 0.06, foot[1] + height * 0.1),
                        (foot[0] - width * 0.01, foot[1] + height * 0.16),
                    ],
                    dark(colour, 0.05),
                )


def glints(image: Image.Image, rng: random.Random, top: float, bottom: float, count: int, colour: Rgb) -> None:
    """Short strokes of light on water, longer towards the eye."""
    for _ in range(count):
        share = rng.random()
        x, y, half = rng.random(), top + (bottom - top) * share, 0.01 + 0.04 * share
        oval(image, x, y, half, 0.0015 + 0.003 * share, colour, 0.7)


def boards(image: Image.Image, level: float, colour: Rgb, bottom: float = 1.02) -> None:
    """A wooden floor whose boards run to the vanishing point."""
    box(image, -0.02, level, 1.02, bottom, (dark(colour, 0.12), light(colour, 0.12)))
    for k in range(-9, 10):
        stroke(image, [(0.5 + k * 0.075, level), (0.5 + k * 0.17, bottom)], 0.004, dark(colour, 0.22))


def tiles(image: Image.Image, level: float, first: Rgb, second: Rgb) -> None:
    """A chequered floor in perspective."""
    rows = [level + (1.02 - level) * (k / 6) ** 1.5 for k in range(7)]
    for j in range(6):
        y0, y1 = rows[j], rows[j + 1]
        s0, s1 = 0.08 + 0.1 * (y0 - level) / (1.02 - level), 0.08 + 0.1 * (y1 - level) / (1.02 - level)
        for k in range(-8, 8):
            tone = first if (j + k) % 2 else second
            area(
                image,
                [(0.5 + k * s0, y0), (0.5 + (k + 1) * s0, y0), (0.5 + (k + 1) * s1, y1), (0.5 + k * s1, y1)],
                tone,
            )
    haze(image, level, 1.0, (40, 30, 50), 0.22, 0.0)


def drape(image: Image.Image, left: float, right: float, top: float, bottom: float, colour: Rgb, folds: int) -> None:
    """A curtain with vertical folds."""
    width = (right - left) / folds
    for k in range(folds):
        x = left + k * width
        box(image, x, top, x + width + 0.002, bottom, dark(colour, 0.12))
        box(image, x + width * 0.2, top, x + width * 0.7, bottom, colour)
        box(image, x + width * 0.3, top, x + width * 0.5, bottom, light(colour, 0.18))
        oval(image, x + width / 2, bottom, width / 2, 0.012, colour)


def glazed(
    image: Image.Image, x: float, y: float, size: float, glass: Fill = ((170, 214, 236), (120, 170, 206))
) -> None:
    """A small window with a cross, centred at (x, y)."""
    half = size / 2
    box(image, x - half * 1.25, y - half * 1.25, x + half * 1.25, y + half * 1.25, (250, 246, 236))
    box(image, x - half, y - half, x + half, y + half, glass)
    stroke(image, [(x, y - half), (x, y + half)], size * 0.12, (250, 246, 236))
    stroke(image, [(x - half, y), (x + half, y)], size * 0.12, (250, 246, 236))


def fence(
    image: Image.Image, left: float, right: float, base: float, height: float, colour: Rgb = (250, 248, 240)
) -> None:
    """A picket fence."""
    for level in (0.3, 0.7):
        box(
            image,
            left,
            base - height * level - height * 0.06,
            right,
            base - height * level + height * 0.06,
            dark(colour, 0.12),
        )
    step = height * 0.36
    for k in range(math.ceil((right - left) / step)):
        x = left + k * step
        area(
            image,
            [
                (x, base),
                (x, base - height * 0.86),
                (x + step * 0.32, base - height),
                (x + step * 0.64, base - height * 0.86),
                (x + step * 0.64, base),
            ],
            colour,
        )


def tower(image: Image.Image, rng: random.Random, x: float, width: float, top: float, base: float, colour: Rgb) -> None:
    """A skyscraper with a lit front and a dark flank."""
    flank = width * 0.26
    right = x + width
    box(image, x, top, right, base, (light(colour, 0.12), colour))
    box(image, right - flank, top, right, base, (dark(colour, 0.2), dark(colour, 0.35)))
    glass: tuple[Rgb, ...] = (
        light(colour, 0.45),
        light(colour, 0.6),
        (252, 226, 150),
        mix(colour, (120, 200, 240), 0.5),
    )
    windows(image, rng, (x + 0.01, top + 0.025, right - flank - 0.006, base), (0.026, 0.034), (0.015, 0.02), glass)
    windows(
        image,
        rng,
        (right - flank + 0.004, top + 0.025, right - 0.004, base),
        (0.022, 0.034),
        (0.011, 0.02),
        (dark(colour, 0.05), mix(colour, (250, 220, 140), 0.3)),
    )
    crest = rng.random()
    if crest < 0.35:
        stroke(image, [(x + width / 2, top), (x + width / 2, top - 0.08)], 0.006, dark(colour, 0.2))
    elif crest < 0.65:
        box(image, x + width * 0.2, top - 0.03, right - width * 0.2, top, dark(colour, 0.1))
    elif crest < 0.8:
        area(image, [(x, top), (x + width, top), (x + width, top - 0.06)], dark(colour, 0.1))


def windows(
    image: Image.Image,
    rng: random.Random,
    frame: tuple[float, float, float, float],
    step: Point,
    pane: Point,
    tones: tuple[Rgb, ...],
) -> None:
    """A grid of panes within the frame (left, top, right, bottom)."""
    draw = ImageDraw.Draw(image)
    left, top, right, bottom = frame
    columns, rows = max(1, int((right - left) / step[0])), max(1, int((bottom - top) / step[1]))
    first = left + (right - left - columns * step[0] + step[0] - pane[0]) / 2
    for j in range(rows):
        for k in range(columns):
            x, y = first + k * step[0], top + j * step[1]
            draw.rectangle((x * BIG, y * BIG, (x + pane[0]) * BIG, (y + pane[1]) * BIG), fill=rng.choice(tones))


def lamp(image: Image.Image, x: float, base: float, height: float, side: int = 1) -> None:
    """A street lamp."""
    iron = (44, 50, 62)
    stroke(image, [(x, base), (x, base - height)], height * 0.03, iron)
    box(image, x - height * 0.035, base - height * 0.07, x + height * 0.035, base, iron)
    glow(image, x, base - height, height * 0.18, (255, 240, 180), 0.7)
    for part, tone in ((0.07, iron), (0.05, (255, 238, 176))):
        area(
            image,
            [
                (x - height * part * 0.7, base - height),
                (x + height * part * 0.7, base - height),
                (x + height * part, base - height * 1.1),
                (x - height * part, base - height * 1.1),
            ],
            tone,
        )
    area(
        image,
        [(x - height * 0.09, base - height * 1.1), (x + height * 0.09, base - height * 1.1), (x, base - height * 1.17)],
        iron,
    )
