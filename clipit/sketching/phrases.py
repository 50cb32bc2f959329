"""The table of all phrases that are known, with what each may mean, and the words that are kin to them."""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from clipit.sketching.lexicon import Lexicon, lexicon, plural
from clipit.sketching.tokens import tokenise

NOUNS = ("thing", "things")  # kinds of meaning: one, several
DRAWN = (*NOUNS, "place", "time", "weather", "style", "colour")


class Table(NamedTuple):
    meanings: dict[str, dict]  # words, one space between them -> kind -> value
    longest: dict[str, int]  # first word of a phrase, known or with kin -> words of the longest such phrase


@cache
def table() -> Table:
    return table_of(lexicon())


def table_of(lexicon: Lexicon) -> Table:
    """All that a lexicon knows, by its words as `tokenise` cuts them."""
    meanings, longest = {}, {}
    for phrase, kind, value in known_phrases(lexicon):
        words = [token.word for token in tokenise(phrase)]
        meanings.setdefault(" ".join(words), {}).setdefault(kind, value)
        longest[words[0]] = max(len(words), longest.get(words[0], 0))
    for phrase in lexicon.kin:
        words = phrase.split()
        longest[words[0]] = max(len(words), longest.get(words[0], 0))
    return Table(meanings, longest)


def known_phrases(words: Lexicon) -> Iterator[tuple[str, str, object]]:
    """(phrase, kind, value); of two meanings of one kind, the first stands."""
    yield from thing_phrases(words)
    for kind, section in (("place", words.places), ("time", words.times), ("weather", words.weathers)):
        for name, entry in section.items():
            for phrase in [*entry["names"], *entry["phrases"]]:
                yield phrase, kind, name
    for kind, section in (("style", words.styles), ("colour", words.colours)):
        for name, entry in section.items():
            for word in [name, *entry["words"]]:
                yield word, kind, name
    for name, wordings in words.relations.items():
        for word in wordings:
            yield word, "relation", name
    for word, count in words.counts.items():
        yield word, "count", count
    for kind in ("articles", "stops", "fillers", "openers"):
        for word in words.words[kind]:
            yield word, kind, word
    for word in ("background", "backdrop"):
        yield word, "ground", word
    for word in ("black and white", "black & white"):  # a style, but of a thing its colours
        yield word, "colours", ("black", "white")


def thing_phrases(words: Lexicon) -> Iterator[tuple[str, str, str]]:
    """Names come before synonyms."""
    for name, thing in words.things.items():
        for word in [name, *thing["glyphs"]]:
            yield word, "thing", name
        yield plural(name, words.plurals), "things", name
    for name, thing in words.things.items():
        for word in thing["synonyms"]:
            yield word, "thing", name
            yield plural(word, words.plurals), "things", name


def told_names(meanings: dict) -> list[str]:
    """The name that is told of these meanings; none where nothing is drawn for them."""
    return [meanings[kind] for kind in DRAWN if kind in meanings][:1]


def kin(words: str) -> dict:
    """The meaning of what is nearest to words that are not known, or to what they are the plural of."""
    for word, kind in [(words, "thing"), *((singular, "things") for singular in singulars(words))]:
        if name := lexicon().kin.get(word):
            return {kind: name} if name in lexicon().things else table().meanings[name.replace("-", " ")]
    return {}


def singulars(word: str) -> Iterator[str]:
    """What it may be the plural of; a guess that is no word is found nowhere."""
    if word.endswith("ies"):
        yield word[:-3] + "y"
    if word.endswith("es"):
        yield word[:-2]
    if word.endswith("s"):
        yield word[:-1]
