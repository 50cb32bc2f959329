"""Terms: `smoothness:0.5:log, symmetry, edge:2:colour=black` names losses, their weights and their options. No torch.

Separated by commas; each is a name, a weight (1 where none is written; a weight of 0 is left out) and options, as
`option=value` or as values in the order of `OPTIONS`; with `over=500` the weight grows with the steps and is reached at
the 500th. Names are those of pixray (https://github.com/pixray/pixray).
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from clipit.drawers.options import between, one_of
from clipit.errors import ClipitError
from clipit.palettes import Colour, colour
from clipit.prompts import number

Reader = Callable[[str, str], Any]  # name of the option, what is written -> its value; raises ClipitError

SMOOTHNESS = ("default", "clipped", "log")
HOLDS = ("spherical", "cosine", "pixel", "distance")


class Term(NamedTuple):
    """A loss by its name, the weight as written, those of its options that were given, checked, and `over` (steps)."""

    name: str
    weight: float = 1.0
    options: tuple[tuple[str, object], ...] = ()
    over: float | None = None

    def weight_at(self, step: int) -> float:
        """The weight as written or, with `over`, as far as it has grown, after so many steps.

        clipit's for palette, smoothness and saturation (`enforce_*`); it grows on beyond the weight.
        """
        return self.weight if self.over is None else self.weight * step / self.over


def _choice(*accepted: str) -> Reader:
    def read(name: str, text: str) -> str:
        one_of(name, text, accepted)
        return text

    return read


def _within(low: float, high: float) -> Callable[[str, str], float]:
    def read(name: str, text: str) -> float:
        value = number(text)
        if value is None:
            raise ClipitError(f"{name} is {text!r}; accepted: {low} to {high}")
        between(name, value, low, high)
        return value

    return read


def _margins(name: str, text: str) -> tuple[float, float, float, float]:
    read = _within(0, 50)
    margins = [read(name, side) for side in text.split("/")]
    if len(margins) not in (1, 4):
        raise ClipitError(f"{name} is {text!r}; accepted: one number, or left/right/top/bottom, for example 10/10/0/0")
    left, right, top, bottom = margins * (4 // len(margins))
    return left, right, top, bottom


def _colour(name: str, text: str) -> Colour:
    return colour(text)


OPTIONS: Mapping[str, dict[str, Reader]] = {
    "smoothness": {"kind": _choice(*SMOOTHNESS), "blur": _within(0, 50)},  # blur: pixels
    "saturation": {},
    "symmetry": {},
    "edge": {"thickness": _margins, "colour": _colour, "overall": _within(0, 1000)},  # thickness: percent of the side
    "total_variation": {},
    "hold": {"kind": _choice(*HOLDS)},
    "aesthetic": {"target": _within(0, 10)},
}


_OVER = {"over": _within(1, 999_999)}


def _read_options(name: str, written: list[str]) -> dict[str, Any]:
    readers, order, options = OPTIONS[name] | _OVER, list(OPTIONS[name]), {}
    for value in written:
        option, equals, rest = value.partition("=")
        if not equals:
            option, rest = next((each for each in order if each not in options), value), value
        option, rest = option.strip(), rest.strip()
        if option not in readers or option in options:
            accepted = ", ".join(map(repr, readers))
            raise ClipitError(f"the loss {name!r} takes no option {option!r} here; accepted, once each: {accepted}")
        options[option] = readers[option](f"{option} of {name}", rest)
    return options


def _parse_term(text: str) -> Term:
    name, *written = (part.strip() for part in text.split(":"))
    if name not in OPTIONS:
        raise ClipitError(f"there is no loss {name!r}; accepted: {', '.join(map(repr, OPTIONS))}")
    weight = number(written[0]) if written else None
    options = _read_options(name, written if weight is None else written[1:])
    over = options.pop("over", None)
    return Term(name, 1.0 if weight is None else weight, tuple(options.items()), over)


def parse_losses(text: str) -> tuple[Term, ...]:
    """Terms separated by commas; empty ones, and those that weigh nothing, left out. Raises ClipitError."""
    return tuple(term for part in text.split(",") if part.strip() and (term := _parse_term(part)).weight)
