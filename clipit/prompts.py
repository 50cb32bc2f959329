"""Prompts: `castle underwater | gold:0.5` is two texts, the second with half the weight."""

from typing import NamedTuple

from clipit.errors import ClipitError


class Prompt(NamedTuple):
    """A text to approach or, with a negative weight, to avoid."""

    text: str
    weight: float = 1.0


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) < 1e6 else None  # neither nan nor inf


def parse_prompt(text: str) -> Prompt:
    """Read a weight at the right end only when it is a number, as pixray does: "Star Wars: A New Hope" is all text."""
    head, colon, tail = text.rpartition(":")
    weight = _number(tail) if colon else None
    return Prompt(text.strip()) if weight is None else Prompt(head.strip(), weight)


def parse_prompts(text: str) -> tuple[Prompt, ...]:
    """Prompts separated by `|`, empty ones left out. Raises ClipitError when none is left or no weight is positive."""
    if text.encode("utf8", "ignore").decode("utf8") != text:  # lone surrogates: no file could carry it
        raise ClipitError(f"{text!r} is not valid Unicode; accepted: text in UTF-8")
    prompts = tuple(prompt for part in text.split("|") if (prompt := parse_prompt(part)).text and prompt.weight)
    if not prompts:
        raise ClipitError(f"no prompt in {text!r}; write what to draw, for example 'castle underwater | gold:0.5'")
    if all(prompt.weight < 0 for prompt in prompts):
        raise ClipitError(f"every weight in {text!r} is negative; at least one text must say what to draw")
    return prompts


def wanted(text: str) -> str:
    """All that the prompts wish for, as one text: `castle | rain:-1 | moon:0.5` is "castle and moon"."""
    return " and ".join(prompt.text for prompt in parse_prompts(text) if prompt.weight > 0)
