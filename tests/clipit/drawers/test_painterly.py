import pytest
import torch

from clipit.drawers.curves import paint
from clipit.drawers.painterly import paint_over


def generators(*seeds):
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def striped(width=80, height=60):
    """Broad horizontal stripes, red and blue."""
    picture = torch.zeros(1, 3, height, width)
    red = torch.arange(height) // 15 % 2 == 0
    picture[:, 0, red] = 0.9
    picture[:, 2, ~red] = 0.9
    return picture


def painted(picture, count, seed=1, widest=6.0):
    strokes = paint_over(picture, count, 3, widest, generators(seed))
    return paint(*strokes, picture.shape[3], picture.shape[2])


def test_more_strokes_come_closer_to_the_picture():
    picture = striped()
    errors = [float((painted(picture, count) - picture).square().mean().sqrt()) for count in (20, 200, 1000)]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 0.12


def test_broad_strokes_lie_below_fine_ones():
    strokes = paint_over(striped(), 400, 3, 6.0, generators(1))
    lowest, uppermost = strokes.widths[0, :40], strokes.widths[0, -160:]
    assert lowest.min() > uppermost.max()
    assert strokes.widths.max() <= 1.25 * 6
    assert strokes.widths.min() >= 0.75


def test_a_few_strokes_are_all_broad():
    strokes = paint_over(striped(), 12, 3, 6.0, generators(1))
    assert strokes.widths.shape == (1, 12)
    assert strokes.widths.min() > 4


def test_strokes_run_along_the_edges():
    for picture, along in ((striped(), 0), (striped().transpose(2, 3), 1)):
        strokes = paint_over(picture, 300, 3, 6.0, generators(1))
        steps = strokes.points.diff(dim=2).abs().sum((0, 1, 2))
        assert steps[along] > 4 * steps[1 - along]


def test_most_of_the_fine_strokes_go_where_something_is():
    picture = torch.full((1, 3, 60, 60), 0.8)
    picture[:, :, 20:40, 20:40] = 0.1
    strokes = paint_over(picture, 400, 3, 6.0, generators(1))
    near = ((strokes.points[0, -160:, 0] - 30).abs() < 16).all(1)  # 28 % of the picture
    assert near.float().mean() > 0.6


@pytest.mark.parametrize("most", [1, 2, 3])
def test_strokes_have_one_to_as_many_segments_as_allowed(most):
    strokes = paint_over(striped(), 100, most, 6.0, generators(1))
    assert strokes.points.shape == (1, 100, 3 * most + 1, 2)
    assert strokes.segments.unique().tolist() == list(range(1, most + 1))


@pytest.mark.parametrize(("width", "height"), [(1, 1), (3, 40), (64, 5)])
@pytest.mark.parametrize("count", [1, 7, 300])
def test_any_number_of_strokes_paints_a_picture_of_any_size(width, height, count):
    strokes = paint_over(torch.full((1, 3, height, width), 0.5), count, 3, max(1.0, height / 10), generators(1))
    assert strokes.widths.shape == (1, count)
    assert all(values.isfinite().all() for values in strokes)
    assert 0 <= strokes.colours.min() <= strokes.colours.max() <= 1


def test_the_generator_decides_the_painting_and_pictures_do_not_know_each_other():
    pictures = torch.cat([striped(), striped(), 1 - striped()])
    batch = paint_over(pictures, 100, 3, 6.0, generators(1, 1, 2))
    alone = paint_over(pictures[2:], 100, 3, 6.0, generators(2))
    for values, single in zip(batch, alone, strict=True):
        assert torch.equal(values[0], values[1])
        assert torch.allclose(values[2].float(), single[0].float(), atol=1e-3)
    assert not torch.equal(batch.points[0], paint_over(pictures[:1], 100, 3, 6.0, generators(2)).points[0])
