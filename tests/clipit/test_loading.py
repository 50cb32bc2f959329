from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

from clipit import ClipitError, load_models, stream
from clipit.loading import fastest_dtype
from clipit.weights.digests import digest


def test_what_the_settings_name_is_loaded(tiny, models):
    settings = tiny.settings()
    assert models.clip_models == (str(tiny.vit),)
    assert [eye.resolution for eye in models.perceptors] == [16]
    assert list(models.networks) == [("vqgan", settings.checked_options())]
    assert models.network(settings) is models.networks["vqgan", settings.checked_options()]
    assert (models.sketcher, models.device) == (None, torch.device("cpu"))


def test_perceptors_come_in_the_order_in_which_they_are_named(tiny, two_perceptors):
    assert [eye.resolution for eye in two_perceptors.perceptors] == [16, 32]


def test_weights_are_told_by_file_name_and_digest(tiny, models):
    assert models.weights(tiny.settings().resolved()) == {
        path.name: digest(path) for path in (tiny.vit, tiny.vqgan)
    }  # fmt: skip


def test_only_the_weights_that_decide_a_picture_are_told(tiny, models):
    assert models.weights(tiny.settings(drawer="fft").resolved()) == {tiny.vit.name: digest(tiny.vit)}


@pytest.mark.parametrize("drawer", ["strokes", "pixel", "fft"])
def test_models_for_vqgan_serve_drawers_without_a_network(tiny, models, drawer):
    settings = tiny.settings(drawer=drawer)
    assert models.network(settings) is None
    assert all(side > 0 for side in models.size(settings))


def test_models_without_a_vqgan_do_not_serve_it(tiny):
    models = load_models(tiny.settings(drawer="fft"), "cpu")
    assert models.networks == {}
    with pytest.raises(ClipitError, match="not loaded for the drawer 'vqgan'"):
        models.size(tiny.settings())


@pytest.mark.parametrize(
    ("size", "drawn"), [((25, 17), (24, 16)), ((1, 1), (4, 4)), ((24, 16), (24, 16)), ((31, 1), (30, 4))]
)
def test_a_size_is_rounded_to_what_the_vqgan_decodes(tiny, models, size, drawn):
    assert models.size(tiny.settings(size=size)) == drawn


@pytest.mark.parametrize("drawer", ["vqgan", "strokes", "pixel", "fft"])
@pytest.mark.parametrize("size", [(150, 150), (160, 90), (128, 160), (800, 200), (13, 7), (1, 1), (401, 37)])
def test_a_size_that_was_drawn_is_drawn_again(tiny, models, drawer, size):
    drawn = models.size(tiny.settings(drawer=drawer, size=size))
    assert models.size(tiny.settings(drawer=drawer, size=drawn)) == drawn


@pytest.mark.parametrize(
    "changes", [{"drawer_options": {"model": "huge"}}, {"clip_models": ("huge",)}, {"clip_models": ("no.safetensors",)}]
)
def test_unknown_models_are_answered_with_the_known_ones(tiny, changes):
    with pytest.raises(ClipitError, match="accepted"):
        load_models(tiny.settings(**changes))


def head(tmp_path, width):
    path = tmp_path / f"head-{width}.safetensors"
    save_file({"weight": torch.ones(1, width), "bias": torch.zeros(1)}, path)
    return path


def test_an_aesthetic_head_is_loaded_and_told_of(tiny, tmp_path):
    path = head(tmp_path, 16)
    settings = tiny.settings(drawer="fft", losses="aesthetic", aesthetic_head=str(path), iterations=1)
    models = load_models(settings, "cpu")
    assert models.head(settings).width == 16
    assert models.head(tiny.settings()) is None
    assert models.weights(settings.resolved())[path.name] == digest(path)
    assert path.name not in models.weights(replace(settings, aesthetic_head=None, losses="").resolved())
    assert len(list(stream(settings, models))) == 1


@pytest.mark.parametrize("wrong", ["width", "absent", "folder", "long name"])
def test_a_head_that_does_not_fit_is_refused(tiny, tmp_path, wrong):
    path = {
        "width": head(tmp_path, 8), "absent": tmp_path / "no.pth", "folder": tmp_path, "long name": "a" * 5000
    }[wrong]  # fmt: skip
    with pytest.raises(ClipitError, match="16" if wrong == "width" else "accepted"):
        load_models(tiny.settings(drawer="fft", losses="aesthetic", aesthetic_head=str(path)), "cpu")


def test_a_cpu_gets_a_precision_that_it_can_multiply():
    assert fastest_dtype(torch.device("cpu")) in (torch.float32, torch.bfloat16)
