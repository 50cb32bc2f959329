"""Settings: everything that decides a picture, checked at the door; what is left open follows from the preset."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import NamedTuple

from PIL import Image

from clipit import drawers
from clipit.annotations import check
from clipit.drawers.options import Options, between, one_of
from clipit.errors import ClipitError
from clipit.losses.terms import parse_losses
from clipit.palettes import parse_palette, written_out
from clipit.presets import PRESETS, SCHEDULES, Preset, Quality
from clipit.prompts import parse_extras, parse_story

MAX_SIDE = 4096  # pixels
MOST_LETTERS, MOST_THINGS = 20_000, 64  # in a text, and of a kind: recipes and states may come from anybody
STARTS = ("sketch", "noise", "pixels", "gradient", "snow", "none")
VIEWS = ("gentle", "clipit")
SINGLE, SEVERAL = ("start_image", "overlay_image", "spot_mask"), ("target_images", "image_labels")  # fields of images
# Fields that do nothing without one of others.
NEEDS = (
    (("palette_weight", "palette_over"), ("palette",)),
    (("target_weight", "target_pixel_weight"), ("target_images",)),
    (("image_label_weight",), ("image_labels",)),
    (("start_alpha",), ("start_image",)),
    (("overlay_image", "overlay_alpha"), ("overlay_every",)),
    (("spot_mask",), ("spot_prompts", "spot_prompts_off")),
)
OPTIMISERS = ("Adam", "AdamW", "Adagrad", "Adamax", "RAdam")


def plain(image: object) -> Image.Image:
    """RGB, or RGBA where the image has an alpha channel. Raises ClipitError for what is no image."""
    if not isinstance(image, Image.Image) or 0 in image.size:
        raise ClipitError(f"{image!r:.100} is no image; accepted: one of Pillow's, of at least one pixel")
    if image.mode.startswith("I"):  # 16 bits, of which Pillow would cut what is above 255
        image = image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if image.mode == "F":  # 0..1
        image = image.point(lambda value: value * 255).convert("L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def image_digest(image: Image.Image) -> str:
    """SHA-256 of an image's pixels as these settings hold them: a recipe names by it what it does not carry."""
    image = plain(image)
    return hashlib.sha256(f"{image.mode} {image.size}".encode() + image.tobytes()).hexdigest()


def _listed(value: object) -> object:
    """As JSON gives it back: tuples as lists, images as their digests, no limit as None."""
    if isinstance(value, Image.Image):
        return image_digest(value)
    if isinstance(value, Mapping):
        return {name: _listed(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [_listed(each) for each in value]
    return None if value == float("-inf") else value


def images_in(value: object) -> Iterator[Image.Image]:
    """The images in a setting's value, or in several."""
    if isinstance(value, Image.Image):
        yield value
    elif isinstance(value, tuple | list):
        for each in value:
            yield from images_in(each)


def _tupled(value: object) -> object:
    """Lists as tuples, as settings hold them."""
    return tuple(map(_tupled, value)) if isinstance(value, tuple | list) else value


def _palette_of(drawer_options: object) -> object:
    return drawer_options.get("palette") if isinstance(drawer_options, Mapping) else None


def _idle(values: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """Fields that do nothing beside these values, each with those that it needs one of."""
    lacking = [(names, needed) for names, needed in NEEDS if not any(values.get(other) for other in needed)]
    return {name: needed for names, needed in lacking for name in names}


def _image_prompt(given: object) -> "ImagePrompt":
    if not isinstance(given, tuple) or not 1 <= len(given) <= 3:
        raise ClipitError(f"image_prompts has {given!r:.100}; accepted: an image, a weight and a stop")
    return ImagePrompt(plain(given[0]), *given[1:])


class ImagePrompt(NamedTuple):
    """An image to approach or, with a negative weight, to avoid; its gradient is cut once it is nearer than `stop`."""

    image: Image.Image
    weight: float = 1.0
    stop: float = float("-inf")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One picture. `size` wins over `scale`, which wins over `quality`; None takes what preset and quality say.

    Raises ClipitError, naming what is accepted, for anything that cannot be drawn.
    """

    # what
    prompts: str = ""  # `castle | gold:0.5 ^ ruins`
    labels: str = ""  # nouns, each the mean of several wordings
    image_prompts: tuple[ImagePrompt, ...] = ()
    noise_prompts: tuple[tuple[int, float], ...] = ()  # seed, weight
    spot_prompts: str = ""  # judged where the mask is opaque or, where all of it is, light
    spot_prompts_off: str = ""  # judged everywhere else
    spot_mask: Image.Image | None = None  # None: a disc in the middle
    losses: str = ""  # `smoothness:0.5, symmetry`
    aesthetic_head: str | None = None  # file of a head for the first of clip_models, which the loss `aesthetic` asks
    palette: str = ""  # `red->#ff0000\\20;[black]`; a sketch is brought near to it
    palette_weight: float = 1.0
    palette_over: int | None = None  # steps in which that weight is grown to; None: it is there from the start
    target_images: tuple[Image.Image, ...] = ()
    target_weight: float = 1.0  # of the angle between the drawing and each target, of their latents where it has some
    target_pixel_weight: float = 0.0  # of the mean absolute difference
    image_labels: tuple[Image.Image, ...] = ()  # images whose mean is a target
    image_label_weight: float = 1.0

    # where to start
    start: str | None = None  # a first CLIP that has no sketcher starts from noise instead of a sketch
    start_image: Image.Image | None = None
    start_alpha: int = 255  # of the start image over the start, 0 to 255
    overlay_image: Image.Image | None = None  # laid over again and again; None: the start image
    overlay_every: int | None = None  # steps
    overlay_alpha: int = 255

    # how large and how long
    preset: str = "text2art"
    quality: str = "draft"
    aspect: str = "square"
    size: tuple[int, int] | None = None  # width, height in pixels; rounded to what the drawer can draw
    scale: float | None = None
    iterations: int | None = None
    seed: int = 0

    # with what
    drawer: str = "vqgan"
    drawer_options: Mapping[str, object] = field(default_factory=dict)
    clip_models: tuple[str, ...] | None = None
    optimiser: str = "Adam"
    learning_rate: float | None = None  # at the first step, in the drawer's unit

    # how it is looked at
    cuts: int | None = None
    batches: int = 1  # of cuts, one after the other before each step of the optimiser
    views: str | None = None
    detail: float | None = None  # share of the close views that see pixels at their true size
    overviews: tuple[float, float] | None = None  # share of the views that show nearly all, at first and at last

    # how it is made better
    schedule: str | None = None  # of the learning rate
    average: float | None = None  # decay of the exponential average that is the last picture; 0: the last step itself
    keep_best: bool | None = None  # the last picture is the best that was seen
    progressive: float | None = None  # share of the steps drawn at half the size

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            object.__setattr__(self, name, self._settled(name, value))
        check(Settings, vars(self))
        self._check_choices()
        options = self.checked_options()
        object.__setattr__(self, "drawer_options", {name: getattr(options, name) for name in self.drawer_options})
        self._check_numbers()
        self._check_wishes()
        self._check_size()

    @staticmethod
    def _settled(name: str, value: object) -> object:
        """A value in the form in which settings hold it: copies, so that nobody changes it afterwards."""
        if name == "drawer_options":
            return dict(value) if isinstance(value, Mapping) else value
        if name == "palette":
            return written_out(value) if isinstance(value, str) else value
        value = _tupled(value)
        if name in SINGLE:
            return None if value is None else plain(value)
        if name in SEVERAL and isinstance(value, tuple):
            return tuple(map(plain, value))
        return tuple(map(_image_prompt, value)) if name == "image_prompts" and isinstance(value, tuple) else value

    def _check_choices(self) -> None:
        one_of("preset", self.preset, tuple(PRESETS))
        one_of("quality", self.quality, tuple(self._preset.qualities))
        one_of("aspect", self.aspect, tuple(self._preset.aspects))
        one_of("optimiser", self.optimiser, OPTIMISERS)
        for name, accepted in (("start", STARTS), ("views", VIEWS), ("schedule", tuple(SCHEDULES))):
            if (value := getattr(self, name)) is not None:
                one_of(name, value, accepted)
        if self.clip_models is not None and not self.clip_models:
            raise ClipitError("clip_models is empty; at least one must judge")

    def _check_numbers(self) -> None:
        limits = {
            "iterations": (1, 100_000), "cuts": (1, 1000), "batches": (1, 100), "seed": (0, 2**32 - 1),
            "overlay_every": (1, 100_000), "start_alpha": (0, 255), "overlay_alpha": (0, 255),
            "detail": (0, 1), "progressive": (0, 1), "average": (0, 0.9999),
            "palette_weight": (0, 1e6), "palette_over": (1, 1_000_000), "target_weight": (0, 1e6),
            "target_pixel_weight": (0, 1e6), "image_label_weight": (0, 1e6),
        }  # fmt: skip
        for name, (low, high) in limits.items():
            if (value := getattr(self, name)) is not None:
                between(name, value, low, high)
        for name in ("scale", "learning_rate"):
            if (value := getattr(self, name)) is not None and not 0 < value <= 100:
                raise ClipitError(f"{name} is {value}; accepted: more than 0, at most 100")
        for name in ("prompts", "labels", "spot_prompts", "spot_prompts_off", "losses", "palette"):
            between(f"the length of {name}", len(getattr(self, name)), 0, MOST_LETTERS)
        for name in ("clip_models", "image_prompts", "noise_prompts", *SEVERAL):
            between(f"the number of {name}", len(getattr(self, name) or ()), 0, MOST_THINGS)
        for share in self.overviews or ():
            between("overviews", share, 0, 1)
        for seed, weight in self.noise_prompts:
            between("a seed of noise_prompts", seed, 0, 2**32 - 1)
            between("a weight of noise_prompts", weight, -1e6, 1e6)
        for _, weight, stop in self.image_prompts:
            between("a weight of image_prompts", weight, -1e6, 1e6)
            if stop != float("-inf"):
                between("a stop of image_prompts", stop, -1e6, 1e6)

    def _check_wishes(self) -> None:
        extras = [parse_extras(text) for text in (self.labels, self.spot_prompts, self.spot_prompts_off)]
        weights = [prompt.weight for prompt in self.image_prompts] + [weight for _, weight in self.noise_prompts]
        weights += [self.target_weight + self.target_pixel_weight for _ in self.target_images]
        weights += [self.image_label_weight for _ in self.image_labels]
        if self.prompts or not (any(extras) or any(weights)):
            parse_story(self.prompts)
        if self.aesthetic_head is None and any(term.name == "aesthetic" for term in parse_losses(self.losses)):
            raise ClipitError("the loss 'aesthetic' needs an aesthetic_head; accepted: the path of a head's file")
        if self.palette:
            parse_palette(self.palette)
        if self.overlay_every and not (self.overlay_image or self.start_image):
            raise ClipitError("overlay_every needs an image to lay over; accepted: overlay_image or start_image")
        for name, needed in _idle(vars(self)).items():
            if getattr(self, name) != getattr(Settings, name):
                raise ClipitError(f"{name} does nothing without {' or '.join(needed)}; accepted: both or neither")

    def _check_size(self) -> None:
        if not all(1 <= side <= MAX_SIDE for side in self.wanted_size()):
            width, height = self.wanted_size()
            raise ClipitError(f"the size is {width} x {height}; accepted: sides of 1 to {MAX_SIDE} pixels")

    @property
    def _preset(self) -> Preset:
        return PRESETS[self.preset]

    @property
    def _quality(self) -> Quality:
        return self._preset.qualities[self.quality]

    def checked_options(self) -> Options:
        """The drawer's options, those of the preset where none is given. Raises ClipitError."""
        return drawers.options_of(self.drawer, self._preset.drawer_options.get(self.drawer, {}) | self.drawer_options)

    def wanted_size(self) -> tuple[int, int]:
        """Width and height in pixels before the drawer rounds them."""
        if self.size is not None:
            return self.size
        width, height = self._preset.aspects[self.aspect]
        scale = self.scale or self._quality.scale
        return int(width * scale), int(height * scale)

    def resolved(self) -> "Settings":
        """The same picture with nothing left open; a learning rate of None is the drawer's own."""
        preset, quality = self._preset, self._quality
        choices = quality._asdict() | vars(preset) | {"learning_rate": preset.rates.get(self.drawer)}
        open_ones = [
            field.name for field in fields(self) if field.name in choices and getattr(self, field.name) is None
        ]
        return replace(
            self,
            size=self.wanted_size(),
            scale=None,
            drawer_options=asdict(self.checked_options()),
            **{name: choices[name] for name in open_ones if name != "scale"},
        )

    def images(self) -> dict[str, Image.Image]:
        """Every image that these settings hold, by the digest that `as_dict` gives in its place."""
        return {
            image_digest(image): image for image in images_in([getattr(self, field.name) for field in fields(self)])
        }

    def as_dict(self) -> dict[str, object]:
        """Every setting as plain data; of an image the digest of its pixels."""
        return {field.name: _listed(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_dict(cls, values: Mapping[str, object], images: Mapping[str, Image.Image]) -> "Settings":
        """The settings that gave `as_dict`, with the images by their digests; names that are no settings are left out.

        Raises ClipitError for values that cannot be drawn, where an image is lacking, and for palettes in files, as
        nobody knows where such values come from.
        """

        def image(digest: object) -> Image.Image:
            if not isinstance(digest, str) or digest not in images:
                raise ClipitError(f"an image is lacking that the recipe does not carry; its digest is {digest!r:.100}")
            return images[digest]

        def prompt(given: object) -> tuple[object, ...]:
            if not isinstance(given, list | tuple) or len(given) != 3:
                raise ClipitError(f"image_prompts has {given!r:.100}; accepted: digest, weight and stop")
            digest, weight, stop = given
            return image(digest), weight, float("-inf") if stop is None else stop

        if not isinstance(values, Mapping):
            raise ClipitError(f"the settings are {values!r:.100}; accepted: a dictionary by names")
        known = {field.name: values[field.name] for field in fields(cls) if field.name in values}
        for name in _idle(known):  # which recipes once told too
            known.pop(name, None)
        for name in SINGLE:
            if known.get(name) is not None:
                known[name] = image(known[name])
        for name, read in (*((name, image) for name in SEVERAL), ("image_prompts", prompt)):
            if isinstance(given := known.get(name), list | tuple):
                known[name] = tuple(map(read, given))
        for palette in (known.get("palette"), _palette_of(known.get("drawer_options"))):
            if isinstance(palette, str) and "@" in palette:
                raise ClipitError(f"the palette {palette[:100]!r} is in a file; accepted here: colours themselves")
        return cls(**known)
