"""A perceptor: a CLIP that judges how well pictures match texts."""

from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from clipit.models.clip import Bottleneck, ModifiedResNet
from clipit.sketching.reading import read
from clipit.weights.checkpoints import is_small_world, load_clip


def _fold_norms(tower: nn.Module) -> None:
    """Fold each batch norm of a ResNet tower into its convolution: the same function, half the passes over memory."""
    for module in tower.modules():
        if isinstance(module, ModifiedResNet | Bottleneck):
            for index in "123":
                conv, norm = getattr(module, f"conv{index}"), getattr(module, f"bn{index}")
                setattr(module, f"conv{index}", fuse_conv_bn_eval(conv, norm))
                setattr(module, f"bn{index}", nn.Identity())
        if isinstance(module, Bottleneck) and module.downsample is not None:
            module.downsample[1] = fuse_conv_bn_eval(module.downsample[1], module.downsample[2])
            module.downsample[2] = nn.Identity()


class Perceptor:
    """CLIP in few words: `tokens`, `embed_texts`, `embed_pictures`, `resolution` (pixels a side), `width` (E)."""

    def __init__(self, path: Path, device: torch.device, dtype: torch.dtype) -> None:
        self._model, self._tokenizer, mean, deviation = load_clip(path)
        self._small_world = is_small_world(path)
        self.resolution, self.width = self._model.config.image_resolution, self._model.config.embed_dim
        self.dtype, self.device = dtype, device
        self._model.to(device)
        _fold_norms(self._model.visual)
        self._model.visual.to(dtype=dtype, memory_format=torch.channels_last)
        self._mean, self._deviation = (torch.tensor(v, device=device).view(1, 3, 1, 1) for v in (mean, deviation))

    def tokens(self, texts: Sequence[str]) -> Tensor:
        """Token ids (len(texts), context); a model of the small world reads the nearest words that it knows."""
        texts = [read(text).told for text in texts] if self._small_world else texts
        return self._tokenizer(texts, self._model.config.context_length).to(self.device)

    @torch.no_grad()
    def embed_texts(self, texts: Sequence[str]) -> Tensor:
        """Unit embeddings (len(texts), E), float32."""
        return F.normalize(self._model.encode_text(self.tokens(texts)), dim=1)

    def embed_pictures(self, pictures: Tensor) -> Tensor:
        """Unit embeddings (B, E), float32, of pictures (B, 3, R, R) in 0..1; differentiable by the pictures."""
        normal = ((pictures - self._mean) / self._deviation).to(self.dtype, memory_format=torch.channels_last)
        return F.normalize(self._model.encode_image(normal).float(), dim=1)


def spherical_distance(a: Tensor, b: Tensor) -> Tensor:
    """Half the squared angle between unit vectors, over the last axis (Crowson's VQGAN+CLIP)."""
    return 2 * ((a - b).norm(dim=-1) / 2).clamp(max=1 - 1e-6).arcsin().square()
