"""An aesthetic head: how much people like a picture, 1 to 10, read off its CLIP embedding.

LAION's (https://github.com/LAION-AI/aesthetic-predictor), as pixray uses for ViT-B/16, and its successors
(https://github.com/christophschuhmann/improved-aesthetic-predictor), whose layers have nothing between them and so are
one. A head fits only the CLIP that it was trained with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import torch
from torch import Tensor

from clipit.errors import ClipitError
from clipit.weights.archives import Tensors, open_tensors

SINGLE = ("",)
CHAINED = ("layers.0.", "layers.2.", "layers.4.", "layers.6.", "layers.7.")  # what lies between is dropout
STRENGTH = 0.02  # pixray's
WIDEST = 8192  # of the layers and embeddings


@dataclass(frozen=True)
class AestheticHead:
    """One linear layer from unit embeddings of pictures to their ratings."""

    weight: Tensor  # (E,)
    bias: Tensor  # ()

    @property
    def width(self) -> int:
        """E, which must be that of the perceptor."""
        return len(self.weight)

    def to(self, device: torch.device) -> "AestheticHead":
        """The same head on a device."""
        return AestheticHead(self.weight.to(device), self.bias.to(device))

    def ratings(self, embeddings: Tensor) -> Tensor:
        """Ratings (...) of unit embeddings (..., E)."""
        return embeddings @ self.weight + self.bias

    def loss(self, embeddings: Tensor, target: float = 10.0) -> Tensor:
        """(B,) of the unit embeddings (B, N, E) of views: mean square by which they miss a rating, by pixray's 0.02."""
        return STRENGTH * (self.ratings(embeddings) - target).square().mean(1)


def load_head(path: Path) -> AestheticHead:
    """A head from safetensors or from the `.pth` that its authors published. Raises ClipitError."""
    with open_tensors(path) as tensors:
        layers = [_layer(tensors, name) for name in _names(tensors, path)]
    if not all(bool(tensor.isfinite().all()) for layer in layers for tensor in layer):
        raise ClipitError(f"{path.name} is no aesthetic head: not all of its numbers are finite")
    weight, bias = layers[0]
    for above, further in layers[1:]:
        weight, bias = above @ weight, above @ bias + further
    return AestheticHead(weight[0].float(), bias[0].float())


def _names(tensors: Tensors, path: Path) -> tuple[str, ...]:
    """What its layers are called, from the embedding up. Raises ClipitError where they do not lead to one number."""
    for names in (SINGLE, CHAINED):
        if tensors.shapes.keys() == {f"{name}{part}" for name in names for part in ("weight", "bias")}:
            if _chained([tensors.shapes[f"{name}{part}"] for name in names for part in ("weight", "bias")]):
                return names
            raise ClipitError(
                f"{path.name} is no aesthetic head: its layers do not lead from an embedding to one number"
            )
    found = ", ".join(sorted(tensors.shapes)[:6])[:200] or "nothing"
    raise ClipitError(
        f"{path.name} is no aesthetic head; accepted: weight and bias, or 5 layers of both; found: {found}"
    )


def _chained(shapes: Sequence[tuple[int, ...]]) -> bool:
    """Whether weights and biases, in turn, are those of layers that can follow each other, the last to one number."""
    weights, biases = shapes[::2], shapes[1::2]
    return (
        all(len(weight) == 2 and max(weight) <= WIDEST for weight in weights)
        and all(bias == weight[:1] for weight, bias in zip(weights, biases, strict=True))
        and all(above[1] == below[0] for below, above in pairwise(weights))
        and weights[-1][0] == 1
    )


def _layer(tensors: Tensors, name: str) -> tuple[Tensor, Tensor]:
    return tensors.read(f"{name}weight").double(), tensors.read(f"{name}bias").double()
