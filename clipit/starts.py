"""What a drawing starts from: a given image, a sketch of the wish, or soft noise. B pictures in 0..1."""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageOps
from torch import Tensor

from clipit.models.sketcher import Sketcher
from clipit.perceptor import Perceptor

NOISE = 0.15  # share of noise in a sketched start: no two seeds begin alike


def noise_pictures(width: int, height: int, generators: Sequence[torch.Generator]) -> Tensor:
    """Soft coloured clouds, (B, 3, height, width): noise of three sizes, coarse outweighing fine."""
    pictures = []
    for generator in generators:
        layers = [
            weight
            * F.interpolate(torch.rand((1, 3, cells, cells), generator=generator), (height, width), mode="bicubic")
            for cells, weight in ((3, 0.5), (6, 0.3), (12, 0.2))
        ]
        pictures.append(sum(layers))
    return torch.cat(pictures).clamp(0, 1)


def random_poses(generators: Sequence[torch.Generator]) -> Tensor:
    """Poses for a sketcher, (B, 6): a thing two thirds as long as the side, near the middle, on a pale colour."""
    low = torch.tensor([0.6, 0.45, 0.45, 0.8, 0.8, 0.8])
    high = torch.tensor([0.75, 0.55, 0.55, 1.0, 1.0, 1.0])
    return torch.stack([low + (high - low) * torch.rand(6, generator=generator) for generator in generators])


@torch.no_grad()
def sketch_pictures(
    sketcher: Sketcher,
    tokens: Tensor,
    texts: Tensor,
    width: int,
    height: int,
    generators: Sequence[torch.Generator],
) -> Tensor:
    """Sketches (B, 3, height, width), square in the middle, their edges drawn out.

    `tokens` (B, L) and `texts` (B, E) are the wishes' token ids and unit embeddings.
    """
    poses = random_poses(generators).to(texts.device)
    sketches = sketcher(sketcher.read(tokens), texts, poses).clamp(0, 1).cpu()
    side = min(width, height)
    square = F.interpolate(sketches, (side, side), mode="bicubic", antialias=True)
    left, top = (width - side) // 2, (height - side) // 2
    return F.pad(square, (left, width - side - left, top, height - side - top), mode="replicate").clamp(0, 1)


def image_picture(image: Image.Image, width: int, height: int) -> Tensor:
    """An image, scaled and cropped to cover the picture, (3, height, width)."""
    fitted = ImageOps.fit(image.convert("RGB"), (width, height), Image.Resampling.LANCZOS)
    return torch.from_numpy(np.array(fitted)).permute(2, 0, 1).float() / 255


def start_pictures(
    images: Sequence[Image.Image | None],
    wishes: Sequence[str],
    width: int,
    height: int,
    generators: Sequence[torch.Generator],
    perceptor: Perceptor,
    sketcher: Sketcher | None,
) -> Tensor:
    """(B, 3, height, width): each picture's own image where it has one, else a sketch where there is a sketcher."""
    pictures = noise_pictures(width, height, generators)
    if sketcher is not None:
        tokens, texts = perceptor.tokens(wishes), perceptor.embed_texts(wishes)
        pictures = sketch_pictures(sketcher, tokens, texts, width, height, generators).lerp(pictures, NOISE)
    for index, image in enumerate(images):
        if image is not None:
            pictures[index] = image_picture(image, width, height)
    return pictures
