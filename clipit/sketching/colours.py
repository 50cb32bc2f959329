"""Finds what the colours of a wish belong to: the next noun or the background, which may have several."""

import re

from clipit.sketching.items import Item
from clipit.sketching.phrases import NOUNS

FARTHEST_NOUN = 8  # items from a colour to its noun, at most
BETWEEN = ("fillers", "colour", "style", "time", "weather")  # what stands between a colour and its noun
SERIES = re.compile("(?<!n)(?:c(?:,a?[co])*,?&a?[co]|o(?:,[co])*,?&[co])")  # of colours, in letters as below


def with_colours_joined(items: list[Item]) -> list[Item]:
    """With one item of several colours where a noun follows them: "red and blue", "a red, a white and a blue"."""
    joined, done = [], 0
    for match in SERIES.finditer("".join(map(letter, items))):
        first, last = match.start(), match.end() - 1
        if next_meaning(items, last).keys() & {*NOUNS, "ground"}:
            joined += [*items[done:first], series_of(items[first : last + 1])]
            done = last + 1
    return joined + items[done:]


def series_of(items: list[Item]) -> Item:
    """Its colours, and how many things they belong to where each has its article."""
    colours = tuple(dict.fromkeys(item.meanings["colour"] for item in items if "colour" in item.meanings))
    counted = {"count": len(colours)} if any("articles" in item.meanings for item in items) else {}
    return Item({"colours": colours, **counted}, items[0].first, items[-1].last)


def letter(item: Item) -> str:
    """What an item is in a series of colours."""
    if "colour" in item.meanings:
        return "o" if "thing" in item.meanings else "c"  # "orange" may be either
    if item.meanings.get("relation") == "and":
        return "&"
    kinds = {"mark": ",", "articles": "a", "stops": "n", **dict.fromkeys(NOUNS, "n")}
    return next((kinds[kind] for kind in item.meanings if kind in kinds), ".")


def is_ground(items: list[Item], index: int) -> bool:
    """Whether a colour that no noun follows is what something stands on: "on blue", "against a dark red"."""
    before = items[index - 1].meanings if index else {}
    if "thing" not in items[index].meanings and before.keys() & {"articles", "fillers"}:
        before = items[index - 2].meanings if index > 1 else {}
    return before.get("relation") in ("on", "in front of")


def next_meaning(items: list[Item], index: int) -> dict:
    for item in items[index + 1 : index + 1 + FARTHEST_NOUN]:
        if "thing" in item.meanings or item.meanings.keys().isdisjoint(BETWEEN):
            return item.meanings
    return {}
