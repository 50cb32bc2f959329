from itertools import combinations

import pytest
import torch
import torch.nn.functional as F

from clipit.sketching.styles import STYLES, styled

NAMES = [
    "pixel art", "pencil sketch", "watercolour", "oil painting", "low poly", "charcoal drawing", "neon", "3d render",
    "trending on artstation", "black and white", "ukiyo-e", "stained glass", "line art", "pop art", "mosaic", "pastel",
    "vintage photo", "comic book", "blueprint", "impressionism", "cartoon sticker", "crayon drawing",
]  # fmt: skip
OF_LINES = ("line art", "blueprint", "neon")  # their lightness is not that of the picture
COLOURLESS = ("pencil sketch", "charcoal drawing", "black and white", "line art")


def generators(*seeds):
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def ball(height=64, width=64, light=(0.9, 0.85, 0.6), dark=(0.6, 0.1, 0.1)):
    """A dark disc before a light ground that darkens to the bottom."""
    y, x = torch.linspace(-1, 1, height)[:, None], torch.linspace(-1, 1, width)
    ground = torch.tensor(light)[:, None, None] * (0.9 - 0.1 * y).expand(height, width)
    return torch.where(x.square() + y.square() < 0.3, torch.tensor(dark)[:, None, None], ground)


def lightness(pictures, side=8):
    return F.interpolate(pictures.mean(1, keepdim=True), (side, side), mode="area").flatten(1)


def alike(first, second):
    return torch.corrcoef(torch.stack([first.flatten(), second.flatten()]))[0, 1].item()


def test_the_styles_are_those_of_the_lexicon():
    assert sorted(STYLES) == sorted(NAMES)


@pytest.mark.parametrize("shape", [(32, 32), (33, 47), (128, 64)])
@pytest.mark.parametrize("style", NAMES)
def test_a_styled_picture_has_the_shape_and_the_range_of_a_picture(style, shape):
    pictures = torch.stack([ball(*shape), torch.rand(3, *shape, generator=torch.Generator().manual_seed(0))])
    result = STYLES[style](pictures, generators(1, 2))
    assert result.shape == pictures.shape
    assert result.dtype == torch.float32
    assert result.isfinite().all()
    assert result.min() >= 0 and result.max() <= 1


@pytest.mark.parametrize("style", NAMES)
def test_black_and_white_sheets_stay_pictures(style):
    result = STYLES[style](torch.stack([torch.zeros(3, 40, 40), torch.ones(3, 40, 40)]), generators(1, 2))
    assert result.isfinite().all()
    assert result.min() >= 0 and result.max() <= 1


@pytest.mark.parametrize("style", NAMES)
def test_the_same_generators_give_the_same_picture(style):
    pictures = ball()[None]
    assert STYLES[style](pictures, generators(3)).equal(STYLES[style](pictures, generators(3)))


@pytest.mark.parametrize("style", ["watercolour", "oil painting", "low poly", "stained glass", "crayon drawing"])
def test_other_generators_give_another_picture(style):
    pictures = ball()[None]
    gap = STYLES[style](pictures, generators(3)) - STYLES[style](pictures, generators(4))
    assert gap.abs().mean() > 0.005


@pytest.mark.parametrize("style", NAMES)
def test_a_picture_does_not_depend_on_the_others_of_its_batch(style):
    busy = (
        torch.rand(3, 8, 8, generator=torch.Generator().manual_seed(0)).repeat_interleave(8, 1).repeat_interleave(8, 2)
    )
    alone = STYLES[style](ball()[None], generators(5))[0]
    together = STYLES[style](torch.stack([busy, ball()]), generators(6, 5))[1]
    assert (alone - together).abs().mean() < 1e-4


@pytest.mark.parametrize("style", NAMES)
def test_memory_layout_and_the_input_itself_are_left_alone(style):
    pictures = torch.stack([ball(), 1 - ball()])
    kept = pictures.clone()
    rows = pictures.contiguous(memory_format=torch.channels_last)
    result = STYLES[style](pictures, generators(1, 2))
    assert (STYLES[style](rows, generators(1, 2)) - result).abs().mean() < 1e-4
    assert pictures.equal(kept)


@pytest.mark.parametrize("style", [name for name in NAMES if name not in OF_LINES])
def test_what_is_dark_stays_dark(style):
    pictures = ball(96, 96)[None]
    middle = (..., slice(12, -12), slice(12, -12))  # corners may be darkened, borders framed
    result = STYLES[style](pictures, generators(1))
    assert alike(lightness(result[middle]), lightness(pictures[middle])) > 0.7


@pytest.mark.parametrize("style", OF_LINES)
def test_lines_are_drawn_where_the_edges_are(style):
    result = STYLES[style](ball(96, 96)[None], generators(1))
    off_ground = (result - result[..., 8:16, 8:16].mean((2, 3), keepdim=True)).abs().mean(1)[0]
    y, x = torch.linspace(-1, 1, 96)[:, None], torch.linspace(-1, 1, 96)
    ring = ((x.square() + y.square()).sqrt() - 0.3**0.5).abs() < 0.06
    assert off_ground[ring].mean() > 3 * off_ground[~ring].mean()


@pytest.mark.parametrize("style", [name for name in NAMES if name not in (*COLOURLESS, "vintage photo", "blueprint")])
def test_a_red_thing_stays_redder_than_a_blue_one(style):
    red, blue = ball(dark=(0.8, 0.1, 0.1)), ball(dark=(0.1, 0.1, 0.8))
    result = STYLES[style](torch.stack([red, blue]), generators(1, 1))
    redness = (result[:, 0] - result[:, 2])[:, 16:48, 16:48].mean((1, 2))
    assert redness[0] > redness[1] + 0.1


@pytest.mark.parametrize("style", COLOURLESS)
def test_styles_without_colour_have_none(style):
    result = STYLES[style](ball()[None], generators(1))
    assert (result.amax(1) - result.amin(1)).max() < 0.1


def test_no_two_styles_look_the_same():
    results = {style: STYLES[style](ball(96, 96)[None], generators(1)) for style in NAMES}
    for one, other in combinations(NAMES, 2):
        assert (results[one] - results[other]).abs().mean() > 0.02, (one, other)


@pytest.mark.parametrize("style", NAMES)
def test_a_style_looks_the_same_at_another_size(style):
    small, large = (STYLES[style](ball(side, side)[None], generators(1)) for side in (96, 192))
    assert (lightness(small) - lightness(large)).abs().mean() < 0.06


def test_pixel_art_is_made_of_even_cells():
    cells = STYLES["pixel art"](ball(128, 128)[None], generators(1)).unfold(2, 4, 4).unfold(3, 4, 4)
    assert cells.amax((4, 5)).equal(cells.amin((4, 5)))


def test_each_picture_of_a_batch_gets_its_own_style():
    pictures = torch.stack([ball(), 1 - ball(), ball(), ball()])
    wanted = ["neon", None, "blueprint", "neon"]
    result = styled(pictures, wanted, generators(1, 2, 3, 4))
    assert result[1].equal(pictures[1])
    for at, style in ((0, "neon"), (2, "blueprint"), (3, "neon")):
        alone = STYLES[style](pictures[at : at + 1], generators(at + 1))[0]
        assert (result[at] - alone).abs().mean() < 1e-4


def test_an_unknown_style_is_refused():
    with pytest.raises(KeyError):
        styled(ball()[None], ["cubism"], generators(1))
