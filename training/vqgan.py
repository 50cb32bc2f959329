"""Trains a small VQGAN on crops of scenes: reconstruction, commitment, a codebook of moving averages (van den Oord et
al., https://arxiv.org/abs/1711.00937, appendix A.1, with unused entries restarted) and, later, a patch discriminator.

    python -m training.vqgan OUT.safetensors --data FOLDER --seed 1 --steps 3750
"""

import argparse
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from clipit.models.vqgan import VQGAN, VQGANConfig
from clipit.weights.checkpoints import load_vqgan, save_vqgan
from training import dataset

CONFIG = VQGANConfig(
    ch=32, ch_mult=(1, 2, 2, 4), num_res_blocks=1, attn_resolutions=(), resolution=64,
    z_channels=64, n_embed=1024, embed_dim=32, groups=8,
)  # fmt: skip
CROP = 64
HELD_OUT = 128


def discriminator(width: int = 32) -> nn.Sequential:
    """PatchGAN (Isola et al., https://arxiv.org/abs/1611.07004): (B, 3, H, W) to logits (B, 1, H / 8, W / 8)."""
    layers: list[nn.Module] = []
    for inputs, outputs in ((3, width), (width, 2 * width), (2 * width, 4 * width)):
        layers += [nn.Conv2d(inputs, outputs, 4, stride=2, padding=1), nn.GroupNorm(8, outputs), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Conv2d(4 * width, 1, 3, padding=1))


class MovingCodebook:
    """Moves each entry to the moving average of the latents it stands for, and restarts entries that stand for none."""

    def __init__(self, weight: Tensor, decay: float = 0.98) -> None:
        self.weight, self.decay = weight, decay
        self.counts = torch.ones(len(weight), device=weight.device)
        self.sums = weight.detach().clone()

    @torch.no_grad()
    def update(self, latents: Tensor, indices: Tensor) -> None:
        """`latents` (B, D, h, w) float32, `indices` (B, h, w)."""
        flat, index = latents.permute(0, 2, 3, 1).reshape(-1, latents.shape[1]), indices.flatten()
        counts = torch.zeros_like(self.counts).index_add_(0, index, torch.ones_like(index, dtype=torch.float))
        self.counts.lerp_(counts, 1 - self.decay)
        self.sums.lerp_(torch.zeros_like(self.sums).index_add_(0, index, flat), 1 - self.decay)
        dead = self.counts < 0.02
        fresh = flat[torch.randint(len(flat), (int(dead.sum()),), device=flat.device)]
        self.counts[dead] = 1.0
        self.sums[dead] = fresh
        self.weight.copy_(self.sums / self.counts[:, None])


def crops(images: np.ndarray, indices: np.ndarray, rng: np.random.Generator) -> Tensor:
    """Random windows of CROP pixels, mirrored at random, (B, 3, CROP, CROP) in 0..1."""
    room = images.shape[1] - CROP
    parts = []
    for index in indices:
        y, x = rng.integers(0, room + 1, 2)
        part = images[index, y : y + CROP, x : x + CROP]
        parts.append(part[:, ::-1] if rng.random() < 0.5 else part)
    return torch.from_numpy(np.stack(parts)).permute(0, 3, 1, 2).float().div(255)


def edges(pictures: Tensor) -> tuple[Tensor, Tensor]:
    return pictures.diff(dim=2), pictures.diff(dim=3)


def likeness(picture: Tensor, target: Tensor) -> Tensor:
    """How far a reconstruction is off: absolute and squared differences, and those of edges, for sharp lines."""
    sharp = sum(F.l1_loss(a, b) for a, b in zip(edges(picture), edges(target), strict=True))
    return F.l1_loss(picture, target) + 2 * F.mse_loss(picture, target) + sharp


@torch.no_grad()
def psnr(model: VQGAN, images: np.ndarray, device: str) -> float:
    """Mean peak signal-to-noise ratio in dB over whole held-out scenes."""
    values = []
    for part in np.array_split(images, 8):
        target = torch.from_numpy(part).permute(0, 3, 1, 2).float().div(255).to(device)
        result = model.decode(model.quantize(model.encode(target))).clamp(0, 1)
        values.append(-10 * (result - target).square().mean((1, 2, 3)).log10())
    return float(torch.cat(values).mean())


def train(
    out: Path,
    folder: Path,
    seed: int,
    steps: int = 3750,
    batch: int = 16,
    rate: float = 6e-4,
    gan_from: float = 0.68,
    start: Path | None = None,
    log=print,
) -> None:
    """Train for `steps` batches; the discriminator joins after the share `gan_from` of them."""
    torch.manual_seed(seed)
    rng, device = np.random.default_rng(seed), "cuda" if torch.cuda.is_available() else "cpu"
    images, _ = dataset.load(folder)
    model = VQGAN(CONFIG).to(device, memory_format=torch.channels_last)
    critic = discriminator().to(device, memory_format=torch.channels_last)
    if start is not None:
        model.load_state_dict(load_vqgan(start).state_dict())
    codebook_weight = model.quantize.embedding.weight.requires_grad_(False)
    codebook = MovingCodebook(codebook_weight)
    learned = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(learned, rate, (0.9, 0.95), weight_decay=1e-4)
    against = torch.optim.AdamW(critic.parameters(), rate / 2, (0.5, 0.9))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / 100, 0.5 + 0.5 * math.cos(math.pi * step / steps)) + 1e-2
    )
    log(f"{sum(p.numel() for p in model.parameters()):,} parameters")
    began = time.time()
    for step in range(steps):
        target = crops(images, rng.integers(0, len(images) - HELD_OUT, batch), rng).to(
            device, memory_format=torch.channels_last
        )
        with torch.autocast(device, torch.bfloat16):
            latents = model.encode(target).float()
        if step == 0 and start is None:
            flat = latents.detach().permute(0, 2, 3, 1).reshape(-1, CONFIG.embed_dim)
            codebook_weight.data.copy_(flat[torch.randint(len(flat), (CONFIG.n_embed,))])
            codebook = MovingCodebook(codebook_weight)
        indices = model.quantize.nearest(latents)
        chosen = model.quantize.look_up(indices)
        codebook.update(latents.detach(), indices)
        with torch.autocast(device, torch.bfloat16):
            picture = model.decode(latents + (chosen - latents).detach())
        picture = picture.float()
        fit = likeness(picture, target)
        loss = fit + 0.25 * F.mse_loss(latents, chosen)
        joined = step >= gan_from * steps
        if joined:
            with torch.autocast(device, torch.bfloat16):
                fooled = -critic(picture * 2 - 1).float().mean()
            last = model.decoder.conv_out.weight
            pull, push = (torch.autograd.grad(term, last, retain_graph=True)[0].norm() for term in (fit, fooled))
            loss = loss + 0.4 * (pull / (push + 1e-4)).clamp(max=10).detach() * fooled
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimiser.step()
        schedule.step()
        if joined:
            with torch.autocast(device, torch.bfloat16):
                real, drawn = critic(target * 2 - 1).float(), critic(picture.detach() * 2 - 1).float()
            hinge = (F.relu(1 - real) + F.relu(1 + drawn)).mean() / 2
            against.zero_grad()
            hinge.backward()
            against.step()
        if step % 250 == 249 or step == steps - 1:
            used = len(indices.unique())
            log(
                f"step {step + 1}/{steps} fit {fit.item():.4f} codes in batch {used} "
                f"PSNR {psnr(model, images[-HELD_OUT:], device):.2f} dB {time.time() - began:.0f} s"
            )
            save_vqgan(out, model)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], argument_default=argparse.SUPPRESS)
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", dest="folder", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--batch", type=int)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--gan-from", type=float)
    parser.add_argument("--start", type=Path)
    train(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
