import json
from dataclasses import FrozenInstanceError, replace

import pytest
from PIL import Image

from clipit import ASPECTS, QUALITIES, ClipitError, Settings


def settings(**changes):
    return Settings(**{"prompts": "castle underwater"} | changes)


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("quality", "great", "'draft', 'normal', 'better', 'best'"),
        ("aspect", "round", "'square', 'widescreen', 'portrait'"),
        ("drawer", "crayon", "'vqgan'"),
        ("iterations", 0, "1 to 100000"),
        ("iterations", 100_001, "1 to 100000"),
        ("cuts", 0, "1 to 1000"),
        ("seed", -1, "0 to 4294967295"),
        ("seed", 2**32, "0 to 4294967295"),
        ("scale", 0, "more than 0"),
        ("scale", float("nan"), "more than 0"),
        ("scale", 101, "at most 100"),
        ("scale", 50, "1 to 4096"),
        ("scale", 0.001, "1 to 4096"),
        ("size", (0, 64), "1 to 4096"),
        ("size", (64, 4097), "1 to 4096"),
        ("learning_rate", 0.0, "more than 0"),
        ("learning_rate", float("inf"), "at most 100"),
        ("size", (10,), "width and height"),
        ("clip_models", (), "at least one"),
        ("prompts", " | ", "for example"),
    ],
)
def test_a_refusal_names_what_is_accepted(name, value, accepted):
    with pytest.raises(ClipitError, match=accepted):
        settings(**{name: value})


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
    assert settings(**changes).wanted_size() == size


@pytest.mark.parametrize("quality", QUALITIES)
def test_iterations_and_cuts_follow_from_the_quality(quality):
    preset = QUALITIES[quality]
    assert (settings(quality=quality).steps, settings(quality=quality).views) == (preset.iterations, preset.cuts)
    own = settings(quality=quality, iterations=7, cuts=3)
    assert (own.steps, own.views) == (7, 3)


@pytest.mark.parametrize(
    ("size", "factor", "rounded"), [((150, 150), 16, (144, 144)), ((64, 15), 16, (64, 16)), ((7, 9), 1, (7, 9))]
)
def test_sizes_are_rounded_down_to_the_factor_but_not_to_nothing(size, factor, rounded):
    assert settings(size=size).rounded_size(factor) == rounded


@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize("quality", QUALITIES)
def test_every_quality_and_aspect_can_be_drawn(quality, aspect):
    assert all(side >= 90 for side in settings(quality=quality, aspect=aspect).wanted_size())


def test_settings_are_frozen_and_every_copy_is_checked():
    with pytest.raises(FrozenInstanceError):
        settings().seed = 3
    with pytest.raises(ClipitError):
        replace(settings(), seed=-1)


def test_as_plain_data_the_start_image_is_left_out():
    plain = settings(start_image=Image.new("RGB", (4, 4)), size=(64, 32)).as_dict()
    assert "start_image" not in plain
    assert json.loads(json.dumps(plain))["size"] == [64, 32]
