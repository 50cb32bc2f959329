from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from clipit.cutouts import Part, Views, clipit_views, gentle_views, pool, random_homographies

SHAPES = [(24, 24), (24, 40), (40, 24)]  # height, width
ASPECTS = [16 / 9, 1.0, 4 / 5]


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def gentle(count, generators, shape=(24, 24), overviews=0.75, detail=0.0, resolution=16):
    return gentle_views(count, resolution, shape[1] / shape[0], generators, overviews, detail)


def clipit(count, generators, shape=(24, 24), drawn_out=False, resolution=16):
    return clipit_views(count, resolution, shape[1] / shape[0], generators, drawn_out)


def plain(views):
    """The same geometry without noise and change of colour."""
    return replace(views, noise=views.noise * 0, colours=torch.eye(3).expand_as(views.colours))


KINDS = pytest.mark.parametrize("kind", [gentle, clipit])


# --- what all views have in common ------------------------------------------------------------------------------------


@KINDS
@pytest.mark.parametrize("shape", [*SHAPES, (10, 10), (7, 90)])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_views_are_squares_of_the_resolution(kind, shape, count):
    views = kind(count, [generator(1), generator(2)], shape)
    assert views(torch.rand(2, 3, *shape)).shape == (2 * count, 3, 16, 16)
    assert sum(part.count for part in views.parts) == count


@KINDS
def test_the_generators_decide_everything(kind):
    picture = torch.rand(1, 3, 24, 24)
    first, again, other = (kind(6, [generator(seed)])(picture) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.allclose(first, other)


@KINDS
def test_the_views_of_one_picture_differ(kind):
    views = kind(6, [generator()])(torch.rand(1, 3, 24, 24))
    assert not any(torch.allclose(one, other) for one, other in combinations(views, 2))


@KINDS
def test_a_batch_of_two_equals_each_alone(kind):
    pictures = torch.rand(2, 3, 24, 40)
    together = kind(5, [generator(1), generator(2)], (24, 40))(pictures)
    alone = [kind(5, [generator(i + 1)], (24, 40))(pictures[[i]]) for i in range(2)]
    torch.testing.assert_close(together, torch.cat(alone))


@KINDS
def test_two_pictures_are_looked_at_alike(kind):
    """Twice the same, and views are linear but for the pooling: what one lacks the other shows in the same place."""
    views = plain(kind(6, [generator()]))
    picture = torch.rand(1, 3, 16, 16)  # as large as the views: nothing is pooled
    torch.testing.assert_close(views(picture), views(picture))
    ones = views(torch.ones_like(picture))  # 0 only outside of a wide view
    torch.testing.assert_close(views(picture) + views(1 - picture), ones, atol=1e-5, rtol=1e-5)


@KINDS
def test_views_are_differentiable_and_every_pixel_is_seen(kind):
    for shape in SHAPES:
        pictures = torch.rand(1, 3, *shape, requires_grad=True)
        for step in range(4):
            views = kind(32, [generator(step)], shape)(pictures)
            (views * torch.randn(views.shape, generator=generator(9))).sum().backward()
        assert (pictures.grad != 0).all()


@KINDS
def test_noise_is_of_another_strength_in_each_view(kind):
    strengths = kind(64, [generator()]).noise[0].flatten(1).std(1)
    assert strengths.min() < 0.02 and 0.08 < strengths.max() < 0.11


@KINDS
def test_views_move_to_a_device_as_a_whole(kind):
    views = kind(2, [generator()])
    moved = views.to(torch.device("cpu"))
    assert (moved.resolution, moved.parts) == (views.resolution, views.parts)
    assert torch.equal(moved.matrices, views.matrices)
    there = views.to(torch.device("meta"))
    assert {there.matrices.device.type, there.colours.device.type, there.noise.device.type} == {"meta"}


@pytest.mark.parametrize(
    ("shape", "level", "pooled"),
    [
        ((64, 96), 1, (16, 24)), ((96, 64), 1, (24, 16)), ((16, 40), 1, (16, 40)), ((8, 8), 1, (8, 8)),
        ((64, 96), 2, (32, 48)), ((20, 30), 2, (20, 30)), ((64, 96), 0, (16, 16)), ((8, 40), 0, (16, 16)),
    ],
)  # fmt: skip
def test_pooling_shrinks_to_its_level_and_enlarges_nothing_that_is_not_squeezed(shape, level, pooled):
    assert pool(torch.rand(1, 3, *shape), 16, level).shape == (1, 3, *pooled)


def test_pooling_is_half_the_mean_and_half_the_maximum():
    picture = torch.tensor([[0.0, 1.0], [0.0, 0.0]]).repeat(16, 16).expand(1, 3, 32, 32)
    torch.testing.assert_close(pool(picture, 16), torch.full((1, 3, 16, 16), 0.625))


# --- ours -------------------------------------------------------------------------------------------------------------


def test_light_and_noise_apart_a_constant_picture_stays_constant():
    colour = torch.tensor([0.2, 0.5, 0.9]).view(1, 3, 1, 1)
    views = gentle(8, [generator()], (24, 40))
    coloured, black = (views(picture.expand(1, 3, 24, 40)) for picture in (colour, colour * 0))
    light = (coloured - black) / colour  # the noise is in both
    torch.testing.assert_close(light, light[..., :1, :1].expand_as(light))
    assert light.min() >= 0.9 and light.max() <= 1.1


def test_gentle_views_are_what_they_were_when_there_was_no_other_kind():
    """The first release's: three in four overviews, one warp, light, noise, each drawn in this order."""
    picture, source = torch.rand(1, 3, 16, 28), generator()
    together = gentle(8, [generator()], (16, 28))(picture)

    def uniform(shape, low, high):
        return torch.rand(shape, generator=source) * (high - low) + low

    overview, aspect = torch.arange(8) < 6, 28 / 16
    reach = torch.where(overview, uniform((8,), 0.85, 1.1), uniform((8,), 0.45, 0.85))
    angle = uniform((8,), -0.15, 0.15)
    sides = torch.stack([reach / aspect, reach], 1)
    loose = torch.where(overview, 0.5, 1.0)[:, None]
    shift = (1 - sides).clamp(min=0) * loose * uniform((8, 2), -1, 1) + uniform((8, 2), -0.08, 0.08)
    tilt = uniform((8, 2), -0.1, 0.1)
    light = uniform((8, 3, 1, 1), 0.9, 1.1)
    noise = torch.randn((8, 3, 16, 16), generator=source) * uniform((8, 1, 1, 1), 0, 0.1)

    y, x = torch.meshgrid(*[torch.linspace(-1, 1, 16)] * 2, indexing="ij")
    for i in range(8):
        depth = tilt[i, 0] * x + tilt[i, 1] * y + 1
        across = sides[i, 0] * (angle[i].cos() * x - angle[i].sin() * y) + shift[i, 0]
        down = sides[i, 1] * (angle[i].sin() * x + angle[i].cos() * y) + shift[i, 1]
        grid = torch.stack([across / depth, down / depth], -1)[None]
        expected = F.grid_sample(picture, grid, padding_mode="reflection", align_corners=False)[0] * light[i] + noise[i]
        torch.testing.assert_close(together[i], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("aspect", [0.5, 1.0, 3.0])
def test_views_cover_as_many_pixels_across_as_down(aspect):
    matrices = random_homographies(16, aspect, generator(), 12)
    pixels = matrices[:, :2, :2] * torch.tensor([aspect, 1.0])[:, None]  # the picture is aspect x 1
    torch.testing.assert_close(pixels[:, :, 0].norm(dim=1), pixels[:, :, 1].norm(dim=1))
    assert ((pixels[:, :, 0] * pixels[:, :, 1]).sum(1).abs() < 1e-5).all()


@pytest.mark.parametrize(("overviews", "count"), [(0.0, 0), (0.25, 16), (0.75, 48), (1.0, 64)])
def test_a_share_of_the_views_shows_nearly_all(overviews, count):
    matrices = gentle(64, [generator()], overviews=overviews).matrices[0]
    reach = matrices[:, :2, 0].norm(dim=1)
    assert (reach[:count] >= 0.85).all() and (reach[:count] <= 1.1).all()
    assert (reach[count:] < 0.85).all() and (reach[count:] >= 0.45).all()


def checkerboard(side, block):
    line = torch.arange(side) // block % 2
    return (line[:, None] ^ line).float().expand(1, 3, side, side)


@pytest.mark.parametrize(
    ("overviews", "detail", "seeing"), [(0.0, 0.0, 0), (0.0, 1.0, 8), (0.0, 0.5, 4), (0.5, 1.0, 4), (1.0, 1.0, 0)]
)
def test_views_of_detail_see_pixels_that_pooling_blurs(overviews, detail, seeing):
    """Blocks of two pixels of 64: grey at 16 pixels a side, black and white at 32."""
    views = plain(gentle(8, [generator()], overviews=overviews, detail=detail))(checkerboard(64, 2))
    contrast = views.flatten(1).std(1)
    assert (contrast > 0.05).tolist() == [False] * (8 - seeing) + [True] * seeing
    assert (contrast[: 8 - seeing] < 1e-3).all()


def test_detail_changes_nothing_but_what_the_close_views_read():
    picture = torch.rand(1, 3, 64, 64)
    with_detail, without = (gentle(8, [generator()], overviews=0.5, detail=detail) for detail in (1.0, 0.0))
    assert torch.equal(with_detail.matrices, without.matrices) and torch.equal(with_detail.noise, without.noise)
    assert torch.equal(with_detail(picture)[:4], without(picture)[:4])
    assert with_detail.parts == (Part(4, 1, "reflection"), Part(4, 2, "reflection"))


# --- clipit's ---------------------------------------------------------------------------------------------------------


def corners(matrices):
    """Where matrices put the corners of the square, (N, 4, 2)."""
    square = torch.tensor([[-1.0, -1, 1], [1, -1, 1], [1, 1, 1], [-1, 1, 1]])
    points = torch.einsum("nij,kj->nki", matrices, square)
    return points[..., :2] / points[..., 2:]


def is_askew(matrices):
    return (matrices[:, 2, :2].abs() > 1e-6).any(1)


def solved(sources, targets):
    """The homography that maps four points onto four, by a null space."""
    rows = []
    for (x, y), (u, v) in zip(sources, targets, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y, -u], [0, 0, 0, x, y, 1, -v * x, -v * y, -v]]
    return np.linalg.svd(np.array(rows))[2][-1].reshape(3, 3)


def kornia(matrix, side):
    """A 3 x 3 matrix on pixels of a square view, from where the corners go."""
    return lambda points: (lambda p: p[:, :2] / p[:, 2:])(np.c_[points, np.ones(len(points))] @ matrix.T)


def perspective(inwards, applied, distortion, side):
    """kornia's RandomPerspective: each corner moves inwards by a random part of `distortion` of half the side."""
    start = np.array([[0, 0], [side, 0], [side, side], [0, side]], float)
    towards = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])
    end = start + towards * distortion * side / 2 * inwards * applied
    return kornia(solved(start, end), side)


class Draws:
    """The same random numbers in the same order, in 0..1."""

    def __init__(self, seed):
        self._generator = generator(seed)

    def __call__(self, *shape):
        return torch.rand(shape, generator=self._generator).double().numpy()


def original_chain(count, aspect, seed, side=100.0):
    """Where clipit's chain of kornia's augmentations puts points of its picture, in pixels: one function per view.

    It pools to a square, draws it out to `aspect` and works on a canvas whose shorter side is the view's.
    """
    width, height = side * max(1, aspect), side * max(1, 1 / aspect)
    draw, zoomed, views = Draws(seed), int(2 * count / 3), []

    place, inwards, askew = draw(zoomed, 2), draw(zoomed, 4, 2), draw(zoomed, 1, 1) < 0.7
    area, ratio, cropped, spot = draw(zoomed), draw(zoomed), draw(zoomed) < 0.7, draw(zoomed, 2)
    for i in range(zoomed):
        corner = place[i] * [width - side, height - side]  # RandomCrop
        warp = perspective(inwards[i] * 1.0, askew[i], 0.4, side)
        size = side * np.sqrt((0.1 + 0.65 * area[i]) * (0.85 * (1.2 / 0.85) ** ratio[i]) ** np.array([1, -1]))
        size = size if cropped[i] else np.array([side, side])
        origin = spot[i] * (side - size)  # RandomResizedCrop
        views.append(lambda p, c=corner, w=warp, o=origin, s=size: (w(p - c) - o) * side / s)

    wide = count - zoomed
    least = 0.95 if aspect == 1 else min(aspect, 1 / aspect)  # n_s
    drift_room = (1 - least) / 2  # n_t, of the side along which it moves
    sizes = np.full(wide, least) if aspect == 1 else least * (0.9 + 0.1 * draw(wide))
    drift, inwards, askew = 1 - 2 * draw(wide, 2), draw(wide, 4, 2), draw(wide, 1, 1) < 0.7
    for i in range(wide):
        middle = np.array([width, height]) / 2
        moved = drift[i] * drift_room * [width * (aspect <= 1), height * (aspect >= 1)]  # RandomAffine
        crop = (np.array([width, height]) - side) / 2  # CenterCrop
        warp = perspective(inwards[i], askew[i], 0.2, side)
        views.append(lambda p, s=sizes[i], m=moved, c=crop, w=warp, o=middle: w(o + s * (p - o) + m - c))
    return views, np.array([width, height])


@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize("seed", [0, 1])
def test_clipits_views_are_those_of_the_original_chain(aspect, seed):
    count, side = 12, 100.0
    matrices = clipit_views(count, 16, aspect, [generator(seed)], False).matrices[0].double().numpy()
    views, canvas = original_chain(count, aspect, seed, side)
    square = np.array([[-0.5, -0.7], [0.6, -0.8], [0.9, 0.4], [-0.3, 0.8], [0, 0]])
    for matrix, view in zip(matrices, views, strict=True):
        seen = kornia(matrix, 2)(square)  # of the picture's square, as far as the view reaches
        pixels = view((seen + 1) / 2 * canvas)
        np.testing.assert_allclose(pixels, (square + 1) / 2 * side, atol=0.01)


@pytest.mark.parametrize("aspect", ASPECTS)
def test_wide_views_show_the_whole_picture(aspect):
    matrices = clipit_views(300, 16, aspect, [generator()], False).matrices[0, 200:]
    assert corners(torch.linalg.inv(matrices)).abs().max() <= 1 + 1e-5
    straight = corners(matrices[~is_askew(matrices)]).abs().amax(1)
    longer, shorter = (0, 1) if aspect >= 1 else (1, 0)
    assert (straight[:, longer] <= (1 / 0.9 if aspect != 1 else 1 / 0.95 + 0.06)).all()
    assert (straight[:, shorter] >= 1).all()


@pytest.mark.parametrize("aspect", ASPECTS)
def test_zoom_windows_lie_within_the_picture(aspect):
    matrices = clipit_views(300, 16, aspect, [generator()], False).matrices[0, :200]
    straight = matrices[~is_askew(matrices)]
    assert 30 < len(straight) < 90  # three in ten
    assert corners(straight).abs().max() <= 1 + 1e-5
    across, down = straight[:, 0, 0] / min(1, 1 / aspect), straight[:, 1, 1] / min(1, aspect)
    whole = (across > 0.999) & (down > 0.999)
    assert 5 < whole.sum() < len(straight) / 2
    assert (((across * down)[~whole] >= 0.1) & ((across * down)[~whole] <= 0.751)).all()
    assert (((across / down) >= 0.849) & ((across / down) <= 1.201)).all()


@pytest.mark.parametrize(("drawn_out", "padding"), [(False, "reflection"), (True, "border")])
def test_the_outside_of_zoomed_views_changes_with_the_parity_of_the_step(drawn_out, padding):
    assert clipit(9, [generator()], drawn_out=drawn_out).parts == (Part(6, 0, padding), Part(3, 0, "zeros"))


def test_the_outside_of_wide_views_is_black_and_of_zoomed_ones_is_not():
    views = plain(clipit(90, [generator()], (24, 40)))(torch.ones(1, 3, 24, 40))
    assert views[:60].min() > 0.999
    assert (views[60:].flatten(1).min(1).values < 1e-6).all()


@pytest.mark.parametrize("shape", SHAPES)
def test_clipits_shapes_are_fixed(shape):
    counts = {
        tuple(part.count for part in clipit(10, [generator(step)], shape, drawn_out=step % 2 == 1).parts)
        for step in range(6)
    }
    assert counts == {(6, 4)}


def test_a_turn_of_the_hue_leaves_the_luminance():
    colours = clipit(200, [generator()]).colours[0]
    luminance = torch.tensor([0.299, 0.587, 0.114])
    torch.testing.assert_close(luminance @ colours, luminance.expand(200, 3), rtol=0, atol=1e-3)
    grey = torch.ones(3)
    torch.testing.assert_close(colours @ grey, grey.expand(200, 3), rtol=0, atol=5e-3)
    unchanged = (colours - torch.eye(3)).abs().amax((1, 2)) < 1e-5
    assert 15 < unchanged.sum() < 70  # one in five


def test_the_hue_turns_by_a_tenth_at_most_and_the_saturation_changes_by_as_much():
    yiq = torch.tensor(((0.299, 0.587, 0.114), (0.596, -0.274, -0.322), (0.211, -0.523, 0.312)))
    turns = (yiq @ clipit(200, [generator()]).colours[0] @ torch.linalg.inv(yiq))[:, 1:, 1:]
    angle = torch.atan2(turns[:, 1, 0], turns[:, 0, 0]) / (2 * torch.pi)
    stretch = turns[:, :, 0].norm(dim=1)
    assert 0.08 < angle.abs().max() <= 0.1001
    assert 0.899 <= stretch.min() < 0.93 and 1.07 < stretch.max() <= 1.101


def test_colours_are_products():
    red = torch.zeros(1, 3, 8, 8)
    red[:, 0] = 1
    swap = torch.tensor([[0.0, 1, 0], [1, 0, 0], [0, 0, 1]]).expand(1, 1, 3, 3)
    views = Views(8, (Part(1, 1, "border"),), torch.eye(3)[None, None], swap, torch.zeros(1, 1, 3, 8, 8))
    assert torch.equal(views(red)[0, :, 0, 0], torch.tensor([0.0, 1, 0]))
