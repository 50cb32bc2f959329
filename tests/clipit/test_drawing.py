import json
from io import BytesIO
from itertools import islice

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from clipit import ClipitError, draw, load_models, recipe, save_png, stream
from clipit.drawers.vqgan import VQGANDrawer, _ClampWithGradient
from clipit.drawing import _generators, fastest_dtype


def last(frames):
    *_, frame = frames
    return frame


def bytes_of(settings, models):
    file = BytesIO()
    save_png(last(stream(settings, models)).picture(), file, recipe(settings, models))
    return file.getvalue()


def similarity(frame, text, models):
    """The cosine between the whole picture and a text, in the eyes of the first perceptor."""
    eye = models.perceptors[0]
    whole = F.interpolate(frame.images, (eye.resolution, eye.resolution), mode="bilinear")
    return float((eye.embed_pictures(whole) * eye.embed_texts([text])).sum())


def test_frames_are_counted_and_pictures_are_rgb_of_the_size(tiny, models):
    frames = list(stream(tiny.settings(size=(25, 17)), models))
    assert [(frame.step, frame.of) for frame in frames] == [(1, 3), (2, 3), (3, 3)]
    for frame in frames:
        assert (frame.picture().mode, frame.picture().size) == ("RGB", (24, 16))
        assert (frame.pixels().dtype, frame.pixels().shape) == (np.uint8, (16, 24, 3))
        assert isinstance(frame.score, float) and -1 <= frame.score <= 1


def test_earlier_frames_keep_their_pictures(tiny, models):
    frames = stream(tiny.settings(), models)
    first = next(frames)
    before = first.pixels()
    list(frames)
    assert np.array_equal(first.pixels(), before)


@pytest.mark.parametrize("prompt", ["castle underwater", "the cat"])
def test_steps_bring_the_picture_nearer_to_the_prompt(tiny, models, prompt):
    frames = list(stream(tiny.settings(prompt, iterations=25, cuts=8), models))
    scores = [frame.score for frame in frames]
    assert np.mean(scores[-5:]) > np.mean(scores[:5]) + 0.02


def test_a_negative_weight_keeps_away_from_a_text(tiny, models):
    wished, unwished = (
        last(stream(tiny.settings(f"castle:0.01 | cat:{weight}", iterations=25, cuts=8), models)) for weight in (1, -1)
    )
    assert similarity(unwished, "cat", models) < similarity(wished, "cat", models) - 0.02


def test_the_same_seed_gives_the_same_bytes(tiny, two_perceptors):
    settings = tiny.settings(seed=7)
    assert bytes_of(settings, two_perceptors) == bytes_of(settings, two_perceptors)


@pytest.mark.parametrize("other", [0, 8, 7 + 2**12, 7 + 2**20, 2**32 - 1])
def test_another_seed_gives_another_picture(tiny, models, other):
    first, second = (next(stream(tiny.settings(seed=seed), models)).pixels() for seed in (7, other))
    assert not np.array_equal(first, second)


def test_every_step_has_its_own_views(tiny):
    draws = [torch.rand(3, generator=_generators([tiny.settings(seed=7)], step)[0]).tolist() for step in range(50)]
    assert len({tuple(draw) for draw in draws}) == 50


def test_every_step_is_followed_by_the_constraint(tiny, models, monkeypatch):
    calls, constrain = [], VQGANDrawer.constrain
    monkeypatch.setattr(VQGANDrawer, "constrain", lambda drawer: calls.append(constrain(drawer)))
    list(stream(tiny.settings(), models))
    assert len(calls) == 3


def test_interleaved_drawings_do_not_know_of_each_other(tiny, models):
    settings = [tiny.settings(seed=1), tiny.settings("the cat", seed=2)]
    alone = [[frame.pixels() for frame in stream(each, models)] for each in settings]
    together = list(zip(*(stream(each, models) for each in settings), strict=True))
    for step, frames in enumerate(together):
        assert all(np.array_equal(frame.pixels(), alone[index][step]) for index, frame in enumerate(frames))


def test_torchs_own_random_numbers_are_neither_used_nor_moved(tiny, models):
    torch.manual_seed(1)
    state = torch.random.get_rng_state()
    first = bytes_of(tiny.settings(), models)
    assert torch.equal(torch.random.get_rng_state(), state)
    torch.manual_seed(2)
    assert bytes_of(tiny.settings(), models) == first


def test_a_batch_draws_what_each_would_be_alone(tiny, models):
    batch = [tiny.settings("rose | castle:-0.5", seed=1), tiny.settings("the cat | castle:-0.5 | gold", seed=2)]
    for alone_1, alone_2, together in zip(*(stream(each, models) for each in (*batch, batch)), strict=True):
        images, scores = torch.cat([alone_1.images, alone_2.images]), torch.cat([alone_1.scores, alone_2.scores])
        assert (together.images - images).abs().mean() < 0.01
        torch.testing.assert_close(together.scores, scores, rtol=0, atol=0.02)
        assert np.abs(together.pixels(1).astype(int) - alone_2.pixels()).mean() < 3


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"size": (32, 32)}, "size"),
        ({"iterations": 4}, "steps"),
        ({"cuts": 5}, "views"),
        ({"learning_rate": 1}, "learning"),
    ],
)
def test_pictures_that_differ_in_shape_are_no_batch(tiny, models, changes, name):
    with pytest.raises(ClipitError, match=name):
        next(stream([tiny.settings(), tiny.settings(**changes)], models))


def test_an_empty_batch_is_refused(models):
    with pytest.raises(ClipitError, match="nothing to draw"):
        next(stream([], models))


def test_two_perceptors_judge_together(tiny, two_perceptors):
    frame = next(stream(tiny.settings(), two_perceptors))
    assert frame.scores.shape == (1,)
    assert len(recipe(tiny.settings(), two_perceptors)["weights"]) == 3


def test_the_first_frame_is_the_start_image_through_the_codec(tiny, models):
    image = Image.linear_gradient("L").resize((24, 16)).convert("RGB")
    pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None] / 255
    expected = VQGANDrawer(models.vqgan, pixels).image().detach()
    torch.testing.assert_close(next(stream(tiny.settings(start_image=image), models)).images, expected)


def test_a_start_image_is_cropped_and_not_squeezed(tiny, models):
    wide = Image.new("RGB", (96, 16), "red")
    wide.paste("blue", (36, 0, 60, 16))  # the middle 24 x 16 pixels, which are what fits
    first = next(stream(tiny.settings(start_image=wide), models)).images
    blue = next(stream(tiny.settings(start_image=Image.new("RGB", (24, 16), "blue")), models)).images
    torch.testing.assert_close(first, blue)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "CMYK", "I;16"])
def test_start_images_of_every_kind_are_taken(tiny, models, mode):
    frame = next(stream(tiny.settings(start_image=Image.new(mode, (5, 9))), models))
    assert frame.picture().size == (24, 16)


def test_latents_stay_within_the_codebook(models):
    drawer = VQGANDrawer(models.vqgan, torch.rand(2, 3, 16, 24))
    low, high = models.vqgan.latent_range()
    with torch.no_grad():
        drawer.latents.add_(100)
    drawer.constrain()
    assert torch.equal(drawer.latents, high.float().expand_as(drawer.latents))
    assert (low < high).all()


def test_colours_out_of_range_may_only_come_back():
    x = torch.tensor([-1.0, -1.0, 0.5, 2.0, 2.0], requires_grad=True)
    clamped = _ClampWithGradient.apply(x)
    clamped.backward(torch.tensor([1.0, -1.0, 1.0, 1.0, -1.0]))  # descending moves against the sign
    assert clamped.tolist() == [0, 0, 0.5, 1, 1]
    assert x.grad.tolist() == [0, -1, 1, 1, 0]


def test_a_drawing_that_nobody_asks_for_stops(tiny, models):
    frames = stream(tiny.settings(iterations=100_000), models)
    assert [frame.step for frame in islice(frames, 2)] == [1, 2]
    frames.close()
    assert list(frames) == []


@pytest.mark.parametrize("changes", [{"vqgan_model": "huge"}, {"clip_models": ("small.safetensors", "huge")}])
def test_unknown_models_are_answered_with_the_known_ones(tiny, changes):
    with pytest.raises(ClipitError, match="accepted"):
        next(stream(tiny.settings(**changes)))


def test_a_picture_comes_with_score_and_recipe(tiny, models):
    settings = tiny.settings(seed=3)
    options = {name: value for name, value in settings.as_dict().items() if name != "prompts"}
    drawn = draw(settings.prompts, models, **options)
    frame = last(stream(settings, models))
    assert (drawn.image.tobytes(), drawn.score) == (frame.picture().tobytes(), frame.score)
    assert drawn.recipe == recipe(settings, models)


def test_the_recipe_is_plain_and_whole(tiny, models):
    start = Image.new("RGB", (4, 4))
    written = recipe(tiny.settings(size=(25, 17), start_image=start, cuts=None, iterations=None), models)
    assert json.loads(json.dumps(written)) == written
    assert written["size"] == [24, 16]
    assert (written["iterations"], written["cuts"], written["seed"], written["start"]) == (75, 16, 0, "image")
    assert set(written["weights"]) == {tiny.vqgan.name, tiny.vit.name}
    assert all(len(digest) == 64 for digest in written["weights"].values())


def test_a_recipe_paints_the_picture_again(tiny, models):
    written = recipe(tiny.settings(size=(25, 17), seed=5), models)
    options = {name: written[name] for name in ("prompts", "seed", "iterations", "cuts", "learning_rate")}
    again = tiny.settings(**options, size=tuple(written["size"]))
    assert np.array_equal(
        last(stream(again, models)).pixels(), last(stream(tiny.settings(size=(25, 17), seed=5), models)).pixels()
    )


@pytest.mark.gpu
def test_a_gpu_draws_too(tiny):
    models = load_models(tiny.settings())
    assert models.device.type == "cuda"
    assert last(stream(tiny.settings(), models)).picture().size == (24, 16)


def test_a_cpu_gets_a_precision_that_it_can_multiply():
    assert fastest_dtype(torch.device("cpu")) in (torch.float32, torch.bfloat16)
