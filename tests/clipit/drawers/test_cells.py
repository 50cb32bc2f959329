import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from clipit.drawers.cells import FREE, cell_map, grid, snapped_size
from clipit.drawers.options import SHAPES, PixelOptions
from clipit.settings import MAX_SIDE


@pytest.mark.parametrize(
    ("wanted", "size", "cells"),
    [
        ((150, 150), (160, 160), (40, 40)),
        ((375, 375), (360, 360), (40, 40)),
        ((160, 90), (160, 90), (80, 45)),
        ((640, 360), (640, 360), (80, 45)),
        ((90, 160), (90, 160), (45, 80)),
        ((320, 400), (320, 400), (40, 50)),
        ((800, 200), (800, 200), (100, 25)),
        ((12, 12), (40, 40), (40, 40)),
        ((1024, 1000), (984, 960), (41, 40)),
        ((4096, 4000), (4059, 3960), (41, 40)),
    ],
)
def test_how_many_cells_pictures_have(wanted, size, cells):
    assert snapped_size(*wanted, PixelOptions()) == size
    assert grid(*size, PixelOptions()) == cells


def test_named_cells_are_stretched_to_the_size_and_a_scale_enlarges_them():
    options = PixelOptions(cells=(30, 20), scale=2)
    assert snapped_size(160, 90, options) == (165, 90)
    assert grid(165, 90, options) == (15, 10)


@given(
    st.integers(1, 4096),
    st.integers(1, 4096),
    st.none() | st.tuples(st.integers(1, 512), st.integers(1, 512)),
    st.floats(0.25, 20),
)
@example(4096, 4000, None, 1.0)
@example(1262, 1270, None, 5.0)
@example(1643, 3960, None, 20.0)
@example(16, 3081, None, 20.0)
@example(3941, 3, None, 20.0)
@example(48, 48, (512, 512), 0.25)
def test_only_small_sides_get_longer_and_the_size_is_the_same_asked_again(width, height, cells, scale):
    options = PixelOptions(cells=cells, scale=scale)
    size = snapped_size(width, height, options)
    assert snapped_size(*size, options) == size
    least = [round(count / scale) for count in cells or (0, 0)]  # a pixel a cell
    assert all(1 <= side <= max(wish, FREE, few) for side, wish, few in zip(size, (width, height), least, strict=True))
    assert max(size) <= MAX_SIDE


@given(st.integers(16, 2000), st.integers(16, 2000), st.sampled_from([0.5, 1.0, 2.0]))
def test_cells_are_square_equal_and_whole_and_the_size_about_what_is_wanted(width, height, scale):
    assume(max(width, height) <= 8 * min(width, height))
    options = PixelOptions(scale=scale)
    size = snapped_size(width, height, options)
    columns, rows = grid(*size, options)
    assert size[0] % columns == 0 and size[0] // columns == size[1] / rows
    assert snapped_size(*size, options) == size
    if min(width, height) >= 160:
        assert 0.75 < size[0] / width < 1.34 and 0.75 < size[1] / height < 1.34
        assert 0.5 < columns * rows * scale**2 / min(1600 * max(size) / min(size), 3600) < 2


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_each_cell_about_as_much(shape):
    columns, rows = grid(480, 480, PixelOptions(shape=shape))
    cells = cell_map(480, 480, columns, rows, shape)
    assert cells.shape == (480, 480) and set(cells.ravel()) == set(range(columns * rows))
    sizes = np.bincount(cells.ravel(), minlength=columns * rows).reshape(rows, columns)
    inner = sizes[2:-2, 2:-2]
    square = 480 * 480 / 1600
    assert inner.min() > 0.6 * square and inner.max() < 1.4 * square


@pytest.mark.parametrize("shape", SHAPES)
def test_a_cell_hangs_together(shape):
    columns, rows = grid(480, 480, PixelOptions(shape=shape))
    down, across = np.nonzero(cell_map(480, 480, columns, rows, shape) == (rows // 2) * columns + columns // 2)
    assert np.ptp(down) < 480 / rows * 2.2 and np.ptp(across) < 480 / columns * 2.2


def drawing(shape, width, height, columns, rows):
    """Cells as letters."""
    return ["".join(chr(ord("a") + cell) for cell in row) for row in cell_map(width, height, columns, rows, shape)]


def test_rectangles():
    assert drawing("rect", 6, 4, 3, 2) == ["aabbcc", "aabbcc", "ddeeff", "ddeeff"]


def test_shifted_rectangles_are_half_a_cell_aside_and_the_border_takes_what_is_left():
    assert drawing("rectshift", 8, 2, 2, 2) == ["aaabbbbb", "cccccddd"]


def test_triangles_point_up_and_down_by_turns():
    assert drawing("tri", 12, 4, 3, 1) == ["aabbbbbbbbcc", "aaabbbbbbccc", "aaaabbbbcccc", "aaaaabbccccc"]


def test_diamonds_are_widest_where_their_neighbours_meet():
    cells = cell_map(80, 80, 5, 10, "diamond")
    widths = [(row == 4 * 5 + 2).sum() for row in cells]
    assert max(widths) == 16 and widths[int(4.5 * 8)] == 16 and 0 < widths[4 * 8] < 16


def test_stitches_are_higher_at_their_ends():
    cells = cell_map(40, 80, 1, 4, "knit")
    middle, end = (np.nonzero(cells[:, column] == 2)[0].min() for column in (20, 0))
    assert middle - end == pytest.approx(0.75 * 20, abs=2)
