import json
from dataclasses import FrozenInstanceError, fields, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from PIL import Image

from clipit import PRESETS, ClipitError, ImagePrompt, Settings
from clipit.settings import image_digest

RED = Image.new("RGB", (4, 4), "red")
CLEAR = Image.new("RGBA", (3, 5), (0, 0, 255, 100))


def told(**changes):
    return Settings(**{"prompts": "castle underwater"} | changes)


REFUSED = [
    ("quality", "great", "'draft', 'normal', 'better', 'best'"),
    ("aspect", "round", "'square', 'widescreen', 'portrait'"),
    ("preset", "pixray", "'text2art', 'clipit'"),
    ("optimiser", "SGD", "'Adam', 'AdamW', 'Adagrad', 'Adamax', 'RAdam'"),
    ("start", "fog", "'sketch', 'noise', 'pixels', 'gradient', 'snow', 'none'"),
    ("views", "wild", "'gentle', 'clipit'"),
    ("schedule", "cosine", "'linear', 'constant', 'drop'"),
    ("drawer", "crayon", "'vqgan', 'strokes', 'pixel', 'fft'"),
    ("drawer_options", {"modell": "small"}, "'model', .*'relative_rate'"),
    ("drawer_options", {"model": 3}, "text"),
    ("drawer_options", {"relative_rate": "no"}, "True or False"),
    ("drawer_options", {3: "small"}, "a dictionary by names"),
    ("drawer_options", ["model", "small"], "a dictionary by names"),
    ("iterations", 0, "1 to 100000"),
    ("iterations", 100_001, "1 to 100000"),
    ("iterations", 3.5, "a whole number"),
    ("iterations", True, "a whole number"),
    ("cuts", 0, "1 to 1000"),
    ("batches", 0, "1 to 100"),
    ("batches", 101, "1 to 100"),
    ("seed", -1, "0 to 4294967295"),
    ("seed", 2**32, "0 to 4294967295"),
    ("seed", "castle", "a whole number"),
    ("overlay_every", 0, "1 to 100000"),
    ("overlay_every", 5, "overlay_image or start_image"),
    ("start_alpha", 256, "0 to 255"),
    ("overlay_alpha", -1, "0 to 255"),
    ("detail", 1.5, "0 to 1"),
    ("detail", float("nan"), "0 to 1"),
    ("progressive", -0.1, "0 to 1"),
    ("average", 1.0, "0 to 0.9999"),
    ("keep_best", "yes", "True or False"),
    ("overviews", (0.5, 1.5), "0 to 1"),
    ("overviews", (0.5,), r"\(a number, a number\)"),
    ("palette_weight", -1.0, "0 to 1000000"),
    ("palette_over", 0, "1 to 1000000"),
    ("target_weight", float("inf"), "0 to 1000000"),
    ("target_pixel_weight", -1, "0 to 1000000"),
    ("image_label_weight", -1, "0 to 1000000"),
    ("scale", 0, "more than 0"),
    ("scale", float("nan"), "more than 0"),
    ("scale", 101, "at most 100"),
    ("scale", 50, "1 to 4096"),
    ("scale", 0.001, "1 to 4096"),
    ("size", (0, 64), "1 to 4096"),
    ("size", (64, 4097), "1 to 4096"),
    ("size", (10,), r"\(a whole number, a whole number\)"),
    ("size", "800x200", r"\(a whole number, a whole number\)"),
    ("learning_rate", 0.0, "more than 0"),
    ("learning_rate", float("inf"), "at most 100"),
    ("clip_models", (), "at least one"),
    ("clip_models", "small", "several, each text"),
    ("prompts", " | ", "for example"),
    ("prompts", "", "for example"),
    ("prompts", None, "text"),
    ("prompts", ["castle"], "text"),
    ("labels", "cat ^ dog", "one scene"),
    ("spot_prompts", "cat ^ dog", "one scene"),
    ("spot_prompts_off", "cat ^ dog", "one scene"),
    ("losses", "beauty", "'smoothness', 'saturation'"),
    ("losses", "aesthetic", "the path of a head"),
    ("aesthetic_head", 3, "text"),
    ("palette", "no such colour", "names of xkcd's survey"),
    ("noise_prompts", ((1, "much"),), r"\(a whole number, a number\)"),
    ("noise_prompts", ((-1, 1.0),), "0 to 4294967295"),
    ("noise_prompts", ((1, float("nan")),), "-1000000.0 to 1000000.0"),
    ("image_prompts", (RED,), "an image, a weight and a stop"),
    ("image_prompts", (("red.png", 1.0),), "one of Pillow's"),
    ("image_prompts", ((RED, float("nan")),), "-1000000.0 to 1000000.0"),
    ("image_prompts", ((RED, 1.0, float("inf")),), "-1000000.0 to 1000000.0"),
    ("image_prompts", ((RED, "much"),), "ImagePrompt"),
    ("start_image", "red.png", "one of Pillow's"),
    ("start_image", Image.new("RGB", (0, 4)), "at least one pixel"),
    ("overlay_image", 3, "one of Pillow's"),
    ("spot_mask", b"", "one of Pillow's"),
    ("target_images", (RED, None), "one of Pillow's"),
    ("image_labels", ["red.png"], "one of Pillow's"),
    ("palette_weight", 2.0, "without palette; accepted: both or neither"),
    ("palette_over", 5, "without palette;"),
    ("target_weight", 2.0, "without target_images"),
    ("target_pixel_weight", 1.0, "without target_images"),
    ("image_label_weight", 2.0, "without image_labels"),
    ("start_alpha", 9, "without start_image"),
    ("overlay_image", RED, "without overlay_every"),
    ("overlay_alpha", 9, "without overlay_every"),
    ("spot_mask", RED, "without spot_prompts or spot_prompts_off"),
]


@pytest.mark.parametrize(("name", "value", "accepted"), REFUSED)
def test_a_refusal_names_what_is_accepted(name, value, accepted):
    with pytest.raises(ClipitError, match=accepted):
        told(**{name: value})


def test_every_setting_has_a_door():
    assert {field.name for field in fields(Settings)} == {name for name, _, _ in REFUSED}


@pytest.mark.parametrize(
    "nothing",
    [
        {"image_prompts": ((RED, 0.0),)},
        {"noise_prompts": ((1, 0.0),)},
        {"target_images": (RED,), "target_weight": 0.0},
        {"image_labels": (RED,), "image_label_weight": 0.0},
        {"spot_prompts": "cat:0"},
    ],
)
def test_who_wishes_for_nothing_is_told_what_to_write(nothing):
    with pytest.raises(ClipitError, match="for example"):
        Settings(**nothing)


@pytest.mark.parametrize(
    "wish",
    [
        {"labels": "cat"},
        {"noise_prompts": ((1, -1.0),)},
        {"spot_prompts": "cat"},
        {"spot_prompts_off": "cat"},
        {"image_prompts": ((RED,),)},
        {"target_images": (RED,)},
        {"target_images": (RED,), "target_weight": 0, "target_pixel_weight": 1},
        {"image_labels": (RED,)},
    ],
)
def test_any_wish_will_do_without_a_prompt(wish):
    assert Settings(**wish).prompts == ""


def test_a_refusal_is_a_value_error():
    assert issubclass(ClipitError, ValueError)


@pytest.mark.parametrize(
    ("changes", "size"),
    [
        ({}, (150, 150)),
        ({"aspect": "widescreen"}, (160, 90)),
        ({"quality": "normal", "aspect": "portrait"}, (256, 320)),
        ({"quality": "best", "scale": 0.5}, (75, 75)),
        ({"quality": "best", "scale": 0.5, "size": (33, 17)}, (33, 17)),
    ],
)
def test_size_wins_over_scale_and_scale_over_quality(changes, size):
    assert told(**changes).wanted_size() == size
    assert told(**changes).resolved().size == size


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("drawer", ["vqgan", "strokes", "pixel", "fft"])
def test_nothing_is_left_open_and_resolving_twice_changes_nothing(preset, drawer):
    resolved = told(preset=preset, drawer=drawer, quality="better").resolved()
    left_open = {name for name, value in vars(resolved).items() if value is None}
    wished = {"spot_mask", "palette_over", "start_image", "overlay_image", "overlay_every", "aesthetic_head"}
    assert left_open - wished <= {"scale", "learning_rate"}
    assert resolved.resolved() == resolved


@pytest.mark.parametrize(
    ("preset", "expected", "model"),
    [
        ("text2art", (60, 16, ("small",), "sketch", "gentle", "linear", None), ("small", True)),
        ("clipit", (200, 40, ("ViT-B/32",), "pixels", "clipit", "constant", 0.2), ("imagenet_f16_16384", False)),
    ],
)
def test_a_draft_follows_its_preset(preset, expected, model):
    draft = told(preset=preset).resolved()
    options = draft.checked_options()
    assert expected == (
        draft.iterations, draft.cuts, draft.clip_models, draft.start, draft.views, draft.schedule, draft.learning_rate
    )  # fmt: skip
    assert (options.model, options.relative_rate) == model


def test_what_is_given_wins_over_the_preset():
    own = {
        "iterations": 7, "cuts": 3, "clip_models": ("RN50",), "start": "none", "views": "gentle", "schedule": "drop",
        "learning_rate": 0.5, "average": 0.5, "keep_best": True, "detail": 0.25, "overviews": (1.0, 0.0),
        "progressive": 0.5,
    }  # fmt: skip
    resolved = told(preset="clipit", drawer_options={"model": "mine"}, **own).resolved()
    assert {name: getattr(resolved, name) for name in own} == own
    assert (resolved.drawer_options["model"], resolved.drawer_options["relative_rate"]) == ("mine", False)


def test_zero_and_false_are_given_values():
    own = {"average": 0.0, "keep_best": False, "detail": 0.0, "progressive": 0.0, "overviews": (0.0, 0.0)}
    resolved = told(**own).resolved()
    assert {name: getattr(resolved, name) for name in own} == own


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_every_quality_and_aspect_can_be_drawn(preset):
    name = next(name for name, each in PRESETS.items() if each is preset)
    for quality in preset.qualities:
        for aspect in preset.aspects:
            assert all(side >= 90 for side in told(preset=name, quality=quality, aspect=aspect).wanted_size())


def test_settings_are_frozen_and_every_copy_is_checked():
    with pytest.raises(FrozenInstanceError):
        told().seed = 3
    with pytest.raises(ClipitError):
        replace(told(), seed=-1)


def test_what_the_caller_changes_afterwards_does_not_change_the_settings():
    image, options = RED.copy(), {"model": "small"}
    kept = told(start_image=image, drawer_options=options)
    image.paste("blue", (0, 0, 4, 4))
    options["model"] = "other"
    assert kept.start_image.getpixel((0, 0)) == (255, 0, 0)
    assert kept.drawer_options == {"model": "small"}


def test_lists_will_do_for_tuples():
    kept = told(size=[64, 32], overviews=[1, 0], clip_models=["small"], noise_prompts=[[1, 2]], target_images=[RED])
    assert (kept.size, kept.overviews, kept.clip_models) == ((64, 32), (1, 0), ("small",))
    assert (kept.noise_prompts, kept.target_images) == (((1, 2),), (RED,))


@pytest.mark.parametrize(
    ("mode", "kept"), [("1", "RGB"), ("L", "RGB"), ("P", "RGB"), ("CMYK", "RGB"), ("LA", "RGBA"), ("RGBA", "RGBA")]
)
def test_images_are_kept_as_rgb_with_their_alpha(mode, kept):
    assert told(start_image=Image.new(mode, (3, 3))).start_image.mode == kept


def test_images_of_sixteen_bits_keep_their_shades():
    deep = Image.fromarray(np.array([[0, 257 * 100, 65535]], np.uint16))
    assert np.asarray(told(start_image=deep).start_image)[0, :, 0].tolist() == [0, 100, 255]


def test_as_plain_data_images_are_their_digests():
    plain = told(
        start_image=RED, target_images=(CLEAR,), image_prompts=((RED, -0.5), (CLEAR, 1, 0.2)), size=(64, 32)
    ).as_dict()
    red, clear = image_digest(RED), image_digest(CLEAR)
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert (plain["start_image"], plain["target_images"]) == (red, [clear])
    assert plain["image_prompts"] == [[red, -0.5, None], [clear, 1, 0.2]]
    assert plain["size"] == [64, 32]
    assert plain.keys() == {field.name for field in fields(Settings)}


def test_a_digest_tells_pixels_sizes_and_alpha_apart():
    images = [RED, RED.convert("RGBA"), RED.resize((2, 8)), Image.new("RGB", (4, 4), "blue"), CLEAR]
    assert len({image_digest(image) for image in images}) == len(images)
    assert image_digest(RED) == image_digest(RED.copy())


shares = some.floats(0, 1)
images = some.builds(
    lambda mode, size, colour: Image.new(mode, size, colour),
    some.sampled_from(["RGB", "RGBA", "L", "LA"]),
    some.tuples(some.integers(1, 6), some.integers(1, 6)),
    some.integers(0, 255),
)
weights = some.floats(-10, 10)
image_prompts = some.builds(ImagePrompt, images, weights, some.just(float("-inf")) | some.floats(-1, 1))


def drawable(values):
    """Without what does nothing, as that is refused."""
    needs = {
        "overlay_every": ("overlay_image", "start_image"), "overlay_image": ("overlay_every",),
        "spot_mask": ("spot_prompts",), "palette_over": ("palette",),
    }  # fmt: skip
    for name, needed in needs.items():
        if not any(values.get(other) for other in needed):
            values = {key: value for key, value in values.items() if key != name}
    return values


any_settings = some.fixed_dictionaries(
    {"prompts": some.sampled_from(["castle", "castle:2:0.3 | rain:-1", "a ^ b ^ c", "Schloß 🏰"])},
    optional={
        "labels": some.sampled_from(["", "cat | dog:-1"]),
        "image_prompts": some.lists(image_prompts, max_size=2).map(tuple),
        "noise_prompts": some.lists(some.tuples(some.integers(0, 2**32 - 1), weights), max_size=2).map(tuple),
        "spot_prompts": some.sampled_from(["", "moon"]),
        "spot_mask": some.none() | images,
        "losses": some.sampled_from(["", "smoothness:0.5:log, edge:2:colour=black"]),
        "palette": some.sampled_from(["", "red->#ff0000\\20;[black]"]),
        "palette_over": some.none() | some.integers(1, 1000),
        "target_images": some.lists(images, max_size=2).map(tuple),
        "image_labels": some.lists(images, max_size=2).map(tuple),
        "start": some.sampled_from([None, "sketch", "snow"]),
        "start_image": some.none() | images,
        "overlay_image": some.none() | images,
        "overlay_every": some.none() | some.integers(1, 9),
        "preset": some.sampled_from(list(PRESETS)),
        "quality": some.sampled_from(["draft", "best"]),
        "size": some.none() | some.tuples(some.integers(1, 4096), some.integers(1, 4096)),
        "seed": some.integers(0, 2**32 - 1),
        "learning_rate": some.none() | some.floats(0.001, 100),
        "overviews": some.none() | some.tuples(shares, shares),
        "keep_best": some.none() | some.booleans(),
        "average": some.none() | some.floats(0, 0.9999),
    },
).map(drawable)


@settings(max_examples=60, deadline=None)
@given(any_settings)
def test_settings_come_back_from_plain_data(values):
    for given_settings in (made := Settings(**values), made.resolved()):
        carried = json.loads(json.dumps(given_settings.as_dict(), allow_nan=False))
        assert Settings.from_dict(carried | {"weights": {}}, given_settings.images()) == given_settings


def test_drawer_options_come_back_from_plain_data():
    made = told(drawer="pixel", drawer_options={"cells": (8, 6), "palette": "red"}).resolved()
    carried = json.loads(json.dumps(made.as_dict()))
    assert carried["drawer_options"]["cells"] == [8, 6]
    assert Settings.from_dict(carried, {}).checked_options() == made.checked_options()
    assert Settings.from_dict(carried, {}).resolved() == made


def test_plain_data_may_tell_what_does_nothing():
    once = {"start_alpha": 200, "spot_mask": "of an image that is nowhere", "palette_over": 5}
    assert Settings.from_dict(told().as_dict() | once, {}) == told()


def test_palettes_of_files_are_held_as_their_colours(tmp_path):
    file = tmp_path / "two.hex"
    file.write_text("ff0000\n0000ff\n")
    made = told(palette=f"@{file}\\8", drawer="pixel", drawer_options={"palette": f"@{file}", "cells": [8, 6]})
    file.unlink()
    for each in (made, made.resolved(), Settings.from_dict(made.as_dict(), {})):
        assert each.palette == "[#ff0000, #0000ff]\\8"
        assert each.drawer_options["palette"] == each.checked_options().palette == "[#ff0000, #0000ff]"


@pytest.mark.parametrize(
    "values", [{"palette": "red; @{}"}, {"drawer": "pixel", "drawer_options": {"palette": "@{}\\3"}}]
)
def test_plain_data_may_not_name_files_of_palettes(tmp_path, values):
    file = tmp_path / "two.hex"
    file.write_text("ff0000\n0000ff\n")
    given_values = json.loads(json.dumps(values).replace("{}", str(file)))
    assert told(**given_values)
    with pytest.raises(ClipitError, match="is in a file; accepted here"):
        Settings.from_dict(told().as_dict() | given_values, {})


def test_a_lacking_image_is_named_by_its_digest():
    with pytest.raises(ClipitError, match=image_digest(RED)):
        Settings.from_dict(told(start_image=RED).as_dict(), {})


junk = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=8),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(some.sampled_from(fields(Settings)), junk)
def test_a_hostile_value_is_refused_or_drawable(field, value):
    try:
        made = Settings.from_dict(told().as_dict() | {field.name: value}, {"digest": RED})
    except ClipitError:
        return
    assert Settings.from_dict(made.as_dict(), made.images()) == made


@settings(max_examples=50, deadline=None)
@given(
    some.sampled_from(["vqgan", "strokes", "pixel", "fft"]),
    some.sampled_from(["model", "strokes", "segments", "cells", "scale", "shape", "palette", "mono", "decay"]),
    junk,
)
def test_a_hostile_drawer_option_is_refused_or_drawable(drawer, name, value):
    plain = told().as_dict() | {"drawer": drawer, "drawer_options": {name: value}}
    try:
        made = Settings.from_dict(plain, {})
    except ClipitError:
        return
    assert made.resolved().drawer_options[name] is not None or value is None


@pytest.mark.parametrize("values", [None, [], "settings", 3, {}])
def test_what_are_no_settings_is_refused(values):
    with pytest.raises(ClipitError):
        Settings.from_dict(values, {})
