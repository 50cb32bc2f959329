"""Trains a small CLIP on scenes, against small attacks: a robust classifier's gradients draw things that people
recognise (Santurkar et al., https://arxiv.org/abs/1906.09453; the attack is Madry's, https://arxiv.org/abs/1706.06083,
under an L2 bound).

    python -m training.clip OUT.safetensors --data FOLDER... --seed 1 --steps 2600 --attack 1.2
"""

import argparse
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from clipit.models.clip import CLIP, CLIPConfig
from clipit.models.tokenizer import Tokenizer
from clipit.weights.checkpoints import save_clip
from training import dataset, merges

MEAN, DEVIATION = (0.481, 0.458, 0.408), (0.269, 0.261, 0.276)  # OpenAI's
CONFIG = {
    "embed_dim": 256, "image_resolution": 64, "vision_layers": (1, 2, 2, 1), "vision_width": 32,
    "vision_patch_size": None,
    "context_length": 32, "transformer_width": 128, "transformer_heads": 2, "transformer_layers": 3,
}  # fmt: skip
MERGES = 2500
MEASURED = 2048  # scenes by which the finished model is adjusted
HELD_OUT = 512  # scenes at the end of each set, for the retrieval figure


class Scenes:
    """Several sets as one, with their captions as tokens."""

    def __init__(self, folders: list[Path], tokenizer: Tokenizer, context: int) -> None:
        self.images, self.captions = [], []
        for folder in folders:
            images, captions = dataset.load(folder)
            self.images.append(images)
            self.captions += captions
        self.starts = np.cumsum([0, *(len(images) for images in self.images)])
        self.tokens = tokenizer(self.captions, context)

    def __len__(self) -> int:
        return len(self.captions)

    def batch(self, indices: np.ndarray) -> tuple[Tensor, Tensor]:
        """Pictures (B, 3, S, S) in 0..1 and tokens (B, L), L as long as the longest caption needs."""
        sets = np.searchsorted(self.starts, indices, side="right") - 1
        pixels = np.stack([self.images[s][i - self.starts[s]] for s, i in zip(sets, indices, strict=True)])
        tokens = self.tokens[torch.from_numpy(indices)]
        length = int(tokens.argmax(1).max()) + 1
        return torch.from_numpy(pixels).permute(0, 3, 1, 2).float().div(255), tokens[:, :length]


def look(pictures: Tensor, side: int, generator: torch.Generator) -> Tensor:
    """A random view of each, (B, 3, side, side): moved, scaled, turned, mirrored, in another light, with noise."""
    batch, device = len(pictures), pictures.device
    noise = lambda *shape: torch.rand(*shape, generator=generator).to(device)  # noqa: E731
    angle, scale = (noise(batch) - 0.5) * 0.35, 0.72 + 0.4 * noise(batch)
    mirror = torch.where(noise(batch) < 0.5, -1.0, 1.0)
    shift = (noise(batch, 2) - 0.5) * 0.3
    cos, sin = angle.cos() * scale, angle.sin() * scale
    affine = torch.stack(
        [torch.stack([cos * mirror, -sin, shift[:, 0]], 1), torch.stack([sin * mirror, cos, shift[:, 1]], 1)], 1
    )
    grid = F.affine_grid(affine, [batch, 3, side, side], align_corners=False)
    views = F.grid_sample(pictures, grid, padding_mode="reflection", align_corners=False)
    light = 0.8 + 0.4 * noise(batch, 1, 1, 1)
    tint = 1 + 0.12 * (noise(batch, 3, 1, 1) - 0.5)
    grain = torch.randn(views.shape, generator=generator).to(device) * (0.1 * noise(batch, 1, 1, 1) ** 2)
    return (views * light * tint + 0.2 * (noise(batch, 1, 1, 1) - 0.5) + grain).clamp(0, 1)


def normalise(pictures: Tensor) -> Tensor:
    mean, deviation = (torch.tensor(values, device=pictures.device).view(1, 3, 1, 1) for values in (MEAN, DEVIATION))
    return ((pictures - mean) / deviation).contiguous(memory_format=torch.channels_last)


def contrast(images: Tensor, texts: Tensor, scale: Tensor) -> Tensor:
    """The symmetric cross-entropy of CLIP; both inputs (B, E), not normalised."""
    logits = scale * F.normalize(images.float(), dim=1) @ F.normalize(texts.float(), dim=1).t()
    target = torch.arange(len(logits), device=logits.device)
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.t(), target)) / 2


def attack(model: CLIP, views: Tensor, texts: Tensor, scale: Tensor, radius: float, steps: int = 1) -> Tensor:
    """Views moved by at most `radius` (L2 over all pixels in 0..1) to where the loss is higher."""
    length = lambda x: x.flatten(1).norm(dim=1).clamp_min(1e-9).view(-1, 1, 1, 1)  # noqa: E731
    delta = torch.randn_like(views)
    delta = delta / length(delta) * radius * 0.5
    for _ in range(steps):
        delta.requires_grad_()
        loss = contrast(model.encode_image(normalise(views + delta)), texts, scale)
        (gradient,) = torch.autograd.grad(loss, delta)
        delta = delta.detach() + gradient / length(gradient) * radius * 0.75
        delta = delta * (radius / length(delta)).clamp(max=1)
    return (views + delta).detach()


@torch.inference_mode()
def retrieval(model: CLIP, scenes: Scenes, indices: np.ndarray, device: str) -> float:
    """Share of held-out scenes whose own caption is nearest among all of them."""
    pictures, tokens = scenes.batch(indices)
    side = model.config.image_resolution
    views = F.interpolate(pictures, (side, side), mode="area").to(device)
    images = F.normalize(model.encode_image(normalise(views)).float(), dim=1)
    texts = F.normalize(model.encode_text(tokens.to(device)).float(), dim=1)
    own = (images * texts).sum(1, keepdim=True)
    # A caption that says the same counts as right: only strictly better ones are mistakes.
    return float(((images @ texts.t()) <= own + 1e-5).all(1).float().mean())


@torch.no_grad()
def settle_norms(model: CLIP, scenes: Scenes, indices: np.ndarray, generator: torch.Generator, device: str) -> None:
    """Measure the batch norms' statistics anew: averaged weights have others than the average of those on the way."""
    norms = [module for module in model.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean over all batches
    model.train()
    for part in np.array_split(indices, max(1, len(indices) // 128)):
        pictures, _ = scenes.batch(part)
        model.encode_image(normalise(look(pictures.to(device), model.config.image_resolution, generator)))
    model.eval()


@torch.no_grad()
def centre(model: CLIP, scenes: Scenes, indices: np.ndarray, device: str) -> None:
    """Move the mean embedding of pictures, and that of texts, to the origin, inside the last layers' biases.

    Pictures and texts of a CLIP lie in two narrow cones (Liang et al., https://arxiv.org/abs/2203.02053). What all
    texts have in common says nothing about any of them, yet it would be much of the gradient that guides a drawing.
    """
    pictures, tokens = scenes.batch(indices)
    side = model.config.image_resolution
    images = model.encode_image(normalise(F.interpolate(pictures, (side, side), mode="area").to(device))).float()
    texts = model.encode_text(tokens.to(device)).float()
    model.visual.attnpool.c_proj.bias -= images.mean(0)
    # The text tower ends in a matrix without bias; the layer norm before it has one.
    model.ln_final.bias -= texts.mean(0) @ torch.linalg.pinv(model.text_projection.float())


def train(
    out: Path,
    folders: list[Path],
    seed: int,
    steps: int = 2600,
    batch: int = 128,
    radius: float = 1.2,
    rate: float = 1.5e-3,
    log=print,
    **config,
) -> None:
    """Train for `steps` batches and save averaged weights (decay 0.998) with the merges."""
    torch.manual_seed(seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    captions = [caption for folder in folders for caption in dataset.load(folder)[1]]
    learned = merges.learn(captions, MERGES)
    tokenizer = Tokenizer(learned)
    model = CLIP(CLIPConfig(**{**CONFIG, **config}, vocab_size=len(tokenizer))).to(
        device, memory_format=torch.channels_last
    )
    scenes = Scenes(folders, tokenizer, model.config.context_length)
    held_out = np.concatenate([np.arange(end - HELD_OUT // len(folders), end) for end in scenes.starts[1:]])
    pool = np.setdiff1d(np.arange(len(scenes)), held_out)
    average = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.998), use_buffers=True
    )
    decayed = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    optimiser = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.05}, {"params": others, "weight_decay": 0}], rate, (0.9, 0.98)
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / 200, 0.5 + 0.5 * math.cos(math.pi * step / steps)) + 1e-3
    )
    log(f"{sum(p.numel() for p in model.parameters()):,} parameters, {len(tokenizer)} tokens, {len(pool)} scenes")
    began = time.time()
    for step in range(steps):
        pictures, tokens = scenes.batch(rng.choice(pool, batch))
        views = look(pictures.to(device), model.config.image_resolution, generator)
        with torch.autocast(device, torch.bfloat16):
            texts, scale = model.encode_text(tokens.to(device)), model.logit_scale.exp().clamp(max=100)
            # The attack grows from a fifth to half of the steps: a young network would learn nothing under it.
            reach = radius * min(1.0, max(0.0, 3 * step / steps - 0.6))
            if reach > 0:
                views = attack(model, views, texts.detach(), scale.detach(), reach)
            loss = contrast(model.encode_image(normalise(views)), texts, scale)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        average.update_parameters(model)
        if step % 100 == 99 or step == steps - 1:
            model.eval()
            top1 = retrieval(average.module if step > 800 else model, scenes, held_out, device)
            model.train()
            log(
                f"step {step + 1}/{steps} loss {loss.item():.3f} scale {scale.item():.1f} top-1 {top1:.3f} "
                f"{time.time() - began:.0f} s"
            )
            if step % 500 == 499:
                save_clip(out, average.module, learned, MEAN, DEVIATION)
    measured = rng.choice(pool, MEASURED)
    settle_norms(average.module, scenes, measured, generator, device)
    centre(average.module, scenes, measured, device)
    log(f"centred: top-1 {retrieval(average.module, scenes, held_out, device):.3f}")
    save_clip(out, average.module, learned, MEAN, DEVIATION)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], argument_default=argparse.SUPPRESS)
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", dest="folders", type=Path, nargs="+", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--batch", type=int)
    parser.add_argument("--attack", dest="radius", type=float)
    parser.add_argument("--rate", type=float)
    train(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
