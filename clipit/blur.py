"""Gaussian blur."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def blurred(pictures: Tensor, deviation: float, reach: float = 3.0) -> Tensor:
    """(B, C, H, W) blurred by `deviation` pixels, as far as `reach` deviations; the border pixels go on outside."""
    radius, channels = math.ceil(reach * deviation), pictures.shape[1]
    at = torch.arange(-radius, radius + 1, dtype=pictures.dtype, device=pictures.device)
    kernel = (-0.5 * (at / deviation).square()).softmax(0).expand(channels, 1, 1, -1)
    across = F.conv2d(F.pad(pictures, (radius, radius, 0, 0), "replicate"), kernel, groups=channels)
    return F.conv2d(F.pad(across, (0, 0, radius, radius), "replicate"), kernel.transpose(2, 3), groups=channels)
