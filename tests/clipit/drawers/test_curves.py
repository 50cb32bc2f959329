import pytest
import torch

from clipit.drawers.curves import paint


def strokes(batch=1, count=6, width=37, height=29, most=3, widths=(1.0, 9.0), seed=0, dtype=torch.float64):
    """Wild curves, some of them partly outside: points, segments, widths, colours."""
    generator = torch.Generator().manual_seed(seed)
    begin = torch.rand((batch, count, 1, 2), generator=generator, dtype=dtype) * 1.2 - 0.1
    steps = 0.6 * torch.rand((batch, count, 3 * most, 2), generator=generator, dtype=dtype) - 0.3
    points = torch.cat([begin, begin + steps.cumsum(2) / 2], 2) * torch.tensor([width, height])
    segments = torch.randint(1, most + 1, (batch, count), generator=generator)
    low, high = widths
    broad = low + (high - low) * torch.rand((batch, count), generator=generator, dtype=dtype)
    return points, segments, broad, torch.rand((batch, count, 4), generator=generator, dtype=dtype)


def point_by_point(points, segments, widths, colours, width, height, ground):
    """The definition: the distance to 400 points of every segment, one stroke after the other."""
    x, y = torch.meshgrid(torch.arange(width) + 0.5, torch.arange(height) + 0.5, indexing="xy")
    pixels = torch.stack([x, y], -1).reshape(-1, 2).to(points)
    t = torch.linspace(0, 1, 400, dtype=points.dtype)[:, None]
    pictures = []
    for each in zip(points, segments, widths, colours, strict=True):
        seen = ground.expand(height * width, 3)
        for path, count, broad, colour in zip(*each, strict=True):
            curves = [path[3 * k : 3 * k + 4] for k in range(count)]
            line = torch.cat([
                (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d for a, b, c, d in curves
            ])  # fmt: skip
            coverage = (broad / 2 + 0.5 - torch.cdist(pixels, line).amin(1)).clamp(0, 1)
            seen = seen + (coverage * colour[3])[:, None] * (colour[:3] - seen)
        pictures.append(seen.T.reshape(3, height, width))
    return torch.stack(pictures)


@pytest.mark.parametrize("widths", [(1.0, 3.0), (5.0, 30.0)])
@pytest.mark.parametrize("most", [1, 3])
def test_it_paints_what_the_definition_says(widths, most):
    scene = strokes(batch=2, count=12, widths=widths, most=most)
    ours = paint(*scene, 37, 29)
    theirs = point_by_point(*scene, 37, 29, torch.ones(3, dtype=torch.float64))
    assert ours.shape == (2, 3, 29, 37)
    assert (ours - theirs).abs().max() < 0.12  # pieces lie at most an eighth of a pixel inside of a curve
    assert (ours - theirs).abs().mean() < 0.005


def test_straight_strokes_are_exact():
    points, segments, widths, colours = strokes(count=9, most=1)
    thirds = torch.linspace(0, 1, 4, dtype=points.dtype)[:, None]
    straight = points[:, :, :1] + thirds * (points[:, :, 3:] - points[:, :, :1])
    ours = paint(straight, segments, widths, colours, 37, 29)
    theirs = point_by_point(straight, segments, widths, colours, 37, 29, torch.ones(3, dtype=torch.float64))
    assert (ours - theirs).abs().max() < 0.002  # the definition above takes 400 points


@pytest.mark.parametrize("seed", range(2))
def test_the_gradient_is_that_of_finite_differences(seed):
    points, segments, widths, colours = strokes(count=4, width=15, height=13, most=2, seed=seed, widths=(1.5, 6.0))
    colours[:, 2, 3] = 1  # nothing shines through
    colours[:, 1, 3] = 0
    weights = torch.rand((3, 13, 15), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)

    def loss(points, widths, colours):
        return (paint(points, segments, widths, colours, 15, 13) * weights).sum()

    inputs = [values.requires_grad_() for values in (points, widths, colours)]
    assert torch.autograd.gradcheck(loss, inputs, atol=1e-5)


def test_an_opaque_stroke_hides_what_lies_below_it_and_what_is_hidden_has_no_gradient():
    line = torch.tensor([[0.0, 8.0], [5.0, 8.0], [10.0, 8.0], [16.0, 8.0]])
    points = line.expand(1, 2, 4, 2).clone().requires_grad_()
    widths = torch.tensor([[4.0, 8.0]], requires_grad=True)
    colours = torch.tensor([[[1.0, 0, 0, 1], [0, 0, 1, 1]]], requires_grad=True)
    picture = paint(points, torch.ones(1, 2, dtype=torch.long), widths, colours, 16, 16)
    picture[..., 8, 8].square().sum().backward()
    assert picture[0, :, 8, 8].tolist() == [0, 0, 1]
    assert not colours.grad[0, 0].any()
    assert colours.grad[0, 1].any()
    picture = paint(points, torch.ones(1, 2, dtype=torch.long), widths, colours, 16, 16)
    picture.square().sum().backward()
    assert not points.grad[0, 0].any()
    assert not widths.grad[0, 0].any()
    assert points.grad[0, 1].any()
    assert widths.grad[0, 1].any()


def test_a_stroke_that_does_not_move_is_a_disc():
    points = torch.full((1, 1, 10, 2), 10.0)
    black = torch.tensor([[[0.0, 0, 0, 1]]])
    picture = paint(points, torch.tensor([[3]]), torch.tensor([[8.0]]), black, 20, 20)
    area = (1 - picture[0, 0]).sum()
    assert float(area) == pytest.approx(torch.pi * 4**2, rel=0.02)
    assert torch.equal(picture, picture.flip(2))
    assert torch.equal(picture, picture.flip(3))


def test_segments_that_do_not_count_are_neither_seen_nor_moved():
    points, _, widths, colours = strokes(count=3)
    segments = torch.ones(1, 3, dtype=torch.long)
    points.requires_grad_()
    picture = paint(points, segments, widths, colours, 37, 29)
    picture.square().sum().backward()
    assert torch.equal(picture, paint(points[:, :, :4], segments, widths, colours, 37, 29))
    assert points.grad[:, :, :4].any()
    assert not points.grad[:, :, 4:].any()


def test_strokes_outside_leave_the_ground_as_it_is_and_stay_where_they_are():
    points, segments, widths, colours = strokes(count=3)
    points = (points - 500).requires_grad_()
    ground = torch.rand(1, 3, 29, 37, dtype=torch.float64)
    picture = paint(points, segments, widths, colours, 37, 29, ground)
    picture.sum().backward()
    assert torch.equal(picture, ground)
    assert not points.grad.any()


def test_painting_in_two_goes_is_painting_in_one():
    scene = strokes(count=8)
    below = paint(*(values[:, :5] for values in scene), 37, 29)
    both = paint(*(values[:, 5:] for values in scene), 37, 29, below)
    assert torch.allclose(both, paint(*scene, 37, 29), atol=1e-9)


def test_pictures_of_a_batch_do_not_know_each_other():
    scene = strokes(batch=3)
    alone = [paint(*(values[index : index + 1] for values in scene), 37, 29) for index in range(3)]
    assert torch.equal(paint(*scene, 37, 29), torch.cat(alone))


def test_pictures_and_gradients_are_the_same_every_time():
    scene = strokes(batch=2, count=200, width=90, height=70, dtype=torch.float32)

    def twice():
        points, segments, widths, colours = (values.clone() for values in scene)
        inputs = [values.requires_grad_() for values in (points, widths, colours)]
        picture = paint(points, segments, widths, colours, 90, 70)
        picture.square().mean().backward()
        return [picture, *(values.grad for values in inputs)]

    assert all(torch.equal(one, other) for one, other in zip(twice(), twice(), strict=True))
