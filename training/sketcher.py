"""Trains the sketcher on posed scenes: the picture that a caption and a pose decide, from the caption's embedding.

python -m training.sketcher OUT.safetensors --data FOLDER --clip CLIP.safetensors
"""

import argparse
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from clipit.models.sketcher import Sketcher, SketcherConfig
from clipit.weights.checkpoints import load_clip, save_sketcher
from training import dataset
from training.vqgan import likeness

HELD_OUT = 256


@torch.no_grad()
def embed(captions: list[str], clip: Path, device: str) -> tuple[Tensor, Tensor, int]:
    """Token ids (len(captions), L) and unit embeddings (len(captions), E) of the captions; the tokenizer's size."""
    model, tokenizer, *_ = load_clip(clip)
    model.to(device)
    tokens = tokenizer(captions, model.config.context_length)
    tokens = tokens[:, : int(tokens.argmax(1).max()) + 1]
    texts = torch.cat([F.normalize(model.encode_text(part.to(device)), dim=1) for part in tokens.split(512)])
    return tokens.to(device), texts, len(tokenizer)


@torch.no_grad()
def error(model: Sketcher, images: Tensor, tokens: Tensor, texts: Tensor, poses: Tensor) -> float:
    """Mean absolute error over held-out scenes."""
    return float(F.l1_loss(model(model.read(tokens), texts, poses), images))


def train(
    out: Path,
    folder: Path,
    clip: Path,
    seed: int = 1,
    steps: int = 3000,
    batch: int = 48,
    rate: float = 2e-3,
    log=print,
) -> None:
    """Train for `steps` batches and save."""
    torch.manual_seed(seed)
    rng, device = np.random.default_rng(seed), "cuda" if torch.cuda.is_available() else "cpu"
    images, captions = dataset.load(folder)
    poses = torch.from_numpy(np.load(folder / "poses.npy")).to(device)
    tokens, texts, vocabulary = embed(captions, clip, device)
    model = Sketcher(SketcherConfig(embed_dim=texts.shape[1], vocab_size=vocabulary)).to(
        device, memory_format=torch.channels_last
    )
    # A word is seen once in a while, so its picture takes larger steps.
    others = [p for name, p in model.named_parameters() if name != "words.weight"]
    groups = [{"params": others}, {"params": [model.words.weight], "lr": 8 * rate}]
    optimiser = torch.optim.AdamW(groups, rate, (0.9, 0.98), weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / 100, 0.5 + 0.5 * math.cos(math.pi * step / steps)) + 1e-3
    )

    def scenes(indices: np.ndarray) -> Tensor:
        pixels = torch.from_numpy(images[np.sort(indices)]).permute(0, 3, 1, 2)
        return pixels.to(device, memory_format=torch.channels_last).float().div(255)

    held_out = np.arange(len(captions) - HELD_OUT, len(captions))
    log(f"{sum(p.numel() for p in model.parameters()):,} parameters, {len(captions)} scenes")
    began = time.time()
    for step in range(steps):
        indices = np.sort(rng.integers(0, len(captions) - HELD_OUT, batch))
        target = scenes(indices)
        with torch.autocast(device, torch.bfloat16):
            sketch = model(model.read(tokens[indices]), texts[indices], poses[indices])
        loss = likeness(sketch.float(), target)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if step % 250 == 249 or step == steps - 1:
            off = error(model, scenes(held_out), tokens[held_out], texts[held_out], poses[held_out])
            log(f"step {step + 1}/{steps} loss {loss.item():.4f} held-out error {off:.4f} {time.time() - began:.0f} s")
            save_sketcher(out, model)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], argument_default=argparse.SUPPRESS)
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", dest="folder", type=Path, required=True)
    parser.add_argument("--clip", type=Path, required=True)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--batch", type=int)
    parser.add_argument("--rate", type=float)
    train(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
