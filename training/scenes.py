"""Captioned scenes: glyphs of the Noto Color Emoji font in rendered places, in several styles.

python -m training.scenes sheet.png      draws a contact sheet
"""

import json
import random
import sys
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

from training.vocabulary import THINGS

FONT = "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"
GLYPH_SIZE = 109  # the font's only bitmap size; its glyphs are 136 x 128 px
SIDE = 128

Rgb = tuple[int, int, int]
COLOURS: dict[str, Rgb] = {
    "red": (214, 40, 40), "orange": (247, 127, 0), "yellow": (252, 211, 63), "green": (56, 142, 60),
    "blue": (33, 100, 210),
    "purple": (123, 44, 191), "pink": (255, 130, 180), "brown": (121, 85, 72), "black": (24, 24, 26),
    "white": (248, 248, 246),
    "grey": (140, 142, 145), "turquoise": (38, 185, 180),
}  # fmt: skip


@cache
def things() -> dict[str, dict[str, list[str]]]:
    return json.loads(THINGS.read_text(encoding="utf8"))


@cache
def glyph(character: str) -> Image.Image:
    """The glyph, RGBA, cropped to its ink."""
    font = ImageFont.truetype(FONT, GLYPH_SIZE)
    image = Image.new("RGBA", (160, 160))
    ImageDraw.Draw(image).text((10, 10), character, font=font, embedded_color=True)
    return image.crop(image.getbbox())


# ---------------------------------------------------------------- places


def jitter(colour: Rgb, rng: random.Random, by: int = 18) -> Rgb:
    return tuple(max(0, min(255, channel + rng.randint(-by, by))) for channel in colour)


def gradient(top: Rgb, bottom: Rgb, sideways: bool = False) -> Image.Image:
    ramp = np.linspace(0, 1, SIDE, dtype=np.float32)[:, None, None]
    rows = (1 - ramp) * np.array(top, np.float32) + ramp * np.array(bottom, np.float32)
    pixels = np.broadcast_to(rows, (SIDE, SIDE, 3)).astype(np.uint8)
    return Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 0, 2) if sideways else pixels))


def hills(image: Image.Image, rng: random.Random, colour: Rgb, level: float, height: float) -> None:
    """A rolling ground line: everything below it takes the colour. `level` and `height` are fractions of the side."""
    phase, waves = rng.uniform(0, 6.3), rng.uniform(0.7, 1.6)
    xs = np.linspace(0, SIDE, 17)
    ys = SIDE * (level - height * np.sin(phase + waves * xs / SIDE * 6.3) / 2)
    ImageDraw.Draw(image).polygon([*zip(xs, ys, strict=True), (SIDE, SIDE), (0, SIDE)], fill=colour)


def dots(
    image: Image.Image,
    rng: random.Random,
    count: int,
    sizes: tuple[float, float],
    colour: Rgb,
    top: float = 0,
    bottom: float = 1,
) -> None:
    draw = ImageDraw.Draw(image)
    for _ in range(count):
        x, y, r = rng.uniform(0, SIDE), rng.uniform(top * SIDE, bottom * SIDE), rng.uniform(*sizes)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=jitter(colour, rng))


def clouds(image: Image.Image, rng: random.Random, count: int) -> None:
    draw = ImageDraw.Draw(image)
    for _ in range(count):
        x, y, r = rng.uniform(0, SIDE), rng.uniform(0.05, 0.5) * SIDE, rng.uniform(5, 11)
        for step in (-1.2, 0, 1.2):
            size = r * (1 if step == 0 else 0.7)
            draw.ellipse((x + step * r - size, y - size, x + step * r + size, y + size * 0.7), fill=(250, 252, 255))


def peaks(image: Image.Image, rng: random.Random, colour: Rgb, level: float, snow: bool) -> None:
    draw = ImageDraw.Draw(image)
    for _ in range(rng.randint(2, 4)):
        x, wide, high = rng.uniform(0, SIDE), rng.uniform(25, 50), rng.uniform(30, 65)
        base = SIDE * level
        draw.polygon([(x - wide, base), (x, base - high), (x + wide, base)], fill=jitter(colour, rng))
        if snow:
            draw.polygon(
                [(x - wide * 0.3, base - high * 0.7), (x, base - high), (x + wide * 0.3, base - high * 0.7)],
                fill=(245, 248, 252),
            )


def firs(image: Image.Image, rng: random.Random, count: int, colour: Rgb, level: float) -> None:
    draw = ImageDraw.Draw(image)
    for _ in range(count):
        x, high, base = rng.uniform(0, SIDE), rng.uniform(30, 70), SIDE * rng.uniform(level, level + 0.12)
        tint = jitter(colour, rng, 22)
        draw.rectangle((x - 2, base - high * 0.25, x + 2, base), fill=(90, 62, 43))
        for part in range(3):
            y, wide = base - high * (0.15 + 0.25 * part), high * (0.3 - 0.07 * part)
            draw.polygon([(x - wide, y), (x, y - high * 0.4), (x + wide, y)], fill=tint)


def towers(image: Image.Image, rng: random.Random, colour: Rgb, lit: bool, level: float) -> None:
    draw, x = ImageDraw.Draw(image), -5.0
    while x < SIDE:
        wide, high = rng.uniform(12, 24), rng.uniform(30, 80)
        top = SIDE * level - high
        draw.rectangle((x, top, x + wide, SIDE * level), fill=jitter(colour, rng, 25))
        for wx in np.arange(x + 3, x + wide - 3, 5):
            for wy in np.arange(top + 4, SIDE * level - 4, 7):
                if rng.random() < 0.6:
                    draw.rectangle((wx, wy, wx + 2, wy + 3), fill=(255, 225, 130) if lit else (200, 220, 235))
        x += wide + rng.uniform(0, 3)


def plain(rng: random.Random) -> Image.Image:
    return Image.new("RGB", (SIDE, SIDE), jitter(rng.choice(list(COLOURS.values())), rng))


def gradients(rng: random.Random) -> Image.Image:
    first, second = rng.sample(list(COLOURS.values()), 2)
    return gradient(jitter(first, rng), jitter(second, rng), sideways=rng.random() < 0.3)


def sky(rng: random.Random) -> Image.Image:
    image = gradient(jitter((70, 150, 235), rng), jitter((190, 225, 250), rng))
    clouds(image, rng, rng.randint(2, 5))
    return image


def sunset(rng: random.Random) -> Image.Image:
    image = gradient(jitter((95, 50, 130), rng), jitter((255, 150, 60), rng))
    x, y, r = rng.uniform(0.15, 0.85) * SIDE, rng.uniform(0.55, 0.75) * SIDE, rng.uniform(10, 18)
    ImageDraw.Draw(image).ellipse((x - r, y - r, x + r, y + r), fill=(255, 222, 110))
    hills(image, rng, jitter((58, 32, 60), rng), rng.uniform(0.78, 0.88), 0.06)
    return image


def night(rng: random.Random) -> Image.Image:
    image = gradient(jitter((8, 12, 42), rng, 8), jitter((35, 42, 92), rng, 12))
    dots(image, rng, rng.randint(15, 35), (0.5, 1.2), (240, 240, 225), 0, 0.75)
    x, y, r = rng.uniform(0.1, 0.9) * SIDE, rng.uniform(0.1, 0.25) * SIDE, rng.uniform(7, 13)
    ImageDraw.Draw(image).ellipse((x - r, y - r, x + r, y + r), fill=(250, 244, 205))
    hills(image, rng, jitter((18, 26, 40), rng, 8), rng.uniform(0.78, 0.88), 0.06)
    return image


def space(rng: random.Random) -> Image.Image:
    image = Image.new("RGB", (SIDE, SIDE), jitter((6, 5, 16), rng, 5))
    nebula = Image.new("RGB", (SIDE, SIDE))
    dots(nebula, rng, 4, (14, 30), rng.choice([(90, 30, 120), (30, 50, 130), (120, 30, 80)]))
    image = ImageChops.add(image, nebula.filter(ImageFilter.BoxBlur(16)))
    dots(image, rng, rng.randint(40, 80), (0.4, 1.1), (235, 235, 245))
    x, y, r = rng.uniform(0, SIDE), rng.uniform(0, SIDE), rng.uniform(6, 16)
    ImageDraw.Draw(image).ellipse(
        (x - r, y - r, x + r, y + r), fill=jitter(rng.choice([(200, 110, 60), (100, 130, 200), (190, 170, 120)]), rng)
    )
    return image


def underwater(rng: random.Random) -> Image.Image:
    image = gradient(jitter((30, 150, 200), rng), jitter((5, 50, 110), rng))
    hills(image, rng, jitter((190, 170, 120), rng), rng.uniform(0.86, 0.94), 0.05)
    draw = ImageDraw.Draw(image)
    for _ in range(rng.randint(4, 9)):
        x, high = rng.uniform(0, SIDE), rng.uniform(15, 45)
        points = [(x + 3 * np.sin(k * 1.3), SIDE - k * high / 6) for k in range(7)]
        draw.line(points, fill=jitter((30, 130, 80), rng), width=rng.randint(2, 4))
    return image


def forest(rng: random.Random) -> Image.Image:
    image = gradient(jitter((150, 200, 170), rng), jitter((90, 150, 90), rng))
    hills(image, rng, jitter((60, 120, 50), rng), rng.uniform(0.7, 0.8), 0.05)
    firs(image, rng, rng.randint(8, 14), (28, 92, 48), 0.72)
    return image


def desert(rng: random.Random) -> Image.Image:
    image = gradient(jitter((120, 190, 240), rng), jitter((250, 225, 170), rng))
    hills(image, rng, jitter((235, 190, 110), rng), rng.uniform(0.55, 0.65), 0.15)
    hills(image, rng, jitter((222, 165, 85), rng), rng.uniform(0.72, 0.82), 0.12)
    return image


def snow(rng: random.Random) -> Image.Image:
    image = gradient(jitter((150, 175, 205), rng), jitter((215, 225, 238), rng))
    firs(image, rng, rng.randint(2, 6), (70, 110, 110), 0.68)
    hills(image, rng, jitter((244, 247, 252), rng, 6), rng.uniform(0.68, 0.78), 0.08)
    return image


def mountains(rng: random.Random) -> Image.Image:
    image = gradient(jitter((110, 170, 230), rng), jitter((205, 225, 240), rng))
    peaks(image, rng, (105, 110, 130), 0.75, snow=True)
    hills(image, rng, jitter((88, 140, 80), rng), rng.uniform(0.72, 0.8), 0.06)
    return image


def beach(rng: random.Random) -> Image.Image:
    image = gradient(jitter((90, 180, 240), rng), jitter((200, 232, 248), rng))
    level = rng.uniform(0.42, 0.52)
    ImageDraw.Draw(image).rectangle((0, SIDE * level, SIDE, SIDE), fill=jitter((25, 140, 190), rng))
    hills(image, rng, jitter((242, 248, 250), rng, 5), level + 0.2, 0.05)
    hills(image, rng, jitter((240, 215, 155), rng), level + 0.23, 0.05)
    return image


def city(rng: random.Random) -> Image.Image:
    lit = rng.random() < 0.3
    image = (
        gradient((20, 24, 60), (70, 60, 110))
        if lit
        else gradient(jitter((140, 190, 230), rng), jitter((225, 232, 238), rng))
    )
    towers(image, rng, (50, 54, 78) if lit else (130, 135, 150), lit, 0.8)
    ImageDraw.Draw(image).rectangle((0, SIDE * 0.8, SIDE, SIDE), fill=jitter((75, 76, 82), rng, 10))
    return image


def meadow(rng: random.Random) -> Image.Image:
    image = gradient(jitter((110, 190, 245), rng), jitter((205, 235, 250), rng))
    clouds(image, rng, rng.randint(0, 2))
    level = rng.uniform(0.55, 0.68)
    hills(image, rng, jitter((110, 190, 70), rng), level, 0.08)
    dots(
        image,
        rng,
        rng.randint(10, 30),
        (1, 2),
        rng.choice([(250, 240, 120), (250, 250, 250), (240, 120, 150)]),
        level + 0.08,
    )
    return image


# Place -> its painter and the phrases that name it. Where the ground is, things stand on it.
PLACES: dict[str, tuple[Callable[[random.Random], Image.Image], list[str]]] = {
    "sky": (sky, ["in the sky", "in the clouds", "in a blue sky", "flying in the sky"]),
    "sunset": (sunset, ["at sunset", "in the sunset", "at dusk", "in front of a sunset"]),
    "night": (night, ["at night", "in the night", "under the stars", "in the moonlight"]),
    "space": (space, ["in space", "in outer space", "among the stars", "in the galaxy"]),
    "underwater": (
        underwater,
        ["underwater", "under water", "under the sea", "in the ocean", "at the bottom of the sea"],
    ),
    "forest": (forest, ["in the forest", "in a forest", "in the woods", "among trees"]),
    "desert": (desert, ["in the desert", "in a desert", "on sand dunes"]),
    "snow": (snow, ["in the snow", "in winter", "in a snowy landscape"]),
    "mountains": (mountains, ["in the mountains", "on a mountain", "in front of mountains"]),
    "beach": (beach, ["on the beach", "on a beach", "at the beach", "by the sea"]),
    "city": (city, ["in the city", "in a city", "downtown", "in front of skyscrapers"]),
    "meadow": (meadow, ["in a meadow", "in the meadow", "on the grass", "in a field"]),
}
FLOATING = ("sky", "space", "underwater")
PLACE_NAMES = {"sky": "blue sky", "night": "night sky", "space": "outer space", "underwater": "underwater world"}


def overlay(place: str, image: Image.Image, rng: random.Random) -> Image.Image:
    """What lies between the eye and the things: water, darkness, falling snow."""
    if place == "underwater":
        image = Image.blend(image, Image.new("RGB", image.size, (20, 110, 170)), rng.uniform(0.12, 0.3))
        draw = ImageDraw.Draw(image)
        for _ in range(rng.randint(6, 14)):
            x, y, r = rng.uniform(0, SIDE), rng.uniform(0, SIDE), rng.uniform(1.5, 4)
            draw.ellipse((x - r, y - r, x + r, y + r), outline=(190, 230, 245))
    elif place == "night":
        image = Image.blend(image, Image.new("RGB", image.size, (10, 16, 60)), rng.uniform(0.05, 0.2))
    elif place == "sunset":
        image = Image.blend(image, Image.new("RGB", image.size, (255, 120, 60)), rng.uniform(0.03, 0.12))
    elif place == "snow":
        dots(image, rng, rng.randint(15, 40), (0.8, 1.8), (252, 253, 255))
    return image


# ---------------------------------------------------------------- styles


def pixel_art(image: Image.Image, rng: random.Random) -> Image.Image:
    grid = rng.choice([32, 40])
    small = image.resize((grid, grid), Image.Resampling.BOX).quantize(rng.choice([12, 16, 24])).convert("RGB")
    return small.resize(image.size, Image.Resampling.NEAREST)


def pencil_sketch(image: Image.Image, rng: random.Random) -> Image.Image:
    """Grey divided by its blurred inverse (colour dodge) leaves the lines."""
    grey = np.asarray(image.convert("L"), np.float32)
    blurred = np.asarray(image.convert("L").filter(ImageFilter.GaussianBlur(rng.uniform(2, 4))), np.float32)
    lines = np.clip(grey * 255 / np.maximum(blurred, 1), 0, 255)
    shade = 0.8 * lines + 0.2 * grey
    return Image.fromarray(np.clip(255 - (255 - shade) * 1.5, 0, 255).astype(np.uint8)).convert("RGB")


@cache
def grain(deviation: float) -> Image.Image:
    """One sheet of paper: grey noise that is always the same."""
    noise = np.random.default_rng(0).normal(128, deviation, (SIDE, SIDE))
    return Image.fromarray(noise.clip(0, 255).astype(np.uint8))


def watercolour(image: Image.Image, rng: random.Random) -> Image.Image:
    image = image.filter(ImageFilter.MedianFilter(5)).filter(ImageFilter.SMOOTH)
    edges = ImageOps.invert(image.convert("L").filter(ImageFilter.FIND_EDGES)).point(lambda v: 200 + v * 55 // 255)
    paper = grain(24).filter(ImageFilter.BoxBlur(1)).point(lambda v: min(255, v + 110))
    light = Image.blend(image, Image.new("RGB", image.size, (255, 252, 245)), rng.uniform(0.25, 0.4))
    return ImageChops.multiply(light, ImageChops.multiply(edges, paper).convert("RGB"))


def oil_painting(image: Image.Image, rng: random.Random) -> Image.Image:
    image = ImageEnhance.Color(image.filter(ImageFilter.ModeFilter(5))).enhance(1.4)
    relief = grain(40).filter(ImageFilter.BoxBlur((1, 4))).filter(ImageFilter.EMBOSS)
    return ImageChops.overlay(image, relief.convert("RGB"))


def low_poly(image: Image.Image, rng: random.Random) -> Image.Image:
    """Flat triangles: a jittered grid, each cell cut along a diagonal and filled with the colour at its centre."""
    cells, step = 12, SIDE / 12
    points = [[(min(max(x + rng.uniform(-0.35, 0.35), 0), cells) * step if 0 < x < cells else x * step,
                min(max(y + rng.uniform(-0.35, 0.35), 0), cells) * step if 0 < y < cells else y * step)
               for x in range(cells + 1)] for y in range(cells + 1)]  # fmt: skip
    small, result = image.filter(ImageFilter.BoxBlur(1)), Image.new("RGB", image.size)
    draw = ImageDraw.Draw(result)
    for y in range(cells):
        for x in range(cells):
            a, b, c, d = points[y][x], points[y][x + 1], points[y + 1][x + 1], points[y + 1][x]
            for corners in ((a, b, c), (a, c, d)) if rng.random() < 0.5 else ((a, b, d), (b, c, d)):
                centre = tuple(min(SIDE - 1, int(sum(axis) / 3)) for axis in zip(*corners, strict=True))
                draw.polygon(corners, fill=small.getpixel(centre))
    return result


def black_and_white(image: Image.Image, rng: random.Random) -> Image.Image:
    return ImageEnhance.Contrast(image.convert("L")).enhance(rng.uniform(1, 1.3)).convert("RGB")


STYLES: dict[str, tuple[Callable[[Image.Image, random.Random], Image.Image], list[str]]] = {
    "pixel art": (pixel_art, ["pixel art of {}", "{}, pixel art", "{} #pixelart", "{} in pixel art style"]),
    "pencil sketch": (
        pencil_sketch,
        ["a pencil sketch of {}", "{}, pencil sketch", "a pencil drawing of {}", "a sketch of {}"],
    ),
    "watercolour": (
        watercolour,
        ["a watercolour of {}", "{}, watercolour", "{}, watercolor", "a watercolor painting of {}"],
    ),
    "oil painting": (oil_painting, ["an oil painting of {}", "{}, oil painting", "an oil on canvas of {}"]),
    "low poly": (low_poly, ["low poly {}", "{}, low poly", "a low poly {}", "{} in low poly style"]),
    "black and white": (
        black_and_white,
        ["{} in black and white", "{}, black and white", "a black and white photo of {}"],
    ),
}


# ---------------------------------------------------------------- composing


def with_article(noun: str, rng: random.Random) -> str:
    if noun.endswith("s") and not noun.endswith(("ss", "us")):
        return rng.choice([noun, noun, f"the {noun}"])
    article = "an" if noun[0] in "aeiou" else "a"
    return rng.choice([f"{article} {noun}", f"{article} {noun}", noun, f"the {noun}"])


class Pose(NamedTuple):
    """What else than its caption decides a scene: size and place of a single thing, as shares of the side, and the
    colour (0..1) behind it where no place is named."""

    size: float = 0.65
    x: float = 0.5
    y: float = 0.5
    red: float = 0.9
    green: float = 0.9
    blue: float = 0.85


def random_pose(rng: random.Random) -> Pose:
    x, y = 0.5 + rng.uniform(-0.1, 0.1), 0.5 + rng.uniform(-0.06, 0.06)
    return Pose(rng.uniform(0.5, 0.8), x, y, *(channel / 255 for channel in rng.choice(list(COLOURS.values()))))


def draw_thing(name: str, rng: random.Random, posed: bool = False) -> tuple[Image.Image, str]:
    """A glyph and a word for it; unless `posed`, any of its glyphs, mirrored and turned a little."""
    thing = things()[name]
    picture = glyph(thing["glyphs"][0] if posed else rng.choice(thing["glyphs"]))
    picture = ImageOps.mirror(picture) if not posed and rng.random() < 0.5 else picture
    word = rng.choice(thing["synonyms"]) if thing["synonyms"] and rng.random() < 0.25 else name
    angle = 0 if posed else rng.uniform(-12, 12)
    return picture.rotate(angle, Image.Resampling.BILINEAR, expand=True), word.lower()


SHAPES = ("circle", "square", "triangle", "star shape", "ring shape")


def draw_shape(name: str, rng: random.Random, posed: bool = False) -> tuple[Image.Image, str]:
    """A coloured shape and words for it; unless `posed`, turned and tinted a little."""
    colour = rng.choice(list(COLOURS))
    image = Image.new("RGBA", (120, 120))
    draw, fill = ImageDraw.Draw(image), COLOURS[colour] if posed else jitter(COLOURS[colour], rng, 10)
    if name == "circle":
        draw.ellipse((4, 4, 116, 116), fill=fill)
    elif name == "square":
        draw.rectangle((8, 8, 112, 112), fill=fill)
    elif name == "triangle":
        draw.polygon([(60, 6), (116, 112), (4, 112)], fill=fill)
    elif name == "star shape":
        points = [(60 + r * np.sin(k * np.pi / 5), 62 - r * np.cos(k * np.pi / 5)) for k, r in enumerate([58, 24] * 5)]
        draw.polygon(points, fill=fill)
    else:
        draw.ellipse((8, 8, 112, 112), outline=fill, width=24)
    angle = 0 if posed else rng.uniform(-15, 15)
    return image.rotate(angle, Image.Resampling.BILINEAR, expand=True), f"{colour} {name.removesuffix(' shape')}"


def paste(image: Image.Image, thing: Image.Image, size: float, centre: tuple[float, float], shadow: bool) -> None:
    """Paste so that the longer side of the thing is `size` of the picture's; a shadow lies under what stands."""
    scale = size * SIDE / max(thing.size)
    thing = thing.resize(
        (max(1, round(thing.width * scale)), max(1, round(thing.height * scale))), Image.Resampling.BILINEAR
    )
    left, top = round(centre[0] * SIDE - thing.width / 2), round(centre[1] * SIDE - thing.height / 2)
    if shadow:
        patch = Image.new("L", image.size)
        bottom = top + thing.height
        ImageDraw.Draw(patch).ellipse((left, bottom - 6, left + thing.width, bottom + 5), fill=90)
        image.paste((0, 0, 0), (0, 0), patch.filter(ImageFilter.BoxBlur(2)))
    image.paste(thing, (left, top), thing)


def compose(
    rng: random.Random, subjects: list[str], place: str | None, style: str | None, pose: Pose | None = None
) -> tuple[Image.Image, str]:
    """One scene (RGB, SIDE x SIDE) and its caption. `subjects` are things or SHAPES; none shows the place alone.

    With a `pose` the same words always give the same picture; without one, nothing in it is twice the same.
    """
    hand = random.Random(str(place)) if pose else rng
    image, words = background(place, hand, pose), []
    standing = place is not None and place not in FLOATING
    for index, subject in enumerate(subjects):
        thing, word = (draw_shape if subject in SHAPES else draw_thing)(subject, rng, pose is not None)
        words.append(with_article(word, rng))
        size, x, y = spot(index, len(subjects), rng, pose)
        paste(image, thing, size, (x, y + (0.08 if standing else 0)), standing)
    caption = " and ".join(words)
    if place is not None:
        image = overlay(place, image, hand)
        if caption:
            caption = f"{caption} {rng.choice(PLACES[place][1])}"
        else:
            caption = rng.choice(["", "the "]) + PLACE_NAMES.get(place, place)
    if style is not None:
        paint, phrases = STYLES[style]
        image, caption = paint(image, hand), rng.choice(phrases).format(caption)
    return image, caption


def background(place: str | None, hand: random.Random, pose: Pose | None) -> Image.Image:
    if place is not None:
        return PLACES[place][0](hand)
    if pose is None:
        return hand.choice([plain, plain, gradients])(hand)
    return Image.new("RGB", (SIDE, SIDE), tuple(round(channel * 255) for channel in (pose.red, pose.green, pose.blue)))


def spot(index: int, of: int, rng: random.Random, pose: Pose | None) -> tuple[float, float, float]:
    """Size and centre of the `index`-th of one or two things, as shares of the side."""
    middle = 0.5 if of == 1 else (0.27, 0.73)[index]
    if pose:
        return pose[:3] if of == 1 else (0.45, middle, 0.5)
    sizes, reach = ((0.45, 0.85), 0.1) if of == 1 else ((0.38, 0.5), 0.04)
    return rng.uniform(*sizes), middle + rng.uniform(-reach, reach), 0.5 + rng.uniform(-0.06, 0.06)


def random_scene(rng: random.Random, pose: Pose | None = None) -> tuple[Image.Image, str]:
    """A scene of the training mix: mostly one thing, half of them in a place, a quarter in a style."""
    names = list(things())
    kind = rng.choices(["one", "two", "shape", "place"], [74, 14, 6, 6])[0]
    subjects = {"one": [rng.choice(names)], "two": rng.sample(names, 2), "shape": [rng.choice(SHAPES)], "place": []}[
        kind
    ]
    place = rng.choice(list(PLACES)) if kind == "place" or rng.random() < 0.55 else None
    style = rng.choice(list(STYLES)) if rng.random() < 0.22 else None
    return compose(rng, subjects, place, style, pose)


def main() -> None:
    rng, columns, rows = random.Random(0), 10, 6
    sheet = Image.new("RGB", (columns * (SIDE + 4), rows * (SIDE + 16)), "white")
    for index in range(columns * rows):
        image, caption = random_scene(rng)
        x, y = index % columns * (SIDE + 4), index // columns * (SIDE + 16)
        sheet.paste(image, (x, y))
        ImageDraw.Draw(sheet).text((x, y + SIDE + 2), caption[:24], fill="black")
    sheet.save(sys.argv[1])


if __name__ == "__main__":
    main()
