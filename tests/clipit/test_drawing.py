import json
import struct
import subprocess
import sys
from dataclasses import replace
from io import BytesIO
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from PIL import Image
from safetensors.torch import load, save

from clipit import ClipitError, ImagePrompt, Settings, draw, load_models, recipe, resume, save_png, stream
from clipit.critic import Verdict
from clipit.drawers.vqgan import VQGANDrawer
from clipit.drawing import OWN, generators
from clipit.perceptor import Perceptor
from clipit.presets import SCHEDULES
from clipit.states import unpack

ROOT = Path(__file__).parents[2]
DRAWERS = ("strokes", "pixel", "fft")
RED, BLUE = Image.new("RGB", (24, 16), "red"), Image.new("RGB", (24, 16), "blue")


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


def fft(tiny, **changes):
    """Settings of a drawer that gives back what it was begun with, unlike a codebook."""
    return tiny.settings(drawer="fft", **changes)


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


@pytest.mark.parametrize("optimiser", ["Adam", "AdamW", "Adagrad", "Adamax", "RAdam"])
def test_every_optimiser_brings_it_nearer(tiny, models, optimiser):
    rate = {"RAdam": 1.0}.get(optimiser, 0.1)  # it hardly moves in its first steps
    frames = list(stream(fft(tiny, iterations=25, cuts=8, optimiser=optimiser, learning_rate=rate), models))
    scores = [frame.score for frame in frames]
    assert np.mean(scores[-5:]) > np.mean(scores[:5]) + 0.02


def test_a_negative_weight_keeps_away_from_a_text(tiny, models):
    wished, unwished = (
        last(stream(fft(tiny, prompts=f"castle:0.01 | cat:{weight}", iterations=25, cuts=8), models))
        for weight in (1, -1)
    )
    assert similarity(unwished, "cat", models) < similarity(wished, "cat", models) - 0.1


def test_the_same_seed_gives_the_same_bytes(tiny, two_perceptors):
    settings = tiny.both(seed=7)
    assert bytes_of(settings, two_perceptors) == bytes_of(settings, two_perceptors)


@pytest.mark.parametrize("other", [0, 8, 7 + 2**12, 7 + 2**20, 2**32 - 1])
def test_another_seed_gives_another_picture(tiny, models, other):
    first, second = (next(stream(tiny.settings(seed=seed), models)).pixels() for seed in (7, other))
    assert not np.array_equal(first, second)


def test_every_step_has_its_own_views(tiny):
    draws = [torch.rand(3, generator=generators([tiny.settings(seed=7)], step)[0]).tolist() for step in range(50)]
    assert len({tuple(draw) for draw in draws}) == 50


def test_every_move_is_followed_by_the_constraint(tiny, models, monkeypatch):
    calls, constrain = [], VQGANDrawer.constrain
    monkeypatch.setattr(VQGANDrawer, "constrain", lambda drawer: calls.append(constrain(drawer)))
    list(stream(tiny.settings(), models))
    assert len(calls) == 2  # the last step only looks


def test_interleaved_drawings_do_not_know_of_each_other(tiny, models):
    settings = [
        tiny.settings(seed=1, keep_best=True),
        tiny.settings("the cat", seed=2, size=(16, 32), cuts=7, average=0.5),
        tiny.settings("the cat", seed=2, views="clipit", drawer="fft", drawer_options={}),
    ]
    alone = [[frame.pixels() for frame in stream(each, models)] for each in settings]
    together = list(zip(*(stream(each, models) for each in settings), strict=True))
    for step, frames in enumerate(together):
        assert all(np.array_equal(frame.pixels(), alone[index][step]) for index, frame in enumerate(frames))


@pytest.mark.parametrize("changes", [{}, {"views": "clipit", "start": "pixels"}, *({"drawer": d} for d in DRAWERS)])
def test_torchs_own_random_numbers_are_neither_used_nor_moved(tiny, models, changes):
    settings = tiny.settings(noise_prompts=((1, 1.0),), **changes)
    torch.manual_seed(1)
    state = torch.random.get_rng_state()
    first = bytes_of(settings, models)
    assert torch.equal(torch.random.get_rng_state(), state)
    torch.manual_seed(2)
    assert bytes_of(settings, models) == first


# --- batches ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"prompts": "rose | castle:-0.5"}, {"prompts": "the cat | castle:-0.5 | gold"}),
        ({"prompts": "rose"}, {"prompts": "", "labels": "cat | dog:0.5"}),
        ({"prompts": "a ^ b"}, {"prompts": "", "noise_prompts": ((3, 1.0),)}),
        ({"start_image": RED}, {"start_image": BLUE.copy(), "start_alpha": 100}),
    ],
)
def test_a_batch_draws_what_each_would_be_alone(tiny, models, first, second):
    batch = [tiny.settings(**first, seed=1), tiny.settings(**second, seed=2)]
    for alone_1, alone_2, together in zip(*(stream(each, models) for each in (*batch, batch)), strict=True):
        images, scores = torch.cat([alone_1.images, alone_2.images]), torch.cat([alone_1.scores, alone_2.scores])
        assert (together.images - images).abs().mean() < 0.01
        torch.testing.assert_close(together.scores, scores, rtol=0, atol=0.02)
        assert np.abs(together.pixels(1).astype(int) - alone_2.pixels()).mean() < 3


def test_a_picture_without_prompts_is_no_reason_to_forget_those_of_another(tiny, models):
    target = ImagePrompt(BLUE)
    batch = [tiny.settings("castle", image_prompts=(target,)), tiny.settings("", image_prompts=(target,))]
    alone = [next(stream(each, models)).score for each in batch]
    together = next(stream(batch, models)).scores.tolist()
    assert together == pytest.approx(alone, abs=0.02)
    assert abs(together[0] - together[1]) > 0.1


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"size": (32, 32)}, "size"),
        ({"iterations": 4}, "iterations"),
        ({"cuts": 5}, "cuts"),
        ({"learning_rate": 1.0}, "learning_rate"),
        ({"losses": "symmetry"}, "losses"),
        ({"overlay_image": RED}, "overlay_image"),
        ({"drawer_options": {"relative_rate": False}}, "drawer_options"),
        ({"spot_prompts": "cat"}, "spot_prompts"),
        ({"views": "clipit"}, "views"),
    ],
)
def test_pictures_that_differ_in_what_they_share_are_no_batch(tiny, models, changes, name):
    with pytest.raises(ClipitError, match=name):
        next(stream([tiny.settings(), tiny.settings(**changes)], models))


def test_pictures_of_a_batch_may_differ_in_what_is_their_own(tiny, models):
    own = {"prompts": "cat", "labels": "dog", "seed": 3, "start_image": RED, "start_alpha": 9, "aspect": "portrait"}
    assert own.keys() < set(OWN)
    assert next(stream([tiny.settings(), tiny.settings(**own)], models)).images.shape[0] == 2


def test_an_empty_batch_is_refused(models):
    with pytest.raises(ClipitError, match="nothing to draw"):
        next(stream([], models))


# --- models -----------------------------------------------------------------------------------------------------------


def test_two_perceptors_judge_together(tiny, two_perceptors, models):
    first, second = (replace(two_perceptors, perceptors=(each,)) for each in two_perceptors.perceptors)
    frame = next(stream(tiny.both(), two_perceptors))
    alone = next(stream(tiny.both(), first)).score, next(stream(tiny.both(), second)).score
    assert frame.score == pytest.approx(sum(alone) / 2, abs=0.1)  # the second one sees other views than alone
    assert frame.scores.shape == (1,)
    assert len(recipe(tiny.both(), two_perceptors)["weights"]) == 3


def test_models_that_were_loaded_for_other_settings_are_refused(tiny, models, two_perceptors):
    with pytest.raises(ClipitError, match="clip_models"):
        stream(tiny.settings(), two_perceptors)
    with pytest.raises(ClipitError, match="clip_models"):
        stream(tiny.both(), models)
    with pytest.raises(ClipitError, match="not loaded for the drawer 'vqgan'"):
        stream(tiny.settings(drawer_options={"relative_rate": False}), models)
    with pytest.raises(ClipitError, match="aesthetic_head"):
        stream(tiny.settings(aesthetic_head="other.pth", losses="aesthetic"), models)


@pytest.mark.parametrize("drawer", DRAWERS)
def test_models_loaded_for_one_drawer_serve_those_that_need_none(tiny, models, drawer):
    assert next(stream(tiny.settings(drawer=drawer, size=(40, 40)), models)).picture().size == (40, 40)


# --- the start --------------------------------------------------------------------------------------------------------


def test_the_first_frame_is_the_start_image_through_the_codec(tiny, models):
    image = Image.linear_gradient("L").resize((24, 16)).convert("RGB")
    pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None] / 255
    settings = tiny.settings(start_image=image)
    expected = VQGANDrawer(pixels, settings.checked_options(), [], models.network(settings)).image().detach()
    torch.testing.assert_close(next(stream(settings, models)).images, expected)


def test_a_start_image_is_cropped_and_not_squeezed(tiny, models):
    wide = Image.new("RGB", (96, 16), "red")
    wide.paste("blue", (36, 0, 60, 16))  # the middle 24 x 16 pixels, which are what fits
    first = next(stream(tiny.settings(start_image=wide), models)).images
    blue = next(stream(tiny.settings(start_image=BLUE), models)).images
    torch.testing.assert_close(first, blue)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "CMYK", "I;16"])
def test_start_images_of_every_kind_are_taken(tiny, models, mode):
    frame = next(stream(tiny.settings(start_image=Image.new(mode, (5, 9))), models))
    assert frame.picture().size == (24, 16)


def test_a_clear_start_image_lets_the_start_through(tiny, models):
    clear = Image.new("RGBA", (24, 16), (255, 0, 0, 0))
    bare, covered, opaque = (
        next(stream(tiny.settings(start_image=image), models)).images for image in (None, clear, RED)
    )
    assert torch.equal(covered, bare)
    assert not torch.allclose(opaque, bare)


# --- options of the run -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [("linear", (1, 0.81, 0.62, 0.43)), ("constant", (1, 1, 1, 1)), ("drop", (1, 1, 1, 1))],
)
def test_the_learning_rate_follows_its_schedule(tiny, models, monkeypatch, schedule, rates):
    seen, step = [], torch.optim.Adam.step
    monkeypatch.setattr(torch.optim.Adam, "step", lambda adam: seen.append(adam.param_groups[0]["lr"]) or step(adam))
    list(stream(fft(tiny, schedule=schedule, iterations=5, learning_rate=0.5), models))
    assert seen == pytest.approx([0.5 * rate for rate in rates])  # the last step only looks
    assert SCHEDULES[schedule](0.0) == 1
    assert SCHEDULES[schedule](0.8) == {"linear": pytest.approx(0.24), "constant": 1, "drop": 0.1}[schedule]


def test_views_go_from_overview_to_detail(tiny, models):
    settings = fft(tiny, iterations=4, cuts=16, overviews=(1.0, 0.0), detail=0.5)
    drawing = stream(settings, models)
    wide = []
    for step in range(1, 5):
        drawing.step = step
        views = drawing._look(16, generators([settings], step))
        wide.append(int((views.matrices[0, :, :2, 0] * torch.tensor([1.5, 1.0])).norm(dim=1).ge(0.85).sum()))
        assert [part.count for part in views.parts] == [16 - (16 - wide[-1]) // 2, (16 - wide[-1]) // 2]
    assert wide == [16, 12, 8, 4]


def test_the_original_reflects_at_even_iterations_which_it_counts_from_0(tiny, models):
    drawing = stream(fft(tiny, views="clipit"), models)
    for step, padding in ((1, "reflection"), (2, "border"), (3, "reflection")):
        drawing.step = step
        assert drawing._look(16, generators(drawing.batch, step)).parts[0].padding == padding


def test_batches_of_cuts_are_summed_before_a_step(tiny, models, monkeypatch):
    looks, steps, step = [], [], torch.optim.Adam.step
    embed = Perceptor.embed_pictures
    monkeypatch.setattr(Perceptor, "embed_pictures", lambda eye, views: looks.append(len(views)) or embed(eye, views))
    monkeypatch.setattr(torch.optim.Adam, "step", lambda adam: steps.append(adam) or step(adam))
    list(stream(fft(tiny, batches=3), models))
    assert (looks, len(steps)) == ([4] * (3 + 3 + 1), 2)  # the last step only looks


def test_views_of_two_batches_differ(tiny, models):
    one, two = (stream(fft(tiny, batches=batches, iterations=2, learning_rate=1.0), models) for batches in (1, 2))
    assert torch.equal(next(one).images, next(two).images)
    assert not torch.equal(next(one).images, next(two).images)


def test_the_average_is_what_a_drawing_ends_with(tiny, models):
    plain, calm = (list(stream(fft(tiny, iterations=6, average=average), models)) for average in (0.0, 0.9))
    for ours, theirs in zip(plain[:-1], calm[:-1], strict=True):
        assert torch.equal(ours.images, theirs.images)
    start = plain[0].images
    assert (calm[-1].images - start).abs().mean() < (plain[-1].images - start).abs().mean()


def test_the_average_is_that_of_all_steps(tiny, models):
    drawing = stream(fft(tiny, iterations=3, average=0.75), models)
    spectrum = drawing._drawer.tensors["spectrum"]
    expected = spectrum.detach().clone()
    for _ in range(2):
        before = spectrum.detach().clone()
        next(drawing)
        assert not torch.equal(before, spectrum)
        expected = 0.75 * expected + 0.25 * spectrum.detach()
    frame = next(drawing)  # does not move any more, and leaves the drawer at the average
    torch.testing.assert_close(spectrum.detach(), expected)
    torch.testing.assert_close(frame.images, drawing._drawer.image().detach())


def say_scores(monkeypatch, scores):
    """Critics that only want pictures darker and say these scores, one step after the other."""
    told = iter(scores)

    def judge(self, pictures, views):
        return Verdict(pictures.sum((1, 2, 3)), torch.tensor(next(told)), torch.ones(len(pictures)))

    monkeypatch.setattr("clipit.drawing.Drawing._judge", judge)
    monkeypatch.setattr("clipit.drawing.CALM", 0.0)


def test_the_best_picture_is_kept(tiny, models, monkeypatch):
    say_scores(monkeypatch, [[0.1], [0.9], [0.2], [0.1]])
    frames = list(stream(fft(tiny, iterations=4, keep_best=True, learning_rate=1.0), models))
    assert [frame.score for frame in frames] == pytest.approx([0.1, 0.9, 0.2, 0.9])
    assert torch.equal(frames[3].images, frames[1].images)
    assert not torch.equal(frames[2].images, frames[1].images)


def test_each_picture_of_a_batch_keeps_its_own_best(tiny, models, monkeypatch):
    say_scores(monkeypatch, [[0.9, 0.1], [0.1, 0.9], [0.0, 0.0]])
    batch = [fft(tiny, seed=seed, keep_best=True, learning_rate=1.0) for seed in (1, 2)]
    frames = list(stream(batch, models))
    assert torch.equal(frames[2].images[0], frames[0].images[0])
    assert torch.equal(frames[2].images[1], frames[1].images[1])
    assert frames[2].scores.tolist() == pytest.approx([0.9, 0.9])


@pytest.mark.parametrize("progressive", [0.0, 0.25, 0.5, 1.0])
def test_a_drawing_that_grows_shows_every_frame_in_full_size(tiny, models, progressive):
    drawing = stream(fft(tiny, iterations=4, progressive=progressive), models)
    drawn = [(frame.picture().size, tuple(drawing._drawer.image().shape)) for frame in drawing]
    small = [(1, 3, 8, 12)] * int(4 * progressive)
    assert [size for size, _ in drawn] == [(24, 16)] * 4
    assert [shape for _, shape in drawn] == small + [(1, 3, 16, 24)] * (4 - len(small))


def test_a_drawing_that_grows_goes_on_with_what_it_has_drawn(tiny, models):
    frames = list(stream(fft(tiny, iterations=6, progressive=0.5, learning_rate=1.0, start_image=RED), models))
    moved = [(frame.images - frames[0].images).abs().mean() for frame in frames]
    assert (frames[3].images - frames[2].images).abs().mean() < 2 * moved[2]
    assert moved[3] > moved[1]


def test_an_overlay_is_laid_over_again_and_again(tiny, models):
    laid = list(stream(fft(tiny, iterations=4, overlay_image=RED, overlay_every=2, learning_rate=0.001), models))
    bare = list(stream(fft(tiny, iterations=4, learning_rate=0.001), models))
    red = torch.tensor([1.0, 0, 0]).view(3, 1, 1)
    assert torch.equal(laid[1].images, bare[1].images)
    assert ((laid[2].images - red).abs() < 0.02).all()
    assert not ((bare[2].images - red).abs() < 0.2).all()


def test_the_start_image_is_laid_over_where_no_other_is_named(tiny, models):
    settings = fft(tiny, start_image=RED, start_alpha=0, overlay_every=1, overlay_alpha=128, iterations=2)
    first, second = stream(settings, models)
    halfway = first.images + (torch.tensor([1.0, 0, 0]).view(3, 1, 1) - first.images) * 128 / 255
    assert (second.images - halfway).abs().mean() < 0.05


def test_a_drawing_waits_to_be_asked(tiny, models):
    drawing = stream(tiny.settings(iterations=100_000), models)
    assert [frame.step for frame in islice(drawing, 2)] == [1, 2]
    state = drawing.state()
    assert drawing.state() == state
    assert next(drawing).step == 3


@pytest.mark.parametrize("changes", [{"drawer_options": {"model": "huge"}}, {"clip_models": ("small.safetensors",)}])
def test_unknown_models_are_answered_with_the_known_ones(tiny, changes):
    with pytest.raises(ClipitError, match="accepted"):
        stream(tiny.settings(**changes))


def test_a_picture_comes_with_score_and_recipe(tiny, models):
    settings = tiny.settings(seed=3)
    options = {name: value for name, value in vars(settings).items() if name != "prompts"}
    drawn = draw(settings.prompts, models, **options)
    frame = last(stream(settings, models))
    assert (drawn.image.tobytes(), drawn.score) == (frame.picture().tobytes(), frame.score)
    assert drawn.recipe == recipe(settings, models)


# --- stopping and going on --------------------------------------------------------------------------------------------

WHOLE = {
    "average": 0.9, "keep_best": True, "progressive": 0.5, "losses": "smoothness, hold:2, symmetry:1:over=4",
    "spot_prompts": "cat", "labels": "dog", "iterations": 4, "overlay_every": 3, "overlay_image": RED, "cuts": 6,
    "detail": 0.5, "overviews": (1.0, 0.0), "palette": "red", "palette_over": 3, "target_images": (BLUE,),
    "image_prompts": (ImagePrompt(BLUE, 0.5, 0.1),), "prompts": "a ^ b", "batches": 2, "size": (48, 32),
}  # fmt: skip
VARIANTS = {
    **{name: {"optimiser": name} for name in ("Adam", "AdamW", "Adagrad", "Adamax", "RAdam")},
    **{name: {"schedule": name} for name in ("constant", "drop")},
    "average": {"average": 0.9},
    "keep best": {"keep_best": True},
    "progressive": {"progressive": 0.4, "size": (48, 32)},
    "clipit": {"views": "clipit", "start": "pixels", "cuts": 6},
    "batches": {"batches": 2},
    "overlay": {"overlay_every": 2, "overlay_image": RED, "overlay_alpha": 99},
    "all of it": WHOLE,
    **{drawer: {"drawer": drawer, "size": (40, 40)} for drawer in DRAWERS},
    **{f"{name}, all of it": WHOLE | {"drawer": name, "size": (80, 80)} for name in DRAWERS},
    "few cells": {"drawer": "pixel", "drawer_options": {"cells": (6, 4), "palette": "red", "dither": "noise"}},
    "hexagons": {"drawer": "pixel", "drawer_options": {"cells": (6, 4), "shape": "hex", "colours": 3}},
    "mono": {"drawer": "pixel", "drawer_options": {"mono": True}, "size": (40, 40), "average": 0.5},
}
QUICK = {"strokes": {"drawer_options": {"strokes": 12}}}


def variant(tiny, name):
    changes = VARIANTS[name]
    return tiny.settings(seed=4, **(QUICK.get(changes.get("drawer"), {}) | changes))


def assert_goes_on_from_everywhere(batch, models):
    whole, states = stream(batch, models), []
    frames = []
    while True:
        states.append(whole.state())
        if (frame := next(whole, None)) is None:
            break
        frames.append(frame)
    for step, state in enumerate(states):
        again = resume(state, models)
        assert again.step == step
        assert again.state() == state
        for frame, expected in zip(again, frames[step:], strict=True):
            assert torch.equal(frame.images, expected.images)
            assert torch.equal(frame.scores, expected.scores)
        assert again.exports(0) == whole.exports(0)


@pytest.mark.parametrize("name", VARIANTS)
def test_a_drawing_that_was_stopped_anywhere_goes_on_to_the_same_pictures(tiny, models, name):
    assert_goes_on_from_everywhere(variant(tiny, name), models)


def test_so_does_one_with_two_perceptors(tiny, two_perceptors):
    assert_goes_on_from_everywhere(tiny.both(keep_best=True), two_perceptors)


def test_so_does_a_batch(tiny, models):
    batch = [tiny.settings(seed=1, start_image=RED), tiny.settings("cat | dog", seed=2, start_image=BLUE.copy())]
    assert_goes_on_from_everywhere([replace(each, keep_best=True, average=0.5) for each in batch], models)


def test_it_goes_on_in_another_process(tiny, models, tmp_path):
    names = ["all of it", "strokes", "pixel", "RAdam"]
    for index, name in enumerate(names):
        drawing = stream(variant(tiny, name), models)
        next(drawing)
        (tmp_path / f"{index}.state").write_bytes(drawing.state())
        (tmp_path / f"{index}.expected").write_bytes(b"".join(frame.pixels().tobytes() for frame in drawing))
    code = """
import sys, pathlib, torch, clipit
torch.set_num_threads(int(sys.argv[2]))
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.state")):
    drawn = b"".join(frame.pixels().tobytes() for frame in clipit.resume(path.read_bytes()))
    assert drawn == path.with_suffix(".expected").read_bytes(), path
"""
    arguments = [sys.executable, "-W", "error", "-c", code, str(tmp_path), str(torch.get_num_threads())]
    subprocess.run(arguments, cwd=ROOT, check=True)


def test_a_state_is_safetensors_with_plain_settings(tiny, models):
    drawing = stream(variant(tiny, "all of it"), models)
    next(drawing)
    values, tensors, images = unpack(drawing.state())
    assert load(drawing.state()).keys() == {f"tensor/{n}" for n in tensors} | {f"image/{n}" for n in images}
    assert json.loads(json.dumps(values, allow_nan=False)) == values
    assert (values["step"], set(values["weights"])) == (1, {tiny.vqgan.name, tiny.vit.name})
    (told,) = values["settings"]
    assert Settings.from_dict(told, images) == drawing.batch[0]


def test_stopping_does_not_disturb(tiny, models):
    drawing, twin = (stream(variant(tiny, "all of it"), models) for _ in range(2))
    for frame, other in zip(drawing, twin, strict=True):
        assert torch.equal(frame.images, other.images)
        drawing.state()


def test_two_that_go_on_from_one_state_do_not_affect_each_other(tiny, models):
    drawing = stream(tiny.settings(), models)
    next(drawing)
    state = drawing.state()
    one, other = resume(state, models), resume(state, models)
    for frame, again, expected in zip(one, other, drawing, strict=True):
        assert torch.equal(frame.images, expected.images) and torch.equal(again.images, expected.images)


def test_weights_that_were_loaded_on_the_side_do_not_matter(tiny, models):
    """A worker draws with all it has loaded; who goes on loads what is needed."""
    settings = tiny.settings(drawer="fft", start="noise")
    drawing = stream(settings, models)
    next(drawing)
    fresh = load_models(settings, "cpu")
    assert fresh.digests != models.digests
    assert torch.equal(next(resume(drawing.state(), fresh)).images, next(drawing).images)


def test_other_weights_are_refused_by_name(tiny, models):
    state = stream(tiny.settings(), models).state()
    other = replace(models, digests={**models.digests, "clip": {tiny.vit.name: "0" * 64}})
    with pytest.raises(ClipitError, match=tiny.vit.name):
        resume(state, other)


# --- hostile states ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def state(tiny, models):
    changes = {"average": 0.9, "keep_best": True, "start_image": RED}
    drawing = stream(tiny.settings(**changes), models)
    next(drawing)
    return drawing.state()


def rewritten(state, tensors=(), drop=(), **values):
    """A state with other tensors, without some, or with other values beside them; None takes one away."""
    held = {name: tensor for name, tensor in load(state).items() if name not in drop} | dict(tensors)
    length = int.from_bytes(state[:8], "little")
    metadata = json.loads(state[8 : 8 + length])["__metadata__"]
    told = {k: v for k, v in (json.loads(metadata["clipit drawing"]) | values).items() if v is not None}
    return save(held, {"clipit drawing": json.dumps(told)})


def with_setting(state, **changes):
    values = unpack(state)[0]
    return rewritten(state, settings=[values["settings"][0] | changes])


@pytest.mark.parametrize("step", [-1, 4, 10**9, 1.5, "1", None, [1]])
def test_a_state_of_no_such_step_is_refused(state, models, step):
    with pytest.raises(ClipitError):
        resume(rewritten(state, step=step), models)


@pytest.mark.parametrize(
    "values",
    [
        {"settings": None}, {"settings": []}, {"settings": {}}, {"settings": [3]}, {"settings": [{}]},
        {"weights": None}, {"weights": []}, {"weights": {}}, {"weights": {"other": "0"}},
    ],
)  # fmt: skip
def test_a_state_without_its_values_is_refused(state, models, values):
    with pytest.raises(ClipitError):
        resume(rewritten(state, **values), models)


@pytest.mark.parametrize(
    "changes",
    [
        {"size": [48, 32]}, {"optimiser": "Adagrad"}, {"average": 0.0}, {"keep_best": False}, {"progressive": 0.5},
        {"drawer": "fft", "drawer_options": {}}, {"clip_models": ["small"]}, {"seed": "x"}, {"start_image": "0" * 64},
        {"start_image": None}, {"iterations": 0}, {"drawer_options": {"model": "huge"}},
    ],
)  # fmt: skip
def test_settings_of_another_drawing_are_refused_or_draw(state, models, changes):
    """Nobody can tell a wrong start image from the right one; all else does not fit."""
    hostile = with_setting(state, **changes)
    if changes == {"start_image": None}:
        assert len(list(resume(hostile, models))) == 2
        return
    with pytest.raises(ClipitError):
        resume(hostile, models)


def test_every_tensor_is_needed_and_none_is_added(state, models):
    names = [name for name in load(state) if name.startswith("tensor/")]
    assert len(names) == 9  # start, latents, their average, three of Adam, three of the best
    for name in names:
        with pytest.raises(ClipitError, match="lacks"):
            resume(rewritten(state, drop=[name]), models)
    with pytest.raises(ClipitError, match="foreign"):
        resume(rewritten(state, {"tensor/drawer/more": torch.zeros(1)}), models)


def test_every_tensor_has_its_shape_and_type_and_is_finite(state, models):
    for name, tensor in load(state).items():
        for hostile in (
            tensor[None], tensor.flatten()[:0], torch.cat([tensor.flatten()] * 2), tensor.long(), tensor.double(),
            torch.full_like(tensor, float("nan")) if tensor.is_floating_point() else tensor.bool(),
        ):  # fmt: skip
            with pytest.raises(ClipitError):
                resume(rewritten(state, {name: hostile}), models)


def test_an_image_that_was_altered_is_refused(state, models):
    ((name, tensor),) = ((name, tensor) for name, tensor in load(state).items() if name.startswith("image/"))
    with pytest.raises(ClipitError, match="another"):
        resume(rewritten(state, {name: 255 - tensor}), models)
    with pytest.raises(ClipitError, match="lacking"):
        resume(rewritten(state, drop=[name]), models)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=some.floats(0, 1, exclude_max=True))
def test_a_state_that_breaks_off_is_refused(state, models, share):
    with pytest.raises(ClipitError):
        resume(state[: int(len(state) * share)], models)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=some.data())
def test_bytes_that_flipped_are_refused_or_draw(state, models, data):
    """A flipped bit of a number is another number; one in the header must not be more than refused."""
    length = int.from_bytes(state[:8], "little")
    place, bit = data.draw(some.integers(0, 8 + length - 1)), data.draw(some.integers(0, 7))
    hostile = bytearray(state)
    hostile[place] ^= 1 << bit
    try:
        next(resume(bytes(hostile), models))
    except ClipitError:
        return


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.binary(max_size=200))
def test_any_bytes_are_refused(models, data):
    with pytest.raises(ClipitError):
        resume(data, models)


HEADERS = [
    b"{}", b"null", b"[]", b"[" * 90_000, b"\xff\xfe", b'{"__metadata__":{}}',
    b'{"__metadata__":{"clipit drawing":""}}',
    *(
        b'{"__metadata__":{"clipit drawing":"%s"}}' % told
        for told in (b"3", b"[]", b"{}", rb"{\"form\":1}", rb"{\"form\":2}", b"[" * 90_000, b"1" * 9_000)
    ),
]  # fmt: skip


@pytest.mark.parametrize("header", HEADERS, ids=range(len(HEADERS)))
def test_headers_of_all_kinds_are_refused(models, header):
    with pytest.raises(ClipitError):
        resume(struct.pack("<Q", len(header)) + header, models)


def test_a_pickle_is_not_read(models):
    file = BytesIO()
    torch.save({"step": 1}, file)
    with pytest.raises(ClipitError):
        resume(file.getvalue(), models)


@pytest.mark.gpu
def test_a_gpu_draws_too(tiny):
    models = load_models(tiny.settings())
    assert models.device.type == "cuda"
    assert last(stream(tiny.settings(), models)).picture().size == (24, 16)
    assert_goes_on_from_everywhere(tiny.settings(keep_best=True, average=0.5), models)
