"""Brushes that all painters share: fills, ridges, light, clouds. Coordinates and sizes are shares of the side."""

import math
import random
from collections.abc import Iterable
from functools import cache
from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

SIDE = 256
BIG = 2 * SIDE  # painters work on this side; `finish` halves it, so that edges are smooth

Rgb = tuple[int, int, int]
Fill = Rgb | tuple[Rgb, ...]  # one colour, or the stops of a gradient from top to bottom
Point = tuple[float, float]

WHITE: Rgb = (250, 251, 252)


def jitter(colour: Rgb, rng: random.Random, by: int = 10) -> Rgb:
    """The colour, lighter or darker by the same random amount in all channels, and a little off in each."""
    shift, off = rng.randint(-by, by), max(1, by // 3)
    return tuple(max(0, min(255, channel + shift + rng.randint(-off, off))) for channel in colour)


def mix(first: Rgb, second: Rgb, share: float) -> Rgb:
    """`share` of the second colour in the first."""
    return tuple(round(a + (b - a) * share) for a, b in zip(first, second, strict=True))


def light(colour: Rgb, share: float = 0.3) -> Rgb:
    return mix(colour, (255, 250, 235), share)


def dark(colour: Rgb, share: float = 0.3) -> Rgb:
    return mix(colour, (20, 18, 45), share)


def blank(*stops: Rgb) -> Image.Image:
    """A new picture (RGB, BIG x BIG) filled with a gradient from top to bottom."""
    return ramp(stops, 0, BIG, 0, BIG, BIG)


def finish(image: Image.Image, rng: random.Random) -> Image.Image:
    """Reduced to SIDE, half of the time mirrored."""
    image = image.reduce(2)
    return ImageOps.mirror(image) if rng.random() < 0.5 else image


def ramp(fill: Fill, start: float, end: float, top: int, bottom: int, width: int) -> Image.Image:
    """Rows top..bottom (px) of the fill, whose gradient runs from row `start` to row `end`."""
    if not isinstance(fill[0], tuple) or len(fill) == 1:
        return Image.new("RGB", (width, bottom - top), fill if not isinstance(fill[0], tuple) else fill[0])
    rows = np.arange(top, bottom)
    stops = np.array(fill, np.float32)
    where = np.linspace(start, end, len(stops))
    column = np.stack([np.interp(rows, where, stops[:, channel]) for channel in range(3)], axis=-1)
    return Image.fromarray(column.round().astype(np.uint8)[:, None]).resize((width, bottom - top))


def lay(image: Image.Image, patch: Image.Image, corner: tuple[int, int], mask: Image.Image) -> None:
    """Blend the patch (RGB) on the picture, RGB or RGBA, by the mask (L)."""
    if image.mode == "RGB":
        image.paste(patch, corner, mask)
        return
    patch = patch.copy()
    patch.putalpha(mask)
    image.alpha_composite(patch, (max(0, corner[0]), max(0, corner[1])), (max(0, -corner[0]), max(0, -corner[1])))


def area(image: Image.Image, points: Iterable[Point], fill: Fill, alpha: float = 1.0, blur: float = 0.0) -> None:
    """Fill a polygon; `blur` is the softness of its edge, a share of the side."""
    corners = [(x * BIG, y * BIG) for x, y in points]
    if alpha == 1 and not blur and not isinstance(fill[0], tuple):
        ImageDraw.Draw(image).polygon(corners, fill=fill)
        return
    xs, ys = zip(*corners, strict=True)
    spread = 2 * blur * BIG
    left, top = max(0, math.floor(min(xs) - spread)), max(0, math.floor(min(ys) - spread))
    right, bottom = min(BIG, math.ceil(max(xs) + spread) + 1), min(BIG, math.ceil(max(ys) + spread) + 1)
    if right <= left or bottom <= top:
        return
    mask = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(mask).polygon([(x - left, y - top) for x, y in corners], fill=round(255 * alpha))
    mask = mask.filter(ImageFilter.BoxBlur(blur * BIG)) if blur else mask
    lay(image, ramp(fill, min(ys), max(ys), top, bottom, right - left), (left, top), mask)


def oval(image: Image.Image, x: float, y: float, rx: float, ry: float, fill: Fill, alpha=1.0, blur=0.0) -> None:
    if alpha == 1 and not blur and not isinstance(fill[0], tuple):
        corners = ((x - rx) * BIG, (y - ry) * BIG, (x + rx) * BIG, (y + ry) * BIG)
        ImageDraw.Draw(image).ellipse(corners, fill=fill)
        return
    angles = np.linspace(0, 2 * math.pi, 40)
    area(image, zip(x + rx * np.cos(angles), y + ry * np.sin(angles), strict=True), fill, alpha, blur)


def disc(image: Image.Image, x: float, y: float, r: float, fill: Fill, alpha: float = 1.0, blur: float = 0.0) -> None:
    oval(image, x, y, r, r, fill, alpha, blur)


def box(image: Image.Image, left: float, top: float, right: float, bottom: float, fill: Fill, alpha=1.0) -> None:
    area(image, [(left, top), (right, top), (right, bottom), (left, bottom)], fill, alpha)


def stroke(image: Image.Image, points: Iterable[Point], width: float, colour: Rgb | tuple[int, ...]) -> None:
    """Draw a line; a colour of four channels replaces what a veil had there, opacity included."""
    corners = [(x * BIG, y * BIG) for x, y in points]
    ImageDraw.Draw(image).line(corners, fill=colour, width=max(1, round(width * BIG)), joint="curve")


@cache
def halo() -> Image.Image:
    """A round light (L, 128 x 128 px) that fades to its rim."""
    axis = np.linspace(-1, 1, 128)
    distance = np.hypot(axis[:, None], axis[None])
    return Image.fromarray((255 * np.clip(1 - distance, 0, 1) ** 1.6).astype(np.uint8))


def glow(image: Image.Image, x: float, y: float, r: float, colour: Rgb, strength: float = 0.8) -> None:
    """A soft round light of radius r."""
    size = max(2, round(2 * r * BIG))
    mask = halo().resize((size, size)).point(lambda value: round(value * strength))
    left, top = round((x - r) * BIG), round((y - r) * BIG)
    if left < BIG and top < BIG and left + size > 0 and top + size > 0:
        lay(image, Image.new("RGB", (size, size), colour), (left, top), mask)


def haze(image: Image.Image, top: float, bottom: float, colour: Rgb, start: float, end: float) -> None:
    """A band across the picture whose opacity runs from `start` at its top to `end` at its bottom."""
    first, last = round(top * BIG), round(bottom * BIG)
    rows = np.linspace(255 * start, 255 * end, last - first).astype(np.uint8)
    mask = Image.fromarray(rows[:, None]).resize((BIG, last - first))
    lay(image, Image.new("RGB", mask.size, colour), (0, first), mask)


def ridge(rng: random.Random, level: float, height: float, waves: float = 1.2) -> list[Point]:
    """A rolling line from side to side around `level`."""
    xs, ys = np.linspace(-0.02, 1.02, 60), np.full(60, level)
    for share, pace in ((0.6, 1), (0.3, 2.3), (0.1, 5.1)):
        ys = ys - height * share * np.sin(2 * math.pi * pace * waves * xs + rng.uniform(0, 6.3))
    return list(zip(xs.tolist(), ys.tolist(), strict=True))


def land(image: Image.Image, line: list[Point], fill: Fill, alpha: float = 1.0) -> None:
    """All below the line takes the fill."""
    area(image, [*line, (1.02, 1.02), (-0.02, 1.02)], fill, alpha)


def jagged(rng: random.Random, points: list[Point], rough: float, depth: int = 4) -> list[Point]:
    """The line with its middles displaced again and again, as rock is."""
    for _ in range(depth):
        finer = [points[0]]
        for (x0, y0), (x1, y1) in pairwise(points):
            reach = rough * math.hypot(x1 - x0, y1 - y0)
            middle = ((x0 + x1) / 2 + rng.uniform(-reach, reach), (y0 + y1) / 2 + rng.uniform(-reach, reach))
            finer += [middle, (x1, y1)]
        points = finer
    return points


def curve(start: Point, bend: Point, end: Point, count: int = 12) -> list[Point]:
    """A quadratic Bezier curve."""
    steps = [k / (count - 1) for k in range(count)]
    return [
        tuple((1 - t) ** 2 * a + 2 * t * (1 - t) * b + t * t * c for a, b, c in zip(start, bend, end, strict=True))
        for t in steps
    ]


def taper(line: list[Point], first: float, last: float) -> list[Point]:
    """The outline of a stroke along the line whose width runs from `first` to `last`."""
    left, right = [], []
    for k, (x, y) in enumerate(line):
        (x0, y0), (x1, y1) = line[max(0, k - 1)], line[min(len(line) - 1, k + 1)]
        long = math.hypot(x1 - x0, y1 - y0) or 1
        half = (first + (last - first) * k / (len(line) - 1)) / 2
        dx, dy = -(y1 - y0) / long * half, (x1 - x0) / long * half
        left.append((x + dx, y + dy))
        right.append((x - dx, y - dy))
    return left + right[::-1]


def leaf_shape(x: float, y: float, length: float, width: float, angle: float, bend: float = 0.0) -> list[Point]:
    """A pointed leaf from its stalk at (x, y); angle 0 points right, a quarter turn down; `bend` turns its tip."""
    upper, lower, step = [], [], length / 14
    for k in range(15):
        half, heading = width / 2 * math.sin(math.pi * (k / 14) ** 0.8), angle + bend * k / 14
        upper.append((x + half * math.sin(heading), y - half * math.cos(heading)))
        lower.append((x - half * math.sin(heading), y + half * math.cos(heading)))
        x, y = x + step * math.cos(heading), y + step * math.sin(heading)
    return upper + lower[::-1]


def sun(image: Image.Image, x: float, y: float, r: float, colour: Rgb = (255, 244, 196)) -> None:
    glow(image, x, y, r * 4.5, light(colour, 0.3), 0.75)
    disc(image, x, y, r, colour)


def cloud(image: Image.Image, rng: random.Random, x: float, y: float, size: float, fill: Fill | None = None) -> None:
    """A heap of round puffs on a flat foot at y, `size` wide; the fill runs from its head to its foot."""
    fill = fill or ((255, 255, 255), (214, 230, 246))
    puffs = [(x, y - size * 0.17, size * 0.21)]
    for k in range(-3, 4):
        r = size * rng.uniform(0.09, 0.15) * (1.25 - abs(k) * 0.17)
        puffs.append((x + k * size * 0.135, y - r * rng.uniform(0.6, 1.3), r))
    left, top = math.floor((x - size * 0.6) * BIG), math.floor((y - size * 0.45) * BIG)
    foot, width = round(y * BIG), math.ceil(1.2 * size * BIG)
    mask = Image.new("L", (width, max(2, foot - top)))
    draw = ImageDraw.Draw(mask)
    for px, py, r in puffs:
        cx, cy, cr = px * BIG - left, py * BIG - top, r * BIG
        draw.ellipse((cx - cr, cy - cr, cx + cr, cy + cr), fill=255)
    half, long, thick = mask.height, 0.5 * size * BIG, 0.07 * size * BIG
    draw.rounded_rectangle((width / 2 - long, half - thick, width / 2 + long, half + thick), thick, fill=255)
    if left < BIG and top < BIG and left + width > 0 and foot > 0:
        lay(image, ramp(fill, top, foot, top, top + mask.height, width), (left, top), mask)


def shaft(image: Image.Image, top: Point, bottom: Point, width: float, colour: Rgb, alpha: float) -> None:
    """A soft ray of light that widens downwards."""
    (x0, y0), (x1, y1) = top, bottom
    area(image, [(x0 - width / 3, y0), (x0 + width / 3, y0), (x1 + width, y1), (x1 - width, y1)], colour, alpha, 0.02)


def stars(image: Image.Image, rng: random.Random, count: int, bottom: float, top: float = 0.0) -> None:
    for _ in range(count):
        x, y, r = rng.random(), rng.uniform(top, bottom), rng.choice([0.0018, 0.0025, 0.0025, 0.004])
        disc(image, x, y, r, rng.choice([(255, 255, 255), (255, 240, 210), (205, 220, 255)]))
    for _ in range(count // 14):
        sparkle(image, rng.random(), rng.uniform(top, bottom), rng.uniform(0.012, 0.022))


def sparkle(image: Image.Image, x: float, y: float, r: float, colour: Rgb = (255, 255, 250)) -> None:
    """A star of four points."""
    angles = [k * math.pi / 4 for k in range(8)]
    reach = [r, r * 0.16] * 4
    area(image, [(x + q * math.cos(a), y + q * math.sin(a)) for a, q in zip(angles, reach, strict=True)], colour)
