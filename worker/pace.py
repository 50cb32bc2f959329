"""What paintings cost here: a step's seconds on a reference machine, times how many times as long it takes here. Pure.

The reference is 2 cores of a Sapphire Rapids (bf16, no GPU), measured by `python -m benchmarks.paces`.
"""

from collections.abc import Mapping
from typing import NamedTuple

import clipit
from jobs import Aspect, Quality
from jobs.painter import Pace, Paces
from worker.recipe import DRAWERS

LEAST_STEPS = 10  # of a painting that says something about the next ones
TRUST = 0.3  # share that the newest painting has in what is expected of the next


class Cost(NamedTuple):
    """Seconds of a step: whatever is painted, for each view, and for each million of pixels."""

    step_s: float
    cut_s: float
    megapixel_s: float


COSTS = {
    "vqgan": Cost(0.037, 0.00087, 4.0),
    "strokes": Cost(0.067, 0.00045, 0.25),
    "pixel": Cost(0.035, 0.0, 0.14),
}

Factors = Mapping[str, float]  # by drawer: how many times as long as on the reference machine a step takes


def factor(settings: clipit.Settings, step_s: float) -> float:
    """The factor of a machine on which a step of these settings takes so many seconds."""
    cost, (width, height) = COSTS[settings.drawer], settings.wanted_size()
    return step_s / (_step_s(cost, settings.resolved()) + cost.megapixel_s * width * height / 1_000_000)


def learned(factors: Factors, settings: clipit.Settings, step_s: float) -> Factors:
    """The factors after a painting whose steps took so many seconds each; a geometric mean, since a machine that was
    asleep for a night is not to be taken for one that slow."""
    before, seen = factors[settings.drawer], factor(settings, step_s)
    return {**factors, settings.drawer: before ** (1 - TRUST) * seen**TRUST}


def paces(factors: Factors) -> Paces:
    """What each quality of each style costs on a machine of these factors."""
    return {
        style: {quality: _pace(quality, COSTS[drawer], factors[drawer]) for quality in Quality}
        for style, drawer in DRAWERS.items()
    }


def _pace(quality: Quality, cost: Cost, factor: float) -> Pace:
    shapes = {aspect: _settings(quality, aspect) for aspect in Aspect}
    any_shape = shapes[Aspect.SQUARE]
    return Pace(
        iterations=any_shape.iterations,
        sizes={aspect: settings.wanted_size() for aspect, settings in shapes.items()},
        step_s=factor * _step_s(cost, any_shape),
        megapixel_s=factor * cost.megapixel_s,
    )


def _settings(quality: Quality, aspect: Aspect) -> clipit.Settings:
    return clipit.Settings(prompts="any", quality=str(quality), aspect=str(aspect)).resolved()


def _step_s(cost: Cost, settings: clipit.Settings) -> float:
    """Of resolved settings, whatever their size."""
    assert settings.cuts is not None
    return cost.step_s + cost.cut_s * settings.cuts
