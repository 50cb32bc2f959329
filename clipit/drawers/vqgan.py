"""The `vqgan` drawer: latents, snapped to the codebook, through VQGAN's decoder."""

from collections.abc import Sequence
from os.path import isfile
from pathlib import Path

import torch
from torch import Tensor

from clipit.drawers.options import VQGANOptions
from clipit.errors import ClipitError
from clipit.models.vqgan import VQGAN
from clipit.weights.checkpoints import description, find, load_vqgan


class _ClampWithGradient(torch.autograd.Function):
    """Clamp to 0..1 whose gradient passes unless it would push further out (Crowson's ClampWithGrad)."""

    @staticmethod
    def forward(ctx, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x.clamp(0, 1)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return gradient * (gradient * (x - x.clamp(0, 1)) >= 0)


class VQGANDrawer:
    """Draws with a VQGAN from start pictures (B, 3, H, W) in 0..1, H and W multiples of its factor."""

    Options = VQGANOptions
    rate = 0.015  # deviations of the codebook

    @staticmethod
    def weights(options: VQGANOptions) -> list[Path]:
        """The files that `load` reads. Raises ClipitError where there are no such ones."""
        if options.config and not isfile(options.config):  # unlike Path.is_file, of names that are too long as well
            raise ClipitError(f"there is no config {options.config[:100]!r}; accepted: the path of a .yaml file")
        path = find("vqgan", options.model)
        described = Path(options.config) if options.config else description(path)
        return [path, described] if described else [path]

    @staticmethod
    def load(options: VQGANOptions, device: torch.device, dtype: torch.dtype) -> VQGAN:
        """Raises ClipitError where there is no such model."""
        path, *described = VQGANDrawer.weights(options)
        return load_vqgan(path, *described).to(device, dtype, memory_format=torch.channels_last)

    @staticmethod
    def size(width: int, height: int, options: VQGANOptions, model: VQGAN) -> tuple[int, int]:
        """Multiples of the model's factor, at most what is wanted, at least two: of one latent, bfloat16 made NaN."""
        factor = model.config.factor
        return max(2, width // factor) * factor, max(2, height // factor) * factor

    def __init__(
        self, start: Tensor, options: VQGANOptions, generators: Sequence[torch.Generator], model: VQGAN
    ) -> None:
        weight = model.quantize.codes
        self._model, self._dtype = model, model.decoder.conv_in.weight.dtype
        self._low, self._high = (bound.float() for bound in model.latent_range())
        self._unit = float(weight.float().std()) if options.relative_rate else 1.0
        with torch.no_grad():
            latents = model.encode(start.to(weight.device, self._dtype, memory_format=torch.channels_last)).float()
            latents = model.quantize(latents) if options.from_codes else latents
        self.latents = self._clamped(latents).requires_grad_()

    @property
    def tensors(self) -> dict[str, Tensor]:
        return {"latents": self.latents}

    def groups(self, rate: float) -> list[dict[str, object]]:
        return [{"params": [self.latents], "lr": rate * self._unit}]

    def image(self) -> Tensor:
        codes = self._model.quantize(self.latents).to(self._dtype, memory_format=torch.channels_last)
        return _ClampWithGradient.apply(self._model.decode(codes).float())

    @torch.no_grad()
    def constrain(self) -> None:
        self.latents.copy_(self._clamped(self.latents))

    def exports(self, index: int) -> dict[str, bytes]:
        return {}

    def _clamped(self, latents: Tensor) -> Tensor:
        return torch.minimum(torch.maximum(latents, self._low), self._high)
