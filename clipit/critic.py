"""A critic: how near a perceptor finds views of B pictures to what they should show. Low is near."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from clipit.aesthetic import AestheticHead
from clipit.cutouts import Views
from clipit.labels import label_embedding, label_texts, noise_embedding
from clipit.losses.terms import parse_losses
from clipit.masks import disc, from_image, masked
from clipit.perceptor import Perceptor, spherical_distance
from clipit.prompts import Prompt, Story, parse_extras, parse_story
from clipit.settings import Settings
from clipit.starts import image_picture


class Verdict(NamedTuple):
    """Sums over wishes, each (B,): of weighted distances, of weighted cosines, and of the weights' sizes."""

    losses: Tensor
    alike: Tensor
    weight: Tensor

    def plus(self, other: "Verdict") -> "Verdict":
        return Verdict(*(ours + theirs for ours, theirs in zip(self, other, strict=True)))

    @property
    def scores(self) -> Tensor:
        """(B,): the mean cosine by weight; 0 where nothing is wished for."""
        return self.alike / self.weight.clamp(min=1e-9)


class _Wish(NamedTuple):
    embedding: Tensor  # (E,)
    weight: float
    stop: float
    share: Callable[[float], float]  # of the weight, at a progress of 0..1


class Wishes:
    """Texts for B pictures, P each: embeddings (B, P, E), weights and stops (B, P).

    What a picture has less than the most is filled up with wishes of no weight; one at least has one.
    """

    def __init__(self, rows: Sequence[Sequence[_Wish]], device: torch.device) -> None:
        most = max(map(len, rows))
        filling = next(wish for row in rows for wish in row)._replace(weight=0.0)
        self._rows = [[*row, *[filling] * (most - len(row))] for row in rows]
        self._embeddings = torch.stack([torch.stack([wish.embedding for wish in row]) for row in self._rows])
        self._stops = torch.tensor([[wish.stop for wish in row] for row in self._rows], device=device)
        self._still = all(wish.share is _always for row in self._rows for wish in row)
        self._first = self._weights(0.0)

    def _weights(self, progress: float) -> Tensor:
        told = [[wish.weight * wish.share(progress) for wish in row] for row in self._rows]
        return torch.tensor(told, device=self._stops.device)

    def judge(self, seen: Tensor, progress: float) -> Verdict:
        """Compare embeddings of views, (B, N, E), at `progress` 0..1 of the run."""
        weights = self._first if self._still else self._weights(progress)
        seen, wished = seen[:, None], self._embeddings[:, :, None]  # B, 1, N, E and B, P, 1, E
        distances = spherical_distance(seen, wished) * weights.sign()[:, :, None]  # B, P, N
        pulling = _pulling(distances, self._stops[:, :, None])
        alike = F.cosine_similarity(seen.detach(), wished, dim=-1).mean(2)  # B, P
        return Verdict((pulling.mean(2) * weights.abs()).sum(1), (alike * weights).sum(1), weights.abs().sum(1))


def _nothing(batch: int, device: torch.device) -> Verdict:
    """The verdict of one who wishes for nothing."""
    return Verdict(*torch.zeros(3, batch, device=device))


class Critic:
    """A perceptor with all that it is to find in B pictures of one size: texts, images, what is in a spot and around.

    With a `head`, which fits the perceptor, it also minds the losses `aesthetic`.
    """

    def __init__(
        self,
        perceptor: Perceptor,
        batch: Sequence[Settings],
        size: tuple[int, int],
        head: AestheticHead | None = None,
    ) -> None:
        shared = batch[0]
        self._steps, self._head = shared.iterations, head
        self._tastes = [term for term in parse_losses(shared.losses) if head is not None and term.name == "aesthetic"]
        self.resolution = perceptor.resolution
        self._perceptor = perceptor
        self._wishes = _wishes_of(batch, perceptor)
        self._spots = [
            _spot_wishes(text, len(batch), perceptor) for text in (shared.spot_prompts, shared.spot_prompts_off)
        ]
        self._mask = _mask(shared, size).to(perceptor.device)
        self._images = [
            (image_picture(prompt.image, *size)[0].to(perceptor.device), prompt.weight, prompt.stop)
            for prompt in shared.image_prompts
        ]

    def judge(self, pictures: Tensor, views: Views, moves: int) -> Verdict:
        """What is found in these views of the pictures, (B, 3, H, W), after so many moves of the run."""
        progress = moves / self._steps
        total = _nothing(len(pictures), pictures.device)
        if self._wishes or self._images or self._tastes:
            seen = self._look(pictures, views)
            if self._wishes:
                total = total.plus(self._wishes.judge(seen, progress))
            for image, weight, stop in self._images:
                total = total.plus(self._compare(seen, _sized(image[None], pictures), views, weight, stop))
            total = total._replace(losses=total.losses + self._taste(seen, moves))
        for wishes, inside in zip(self._spots, (True, False), strict=True):
            if wishes:
                mask = _sized(self._mask, pictures)
                shown = masked(pictures, mask if inside else 1 - mask)
                total = total.plus(wishes.judge(self._look(shown, views), progress))
        return total

    def _look(self, pictures: Tensor, views: Views) -> Tensor:
        """Embeddings (B, N, E)."""
        return self._perceptor.embed_pictures(views(pictures)).unflatten(0, (len(pictures), -1))

    def _taste(self, seen: Tensor, moves: int) -> Tensor | float:
        """The losses (B,) by which the head's ratings are missed; no part of the score, which tells what is shown."""
        return sum(self._head.loss(seen, **dict(term.options)) * term.weight_at(moves) for term in self._tastes)

    def _compare(self, seen: Tensor, image: Tensor, views: Views, weight: float, stop: float) -> Verdict:
        """Every view of the pictures, embedded as (B, N, E), with every like view of an image (1, 3, H, W)."""
        with torch.no_grad():
            wished = self._look(image.expand(len(seen), -1, -1, -1), views)[:, None]  # B, 1, N, E
        seen = seen[:, :, None]  # B, N, 1, E
        distances = spherical_distance(seen, wished) * (1 if weight > 0 else -1)  # B, N, N
        alike = F.cosine_similarity(seen.detach(), wished, dim=-1).mean((1, 2)) * weight
        return Verdict(_pulling(distances, stop).mean((1, 2)) * abs(weight), alike, torch.full_like(alike, abs(weight)))


def _mask(settings: Settings, size: tuple[int, int]) -> Tensor:
    return disc(*size) if settings.spot_mask is None else from_image(settings.spot_mask, *size)


def _sized(image: Tensor, pictures: Tensor) -> Tensor:
    """The image (1, C, H, W) at the size of the pictures, which are smaller at first where a drawing grows."""
    if image.shape[-2:] == pictures.shape[-2:]:
        return image
    return F.interpolate(image, pictures.shape[-2:], mode="area")


def _pulling(distances: Tensor, stop: Tensor | float) -> Tensor:
    """The distances; what is nearer than its stop no longer pulls (Crowson's notebook)."""
    return torch.where(distances > stop, distances, distances.detach())


def _wishes_of(batch: Sequence[Settings], perceptor: Perceptor) -> Wishes | None:
    """What prompts, labels and noise prompts ask for; None where those of no picture ask for anything."""
    rows = [
        [
            *_story(settings.prompts, perceptor),
            *_labels(settings.labels, perceptor),
            *_noise(settings.noise_prompts, perceptor),
        ]
        for settings in batch
    ]
    return Wishes(rows, perceptor.device) if any(rows) else None


def _spot_wishes(text: str, count: int, perceptor: Perceptor) -> Wishes | None:
    """What the prompts of one side of a spot ask for; None where there are none."""
    row = [_wish(perceptor.embed_texts([prompt.text])[0], prompt) for prompt in parse_extras(text)]
    return Wishes([row] * count, perceptor.device) if row else None


def _always(progress: float) -> float:
    return 1.0


def _wish(embedding: Tensor, prompt: Prompt) -> _Wish:
    return _Wish(embedding, prompt.weight, prompt.stop, _always)


def _story(text: str, perceptor: Perceptor) -> list[_Wish]:
    if not text:
        return []
    story = parse_story(text)
    embeddings = perceptor.embed_texts([prompt.text for prompt in story.prompts])
    wishes = [_wish(embedding, prompt) for embedding, prompt in zip(embeddings, story.prompts, strict=True)]
    if story.scenes == 1:
        return wishes
    return [wish._replace(share=partial(_share, story, index)) for index, wish in enumerate(wishes)]


def _share(story: Story, index: int, progress: float) -> float:
    return story.shares(progress)[index]


def _labels(text: str, perceptor: Perceptor) -> list[_Wish]:
    return [
        _wish(label_embedding(perceptor.embed_texts(label_texts(prompt.text))), prompt) for prompt in parse_extras(text)
    ]


def _noise(prompts: Sequence[tuple[int, float]], perceptor: Perceptor) -> list[_Wish]:
    """Directions that stand for no text, from a seed."""
    embeddings = [noise_embedding(seed, perceptor.width).to(perceptor.device) for seed, _ in prompts]
    return [_wish(embedding, Prompt("", weight)) for embedding, (_, weight) in zip(embeddings, prompts, strict=True)]
