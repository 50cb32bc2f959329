"""CLIP: a picture tower and a text tower with one embedding space (Radford et al., https://arxiv.org/abs/2103.00020).

Parameter names match OpenAI's, for both kinds of picture tower (ViT and the modified ResNet), so that its state dicts
and OpenCLIP's (https://github.com/mlfoundations/open_clip) load as they are. Letters: B batch, L tokens, W width,
E embedding size.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class CLIPConfig:
    """The defaults are ViT-B/32's. `vision_layers` is a number for a ViT and four of them for a ResNet.

    OpenCLIP's largest ViTs have heads of another width than 64 and another ratio than 4 between a block's hidden units
    and its width; most of its models were trained with the exact GELU.
    """

    embed_dim: int = 512
    image_resolution: int = 224  # pixels
    vision_layers: int | tuple[int, int, int, int] = 12
    vision_width: int = 768
    vision_patch_size: int | None = 32  # None for a ResNet
    vision_heads: int | None = None  # of a ViT; None: one per 64 channels
    vision_mlp: int | None = None  # hidden units of a ViT's blocks; None: four per channel
    quick_gelu: bool = True  # OpenAI's approximation of GELU, in both towers
    context_length: int = 77  # tokens
    vocab_size: int = 49408
    transformer_width: int = 512
    transformer_heads: int = 8
    transformer_layers: int = 12


class QuickGELU(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(1.702 * x)


class Attention(nn.Module):
    """Multi-head self-attention with `nn.MultiheadAttention`'s parameter names."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = nn.Linear(width, width)
        nn.init.normal_(self.in_proj_weight, std=width**-0.5)

    def forward(self, x: Tensor, causal: bool) -> Tensor:
        batch, length, width = x.shape
        qkv = F.linear(x, self.in_proj_weight, self.in_proj_bias)
        q, k, v = qkv.view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)  # each B, heads, L, W / heads
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
        return self.out_proj(mixed.transpose(1, 2).reshape(batch, length, width))


class ResidualAttentionBlock(nn.Module):
    def __init__(self, width: int, heads: int, hidden: int, quick_gelu: bool, causal: bool) -> None:
        super().__init__()
        self.causal = causal
        self.attn = Attention(width, heads)
        self.ln_1 = nn.LayerNorm(width)
        self.mlp = nn.Sequential()
        self.mlp.add_module("c_fc", nn.Linear(width, hidden))
        self.mlp.add_module("gelu", QuickGELU() if quick_gelu else nn.GELU())
        self.mlp.add_module("c_proj", nn.Linear(hidden, width))
        self.ln_2 = nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.ln_1(x), self.causal)
        return x + self.mlp(self.ln_2(x))


class Transformer(nn.Module):
    def __init__(
        self, width: int, layers: int, heads: int, hidden: int, quick_gelu: bool = True, causal: bool = False
    ) -> None:
        super().__init__()
        blocks = (ResidualAttentionBlock(width, heads, hidden, quick_gelu, causal) for _ in range(layers))
        self.resblocks = nn.Sequential(*blocks)

    def forward(self, x: Tensor) -> Tensor:
        return self.resblocks(x)


class VisionTransformer(nn.Module):
    """Normalised pictures (B, 3, R, R) to embeddings (B, E)."""

    def __init__(self, resolution: int, patch: int, width: int, embed_dim: int, transformer: Transformer) -> None:
        super().__init__()
        scale = width**-0.5
        self.conv1 = nn.Conv2d(3, width, patch, stride=patch, bias=False)
        self.class_embedding = nn.Parameter(scale * torch.randn(width))
        self.positional_embedding = nn.Parameter(scale * torch.randn((resolution // patch) ** 2 + 1, width))
        self.ln_pre = nn.LayerNorm(width)
        self.transformer = transformer
        self.ln_post = nn.LayerNorm(width)
        self.proj = nn.Parameter(scale * torch.randn(width, embed_dim))

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x).flatten(2).transpose(1, 2)  # B, patches, W
        x = torch.cat([self.class_embedding.to(x.dtype).expand(len(x), 1, -1), x], dim=1)  # B, 1 + patches, W
        x = self.transformer(self.ln_pre(x + self.positional_embedding.to(x.dtype)))
        return self.ln_post(x[:, 0]) @ self.proj


class Bottleneck(nn.Module):
    """ResNet's block with the stride done by average pooling."""

    expansion = 4

    def __init__(self, inputs: int, planes: int, stride: int = 1) -> None:
        super().__init__()
        outputs = planes * self.expansion
        self.conv1 = nn.Conv2d(inputs, planes, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.avgpool = nn.AvgPool2d(stride) if stride > 1 else nn.Identity()
        self.conv3 = nn.Conv2d(planes, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride > 1 or inputs != outputs:
            self.downsample = nn.Sequential()
            self.downsample.add_module("-1", nn.AvgPool2d(stride))
            self.downsample.add_module("0", nn.Conv2d(inputs, outputs, 1, bias=False))
            self.downsample.add_module("1", nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        hidden = F.relu(self.bn1(self.conv1(x)))
        hidden = F.relu(self.bn2(self.conv2(hidden)))
        hidden = self.bn3(self.conv3(self.avgpool(hidden)))
        return F.relu(hidden + (x if self.downsample is None else self.downsample(x)))


class AttentionPool2d(nn.Module):
    """The mean of the feature map asks, all positions answer."""

    def __init__(self, side: int, width: int, heads: int, embed_dim: int) -> None:
        super().__init__()
        self.heads = heads
        self.positional_embedding = nn.Parameter(torch.randn(side**2 + 1, width) / width**0.5)
        self.k_proj, self.q_proj, self.v_proj = (nn.Linear(width, width) for _ in range(3))
        self.c_proj = nn.Linear(width, embed_dim)

    def forward(self, x: Tensor) -> Tensor:
        x = x.flatten(2).transpose(1, 2)  # B, HW, W
        x = torch.cat([x.mean(1, keepdim=True), x], dim=1) + self.positional_embedding.to(x.dtype)  # B, 1 + HW, W
        # The one query as a plain row: a slice of three axes would multiply its weights once for each picture.
        q = self.q_proj(x[:, 0]).unflatten(1, (1, self.heads, -1))  # B, 1, heads, W / heads
        k, v = (
            layer(x).unflatten(2, (self.heads, -1)) for layer in (self.k_proj, self.v_proj)
        )  # B, 1 + HW, heads, ...
        weights = ((q * k).sum(3, keepdim=True) * q.shape[3] ** -0.5).softmax(1)  # B, 1 + HW, heads, 1
        return self.c_proj((weights * v).sum(1).flatten(1))


class ModifiedResNet(nn.Module):
    """ResNet with a three-convolution stem, pooled strides and attention at the end."""

    def __init__(
        self, resolution: int, width: int, layers: tuple[int, int, int, int], heads: int, embed_dim: int
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, width // 2, 3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width // 2)
        self.conv2 = nn.Conv2d(width // 2, width // 2, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width // 2)
        self.conv3 = nn.Conv2d(width // 2, width, 3, padding=1, bias=False)
        self.bn3 = nn.BatchNorm2d(width)
        inputs = width
        for index, blocks in enumerate(layers):
            planes, stride = width * 2**index, 1 if index == 0 else 2
            stage = [Bottleneck(inputs, planes, stride)]
            inputs = planes * Bottleneck.expansion
            stage += [Bottleneck(inputs, planes) for _ in range(blocks - 1)]
            self.add_module(f"layer{index + 1}", nn.Sequential(*stage))
        self.attnpool = AttentionPool2d(resolution // 32, inputs, heads, embed_dim)

    def forward(self, x: Tensor) -> Tensor:
        for conv, norm in ((self.conv1, self.bn1), (self.conv2, self.bn2), (self.conv3, self.bn3)):
            x = F.relu(norm(conv(x)))
        x = F.avg_pool2d(x, 2)
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = stage(x)
        return self.attnpool(x)


def _vision_transformer(config: CLIPConfig) -> VisionTransformer:
    width = config.vision_width
    heads, hidden = config.vision_heads or width // 64, config.vision_mlp or width * 4
    transformer = Transformer(width, config.vision_layers, heads, hidden, config.quick_gelu)
    return VisionTransformer(config.image_resolution, config.vision_patch_size, width, config.embed_dim, transformer)


def _resnet(config: CLIPConfig) -> ModifiedResNet:
    width = config.vision_width
    heads = width * 32 // 64  # the last stage is 32 times as wide as the first one's planes; 64 channels a head
    return ModifiedResNet(config.image_resolution, width, config.vision_layers, heads, config.embed_dim)


class CLIP(nn.Module):
    """Embeddings of pictures and texts, comparable by their angle."""

    def __init__(self, config: CLIPConfig) -> None:
        super().__init__()
        self.config = config
        self.visual = _vision_transformer(config) if isinstance(config.vision_layers, int) else _resnet(config)
        width = config.transformer_width
        self.transformer = Transformer(
            width, config.transformer_layers, config.transformer_heads, width * 4, config.quick_gelu, causal=True
        )
        self.token_embedding = nn.Embedding(config.vocab_size, width)
        self.positional_embedding = nn.Parameter(0.01 * torch.randn(config.context_length, width))
        self.ln_final = nn.LayerNorm(width)
        self.text_projection = nn.Parameter(width**-0.5 * torch.randn(width, config.embed_dim))
        self.logit_scale = nn.Parameter(torch.tensor(2.659))  # ln(1 / 0.07)
        nn.init.normal_(self.token_embedding.weight, std=0.02)

    def encode_image(self, pictures: Tensor) -> Tensor:
        """Embeddings (B, E) of pictures (B, 3, R, R), normalised by the perceptor's mean and deviation."""
        return self.visual(pictures)

    def encode_text(self, tokens: Tensor) -> Tensor:
        """Embeddings (B, E) of token ids (B, L), L <= context, read out at the end token, which has the highest id."""
        x = self.token_embedding(tokens) + self.positional_embedding[: tokens.shape[1]]
        x = self.ln_final(self.transformer(x))
        return x[torch.arange(len(x)), tokens.argmax(-1)] @ self.text_projection
