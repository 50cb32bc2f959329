r"""Palettes: lists of colours, named in clipit's grammar. No torch is needed to read one.

    red                  16 steps from black to red
    red\8                8 steps
    black->red->white    16 steps through all of them
    [black, red, #f80]   these three; with \N in N steps
    @colours.hex         those of a file: one #rrggbb a line, or Adobe's .act (pixray's addition)
    gameboy, pico8       whole palettes of old machines (ours)
    red;[black]          both

A colour is one of the five `pixel_` names, a name of xkcd's survey, else one of CSS or a word of matplotlib's (`mat:`
asks for these alone: xkcd's red is #e50000, CSS's is #ff0000), `#rgb`, `#rrggbb`, `(255+136+0)` or `[1+.5+0]`.
"""

import difflib
import re
from collections.abc import Iterable, Sequence
from functools import cache
from os.path import isfile
from pathlib import Path

from PIL import ImageColor

from clipit.errors import ClipitError

Colour = tuple[float, float, float]  # red, green, blue in 0..1

LUMINANCE: Colour = (0.299, 0.587, 0.114)  # shares of the colours in it (ITU-R BT.601)

STEPS = 16
MOST = 256  # colours in a palette
FILE_BYTES = 65_536

_PIXEL = {
    "pixel_green": (0.44, 1.00, 0.53),
    "pixel_orange": (1.00, 0.80, 0.20),
    "pixel_blue": (0.44, 0.53, 1.00),
    "pixel_red": (1.00, 0.53, 0.44),
    "pixel_grayscale": (1.00, 1.00, 1.00),
}
_TABLEAU = {
    "blue": "#1f77b4", "orange": "#ff7f0e", "green": "#2ca02c", "red": "#d62728", "purple": "#9467bd",
    "brown": "#8c564b", "pink": "#e377c2", "gray": "#7f7f7f", "olive": "#bcbd22", "cyan": "#17becf",
}  # fmt: skip
_MATPLOTLIB = {
    **ImageColor.colormap,  # CSS's
    **{f"tab:{name}": value for name, value in _TABLEAU.items()},
    **{f"c{number}": value for number, value in enumerate(_TABLEAU.values())},
    "tab:grey": "#7f7f7f",
    "b": "#0000ff", "g": "#008000", "r": "#ff0000", "c": "#00bfbf", "m": "#bf00bf", "y": "#bfbf00", "k": "#000000",
    "w": "#ffffff",
}  # fmt: skip
_WHOLE = {
    "gameboy": "[#0f380f, #306230, #8bac0f, #9bbc0f]",
    # CC0: https://www.lexaloffle.com/pico-8.php?page=faq
    "pico8": "[#000000, #1d2b53, #7e2553, #008751, #ab5236, #5f574f, #c2c3c7, #fff1e8,"
    " #ff004d, #ffa300, #ffec27, #00e436, #29adff, #83769c, #ff77a8, #ffccaa]",
}


def parse_palette(text: str) -> tuple[Colour, ...]:
    """The colours that a palette names, in its order. Raises ClipitError, saying what is accepted."""
    palette: list[Colour] = []
    for section in text.split(";"):
        palette += _section(section.strip())
        if len(palette) > MOST:
            raise ClipitError(f"the palette {text[:100]!r} has more colours; accepted: at most {MOST}")
    return tuple(palette)


def written_out(text: str) -> str:
    r"""The palette with what its files hold in place of their names: of `@colours.hex\8` is made `[#ff0000, ...]\8`.

    Raises ClipitError.
    """
    return ";".join(map(_written_out, text.split(";")))


def _written_out(section: str) -> str:
    body, steps = _steps(section.strip())
    if not body.startswith("@"):
        return section
    return listed(_read(Path(body[1:]))) + (f"\\{steps}" if steps else "")


def hexadecimal(colour: Sequence[float]) -> str:
    """A colour as #rrggbb."""
    return "#" + bytes(round(255 * part) for part in colour).hex()


def listed(colours: Iterable[Colour]) -> str:
    """These colours as a palette is written, each in three bytes."""
    return f"[{', '.join(map(hexadecimal, colours))}]"


def _section(text: str) -> list[Colour]:
    body, steps = _steps(text)
    body = _WHOLE.get(body, body)
    if body.startswith("@"):
        colours = _read(Path(body[1:]))
    elif body.count("[") != body.count("]"):
        raise ClipitError(f"the brackets of {text[:100]!r} do not match; accepted: for example [black, red, #ff8800]")
    elif body.startswith("[") and body.endswith("]"):
        colours = _colours(body[1:-1].split(","))
    else:
        colours = _colours(body.split("->") if "->" in body else ["black", body])
        steps = steps or STEPS
    return ramp(colours, steps) if steps else colours


def _steps(text: str) -> tuple[str, int | None]:
    body, backslash, number = text.rpartition("\\")
    if not backslash:
        return text, None
    if not re.fullmatch(r"\d{1,3}", number, re.ASCII) or not 1 <= int(number) <= MOST:
        raise ClipitError(f"{number[:100]!r} in {text[:100]!r} is no number of steps; accepted: 1 to {MOST}")
    return body.strip(), int(number)


def _colours(names: list[str]) -> list[Colour]:
    if len(names) > MOST:
        raise ClipitError(f"a palette names {len(names)} colours; accepted: at most {MOST}")
    return [colour(name) for name in names]


def ramp(colours: list[Colour], steps: int) -> list[Colour]:
    """`steps` colours at even distances from the first to the last, through all; a single step is the last."""
    last = len(colours) - 1
    places = [last * step / (steps - 1) for step in range(steps)] if steps > 1 else [last]
    return [_mixed(colours[int(place)], colours[min(int(place) + 1, last)], place % 1) for place in places]


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (a + (b - a) * share for a, b in zip(one, other, strict=True))
    return red, green, blue


def colour(name: str) -> Colour:
    """One colour. Raises ClipitError with the names that come nearest to an unknown one."""
    name = name.strip().lower()
    if name in _PIXEL:
        return _PIXEL[name]
    if name.startswith(("(", "[")):
        return _triple(name)
    if re.fullmatch("#([0-9a-f]{3}|[0-9a-f]{4}|[0-9a-f]{6}|[0-9a-f]{8})", name):
        return _from_hexadecimal(name)
    if (value := _lookup(name)) is not None:
        return _from_hexadecimal(value)
    close = difflib.get_close_matches(name[:50], {**_PIXEL, **_xkcd(), **ImageColor.colormap}, n=4)
    hint = f"; near it: {', '.join(map(repr, close))}" if close else ""
    raise ClipitError(f"there is no colour {name[:50]!r}; accepted: names of xkcd's survey or CSS, or #rrggbb{hint}")


def _lookup(name: str) -> str | None:
    if name.startswith("mat:"):
        return _MATPLOTLIB.get(name.removeprefix("mat:"))
    return _xkcd().get(name.removeprefix("xkcd:").replace("gray", "grey")) or _MATPLOTLIB.get(name)


@cache
def _xkcd() -> dict[str, str]:
    lines = Path(__file__).with_name("xkcd-colours.txt").read_text("utf-8").splitlines()
    return dict(line.split("\t") for line in lines if not line.startswith("#"))


def _from_hexadecimal(value: str) -> Colour:
    red, green, blue = ImageColor.getrgb(value)[:3]
    return red / 255, green / 255, blue / 255


def _triple(text: str) -> Colour:
    most = 255 if text.startswith("(") else 1
    try:
        red, green, blue = (float(number) / most for number in text.strip("()[]").split("+"))
    except ValueError:
        raise ClipitError(f"{text[:50]!r} is no colour; accepted: for example (255+136+0) or [1+.5+0]") from None
    if not all(0 <= part <= 1 for part in (red, green, blue)):
        raise ClipitError(f"{text[:50]!r} is no colour; accepted: three numbers from 0 to {most}")
    return red, green, blue


def _read(path: Path) -> list[Colour]:
    """The colours of a file of 64 KiB at most. Its text does not show in an error: it may be anything."""
    try:
        if not isfile(path):  # unlike Path.is_file, of names that are too long as well
            raise FileNotFoundError
        with path.open("rb") as file:
            content = file.read(FILE_BYTES)
    except OSError:
        raise ClipitError(f"there is no palette file {str(path)[:100]!r} that can be read") from None
    if path.suffix.lower() == ".act":
        return _adobe(content)
    names = [f"#{line.strip().lstrip('#')}" for line in content.decode("utf-8", "replace").splitlines() if line.strip()]
    if not names or not all(re.fullmatch("#[0-9a-fA-F]{6}", name) for name in names):
        raise ClipitError(f"the palette file {path.name[:100]!r} is not read; accepted: a line rrggbb for each colour")
    return _colours(names)


def _adobe(content: bytes) -> list[Colour]:
    """A colour table: 256 times three bytes; the number of colours may follow."""
    count = int.from_bytes(content[768:770], "big") or 256
    if len(content) not in (768, 772) or count > 256:
        raise ClipitError(f"this is no .act file of {len(content)} bytes; accepted: 768 or 772 bytes")
    return [_from_hexadecimal(f"#{content[3 * entry : 3 * entry + 3].hex()}") for entry in range(count)]
