import numpy as np
import pytest
import torch
from PIL import Image

from clipit.losses.palette import palette_loss
from clipit.palettes import parse_palette
from clipit.settings import STARTS
from clipit.starts import GROUNDS, image_picture, laid_over, start_pictures

SIZES = [(20, 12), (1, 1), (8, 800), (800, 8), (150, 150), (1, 7)]
RED = (0.8, 0.1, 0.1)


def generators(*seeds):
    return [torch.Generator().manual_seed(seed) for seed in seeds]


class Album:
    """Remembers every thing as a red square, every place as grey."""

    def show(self, kind, name, lot):
        colour = RED if kind == "things" else (0.5, 0.5, 0.5)
        return torch.tensor([*colour, 1.0])[:, None, None].expand(4, 8, 8)


@pytest.fixture
def sketcher():
    return Album()


def starts(kind, images=(), wishes=None, size=(16, 16), seeds=None, sketcher=None, palette=""):
    images = images or [(None, 255)]
    wishes = ["a cat"] * len(images) if wishes is None else wishes
    drawn = generators(*(seeds or range(len(images))))
    return start_pictures(kind, wishes, images, *size, drawn, sketcher, palette)


# --- grounds ----------------------------------------------------------------------------------------------------------


def test_every_start_has_its_ground():
    assert tuple(GROUNDS) == STARTS


@pytest.mark.parametrize("kind", STARTS)
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_ground_of_any_size_is_a_picture(kind, width, height):
    drawn = GROUNDS[kind](width, height, *generators(1))
    assert (drawn.shape, drawn.dtype) == ((3, height, width), torch.float32)
    assert drawn.isfinite().all() and 0 <= drawn.min() <= drawn.max() <= 1


@pytest.mark.parametrize("kind", [kind for kind in STARTS if kind != "none"])
def test_a_ground_is_decided_by_the_generator(kind):
    one, two, other = (GROUNDS[kind](20, 12, *generators(seed)) for seed in (1, 1, 2))
    assert torch.equal(one, two)
    assert not torch.equal(one, other)


def test_no_ground_is_white():
    assert (GROUNDS["none"](5, 4, *generators(1)) == 1).all()


def test_pixels_have_strong_contrast_and_are_not_of_one_scale():
    drawn = GROUNDS["pixels"](128, 128, *generators(1))
    assert drawn.amin((1, 2)).max() < 0.01 and drawn.amax((1, 2)).min() > 0.99
    assert ((drawn < 0.2) | (drawn > 0.8)).float().mean() > 0.25
    neighbours = (drawn.diff(dim=2)).abs().mean()
    far = (drawn[..., 64:] - drawn[..., :64]).abs().mean()
    assert 0.005 < neighbours < far / 3


def test_a_gradient_runs_straight_from_one_colour_to_another():
    seen = set()
    for seed in range(8):
        drawn = GROUNDS["gradient"](9, 5, *generators(seed))
        for channel in drawn:
            across, down = channel.diff(dim=1), channel.diff(dim=0)
            assert (across.abs().max() < 1e-6) != (down.abs().max() < 1e-6)
            steps = across if across.abs().max() > 1e-6 else down
            torch.testing.assert_close(steps, steps[:1, :1].expand_as(steps), rtol=1e-3, atol=1e-6)
            seen.add(bool(across.abs().max() > 1e-6))
    assert seen == {True, False}


def test_snow_has_no_neighbourhood():
    drawn = GROUNDS["snow"](100, 100, *generators(1))
    assert drawn.mean() == pytest.approx(0.5, abs=0.01)
    assert np.corrcoef(drawn[0, :, 1:].flatten(), drawn[0, :, :-1].flatten())[0, 1] == pytest.approx(0, abs=0.05)


def test_soft_noise_is_soft():
    drawn = GROUNDS["noise"](120, 120, *generators(1))
    assert drawn.diff(dim=2).abs().mean() < 0.02 < drawn.std()


# --- sketches ---------------------------------------------------------------------------------------------------------


def test_a_sketched_start_shows_what_the_wish_says(sketcher):
    (start,) = starts("sketch", sketcher=sketcher, wishes=["a cat on a blue background"], seeds=[5], size=(32, 32))
    assert start[:, 16, 16].tolist() == pytest.approx(RED)
    assert start[:, 1, 1].argmax() == 2


def test_a_sketch_alone_is_brought_near_to_the_palette(sketcher):
    colours = torch.tensor(parse_palette("gameboy"))
    plain, coloured = (starts("sketch", seeds=[5], sketcher=sketcher, palette=text) for text in ("", "gameboy"))
    assert palette_loss(coloured, colours) < palette_loss(plain, colours) / 2
    for given in ({"kind": "noise", "sketcher": sketcher}, {"kind": "sketch"}):
        assert torch.equal(starts(**given, seeds=[5], palette="gameboy"), starts(**given, seeds=[5]))


@pytest.mark.parametrize("given", [{"sketcher": None}, {"wishes": [""]}, {"wishes": ["xyzzy"]}])
def test_a_sketch_without_sketcher_or_a_wish_that_is_known_is_noise(sketcher, given):
    given = {"sketcher": sketcher, **given}
    (start,) = starts("sketch", seeds=[2], **given)
    assert torch.equal(start, GROUNDS["noise"](16, 16, *generators(2)))


def test_in_a_batch_whoever_has_a_wish_gets_a_sketch(sketcher):
    nobody = [(None, 255)] * 3
    together = starts("sketch", nobody, ["a cat", "", "a dog"], seeds=[1, 2, 3], sketcher=sketcher)
    for index, wish in enumerate(["a cat", "", "a dog"]):
        (alone,) = starts("sketch", [(None, 255)], [wish], seeds=[index + 1], sketcher=sketcher)
        torch.testing.assert_close(together[index], alone)


@pytest.mark.parametrize("kind", [kind for kind in STARTS if kind != "sketch"])
def test_a_sketcher_that_is_not_asked_draws_nothing(sketcher, kind):
    (start,) = starts(kind, seeds=[2], sketcher=sketcher)
    assert torch.equal(start, GROUNDS[kind](16, 16, *generators(2)))


# --- images -----------------------------------------------------------------------------------------------------------


def test_an_image_covers_the_picture_without_being_squeezed():
    image = Image.new("RGB", (40, 20), "red")
    image.paste("blue", (10, 0, 30, 20))
    pixels, cover = image_picture(image, 20, 20)
    assert torch.equal(pixels, torch.tensor([0.0, 0.0, 1.0])[:, None, None].expand(3, 20, 20))
    assert torch.equal(cover, torch.ones(1, 20, 20))


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("size", [(1, 1), (3, 200), (64, 64)])
def test_an_image_of_any_size_fits(width, height, size):
    pixels, cover = image_picture(Image.new("RGBA", size, (255, 0, 0, 51)), width, height, 128)
    assert (pixels.shape, cover.shape) == ((3, height, width), (1, height, width))
    torch.testing.assert_close(cover, torch.full((1, height, width), 0.2 * 128 / 255), atol=1e-3, rtol=0)


@pytest.mark.parametrize(("alpha", "own"), [(255, 255), (200, 255), (255, 51), (128, 102), (0, 255)])
def test_an_image_lies_over_the_ground_by_its_own_alpha_times_the_given_one(alpha, own):
    image = Image.new("RGBA", (16, 16), (255, 0, 0, own))
    (start,) = starts("snow", [(image, alpha)], seeds=[3])
    snow, share = GROUNDS["snow"](16, 16, *generators(3)), own / 255 * alpha / 255
    red = torch.tensor([1.0, 0, 0])[:, None, None]
    torch.testing.assert_close(start, snow * (1 - share) + red * share)


def test_what_is_clear_in_an_image_shows_the_ground():
    image = Image.new("RGBA", (16, 16), (0, 0, 0, 0))
    image.paste((0, 0, 255, 255), (0, 0, 8, 16))
    (start,) = starts("none", [(image, 255)])
    assert (start[:2, :, :8] == 0).all() and (start[:, :, 8:] == 1).all()


def test_each_picture_of_a_batch_has_its_own_image(sketcher):
    white = Image.new("RGB", (8, 8), "white")
    first, second = starts("sketch", [(white, 255), (None, 255)], seeds=[1, 2], sketcher=sketcher)
    (alone,) = starts("sketch", seeds=[2], sketcher=sketcher)
    assert (first == 1).all()
    torch.testing.assert_close(second, alone)


def test_laying_over_changes_no_picture_in_place():
    picture = torch.zeros(3, 4, 4)
    over = laid_over(picture, Image.new("RGB", (4, 4), "white"), 51)
    assert (picture == 0).all()
    torch.testing.assert_close(over, torch.full((3, 4, 4), 0.2))
