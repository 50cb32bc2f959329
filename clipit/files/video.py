"""The film of a painting, encoded while the picture is painted: MP4, or a GIF or WebP that repeats for ever."""

from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import numpy as np

from clipit.errors import ClipitError
from clipit.files.animations import GIF, WebP
from clipit.files.mp4 import MP4
from clipit.files.whole import whole

LENGTH = 15  # seconds
AHEAD = 4  # frames that wait for the encoder before the painter does

FORMATS = {"mp4": MP4, "gif": GIF, "webp": WebP}


class Writer(Protocol):
    """An encoder of one format and its file."""

    def write(self, pixels: np.ndarray) -> None:
        """Append one frame, (H, W, 3) uint8."""

    def finish(self) -> None:
        """Hold the last frame and complete the file."""

    def close(self) -> None:
        """Let go of the file, finished or not."""


def frame_rate(frames: int) -> Fraction:
    """Frames per second so that the film lasts 15 s, but at least 10 and at most 60 (clipit's rule)."""
    return min(max(Fraction(frames, LENGTH), Fraction(10)), Fraction(60))


class Film:
    """A film being written; made by `film`. A thread encodes what is added, so that the painting does not wait."""

    def __init__(self, writer: Writer, thread: ThreadPoolExecutor, size: tuple[int, int]) -> None:
        self._writer, self._thread, self._shape = writer, thread, (size[1], size[0], 3)
        self._waiting: deque[Future[None]] = deque()
        self._empty = True

    def add(self, pixels: np.ndarray) -> None:
        """Append one frame, (H, W, 3) uint8. Raises ClipitError for another shape, and what encoding raised before."""
        if pixels.shape != self._shape or pixels.dtype != np.uint8:
            shape = " x ".join(map(str, pixels.shape))
            wanted = " x ".join(map(str, self._shape))
            raise ClipitError(f"a frame of {shape} {pixels.dtype} is not of this film; accepted: {wanted} uint8")
        self._settle(AHEAD - 1)
        self._waiting.append(self._thread.submit(self._writer.write, pixels.copy()))
        self._empty = False

    def _settle(self, most: int) -> None:
        """Wait until at most so many frames do; raise what went wrong with the others."""
        while len(self._waiting) > most:
            self._waiting.popleft().result()

    def _finish(self) -> None:
        if self._empty:
            raise ClipitError("a film needs at least one frame")
        self._settle(0)
        self._writer.finish()


@contextmanager
def film(
    path: Path | str,
    frames: int,
    size: tuple[int, int],
    recipe: Mapping[str, object] | None = None,
    format: str | None = None,
) -> Iterator[Film]:
    """Write a film of about `frames` frames of `size` (width, height) that carries the recipe, if there is one.

    The format is "mp4", "gif" or "webp"; None takes the ending of `path`. What is painted lasts 15 s where that is 10
    to 60 frames a second; the finished picture is held for another second, or two before a GIF or WebP repeats.
    The same frames and recipe give the same file. It appears when it is complete: an error leaves none, or the old one.
    Raises ClipitError for an unknown format, a size without pixels and no frames; OSError when it cannot be written.
    """
    path = Path(path)
    format = format or path.suffix.removeprefix(".").lower()
    if format not in FORMATS:
        raise ClipitError(f"there is no film of the format {format!r}; accepted: {', '.join(map(repr, FORMATS))}")
    if min(size) < 1:
        raise ClipitError(f"a film of {size[0]} x {size[1]} pixels shows nothing; accepted: 1 x 1 and more")
    with whole(path) as partial:
        writer = FORMATS[format](partial, frame_rate(frames), size, recipe or {})
        with closing(writer), ThreadPoolExecutor(1, "film") as thread:
            reel = Film(writer, thread, size)
            yield reel
            reel._finish()
