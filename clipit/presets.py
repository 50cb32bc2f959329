"""Presets: what follows from a quality where the settings leave it open. `text2art` is ours, `clipit` the original."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

LAST_RATE = 0.05  # share of the learning rate at the last step: the end of a drawing settles what its beginning tried

# Of the first learning rate, at 0..1 of the run; `drop` is pixray's.
SCHEDULES: Mapping[str, Callable[[float], float]] = {
    "linear": lambda progress: 1 + (LAST_RATE - 1) * progress,
    "constant": lambda progress: 1.0,
    "drop": lambda progress: 1.0 if progress < 0.75 else 0.1,
}


class Quality(NamedTuple):
    """`scale` multiplies the aspect's base size; `cuts` are views per perceptor and step."""

    iterations: int
    scale: float
    cuts: int
    clip_models: tuple[str, ...] = ("small",)


@dataclass(frozen=True, kw_only=True)
class Preset:
    """What is left open follows from this. The fields of the second half are those of `Settings`."""

    qualities: Mapping[str, Quality]
    aspects: Mapping[str, tuple[int, int]]  # width, height in pixels at scale 1

    start: str
    views: str
    rates: Mapping[str, float]  # learning rates by drawer; the drawer's own where there is none
    drawer_options: Mapping[str, Mapping[str, object]]  # by drawer
    schedule: str
    overviews: tuple[float, float]
    average: float = 0.0
    keep_best: bool = False
    detail: float = 0.0
    progressive: float = 0.0


# Sizes and the scales of the qualities are clipit's (mfrashad/clipit, 2021).
ASPECTS = {"square": (150, 150), "widescreen": (160, 90), "portrait": (128, 160)}

# Few iterations and cuts (clipit: 200 to 500, 40), as drawings begin at a sketch: a draft is to take 10 seconds on two
# cores, 256 x 256 pixels at normal quality 30. Strokes and cells move half as fast as their drawers would by themselves:
# there is less to find than to spoil.
TEXT2ART = Preset(
    qualities={
        "draft": Quality(60, 1, 16),
        "normal": Quality(80, 2, 24),
        "better": Quality(120, 3, 32),
        "best": Quality(160, 4, 40),
    },
    aspects=ASPECTS,
    start="sketch",
    views="gentle",
    rates={"strokes": 0.12, "pixel": 0.004},
    drawer_options={},
    schedule="linear",
    overviews=(0.75, 0.75),
)

CLIPIT = Preset(
    qualities={
        "draft": Quality(200, 1, 40, ("ViT-B/32",)),
        "normal": Quality(350, 2, 40, ("ViT-B/32", "ViT-B/16")),
        "better": Quality(500, 3, 40, ("RN50", "ViT-B/32", "ViT-B/16")),
        "best": Quality(500, 4, 40, ("RN50x4", "ViT-B/32", "ViT-B/16")),
    },
    aspects=ASPECTS,
    start="pixels",
    views="clipit",
    rates={"vqgan": 0.2, "strokes": 1.0, "pixel": 0.02},
    drawer_options={
        "vqgan": {"model": "imagenet_f16_16384", "relative_rate": False, "from_codes": True},
        "pixel": {"colours": None},
    },
    schedule="constant",
    overviews=(1 / 3, 1 / 3),
)

PRESETS = {"text2art": TEXT2ART, "clipit": CLIPIT}
