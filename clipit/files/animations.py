"""Animated GIF and WebP that repeat for ever. Every still is written when its time is over; none is kept."""

import math
import struct
from collections.abc import Mapping
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import ClassVar

import numpy as np
from PIL import Image

from clipit.files.inscriptions import as_text, exif

HELD_MS = 2000  # that the finished picture stays before all begins again
TICK_MS = 10  # GIF tells time in hundredths of a second


class _Animation:
    """An animation being written to `path`, of frames of `size` (width, height) at `rate` a second.

    Where they are more than `fastest` a second, the latest of each moment is shown; where they are larger than
    `longest`, they are shrunk.
    """

    fastest: ClassVar[int]  # stills a second
    longest: ClassVar[int]  # pixels of a side

    def __init__(self, path: Path, rate: Fraction, size: tuple[int, int], recipe: Mapping[str, object]) -> None:
        shrink = min(Fraction(1), Fraction(self.longest, max(size)))
        self._size = max(round(size[0] * shrink), 1), max(round(size[1] * shrink), 1)
        self._rate = min(rate, Fraction(self.fastest))
        self._share = self._rate / rate  # of the frames are shown
        self._count = self._moment = 0
        self._comment = as_text(recipe, ascii_only=True).encode() if recipe else b""
        self._file = path.open("wb")
        self._begin()

    def write(self, pixels: np.ndarray) -> None:
        """Append one frame, (H, W, 3) uint8."""
        moment = math.floor(self._count * self._share)
        if moment > self._moment:
            self._show(self._starts(moment) - self._starts(self._moment))
        self._pixels, self._moment, self._count = pixels, moment, self._count + 1

    def finish(self) -> None:
        """Hold the last frame."""
        self._show(HELD_MS)
        self._end()

    def close(self) -> None:
        """What was not finished is no animation."""
        self._file.close()

    def _starts(self, moment: int) -> int:
        """Milliseconds from the beginning."""
        return round(moment / self._rate * 1000 / TICK_MS) * TICK_MS

    def _show(self, milliseconds: int) -> None:
        self._still(Image.fromarray(self._pixels).resize(self._size, Image.Resampling.LANCZOS), milliseconds)

    def _begin(self) -> None:
        raise NotImplementedError

    def _still(self, image: Image.Image, milliseconds: int) -> None:
        raise NotImplementedError

    def _end(self) -> None:
        raise NotImplementedError


class GIF(_Animation):
    """256 colours of its own for every still, dithered (https://www.w3.org/Graphics/GIF/spec-gif89a.txt)."""

    fastest, longest = 10, 320  # so that 15 s are about 8 MB

    def _begin(self) -> None:
        self._file.write(b"GIF89a" + struct.pack("<HHBBB", *self._size, 0x70, 0, 0))  # 8 bits a colour, no palette yet
        self._file.write(b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0")  # repeat for ever
        if self._comment:
            blocks = [self._comment[start : start + 255] for start in range(0, len(self._comment), 255)]
            self._file.write(b"!\xfe" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0")

    def _still(self, image: Image.Image, milliseconds: int) -> None:
        palette = image.quantize(256, Image.Quantize.FASTOCTREE)
        dithered = image.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
        file = BytesIO()
        dithered.save(file, "GIF", interlace=False, optimize=False)
        data = file.getvalue()
        depth = data[10] & 0b111  # of the palette that follows
        image_at = 13 + 3 * 2 ** (depth + 1)
        self._file.write(b"!\xf9\x04\0" + struct.pack("<H", milliseconds // TICK_MS) + b"\0\0")
        self._file.write(data[image_at : image_at + 9] + bytes([0b1000_0000 | depth]))  # the palette becomes its own
        self._file.write(data[13:image_at] + data[image_at + 10 : -1])

    def _end(self) -> None:
        self._file.write(b";")


class WebP(_Animation):
    """One lossy still after the other (https://developers.google.com/speed/webp/docs/riff_container)."""

    fastest, longest = 25, 480  # so that 15 s are about 5 MB

    def _begin(self) -> None:
        self._file.write(b"RIFF\0\0\0\0WEBP")  # its length follows at the end
        holds = 0b0000_0010 | (0b0000_1000 if self._comment else 0)  # an animation, Exif
        self._file.write(_chunk(b"VP8X", struct.pack("<I", holds) + self._measures()))
        self._file.write(_chunk(b"ANIM", bytes(6)))  # no background, repeat for ever

    def _still(self, image: Image.Image, milliseconds: int) -> None:
        file = BytesIO()
        image.save(file, "WEBP", quality=80, method=2)  # the next better method takes three times as long
        corner, replaces = bytes(6), 0b10
        head = corner + self._measures() + _three_bytes(milliseconds) + bytes([replaces])
        self._file.write(_chunk(b"ANMF", head + file.getvalue()[len(b"RIFF....WEBP") :]))

    def _end(self) -> None:
        if self._comment:
            self._file.write(_chunk(b"EXIF", exif(self._comment).removeprefix(b"Exif\0\0")))
        length = self._file.tell() - 8
        self._file.seek(4)
        self._file.write(struct.pack("<I", length))

    def _measures(self) -> bytes:
        return b"".join(_three_bytes(side - 1) for side in self._size)


def _three_bytes(number: int) -> bytes:
    return number.to_bytes(3, "little")


def _chunk(name: bytes, data: bytes) -> bytes:
    """Of RIFF, and of an even number of bytes: what Pillow makes is."""
    return name + struct.pack("<I", len(data)) + data
