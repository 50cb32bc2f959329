"""Glyphs of the Noto Color Emoji font as square pictures with a cover (Debian package fonts-noto-color-emoji)."""

from functools import cache

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

FONT = "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"
GLYPH_SIZE = 109  # the font's only bitmap size; its glyphs are 136 x 128 px
SIDE = 128
MARGIN = 4


@cache
def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, GLYPH_SIZE)


def ink(characters: str) -> Image.Image:
    """The glyph, RGBA, cropped to what is to be seen."""
    image = Image.new("RGBA", (320, 160))
    ImageDraw.Draw(image).text((10, 10), characters, font=_font(), embedded_color=True)
    return image.crop(image.getbbox())


def square(characters: str) -> Tensor:
    """A layer (4, SIDE, SIDE) of the glyph as large as it fits, low in the middle, where it can stand."""
    glyph = ink(characters)
    room = SIDE - 2 * MARGIN
    scale = room / max(glyph.size)
    glyph = glyph.resize([max(1, round(length * scale)) for length in glyph.size], Image.Resampling.LANCZOS)
    canvas = Image.new("RGBA", (SIDE, SIDE))
    # A flat thing in the air would hang low in its square; it is lifted half of what is free.
    bottom = MARGIN + (room - glyph.height) // 4
    canvas.paste(glyph, ((SIDE - glyph.width) // 2, SIDE - bottom - glyph.height))
    return layer(canvas)


def layer(image: Image.Image) -> Tensor:
    """RGBA as a layer of a sketch, (4, H, W) in 0..1, its colours multiplied by its cover."""
    pixels = torch.from_numpy(np.array(image.convert("RGBA"))).permute(2, 0, 1).float() / 255
    return torch.cat([pixels[:3] * pixels[3:], pixels[3:]])
