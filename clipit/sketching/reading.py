"""Reads a wish: which scene its words ask for, which of them the small models do not know, and what is nearest."""

from typing import NamedTuple

from clipit.sketching.composing import compose
from clipit.sketching.items import items_of
from clipit.sketching.nearest import Run, drawn_items, runs_of
from clipit.sketching.phrases import told_names
from clipit.sketching.retelling import retold
from clipit.sketching.scene import Scene
from clipit.sketching.tokens import Token, tokenise

LONGEST_QUOTED = 80  # characters of a run of words that is not known


class Unknown(NamedTuple):
    """Words that the models were not shown, and the names of what is drawn for them, which may be nothing."""

    words: str
    nearest: tuple[str, ...]


class Reading(NamedTuple):
    scene: Scene
    told: str  # the wish in words that the models know
    unknown: tuple[Unknown, ...]


def read(text: str) -> Reading:
    """Never fails; what it cannot make sense of is told as unknown."""
    tokens = tokenise(text)
    runs = runs_of(list(items_of(tokens)), tokens)
    items = list(drawn_items(runs))
    told = retold(text, tokens, runs) if any(told_names(item.meanings) for item in items) else ""
    unknown = dict.fromkeys(unknown_of(run, tokens, text) for run in runs if not run.is_known)
    return Reading(compose(items), told, tuple(unknown))


def unknown_of(run: Run, tokens: list[Token], text: str) -> Unknown:
    """The run as it was written."""
    start, end = tokens[run.items[0].first].start, tokens[run.items[-1].last - 1].end
    return Unknown(" ".join(text[start:end].split()), run.names)


def sentence(unknown: tuple[Unknown, ...]) -> str:
    """What a person is told of the words that were not known: "" when all were."""
    words = ", ".join(dict.fromkeys(f"'{quoted(each.words)}'" for each in unknown))
    nearest = ", ".join(dict.fromkeys(name for each in unknown for name in each.nearest))
    if not words:
        return ""
    return f"These models do not know {words}" + (f"; nearest: {nearest}" if nearest else ", and nothing near it")


def quoted(words: str) -> str:
    return words if len(words) <= LONGEST_QUOTED else words[:LONGEST_QUOTED] + "…"
