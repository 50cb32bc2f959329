"""Start images: a visitor's picture is checked, stripped to its pixels and put on the shelf.

Every byte is hostile: formats from a short list, size from the header before anything is decoded, first frame only,
no metadata kept, few decodings at a time.
"""

import io
import secrets
import struct
import zlib

import anyio
from fastapi import APIRouter, HTTPException, UploadFile
from PIL import Image, ImageOps
from pydantic import BaseModel, Field

from api.deps import DecodersDep, ShelfDep
from api.errors import Message, bad_field

MAX_BYTES = 5_000_000
PATH = "/api/start-images"
MAX_PIXELS = 16_000_000
LONG_SIDE = 1024  # pixels; no picture is painted larger
FORMATS = ("PNG", "JPEG", "WEBP")

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

router = APIRouter(tags=["orders"])


class StartImage(BaseModel):
    start_image: str = Field(description="The key to order with, as `start_image`.")


class BadPicture(ValueError):
    """The file is no picture that can be used; the message says why."""


@router.post(
    PATH,
    status_code=201,
    responses={413: {"model": Message, "description": "The file is larger than 5 MB."}},
)
async def add_start_image(file: UploadFile, shelf: ShelfDep, decoders: DecodersDep) -> StartImage:
    """Send a picture to start painting from: PNG, JPEG or WebP, at most 5 MB and 16 megapixels."""
    data = await file.read()
    if len(data) > MAX_BYTES:
        raise HTTPException(413, "The picture is larger than 5 MB.")
    try:
        png = await anyio.to_thread.run_sync(as_plain_png, data, limiter=decoders)
    except BadPicture as error:
        raise bad_field("file", str(error)) from error
    key = f"{secrets.token_urlsafe(16)}/start.png"
    await anyio.to_thread.run_sync(shelf.put, key, png)
    return StartImage(start_image=key)


def as_plain_png(data: bytes) -> bytes:
    """The picture as an upright RGB PNG without metadata, at most LONG_SIDE long. Raises BadPicture."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise BadPicture(f"has {image.width} x {image.height} pixels; at most 16 megapixels are accepted")
            return _encode(_on_white(ImageOps.exif_transpose(image)))
    except BadPicture:
        raise
    except _BROKEN as error:
        raise BadPicture("is not a picture that can be read; accepted: PNG, JPEG, WebP") from error


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
