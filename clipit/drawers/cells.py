"""The cells of pixel art: how many a picture has, and which one each pixel lies in. Shapes are pixray's."""

import math
from collections.abc import Callable

import numpy as np

from clipit.drawers.options import PixelOptions

SQUARE = 40  # cells along a square's side
WIDE = 80 * 45  # cells of a widescreen picture
FREE = 1024  # pixels up to which a side may be longer than wanted

Place = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
"""(down, across), in cells, (H, 1) and (1, W) -> (row, column) of the cell there, whole numbers."""


def _rect(down: np.ndarray, across: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.floor(down), np.floor(across)


def _shift(row: np.ndarray) -> np.ndarray:
    """Every other row is half a cell further right; halved between both, so that no row is longer."""
    return np.where(row % 2 == 0, -0.25, 0.25)


def _rectshift(down: np.ndarray, across: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    row = np.floor(down)
    return row, np.floor(across - _shift(row))


def _nearest(distance: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Place:
    """The nearest centre of shifted rows: one in the row above, or one in the row below."""

    def place(down: np.ndarray, across: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rows = [np.floor(down - 0.5) + below for below in (0, 1)]
        columns = [np.floor(across - _shift(row)) for row in rows]
        far = [distance(down - r - 0.5, across - _shift(r) - c - 0.5) for r, c in zip(rows, columns, strict=True)]
        return np.where(far[0] <= far[1], *rows), np.where(far[0] <= far[1], *columns)

    return place


def _tri(down: np.ndarray, across: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Triangles two columns wide, pointing up where row + column is even; those between point down."""
    row = np.floor(down)
    up = 2 * np.round((across - 0.5 - row % 2) / 2) + row % 2  # column of the nearest that points up
    aside = across - 0.5 - up
    return row, np.where(np.abs(aside) < down - row, up, up + np.where(aside < 0, -1, 1))


def _knit(down: np.ndarray, across: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Stitches: each cell is a V, its middle .3 below its row, its ends .45 above."""
    column = np.floor(across)
    return np.floor(down - 0.3 + 0.75 * 2 * np.abs(across - column - 0.5)), column


_CLOSER = math.sqrt(3) / 2  # than columns stand rows of regular hexagons
_PLACES: dict[str, Place] = {
    "rect": _rect,
    "rectshift": _rectshift,
    "hex": _nearest(lambda down, across: np.hypot(down * _CLOSER, across)),
    "tri": _tri,
    "diamond": _nearest(lambda down, across: np.abs(down) + 2 * np.abs(across)),
    "knit": _knit,
}
# Width of a cell over its height where its shape is a regular one.
_RATIOS = {"rect": 1.0, "rectshift": 1.0, "hex": 1 / _CLOSER, "tri": 1 / math.sqrt(3), "diamond": 2.0, "knit": 1.0}


def snapped_size(width: int, height: int, options: PixelOptions) -> tuple[int, int]:
    """The width and height near to these in which all rectangular cells are equally large and of whole pixels.

    A side is longer than wanted only up to `FREE` pixels, or where that were less than one pixel a cell.
    """
    if options.cells is None and width != height:
        wanted = _side(width, height, options.scale)
        if _divided(width, height, wanted):
            return width, height
        across, down = (max(1, round(length / max(1, round(wanted)))) for length in (width, height))
        side = min(max(1, round(wanted)), max(width, FREE) // across, max(height, FREE) // down)
        width, height = across * side, down * side
        if width != height:
            return width, height
    across, down = _rectangles(width, height, options)
    return _multiple(width, across), _multiple(height, down)


def _divided(width: int, height: int, wanted: float) -> bool:
    """Whether both are multiples of about the wanted length; of one less near to it, where the rows are few."""
    common, shorter = _common_side(width, height, wanted), min(width, height)
    return common == shorter <= wanted or abs(common - wanted) <= 0.5 + wanted / (2 if shorter < 4 * wanted else 8)


def _multiple(length: int, unit: int) -> int:
    """The multiple of the unit that is nearest to the length, if it is not too long."""
    nearest = max(1, round(length / unit)) * unit
    return nearest if nearest <= max(length, FREE) else max(1, length // unit) * unit


def grid(width: int, height: int, options: PixelOptions) -> tuple[int, int]:
    """Columns and rows of a picture of a snapped size: as many cells as rectangles, their shapes regular."""
    across, down = _rectangles(width, height, options)
    wider = 1.0 if options.cells else math.sqrt(_RATIOS[options.shape])
    return max(1, round(across / wider)), max(1, round(down * wider))


def _rectangles(width: int, height: int, options: PixelOptions) -> tuple[int, int]:
    if options.cells or width == height:
        across, down = options.cells or (SQUARE, SQUARE)
        return max(1, round(across / options.scale)), max(1, round(down / options.scale))
    side = _common_side(width, height, _side(width, height, options.scale))
    return width // side, height // side


def _side(width: int, height: int, scale: float) -> float:
    """Of square cells, in pixels: 40 x 40 in a square, 80 x 45 in 16:9 and as many in longer pictures."""
    ratio = max(width, height) / min(width, height)
    cells = min(SQUARE**2 * ratio ** (math.log(WIDE / SQUARE**2) / math.log(16 / 9)), WIDE)
    return scale * math.sqrt(width * height / cells)


def _common_side(width: int, height: int, wanted: float) -> int:
    """The length nearest to the wanted one of which both sides are multiples."""
    common = math.gcd(width, height)
    return min((side for side in range(1, common + 1) if common % side == 0), key=lambda side: abs(side - wanted))


def cell_map(width: int, height: int, columns: int, rows: int, shape: str) -> np.ndarray:
    """The cell, counted row by row, of every pixel, (H, W); one at the border takes what lies beyond it too."""
    down, across = (np.arange(height) + 0.5) / height * rows, (np.arange(width) + 0.5) / width * columns
    row, column = np.broadcast_arrays(*_PLACES[shape](down[:, None], across[None]))
    return (row.clip(0, rows - 1) * columns + column.clip(0, columns - 1)).astype(np.int64)
