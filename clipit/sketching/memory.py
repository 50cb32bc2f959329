"""What a sketcher remembers, made visible by the decoder of the VQGAN whose tokens they are."""

import random

import torch
from torch import Tensor

from clipit.models.sketcher import Sketcher
from clipit.models.vqgan import VQGAN

GREY = 0.5  # what remembered layers lie on


class Memory:
    """An album (see `clipit.sketching.sketch`) of tokens."""

    def __init__(self, sketcher: Sketcher, vqgan: VQGAN) -> None:
        self._sketcher, self._vqgan = sketcher, vqgan

    @torch.no_grad()
    def show(self, kind: str, name: str, lot: random.Random) -> Tensor:
        """One of what is remembered of this name, (4, S, S) in 0..1. Raises KeyError where nothing is."""
        pictures, covers = self._sketcher.tokens(f"{kind}/{name}")
        index = lot.randrange(len(pictures))
        picture = self._decoded(pictures[index])
        if covers is None:
            return torch.cat([picture, torch.ones_like(picture[:1])])
        cover = sharpened(self._decoded(covers[index]).mean(0, keepdim=True))
        return torch.cat([(picture - GREY * (1 - cover)).clamp(min=0).minimum(cover), cover])

    def _decoded(self, tokens: Tensor) -> Tensor:
        """(3, S, S) in 0..1 of tokens (cells, cells)."""
        codes = self._vqgan.quantize.look_up(tokens[None].long())
        return self._vqgan.decode(codes.to(self._vqgan.decoder.conv_in.weight.dtype)).float().clamp(0, 1)[0].cpu()


def sharpened(cover: Tensor) -> Tensor:
    """A cover without the haze of its tokens: next to nothing is nothing, nearly all is all."""
    return ((cover - 0.04) / 0.92).clamp(0, 1)
