"""An order: what a visitor asks for, checked once at the door."""

import unicodedata
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, EmailStr, Field, StringConstraints

from jobs.shelf import check_key

MAX_PROMPT = 500
MIN_SIDE, MAX_SIDE = 32, 1024
MAX_ITERATIONS = 2000
START_IMAGE = "start.png"  # the name of every start image under an id of its own


class Style(StrEnum):
    """What kind of picture; each is one of clipit's drawers."""

    IMAGE = "image"
    PAINTING = "painting"
    PIXEL_ART = "pixel art"


class Quality(StrEnum):
    """How long to paint and how large."""

    DRAFT = "draft"
    NORMAL = "normal"
    BETTER = "better"
    BEST = "best"


class Aspect(StrEnum):
    """The shape of the picture."""

    SQUARE = "square"
    WIDESCREEN = "widescreen"
    PORTRAIT = "portrait"


class Palette(StrEnum):
    """Colours to keep to."""

    GAME_BOY = "game boy"
    PICO_8 = "pico-8"
    INK = "ink"
    SEPIA = "sepia"
    SUNSET = "sunset"
    OCEAN = "ocean"
    FOREST = "forest"
    NEON = "neon"
    PASTEL = "pastel"
    UKIYO_E = "ukiyo-e"


def _is_text(prompt: str) -> str:
    """Refuse separators of lines, lone surrogates and controls (Cf but for the joiners that emoji and scripts need)."""
    for character in prompt:
        category = unicodedata.category(character)
        if category in ("Cc", "Cs", "Zl", "Zp") or (category == "Cf" and character not in "\u200c\u200d"):
            raise ValueError(f"the prompt contains the control character U+{ord(character):04X}")
    return prompt


Prompt = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_PROMPT),
    AfterValidator(_is_text),
]
Side = Annotated[int, Field(ge=MIN_SIDE, le=MAX_SIDE)]
Scale = Annotated[float, Field(gt=0, le=6)]  # of the quality's base size
Iterations = Annotated[int, Field(ge=1, le=MAX_ITERATIONS)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]


class Wish(BaseModel):
    """A picture as wished for. `size` is (width, height) in pixels and wins over `scale`, which wins over `quality`."""

    # An error must not quote the input: it may hold an address.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    prompt: Prompt
    style: Style = Style.IMAGE
    quality: Quality = Quality.DRAFT
    aspect: Aspect = Aspect.SQUARE

    size: tuple[Side, Side] | None = None
    scale: Scale | None = None
    iterations: Iterations | None = None
    seed: Seed | None = None
    palette: Palette | None = None
    start_image: Annotated[str, AfterValidator(check_key)] | None = None  # a shelf key

    make_video: bool = True
    public: bool = False


class Order(Wish):
    """A wish, and where to send what came of it."""

    email: EmailStr

    @property
    def wish(self) -> Wish:
        """The order without the address."""
        return Wish.model_construct(**self.model_dump(exclude={"email"}))


def is_start_image(key: str) -> bool:
    """Whether the key is a start image's, and not that of some other file on the shelf."""
    return key.endswith(f"/{START_IMAGE}")


def masked(address: str) -> str:
    """What tells two addresses apart, and gives neither away.

    >>> masked("visitor@example.com")
    'v…@e…com'
    """
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain[:1]}…{domain.rpartition('.')[2]}"
