"""Tells a wish again in words that are known: those that are not give way to what is nearest."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from clipit.sketching.items import Item
from clipit.sketching.lexicon import lexicon, plural
from clipit.sketching.nearest import Run
from clipit.sketching.phrases import told_names
from clipit.sketching.tokens import Token

BEFORE_VOWEL = re.compile(r"\b([aA])(?=\s+[aeiou])")
LAST_ARTICLE = re.compile(r"\b(?:an?|the)\s+$", re.IGNORECASE)


class Edit(NamedTuple):
    """What is told instead of the text from `start` to `end`; where that is nothing, an article before it goes too."""

    start: int
    end: int
    words: str
    article: bool = False  # stays


def retold(text: str, tokens: list[Token], runs: list[Run]) -> str:
    parts, end = [], 0
    edits = [edit for run in runs for edit in edits_of(run, tokens)]
    for edit in edits:
        before = text[end : edit.start]
        parts += [before if edit.words or edit.article else LAST_ARTICLE.sub("", before), edit.words]
        end = edit.end
    told = "".join([*parts, text[end:]])
    return " ".join((BEFORE_VOWEL.sub(r"\1n", told) if edits else told).split())


def edits_of(run: Run, tokens: list[Token]) -> Iterator[Edit]:
    near = {item.first: item for item in run.nearest}
    for item in run.items:
        if not item.meanings:
            start, end = tokens[item.first].start, tokens[item.last - 1].end
            words = in_words(near[item.first]) if item.first in near else ""
            yield Edit(start, end, words, article=item is not run.items[-1] and bool(run.nearest))


def in_words(item: Item) -> str:
    if "things" in item.meanings and "thing" not in item.meanings:
        return plural(item.meanings["things"], lexicon().plurals)
    return next(iter(told_names(item.meanings)), "")
