import pytest
import torch

from clipit.sketching.layers import crisp, laid_on, over, scaled, shaded, tinted, veiled

RED, BLUE = (0.84, 0.16, 0.16), (0.13, 0.39, 0.82)


def layer(colour, cover, side=8):
    pixels = torch.tensor([*colour, 1.0])[:, None, None] * cover
    return pixels.expand(4, side, side).clone()


def canvas(value=0.2, height=20, width=30):
    return torch.full((3, height, width), value)


def test_what_covers_half_is_half_seen():
    seen = over(layer((1.0, 0.0, 0.5), 0.5), canvas(0.2, 8, 8))
    assert seen[:, 3, 3].tolist() == pytest.approx([0.6, 0.1, 0.35])


@pytest.mark.parametrize(("left", "top"), [(5, 4), (-3, -3), (27, 15), (-100, 0), (0, 100)])
def test_a_layer_is_laid_where_it_is_told_and_cut_at_the_border(left, top):
    laid = canvas()
    laid_on(laid, layer(RED, 1.0), left, top, 8)
    expected = torch.zeros(20, 30, dtype=torch.bool)
    expected[max(0, top) : max(0, top + 8), max(0, left) : max(0, left + 8)] = True
    assert torch.equal((laid != 0.2).any(0), expected)


def test_scaling_leaves_no_fringe():
    disc = layer(RED, 1.0, 32)
    disc *= (torch.arange(32) < 16).float()  # its right half is not there, and black if one did not know
    small = over(scaled(disc, 5, 5), torch.ones(3, 5, 5))
    assert small[0].min() >= RED[0] - 1e-5  # between red and the white behind it, never darker


def test_an_enlarged_outline_is_as_narrow_as_before():
    disc = layer(RED, 1.0, 16) * (torch.arange(16) < 8).float()
    large = scaled(disc, 64, 64)
    sharp = crisp(large, 4)

    def width(cover):
        return int(((cover[32] > 0.05) & (cover[32] < 0.95)).sum())

    assert width(sharp[3]) <= 2 < width(large[3])
    inside = sharp[:3, 32, 8]
    assert inside.tolist() == pytest.approx(RED, abs=1e-4)
    assert (sharp[:3] <= sharp[3]).all()


def test_what_was_not_enlarged_keeps_its_soft_outline():
    soft = layer(RED, 0.3)
    torch.testing.assert_close(crisp(soft, 0.5), soft)


def test_a_tinted_layer_keeps_shade_and_cover():
    grey = layer((1.0, 1.0, 1.0), 0.5) * torch.linspace(0.3, 0.9, 8)
    grey[3] = 0.5
    blue = tinted(grey, BLUE)
    assert torch.equal(blue[3], grey[3])
    assert (blue[2] > blue[0]).all() and (blue[2] > blue[1]).all()
    assert (blue[:3, 0].diff(dim=1) > 0).all()
    assert (blue[:3] <= blue[3]).all()


def test_black_stays_black_under_any_colour():
    assert tinted(layer((0.0, 0.0, 0.0), 1.0), RED)[:3].max() < 0.01


def test_a_veil_is_stretched_over_the_whole_canvas():
    seen = veiled(canvas(1.0), layer((0.0, 0.0, 0.2), 0.75))
    assert seen.shape == (3, 20, 30)
    torch.testing.assert_close(seen[0], torch.full((20, 30), 0.25))


def test_a_shadow_lies_below_what_stands_and_nowhere_else():
    floor = canvas(1.0, 40, 40)
    shaded(floor, 20, 30, 16)
    assert floor[0, 30, 20] < 0.85
    assert floor[0, 5, 20] > 0.99 and floor[0, 30, 1] > 0.99
