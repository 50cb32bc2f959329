"""Kinds of values: how each is read, from the command line's words or from Python, and how many words it takes."""

import hashlib
import operator
import os
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from clipit.errors import ClipitError

TRUE, FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


class Kind(NamedTuple):
    """`read` takes a name for its errors (ClipitError) and a value; `words` matches a word that belongs to the option
    when it stands behind its flag, of which there may be `most`. An option of no words is a switch.
    """

    shown: str
    read: Callable[[str, Any], object]
    words: str = ""
    most: int = 1


def _refused(name: str, value: Any, accepted: str) -> ClipitError:
    return ClipitError(f"{name} is {value!r}; accepted: {accepted}")


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str | os.PathLike):
        raise _refused(name, value, "text")
    return os.fspath(value)


def _texts(name: str, value: Any) -> list[str]:
    if not isinstance(value, Sequence):
        raise _refused(name, value, "text, its parts separated by |, or a list of texts")
    parts = value.split("|") if isinstance(value, str) else value
    return [part for text in parts if (part := _text(name, text).strip())]


def _integer(name: str, value: Any) -> int:
    try:
        return int(value) if isinstance(value, str) else operator.index(value)
    except (ValueError, TypeError):
        raise _refused(name, value, "a whole number") from None


def _number(name: str, value: Any) -> float:
    try:
        return float(value)
    except (ValueError, TypeError):
        raise _refused(name, value, "a number") from None


def _flag(name: str, value: Any) -> bool:
    if str(value).lower() in TRUE:
        return True
    if value == "" or str(value).lower() in FALSE:
        return False
    raise _refused(name, value, f"{', '.join(TRUE)} or {', '.join(FALSE)}")


def _names(name: str, value: Any) -> list[str]:
    return [text for part in (value.split(",") if isinstance(value, str) else value) if (text := part.strip())]


def _separate(value: Any) -> list[Any]:
    """The words of a text, or what a sequence holds."""
    if isinstance(value, str):
        return [word for word in re.split(r"[\s,]+", value) if word]
    return list(value) if isinstance(value, Sequence) else [value]


def _pair(name: str, value: Any) -> list[int]:
    try:
        sides = re.sub(r"(\d)x(\d)", r"\1 \2", value.lower()) if isinstance(value, str) else value
        across, down = (_integer(name, side) for side in _separate(sides))
    except (ClipitError, ValueError):
        raise _refused(name, value, "width and height in pixels, for example (800, 200) or WIDTHxHEIGHT") from None
    return [across, down]


def _integers(name: str, value: Any) -> list[int]:
    return [_integer(name, each) for each in _separate(value)]


def _numbers(name: str, value: Any) -> list[float]:
    return [_number(name, each) for each in _separate(value)]


def _numbers_of(count: int) -> Callable[[str, Any], tuple[float, ...]]:
    def read(name: str, value: Any) -> tuple[float, ...]:
        numbers = _numbers(name, value)
        if len(numbers) != count:
            raise _refused(name, value, f"{count} numbers")
        return tuple(numbers)

    return read


def _seed(name: str, value: Any) -> int:
    """Of 32 bits, as torch's generators are seeded here: a number, or any text, pixray's number for it."""
    if isinstance(value, str) and not re.fullmatch(r"-?\d+", value.strip(), re.ASCII):
        return int.from_bytes(hashlib.sha512(value.encode()).digest()) % 2**32
    return _integer(name, value) % 2**32


def _assignments(name: str, value: Any) -> dict[str, object]:
    """`{"strokes": 256}`, or `["strokes=256", "segments=1"]`, numbers being read as such."""
    if isinstance(value, dict):
        return value
    pairs = [_text(name, each).partition("=") for each in ([value] if isinstance(value, str) else value)]
    if not all(equals for _, equals, _ in pairs):
        raise _refused(name, value, "name=value")
    return {key.strip(): _plain(text.strip()) for key, _, text in pairs}


def _plain(text: str) -> object:
    if text.lower() in ("true", "false", "none"):
        return {"true": True, "false": False, "none": None}[text.lower()]
    if re.fullmatch(r"\d+x\d+", text):
        return tuple(map(int, text.split("x")))
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text


_INTEGER, _NUMBER = r"[+-]?\d+", r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"

TEXT = Kind("TEXT", _text)
TEXTS = Kind("TEXT|TEXT", _texts)
NAMES = Kind("NAME,NAME", _names)
INTEGER = Kind("N", _integer)
NUMBER = Kind("X", _number)
FLAG = Kind("yes|no", _flag, "|".join((*TRUE, *FALSE)))
PAIR = Kind("WIDTH HEIGHT", _pair, _INTEGER, 2)
INTEGERS = Kind("N N", _integers, _INTEGER, 1000)
NUMBERS = Kind("X X", _numbers, _NUMBER, 1000)
SHARES = Kind("X X", _numbers_of(2), _NUMBER, 2)
SEED = Kind("SEED", _seed)
ASSIGNMENTS = Kind("NAME=VALUE", _assignments)
