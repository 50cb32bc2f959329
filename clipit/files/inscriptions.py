"""A recipe inscribed in a picture or film: JSON in a PNG, MP4, GIF or WebP. What is read back may be anybody's."""

import json
import struct
from collections.abc import Callable, Mapping
from os import PathLike
from typing import BinaryIO

from PIL import Image
from PIL.ExifTags import IFD, Base

from clipit.errors import ClipitError

KEY = "recipe"  # of a PNG's text chunk; elsewhere it is the file's comment
LIMIT = 2**20  # characters once all are ASCII; Pillow reads no more of a compressed text
CHARSET = b"ASCII\0\0\0"  # that an Exif comment begins with


def as_text(recipe: Mapping[str, object], *, ascii_only: bool = False) -> str:
    """The same recipe is always the same text. Raises ClipitError for one that could not be read back."""
    escaped = json.dumps(recipe, sort_keys=True)
    if len(escaped) > LIMIT:
        raise ClipitError(f"a recipe of {len(escaped)} characters is too long to be written; accepted: up to {LIMIT}")
    try:
        text = json.dumps(recipe, sort_keys=True, ensure_ascii=False, allow_nan=False)
        text.encode()
    except ValueError as error:  # a number that is none, half a character
        raise ClipitError(f"this recipe cannot be written: {error}") from error
    return escaped if ascii_only else text


def from_text(text: str) -> dict[str, object]:
    """Raises ClipitError for what is no JSON object that `as_text` could have written."""
    try:
        recipe = json.loads(text) if len(text) <= LIMIT else None
        if isinstance(recipe, dict) and as_text(recipe):
            return recipe
    except (ValueError, RecursionError) as error:
        raise ClipitError("this file carries no recipe") from error
    raise ClipitError("this file carries no recipe")


def exif(comment: bytes) -> bytes:
    """A block of Exif with the user's comment, in which other painters too write their settings into a WebP."""
    block = Image.Exif()
    block[IFD.Exif] = {Base.UserComment: CHARSET + comment}
    return block.tobytes()


def read_recipe(file: BinaryIO | str | PathLike[str]) -> dict[str, object]:
    """The recipe in a PNG, MP4, GIF or WebP, of which no picture is decoded.

    Raises ClipitError when there is none that is whole, OSError when the path cannot be opened.
    """
    if isinstance(file, (str, PathLike)):
        with open(file, "rb") as opened:
            return read_recipe(opened)
    file.seek(0)
    text_in = _reader(file.read(8))
    file.seek(0)
    try:
        text = text_in(file)
    except (OSError, ValueError, SyntaxError, struct.error, Image.DecompressionBombError) as error:
        raise ClipitError("this file is damaged; accepted: a PNG, MP4, GIF or WebP that clipit wrote") from error
    return from_text(text)


def _reader(head: bytes) -> Callable[[BinaryIO], str]:
    readers = {b"\x89PNG": _png_text, b"GIF8": _gif_text, b"RIFF": _webp_text}
    if head[:4] in readers:
        return readers[head[:4]]
    if head[4:8] == b"ftyp":
        from clipit.files.mp4 import comment  # so that pictures do not wait for FFmpeg

        return comment
    raise ClipitError("this file carries no recipe; accepted: a PNG, MP4, GIF or WebP that clipit wrote")


def _png_text(file: BinaryIO) -> str:
    with Image.open(file, formats=["PNG"]) as image:
        return str(image.info.get(KEY, ""))


def _gif_text(file: BinaryIO) -> str:
    with Image.open(file, formats=["GIF"]) as image:
        return image.info.get("comment", b"").decode()


def _webp_text(file: BinaryIO) -> str:
    with Image.open(file, formats=["WEBP"]) as image:
        comment = image.getexif().get_ifd(IFD.Exif).get(Base.UserComment, b"")
    return comment.removeprefix(CHARSET).decode() if isinstance(comment, bytes) else ""
