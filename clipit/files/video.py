"""The film of a painting: H.264 in MP4, encoded frame by frame while the picture is painted."""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from clipit.errors import ClipitError

LENGTH = 15  # seconds


def frame_rate(frames: int) -> Fraction:
    """Frames per second so that the film lasts 15 s, but at least 10 and at most 60 (clipit's rule)."""
    return min(max(Fraction(frames, LENGTH), Fraction(10)), Fraction(60))


class Film:
    """An MP4 being written; made by `film`."""

    def __init__(self, container: av.container.OutputContainer, frames: int, width: int, height: int) -> None:
        self._container = container
        self._stream = container.add_stream(
            "libx264", rate=frame_rate(frames), options={"crf": "18", "preset": "veryfast"}
        )
        # yuv420p, which every player shows, halves the colour planes: odd sides lose a row or column.
        self._stream.width, self._stream.height = width // 2 * 2, height // 2 * 2
        self._stream.pix_fmt = "yuv420p"

    def add(self, pixels: np.ndarray) -> None:
        """Append one frame, (H, W, 3) uint8."""
        even = np.ascontiguousarray(pixels[: self._stream.height, : self._stream.width])
        self._write(av.VideoFrame.from_ndarray(even, format="rgb24"))

    def _write(self, frame: av.VideoFrame | None) -> None:
        for packet in self._stream.encode(frame):
            self._container.mux(packet)

    def _finish(self) -> None:
        self._write(None)


@contextmanager
def film(path: Path | str, frames: int, size: tuple[int, int], comment: str = "") -> Iterator[Film]:
    """Write a film of about `frames` frames of `size` (width, height); `comment` goes into its metadata.

    It needs a path, since the index is moved to the front at the end, so that browsers play while they load.
    Raises ClipitError when a side is shorter than 2 pixels.
    """
    if min(size) < 2:
        raise ClipitError(f"a film of {size[0]} x {size[1]} pixels is too small; accepted: 2 x 2 and more")
    with av.open(path, "w", format="mp4", options={"movflags": "+faststart"}) as container:
        container.metadata["comment"] = comment
        result = Film(container, frames, *size)
        yield result
        result._finish()
