"""Masks for spot prompts: one prompt judges the spot, another what is around it; each sees the rest as grey.

A mask is (1, 1, H, W), 1 inside the spot and 0 outside.
"""

import numpy as np
import torch
from PIL import Image
from torch import Tensor

DIAMETER = 0.5  # of the default spot, as a share of the shorter side
SOFT = 0.1  # width of its edge, as a share of the shorter side
HIDDEN = 0.5  # the grey that covers what a prompt shall not see, as in clipit


def disc(width: int, height: int) -> Tensor:
    """The default spot: a disc in the middle, its edge soft (clipit's own masks were never shipped)."""
    shorter = min(width, height)
    across = torch.arange(width) + 0.5 - width / 2  # pixels
    down = torch.arange(height) + 0.5 - height / 2
    beyond = torch.hypot(across, down[:, None]) - shorter * DIAMETER / 2
    return (0.5 - beyond / max(shorter * SOFT, 1)).clamp(0, 1)[None, None]


def _spot(image: Image.Image) -> np.ndarray:
    if image.has_transparency_data:
        alpha = np.asarray(image.convert("RGBA"))[..., 3].astype(np.float32) / 255
        if alpha.min() < 1:
            return alpha
    return np.asarray(image.convert("L")).astype(np.float32) / 255


def from_image(image: Image.Image, width: int, height: int) -> Tensor:
    """A mask (RGB or RGBA) of any size, stretched to the picture: the spot is what is opaque or, where all is, light.

    In clipit's own spot files the spot is dark, and every pixel wholly inside or outside; here greys are partly.
    """
    spot = Image.fromarray(_spot(image).clip(0, 1)).resize((width, height), Image.Resampling.LANCZOS)
    return torch.from_numpy(np.asarray(spot).clip(0, 1))[None, None]


def masked(pictures: Tensor, mask: Tensor) -> Tensor:
    """Pictures (B, 3, H, W) as a spot prompt sees them: mid-grey outside the mask, before any view is taken.

    Spot prompts see `masked(pictures, mask)`, spot-off prompts `masked(pictures, 1 - mask)`.
    """
    return HIDDEN + (pictures - HIDDEN) * mask
