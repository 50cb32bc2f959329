"""The words that the small models know, and the nearest of them to many others; `training.vocabulary` gathers them."""

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

LEXICON = Path(__file__).with_name("lexicon.json")


class Lexicon(NamedTuple):
    """Each mapping's keys are the names that a Scene uses; all words are lower-case.

    things    name -> {"glyphs": [str], "synonyms": [str], "weight": float}, and "tint": False where no colour fits
    places, times, weathers
              name -> {"phrases": ["in the forest", ...], "names": ["woods", ...]}
    styles    name -> {"phrases": ["a sketch of {}", ...], "words": ["sketch", ...]}
    colours   name -> {"rgb": [0..255, 0..255, 0..255], "words": [other names of the colour]}
    relations name -> its wordings
    counts    words -> how many
    plurals   word -> its irregular plural
    emoji     glyph that is no thing of its own -> words for it
    words     "articles", "stops", "fillers", "openers", "grounds" -> words that are not drawn;
              "lookalikes" -> words that are spelt nearly like a known one, but mean something else
    kin       word that is not known -> the name of what is nearest
    """

    things: dict[str, dict]
    places: dict[str, dict]
    times: dict[str, dict]
    weathers: dict[str, dict]
    styles: dict[str, dict]
    colours: dict[str, dict]
    relations: dict[str, list[str]]
    counts: dict[str, int]
    plurals: dict[str, str]
    emoji: dict[str, str]
    words: dict[str, list[str]]
    kin: dict[str, str]


@cache
def lexicon() -> Lexicon:
    return Lexicon(**json.loads(LEXICON.read_text(encoding="utf8")))


def plural(words: str, irregular: dict[str, str]) -> str:
    """The plural of a name: "man with a beard" -> "men with a beard"."""
    head, joint, rest = words, "", ""
    for link in (" of ", " with ", " in ", " at ", " behind ", " covering ", " holding ", " feeding ", " taking "):
        before, found, after = head.partition(link)
        if found:
            head, joint, rest = before, link, after + joint + rest
    first, space, last = head.rpartition(" ")
    return first + space + plural_of_word(last, irregular) + joint + rest


def plural_of_word(word: str, irregular: dict[str, str]) -> str:
    if word in irregular:
        return irregular[word]
    if word in irregular.values() or (word.endswith("s") and not word.endswith(("ss", "us"))):
        return word
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"
