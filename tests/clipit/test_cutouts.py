from itertools import combinations

import pytest
import torch
import torch.nn.functional as F

from clipit.cutouts import cutouts, pool, random_homographies

SHAPES = [(24, 24), (24, 40), (40, 24)]  # height, width


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("shape", [*SHAPES, (10, 10), (7, 90)])
def test_views_are_squares_of_the_resolution(shape):
    assert cutouts(torch.rand(2, 3, *shape), 16, 5, [generator(1), generator(2)]).shape == (10, 3, 16, 16)


def test_light_and_noise_apart_a_constant_picture_stays_constant():
    colour = torch.tensor([0.2, 0.5, 0.9]).view(1, 3, 1, 1)
    coloured, black = (cutouts(picture.expand(1, 3, 24, 40), 16, 8, [generator()]) for picture in (colour, colour * 0))
    light = (coloured - black) / colour  # the noise is in both
    torch.testing.assert_close(light, light[..., :1, :1].expand_as(light))
    assert light.min() >= 0.9 and light.max() <= 1.1


def test_the_generators_decide_everything():
    picture = torch.rand(1, 3, 24, 24)
    first, again, other = (cutouts(picture, 16, 4, [generator(seed)]) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.allclose(first, other)


def test_the_views_of_one_picture_differ():
    views = cutouts(torch.rand(1, 3, 24, 24), 16, 4, [generator()])
    assert not any(torch.allclose(one, other) for one, other in combinations(views, 2))


def test_all_views_at_once_are_those_made_one_by_one():
    picture = torch.rand(1, 3, 16, 28)
    together = cutouts(picture, 16, 4, [generator()]) - cutouts(picture * 0, 16, 4, [generator()])  # without noise
    source = generator()
    matrices = random_homographies(4, 28 / 16, source)
    light = torch.rand((4, 3, 1, 1), generator=source) * 0.2 + 0.9
    y, x = torch.meshgrid(*[torch.linspace(-1, 1, 16)] * 2, indexing="ij")
    for view, matrix, gain in zip(together, matrices, light, strict=True):
        u, v, w = (row[0] * x + row[1] * y + row[2] for row in matrix)
        grid = torch.stack([u / w, v / w], -1)[None]
        expected = F.grid_sample(picture, grid, padding_mode="reflection", align_corners=False)[0] * gain
        torch.testing.assert_close(view, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_pixel_is_seen(shape):
    pictures = torch.rand(1, 3, *shape, requires_grad=True)
    for step in range(4):
        views = cutouts(pictures, 16, 32, [generator(step)])
        (views * torch.randn(views.shape, generator=generator(9))).sum().backward()
    assert (pictures.grad != 0).all()


def test_a_batch_of_two_equals_each_alone():
    pictures = torch.rand(2, 3, 24, 40)
    together = cutouts(pictures, 16, 4, [generator(1), generator(2)])
    alone = [cutouts(pictures[[i]], 16, 4, [generator(i + 1)]) for i in range(2)]
    torch.testing.assert_close(together, torch.cat(alone))


@pytest.mark.parametrize("aspect", [0.5, 1.0, 3.0])
def test_views_cover_as_many_pixels_across_as_down(aspect):
    matrices = random_homographies(16, aspect, generator())
    pixels = matrices[:, :2, :2] * torch.tensor([aspect, 1.0])[:, None]  # the picture is aspect x 1
    torch.testing.assert_close(pixels[:, :, 0].norm(dim=1), pixels[:, :, 1].norm(dim=1))
    assert ((pixels[:, :, 0] * pixels[:, :, 1]).sum(1).abs() < 1e-5).all()


@pytest.mark.parametrize(
    ("shape", "pooled"), [((64, 96), (16, 24)), ((96, 64), (24, 16)), ((16, 40), (16, 40)), ((8, 8), (8, 8))]
)
def test_pooling_shrinks_the_short_side_to_the_resolution_and_enlarges_nothing(shape, pooled):
    assert pool(torch.rand(1, 3, *shape), 16).shape == (1, 3, *pooled)
