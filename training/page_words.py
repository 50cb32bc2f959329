"""The words of the lexicon as the page needs them, to say as one types what the small models do not know.

python -m training.page_words      writes frontend/static/words.json
"""

import json
from collections.abc import Iterable
from pathlib import Path

from clipit.sketching.lexicon import lexicon
from clipit.sketching.phrases import NOUNS, kin, table, told_names
from clipit.sketching.tokens import emoji_words

WORDS = Path(__file__).parents[1] / "frontend" / "static" / "words.json"


def page_words() -> dict[str, str | dict[str, str]]:
    """What words.js reads: all phrases as `clipit.sketching.tokens` cuts them.

    nouns   name -> phrases that are drawn as a thing of this name, its plural among them
    others  name -> phrases for a place, time, weather, style or colour; "" -> those that stand for nothing drawn
    kin     name -> words that are not known, to which it is nearest
    lookalikes
            words that are not known, though spelt nearly like those that are
    emoji   glyph that is no thing of its own -> words for it
    """
    nouns: list[tuple[str, str]] = []
    others: list[tuple[str, str]] = []
    for phrase, meanings in table().meanings.items():
        (others if meanings.keys().isdisjoint(NOUNS) else nouns).append((_name(meanings), phrase))
    near = [(name, word) for word in lexicon().kin if (name := _name(kin(word)))]
    return {
        "nouns": _by_name(nouns),
        "others": _by_name(others),
        "kin": _by_name(near),
        "lookalikes": "|".join(lexicon().words["lookalikes"]),
        "emoji": emoji_words(),
    }


def written() -> str:
    return json.dumps(page_words(), ensure_ascii=False, separators=(",", ":"), indent=0) + "\n"


def _name(meanings: dict[str, str]) -> str:
    return next(iter(told_names(meanings)), "")


def _by_name(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Name -> its words, a bar between them, all in the order of the alphabet."""
    found: dict[str, list[str]] = {}
    for name, word in sorted(pairs):
        found.setdefault(name, []).append(word)
    return {name: "|".join(words) for name, words in found.items()}


if __name__ == "__main__":
    WORDS.write_text(written(), encoding="utf8")
