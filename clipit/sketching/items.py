"""Cuts the tokens of a wish into the longest phrases that are known."""

from collections.abc import Iterator
from typing import NamedTuple

from clipit.sketching.phrases import NOUNS, kin, table
from clipit.sketching.tokens import Token, said


class Item(NamedTuple):
    """Tokens `first` to `last` - 1 and what they may mean: kind -> value; nothing where they are not known."""

    meanings: dict
    first: int
    last: int

    @property
    def is_noun(self) -> bool:
        return not self.meanings.keys().isdisjoint(NOUNS)


def items_of(tokens: list[Token]) -> Iterator[Item]:
    first = 0
    while first < len(tokens):
        item = longest_at(tokens, first)
        yield item
        first = item.last


def longest_at(tokens: list[Token], first: int) -> Item:
    word = tokens[first].word
    if not word:
        return Item({"mark": ","}, first, first + 1)
    meanings, longest = table()
    for last in range(min(len(tokens), first + longest.get(word, 1)), first, -1):
        words = said(tokens, first, last)
        if last - first > 1 and meanings.get(words, {}).keys().isdisjoint(NOUNS) and cuts_noun(tokens, last):
            continue
        if words in meanings:
            return Item(meanings[words], first, last)
        if " " in words and kin(words):
            return Item({}, first, last)
    if word.isdecimal() and word.isascii():
        return Item({"count": int(word[:4])}, first, first + 1)
    return Item({} if any(map(str.isalnum, word)) else {"fillers": word}, first, first + 1)


def cuts_noun(tokens: list[Token], last: int) -> bool:
    """Whether the word before `last` begins a thing of more words: "on the beach" in "on the beach umbrella"."""
    meanings, longest = table()
    reach = min(len(tokens), last - 1 + longest.get(tokens[last - 1].word, 0))
    ends = range(last + 1, reach + 1)
    return any(not meanings.get(said(tokens, last - 1, end), {}).keys().isdisjoint(NOUNS) for end in ends)
