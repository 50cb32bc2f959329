from dataclasses import fields
from itertools import pairwise

import pytest

from clipit import PRESETS, Settings
from clipit.presets import Preset, Quality

ONLY_OF_PRESETS = {"qualities", "aspects", "rates"}


def test_every_other_field_of_a_preset_is_a_setting():
    settings = {field.name for field in fields(Settings)}
    assert {field.name for field in fields(Preset)} - ONLY_OF_PRESETS < settings
    assert set(Quality._fields) < settings


@pytest.mark.parametrize("name", PRESETS)
def test_presets_agree_in_the_names_of_qualities_and_aspects(name):
    preset = PRESETS[name]
    assert list(preset.qualities) == ["draft", "normal", "better", "best"]
    assert preset.aspects == {"square": (150, 150), "widescreen": (160, 90), "portrait": (128, 160)}


# https://github.com/mfrashad/clipit, its `setup_parser` and `process_args`
ORIGINAL = {
    "draft": (200, 1, 40, ("ViT-B/32",)),
    "normal": (350, 2, 40, ("ViT-B/32", "ViT-B/16")),
    "better": (500, 3, 40, ("RN50", "ViT-B/32", "ViT-B/16")),
    "best": (500, 4, 40, ("RN50x4", "ViT-B/32", "ViT-B/16")),
}


@pytest.mark.parametrize("quality", ORIGINAL)
def test_the_original_draws_as_long_as_large_and_with_whom_it_did(quality):
    assert PRESETS["clipit"].qualities[quality] == ORIGINAL[quality]


@pytest.mark.parametrize("quality", ORIGINAL)
def test_ours_draws_in_the_original_size_and_needs_no_download(quality):
    ours = PRESETS["text2art"].qualities[quality]
    assert (ours.scale, ours.clip_models) == (ORIGINAL[quality][1], ("small",))


@pytest.mark.parametrize("name", PRESETS)
def test_a_better_quality_is_never_smaller_or_hastier(name):
    qualities = list(PRESETS[name].qualities.values())
    for worse, better in pairwise(qualities):
        assert worse.scale < better.scale and worse.iterations <= better.iterations and worse.cuts <= better.cuts
