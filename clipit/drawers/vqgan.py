"""The `image` drawer: latents, snapped to the codebook, through VQGAN's decoder."""

import torch
from torch import Tensor

from clipit.models.vqgan import VQGAN


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
    """Draws with a VQGAN from start pictures (B, 3, H, W) in 0..1, H and W multiples of `factor`."""

    def __init__(self, model: VQGAN, start: Tensor) -> None:
        weight = model.quantize.embedding.weight
        self._model, self._dtype = model, model.decoder.conv_in.weight.dtype
        self._low, self._high = (bound.float() for bound in model.latent_range())
        with torch.no_grad():
            latents = model.encode(start.to(weight.device, self._dtype, memory_format=torch.channels_last)).float()
        self.latents = self._clamped(latents).requires_grad_()
        self.unit = float(weight.float().std())

    @property
    def parameters(self) -> list[Tensor]:
        return [self.latents]

    def image(self) -> Tensor:
        codes = self._model.quantize(self.latents).to(self._dtype, memory_format=torch.channels_last)
        return _ClampWithGradient.apply(self._model.decode(codes).float())

    @torch.no_grad()
    def constrain(self) -> None:
        self.latents.copy_(self._clamped(self.latents))

    def _clamped(self, latents: Tensor) -> Tensor:
        return torch.minimum(torch.maximum(latents, self._low), self._high)
