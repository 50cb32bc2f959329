"""PNG files that carry the recipe of their picture."""

import json
from typing import BinaryIO

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from clipit.errors import ClipitError

KEY = "recipe"


def save_png(image: Image.Image, file: BinaryIO | str, recipe: dict[str, object]) -> None:
    """Write the picture; the recipe goes into a text chunk as JSON, and its prompts into `Comment` as clipit did."""
    info = PngInfo()
    info.add_itxt(KEY, json.dumps(recipe, ensure_ascii=False, sort_keys=True))
    info.add_itxt("Comment", str(recipe.get("prompts", "")))
    image.save(file, format="PNG", pnginfo=info, optimize=False)


def read_recipe(file: BinaryIO | str) -> dict[str, object]:
    """The recipe in a PNG. Raises ClipitError when there is none."""
    with Image.open(file, formats=["PNG"]) as image:
        image.load()
        text = getattr(image, "text", {}).get(KEY)
    try:
        return json.loads(text or "")
    except json.JSONDecodeError as error:
        raise ClipitError("this PNG carries no recipe") from error
