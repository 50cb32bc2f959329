"""What a drawing starts from: a sketch of the wish, noise or plain white, with an image over it. B pictures in 0..1."""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageOps
from torch import Tensor

from clipit.drawers.few_colours import toned
from clipit.palettes import parse_palette
from clipit.sketching.reading import read
from clipit.sketching.scene import Scene
from clipit.sketching.sketch import Album, sketches


def _clouds(width: int, height: int, generator: torch.Generator, layers: Sequence[tuple[int, float]]) -> Tensor:
    """(3, height, width): noise of several sizes, given as cells a side and weight, smoothly drawn out."""
    drawn = [
        weight * F.interpolate(torch.rand((1, 3, cells, cells), generator=generator), (height, width), mode="bicubic")
        for cells, weight in layers
    ]
    return torch.stack(drawn).sum(0)[0]


def soft_noise(width: int, height: int, generator: torch.Generator) -> Tensor:
    """Soft coloured clouds, (3, height, width), coarse outweighing fine."""
    return _clouds(width, height, generator, ((3, 0.5), (6, 0.3), (12, 0.2))).clamp(0, 1)


def pixel_noise(width: int, height: int, generator: torch.Generator) -> Tensor:
    """Fractal noise of strong contrast, (3, height, width), as clipit's `pixels`."""
    finest = max(1, max(width, height) // 64)
    cells = [int(min(width, height) / 8 * 2**octave) + 2 for octave in range(3 + finest.bit_length())]
    noise = _clouds(width, height, generator, [(side, 0.5**octave) for octave, side in enumerate(cells)])
    low, high = noise.amin((1, 2), keepdim=True), noise.amax((1, 2), keepdim=True)
    level = (noise - low) / (high - low).clamp(min=1e-6) * 0.9998 + 0.0001  # a single pixel has no span
    # The contrast curve that clipit took from https://stats.stackexchange.com/a/289477, with its exponent of 2.
    return 1 / (1 + (level / (1 - level)) ** -2)


def gradient(width: int, height: int, generator: torch.Generator) -> Tensor:
    """(3, height, width): each colour runs from one random value to another, across or down."""
    first, last = torch.rand((2, 3, 1, 1), generator=generator)
    across = torch.rand((3, 1, 1), generator=generator) < 0.5
    right = torch.linspace(0, 1, width).expand(3, height, width)
    down = torch.linspace(0, 1, height)[:, None].expand(3, height, width)
    return first + (last - first) * torch.where(across, right, down)


def snow(width: int, height: int, generator: torch.Generator) -> Tensor:
    """(3, height, width): every value by itself."""
    return torch.rand((3, height, width), generator=generator)


def white(width: int, height: int, generator: torch.Generator) -> Tensor:
    """(3, height, width)."""
    return torch.ones(3, height, width)


GROUNDS = {
    "sketch": soft_noise,
    "noise": soft_noise,
    "pixels": pixel_noise,
    "gradient": gradient,
    "snow": snow,
    "none": white,
}


def image_picture(image: Image.Image, width: int, height: int, alpha: int = 255) -> tuple[Tensor, Tensor]:
    """An image, scaled and cropped to cover the picture, (3, height, width), and how much of it that hides.

    The latter is (1, height, width), the image's own alpha times `alpha`, 0 to 255.
    """
    fitted = ImageOps.fit(image.convert("RGBA"), (width, height), Image.Resampling.LANCZOS)
    pixels = torch.from_numpy(np.array(fitted)).permute(2, 0, 1).float() / 255
    return pixels[:3], pixels[3:] * (alpha / 255)


def laid_over(picture: Tensor, image: Image.Image, alpha: int) -> Tensor:
    """The picture (3, H, W) with the image over it."""
    above, cover = image_picture(image, picture.shape[2], picture.shape[1], alpha)
    return picture.lerp(above.to(picture.device), cover.to(picture.device))


def start_pictures(
    kind: str,
    wishes: Sequence[str],
    images: Sequence[tuple[Image.Image | None, int]],
    width: int,
    height: int,
    generators: Sequence[torch.Generator],
    album: Album | None,
    palette: str = "",
) -> Tensor:
    """(B, 3, height, width) of a kind in GROUNDS, with each picture's own image and its alpha over it.

    A sketch needs an album and a wish of which something is known; without them it is noise. It is brought near to the
    palette: from other colours the steps of a draft do not get there.
    """
    pictures = torch.stack([GROUNDS[kind](width, height, generator) for generator in generators])
    scenes = [read(text).scene for text in wishes] if kind == "sketch" and album is not None else []
    wished = [index for index, scene in enumerate(scenes) if scene != Scene()]
    if wished:
        shown, drawn = [scenes[index] for index in wished], [generators[index] for index in wished]
        sketched = sketches(shown, album, width, height, drawn)
        if palette:
            sketched = toned(sketched, sketched.new_tensor(parse_palette(palette)).repeat(len(wished), 1, 1))
        pictures[wished] = sketched
    for index, (image, alpha) in enumerate(images):
        if image is not None:
            pictures[index] = laid_over(pictures[index], image, alpha)
    return pictures
