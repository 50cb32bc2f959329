"""Trains a small VQGAN on crops of scenes: reconstruction, commitment, a codebook of moving averages (van den Oord et
al., https://arxiv.org/abs/1711.00937, appendix A.1, with unused entries restarted) and, later, a patch discriminator.

    python -m training.vqgan OUT.safetensors --data FOLDER --album FOLDER --seed 1
"""

import argparse
import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from clipit.models.vqgan import VQGAN, VQGANConfig
from clipit.sketching.memory import GREY
from clipit.weights.checkpoints import save_vqgan
from training import dataset
from training.album import Rendered, album
from training.progress import Curve, lots, save, take_up

CONFIG = VQGANConfig(
    ch=32, ch_mult=(1, 2, 3), num_res_blocks=1, attn_resolutions=(), resolution=64,
    z_channels=64, n_embed=1024, embed_dim=8, groups=8, middle_attends=False,
)  # fmt: skip
CROP = 64
HELD_OUT = 128
REMEMBERED = 4  # crops of a batch that show what the sketcher remembers: bare things, and the covers of layers
EVERY = 250  # steps between two measurements
PULL = 0.2  # of the discriminator, as a share of the fit's


def discriminator(width: int = 32) -> nn.Sequential:
    """PatchGAN (Isola et al., https://arxiv.org/abs/1611.07004): (B, 3, H, W) to logits (B, 1, H / 8, W / 8)."""
    layers: list[nn.Module] = []
    for inputs, outputs in ((3, width), (width, 2 * width), (2 * width, 4 * width)):
        layers += [nn.Conv2d(inputs, outputs, 4, stride=2, padding=1), nn.GroupNorm(8, outputs), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Conv2d(4 * width, 1, 3, padding=1))


class Opponent:
    """The discriminator, with its optimiser: it pulls the VQGAN towards what it takes for real (Esser et al. 2021)."""

    def __init__(self, device: str, rate: float) -> None:
        self.network = discriminator().to(device, memory_format=torch.channels_last)
        self.optimiser = torch.optim.AdamW(self.network.parameters(), rate, (0.5, 0.9))
        self._device = device

    def _judge(self, pictures: Tensor) -> Tensor:
        with torch.autocast(self._device, torch.bfloat16):
            return self.network(pictures * 2 - 1).float()

    def pull(self, picture: Tensor, fit: Tensor, last: Tensor) -> Tensor:
        """The loss of not being taken for real, about as strong at the decoder's `last` weights as the fit's is."""
        fooled = -self._judge(picture).mean()
        ours, theirs = (torch.autograd.grad(term, last, retain_graph=True)[0].norm() for term in (fit, fooled))
        return PULL * (ours / (theirs + 1e-4)).clamp(max=10).detach() * fooled

    def learn(self, target: Tensor, picture: Tensor) -> None:
        """A step of telling them apart, by the hinge loss."""
        hinge = (F.relu(1 - self._judge(target)) + F.relu(1 + self._judge(picture.detach()))).mean() / 2
        self.optimiser.zero_grad()
        hinge.backward()
        self.optimiser.step()


class MovingCodebook(nn.Module):
    """Moves each entry to the moving average of the latents it stands for, and restarts entries that stand for none."""

    def __init__(self, weight: Tensor, decay: float = 0.99) -> None:
        super().__init__()
        self.weight, self.decay = weight, decay
        self.register_buffer("counts", torch.ones(len(weight), device=weight.device))
        self.register_buffer("sums", weight.detach().clone())

    @torch.no_grad()
    def begin(self, latents: Tensor) -> None:
        """Let the entries be latents (B, D, h, w) of the first batch."""
        flat = latents.permute(0, 2, 3, 1).reshape(-1, latents.shape[1])
        self.weight.copy_(flat[torch.randint(len(flat), (len(self.weight),))])
        self.sums.copy_(self.weight)

    @torch.no_grad()
    def update(self, latents: Tensor, indices: Tensor, generator: torch.Generator) -> None:
        """`latents` (B, D, h, w) float32, `indices` (B, h, w)."""
        flat, index = latents.permute(0, 2, 3, 1).reshape(-1, latents.shape[1]), indices.flatten()
        counts = torch.zeros_like(self.counts).index_add_(0, index, torch.ones_like(index, dtype=torch.float))
        self.counts.lerp_(counts, 1 - self.decay)
        self.sums.lerp_(torch.zeros_like(self.sums).index_add_(0, index, flat), 1 - self.decay)
        dead = self.counts < 0.02
        fresh = flat[torch.randint(len(flat), (int(dead.sum()),), generator=generator)]
        self.counts[dead] = 1.0
        self.sums[dead] = fresh
        self.weight.copy_(self.sums / self.counts[:, None])


def crops(images: np.ndarray, shown: Rendered, batch: int, lot: np.random.Generator) -> Tensor:
    """Windows of CROP pixels, mirrored by lot, (B, 3, CROP, CROP) in 0..1, of scenes and of what is remembered."""
    scenes = [images[index] for index in lot.integers(0, len(images) - HELD_OUT, batch - REMEMBERED)]
    pictures = [torch.from_numpy(image).permute(2, 0, 1).float() / 255 for image in scenes]
    pictures += [remembered(shown, lot, cover=place % 2 == 1) for place in range(REMEMBERED)]
    return torch.stack([_crop(picture, lot) for picture in pictures])


def remembered(shown: Rendered, lot: np.random.Generator, cover: bool) -> Tensor:
    """(3, S, S): any layer on grey, or how much it covers, as grey."""
    names = list(shown.pictures)
    layers = shown.pictures[names[lot.integers(len(names))]]
    return as_pictures(layers[lot.integers(len(layers))].float()[None] / 255)[int(cover)][0]


def as_pictures(layers: Tensor) -> tuple[Tensor, Tensor]:
    """Layers (n, 4, S, S) as pictures that a VQGAN can encode, (n, 3, S, S): on grey, and their covers."""
    return layers[:, :3] + GREY * (1 - layers[:, 3:]), layers[:, 3:].expand(-1, 3, -1, -1)


def _crop(picture: Tensor, lot: np.random.Generator) -> Tensor:
    y, x = (lot.integers(0, length - CROP + 1) for length in picture.shape[1:])
    part = picture[:, y : y + CROP, x : x + CROP]
    return part.flip(2) if lot.random() < 0.5 else part


def edges(pictures: Tensor) -> tuple[Tensor, Tensor]:
    return pictures.diff(dim=2), pictures.diff(dim=3)


def likeness(picture: Tensor, target: Tensor) -> Tensor:
    """How far a reconstruction is off: absolute and squared differences, and those of edges, for sharp lines."""
    sharp = sum(F.l1_loss(a, b) for a, b in zip(edges(picture), edges(target), strict=True))
    return F.l1_loss(picture, target) + 2 * F.mse_loss(picture, target) + sharp


@torch.no_grad()
def reconstructed(model: VQGAN, pictures: Tensor) -> Tensor:
    """Pictures (B, 3, H, W) after the codebook."""
    return model.decode(model.quantize(model.encode(pictures))).clamp(0, 1)


@torch.no_grad()
def psnr(model: VQGAN, images: np.ndarray, device: str) -> float:
    """Mean peak signal-to-noise ratio in dB over whole held-out scenes."""
    values = []
    for part in np.array_split(images, 16):
        target = torch.from_numpy(part).permute(0, 3, 1, 2).float().div(255).to(device)
        values.append(-10 * (reconstructed(model, target) - target).square().mean((1, 2, 3)).log10())
    return float(torch.cat(values).mean())


def train(
    out: Path,
    folder: Path,
    shown: Path,
    seed: int = 1,
    steps: int = 3400,
    batch: int = 16,
    rate: float = 1e-3,
    gan_from: float = 0.82,
) -> None:
    """Train for `steps` batches, going on from where a former call was stopped.

    The discriminator joins after the share `gan_from` of them.
    """
    torch.manual_seed(seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    (images, *_), pictures = dataset.load(folder), album(shown)
    model, opponent = VQGAN(CONFIG).to(device, memory_format=torch.channels_last), Opponent(device, rate / 3)
    codebook = MovingCodebook(model.quantize.embedding.weight.requires_grad_(False))
    learned = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(learned, rate, (0.9, 0.95), weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / 100, 0.5 + 0.5 * math.cos(math.pi * min(1, step / steps))) + 1e-2
    )
    parts = {"model": model, "codebook": codebook, "optimiser": optimiser, "schedule": schedule}
    parts |= {"critic": opponent.network, "against": opponent.optimiser}
    curve = Curve(out.with_suffix(".jsonl"))
    for step in range(take_up(out.with_suffix(".state"), parts), steps):
        lot, generator = lots(seed, step)
        target = crops(images, pictures, batch, lot).to(device, memory_format=torch.channels_last)
        with torch.autocast(device, torch.bfloat16):
            latents = model.encode(target).float()
        if step == 0:
            codebook.begin(latents)
        indices = model.quantize.nearest(latents)
        chosen = model.quantize.look_up(indices)
        codebook.update(latents.detach(), indices, generator)
        with torch.autocast(device, torch.bfloat16):
            picture = model.decode(latents + (chosen - latents).detach())
        picture = picture.float()
        fit, joined = likeness(picture, target), step >= gan_from * steps
        loss = fit + 0.25 * F.mse_loss(latents, chosen)
        if joined:
            loss = loss + opponent.pull(picture, fit, model.decoder.conv_out.weight)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimiser.step()
        schedule.step()
        if joined:
            opponent.learn(target, picture)
        if step % EVERY == EVERY - 1 or step == steps - 1:
            figures = {"fit": fit.item(), "codes": len(indices.unique())}
            curve.add(step + 1, **figures, psnr=psnr(model, images[-HELD_OUT:], device))
            save_vqgan(out, model)
            save(out.with_suffix(".state"), step + 1, parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], argument_default=argparse.SUPPRESS)
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", dest="folder", type=Path, required=True)
    parser.add_argument("--album", dest="shown", type=Path, required=True)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--batch", type=int)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--gan-from", type=float)
    train(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
