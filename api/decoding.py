"""Any picture to a plain PNG, as a process of its own: `python decoding.py <picture >plain.png`.

Every byte is hostile: formats from a short list, size from the header before anything is decoded, first frame only,
no metadata kept. What a decoder does beyond that ends with this process, which is given little memory and time.
Nothing but Pillow is imported, so that it starts in a twentieth of a second.
"""

import io
import struct
import sys
import zlib
from contextlib import suppress

from PIL import Image, ImageOps

MAX_PIXELS = 16_000_000
LONG_SIDE = 1024  # pixels; no picture is painted larger
FORMATS = ("PNG", "JPEG", "WEBP")

MEMORY_BYTES = 1024**3  # of addresses; a picture of 16 megapixels takes half
CPU_S = 10
REFUSED = 3  # the status of a process that says why on standard output

# what Pillow's decoders raise on broken files, found by its own fuzzers and ours
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    OverflowError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


class BadPicture(ValueError):
    """The file is no picture that can be used; the message says why."""

    def __init__(self, message: str = "is not a picture that can be read; accepted: PNG, JPEG, WebP") -> None:
        super().__init__(message)


def main() -> int:
    limit_this_process(MEMORY_BYTES, CPU_S)
    try:
        answer, status = as_plain_png(sys.stdin.buffer.read()), 0
    except BadPicture as error:
        answer, status = str(error).encode(), REFUSED
    sys.stdout.buffer.write(answer)
    return status


def limit_this_process(memory_bytes: int, cpu_s: int) -> None:
    """Little memory, little time, no files. Windows has no such limits, macOS none of memory."""
    try:
        import resource
    except ImportError:
        return
    for limit, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, 0),
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(limit, (most, most))


def as_plain_png(data: bytes) -> bytes:
    """The picture as an upright RGB PNG without metadata, at most LONG_SIDE long. Raises BadPicture."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise BadPicture(f"has {image.width} x {image.height} pixels; at most 16 megapixels are accepted")
            image.draft("RGB", (LONG_SIDE, LONG_SIDE))  # a JPEG need not be decoded larger than it will be
            return _encode(_on_white(ImageOps.exif_transpose(image)))
    except BadPicture:
        raise
    except _BROKEN as error:
        raise BadPicture from error


def _on_white(image: Image.Image) -> Image.Image:
    """The pixels alone: a new picture knows nothing of the old one's metadata."""
    if image.mode.startswith("I"):  # 16 bits of grey, which Pillow clips to 8 where they are to be scaled
        image = image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    rgba = image.convert("RGBA")
    canvas = Image.new("RGB", image.size, "white")
    canvas.paste(rgba, mask=rgba)
    return canvas


def _encode(image: Image.Image) -> bytes:
    image.thumbnail((LONG_SIDE, LONG_SIDE))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


if __name__ == "__main__":
    sys.exit(main())
