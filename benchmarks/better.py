"""What each way to better pictures is worth: the judge's score after equal time, against drawing without any of them.

    python -m benchmarks.better [--prompts 5] [--seed 0] [--size 256] [--only average detail]

The judge never guides (see `benchmarks.quality`). Equal time: the processor time of a step is measured first, the
variants in turns, and each variant draws as many steps as fit into the time of the plain one's. The difference is by
prompt, plain against variant, from the same seed; its interval is a bootstrap over prompts.
"""

import argparse
import time
from collections.abc import Mapping

import numpy as np

import clipit
from benchmarks.distractors import KINDS
from benchmarks.quality import BATCH, judged, load_judge, paint, prompts_of
from benchmarks.world import small_world

STEPS = 75  # of the plain drawing
PLAIN = {
    "schedule": "constant", "average": 0.0, "keep_best": False, "detail": 0.0, "overviews": (0.75, 0.75),
    "progressive": 0.0,
}  # fmt: skip
VARIANTS: Mapping[str, Mapping[str, object]] = {
    "plain": {},
    "linear": {"schedule": "linear"},
    "detail": {"detail": 0.5},
    "average": {"average": 0.9},
    "overviews": {"overviews": (1.0, 0.5)},
    "progressive": {"progressive": 0.4},
    "best": {"keep_best": True},
    "drop": {"schedule": "drop"},
    "all-detail": {"detail": 1.0},
}


def milliseconds(variants: Mapping[str, Mapping[str, object]], steps: int = 5) -> dict[str, float]:
    """Processor time of one step of each variant, their steps in turns."""
    drawings = {}
    for name, options in variants.items():
        settings = [clipit.Settings(prompts="castle", seed=seed, iterations=steps, **options) for seed in range(BATCH)]
        drawings[name] = clipit.stream(settings)
    spent = dict.fromkeys(variants, 0.0)
    for step in range(steps):
        for name, drawing in drawings.items():
            began = time.process_time()
            next(drawing)
            spent[name] += (time.process_time() - began) * (step > 0)
    return {name: 1000 * seconds / (steps - 1) for name, seconds in spent.items()}


def interval(differences: np.ndarray) -> tuple[float, float]:
    """95 % interval of a mean, by 10,000 draws with replacement."""
    drawn = np.random.default_rng(0).choice(differences, (10_000, len(differences)))
    low, high = np.percentile(drawn.mean(1), [2.5, 97.5])
    return float(low), float(high)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--prompts", type=int, default=5, help="of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--size", type=int, default=None, help="pixels a side; the draft's otherwise")
    parser.add_argument("--only", nargs="*", default=list(VARIANTS), choices=list(VARIANTS))
    parsed = parser.parse_args()
    prompts = [prompt for kind in KINDS for prompt in prompts_of(kind, parsed.prompts)]
    names = ["plain", *(name for name in parsed.only if name != "plain")]
    size = (parsed.size, parsed.size) if parsed.size else None
    variants = {name: PLAIN | VARIANTS[name] | {"size": size} for name in names}
    cost = milliseconds(variants)
    judge, world, plain = load_judge(), small_world(), None
    for name in names:
        steps = round(STEPS * cost["plain"] / cost[name])
        options = variants[name] | {"iterations": steps}
        pictures = paint([prompt.text for prompt in prompts], parsed.seed, options)
        verdicts = judged(judge, pictures, prompts, world)
        cosines = np.array([each.cosine for each in verdicts])
        plain, found = cosines if plain is None else plain, np.mean([each.found for each in verdicts])
        low, high = interval(cosines - plain)
        print(
            f"{name:12} {cost[name] / BATCH:5.0f} ms {steps:4} steps  score {cosines.mean():.3f}  "
            f"{(cosines - plain).mean():+.3f} ({low:+.3f} to {high:+.3f})  found {found:.0%}",
            flush=True,
        )


if __name__ == "__main__":
    main()
