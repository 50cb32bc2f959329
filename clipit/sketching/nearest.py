"""Finds the words of a wish that are not known, and what is nearest to them: by its side, by kin or by spelling."""

from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from itertools import groupby
from typing import NamedTuple

from clipit.sketching.items import Item
from clipit.sketching.lexicon import lexicon
from clipit.sketching.phrases import DRAWN, Table, kin, table, told_names
from clipit.sketching.tokens import Token, said

MOST_GUESSES = 40  # words of one text that are compared with all others for their spelling
LIKE_ENOUGH = 0.83  # difflib's ratio from which on a word counts as misspelt
LONGEST_KIN = 3  # words


class Run(NamedTuple):
    """Nouns and unknown words next to each other, and the known items that stand for them: its own, or near ones."""

    items: list[Item]
    nearest: list[Item]

    @property
    def is_known(self) -> bool:
        return all(item.meanings for item in self.items)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for item in self.nearest for name in told_names(item.meanings)))


def runs_of(items: list[Item], tokens: list[Token]) -> list[Run]:
    """All items, in runs; one that no known word stands for has nothing nearest."""
    guesses = iter(range(MOST_GUESSES))
    runs = [[item for _, item in run] for _, run in groupby(numbered(items, tokens), key=lambda pair: pair[0])]
    return [Run(run, [item for item in run if item.meanings] or near(run, tokens, guesses)) for run in runs]


def numbered(items: list[Item], tokens: list[Token]) -> Iterator[tuple[int, Item]]:
    """Numbers the items so that nouns and unknown words next to each other share a number."""
    number, joined = 0, False
    for item in items:
        noun = not item.meanings or item.is_noun
        doing = not item.meanings and tokens[item.first].word.endswith("ing") and not kin(tokens[item.first].word)
        number += not (noun and joined) or doing
        joined = noun and not doing
        yield number, item


def near(run: list[Item], tokens: list[Token], guesses: Iterator[int]) -> list[Item]:
    """What the words of the run are kin to or misspell, each once."""
    found, first, end = {}, run[0].first, run[-1].last
    while first < end:
        for last in range(min(end, first + LONGEST_KIN), first, -1):
            words = said(tokens, first, last)
            meanings = kin(words) or (last - first == 1 and guess(words, guesses))
            if meanings:
                found.setdefault(*told_names(meanings), Item(meanings, first, last))
                break
        first = last
    return list(found.values())


def drawn_items(runs: list[Run]) -> Iterator[Item]:
    """What is drawn: the items of the runs, and what is nearest to the unknown ones unless the text names it anyway."""
    named = {name for run in runs for item in run.items for name in told_names(item.meanings)}
    for run in runs:
        if not run.nearest:
            yield Item({"unknown": True}, run.items[0].first, run.items[-1].last)
        yield from (item for item in run.nearest if item in run.items or named.isdisjoint(told_names(item.meanings)))


def guess(word: str, guesses: Iterator[int]) -> dict:
    """What a misspelt word means; nothing for one that is spelt like another but right."""
    if not is_guessable(word) or word in lookalikes() or next(guesses, None) is None:
        return {}
    return table().meanings.get(spelt_like(word, spellings()), {})


def is_guessable(word: str) -> bool:
    return 5 <= len(word) <= 20 and word.isascii() and word.isalpha()


def spelt_like(word: str, spellings: dict[str, list[str]]) -> str | None:
    likely = [other for other in spellings.get(word[0], ()) if abs(len(other) - len(word)) <= 2]
    return next(iter(get_close_matches(word, likely, 1, LIKE_ENOUGH)), None)


@cache
def lookalikes() -> frozenset[str]:
    return frozenset(lexicon().words["lookalikes"])


@cache
def spellings() -> dict[str, list[str]]:
    return spellings_of(table())


def spellings_of(table: Table) -> dict[str, list[str]]:
    """First letter -> words of four letters or more that can be drawn."""
    spelt = {}
    for word, meanings in table.meanings.items():
        if len(word) >= 4 and word.isalpha() and not meanings.keys().isdisjoint(DRAWN):
            spelt.setdefault(word[0], []).append(word)
    return spelt
