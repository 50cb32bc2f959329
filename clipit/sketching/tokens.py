"""Cuts a wish into words, emoji and punctuation marks."""

import re
from functools import cache
from typing import NamedTuple

from clipit.sketching.lexicon import lexicon

EMOJI = (
    "(?:[\U0001f1e6-\U0001f1ff]{2}|[0-9#*]\ufe0f?\u20e3|"
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u231a-\u23ff\u24c2\u25aa-\u27bf\u2934\u2935\u2b05-\u2b55"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
    "(?:[\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]|\u200d[\u2190-\u27bf\U0001f000-\U0001faff])*)"
)
WORD = r"[^\W_]+(?:['’][^\W_]+)*"  # noqa: RUF001 - the apostrophe that phones type
TOKEN = re.compile(f"(?P<emoji>{EMOJI})|(?P<word>{WORD}|&)|(?P<mark>[,;.:!?|()\\[\\]/\n]+)")
NOT_SHOWN = re.compile("[\ufe0f\U0001f3fb-\U0001f3ff]")  # variation selectors and skin tones


class Token(NamedTuple):
    word: str  # lower-case; "" for a punctuation mark
    start: int
    end: int


def tokenise(text: str) -> list[Token]:
    tokens = []
    for match in TOKEN.finditer(text):
        word = normal(match["word"] or match["emoji"] or "")
        tokens += [Token(part, *match.span()) for part in emoji_words().get(word, word).split() or [""]]
    return tokens


def said(tokens: list[Token], first: int, last: int) -> str:
    """The words of tokens `first` to `last` - 1, one space between them."""
    return " ".join(token.word for token in tokens[first:last])


def normal(word: str) -> str:
    """Lower-case and without what does not change the word: the possessive s, skin tones."""
    word = NOT_SHOWN.sub("", word.lower().replace("’", "'"))  # noqa: RUF001
    return word.removesuffix("'s")


@cache
def emoji_words() -> dict[str, str]:
    """Glyph that is no thing of its own -> words for it."""
    return {NOT_SHOWN.sub("", glyph): words for glyph, words in lexicon().emoji.items()}
