"""How fast a step is: ours and one done the way clipit does it, in turns, in one process, with the same models.

    python -m benchmarks.speed [--steps 20] [--quality draft]

The original's way: every cutout pools the whole picture again and is warped by two calls of its own, the codebook is
multiplied with one-hot rows, everything is float32, and each step writes a PNG.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

import clipit
from clipit.cutouts import random_homographies
from clipit.drawers.vqgan import VQGANDrawer
from clipit.models.vqgan import VQGAN
from clipit.perceptor import Perceptor, spherical_distance
from clipit.starts import soft_noise
from clipit.weights.checkpoints import find, load_vqgan


def one_hot_quantise(model: VQGAN, z: Tensor) -> Tensor:
    """taming's quantiser as clipit calls it: distances, one-hot rows, a product with the codebook; straight-through."""
    codebook = model.quantize.embedding.weight
    flat = z.movedim(1, 3)  # B, h, w, D
    distance = flat.pow(2).sum(-1, keepdim=True) + codebook.pow(2).sum(1) - 2 * flat @ codebook.t()
    quantised = F.one_hot(distance.argmin(-1), len(codebook)).to(z.dtype) @ codebook
    return z + (quantised.movedim(3, 1) - z).detach()


def cut_by_cut(picture: Tensor, resolution: int, count: int, generator: torch.Generator) -> Tensor:
    """(count, 3, R, R): pooling, crop and perspective for one cutout after the other, then noise on all."""
    views = []
    for matrix in random_homographies(count, 1.0, generator, round(0.75 * count)):
        pooled = (F.adaptive_avg_pool2d(picture, resolution) + F.adaptive_max_pool2d(picture, resolution)) / 2
        crop = F.affine_grid(matrix[None, :2], [1, 3, resolution, resolution], align_corners=False)
        cropped = F.grid_sample(pooled, crop, padding_mode="reflection", align_corners=False)
        tilt = torch.eye(2, 3)[None] + 0.05 * torch.rand((1, 2, 3), generator=generator)
        grid = F.affine_grid(tilt, [1, 3, resolution, resolution], align_corners=False)
        views.append(F.grid_sample(cropped, grid, padding_mode="border", align_corners=False))
    batch = torch.cat(views)
    return batch + torch.rand((count, 1, 1, 1), generator=generator) * 0.1 * torch.randn(
        batch.shape, generator=generator
    )


def original(settings: clipit.Settings, folder: Path) -> Iterator[None]:
    """The steps of clipit's `train` loop with the small models."""
    options = settings.checked_options()
    model = load_vqgan(find("vqgan", options.model))
    perceptor = Perceptor(find("clip", settings.clip_models[0]), torch.device("cpu"), torch.float32)
    text, generator = perceptor.embed_texts([settings.prompts]), torch.Generator().manual_seed(settings.seed)
    start = soft_noise(*VQGANDrawer.size(*settings.size, options, model), generator)[None]
    with torch.no_grad():
        z = model.encode(start)
    z.requires_grad_()
    low, high = model.latent_range()
    adam = torch.optim.Adam([z], lr=0.1)
    for step in range(settings.iterations):
        picture = model.decode(one_hot_quantise(model, z))
        views = cut_by_cut(picture.clamp(0, 1), perceptor.resolution, settings.cuts, generator)
        loss = spherical_distance(perceptor.embed_pictures(views), text).mean()
        clipit.Frame(step, settings.iterations, picture.detach().clamp(0, 1), loss.detach()[None]).picture().save(
            folder / f"{step}.png"
        )
        adam.zero_grad()
        loss.backward()
        adam.step()
        with torch.no_grad():
            z.copy_(z.maximum(low).minimum(high))
        yield


def timed(steps: Iterator[object]) -> float:
    """Milliseconds of the next step."""
    began = time.perf_counter()
    next(steps)
    return (time.perf_counter() - began) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--quality", default="draft", choices=list(clipit.PRESETS["text2art"].qualities))
    options = parser.parse_args()
    wish = {"prompts": "castle underwater", "quality": options.quality, "iterations": options.steps + 3}
    settings = clipit.Settings(**wish).resolved()
    with tempfile.TemporaryDirectory() as folder:
        theirs, ours = original(settings, Path(folder)), clipit.stream(settings)
        for _ in range(3):  # the first steps load and warm up
            next(theirs), next(ours)
        pairs = [(timed(theirs), timed(ours)) for _ in range(options.steps)]
    before, after = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratios = sorted(theirs / ours for theirs, ours in pairs)
    threads = torch.get_num_threads()
    print(f"{options.quality}, {settings.cuts} cuts, {threads} threads, median of {options.steps} alternating steps:")
    print(f"clipit's way {before:.0f} ms, ours {after:.0f} ms")
    print(f"{statistics.median(ratios):.2f} times faster ({ratios[0]:.2f} to {ratios[-1]:.2f})")


if __name__ == "__main__":
    main()
