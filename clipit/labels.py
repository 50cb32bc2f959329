"""Prompts that are more, or less, than one text: a label is several sentences about a thing, noise is none.

The sentences are those that OpenAI chose for ImageNet (https://github.com/openai/CLIP, the notebook on prompts).
"""

import torch
import torch.nn.functional as F
from torch import Tensor

TEMPLATES = (
    "itap of a {}.",
    "a bad photo of the {}.",
    "a origami {}.",
    "a photo of the large {}.",
    "a {} in a video game.",
    "art of the {}.",
    "a photo of the small {}.",
)


def label_texts(label: str) -> tuple[str, ...]:
    """The sentences that speak of a label; the mean of their unit embeddings, made a unit again, stands for it."""
    return tuple(template.replace("{}", label) for template in TEMPLATES)


def label_embedding(embeddings: Tensor) -> Tensor:
    """One unit embedding (E,) of the unit embeddings (7, E) of a label's sentences."""
    return F.normalize(embeddings.mean(0), dim=0)


def noise_embedding(seed: int, size: int) -> Tensor:
    """A random direction to draw towards, (size,) of length 1; the same for the same seed, as clipit makes it."""
    normal = torch.randn(size, generator=torch.Generator().manual_seed(seed))
    return F.normalize(normal, dim=0)
