"""Painters of weathers, as veils: each gives an RGBA picture of SIDE x SIDE."""

import math
import random

import numpy as np
from PIL import Image

from training.painters.painting import (
    BIG,
    Rgb,
    area,
    cloud,
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
    ridge,
    shaft,
    stroke,
    taper,
)
from training.painters.plants import weed
from training.painters.veils_times import margin, tint


def gloom(veil: Image.Image, rng: random.Random, tones: tuple[Rgb, Rgb], low: float) -> None:
    """A roof of clouds whose undersides hang to about `low`."""
    for row in range(3):
        y = low * (0.45 + 0.3 * row)
        for k in range(6):
            tone = mix(tones[0], tones[1], 1 - row / 2 + rng.uniform(-0.1, 0.1))
            x = k / 5 + rng.uniform(-0.08, 0.08)
            cloud(
                veil,
                rng,
                x,
                y + rng.uniform(-0.02, 0.02),
                rng.uniform(0.34, 0.44),
                (light(tone, 0.12), dark(tone, 0.15)),
            )


def rain(rng: random.Random) -> Image.Image:
    veil = tint((62, 74, 96, 0.6), (70, 84, 106, 0.45), (70, 84, 108, 0.4), (56, 68, 92, 0.5))
    gloom(veil, rng, ((120, 130, 146), (84, 94, 112)), 0.2)
    lean = rng.uniform(0.12, 0.3)
    for _ in range(150):
        x, y, long = rng.uniform(0, 1.15), rng.uniform(0.1, 0.98), rng.uniform(0.05, 0.11)
        tone = rng.choice([(206, 224, 244, 190), (186, 208, 236, 150), (230, 240, 250, 220)])
        stroke(veil, [(x, y), (x - lean * long, y + long)], rng.choice([0.004, 0.004, 0.006]), tone)
    for _ in range(26):
        x, y = rng.random(), rng.uniform(0.84, 0.99)
        size = rng.uniform(0.016, 0.03)
        stroke(
            veil,
            [(x + size * math.cos(a * 0.7), y + size * 0.35 * math.sin(a * 0.7)) for a in range(10)],
            0.004,
            (220, 234, 248, 220),
        )
        for dx in (-0.6, 0.6):
            disc(veil, x + dx * size, y - size * 0.7, 0.004, (235, 244, 252))
    return finish(veil, rng)


def snowfall(rng: random.Random) -> Image.Image:
    veil = tint((196, 210, 232, 0.42), (220, 230, 244, 0.26), (232, 240, 250, 0.24), (246, 250, 255, 0.5))
    for count, sizes, alpha in ((130, (0.003, 0.006), 0.8), (60, (0.007, 0.012), 0.92), (16, (0.014, 0.02), 0.95)):
        for _ in range(count):
            disc(veil, rng.random(), rng.random(), rng.uniform(*sizes), (255, 255, 255), alpha)
    for _ in range(9):
        flake(veil, margin(rng, 0.3), rng.uniform(0.05, 0.8), rng.uniform(0.03, 0.045), rng.uniform(0, 1))
    line = ridge(rng, 0.93, 0.03, 0.9)
    area(veil, [*line, (1.02, 1.02), (-0.02, 1.02)], ((255, 255, 255), (214, 228, 248)), 0.96)
    return finish(veil, rng)


def flake(veil: Image.Image, x: float, y: float, r: float, turn: float) -> None:
    """A six-armed crystal of snow."""
    for k in range(6):
        angle = turn + k * math.pi / 3
        ex, ey = x + r * math.cos(angle), y + r * math.sin(angle)
        stroke(veil, [(x, y), (ex, ey)], 0.006, (255, 255, 255))
        for side in (-0.8, 0.8):
            mx, my = x + 0.55 * r * math.cos(angle), y + 0.55 * r * math.sin(angle)
            stroke(
                veil,
                [(mx, my), (mx + 0.35 * r * math.cos(angle + side), my + 0.35 * r * math.sin(angle + side))],
                0.005,
                (255, 255, 255),
            )


def storm(rng: random.Random) -> Image.Image:
    veil = tint((20, 22, 40, 0.85), (32, 36, 60, 0.62), (36, 42, 66, 0.5), (24, 28, 48, 0.58))
    x = rng.uniform(0.1, 0.18)
    glow(veil, x, 0.3, 0.45, (190, 190, 255), 0.55)
    bolt(veil, rng, x, 0.16, 0.72, 0.03)
    gloom(veil, rng, ((66, 68, 92), (30, 32, 50)), 0.24)
    other = rng.uniform(0.84, 0.92)
    bolt(veil, rng, other, 0.2, 0.46, 0.016)
    for _ in range(70):
        px, py, long = rng.uniform(0, 1.2), rng.uniform(0.2, 0.98), rng.uniform(0.05, 0.1)
        stroke(veil, [(px, py), (px - 0.5 * long, py + long)], 0.004, (190, 204, 230, 130))
    return finish(veil, rng)


def bolt(veil: Image.Image, rng: random.Random, x: float, top: float, bottom: float, width: float) -> None:
    """A flash of lightning with a branch."""
    line, steps = [(x, top)], 6
    for k in range(1, steps + 1):
        line.append((x + rng.uniform(0.015, 0.05) * (1 if k % 2 else -1), top + (bottom - top) * k / steps))
    fork = [
        line[2],
        (line[2][0] + 0.06, line[3][1]),
        (line[2][0] + 0.05, line[4][1] - 0.03),
        (line[2][0] + 0.1, line[5][1] - 0.05),
    ]
    for shape, start in ((line, width), (fork, width * 0.6)):
        area(veil, taper(shape, start * 2.4, start), (150, 160, 255), 0.6, 0.012)
        area(veil, taper(shape, start, start * 0.2), (255, 252, 214))


def fog(rng: random.Random) -> Image.Image:
    veil = tint((214, 222, 228, 0.5), (222, 228, 232, 0.44), (230, 234, 238, 0.5), (240, 243, 246, 0.86))
    for y, alpha, rx in ((0.12, 0.35, 0.4), (0.3, 0.3, 0.4), (0.62, 0.4, 0.45), (0.78, 0.55, 0.5), (0.9, 0.7, 0.6)):
        for _ in range(3):
            oval(
                veil,
                rng.random(),
                y + rng.uniform(-0.05, 0.05),
                rx * rng.uniform(0.6, 1),
                rng.uniform(0.025, 0.05),
                (246, 248, 250),
                alpha,
                0.025,
            )
    for k, y in enumerate((0.8, 0.88, 0.95)):
        for j in range(5):
            x = j / 4 + rng.uniform(-0.1, 0.1)
            disc(veil, x, y + 0.08, rng.uniform(0.1, 0.14), (246, 249, 251), 0.35 + 0.12 * k, 0.025)
    return finish(veil, rng)


def rainbow(rng: random.Random) -> Image.Image:
    """A bow of 0.56 of the side, its centre a little below the picture's, fading to its feet."""
    axis = np.linspace(0, 1, BIG, dtype=np.float32)
    x, y = 0.5 + rng.uniform(-0.03, 0.03), rng.uniform(0.62, 0.66)
    r = np.hypot(axis[None] - x, axis[:, None] - y)
    outer, width = rng.uniform(0.55, 0.58), 0.125
    place = (outer - r) / width
    bands = np.array(
        [(240, 60, 60), (255, 140, 40), (255, 226, 60), (84, 200, 90), (60, 150, 240), (84, 90, 220), (170, 80, 210)]
    )
    where = np.linspace(0.08, 0.92, 7)
    colour = np.stack([np.interp(place, where, bands[:, channel]) for channel in range(3)], axis=-1)
    edge = np.clip(np.minimum(place, 1 - place) / 0.08, 0, 1)
    fade = np.clip((0.78 - axis[:, None]) / 0.25, 0, 1)
    alpha = 0.78 * edge * fade
    bow = Image.fromarray(np.concatenate([colour, 255 * alpha[..., None]], axis=-1).astype(np.uint8), "RGBA")
    veil = tint((255, 255, 240, 0.08), (255, 255, 240, 0.04))
    veil.alpha_composite(bow)
    for side in (0, 1):
        for k in range(3):
            cloud(
                veil,
                rng,
                abs(side - 0.02 - 0.05 * k),
                0.78 - 0.05 * (k % 2),
                rng.uniform(0.16, 0.2),
                ((255, 255, 255), (226, 236, 248)),
            )
    return finish(veil, rng)


def wind(rng: random.Random) -> Image.Image:
    veil = tint((226, 238, 244, 0.16), (232, 240, 244, 0.08), (226, 238, 240, 0.14))
    for y in (0.08, 0.2, 0.34, 0.66, 0.84, 0.94):
        gust(
            veil,
            rng.uniform(-0.25, 0.05),
            y + rng.uniform(-0.03, 0.03),
            rng.uniform(0.6, 0.95),
            rng.uniform(0.035, 0.06),
            rng.random() < 0.6,
        )
    tones = [(226, 120, 40), (240, 176, 60), (120, 170, 70), (206, 76, 50)]
    for k in range(34):
        x = margin(rng, 0.3) if k % 4 else rng.random()
        y = rng.uniform(0.04, 0.96) if k % 4 else rng.choice([rng.uniform(0.02, 0.2), rng.uniform(0.86, 0.97)])
        size, tone, angle = rng.uniform(0.035, 0.065), jitter(rng.choice(tones), rng), rng.uniform(-0.7, 0.7)
        points = leaf_shape(x, y, size, size * 0.55, angle, 0.5)
        area(veil, points, tone)
        area(veil, points[:15], dark(tone, 0.18))
        stroke(
            veil,
            [(x - size * 0.3 * math.cos(angle), y - size * 0.3 * math.sin(angle)), points[7]],
            0.004,
            dark(tone, 0.35),
        )
    return finish(veil, rng)


def gust(veil: Image.Image, x: float, y: float, length: float, curl: float, up: bool) -> None:
    """A white line of wind that ends in a curl."""
    line = (
        curve((x, y + 0.01), (x + length * 0.4, y - 0.05), (x + length * 0.7, y), 16)
        + curve((x + length * 0.7, y), (x + length * 0.9, y + 0.03), (x + length, y), 10)[1:]
    )
    turn = -1 if up else 1
    cx, cy = line[-1][0], line[-1][1] + turn * curl
    for k in range(1, 20):
        r, angle = curl * (1 - k / 26), k * 0.27
        line.append((cx + r * math.sin(angle), cy - turn * r * math.cos(angle)))
    area(veil, taper(line, 0.004, 0.015), (255, 255, 255), 0.9)


def underwater(rng: random.Random) -> Image.Image:
    veil = tint((120, 226, 236, 0.5), (40, 166, 206, 0.44), (20, 122, 180, 0.46), (8, 70, 132, 0.62))
    glow(veil, 0.5, -0.08, 0.6, (226, 255, 250), 0.5)
    for k in range(6):
        x = 0.08 + 0.17 * k + rng.uniform(-0.05, 0.05)
        shaft(
            veil,
            (0.35 + x * 0.3, -0.04),
            (x * 1.5 - 0.25, rng.uniform(0.6, 0.95)),
            rng.uniform(0.03, 0.06),
            (220, 255, 252),
            0.2,
        )
    for _ in range(8):
        oval(veil, rng.random(), rng.uniform(0.0, 0.05), rng.uniform(0.08, 0.16), 0.007, (240, 255, 252), 0.7, 0.004)
    for x, high in ((0.02, 0.34), (0.09, 0.22), (0.15, 0.14), (0.98, 0.3), (0.91, 0.2), (0.86, 0.12)):
        weed(
            veil, rng, x + rng.uniform(-0.02, 0.02), 1.01, high * rng.uniform(0.85, 1.2), jitter((28, 140, 96), rng, 18)
        )
    for k in range(34):
        x, r = margin(rng, 0.26) if k % 5 else rng.random(), rng.uniform(0.007, 0.02)
        y = rng.uniform(0.06, 0.92) if k % 5 else rng.uniform(0.04, 0.2)
        disc(veil, x, y, r, (226, 252, 255), 0.75)
        disc(veil, x, y, r * 0.74, (70, 176, 214), 0.6)
        disc(veil, x - r * 0.35, y - r * 0.35, r * 0.26, (255, 255, 255))
    return finish(veil, rng)
