import json
from dataclasses import fields

import numpy as np
import pytest
from PIL import Image

from clipit import ImagePrompt, Settings, recipe, stream

START = Image.linear_gradient("L").resize((24, 16))
RED = Image.new("RGBA", (4, 4), (255, 0, 0, 100))


def last(frames):
    *_, frame = frames
    return frame


def test_a_recipe_is_plain_and_whole(tiny, models):
    told = recipe(tiny.settings(size=(25, 17), start_image=START, cuts=None, iterations=None), models)
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert told.keys() == {field.name for field in fields(Settings)} | {"weights", "text2art"}
    assert told["size"] == [24, 16]
    assert (told["iterations"], told["cuts"], told["seed"], told["views"]) == (60, 16, 0, "gentle")
    assert set(told["weights"]) == {tiny.vqgan.name, tiny.vit.name}
    assert all(len(digest) == 64 for digest in told["weights"].values())


WISHES = {
    "prompts": "a:2 ^ b | c:-1", "labels": "dog", "losses": "smoothness:0.5", "palette": "red", "palette_over": 2,
    "image_prompts": (ImagePrompt(RED, -0.5, 0.2),), "spot_prompts": "cat", "spot_mask": RED, "target_images": (RED,),
    "overlay_every": 2, "overlay_image": RED, "average": 0.5, "progressive": 0.4, "views": "clipit", "seed": 5,
}  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 5},
        {"scale": 0.2, "size": None, "quality": "better", "aspect": "widescreen", "start": "pixels"},
        {"start_image": START, "start_alpha": 99, "seed": 7},
        {"drawer": "pixel", "size": (41, 23), "drawer_options": {"cells": (6, 4)}},
        {"drawer": "strokes", "size": (41, 23), "drawer_options": {"strokes": 8}},
        WISHES,
    ],
)
def test_a_recipe_paints_the_picture_again(tiny, models, changes):
    settings = tiny.settings(**{"size": (25, 17)} | changes)
    told = json.loads(json.dumps(recipe(settings, models)))
    again = Settings.from_dict(told, settings.images())
    assert recipe(again, models) == told
    first, second = (last(stream(each, models)) for each in (settings, again))
    assert np.array_equal(first.pixels(), second.pixels())
    assert list(first.picture().size) == told["size"]


def test_a_sketch_that_nobody_could_draw_is_told_of_as_noise(tiny, models):
    assert tiny.settings().resolved().start == "sketch"
    assert recipe(tiny.settings(), models)["start"] == "noise"


def test_only_weights_that_decide_the_picture_are_named(tiny, models):
    assert set(recipe(tiny.settings(drawer="pixel"), models)["weights"]) == {tiny.vit.name}
