"""Values against the types that a dataclass annotates: what does not fit is refused in words, not by a TypeError."""

from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Union, get_args, get_origin, get_type_hints

from clipit.errors import ClipitError

NAMES = {
    int: "a whole number",
    float: "a number",
    str: "text",
    bool: "True or False",
    NoneType: "None",
    Mapping: "a dictionary by names",
}


def check(kind: type, values: Mapping[str, object]) -> None:
    """Raises ClipitError, naming what is accepted, for the first value that is not of its field's type."""
    for name, hint in get_type_hints(kind).items():
        if name in values and not fits(values[name], hint):
            raise ClipitError(f"{name} is {values[name]!r:.100}; accepted: {said(hint)}")


def fits(value: object, hint: object) -> bool:
    """Whether a value is what an annotation says. A whole number is a number, True is neither."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (UnionType, Union):
        return any(fits(value, each) for each in inner)
    if origin is tuple:
        return isinstance(value, tuple) and _all_fit(value, inner)
    if origin is Mapping:
        return isinstance(value, Mapping) and all(isinstance(name, str) for name in value)
    if isinstance(hint, type) and issubclass(hint, tuple):  # a NamedTuple
        return isinstance(value, hint) and _all_fit(value, tuple(get_type_hints(hint).values()))
    if hint in (int, float):
        return isinstance(value, int | float if hint is float else int) and not isinstance(value, bool)
    return hint is object or isinstance(value, hint)


def _all_fit(values: tuple[object, ...], hints: tuple[object, ...]) -> bool:
    if hints[-1] is ...:
        hints = hints[:1] * len(values)
    return len(values) == len(hints) and all(map(fits, values, hints))


def said(hint: object) -> str:
    """An annotation in words."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (UnionType, Union):
        return " or ".join(map(said, inner))
    if origin is tuple:
        return f"several, each {said(inner[0])}" if inner[-1] is ... else f"({', '.join(map(said, inner))})"
    return NAMES.get(origin or hint, hint.__name__)
