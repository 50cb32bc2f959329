"""PNG files that carry the recipe of their picture."""

from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from clipit.files.inscriptions import KEY, as_text


def save_png(image: Image.Image, file: BinaryIO | Path | str, recipe: Mapping[str, object]) -> None:
    """Write the picture; the recipe goes into a text chunk as JSON, and its prompts into `Comment` as clipit did.

    Raises ClipitError for a recipe that could not be read back.
    """
    info = PngInfo()
    info.add_itxt(KEY, as_text(recipe))
    info.add_itxt("Comment", str(recipe.get("prompts", "")))
    image.save(file, format="PNG", pnginfo=info, optimize=False)
