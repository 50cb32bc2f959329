import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.scenes import (
    FONT,
    PLACE_NAMES,
    PLACES,
    SHAPES,
    SIDE,
    STYLES,
    compose,
    glyph,
    random_scene,
    things,
    with_article,
)

needs_font = pytest.mark.skipif(
    not Path(FONT).exists(), reason=f"no {FONT}: install the Debian package fonts-noto-color-emoji"
)


def rng(seed=0):
    return random.Random(seed)


def colours(image):
    return len(image.getcolors(SIDE * SIDE))


@pytest.mark.parametrize("place", PLACES)
def test_every_place_can_be_seen_and_is_named(place):
    image, caption = compose(rng(), [], place, None)
    assert (image.mode, image.size) == ("RGB", (SIDE, SIDE))
    assert colours(image) > 20
    assert caption.removeprefix("the ") == PLACE_NAMES.get(place, place)


@needs_font
@pytest.mark.parametrize("place", [*PLACES, None])
def test_every_place_holds_a_thing_and_its_caption_names_both(place):
    image, caption = compose(rng(1), ["octopus"], place, None)
    empty, _ = compose(rng(1), [], place, None)
    assert np.any(np.asarray(image) != np.asarray(empty))
    assert any(word in caption for word in ["octopus", *things()["octopus"]["synonyms"]])
    assert place is None or any(phrase in caption for phrase in PLACES[place][1])


@pytest.mark.parametrize("style", STYLES)
def test_every_style_changes_the_picture_and_is_named(style):
    plain, subject = compose(rng(2), ["star shape"], "meadow", None)
    styled, caption = compose(rng(2), ["star shape"], "meadow", style)
    assert (styled.mode, styled.size) == ("RGB", (SIDE, SIDE))
    assert np.abs(np.asarray(plain, int) - np.asarray(styled, int)).mean() > 2
    assert caption in [phrase.format(subject) for phrase in STYLES[style][1]]


def test_black_and_white_has_no_colour():
    pixels = np.asarray(compose(rng(), ["circle"], "sunset", "black and white")[0])
    assert (pixels[..., 0] == pixels[..., 1]).all() and (pixels[..., 1] == pixels[..., 2]).all()


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_is_named_with_its_colour(shape):
    _, caption = compose(rng(3), [shape], None, None)
    assert caption.endswith(shape.removesuffix(" shape"))
    assert len(caption.split()) >= 2


@needs_font
def test_two_things_are_both_named():
    _, caption = compose(rng(4), ["tiger", "rocket"], None, None)
    first, second = caption.split(" and ")
    assert any(word in first for word in ["tiger", *things()["tiger"]["synonyms"]])
    assert any(word in second for word in ["rocket", *things()["rocket"]["synonyms"]])


@needs_font
def test_the_same_seed_gives_the_same_scene():
    first, again, other = random_scene(rng(5)), random_scene(rng(5)), random_scene(rng(6))
    assert (first[0].tobytes(), first[1]) == (again[0].tobytes(), again[1])
    assert first[0].tobytes() != other[0].tobytes()


@needs_font
def test_scenes_are_pictures_with_captions():
    for seed in range(40):
        image, caption = random_scene(rng(seed))
        assert (image.mode, image.size) == ("RGB", (SIDE, SIDE))
        assert caption == caption.strip() and "{" not in caption and "  " not in caption and caption


@needs_font
def test_the_font_draws_every_thing():
    missing = glyph("\ue000")  # the private use area has no emoji
    for name, thing in things().items():
        for character in thing["glyphs"]:
            picture = glyph(character)
            assert min(picture.size) > 8, name
            assert picture.tobytes() != missing.tobytes(), name


@pytest.mark.parametrize(
    ("noun", "phrases"),
    [
        ("octopus", {"octopus", "an octopus", "the octopus"}),
        ("cat", {"cat", "a cat", "the cat"}),
        ("scales", {"scales", "the scales"}),
        ("glass", {"glass", "a glass", "the glass"}),
    ],
)
def test_articles_are_english(noun, phrases):
    assert {with_article(noun, rng(seed)) for seed in range(40)} == phrases


@needs_font
def test_glyphs_are_cropped_to_their_ink():
    picture = glyph("\N{ROCKET}")
    assert picture.mode == "RGBA"
    assert picture.getbbox() == (0, 0, *picture.size)
    assert isinstance(picture, Image.Image)
