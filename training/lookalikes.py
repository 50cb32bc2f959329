"""Finds the words of WordNet that are spelt nearly like a known one, and would wrongly count as misspelt."""

from collections.abc import Iterator
from pathlib import Path

from clipit.sketching.lexicon import Lexicon
from clipit.sketching.nearest import is_guessable, spellings_of, spelt_like
from clipit.sketching.phrases import singulars, table_of

PARTS = ("noun", "verb", "adj", "adv")  # of speech, as WordNet's files are named
VERB = "2"
VOWELS = "aeiou"


def lookalikes(folder: Path, lexicon: Lexicon) -> list[str]:
    """In the order of the alphabet; none that the lexicon knows or has kin for."""
    table = table_of(lexicon)
    spellings = spellings_of(table)
    known = {*table.meanings, *lexicon.kin}
    unknown = {word for word in english(folder) if is_guessable(word) and known.isdisjoint((word, *singulars(word)))}
    return sorted(word for word in unknown if spelt_like(word, spellings))


def english(folder: Path) -> Iterator[str]:
    """The words that WordNet met in texts, the regular forms of the verbs and the irregular ones of all among them."""
    lines = (folder / "cntlist.rev").read_text(encoding="utf8").splitlines()
    met = {tuple(line.split(":")[0].split("%")) for line in lines}  # word and part of speech, senseidx(5WN)
    yield from {word for word, _ in met}
    for word, part in met:
        if part == VERB:
            yield from forms(word)
    for part in PARTS:
        for line in (folder / f"{part}.exc").read_text(encoding="utf8").splitlines():
            form, word, *_ = line.split()
            if any((word, kind) in met for kind in "12345"):
                yield form


def forms(verb: str) -> Iterator[str]:
    """ "wave": waves, waving, waved; "plan": plans, planning, planned."""
    yield verb + ("es" if verb.endswith(("s", "x", "z", "ch", "sh")) else "s")
    stem = verb.removesuffix("e")
    if verb[-1:] in "bdgmnprt" and verb[-2:-1] in VOWELS and verb[-3:-2] not in VOWELS:
        stem += verb[-1]
    yield from (stem + "ing", stem + "ed")
