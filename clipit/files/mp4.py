"""H.264 in MP4: what every player shows. The finished picture is held at the end, and is the cover of the file."""

import math
from collections.abc import Mapping
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
from av.stream import Disposition
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation, VideoReformatter
from PIL import Image

from clipit.files.inscriptions import as_text

HELD = 1  # second that the finished picture stays, as in pixray
COVER_QUALITY = 90  # of its JPEG
# The same frames are to give the same bytes. They depend on the number of threads, which would be that of the cores;
# and with mbtree x264 (core 165) gave two runs of one machine different ones.
X264 = {"crf": "20", "preset": "veryfast", "threads": "4", "x264-params": "mbtree=0"}
# The index goes to the front, so that browsers play while they load; no version of FFmpeg is told.
MUXER = {"movflags": "+faststart", "fflags": "+bitexact"}


class MP4:
    """A film being written to `path`, whose frames of `size` (width, height) follow at `rate` a second.

    yuv420p, which every player shows, halves the colour planes: an odd side gets its last row or column twice.
    """

    def __init__(self, path: Path, rate: Fraction, size: tuple[int, int], recipe: Mapping[str, object]) -> None:
        width, height = size
        self._rate, self._count, self._convert = rate, 0, VideoReformatter()
        self._odd = ((0, height % 2), (0, width % 2), (0, 0))
        self._container = av.open(f"file:{path}", "w", format="mp4", options=MUXER)  # "wars: a film" is no URL
        self._container.metadata.update(
            title=str(recipe.get("prompts", "")), artist="clipit", comment=as_text(recipe) if recipe else ""
        )
        self._video = self._container.add_stream("libx264", rate=rate, options=X264)
        self._video.width, self._video.height = width + width % 2, height + height % 2
        self._video.pix_fmt, self._video.thread_type = "yuv420p", "FRAME"
        codec = self._video.codec_context  # is told what the conversion does, or players would guess from the size
        codec.colorspace, codec.color_range = Colorspace.ITU709, ColorRange.MPEG
        codec.color_primaries, codec.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        self._cover = self._container.add_mux_stream("mjpeg", width=width, height=height)
        self._cover.disposition = Disposition.attached_pic

    def write(self, pixels: np.ndarray) -> None:
        """Append one frame, (H, W, 3) uint8."""
        self._last = pixels
        rgb = av.VideoFrame.from_ndarray(np.pad(pixels, self._odd, "edge"), format="rgb24")
        self._frame = self._convert.reformat(
            rgb,
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.AREA,  # its colours are the mean of four pixels; others are up to 8 of 255 away
            threads=1,
        )
        self._encode()

    def _encode(self) -> None:
        self._frame.pts, self._frame.time_base = self._count, 1 / self._rate
        self._count += 1
        self._container.mux(self._video.encode(self._frame))

    def finish(self) -> None:
        """Hold the last frame and make it the cover."""
        for _ in range(math.ceil(HELD * self._rate)):
            self._encode()
        self._container.mux(self._video.encode(None))
        jpeg = BytesIO()
        Image.fromarray(self._last).save(jpeg, "JPEG", quality=COVER_QUALITY)
        packet = av.Packet(jpeg.getvalue())
        packet.stream, packet.pts, packet.dts = self._cover, 0, 0
        self._container.mux(packet)

    def close(self) -> None:
        """What was not finished is no film."""
        self._container.close()


def comment(file: BinaryIO) -> str:
    """The comment of an MP4, or "". Raises OSError or ValueError for what is none."""
    try:
        with av.open(file, format="mp4") as container:
            return container.metadata.get("comment", "")
    except av.FFmpegError as error:
        raise ValueError("this is no MP4") from error
