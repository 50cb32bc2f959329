"""What a step costs by drawer, views and pixels: the table in worker/pace.py, and how well it tells what was measured.

    python -m benchmarks.paces [--steps 8]

Each drawer paints several sizes and numbers of views, filmed as a worker does; of several steps the shortest counts, as
whatever else a machine does can only add to it. The three coefficients are those, none below 0, with the smallest sum
of squares of what they are wrong by, as shares of what was measured.
"""

import argparse
import itertools
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import clipit
from worker.pace import Cost
from worker.recipe import DRAWERS
from worker.studio import filmed

SHAPES = (("draft", "square"), ("draft", "widescreen"), ("normal", "square"), ("normal", "widescreen"))
SHAPES += (("better", "square"), ("better", "widescreen"), ("best", "square"))


def step_s(settings: clipit.Settings, models: clipit.Models, steps: int) -> float:
    """Seconds of the shortest of several steps; the first, which warms up, is none of them."""
    times = []
    with tempfile.TemporaryDirectory() as folder:
        frames = filmed(clipit.stream(settings, models), Path(folder, "film.mp4"), {})
        next(frames)
        for _ in range(steps):
            began = time.perf_counter()
            next(frames)
            times.append(time.perf_counter() - began)
        frames.close()
    return min(times)


def row(settings: clipit.Settings) -> tuple[float, float, float]:
    """What the coefficients of a Cost are multiplied with."""
    width, height = settings.wanted_size()
    return 1, settings.cuts, width * height / 1_000_000


def fitted(rows: Sequence[Sequence[float]], seconds: Sequence[float]) -> Cost:
    """The best of all solutions that have no negative coefficient, where some may be 0."""
    shares = np.array(rows) / np.array(seconds)[:, None]
    found = []
    for some in itertools.product((False, True), repeat=3):
        chosen = [index for index, taken in enumerate(some) if taken]
        values = np.zeros(3)
        if chosen:
            values[chosen] = np.linalg.lstsq(shares[:, chosen], np.ones(len(shares)), rcond=None)[0]
        if (values >= 0).all():
            found.append((np.square(shares @ values - 1).sum(), values.tolist()))
    return Cost(*min(found)[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=8)
    parsed = parser.parse_args()
    models = clipit.load_models(clipit.Settings(prompts="castle underwater"))
    for drawer in DRAWERS.values():
        wishes = [
            clipit.Settings(prompts="castle underwater", drawer=drawer, quality=quality, aspect=aspect).resolved()
            for quality, aspect in SHAPES
        ]
        measured = [step_s(settings, models, parsed.steps) for settings in wishes]
        cost = fitted([row(settings) for settings in wishes], measured)
        print(f'"{drawer}": Cost({", ".join(f"{value:.2g}" for value in cost)}),')
        for settings, seconds in zip(wishes, measured, strict=True):
            told = sum(a * b for a, b in zip(row(settings), cost, strict=True))
            size = "{} x {}".format(*settings.wanted_size())
            print(f"  {size:10} {settings.cuts} views: {seconds * 1000:4.0f} ms, told {told / seconds - 1:+.0%}")


if __name__ == "__main__":
    main()
