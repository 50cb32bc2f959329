"""How long the rasteriser of the drawer `strokes` takes for a step, forwards and backwards, and how much memory.

    python -m benchmarks.strokes

`scattered` are CLIPDraw's strokes at its beginning, four times as wide; `painted` are those of a start picture.
"""

import os
import resource
import statistics
import subprocess
import sys
import time
from itertools import pairwise

import torch
from torch import Tensor

from clipit.drawers.curves import paint
from clipit.drawers.painterly import Strokes, paint_over
from clipit.starts import soft_noise

CASES = [(side, count) for side in (224, 600) for count in (256, 1024)]
STEPS = 15


def scattered(side: int, count: int) -> Strokes:
    """Curves of 1 to 3 segments anywhere, of any colour, the middle width."""
    generator = torch.Generator().manual_seed(0)
    steps = 0.1 * torch.rand((1, count, 9, 2), generator=generator) - 0.05
    begin = torch.rand((1, count, 1, 2), generator=generator)
    points = side * torch.cat([begin, begin + steps.cumsum(2)], 2)
    segments = torch.randint(1, 4, (1, count), generator=generator)
    return Strokes(
        points, segments, torch.full((1, count), 0.04 * side), torch.rand((1, count, 4), generator=generator)
    )


def painted(side: int, count: int) -> Strokes:
    generator = torch.Generator().manual_seed(0)
    picture = soft_noise(side, side, generator)[None]
    return paint_over(picture, count, 3, 0.1 * side, [generator])


def step(strokes: Strokes, wanted: Tensor) -> str:
    """The middle one of some steps: on the clock, and of all processors together."""
    for values in (strokes.points, strokes.widths, strokes.colours):
        values.requires_grad_()
    height, width = wanted.shape[1:]
    moments = []
    for _ in range(STEPS + 1):
        moments.append((time.perf_counter(), time.process_time()))
        (paint(*strokes, width, height) - wanted).square().mean().backward()
    clock, processors = ([1000 * (b - a) for a, b in pairwise(times)] for times in zip(*moments, strict=True))
    return f"{statistics.median(clock):4.0f} ms ({statistics.median(processors):4.0f} ms)"


def measure(side: int, count: int) -> None:
    wanted = torch.rand((3, side, side), generator=torch.Generator().manual_seed(1))
    times = [f"{kind.__name__} {step(kind(side, count), wanted)}" for kind in (scattered, painted)]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{side} x {side}, {count:4} strokes, {torch.get_num_threads()} threads: {', '.join(times)}, {memory:.0f} MB")


def main() -> None:
    if len(sys.argv) == 3:  # one case in a process of its own, so that the memory is its own
        return measure(*map(int, sys.argv[1:]))
    for threads in ("1", "2"):
        for side, count in CASES:
            command = [sys.executable, "-m", "benchmarks.strokes", str(side), str(count)]
            subprocess.run(command, env={**os.environ, "OMP_NUM_THREADS": threads}, check=True)


if __name__ == "__main__":
    main()
