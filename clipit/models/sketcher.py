"""Sketcher: a small network that turns a text into a rough picture, from which a drawing can start.

A feed-forward generator beside CLIP, after https://github.com/mehdidc/feed_forward_vqgan_clip; the coordinates of each
pixel, as seen from the thing's own centre and size, are given to it as in a compositional pattern-producing network.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

HINTS = 7  # channels that tell a convolution where it is
BOX = 1.15  # a word's picture is this much larger than the thing's box, for the shadow and the edges
POSE = 6  # size, x and y of a single thing as shares of the side, and the red, green and blue behind it, all 0..1


@dataclass(frozen=True)
class SketcherConfig:
    embed_dim: int = 256  # of the CLIP whose texts it reads
    vocab_size: int = 3014  # of that CLIP's tokenizer
    word_side: int = 16  # cells a side of a word's own little picture
    widths: tuple[int, ...] = (96, 128, 96, 64)  # channels at 4, 8, 16, ... cells a side
    enlarge: int = 4  # pixels a side that each cell of the last level becomes

    @property
    def side(self) -> int:
        """Pixels a side of a sketch."""
        return 4 * 2 ** (len(self.widths) - 1) * self.enlarge


class _Level(nn.Module):
    """Twice the size; two convolutions that see the hints, scaled and shifted channel by channel by the wish."""

    def __init__(self, inputs: int, outputs: int, wish: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs + HINTS, outputs, 3, padding=1)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.norm1, self.norm2 = nn.GroupNorm(8, outputs), nn.GroupNorm(8, outputs)
        self.modulate = nn.Linear(wish, 2 * outputs)

    def forward(self, x: Tensor, wish: Tensor, words: Tensor, pose: Tensor) -> Tensor:
        x = F.interpolate(x, scale_factor=2.0, mode="nearest")
        x = self.norm1(self.conv1(torch.cat([x, _hints(x, words, pose)], 1)))
        scale, shift = self.modulate(wish)[:, :, None, None].chunk(2, 1)
        x = F.silu(x * (1 + scale) + shift)
        return F.silu(self.norm2(self.conv2(x)))


def _hints(x: Tensor, words: Tensor, pose: Tensor) -> Tensor:
    """(B, HINTS, h, w): where each cell lies in the picture and in the thing's box, and what the words show there."""
    line = (torch.arange(x.shape[-1], device=x.device, dtype=torch.float32) + 0.5) / x.shape[-1]
    across = line.expand(len(x), x.shape[-1], -1)
    plain = torch.stack([across, across.transpose(1, 2)], 3)  # B, h, w, 2 in 0..1
    boxed = (plain - pose[:, None, None, 1:3]) / pose[:, None, None, :1] * 2  # the box is -1..1
    shown = F.grid_sample(words.float(), boxed / BOX, padding_mode="zeros", align_corners=False)
    return torch.cat([plain.movedim(3, 1) * 2 - 1, boxed.movedim(3, 1), shown], 1).to(x.dtype)


class Sketcher(nn.Module):
    """Words, unit text embeddings (B, E) and poses (B, POSE) to pictures (B, 3, side, side) around 0..1.

    CLIP's embedding says what the whole text means: the place, the style, the colours. Each word has a little picture
    of its own, learned with the rest, which is laid where the thing is to be: it tells things of one colour apart.
    """

    def __init__(self, config: SketcherConfig) -> None:
        super().__init__()
        self.config = config
        first, *_, last = config.widths
        wish = config.embed_dim + POSE
        self.words = nn.Embedding(config.vocab_size, 3 * config.word_side**2)
        nn.init.normal_(self.words.weight, std=0.01)
        self.first = nn.Linear(wish, first * 16)
        pairs = zip(config.widths, config.widths[1:], strict=False)
        self.levels = nn.ModuleList(_Level(inputs, outputs, wish) for inputs, outputs in pairs)
        self.last = nn.Conv2d(last, 3 * config.enlarge**2, 3, padding=1)

    def read(self, tokens: Tensor) -> Tensor:
        """The words' pictures (B, 3, word_side, word_side), summed, of token ids (B, L); start and end have none."""
        place, end = torch.arange(tokens.shape[1], device=tokens.device), tokens.argmax(1, keepdim=True)
        inside = ((place > 0) & (place < end))[..., None]  # B, L, 1
        return (self.words(tokens) * inside).sum(1).unflatten(1, (3, self.config.word_side, self.config.word_side))

    def forward(self, words: Tensor, texts: Tensor, pose: Tensor) -> Tensor:
        # A unit vector's entries are small beside the pose's; this brings both to the same size.
        wish = torch.cat([texts * self.config.embed_dim**0.5, pose * 2 - 1], 1)
        x = self.first(wish).view(len(wish), -1, 4, 4)
        for level in self.levels:
            x = level(x, wish, words, pose)
        return F.pixel_shuffle(self.last(x), self.config.enlarge) + 0.5
