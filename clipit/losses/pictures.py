"""Losses of pictures alone: (B, 3, H, W) in 0..1 -> (B,), each picture for itself; lower is better.

Every root is kept from 0 by `TINY`, so that a picture of one colour has a gradient, not nan.
"""

from collections.abc import Callable, Mapping
from functools import partial

import torch
from torch import Tensor

from clipit.blur import blurred
from clipit.losses.terms import Term

Loss = Callable[..., Tensor]

TINY = 1e-12


def _slopes(pictures: Tensor, dim: int) -> Tensor:
    """Central differences, one-sided at the border; (B, 3, H, W)."""
    if pictures.shape[dim] < 2:
        return 0 * pictures
    return torch.gradient(pictures, dim=dim)[0]


def smoothness(pictures: Tensor, kind: str = "default", blur: float = 0.0) -> Tensor:
    """Mean length of the colour gradient, `clipped` at 0.5, or the `log` of 1 + it: clipit's `enforce_smoothness`.

    clipit takes it over the views, we over the picture. `blur` is the deviation, in pixels, of a Gaussian before it:
    pixray's, whose bell is by the root of 2 wider than it says.
    """
    seen = blurred(pictures, blur) if blur else pictures
    across, down = _slopes(seen, 3), _slopes(seen, 2)
    sharpness = ((across.square() + down.square()).sum(1) + TINY).sqrt()  # B, H, W
    if kind == "clipped":
        sharpness = sharpness.clamp(max=0.5)
    elif kind == "log":
        sharpness = sharpness.log1p()
    return sharpness.mean((1, 2))


def saturation(pictures: Tensor) -> Tensor:
    """Less than 0, by Hasler and Süsstrunk's colourfulness (2003): spread and mean of red-green and yellow-blue.

    As strong as clipit's `enforce_saturation`; pixray's is a tenth of it (`SCALES`).
    """
    red, green, blue = pictures.flatten(2).unbind(1)  # B, H * W each
    opponents = torch.stack([red - green, (red + green) / 2 - blue])  # 2, B, H * W
    variance = opponents.var(2, correction=min(1, opponents.shape[2] - 1)).sum(0)
    mean = opponents.mean(2).square().sum(0)
    return -((variance + TINY).sqrt() + 0.3 * (mean + TINY).sqrt())


def symmetry(pictures: Tensor) -> Tensor:
    """Mean square of the difference from the mirror image, left for right (pixray)."""
    return (pictures - pictures.flip(3)).square().mean((1, 2, 3))


def edge(
    pictures: Tensor,
    thickness: tuple[float, float, float, float] = (5, 5, 5, 5),
    colour: tuple[float, float, float] = (1, 1, 1),
    overall: float = 0.05,
) -> Tensor:
    """A tenth of the mean squares by which the four margins differ from a colour, and the whole by `overall` (pixray).

    `thickness` is that of the left, right, top and bottom in percent of the width and height.
    """
    height, width = pictures.shape[2:]
    sides = (width, width, height, height)
    left, right, top, bottom = (int(side * part / 100) for side, part in zip(sides, thickness, strict=True))
    # One channel at a time: a tensor of the colour would have to be sent to the device at every step.
    off = torch.stack([(pictures[:, index] - value).square() for index, value in enumerate(colour)], 1)
    middle = off[..., left : width - right]
    margins = off[..., :left], off[..., width - right :], middle[..., :top, :], middle[..., height - bottom :, :]
    return 0.1 * sum((part.mean((1, 2, 3)) for part in margins if part.numel()), overall * off.mean((1, 2, 3)))


def total_variation(pictures: Tensor) -> Tensor:
    """Mean square of the difference between neighbours, as in Katherine Crowson's CLIP-guided diffusion (2021)."""
    across, down = (pictures.diff(dim=dim).square().sum((1, 2, 3)) for dim in (3, 2))
    return (across + down) / pictures[0].numel()


LOSSES: Mapping[str, Loss] = {
    "smoothness": smoothness,
    "saturation": saturation,
    "symmetry": symmetry,
    "edge": edge,
    "total_variation": total_variation,
}
SCALES: Mapping[str, float] = {"saturation": 0.1}  # pixray's, so that its weights mean what they meant


def picture_loss(term: Term) -> Callable[[Tensor], Tensor]:
    """The loss that a term names, its options and pixray's scale applied, its weight not."""
    loss, scale = partial(LOSSES[term.name], **dict(term.options)), SCALES.get(term.name, 1.0)
    return lambda pictures: scale * loss(pictures)
