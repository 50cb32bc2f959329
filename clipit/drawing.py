"""The method: a drawer gives pictures, perceptors judge random views of them, an optimiser moves the drawer.

VQGAN+CLIP, after Katherine Crowson's notebook (2021) and clipit (https://github.com/dribnet/clipit).
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from clipit import starts
from clipit.critic import Critic, Verdict
from clipit.cutouts import Views, clipit_views, gentle_views
from clipit.drawers import Drawer, drawer_class
from clipit.errors import ClipitError
from clipit.loading import Models, load_models
from clipit.presets import SCHEDULES
from clipit.prompts import wanted
from clipit.recipes import differing, recipe
from clipit.settings import Settings, image_digest
from clipit.states import pack, unpack
from clipit.terms import terms_of

log = logging.getLogger(__name__)

CALM = 0.8  # decay of the running score by which the best picture is chosen: single scores depend on their views

# What pictures of one batch may differ in.
OWN = (
    "prompts",
    "labels",
    "noise_prompts",
    "seed",
    "start_image",
    "start_alpha",
    "preset",
    "quality",
    "aspect",
    "scale",
)


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


def generators(batch: Sequence[Settings], step: int) -> list[torch.Generator]:
    """One per picture; what it gives depends on the picture's seed and the step alone."""
    # torch keeps 32 bits of a seed, so both numbers are mixed into as many.
    mixed = [np.random.SeedSequence((settings.seed, step)).generate_state(1) for settings in batch]
    return [torch.Generator().manual_seed(int(seed)) for (seed,) in mixed]


def _one_kind(batch: Sequence[Settings]) -> Settings:
    """The settings that all pictures of a batch share. Raises ClipitError when they cannot be drawn together."""
    if not batch:
        raise ClipitError("there is nothing to draw; accepted: one Settings, or a list of at least one")
    first, *others = ({k: v for k, v in settings.as_dict().items() if k not in OWN} for settings in batch)
    for other in others:
        if differing := [name for name, value in first.items() if other[name] != value]:
            raise ClipitError(f"pictures of one batch must agree in {', '.join(differing)}")
    return batch[0]


class Drawing(Iterator[Frame]):
    """B pictures being drawn, one Frame per step; it ends after the last. Nothing is written, nothing is shared."""

    def __init__(
        self,
        settings: Settings | Sequence[Settings],
        models: Models | None = None,
        taken_up: tuple[int, Mapping[str, Tensor]] | None = None,  # see `resume`
    ) -> None:
        given = [settings] if isinstance(settings, Settings) else list(settings)
        self.batch = [settings.resolved() for settings in given]
        self.shared = _one_kind(self.batch)
        self.models = models or load_models(self.shared)
        self.weights = self.models.weights(self.shared)
        self.step = 0
        self.size = self.models.size(self.shared)
        if self.size != self.shared.size:
            log.info("drawing %d x %d pixels: what this drawer can draw", *self.size)
        heads = [self.models.head(self.shared), *[None] * (len(self.models.perceptors) - 1)]
        judges = zip(self.models.perceptors, heads, strict=True)
        self._critics = [Critic(perceptor, self.batch, self.size, head) for perceptor, head in judges]
        if taken_up is None:
            self._start = self._start_pictures()
            self._begin(self._start)
        else:
            self._take_up(*taken_up)

    # --- one step -----------------------------------------------------------------------------------------------------

    def __next__(self) -> Frame:
        if self.step == self.shared.iterations:
            raise StopIteration
        self.step += 1
        if self.step == self._small_steps + 1 > 1:
            with torch.no_grad():
                self._begin(self._drawer.image())
        drawn = generators(self.batch, self.step)
        if self.step == self.shared.iterations:
            return self._end(drawn)
        self._optimiser.zero_grad()
        for _ in range(self.shared.batches):
            pictures = self._drawer.image()
            verdict = self._judge(pictures, self._views(drawn))
            losses = verdict.losses + sum((term(pictures, self.step - 1) for term in self._terms), torch.zeros(()))
            losses.sum().backward()
        self._remember(verdict.scores)
        self._move()
        return self._frame(pictures.detach(), verdict.scores)

    @property
    def _progress(self) -> float:
        """0 at the first step, and 1 after the last."""
        return (self.step - 1) / self.shared.iterations

    def _views(self, drawn: list[torch.Generator]) -> dict[int, Views]:
        """The views of this step for each resolution that is looked at; perceptors of one resolution share them."""
        return {resolution: self._look(resolution, drawn) for resolution in {c.resolution: None for c in self._critics}}

    def _look(self, resolution: int, drawn: list[torch.Generator]) -> Views:
        aspect, shared, device = self.size[0] / self.size[1], self.shared, self.models.device
        if shared.views == "clipit":
            return clipit_views(shared.cuts, resolution, aspect, drawn, drawn_out=self.step % 2 == 0).to(device)
        first, last = shared.overviews
        overviews = first + (last - first) * self._progress
        return gentle_views(shared.cuts, resolution, aspect, drawn, overviews, shared.detail).to(device)

    def _judge(self, pictures: Tensor, views: Mapping[int, Views]) -> Verdict:
        verdicts = [critic.judge(pictures, views[critic.resolution], self.step - 1) for critic in self._critics]
        return reduce(Verdict.plus, verdicts)

    def _move(self) -> None:
        factor = SCHEDULES[self.shared.schedule](self._progress)
        for group, rate in zip(self._optimiser.param_groups, self._rates, strict=True):
            group["lr"] = rate * factor
        self._optimiser.step()
        self._drawer.constrain()
        for name, average in self._average.items():
            average.lerp_(self._drawer.tensors[name].detach(), 1 - self.shared.average)
        self._lay_over()

    @torch.no_grad()
    def _lay_over(self) -> None:
        """The overlay, as in clipit: the picture with the image over it is what the drawer goes on from."""
        if not self.shared.overlay_every or self.step % self.shared.overlay_every:
            return
        pictures = self._drawer.image()
        for index, settings in enumerate(self.batch):
            image = settings.overlay_image or settings.start_image
            pictures[index] = starts.laid_over(pictures[index], image, settings.overlay_alpha)
        _copy(self._made_from(pictures).tensors, self._drawer)
        for name, average in self._average.items():  # what it averaged is painted over
            average.copy_(self._drawer.tensors[name])

    def _frame(self, pictures: Tensor, scores: Tensor) -> Frame:
        return Frame(self.step, self.shared.iterations, _sized(pictures, self.size), scores)

    # --- the end ------------------------------------------------------------------------------------------------------

    @torch.no_grad()
    def _end(self, drawn: list[torch.Generator]) -> Frame:
        """The finished pictures: where it is wanted the average's, or the best; the drawer stays at them."""
        _copy(self._average, self._drawer)
        pictures = self._drawer.image()
        scores = self._judge(pictures, self._views(drawn)).scores
        self._remember(scores)
        if self.shared.keep_best:
            _copy(self._best, self._drawer)
            pictures, scores = self._drawer.image(), self._best_scores
        if not pictures.isfinite().all():
            raise ClipitError("the drawing came to values that are no numbers; a smaller learning_rate may help")
        return self._frame(pictures, scores)

    @torch.no_grad()
    def _remember(self, scores: Tensor) -> None:
        """Keep what decides the pictures where they are the best so far, by a running score."""
        if not self.shared.keep_best:
            return
        self._calm = scores if self._calm is None else self._calm.lerp(scores, 1 - CALM)
        best = self._calm if self._best_scores is None else self._best_scores
        better = self._calm >= best
        self._best_scores = torch.where(better, self._calm, best)
        for name, tensor in self._drawer.tensors.items():
            kept = self._best.get(name, tensor.detach())
            self._best[name] = torch.where(better.view(-1, *[1] * (tensor.ndim - 1)), tensor.detach(), kept)

    # --- beginnings ---------------------------------------------------------------------------------------------------

    def _start_pictures(self) -> Tensor:
        texts = [wanted(settings.prompts) if settings.prompts else "" for settings in self.batch]
        images = [(settings.start_image, settings.start_alpha) for settings in self.batch]
        drawn = generators(self.batch, 0)
        kind, palette = self.shared.start, self.shared.palette
        pictures = starts.start_pictures(kind, texts, images, *self.size, drawn, self.models.sketcher, palette)
        return pictures.to(self.models.device)

    @property
    def _small_steps(self) -> int:
        """How many of the first steps are drawn at half the size."""
        return round(self.shared.progressive * self.shared.iterations)

    def _size_now(self) -> tuple[int, int]:
        width, height = self.size
        if max(self.step, 1) > self._small_steps:
            return self.size
        return self.models.size(replace(self.shared, size=(max(1, width // 2), max(1, height // 2))))

    def _fitted(self, pictures: Tensor) -> Tensor:
        """The pictures at the size that is drawn now."""
        return _sized(pictures, self._size_now())

    def _made_from(self, pictures: Tensor) -> Drawer:
        options, drawn = self.shared.checked_options(), generators(self.batch, 0)
        network = self.models.network(self.shared)
        return drawer_class(self.shared.drawer)(self._fitted(pictures), options, drawn, network)

    def _begin(self, pictures: Tensor) -> None:
        """Let a drawer of the present size go on from these pictures, with an optimiser that knows nothing yet."""
        self._drawer = self._made_from(pictures)
        groups = self._drawer.groups(self.shared.learning_rate or drawer_class(self.shared.drawer).rate)
        self._optimiser = getattr(torch.optim, self.shared.optimiser)(groups)
        self._rates = [group["lr"] for group in self._optimiser.param_groups]
        self._average = (
            {name: tensor.detach().clone() for name, tensor in self._drawer.tensors.items() if tensor.requires_grad}
            if self.shared.average
            else {}
        )
        self._best: dict[str, Tensor] = {}
        self._best_scores: Tensor | None = None
        self._calm: Tensor | None = None  # running scores
        self._terms = terms_of(self.shared, self._drawer, self._fitted(self._start), self._made_from)

    # --- stopping and going on ----------------------------------------------------------------------------------------

    def state(self) -> bytes:
        """All that is needed to go on from here to the same pictures, in another process too; see `resume`."""
        images = {digest: image for settings in self.batch for digest, image in settings.images().items()}
        values = {
            "settings": [settings.as_dict() for settings in self.batch],
            "step": self.step,
            "weights": self.weights,
        }
        return pack(values, self._tensors(), images)

    def _tensors(self) -> dict[str, Tensor]:
        """What this drawing has in hand, by names; no copies."""
        named = {"start": self._start}
        named |= {f"drawer/{name}": tensor for name, tensor in self._drawer.tensors.items()}
        named |= {f"average/{name}": tensor for name, tensor in self._average.items()}
        for index, moments in self._optimiser.state_dict()["state"].items():
            named |= {f"optimiser/{index}/{name}": moment for name, moment in moments.items()}
        named |= {f"best/{name}": tensor for name, tensor in self._best.items()}
        if self._calm is not None:
            named |= {"calm": self._calm, "scores": self._best_scores}
        return named

    def _take_up(self, step: int, tensors: Mapping[str, Tensor]) -> None:
        """Go on where another drawing of the same settings was stopped. Raises ClipitError for tensors of another."""
        if not 0 <= step <= self.shared.iterations:
            raise ClipitError(f"this drawing was stopped at step {step}; accepted: 0 to {self.shared.iterations}")
        self.step = step
        width, height = self.size
        self._start = torch.zeros(len(self.batch), 3, height, width, device=self.models.device)
        _copy_all({"start": tensors.get("start")}, {"start": self._start})
        self._begin(self._start)
        if step:
            self._step_nowhere()
        _copy_all(tensors, self._tensors())
        self._drawer.constrain()  # these bytes may come from anybody

    def _step_nowhere(self) -> None:
        """Bring into being, with any values, what exists only after a step."""
        self._remember(torch.zeros(len(self.batch), device=self.models.device))
        begun = self._small_steps if self.step > self._small_steps else 0
        if self.step == self.shared.iterations == begun + 1:  # the last step does not move, and there was no other
            return
        for group in self._optimiser.param_groups:
            for parameter in group["params"]:
                parameter.grad = torch.zeros_like(parameter)
        self._optimiser.step()

    def exports(self, index: int = 0) -> dict[str, bytes]:
        """Files of one picture beside the PNG, by their ending: an SVG of strokes, pixel art at one pixel a cell."""
        return self._drawer.exports(index)


def _sized(pictures: Tensor, size: tuple[int, int]) -> Tensor:
    """The pictures, (B, 3, H, W), at another width and height."""
    if pictures.shape[-2:] == size[::-1]:
        return pictures
    return F.interpolate(pictures, size[::-1], mode="bicubic", antialias=True).clamp(0, 1)


@torch.no_grad()
def _copy(tensors: Mapping[str, Tensor], drawer: Drawer) -> None:
    for name, tensor in tensors.items():
        drawer.tensors[name].copy_(tensor)


@torch.no_grad()
def _copy_all(tensors: Mapping[str, Tensor | None], onto: Mapping[str, Tensor]) -> None:
    """Raises ClipitError where names, shapes or types differ, and for values that are no numbers."""
    for name in sorted(tensors.keys() | onto.keys()):
        given, wanted = tensors.get(name), onto.get(name)
        if given is None or wanted is None:
            which = "lacks" if given is None else "has a foreign"
            raise ClipitError(f"these bytes are no such drawing: it {which} {name!r:.100}")
        if (given.shape, given.dtype) != (wanted.shape, wanted.dtype):
            raise ClipitError(f"these bytes are no such drawing: {name!r} should be {_form(wanted)}, is {_form(given)}")
        if not given.isfinite().all():
            raise ClipitError(f"these bytes are no such drawing: {name!r} is not finite")
        wanted.copy_(given)


def _form(tensor: Tensor) -> str:
    return f"{tensor.dtype} {tuple(tensor.shape)}"


def resume(state: bytes, models: Models | None = None) -> Drawing:
    """The drawing that gave this state, at the step where it was stopped.

    On the same machine it comes to the same pictures, bit for bit. Raises ClipitError for bytes that are no drawing and
    where the weights are others than it was begun with.
    """
    values, tensors, images = unpack(state)
    match values:
        case {"settings": [_, *_] as told, "step": int(step), "weights": dict(weights)}:
            batch = [Settings.from_dict(settings, images) for settings in told]
        case _:
            raise ClipitError("these bytes are no drawing: settings, step or weights are lacking")
    if altered := [digest for digest, image in images.items() if image_digest(image) != digest]:
        raise ClipitError(f"these bytes are no drawing: the image {altered[0]:.100} is another one")
    models = models or load_models(batch[0])
    if others := differing(models.weights(batch[0].resolved()), weights):
        raise ClipitError(f"this drawing was begun with other weights: {', '.join(others)}")
    width, height = models.size(batch[0].resolved())
    if "start" not in tensors or tensors["start"].shape != (len(batch), 3, height, width):
        raise ClipitError(f"these bytes are no drawing: it lacks the start of {len(batch)} x {width} x {height}")
    return Drawing(batch, models, (step, tensors))


def stream(settings: Settings | Sequence[Settings], models: Models | None = None) -> Drawing:
    """Draw, one Frame per step. Several settings of one size and quality are drawn as one batch.

    Nothing is written and nothing kept between drawings; stop by no longer asking. Raises ClipitError.
    """
    return Drawing(settings, models)


def draw(prompts: str, models: Models | None = None, **options: object) -> Picture:
    """Draw one picture to its end. `options` are those of Settings. Raises ClipitError.

    >>> draw("underwater city", quality="draft", seed=1).image.save("city.png")
    """
    settings = Settings(prompts=prompts, **options)
    models = models or load_models(settings)
    for frame in stream(settings, models):
        last = frame
    return Picture(last.picture(), last.score, recipe(settings, models))
