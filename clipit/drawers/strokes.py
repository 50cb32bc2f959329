"""The drawer `strokes`: a painting of curved brush strokes, moved one by one (CLIPDraw).

Frans et al., "CLIPDraw: Exploring text-to-drawing synthesis through language-image encoders"
(https://arxiv.org/abs/2106.14843). Here the strokes begin as a painting of the start picture; CLIPDraw's lie at random.
"""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from clipit.drawers.curves import paint
from clipit.drawers.options import StrokesOptions
from clipit.drawers.painterly import Strokes, paint_over
from clipit.palettes import hexadecimal

SIDE = 224  # pixels; CLIPDraw's canvas, for which its steps were chosen
STEPS = {"points": 1.0, "widths": 0.1, "colours": 0.01}  # CLIPDraw's; the first two in pixels
WIDEST = 0.1  # of the height; CLIPDraw's
SKETCHED = 256 * 256  # pixels; larger pictures are painted small and the strokes enlarged


def _begin(start: Tensor, options: StrokesOptions, generators: Sequence[torch.Generator]) -> Strokes:
    height, width = start.shape[2:]
    shrink = min(1.0, math.sqrt(SKETCHED / (height * width)))
    small = (max(1, round(height * shrink)), max(1, round(width * shrink)))
    pictures = start if shrink == 1 else F.interpolate(start, small, mode="bilinear", antialias=True)
    strokes = paint_over(pictures, options.strokes, options.segments, max(1.0, WIDEST * small[0]), generators)
    enlarge = start.new_tensor([width / small[1], height / small[0]])
    return strokes._replace(points=strokes.points * enlarge, widths=strokes.widths * enlarge[1])


class StrokesDrawer:
    """Paints with strokes, in order, on a ground of the start picture's mean colour. Any size."""

    Options = StrokesOptions
    rate = 0.25  # of CLIPDraw's steps, which begin from nothing and have a painting to undo here

    def __init__(
        self,
        start: Tensor,
        options: StrokesOptions,
        generators: Sequence[torch.Generator],
        model: nn.Module | None = None,
    ) -> None:
        self._height, self._width = start.shape[2:]
        self._strokes = _begin(start, options, generators)
        self._ground = start.mean((2, 3), keepdim=True)  # B, 3, 1, 1: a gap in the paint is no glaring white
        self.constrain()
        for values in (self._strokes.points, self._strokes.widths, self._strokes.colours):
            values.requires_grad_()

    @staticmethod
    def size(width: int, height: int, options: StrokesOptions, model: nn.Module | None = None) -> tuple[int, int]:
        return width, height

    @property
    def tensors(self) -> dict[str, Tensor]:
        return {**self._strokes._asdict(), "ground": self._ground}

    def groups(self, rate: float) -> list[dict[str, object]]:
        """Points, widths, colours."""
        pixels = min(self._width, self._height) / SIDE
        scales = {"points": pixels, "widths": pixels, "colours": 1.0}
        return [{"params": [self.tensors[name]], "lr": rate * STEPS[name] * scale} for name, scale in scales.items()]

    def image(self) -> Tensor:
        return paint(*self._strokes, self._width, self._height, self._ground)

    @torch.no_grad()
    def constrain(self) -> None:
        size = self._strokes.points.new_tensor([self._width, self._height])
        self._strokes.points.copy_(self._strokes.points.maximum(-size).minimum(2 * size))  # none is lost far outside
        self._strokes.widths.clamp_(1.0, max(1.0, WIDEST * self._height))
        self._strokes.colours.clamp_(0, 1)
        self._strokes.segments.clamp_(1, self._strokes.points.shape[2] // 3)
        self._ground.clamp_(0, 1)

    def exports(self, index: int) -> dict[str, bytes]:
        """The painting as SVG: one path for each stroke, the lowest first."""
        strokes = Strokes(*(values[index].detach() for values in self._strokes))
        return {"svg": _svg(strokes, self._ground[index].flatten().tolist(), self._width, self._height)}


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _path(points: list[list[float]], segments: int, width: float, colour: list[float]) -> str:
    first, *others = (" ".join(map(_number, point)) for point in points[: 3 * segments + 1])
    return (
        f'<path d="M{first}C{" ".join(others)}" stroke="{hexadecimal(colour[:3])}" '
        f'stroke-width="{_number(width)}" stroke-opacity="{colour[3]:.3g}"/>'
    )


def _svg(strokes: Strokes, ground: Sequence[float], width: int, height: int) -> bytes:
    """Strokes of one picture: (N, ...)."""
    paths = (_path(*stroke) for stroke in zip(*(values.tolist() for values in strokes), strict=True))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        f'<rect width="100%" height="100%" fill="{hexadecimal(ground)}"/>',
        '<g fill="none" stroke-linecap="round" stroke-linejoin="round">',
        *paths,
        "</g>",
        "</svg>",
    ]
    return "\n".join(lines).encode()
