"""Parts of style filters: smoothing, edges, ink lines, flat colours. Lengths are shares of the shorter side."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def side(pictures: Tensor) -> int:
    """The shorter side in pixels."""
    return min(pictures.shape[-2:])


def luma(pictures: Tensor) -> Tensor:
    """(B, 3, H, W) -> (B, 1, H, W) by Rec. 601."""
    return pictures[:, :1] * 0.299 + pictures[:, 1:2] * 0.587 + pictures[:, 2:] * 0.114


def mixed(first: Tensor, second: Tensor | float, share: Tensor | float) -> Tensor:
    return first + (second - first) * share


def ramp(values: Tensor, low: float, high: float) -> Tensor:
    """Hermite's step: 0 below `low`, 1 above `high`; falls instead where `high` is the smaller."""
    x = ((values - low) / (high - low)).clamp(0, 1)
    return x * x * (3 - 2 * x)


def colour(*rgb: int) -> Tensor:
    """Channels of 0..255 as (1, 3, 1, 1)."""
    return torch.tensor(rgb).reshape(1, 3, 1, 1) / 255


def saturated(pictures: Tensor, by: float) -> Tensor:
    return mixed(luma(pictures), pictures, by).clamp(0, 1)


def contrasted(pictures: Tensor, by: float, middle: float = 0.5) -> Tensor:
    return mixed(torch.full_like(pictures, middle), pictures, by).clamp(0, 1)


def levelled(grey: Tensor) -> Tensor:
    """Each picture stretched so that its darkest and lightest hundredth are black and white, by at most 2."""
    small = F.interpolate(grey, (32, 32), mode="area").flatten(1)
    low = small.quantile(0.01, dim=1).clamp(max=0.3).reshape(-1, 1, 1, 1)
    high = small.quantile(0.99, dim=1).clamp(min=0.8).reshape(-1, 1, 1, 1)
    return ((grey - low) / (high - low)).clamp(0, 1)


def soft(pictures: Tensor, share: float) -> Tensor:
    """Gaussian blur; wide ones are done on a smaller copy."""
    deviation = share * side(pictures)
    if deviation < 2:
        return blurred(pictures, max(deviation, 0.2))
    height, width = pictures.shape[-2:]
    shrink = max(2, int(deviation / 1.3))
    small = F.interpolate(pictures, (-(-height // shrink), -(-width // shrink)), mode="area")
    return grown(blurred(small, deviation / shrink), pictures)


def blurred(pictures: Tensor, deviation: float) -> Tensor:
    """By `deviation` pixels. For few taps sums of slices are several times as fast on a CPU as a convolution."""
    radius = math.ceil(2.5 * deviation)
    taps = (-0.5 * (torch.arange(-radius, 1) / deviation).square()).exp()
    taps = (taps / (2 * taps.sum() - taps[-1])).tolist()
    for dim, border in ((2, (0, 0, radius, radius)), (3, (radius, radius, 0, 0))):
        padded, size = F.pad(pictures, border, "replicate"), pictures.shape[dim]
        pictures = padded.narrow(dim, radius, size) * taps[radius]
        for at in range(radius):
            pictures += (padded.narrow(dim, at, size) + padded.narrow(dim, 2 * radius - at, size)).mul_(taps[at])
    return pictures


def boxed(pictures: Tensor, radius: int) -> Tensor:
    """Sums over squares of `radius` + 1, smaller by `radius` each way than the pictures."""
    for dim in (2, 3):
        size = pictures.shape[dim] - radius
        total = pictures.narrow(dim, 0, size).clone()
        for at in range(1, radius + 1):
            total += pictures.narrow(dim, at, size)
        pictures = total
    return pictures


def shrunk(pictures: Tensor, least: int = 64) -> Tensor:
    """Smaller by a whole number, the shorter side not below `least` pixels."""
    by = max(1, side(pictures) // least)
    return F.interpolate(pictures, tuple(size // by for size in pictures.shape[-2:]), mode="area")


def grown(small: Tensor, pictures: Tensor) -> Tensor:
    """Of the size of the pictures."""
    return F.interpolate(small, pictures.shape[-2:], mode="bilinear")


def slopes(pictures: Tensor) -> tuple[Tensor, Tensor]:
    """Central differences along x and along y, per pixel."""
    padded = F.pad(pictures, (1, 1, 1, 1), "replicate")
    across = (padded[..., 1:-1, 2:] - padded[..., 1:-1, :-2]) / 2
    down = (padded[..., 2:, 1:-1] - padded[..., :-2, 1:-1]) / 2
    return across, down


def edges(pictures: Tensor, share: float = 0.008) -> Tensor:
    """(B, 1, H, W): how steep the colours are, about 1 where one channel steps from 0 to 1."""
    across, down = slopes(soft(pictures, share))
    scale = 2.5 * (share * side(pictures) + 0.4)
    return (across.square() + down.square()).sum(1, keepdim=True).sqrt() * scale


def ink(pictures: Tensor, share: float = 0.008, threshold: float = 0.012, sharpness: float = 40) -> Tensor:
    """(B, 1, H, W): lines along the dark side of edges in any channel, 1 where inked.

    XDoG's soft threshold of a difference of Gaussians (Winnemoeller, Kyprianidis and Olsen 2012).
    """
    difference = soft(pictures, 1.6 * share) - soft(pictures, share)
    return (sharpness * (difference.amax(1, keepdim=True) - threshold)).clamp(min=0).tanh()


def contours(pictures: Tensor, share: float = 0.008, least: float = 0.1) -> Tensor:
    """(B, 1, H, W): one line of even width on each edge, 1 where drawn: the ridges of the steepness.

    `ink` draws colour edges twice, where one channel falls and another rises.
    """
    steep = edges(pictures, share)
    steep = steep / (steep + 2 * least)
    return ramp(steep - 0.85 * soft(steep, 2.5 * share), 0.08, 0.22)


def shifted(pictures: Tensor, down: float, right: float) -> Tensor:
    """Moved by shares of the shorter side; the border goes on."""
    rows, columns = round(down * side(pictures)), round(right * side(pictures))
    padded = F.pad(pictures, (max(columns, 0), max(-columns, 0), max(rows, 0), max(-rows, 0)), "replicate")
    height, width = pictures.shape[-2:]
    return padded[..., max(-rows, 0) :, max(-columns, 0) :][..., :height, :width]


def kuwahara(pictures: Tensor, share: float = 0.02, sharpness: int = 4) -> Tensor:
    """Flattens and keeps edges: the means of four quadrants, weighed by how even each is.

    Kuwahara 1976, with the soft weights of Papari, Petkov and Campisi 2007.
    """
    radius = max(1, round(share * side(pictures)))
    grey = luma(pictures)
    boxes = boxed(F.pad(torch.cat([pictures, grey, grey.square()], 1), (radius,) * 4, "replicate"), radius)
    boxes /= (radius + 1) ** 2
    evenness = 0.01 / (boxes[:, 4:] - boxes[:, 3:4].square()).clamp_(min=0).add_(3e-4)
    weighed = torch.cat([boxes[:, :3], torch.ones_like(grey[..., :1, :1]).expand_as(evenness)], 1)
    weighed *= evenness.pow_(sharpness)
    height, width = pictures.shape[-2:]
    corners = [weighed[..., top : top + height, left : left + width] for top in (0, radius) for left in (0, radius)]
    total = corners[0] + corners[1] + corners[2] + corners[3]
    return total[:, :3] / total[:, 3:]


def tangents(pictures: Tensor, share: float = 0.03) -> Tensor:
    """(B, 1, H, W): angles along the edges nearby, by the smoothed structure tensor."""
    small = shrunk(luma(pictures))
    across, down = slopes(soft(small, 0.01))
    tensor = torch.cat([across.square() - down.square(), 2 * across * down], 1)
    tensor = soft(tensor, share) + 0.2 * soft(tensor, 4 * share)
    tensor = grown(tensor, pictures)
    return torch.atan2(tensor[:, 1:], tensor[:, :1]) / 2 + torch.pi / 2


def palettes(pictures: Tensor, count: int, rounds: int = 5) -> Tensor:
    """(B, count, 3): each picture's main colours, by k-means from colours that lie far apart."""
    pixels = F.interpolate(pictures, (24, 24), mode="area").flatten(2).transpose(1, 2)
    chosen = pixels.mean(1, keepdim=True)
    for _ in range(count - 1):
        gaps = torch.cdist(pixels, chosen).amin(2)
        chosen = torch.cat([chosen, pixels[torch.arange(len(pixels)), gaps.argmax(1)][:, None]], 1)
    for _ in range(rounds):
        member = F.one_hot(torch.cdist(pixels, chosen).argmin(2), count).to(pixels.dtype)
        sizes = member.sum(1)[..., None]
        chosen = torch.where(sizes > 0, member.transpose(1, 2) @ pixels / sizes.clamp(min=1), chosen)
    return chosen


def nearest_colours(pictures: Tensor, palette: Tensor) -> Tensor:
    """(B, H, W): the index of each pixel's nearest colour in its picture's palette (B or 1, N, 3)."""
    closeness = palette @ pictures.flatten(2) - palette.square().sum(2, keepdim=True) / 2
    most, index = closeness[:, 0], torch.zeros(closeness[:, 0].shape, dtype=torch.uint8)
    for at in range(1, palette.shape[1]):  # argmax over a dimension of few is slow
        index.masked_fill_(closeness[:, at] > most, at)
        most = torch.maximum(most, closeness[:, at])
    return index.long().reshape(-1, *pictures.shape[-2:])


def inked_in(indices: Tensor, palette: Tensor) -> Tensor:
    """(B, H, W) indices as pictures in the colours of (B or 1, N, 3)."""
    batch, height, width = indices.shape
    flat = indices.reshape(batch, 1, -1).expand(-1, 3, -1)
    return palette.transpose(1, 2).expand(batch, -1, -1).gather(2, flat).reshape(batch, 3, height, width)


def flattened(pictures: Tensor, count: int) -> Tensor:
    """Each picture in its own `count` main colours."""
    palette = palettes(pictures, count)
    return inked_in(nearest_colours(pictures, palette), palette)


def vignette(pictures: Tensor, start: float = 0.6) -> Tensor:
    """(1, 1, H, W): 0 in the middle, 1 in the corners."""
    height, width = pictures.shape[-2:]
    y, x = torch.linspace(-1, 1, height)[:, None], torch.linspace(-1, 1, width)
    return ramp((x.square() + y.square()).sqrt()[None, None], start, 1.5)


def dots(pictures: Tensor, cells: float, angle: float = 0.785) -> Tensor:
    """(1, 1, H, W): a halftone screen of `cells` dots to the shorter side: 1 in the middles of dots, 0 between."""
    x, y = turned(pictures, angle)
    return ((x * cells * torch.pi * 2).cos() + (y * cells * torch.pi * 2).cos()) / 4 + 0.5


def turned(pictures: Tensor, angle: float) -> tuple[Tensor, Tensor]:
    """Coordinates (1, 1, H, W) in shorter sides, turned by `angle`."""
    angle = torch.tensor(angle)
    y, x = ((torch.arange(size) + 0.5) / side(pictures) for size in pictures.shape[-2:])
    across = x * angle.cos() + y[:, None] * angle.sin()
    down = y[:, None] * angle.cos() - x * angle.sin()
    return across[None, None], down[None, None]


def margin(pictures: Tensor) -> Tensor:
    """(1, 1, H, W): how far each pixel is from the nearest border, in shorter sides."""
    height, width = pictures.shape[-2:]
    y, x = torch.arange(height) + 0.5, torch.arange(width) + 0.5
    y, x = torch.minimum(y, height - y)[:, None], torch.minimum(x, width - x)
    return torch.minimum(y, x)[None, None] / side(pictures)
