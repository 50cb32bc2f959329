"""Few colours: a palette named or learnt, dithering, snapping to the nearest colour, and indexed PNG files."""

import math
from collections.abc import Sequence
from io import BytesIO

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from clipit.drawers.options import PixelOptions
from clipit.losses.palette import nearest
from clipit.palettes import LUMINANCE, parse_palette

BLACK_AND_WHITE = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
MOST_SORTED = 4_000_000  # values; torch takes quantiles of no more than four times as many
NARROW = 0.3  # second to first singular value of a palette whose colours lie nearly on a line
BAYER = ((0, 8, 2, 10), (12, 4, 14, 6), (3, 11, 1, 9), (15, 7, 13, 5))  # sixteenths


def palettes(pictures: Tensor, options: PixelOptions) -> Tensor | None:
    """The palettes that the options want for pictures (B, 3, H, W): (B, P, 3), or None for any colours."""
    if options.mono or options.palette:
        named = BLACK_AND_WHITE if options.mono else parse_palette(options.palette)
        return pictures.new_tensor(named).repeat(len(pictures), 1, 1)
    if options.colours is None:
        return None
    return torch.stack([_seen(picture, options.colours) for picture in pictures])


def _seen(picture: Tensor, colours: int) -> Tensor:
    """Those that stand best for a picture's (3, H, W), (colours, 3): median cut, then means of the nearest."""
    reduced = Image.fromarray(_bytes(picture.permute(1, 2, 0))).quantize(colours, kmeans=colours)
    found = picture.new_tensor(reduced.getpalette()).view(-1, 3) / 255
    return found[torch.arange(colours, device=picture.device) % len(found)]


def toned(pictures: Tensor, palette: Tensor) -> Tensor:
    """Pictures (B, 3, h, w) moved to where the palettes (B, P, 3) have colours; else few of these were nearest to any.

    Along what varies most in a palette they get half-way to its range; what else varies stays within it. Where the
    palette is nearly a line, from black to red for example, their greys alone count, and are spread over all of it.
    """
    luma = palette.new_tensor(LUMINANCE)
    _, lengths, axes = torch.linalg.svd(palette - palette.mean(1, keepdim=True))
    axes = torch.where((axes @ luma)[..., None] < 0, -axes, axes)  # (B, 3, 3), towards what is lighter
    values, wanted = axes @ pictures.flatten(2), axes @ palette.mT
    low, high = wanted.aminmax(dim=2, keepdim=True)
    if (lengths[:, 1:2] < NARROW * lengths[:, :1]).all():
        tones = _along(wanted[:, 0].sort().values, _spread(luma @ pictures.flatten(2)))
    else:
        tones = values[:, 0].lerp(low[:, 0] + _spread(values[:, 0]) * (high - low)[:, 0], 0.5)
    return (axes.mT @ torch.cat([tones[:, None], values[:, 1:]], 1).clamp(low, high)).view_as(pictures).clamp(0, 1)


def _spread(values: Tensor) -> Tensor:
    """Values (B, N) as shares of their range, less the outermost."""
    some = values[:, :: 1 + values.shape[1] // MOST_SORTED]
    low, high = some.quantile(torch.tensor([0.02, 0.98], device=values.device), dim=1).unsqueeze(2)
    return ((values - low) / (high - low).clamp(min=0.05)).clamp(0, 1)


def _along(stops: Tensor, shares: Tensor) -> Tensor:
    """The values at shares (B, N) of the way through stops (B, P), as far from each to the next."""
    last = stops.shape[1] - 1
    places = shares * last
    before = places.long()
    return stops.gather(1, before).lerp(stops.gather(1, (before + 1).clamp(max=last)), places - before)


def thresholds(palette: Tensor, rows: int, columns: int, dither: str, generators: Sequence[torch.Generator]) -> Tensor:
    """What to add to colours before they are snapped, (B, rows * columns, 1): dots that bridge a palette's gaps."""
    if dither == "bayer":
        tile = (torch.tensor(BAYER) + 0.5) / 16 - 0.5
        dots = tile.repeat(math.ceil(rows / 4), math.ceil(columns / 4))[:rows, :columns].expand(len(palette), -1, -1)
    elif dither == "noise":  # clipit's: the mean of five, seldom far from the middle
        dots = torch.stack([torch.rand((5, rows, columns), generator=each).mean(0) - 0.5 for each in generators])
    else:
        dots = torch.zeros(len(palette), rows, columns)
    return dots.reshape(len(palette), -1, 1).to(palette.device) * _gaps(palette)


def _gaps(palette: Tensor) -> Tensor:
    """How far neighbouring colours are apart in each channel, (B, 1, 1): 1 for black and white."""
    distances = torch.cdist(palette, palette) + torch.eye(palette.shape[1], device=palette.device) * 9
    return distances.amin(-1).mean(-1).view(-1, 1, 1) / math.sqrt(3)


def snap(colours: Tensor, palette: Tensor, thresholds: Tensor) -> Tensor:
    """The nearest of the palette's (B, P, 3) for each of (B, N, 3); gradients reach both of them."""
    chosen = nearest((colours + thresholds).detach(), palette.detach())
    # A product with ones and zeros: gathering would add gradients up in no fixed order on a GPU.
    members = (chosen[..., None] == torch.arange(palette.shape[1], device=palette.device)).to(palette.dtype)
    return members @ palette + (colours - colours.detach())


def indexed_png(picture: Tensor, palette: Tensor | None) -> bytes:
    """A picture (3, H, W) as PNG of 256 colours at most: the palette's (P, 3), else its own, else those nearest."""
    pixels = _bytes(picture.permute(1, 2, 0))
    colours, indices = np.unique(pixels.reshape(-1, 3), axis=0, return_inverse=True)
    if palette is not None and len(palette) <= 256:
        order = _bytes(palette)
        indices = (colours[:, None] == order[None]).all(-1).argmax(1)[indices]
        colours = order
    if len(colours) <= 256:
        image = Image.fromarray(indices.reshape(pixels.shape[:2]).astype(np.uint8), "P")
        image.putpalette(colours.tobytes())
    else:
        image = Image.fromarray(pixels).quantize(256)
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _bytes(values: Tensor) -> np.ndarray:
    return values.detach().mul(255).round().to(torch.uint8).cpu().numpy()
