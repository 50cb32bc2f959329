import numpy as np
import pytest
import torch
from PIL import Image

from clipit.masks import disc, from_image, masked
from clipit.settings import plain


def seen(image, width, height):
    """The mask of an image of any mode, as settings hold it."""
    return from_image(plain(image), width, height)


HALF = np.kron(np.array([[0, 255]], dtype=np.uint8), np.ones((6, 4), dtype=np.uint8))  # dark left, light right


@pytest.mark.parametrize(("width", "height"), [(32, 32), (64, 36), (24, 40), (1, 1), (3, 200)])
def test_the_default_spot_is_a_disc_in_the_middle(width, height):
    mask = disc(width, height)
    assert mask.shape == (1, 1, height, width)
    assert ((mask >= 0) & (mask <= 1)).all()
    assert torch.equal(mask, mask.flip(3)) and torch.equal(mask, mask.flip(2))
    if min(width, height) > 20:
        assert mask[0, 0, height // 2, width // 2] == 1
        assert mask[0, 0, 0].max() == 0 == mask[0, 0, :, 0].max()
        assert ((mask > 0) & (mask < 1)).any()  # its edge is soft


def test_the_default_spot_covers_what_a_disc_of_half_the_side_does():
    assert disc(200, 200).mean() == pytest.approx(np.pi / 16, abs=0.005)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr", "LA", "RGBA", "I", "I;16", "F"])
def test_light_is_the_spot_in_an_image_of_any_mode(mode):
    image = Image.fromarray(HALF)
    if mode in ("I", "I;16"):
        image = Image.fromarray(HALF.astype(np.uint16) * 257).convert(mode)
    elif mode == "F":
        image = Image.fromarray(HALF.astype(np.float32) / 255)
    else:
        image = image.convert("RGB").convert(mode)
    mask = seen(image, 8, 6)
    assert mask.shape == (1, 1, 6, 8)
    assert mask.dtype == torch.float32
    assert mask[..., :4].max() < 0.01 and mask[..., 4:].min() > 0.99


def test_the_opaque_part_is_the_spot_where_some_is_transparent():
    image = Image.new("RGBA", (8, 6), "black")
    image.putalpha(Image.fromarray(HALF))
    assert torch.equal(seen(image, 8, 6)[0, 0], torch.tensor(HALF) / 255)


@pytest.mark.parametrize(("mode", "grey"), [("L", 51), ("I;16", 13107), ("I", 13107), ("F", 0.2)])
def test_greys_belong_partly(mode, grey):
    assert torch.allclose(seen(Image.new(mode, (3, 3), grey), 5, 7), torch.tensor(0.2))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -7.0, 9.0])
def test_no_image_leaves_the_range(value):
    mask = seen(Image.fromarray(np.full((2, 3), value, np.float32)), 6, 4)
    assert ((mask >= 0) & (mask <= 1)).all()


def test_a_mask_is_stretched_to_the_picture():
    mask = seen(Image.fromarray(HALF), 40, 10)
    assert mask.shape == (1, 1, 10, 40)
    assert mask[..., :15].max() < 0.1 and mask[..., 25:].min() > 0.9
    assert ((mask >= 0) & (mask <= 1)).all()


def test_a_spot_prompt_sees_grey_outside_and_the_other_one_inside():
    pictures = torch.rand(2, 3, 4, 4, requires_grad=True)
    mask = torch.zeros(1, 1, 4, 4)
    mask[..., 1:3, 1:3] = 1
    on, off = masked(pictures, mask), masked(pictures, 1 - mask)
    inside = mask.bool().expand_as(pictures)
    assert torch.allclose(on[inside], pictures[inside]) and (on[~inside] == 0.5).all()
    assert torch.allclose(off[~inside], pictures[~inside]) and (off[inside] == 0.5).all()
    (gradient,) = torch.autograd.grad(on.sum(), pictures)
    assert torch.equal(gradient, mask.expand_as(pictures))
