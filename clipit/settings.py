"""Settings: everything that decides a picture, checked at the door; what is left open follows from the quality."""

from dataclasses import dataclass, fields
from typing import NamedTuple

from PIL import Image

from clipit.errors import ClipitError
from clipit.prompts import parse_prompts

MAX_SIDE = 4096  # pixels


class Preset(NamedTuple):
    """What a quality stands for. `scale` multiplies the aspect's base size; `cuts` are views per perceptor and step."""

    iterations: int
    scale: float
    cuts: int


# Scales are clipit's (mfrashad/clipit, 2021), and so are the iterations but for the draft's. Its 75 iterations (clipit:
# 200) and 16 cuts (clipit: 40) were chosen for time on a CPU; other numbers were not compared.
QUALITIES = {
    "draft": Preset(75, 1, 16),
    "normal": Preset(350, 2, 32),
    "better": Preset(500, 3, 40),
    "best": Preset(500, 4, 40),
}
ASPECTS = {"square": (150, 150), "widescreen": (160, 90), "portrait": (128, 160)}  # pixels, at scale 1
DRAWERS = ("vqgan",)
STARTS = ("sketch", "noise")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One picture. `size` wins over `scale`, which wins over `quality`; None takes what the quality says.

    Raises ClipitError, naming what is accepted, for anything that cannot be drawn.
    """

    # what
    prompts: str
    start_image: Image.Image | None = None
    start: str = "sketch"  # without a start image; a first CLIP that has no sketcher starts from noise

    # how large and how long
    quality: str = "draft"
    aspect: str = "square"
    size: tuple[int, int] | None = None  # width, height in pixels; rounded down to the drawer's factor
    scale: float | None = None
    iterations: int | None = None
    seed: int = 0

    # with what
    drawer: str = "vqgan"
    vqgan_model: str = "small"
    clip_models: tuple[str, ...] = ("small",)
    cuts: int | None = None
    learning_rate: float = 0.015  # of Adam at the first step, in units of the codebook's deviation

    def __post_init__(self) -> None:
        parse_prompts(self.prompts)
        for name, accepted in (("quality", QUALITIES), ("aspect", ASPECTS), ("drawer", DRAWERS), ("start", STARTS)):
            if getattr(self, name) not in accepted:
                names = ", ".join(map(repr, accepted))
                raise ClipitError(f"there is no {name} {getattr(self, name)!r}; accepted: {names}")
        for name, low, high in (("iterations", 1, 100_000), ("cuts", 1, 1000), ("seed", 0, 2**32 - 1)):
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise ClipitError(f"{name} is {value}; accepted: {low} to {high}")
        if self.scale is not None and not 0 < self.scale <= 100:
            raise ClipitError(f"scale is {self.scale}; accepted: more than 0, at most 100")
        if not 0 < self.learning_rate <= 100:
            raise ClipitError(f"learning_rate is {self.learning_rate}; accepted: more than 0, at most 100")
        if not self.clip_models:
            raise ClipitError("clip_models is empty; at least one must judge")
        if self.size is not None and len(self.size) != 2:
            raise ClipitError(f"the size is {self.size}; accepted: width and height in pixels, for example (800, 200)")
        if not all(1 <= side <= MAX_SIDE for side in self.wanted_size()):
            width, height = self.wanted_size()
            raise ClipitError(f"the size is {width} x {height}; accepted: sides of 1 to {MAX_SIDE} pixels")

    def wanted_size(self) -> tuple[int, int]:
        """Width and height in pixels before rounding."""
        if self.size is not None:
            return self.size
        width, height = ASPECTS[self.aspect]
        scale = self.scale or QUALITIES[self.quality].scale
        return int(width * scale), int(height * scale)

    def rounded_size(self, factor: int) -> tuple[int, int]:
        """Width and height that can be drawn: multiples of `factor` pixels, at most what is wanted, at least one."""
        width, height = (max(factor, side // factor * factor) for side in self.wanted_size())
        return width, height

    @property
    def steps(self) -> int:
        return self.iterations or QUALITIES[self.quality].iterations

    @property
    def views(self) -> int:
        return self.cuts or QUALITIES[self.quality].cuts

    def as_dict(self) -> dict[str, object]:
        """Every setting as plain data, the start image left out."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "start_image"}
