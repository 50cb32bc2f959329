"""What filming costs: milliseconds a frame, bytes, and whether the memory grows with the film.

    python -m benchmarks.film [--frames 300] [--sides 150 600]
    python -m benchmarks.film --memory

"encoding" is the time of the whole film by the number of its frames. "painter waits" is how long `add` keeps a painter
who leaves the processor alone for 20 ms a frame, as one on a GPU does. With --memory, 2,000 frames of each format are
written in a process of its own, and its peak is compared with that after 100 frames.
"""

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from PIL import Image

import clipit
from clipit.files.video import FORMATS

STROKE_S = 0.02  # of the painter beside whom a film is encoded
LONG, SHORT, SIDE = 2000, 100, 256  # frames and pixels of the films whose memory is measured


def painting(frames: int, side: int) -> Iterator[np.ndarray]:
    """Frames that change everywhere and settle, as a painting does: soft noise that turns into other soft noise."""
    generator = np.random.default_rng(0)
    begin, end = generator.integers(0, 256, (2, 24, 24, 3))
    for index in range(frames):
        share = 1 - 0.97**index
        field = begin * (1 - share) + end * share + generator.normal(0, 6 * (1 - share) + 1, begin.shape)
        small = Image.fromarray(field.clip(0, 255).astype(np.uint8))
        yield np.array(small.resize((side, side), Image.Resampling.BICUBIC))


def filmed(path: Path, frames: list[np.ndarray], stroke_s: float = 0.0) -> tuple[float, float]:
    """Seconds of it all, and the median of `add`."""
    waits, began = [], time.perf_counter()
    with clipit.film(path, len(frames), frames[0].shape[:2]) as film:
        for frame in frames:
            time.sleep(stroke_s)
            before = time.perf_counter()
            film.add(frame)
            waits.append(time.perf_counter() - before)
    return time.perf_counter() - began, statistics.median(waits)


def peak(kind: str, frames: int) -> float:
    """Megabytes that a process held at most while it wrote such a film."""
    with (
        tempfile.TemporaryDirectory() as folder,
        clipit.film(Path(folder, f"long.{kind}"), frames, (SIDE, SIDE)) as film,
    ):
        for frame in painting(frames, SIDE):
            film.add(frame)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def peak_in_a_process_of_its_own(kind: str, frames: int) -> float:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(peak, kind, frames).result()


def report_speed(frames: int, side: int) -> None:
    painted = list(painting(frames, side))
    for kind in FORMATS:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, f"film.{kind}")
            seconds, _ = filmed(path, painted)
            _, wait = filmed(path, painted, STROKE_S)
            size = path.stat().st_size
        print(
            f"{kind:5} {side} x {side}, {frames} frames: encoding {seconds * 1000 / frames:.1f} ms a frame, "
            f"painter waits {wait * 1000:.2f} ms, {size / 1e6:.1f} MB"
        )


def report_memory() -> None:
    pixels = LONG * SIDE * SIDE * 3 / 2**20
    for kind in FORMATS:
        short, long = (peak_in_a_process_of_its_own(kind, frames) for frames in (SHORT, LONG))
        print(f"{kind:5} {short:.0f} MiB at most in {SHORT} frames, {long:.0f} in {LONG}, which are {pixels:.0f} MiB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--sides", type=int, nargs="+", default=[150, 600])
    parser.add_argument("--memory", action="store_true")
    options = parser.parse_args()
    if options.memory:  # alone: a new process begins with the peak of the one that starts it
        return report_memory()
    for side in options.sides:
        report_speed(options.frames, side)


if __name__ == "__main__":
    main()
