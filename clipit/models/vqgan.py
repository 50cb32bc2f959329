"""VQGAN: a convolutional autoencoder with a vector-quantised latent (Esser et al., https://arxiv.org/abs/2012.09841).

Parameter names match taming-transformers' `VQModel` and `GumbelVQ`, so that their state dicts load as they are.
Letters: B batch, C channels, H and W height and width, N codebook entries, D embedding size.
"""

import itertools
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class VQGANConfig:
    """The numbers of taming's `ddconfig`; the defaults are those of imagenet_f16_16384."""

    ch: int = 128
    ch_mult: tuple[int, ...] = (1, 1, 2, 2, 4)
    num_res_blocks: int = 2
    attn_resolutions: tuple[int, ...] = (16,)
    resolution: int = 256  # the training size; with attn_resolutions it decides which levels attend
    z_channels: int = 256
    n_embed: int = 16384
    embed_dim: int = 256
    groups: int = 32  # of GroupNorm
    middle_attends: bool = True  # whether the lowest level does; ours is of many cells and would be slow
    gumbel: bool = False  # whether it is a GumbelVQ, whose encoder names the entry instead of coming near it

    @property
    def factor(self) -> int:
        """How many pixels one latent covers, along each axis."""
        return 2 ** (len(self.ch_mult) - 1)

    def attends(self, level: int) -> bool:
        """Whether the encoder attends here; level 0 has the resolution of the pictures."""
        return self.resolution // 2**level in self.attn_resolutions

    def attends_again(self, level: int) -> bool:
        """Whether the decoder does: it counts up from the lowest level, where the resolution was rounded down."""
        return self.resolution // self.factor * self.factor // 2**level in self.attn_resolutions


def _norm(channels: int, groups: int) -> nn.GroupNorm:
    return nn.GroupNorm(groups, channels, eps=1e-6)


class ResnetBlock(nn.Module):
    def __init__(self, inputs: int, outputs: int, groups: int) -> None:
        super().__init__()
        self.norm1 = _norm(inputs, groups)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.norm2 = _norm(outputs, groups)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        if inputs != outputs:
            self.nin_shortcut = nn.Conv2d(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.conv1(F.silu(self.norm1(x)))
        hidden = self.conv2(F.silu(self.norm2(hidden)))
        return hidden + (self.nin_shortcut(x) if hasattr(self, "nin_shortcut") else x)


class AttnBlock(nn.Module):
    """Single-head attention over all positions."""

    def __init__(self, channels: int, groups: int) -> None:
        super().__init__()
        self.norm = _norm(channels, groups)
        self.q, self.k, self.v, self.proj_out = (nn.Conv2d(channels, channels, 1) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.norm(x)
        q, k, v = (layer(hidden).flatten(2).transpose(1, 2) for layer in (self.q, self.k, self.v))  # B, HW, C
        hidden = F.scaled_dot_product_attention(q, k, v)  # B, HW, C
        return x + self.proj_out(hidden.transpose(1, 2).reshape(x.shape))


class Downsample(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.pad(x, (0, 1, 0, 1)))  # the original pads right and bottom only


class Upsample(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))


def _level(inputs: int, outputs: int, blocks: int, attends: bool, groups: int) -> nn.Module:
    """One resolution: `blocks` residual blocks, each followed by attention where the level attends."""
    level = nn.Module()
    level.block = nn.ModuleList(ResnetBlock(inputs if i == 0 else outputs, outputs, groups) for i in range(blocks))
    level.attn = nn.ModuleList(AttnBlock(outputs, groups) for _ in range(blocks if attends else 0))
    return level


def _run_level(level: nn.Module, hidden: Tensor) -> Tensor:
    for index, block in enumerate(level.block):
        hidden = block(hidden)
        if level.attn:
            hidden = level.attn[index](hidden)
    return hidden


def _middle(channels: int, groups: int, attends: bool) -> nn.Module:
    middle = nn.Module()
    middle.block_1 = ResnetBlock(channels, channels, groups)
    middle.attn_1 = AttnBlock(channels, groups) if attends else nn.Identity()
    middle.block_2 = ResnetBlock(channels, channels, groups)
    return middle


def _run_middle(middle: nn.Module, hidden: Tensor) -> Tensor:
    return middle.block_2(middle.attn_1(middle.block_1(hidden)))


class Encoder(nn.Module):
    """Pictures (B, 3, H, W) to (B, z_channels, H / factor, W / factor)."""

    def __init__(self, config: VQGANConfig) -> None:
        super().__init__()
        widths = [config.ch * mult for mult in (1, *config.ch_mult)]
        self.conv_in = nn.Conv2d(3, config.ch, 3, padding=1)
        self.down = nn.ModuleList()
        for index, (inputs, outputs) in enumerate(itertools.pairwise(widths)):
            level = _level(inputs, outputs, config.num_res_blocks, config.attends(index), config.groups)
            if index < len(config.ch_mult) - 1:
                level.downsample = Downsample(outputs)
            self.down.append(level)
        self.mid = _middle(widths[-1], config.groups, config.middle_attends)
        self.norm_out = _norm(widths[-1], config.groups)
        self.conv_out = nn.Conv2d(widths[-1], config.z_channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.conv_in(x)
        for level in self.down:
            hidden = _run_level(level, hidden)
            if hasattr(level, "downsample"):
                hidden = level.downsample(hidden)
        return self.conv_out(F.silu(self.norm_out(_run_middle(self.mid, hidden))))


class Decoder(nn.Module):
    """Latents (B, z_channels, h, w) to pictures (B, 3, h * factor, w * factor). `up` runs from the last level."""

    def __init__(self, config: VQGANConfig) -> None:
        super().__init__()
        widths = [config.ch * mult for mult in config.ch_mult]
        self.conv_in = nn.Conv2d(config.z_channels, widths[-1], 3, padding=1)
        self.mid = _middle(widths[-1], config.groups, config.middle_attends)
        self.up = nn.ModuleList()
        for index, outputs in enumerate(widths):
            inputs = widths[min(index + 1, len(widths) - 1)]
            level = _level(inputs, outputs, config.num_res_blocks + 1, config.attends_again(index), config.groups)
            if index > 0:
                level.upsample = Upsample(outputs)
            self.up.append(level)
        self.norm_out = _norm(widths[0], config.groups)
        self.conv_out = nn.Conv2d(widths[0], 3, 3, padding=1)

    def forward(self, z: Tensor) -> Tensor:
        hidden = _run_middle(self.mid, self.conv_in(z))
        for level in reversed(self.up):
            hidden = _run_level(level, hidden)
            if hasattr(level, "upsample"):
                hidden = level.upsample(hidden)
        return self.conv_out(F.silu(self.norm_out(hidden)))


class Codebook(nn.Module):
    """N vectors of D numbers; taming calls it `VectorQuantizer2`."""

    def __init__(self, entries: int, size: int, name: str = "embedding") -> None:
        super().__init__()
        self._name = name
        self.add_module(name, nn.Embedding(entries, size))
        nn.init.uniform_(self.codes, -1 / entries, 1 / entries)

    @property
    def codes(self) -> nn.Parameter:
        """The entries (N, D)."""
        return self.get_submodule(self._name).weight

    def read(self, hidden: Tensor) -> Tensor:
        """Latents (B, D, h, w) for what the encoder says."""
        return hidden

    def nearest(self, z: Tensor) -> Tensor:
        """Indices (B, h, w) of the entries nearest to the latents (B, D, h, w), by squared distance."""
        batch, size, height, width = z.shape
        flat = z.detach().float().permute(0, 2, 3, 1).reshape(-1, size)  # Bhw, D
        codes = self.codes.detach().float()
        # |z|^2 does not change which entry is nearest.
        distance = torch.addmm(codes.square().sum(1), flat, codes.t(), beta=1, alpha=-2)  # Bhw, N
        return distance.argmin(1).view(batch, height, width)

    def look_up(self, indices: Tensor) -> Tensor:
        """Entries (B, D, h, w) for indices (B, h, w)."""
        return F.embedding(indices, self.codes).permute(0, 3, 1, 2)

    def forward(self, z: Tensor) -> Tensor:
        """The nearest entries forward, the identity backward (straight-through, Bengio et al. 2013)."""
        return z + (self.look_up(self.nearest(z)).to(z.dtype) - z).detach()


class GumbelCodebook(Codebook):
    """A codebook whose encoder gives a logit for each entry; taming calls it `GumbelQuantize`.

    Latents that are drawn with are snapped to the nearest entry, as in any codebook.
    """

    def __init__(self, entries: int, size: int) -> None:
        super().__init__(entries, size, name="embed")
        self.proj = nn.Conv2d(size, entries, 1)

    def read(self, hidden: Tensor) -> Tensor:
        """The likeliest entries (B, D, h, w); the original draws lots by the logits, even when it only encodes."""
        return self.look_up(self.proj(hidden).argmax(1))


class VQGAN(nn.Module):
    """Encoder, codebook and decoder. Pictures are (B, 3, H, W) in 0..1; the network itself works in -1..1."""

    def __init__(self, config: VQGANConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        codebook = GumbelCodebook if config.gumbel else Codebook
        self.quantize = codebook(config.n_embed, config.embed_dim)
        self.quant_conv = nn.Conv2d(config.z_channels, config.embed_dim, 1)
        self.post_quant_conv = nn.Conv2d(config.embed_dim, config.z_channels, 1)

    def encode(self, pictures: Tensor) -> Tensor:
        """Latents (B, D, H / factor, W / factor); not yet quantised, except those of a GumbelVQ."""
        return self.quantize.read(self.quant_conv(self.encoder(pictures * 2 - 1)))

    def decode(self, latents: Tensor) -> Tensor:
        """Pictures for latents that lie on the codebook; about 0..1, not clamped."""
        return (self.decoder(self.post_quant_conv(latents)) + 1) / 2

    def latent_range(self) -> tuple[Tensor, Tensor]:
        """Smallest and largest value in the codebook per dimension, each (1, D, 1, 1)."""
        codes = self.quantize.codes.detach()
        return codes.amin(0)[None, :, None, None], codes.amax(0)[None, :, None, None]
