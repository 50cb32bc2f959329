from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image

from clipit import ClipitError
from clipit.drawers import options_of
from clipit.drawers.few_colours import indexed_png, snap, toned
from clipit.drawers.options import SHAPES
from clipit.drawers.pixel import PixelDrawer, _members, _Paint
from clipit.palettes import parse_palette
from tests.clipit.drawers.descent import losses_of

KINDS = [
    {},
    {"colours": None},
    {"palette": "pico8"},
    {"palette": "gameboy", "dither": "bayer"},
    {"mono": True},
    {"mono": True, "dither": "noise"},
    {"shape": "hex"},
]


def starts(batch=2, side=60, seed=0):
    """Soft pictures: neighbours are alike."""
    coarse = torch.rand(batch, 3, 5, 5, generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.interpolate(coarse, (side, side), mode="bilinear")


def generators(*seeds):
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def drawer(start, seeds=(0, 1), **options):
    return PixelDrawer(start, options_of("pixel", {"cells": (20, 20)} | options), generators(*seeds[: len(start)]))


def steps(drawn, count, target=0.0):
    """The losses before each of so many steps, and after the last."""
    batch = len(drawn.image())  # each picture is moved as if it were alone
    losses = losses_of(drawn, lambda pictures: batch * (pictures - target).square().mean(), rate=0.05, steps=count)
    return [*(loss / batch for loss in losses), float((drawn.image().detach() - target).square().mean())]


def colours_of(picture):
    return {tuple(colour) for colour in picture.detach().flatten(1).T.tolist()}


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_have_the_shape_and_the_range_of_the_start(kind):
    pictures = drawer(starts(), **kind).image()
    assert (pictures.shape, pictures.dtype) == ((2, 3, 60, 60), torch.float32)
    assert 0 <= pictures.min() <= pictures.max() <= 1


def test_it_begins_at_the_averages_of_the_start():
    start = starts()
    blocks = start.unflatten(3, (20, 3)).unflatten(2, (20, 3)).mean((3, 5))
    expected = blocks.repeat_interleave(3, 2).repeat_interleave(3, 3)
    torch.testing.assert_close(drawer(start, colours=None).image().detach(), expected)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_begins_near_the_start(shape):
    start = starts(side=240)
    drawn = PixelDrawer(start, options_of("pixel", {"shape": shape, "colours": None}), [])
    assert (drawn.image() - start).abs().mean() < 0.02


def test_few_colours_stand_for_those_of_the_start():
    start = starts()
    pictures = drawer(start, colours=8).image().detach()
    assert all(2 <= len(colours_of(picture)) <= 8 for picture in pictures)
    assert (pictures - start).abs().mean() < 0.1


def test_a_start_of_fewer_colours_than_asked_for_keeps_them():
    start = torch.tensor([1.0, 0.0, 0.0]).view(1, 3, 1, 1).expand(1, 3, 60, 60).clone()
    start[..., 30:] = 0.2
    torch.testing.assert_close(drawer(start, colours=12).image().detach(), start, atol=1e-6, rtol=0)


@pytest.mark.parametrize("kind", KINDS)
def test_five_steps_lower_a_loss(kind):
    losses = steps(drawer(starts(), **kind), 5)
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("kind", KINDS)
def test_the_gradient_reaches_all_that_an_optimiser_moves(kind):
    drawn = drawer(starts(), **kind)
    drawn.image().square().sum().backward()
    for group in drawn.groups(1.0):
        assert all((tensor.grad != 0).any() for tensor in group["params"])


def test_named_colours_stay_what_they_are_and_learnt_ones_move():
    named, learnt = drawer(starts(), palette="pico8"), drawer(starts(), colours=8)
    before = learnt.palette.detach().clone()
    steps(named, 3)
    steps(learnt, 3)
    allowed = {tuple(colour) for colour in torch.tensor(parse_palette("pico8")).tolist()}
    assert all(colours_of(picture) <= allowed for picture in named.image())
    assert not torch.equal(learnt.palette, before)


@pytest.mark.parametrize("dither", ["none", "bayer", "noise"])
def test_mono_is_black_and_white(dither):
    drawn = drawer(starts(), mono=True, dither=dither)
    assert drawn.cells.shape == (2, 1, 20, 20)
    assert all(colours_of(picture) == {(0.0, 0.0, 0.0), (1.0, 1.0, 1.0)} for picture in drawn.image())


def test_ordered_dots_show_how_bright_a_grey_is():
    start = torch.linspace(0, 1, 64).expand(1, 3, 64, 64)
    columns = drawer(start, mono=True, cells=(64, 64)).image()[0, 0].detach().unflatten(1, (8, 8)).mean((0, 2))
    assert columns.tolist() == sorted(columns.tolist())
    assert (columns - torch.linspace(1 / 16, 15 / 16, 8)).abs().max() < 0.08


def test_noise_is_decided_by_the_generator():
    one, same, other = (drawer(starts(1), (seed,), mono=True, dither="noise").image() for seed in (1, 1, 2))
    assert torch.equal(one, same) and not torch.equal(one, other)


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_draws_what_each_would_alone(kind):
    together, alone = drawer(starts(), (5, 6), **kind), drawer(starts()[1:], (6,), **kind)
    steps(together, 3)
    steps(alone, 3)
    torch.testing.assert_close(together.image()[1:], alone.image(), atol=1e-5, rtol=0)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_is_drawn_again_bit_for_bit(kind):
    one, other = (drawer(starts(), **kind) for _ in range(2))
    assert steps(one, 3) == steps(other, 3)
    assert torch.equal(one.image(), other.image())


@pytest.mark.parametrize("kind", KINDS)
def test_its_tensors_decide_its_pictures(kind):
    one, other = drawer(starts(seed=1), (1, 2), **kind), drawer(starts(seed=2), (3, 4), **kind)
    with torch.no_grad():
        for name, tensor in one.tensors.items():
            assert len(tensor) == 2
            other.tensors[name].copy_(tensor)
    assert torch.equal(one.image(), other.image())


def test_cells_do_not_leave_the_range():
    drawn = drawer(starts(), colours=4)
    steps(drawn, 10, target=-1.0)
    assert drawn.cells.min() == 0 and drawn.palette.min() >= 0


def test_painting_is_differentiated_exactly():
    cells = np.array([[0, 0, 2], [1, 2, 2]])
    members = torch.from_numpy(_members(cells, 4))  # the last cell has no pixel
    colours = torch.rand(2, 3, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda each: _Paint.apply(each, torch.from_numpy(cells), members), colours)


def test_snapping_passes_the_gradient_to_the_colour_and_to_the_palettes():
    colours = torch.tensor([[[0.1, 0.1, 0.1], [0.8, 0.9, 0.9], [0.2, 0.0, 0.0]]], requires_grad=True)
    palette = torch.tensor([[[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]], requires_grad=True)
    snapped = snap(colours, palette, torch.zeros(1, 3, 1))
    assert snapped[0, :, 0].tolist() == [0, 1, 0]
    snapped.sum().backward()
    assert (colours.grad == 1).all() and palette.grad[0, :, 0].tolist() == [2, 1]


def test_a_picture_uses_all_tones_of_a_narrow_palette():
    faint = 0.4 + 0.2 * torch.linspace(0, 1, 64).expand(1, 3, 64, 64)
    palette = torch.tensor(parse_palette("gameboy"))[None]
    moved = toned(faint, palette)
    assert torch.cdist(moved.flatten(2).mT, palette).argmin(-1).unique().tolist() == [0, 1, 2, 3]


@pytest.mark.slow
def test_a_picture_of_16_million_pixels_is_toned():
    grey = torch.linspace(0, 1, 4096)[:, None].expand(1, 3, 4096, 4096)
    moved = toned(grey, torch.tensor(parse_palette("gameboy"))[None])
    assert moved[0, :, 0, 0].tolist() == pytest.approx(parse_palette("gameboy")[0], abs=0.01)


@pytest.mark.parametrize("text", ["[mat:red]", "[mat:red, mat:blue]", "[red, red]", "[#f00, #0f0]\\9", "red;blue"])
def test_palettes_of_every_kind_are_begun_with_and_drawn_with(text):
    drawn = drawer(starts(), palette=text)
    allowed = {tuple(colour) for colour in torch.tensor(parse_palette(text)).tolist()}
    used = colours_of(drawn.image()[0])
    assert used <= allowed and len(used) >= min(2, len(allowed))
    steps(drawn, 2)
    assert colours_of(drawn.image()[0]) <= allowed


def opened(files, name="1x.png"):
    assert list(files) == [name]
    return Image.open(BytesIO(files[name]), formats=["PNG"])


@pytest.mark.parametrize("kind", [*KINDS, {"shape": "knit"}])
def test_the_export_has_a_pixel_for_every_cell_and_is_indexed(kind):
    drawn = drawer(starts(), **kind)
    steps(drawn, 2)
    image = opened(drawn.exports(1))
    assert (image.mode, image.size) == ("P", (20, 20))
    if "shape" not in kind:
        shown = drawn.image()[1].detach()[:, 1::3, 1::3].mul(255).round().to(torch.uint8).permute(1, 2, 0).numpy()
        difference = np.abs(np.asarray(image.convert("RGB"), int) - shown).max()
        assert difference == 0 or (kind == {"colours": None} and difference < 40)  # 400 colours in 256


def test_the_export_holds_the_palette_in_its_order():
    image = opened(drawer(starts(1), palette="pico8").exports(0))
    expected = [round(part * 255) for colour in parse_palette("pico8") for part in colour]
    assert image.getpalette()[:48] == expected


def test_more_than_256_colours_are_reduced_and_256_are_kept():
    ramp = torch.arange(256).view(1, 16, 16) / 255
    kept = Image.open(BytesIO(indexed_png(ramp.expand(3, -1, -1), None)))
    assert np.array_equal(np.asarray(kept.convert("L")).ravel(), np.arange(256))
    many = torch.rand(3, 40, 40, generator=torch.Generator().manual_seed(0))
    reduced = Image.open(BytesIO(indexed_png(many, None)))
    assert reduced.mode == "P" and len(reduced.getcolors()) <= 256


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"cells": (0, 4)}, "cells is 0"),
        ({"cells": 40}, "cells is 40"),
        ({"cells": (40.5, 40)}, "cells is"),
        ({"scale": 0.0}, "scale is 0"),
        ({"shape": "round"}, "'rect', 'rectshift', 'hex', 'tri', 'diamond', 'knit'"),
        ({"palette": "gren"}, "'green'"),
        ({"colours": 1}, "2 to 256"),
        ({"dither": "floyd"}, "'none', 'bayer', 'noise'"),
        ({"mono": True, "palette": "red"}, "mono is black and white"),
        ({"pixels": 3}, "no option 'pixels'"),
    ],
)
def test_what_it_cannot_draw_is_refused_in_words(options, said):
    with pytest.raises(ClipitError) as refused:
        options_of("pixel", options)
    assert said in str(refused.value)
