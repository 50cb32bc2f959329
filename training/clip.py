"""Trains a small CLIP on scenes. Three things make it quick on a CPU, and its gradients good to draw by:

- it sees whole scenes and what is in them: beside the contrast, one classifier for both towers names the things, the
  place, the style (as UniCL does, Yang et al., https://arxiv.org/abs/2204.03610); it is thrown away;
- every caption comes with one that is wrong in a single respect (NegCLIP, https://arxiv.org/abs/2210.01936);
- each batch is seen twice, the second time under a small attack for which the first look gave the gradient (Shafahi et
  al., https://arxiv.org/abs/1904.12843): a robust classifier's gradients draw things that people recognise (Santurkar
  et al., https://arxiv.org/abs/1906.09453).

    python -m training.clip guide OUT.safetensors --data FOLDER --seed 1
"""

import argparse
import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from clipit.models.clip import CLIP, CLIPConfig
from clipit.models.tokenizer import Tokenizer
from clipit.sketching.lexicon import lexicon
from clipit.weights.checkpoints import load_clip, save_clip
from training import dataset, merges
from training.dataset import LABELS
from training.progress import Curve, lots, save, take_up

MEAN, DEVIATION = (0.481, 0.458, 0.408), (0.269, 0.261, 0.276)  # OpenAI's
MERGES = 4000
MEASURED = 2048  # scenes by which the finished model's norms are settled
HELD_OUT = 512  # scenes at the end of the set, for the retrieval figure
EVERY = 100  # steps between two measurements
NAMED = 0.5  # weight of the classifier's loss


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How a CLIP is built and trained; `attack` is the reach of the attack in L2 over all pixels in 0..1."""

    tower: dict[str, object]
    steps: int
    batch: int = 128
    rate: float = 1.5e-3
    attack: float = 0.0
    text: dict[str, int] = field(
        default_factory=lambda: {"context_length": 32, "transformer_width": 128, "transformer_heads": 2,
                                 "transformer_layers": 3}
    )  # fmt: skip


PLANS = {
    "guide": Plan(
        tower={"vision_layers": (1, 2, 2, 1), "vision_width": 32, "vision_patch_size": None}, steps=3500, attack=0.8
    ),
    "judge": Plan(
        tower={"vision_layers": 6, "vision_width": 128, "vision_patch_size": 8, "vision_heads": 4}, steps=1900,
        rate=1e-3,
    ),
}  # fmt: skip


class Scenes:
    """A set of scenes with their texts as tokens."""

    def __init__(self, folder: Path, tokenizer: Tokenizer, context: int) -> None:
        self.images, texts, labels = dataset.load(folder)
        self.labels = torch.from_numpy(labels).long()
        self.tokens = torch.stack([tokenizer(list(said), context) for said in zip(*texts, strict=True)])  # 3, N, L

    def __len__(self) -> int:
        return len(self.images)

    def pictures(self, indices: np.ndarray) -> Tensor:
        """(B, 3, S, S) in 0..1."""
        return torch.from_numpy(self.images[indices]).permute(0, 3, 1, 2).float().div(255)

    def captions(self, indices: np.ndarray, which: int | np.ndarray) -> Tensor:
        """Tokens (B, L) of the text `which` of each scene, 2 being the wrong one."""
        return self.tokens[which, indices]


def trimmed(tokens: Tensor) -> Tensor:
    """Tokens (B, L), L as long as the longest text needs."""
    return tokens[:, : int(tokens.argmax(1).max()) + 1]


class Namer(nn.Module):
    """Names what an embedding shows: one linear classifier for each kind of word, told of pictures and of texts."""

    def __init__(self, width: int) -> None:
        super().__init__()
        words = lexicon()
        counts = [len(getattr(words, f"{kind}s")) for kind in ("thing", *LABELS[3:])]
        self.heads = nn.ModuleList(nn.Linear(width, count + 1) for count in counts)  # the last: there is none

    def forward(self, embeddings: Tensor, labels: Tensor) -> Tensor:
        """The mean cross-entropy over embeddings (B, E) and labels (B, len(LABELS))."""
        unit = F.normalize(embeddings.float(), dim=1) * 16
        losses = [self._things(self.heads[0](unit), labels[:, :3])]
        for head, label in zip(self.heads[1:], labels.t()[3:], strict=True):
            losses.append(F.cross_entropy(head(unit), torch.where(label < 0, head.out_features - 1, label)) * 0.5)
        return torch.stack(losses).sum()

    def _things(self, logits: Tensor, things: Tensor) -> Tensor:
        """Cross-entropy with equal shares for every thing there is."""
        none = logits.shape[1] - 1
        shown = torch.where(things < 0, none, things)
        share = F.one_hot(shown, none + 1).sum(1).float()
        share[:, none] = (share[:, none] == 3).float()  # only where there is nothing at all
        return F.cross_entropy(logits, share / share.sum(1, keepdim=True))


def look(pictures: Tensor, side: int, generator: torch.Generator) -> Tensor:
    """A random view of each, (B, 3, side, side): moved, scaled, turned, in another light, with noise."""
    batch, device = len(pictures), pictures.device

    def lot(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator).to(device)

    angle, scale = (lot(batch) - 0.5) * 0.3, 0.75 + 0.35 * lot(batch)
    mirror = torch.where(lot(batch) < 0.5, -1.0, 1.0)
    shift = (lot(batch, 2) - 0.5) * 0.25
    cos, sin = angle.cos() * scale, angle.sin() * scale
    affine = torch.stack(
        [torch.stack([cos * mirror, -sin, shift[:, 0]], 1), torch.stack([sin * mirror, cos, shift[:, 1]], 1)], 1
    )
    grid = F.affine_grid(affine, [batch, 3, side, side], align_corners=False)
    views = F.grid_sample(pictures, grid, padding_mode="reflection", align_corners=False)
    light = 0.85 + 0.3 * lot(batch, 1, 1, 1)
    tint = 1 + 0.1 * (lot(batch, 3, 1, 1) - 0.5)
    grain = torch.randn(views.shape, generator=generator).to(device) * (0.1 * lot(batch, 1, 1, 1) ** 2)
    return (views * light * tint + 0.15 * (lot(batch, 1, 1, 1) - 0.5) + grain).clamp(0, 1)


def normalise(pictures: Tensor) -> Tensor:
    mean, deviation = (torch.tensor(values, device=pictures.device).view(1, 3, 1, 1) for values in (MEAN, DEVIATION))
    return ((pictures - mean) / deviation).contiguous(memory_format=torch.channels_last)


def contrast(images: Tensor, texts: Tensor, scale: Tensor) -> Tensor:
    """The symmetric cross-entropy of CLIP of images (B, E) and texts (B + more, E), of which the first B are theirs."""
    logits = scale * F.normalize(images.float(), dim=1) @ F.normalize(texts.float(), dim=1).t()
    target = torch.arange(len(logits), device=logits.device)
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits[:, : len(logits)].t(), target)) / 2


def attacked(progress: float) -> float:
    """Share of the attack at 0..1 of the run: a young network would learn nothing under it, and a last seventh without
    it brings back what it costs in accuracy."""
    return min(1.0, max(0.0, (progress - 0.1) / 0.3)) if progress < 6 / 7 else 0.0


def moved(views: Tensor, delta: Tensor, radius: float) -> Tensor:
    """The views with an attack of at most this length, still pictures."""
    length = delta.flatten(1).norm(dim=1).clamp_min(1e-9).view(-1, 1, 1, 1)
    return (views + delta * (radius / length).clamp(max=1)).clamp(0, 1)


def unit(gradient: Tensor) -> Tensor:
    return gradient / gradient.flatten(1).norm(dim=1).clamp_min(1e-12).view(-1, 1, 1, 1)


class Training:
    """The towers, the classifier, and what a batch costs them."""

    def __init__(self, plan: Plan, model: CLIP, namer: Namer) -> None:
        self.plan, self.model, self.namer = plan, model, namer

    def loss(self, views: Tensor, texts: Tensor, scale: Tensor, labels: Tensor) -> Tensor:
        images = self.model.encode_image(normalise(views))
        named = self.namer(images, labels) + self.namer(texts[: len(images)], labels)
        return contrast(images, texts, scale) + NAMED * named

    def backward(
        self, views: Tensor, tokens: Tensor, labels: Tensor, reach: float, generator: torch.Generator
    ) -> float:
        """Gradients of the mean loss over a look and, where there is a reach, another under attack."""
        device = views.device.type
        with torch.autocast(device, torch.bfloat16):
            texts = self.model.encode_text(tokens)
        leaf = texts.detach().float().requires_grad_()
        delta = unit(torch.randn(views.shape, generator=generator)).to(views.device) * (reach / 2)
        total = 0.0
        looks = 2 if reach > 0 else 1
        for number in range(looks):
            seen = moved(views, delta, reach).requires_grad_(reach > 0 and number == 0) if reach > 0 else views
            with torch.autocast(device, torch.bfloat16):
                loss = self.loss(seen, leaf, self.model.logit_scale.exp().clamp(max=100), labels) / looks
            loss.backward()
            total += loss.item()
            if seen.grad is not None:
                delta = delta + unit(seen.grad) * reach
        texts.backward(leaf.grad.to(texts.dtype))
        return total


@torch.inference_mode()
def retrieval(model: CLIP, scenes: Scenes, indices: np.ndarray, device: str) -> float:
    """Share of held-out scenes whose own caption is nearest among all of them."""
    side = model.config.image_resolution
    views = F.interpolate(scenes.pictures(indices), (side, side), mode="area").to(device)
    images = F.normalize(model.encode_image(normalise(views)).float(), dim=1)
    tokens = trimmed(scenes.captions(indices, 0)).to(device)
    texts = F.normalize(model.encode_text(tokens).float(), dim=1)
    own = (images * texts).sum(1, keepdim=True)
    # A caption that says the same counts as right: only strictly better ones are mistakes.
    return float(((images @ texts.t()) <= own + 1e-5).all(1).float().mean())


@torch.no_grad()
def settle_norms(model: CLIP, scenes: Scenes, indices: np.ndarray, generator: torch.Generator, device: str) -> None:
    """Measure the batch norms' statistics anew: averaged weights have others than the average of those on the way.

    A ViT has none.
    """
    for norm in (module for module in model.modules() if isinstance(module, nn.BatchNorm2d)):
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean over all batches
    model.train()
    for part in np.array_split(indices, max(1, len(indices) // 128)):
        views = look(scenes.pictures(part).to(device), model.config.image_resolution, generator)
        model.encode_image(normalise(views))
    model.eval()


def train(plan: Plan, out: Path, folder: Path, seed: int, start: Path | None = None) -> None:
    """Train as planned, going on from where a former call was stopped; save averaged weights and the merges.

    `start` is a CLIP whose picture tower this one begins with.
    """
    torch.manual_seed(seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    captions = [caption for said in dataset.load(folder)[1] for caption in said[:2]]
    learned = merges.learn(captions, MERGES)
    tokenizer = Tokenizer(learned)
    config = CLIPConfig(embed_dim=256, image_resolution=64, vocab_size=len(tokenizer), **plan.tower, **plan.text)
    model = CLIP(config).to(device, memory_format=torch.channels_last)
    if start is not None:
        model.visual.load_state_dict(load_clip(start)[0].visual.state_dict(), strict=False)
    namer = Namer(config.embed_dim).to(device)
    scenes = Scenes(folder, tokenizer, config.context_length)
    held_out, pool = np.arange(len(scenes) - HELD_OUT, len(scenes)), len(scenes) - HELD_OUT
    average = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.998), use_buffers=True
    )
    optimiser, schedule = _optimiser(plan, model, namer)
    parts = {"model": model, "namer": namer, "average": average, "optimiser": optimiser, "schedule": schedule}
    training, curve = Training(plan, model, namer), Curve(out.with_suffix(".jsonl"))
    for step in range(take_up(out.with_suffix(".state"), parts), plan.steps):
        lot, generator = lots(seed, step)
        indices = lot.integers(0, pool, plan.batch)
        views = look(scenes.pictures(indices).to(device), config.image_resolution, generator)
        own, wrong = scenes.captions(indices, lot.integers(0, 2, plan.batch)), scenes.captions(indices, 2)
        reach = plan.attack * attacked(step / plan.steps)
        optimiser.zero_grad()
        tokens = trimmed(torch.cat([own, wrong])).to(device)
        loss = training.backward(views, tokens, scenes.labels[indices].to(device), reach, generator)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        average.update_parameters(model)
        if step % EVERY == EVERY - 1 or step == plan.steps - 1:
            judged = (average.module if step > 800 else model).eval()
            curve.add(step + 1, loss=loss, top1=retrieval(judged, scenes, held_out, device))
            model.train()
        if step % (5 * EVERY) == 5 * EVERY - 1:
            save_clip(out, average.module, learned, MEAN, DEVIATION)
            save(out.with_suffix(".state"), step + 1, parts)
    lot, generator = lots(seed, plan.steps)
    settle_norms(average.module.eval(), scenes, lot.integers(0, pool, MEASURED), generator, device)
    curve.add(plan.steps, settled=retrieval(average.module, scenes, held_out, device))
    save_clip(out, average.module, learned, MEAN, DEVIATION)


def _optimiser(
    plan: Plan, model: CLIP, namer: Namer
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LambdaLR]:
    decayed = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in (*model.parameters(), *namer.parameters()) if not any(p is each for each in decayed)]
    groups = [{"params": decayed, "weight_decay": 0.05}, {"params": others, "weight_decay": 0}]
    optimiser = torch.optim.AdamW(groups, plan.rate, (0.9, 0.98))
    return optimiser, torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / 150, 0.5 + 0.5 * math.cos(math.pi * min(1, step / plan.steps))) + 1e-3
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("plan", choices=list(PLANS))
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=Path)
    options = parser.parse_args()
    with sdpa_kernel(SDPBackend.MATH):  # on a CPU the backward pass of the others is slow for so few tokens
        train(PLANS[options.plan], options.out, options.data, options.seed, options.start)


if __name__ == "__main__":
    main()
