"""The `fft` drawer: a picture as the sum of waves, in colours that vary independently. It needs no weights.

After Lucid (https://distill.pub/2018/differentiable-parameterizations, Apache-2.0): steps of one size change every
frequency by what is natural for it, so that shapes come before grain.
"""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from clipit.drawers.options import FFTOptions

# Square root of the covariance of ImageNet's colours, by Lucid; scaled so that its longest column is 1.
COLOURS = ((0.26, 0.09, 0.02), (0.27, 0.00, -0.05), (0.27, -0.09, 0.03))
MARGIN = 0.05  # by which the sigmoid reaches beyond 0..1, so that white and black lie on a slope


class FFTDrawer:
    """Draws with spectra (B, 3, H, W // 2 + 1, 2) of decorrelated colours."""

    Options = FFTOptions
    rate = 0.03

    @staticmethod
    def size(width: int, height: int, options: FFTOptions, model: nn.Module | None = None) -> tuple[int, int]:
        """Any."""
        return width, height

    def __init__(
        self, start: Tensor, options: FFTOptions, generators: Sequence[torch.Generator], model: nn.Module | None = None
    ) -> None:
        self._shape = start.shape[-2:]
        self._scale = _scale(*self._shape, options.decay).to(start.device)
        self._colours = _colours().to(start.device)
        values = torch.logit((start + MARGIN) / (1 + 2 * MARGIN))
        waves = torch.fft.rfft2(_mixed(torch.linalg.inv(self._colours), values), norm="ortho")
        self.spectrum = torch.view_as_real(waves / self._scale).contiguous().requires_grad_()

    @property
    def tensors(self) -> dict[str, Tensor]:
        return {"spectrum": self.spectrum}

    def groups(self, rate: float) -> list[dict[str, Any]]:
        return [{"params": [self.spectrum], "lr": rate}]

    def image(self) -> Tensor:
        waves = torch.view_as_complex(self.spectrum) * self._scale
        values = _mixed(self._colours, torch.fft.irfft2(waves, s=self._shape, norm="ortho"))
        picture = torch.sigmoid(values) * (1 + 2 * MARGIN) - MARGIN
        return picture + (picture.clamp(0, 1) - picture).detach()

    def constrain(self) -> None:
        """There is nothing to: the sigmoid keeps the range."""

    def exports(self, index: int) -> dict[str, bytes]:
        return {}


def _scale(height: int, width: int, decay: float) -> Tensor:
    """What one step of the spectrum means for each wave, (H, W // 2 + 1): less the shorter it is."""
    down, across = torch.fft.fftfreq(height)[:, None], torch.fft.rfftfreq(width)[None]
    slowest = 1 / max(height, width)
    waves = torch.hypot(down, across).clamp(min=slowest) / slowest
    return waves.pow(-decay) * math.sqrt(height * width) / 4


def _colours() -> Tensor:
    """Three independent ones -> red, green, blue, (3, 3)."""
    matrix = torch.tensor(COLOURS)
    return matrix / matrix.norm(dim=0).max()


def _mixed(colours: Tensor, pictures: Tensor) -> Tensor:
    return torch.einsum("cd,bdhw->bchw", colours, pictures)
