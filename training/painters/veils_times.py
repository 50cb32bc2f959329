"""Painters of times of day, as veils: each gives an RGBA picture of SIDE x SIDE."""

import math
import random

import numpy as np
from PIL import Image

from training.painters.painting import BIG, area, curve, disc, finish, glow, oval, sparkle, stars, taper

Stop = tuple[int, int, int, float]  # red, green, blue, opacity


def tint(*stops: Stop) -> Image.Image:
    """A veil (RGBA, BIG x BIG) whose colour and opacity run from top to bottom."""
    table = np.array(stops, np.float32) * (1, 1, 1, 255)
    rows, where = np.linspace(0, 1, BIG), np.linspace(0, 1, len(stops))
    column = np.stack([np.interp(rows, where, table[:, channel]) for channel in range(4)], axis=-1)
    return Image.fromarray(column.round().astype(np.uint8)[:, None], "RGBA").resize((BIG, BIG))


def margin(rng: random.Random, inner: float = 0.24) -> float:
    """A position in the left or the right margin."""
    x = rng.uniform(0.02, inner)
    return x if rng.random() < 0.5 else 1 - x


def night(rng: random.Random) -> Image.Image:
    veil = tint((6, 10, 44, 0.72), (10, 18, 66, 0.6), (12, 20, 70, 0.56), (8, 12, 46, 0.64))
    stars(veil, rng, 70, 0.2)
    for _ in range(30):
        disc(veil, margin(rng, 0.2), rng.uniform(0.2, 0.36), 0.0025, (255, 250, 230))
    for _ in range(6):
        sparkle(veil, rng.random(), rng.uniform(0.02, 0.16), rng.uniform(0.016, 0.026))
    x, y, r = rng.uniform(0.1, 0.2), rng.uniform(0.11, 0.16), rng.uniform(0.065, 0.08)
    glow(veil, x, y, r * 3.6, (190, 210, 255), 0.6)
    if rng.random() < 0.5:
        disc(veil, x, y, r, (255, 248, 214))
        for dx, dy, size in ((-0.3, -0.2, 0.22), (0.25, 0.3, 0.28), (0.3, -0.35, 0.14), (-0.2, 0.42, 0.14)):
            disc(veil, x + dx * r, y + dy * r, size * r, (232, 220, 180))
    else:
        area(veil, crescent(x, y, r * 1.1), (255, 248, 214))
    return finish(veil, rng)


def crescent(x: float, y: float, r: float) -> list[tuple[float, float]]:
    """The outline of a moon whose right side is dark."""
    angles = [math.pi * (0.32 + 1.36 * k / 24) for k in range(25)]
    outer = [(x + r * math.cos(a), y + r * math.sin(a)) for a in angles]
    (x0, y0), (x1, y1) = outer[-1], outer[0]
    return outer + curve((x0, y0), (x - r * 0.95, y), (x1, y1), 20)


def sunset(rng: random.Random) -> Image.Image:
    veil = tint(
        (92, 40, 120, 0.72),
        (226, 84, 96, 0.58),
        (255, 142, 60, 0.42),
        (255, 150, 60, 0.36),
        (150, 50, 70, 0.36),
        (70, 24, 64, 0.5),
    )
    for _ in range(9):
        x, y = rng.random(), rng.uniform(0.05, 0.36)
        oval(
            veil,
            x,
            y,
            rng.uniform(0.12, 0.26),
            rng.uniform(0.008, 0.018),
            rng.choice([(255, 180, 110), (255, 130, 120), (250, 210, 140)]),
            0.65,
            0.006,
        )
    x, y, r = rng.uniform(0.08, 0.16), rng.uniform(0.44, 0.52), rng.uniform(0.085, 0.1)
    glow(veil, x, y, 0.5, (255, 190, 80), 0.75)
    disc(veil, x, y, r, ((255, 240, 150), (255, 150, 60)))
    return finish(veil, rng)


def dawn(rng: random.Random) -> Image.Image:
    veil = tint(
        (150, 150, 220, 0.6),
        (214, 170, 224, 0.5),
        (255, 190, 206, 0.42),
        (255, 214, 190, 0.4),
        (226, 190, 220, 0.36),
        (190, 176, 220, 0.42),
    )
    x, y = rng.uniform(0.1, 0.2), rng.uniform(0.5, 0.56)
    glow(veil, x, y, 0.6, (255, 236, 190), 0.75)
    for k in range(9):
        angle = -math.pi * (0.02 + 0.12 * k)
        far = (x + 0.9 * math.cos(angle), y + 0.9 * math.sin(angle))
        area(veil, taper([(x, y), far], 0.01, 0.09), (255, 246, 214), 0.16, 0.01)
    half = [(x + 0.075 * math.cos(a * math.pi / 16), y - 0.075 * math.sin(a * math.pi / 16)) for a in range(17)]
    area(veil, half, ((255, 252, 224), (255, 222, 160)))
    for k in range(3):
        level = y + 0.02 + 0.1 * k
        oval(veil, rng.random(), level, 0.55, 0.03, (255, 240, 244), 0.45, 0.02)
    for _ in range(6):
        oval(veil, rng.random(), rng.uniform(0.05, 0.3), rng.uniform(0.12, 0.22), 0.012, (255, 206, 214), 0.7, 0.006)
    return finish(veil, rng)


def noon(rng: random.Random) -> Image.Image:
    veil = tint((255, 250, 200, 0.1), (255, 248, 210, 0.08), (255, 246, 200, 0.12))
    x, y, r = rng.uniform(0.06, 0.14), rng.uniform(0.06, 0.13), rng.uniform(0.12, 0.14)
    glow(veil, x, y, 0.75, (255, 246, 190), 0.8)
    turn = rng.uniform(0, 0.3)
    for k in range(16):
        angle, reach = turn + k * math.pi / 8, 0.5 if k % 2 else 0.36
        start = (x + r * 1.15 * math.cos(angle), y + r * 1.15 * math.sin(angle))
        end = (x + reach * math.cos(angle), y + reach * math.sin(angle))
        area(veil, taper([start, end], 0.05, 0.004), (255, 232, 120), 0.8)
    disc(veil, x, y, r, ((255, 250, 190), (255, 222, 84)))
    for k, size in ((0.42, 0.02), (0.62, 0.035), (0.85, 0.05)):
        disc(veil, x + k, y + k * 0.95, size, (255, 255, 230), 0.22)
    return finish(veil, rng)
