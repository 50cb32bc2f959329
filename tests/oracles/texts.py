"""Texts of all kinds for a tokenizer, the same for the same seed."""

import html
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

Kind = Callable[[random.Random], str]

PIECES = {
    kind: [piece for line in lines for piece in line.split()]
    for kind, lines in json.loads(Path(__file__).with_name("texts.json").read_text("utf8")).items()
}
CONTROLS = [
    chr(code) for code in (*range(32), *range(0x7F, 0xA1), 0xAD, 0x200B, 0x200D, 0x202E, 0x2028, 0x3000, 0xFEFF)
]


def _one_of(pieces: list[str]) -> Kind:
    return lambda chance: chance.choice(pieces)


def _entity(chance: random.Random) -> str:
    """A character as an entity, once or twice escaped: named, decimal or hexadecimal."""
    character = chance.choice(PIECES["escaped"])
    escaped = chance.choice([html.escape(character), f"&#{ord(character)};", f"&#x{ord(character):X};"])
    return html.escape(escaped) if chance.random() < 0.5 else escaped


def _mojibake(chance: random.Random) -> str:
    """UTF-8 that was read as another encoding, once or twice."""
    text = chance.choice(PIECES["mojibake"])
    for _ in range(chance.randint(1, 2)):
        text = text.encode("utf8").decode(chance.choice(["latin-1", "cp1252", "mac_roman"]), "replace")
    return text


def _any_characters(chance: random.Random) -> str:
    """Code points from everywhere, lone surrogates too."""
    limit = chance.choice([0x80, 0x250, 0x3000, 0x10000, 0x110000])
    return "".join(chr(chance.randrange(limit)) for _ in range(chance.randint(1, 12)))


def _long_word(chance: random.Random) -> str:
    return "".join(chance.choices("aeinrstmé海🏰", [9] * 8 + [1] * 3, k=chance.randint(80, 160)))


def _many_words(chance: random.Random) -> str:
    """More than any context holds."""
    return " ".join(chance.choices(PIECES["words"] + PIECES["emoji"] + PIECES["scripts"], k=chance.randint(80, 160)))


KINDS: dict[Kind, float] = {  # and how often
    _one_of(PIECES["words"]): 40,
    _one_of(PIECES["contractions"]): 8,
    _one_of(PIECES["emoji"]): 8,
    _one_of(PIECES["scripts"]): 8,
    _one_of(PIECES["numbers"]): 6,
    _one_of(PIECES["addresses"]): 3,
    _one_of(PIECES["entities"]): 4,
    _one_of(PIECES["tokens"]): 2,
    _one_of(CONTROLS): 5,
    _entity: 6,
    _mojibake: 6,
    _any_characters: 4,
    _long_word: 0.2,
    _many_words: 1,
}


def texts(count: int, seed: int = 0) -> Iterator[str]:
    """Up to eight pieces each, of any kinds, with a space, nothing or something else between them."""
    chance = random.Random(seed)
    for _ in range(count):
        pieces = (kind(chance) for kind in chance.choices([*KINDS], [*KINDS.values()], k=chance.randint(1, 8)))
        yield chance.choice([" ", " ", " ", "", "  ", "-", "\n", "|"]).join(pieces)
