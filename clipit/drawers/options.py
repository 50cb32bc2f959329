"""What each drawer can be told, checked at the door. No torch: settings must be made in a moment."""

from dataclasses import dataclass

from clipit.errors import ClipitError
from clipit.palettes import parse_palette, written_out

SHAPES = ("rect", "rectshift", "hex", "tri", "diamond", "knit")  # pixray's
DITHERS = ("none", "bayer", "noise")


def between(name: str, value: float, low: float, high: float) -> None:
    """Raises ClipitError, naming the limits, when the value lies outside them."""
    if not low <= value <= high:
        raise ClipitError(f"{name} is {value}; accepted: {low} to {high}")


def one_of(name: str, value: str, accepted: tuple[str, ...]) -> None:
    """Raises ClipitError, naming the choices, when the value is none of them."""
    if value not in accepted:
        raise ClipitError(f"there is no {name} {value!r}; accepted: {', '.join(map(repr, accepted))}")


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a drawer can be told; nothing, where no more is said."""


@dataclass(frozen=True, kw_only=True)
class VQGANOptions(Options):
    """`model` is a name in the catalogue or the path of a file, `config` its .yaml where that does not lie beside it.

    A `relative_rate` counts learning rates in deviations of the codebook, as the same step is large in one and small in
    another; clipit's are absolute. Latents begin as the encoder gives them or, as in clipit, `from_codes`: on the
    entries of the codebook nearest to those, which show the same picture.
    """

    model: str = "small"
    config: str | None = None
    relative_rate: bool = True
    from_codes: bool = False


@dataclass(frozen=True, kw_only=True)
class StrokesOptions(Options):
    """CLIPDraw's (https://arxiv.org/abs/2106.14843): `strokes` of 1 to `segments` cubic Bezier segments each."""

    strokes: int = 1024
    segments: int = 3

    def __post_init__(self) -> None:
        between("strokes", self.strokes, 1, 16_384)
        between("segments", self.segments, 1, 3)


@dataclass(frozen=True, kw_only=True)
class PixelOptions(Options):
    """A grid of cells. Of few colours: a palette's, else `colours` learnt from the start picture and while drawing.

    `scale` enlarges the cells, however many they are. `mono` is black and white.
    """

    cells: tuple[int, int] | None = None  # across, down; None: square ones, 40 x 40 for squares, 80 x 45 for 16:9
    scale: float = 1.0
    shape: str = "rect"
    palette: str | None = None  # in the grammar of clipit.palettes, files written out; a cell has one of its colours
    colours: int | None = 16  # where no palette is named; None: any
    mono: bool = False
    dither: str | None = None  # None: "bayer" for mono, else "none"

    def __post_init__(self) -> None:
        for count in self.cells or ():
            between("cells", count, 1, 512)
        between("scale", self.scale, 0.25, 20)
        one_of("shape", self.shape, SHAPES)
        if self.palette is not None:
            object.__setattr__(self, "palette", written_out(self.palette))
            parse_palette(self.palette)
        if self.colours is not None:
            between("colours", self.colours, 2, 256)
        if self.mono and self.palette is not None:
            raise ClipitError(f"mono is black and white, the palette {self.palette!r} is not; accepted: one of the two")
        if self.dither is not None:
            one_of("dither", self.dither, DITHERS)


@dataclass(frozen=True, kw_only=True)
class FFTOptions(Options):
    """`decay` is the power of the frequency by which waves are damped."""

    decay: float = 1.5

    def __post_init__(self) -> None:
        between("decay", self.decay, 0, 4)
