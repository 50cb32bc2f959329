"""Image files that options name."""

from glob import glob
from pathlib import Path

from PIL import Image, ImageOps

from clipit.errors import ClipitError


def open_image(name: str) -> Image.Image:
    """The image, upright. Raises ClipitError for addresses on the web and for what is no image."""
    if name.lower().startswith(("http://", "https://")):
        raise ClipitError(f"clipit does not fetch {name!r}; accepted: the path of an image file")
    try:
        with Image.open(Path(name)) as image:
            return ImageOps.exif_transpose(image)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:  # what PIL raises for bad bytes
        raise ClipitError(f"{name} cannot be read as a picture: {error}") from error


def open_images(pattern: str) -> tuple[Image.Image, ...]:
    """The images of a pattern such as `goal/*.png`, by name. Raises ClipitError where there are none."""
    names = sorted(glob(pattern))
    if not names:
        raise ClipitError(f"no file is named {pattern!r}; accepted: the path of an image, or a pattern, goal/*.png")
    return tuple(open_image(name) for name in names)
