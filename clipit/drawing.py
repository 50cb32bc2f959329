"""The method: a drawer gives pictures, perceptors judge random views of them, Adam moves the drawer. Frames come out.

VQGAN+CLIP, after Katherine Crowson's notebook (2021) and clipit (https://github.com/dribnet/clipit).
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from clipit.checkpoints import digest, find, load_sketcher, load_vqgan, shipped
from clipit.cutouts import cutouts
from clipit.drawers import VQGANDrawer
from clipit.errors import ClipitError
from clipit.models.sketcher import Sketcher
from clipit.models.vqgan import VQGAN
from clipit.perceptor import Perceptor, spherical_distance
from clipit.prompts import parse_prompts, wanted
from clipit.settings import Settings
from clipit.starts import start_pictures

log = logging.getLogger(__name__)

LAST_RATE = 0.05  # share of the learning rate at the last step: the end of a drawing settles what its beginning tried


@dataclass(frozen=True)
class Models:
    """The networks of a drawing, loaded once and used for any number of drawings."""

    vqgan: VQGAN
    perceptors: tuple[Perceptor, ...]
    sketcher: Sketcher | None  # of the first perceptor's texts
    digests: dict[str, str]  # file name -> SHA-256
    device: torch.device


@dataclass(frozen=True)
class Frame:
    """The pictures as judged at step `step` of `of` (from 1). Reading one waits for the device; making it does not."""

    step: int
    of: int
    images: Tensor  # (B, 3, H, W) in 0..1
    scores: Tensor  # (B,): weighted mean cosine between views and prompts

    @property
    def score(self) -> float:
        """The first picture's score."""
        return float(self.scores[0])

    def pixels(self, index: int = 0) -> np.ndarray:
        """One picture as (H, W, 3) uint8."""
        return self.images[index].mul(255).round().to(torch.uint8).permute(1, 2, 0).cpu().numpy()

    def picture(self, index: int = 0) -> Image.Image:
        """One picture as RGB."""
        return Image.fromarray(self.pixels(index))


@dataclass(frozen=True)
class Picture:
    """A finished drawing: the image (RGB), the perceptors' score and the recipe that paints it again."""

    image: Image.Image
    score: float
    recipe: dict[str, object]


def fastest_dtype(device: torch.device) -> torch.dtype:
    """bfloat16 where the device multiplies it faster than float32, else float32."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    capable = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return torch.bfloat16 if capable.get("amx_bf16") or capable.get("avx512_bf16") else torch.float32


def load_models(settings: Settings, device: torch.device | str | None = None) -> Models:
    """Load what the settings name, onto a GPU where there is one. Raises ClipitError for unknown names."""
    device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    dtype = fastest_dtype(device)
    paths = [find("vqgan", settings.vqgan_model), *(find("clip", name) for name in settings.clip_models)]
    vqgan = load_vqgan(paths[0]).to(device, dtype, memory_format=torch.channels_last)
    perceptors = tuple(Perceptor(path, device, dtype) for path in paths[1:])
    sketcher = None
    if settings.start == "sketch" and settings.clip_models[0] in shipped("sketcher"):
        paths.append(find("sketcher", settings.clip_models[0]))
        sketcher = load_sketcher(paths[-1]).to(device)
    return Models(vqgan, perceptors, sketcher, {path.name: digest(path) for path in paths}, device)


def recipe(settings: Settings, models: Models) -> dict[str, object]:
    """What decides the picture, as plain data: settings, size, steps, digests of the weights, version."""
    try:
        release = version("text2art")
    except PackageNotFoundError:  # a checkout that was not installed
        release = "unknown"
    resolved = {
        "size": list(settings.rounded_size(models.vqgan.config.factor)),
        "iterations": settings.steps,
        "cuts": settings.views,
        "clip_models": list(settings.clip_models),
        "start": "image" if settings.start_image else "sketch" if models.sketcher else "noise",
    }
    return {**settings.as_dict(), **resolved, "weights": models.digests, "text2art": release}


def _generators(batch: Sequence[Settings], step: int) -> list[torch.Generator]:
    """One per picture; what it gives depends on the picture's seed and the step alone."""
    # torch keeps 32 bits of a seed, so both numbers are mixed into as many.
    mixed = [np.random.SeedSequence((settings.seed, step)).generate_state(1) for settings in batch]
    return [torch.Generator().manual_seed(int(seed)) for (seed,) in mixed]


def _one_shape(batch: Sequence[Settings]) -> Settings:
    """The settings that all pictures of a batch share. Raises ClipitError when they cannot be drawn together."""
    if not batch:
        raise ClipitError("there is nothing to draw; accepted: one Settings, or a list of at least one")
    first = batch[0]
    for settings in batch[1:]:
        for name in ("wanted_size", "steps", "views", "start", "drawer", "vqgan_model", "clip_models", "learning_rate"):
            ours, theirs = getattr(first, name), getattr(settings, name)
            if (ours() if callable(ours) else ours) != (theirs() if callable(theirs) else theirs):
                raise ClipitError(f"pictures of one batch must agree in {name.removeprefix('wanted_')}")
    return first


class _Wishes:
    """What the pictures of a batch are compared with, by one perceptor: embeddings (B, P, E) and weights (B, P)."""

    def __init__(self, perceptor: Perceptor, batch: Sequence[Settings]) -> None:
        prompts = [parse_prompts(settings.prompts) for settings in batch]
        most = max(map(len, prompts))
        padded = [[*row, *[row[0]._replace(weight=0.0)] * (most - len(row))] for row in prompts]
        self._perceptor = perceptor
        self._texts = torch.stack([perceptor.embed_texts([prompt.text for prompt in row]) for row in padded])
        self._weights = torch.tensor([[prompt.weight for prompt in row] for row in padded], device=self._texts.device)

    def judge(self, pictures: Tensor, count: int, generators: list[torch.Generator]) -> tuple[Tensor, Tensor]:
        """Losses and scores, each (B,): lower is better for the one, higher for the other."""
        views = cutouts(pictures, self._perceptor.resolution, count, generators)
        seen = self._perceptor.embed_pictures(views).unflatten(0, (len(pictures), 1, count))  # B, 1, N, E
        wished = self._texts[:, :, None]  # B, P, 1, E
        losses = (spherical_distance(seen, wished).mean(2) * self._weights).sum(1)
        with torch.no_grad():
            alike = (F.cosine_similarity(seen, wished, dim=-1).mean(2) * self._weights).sum(1)
            return losses, alike / self._weights.abs().sum(1)


def stream(settings: Settings | Sequence[Settings], models: Models | None = None) -> Iterator[Frame]:
    """Draw, one Frame per iteration. Several settings of one size and quality are drawn as one batch.

    Nothing is written and nothing kept between drawings; stop by no longer asking. Raises ClipitError.
    """
    batch = [settings] if isinstance(settings, Settings) else list(settings)
    shared = _one_shape(batch)
    models = models or load_models(shared)
    width, height = shared.rounded_size(models.vqgan.config.factor)
    if (width, height) != shared.wanted_size():
        log.info("drawing %d x %d pixels: the decoder works in steps of %d", width, height, models.vqgan.config.factor)

    wishes = [_Wishes(perceptor, batch) for perceptor in models.perceptors]
    images, texts = [settings.start_image for settings in batch], [wanted(settings.prompts) for settings in batch]
    generators = _generators(batch, 0)
    start = start_pictures(images, texts, width, height, generators, models.perceptors[0], models.sketcher)
    drawer = VQGANDrawer(models.vqgan, start)
    adam = torch.optim.Adam(drawer.parameters, lr=shared.learning_rate * drawer.unit)
    slower = torch.optim.lr_scheduler.LinearLR(adam, 1.0, LAST_RATE, total_iters=shared.steps)

    for step in range(1, shared.steps + 1):
        pictures = drawer.image()
        generators = _generators(batch, step)
        judged = [wish.judge(pictures, shared.views, generators) for wish in wishes]
        adam.zero_grad()
        torch.stack([losses for losses, _ in judged]).sum().backward()
        adam.step()
        slower.step()
        drawer.constrain()
        yield Frame(step, shared.steps, pictures.detach(), torch.stack([scores for _, scores in judged]).mean(0))


def draw(prompts: str, models: Models | None = None, **options: object) -> Picture:
    """Draw one picture to its end. `options` are those of Settings. Raises ClipitError.

    >>> draw("underwater city", quality="draft", seed=1).image.save("city.png")
    """
    settings = Settings(prompts=prompts, **options)
    models = models or load_models(settings)
    for frame in stream(settings, models):
        last = frame
    return Picture(last.picture(), last.score, recipe(settings, models))
