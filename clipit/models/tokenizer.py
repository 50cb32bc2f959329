"""CLIP's tokenizer: lower-case byte-pair encoding (openai/CLIP's `simple_tokenizer.py`, MIT), for any merges.

`bpe_simple_vocab_16e6.txt.gz` is openai/CLIP's file, byte for byte (MIT, its licence lies beside it).
"""

import gzip
import html
import itertools
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from pathlib import Path

import ftfy
import regex
import torch
from torch import Tensor

START, END = "<|startoftext|>", "<|endoftext|>"
WORD = regex.compile(
    r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+", regex.IGNORECASE
)
PUBLISHED_MERGES = Path(__file__).with_name("bpe_simple_vocab_16e6.txt.gz")
VOCABULARY = 49408  # ids of the published CLIPs: two for each byte, one per merge, start and end


@cache
def load_merges() -> tuple[tuple[str, str], ...]:
    """The merges of OpenAI's and OpenCLIP's models: the first of the file, which holds more than were used."""
    with gzip.open(PUBLISHED_MERGES, "rt", encoding="utf8") as file:
        lines = itertools.islice(file, 1, 1 + VOCABULARY - 2 * 256 - 2)  # the first says the version
        return tuple(tuple(line.split()) for line in lines)


@cache
def byte_letters() -> dict[int, str]:
    """A printable letter for each byte (GPT-2's table), so that merges can be written as text."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    letters = {byte: chr(byte) for byte in printable}
    for byte in range(256):
        letters.setdefault(byte, chr(256 + len(letters) - len(printable)))
    return letters


def clean(text: str) -> str:
    """Repair mojibake, resolve HTML entities twice (as the original does), collapse white space, lower the case."""
    text = html.unescape(html.unescape(ftfy.fix_text(text))).strip()
    return regex.sub(r"\s+", " ", text).strip().lower()


def words(text: str) -> list[tuple[str, ...]]:
    """The words of a cleaned text, each as byte letters, the last of them marked as the word's end.

    A text that spells out start or end means these tokens, as in the original.
    """
    return [(word,) if word in (START, END) else _spelled(word) for word in WORD.findall(text)]


def _spelled(word: str) -> tuple[str, ...]:
    *letters, last = (byte_letters()[byte] for byte in word.encode("utf8"))
    return *letters, last + "</w>"


def join_pair(symbols: Sequence[str], pair: tuple[str, str]) -> tuple[str, ...]:
    """Every occurrence of the pair, from the left, becomes one symbol."""
    joined: list[str] = []
    for symbol in symbols:
        if joined and (joined[-1], symbol) == pair:
            joined[-1] += symbol
        else:
            joined.append(symbol)
    return tuple(joined)


class Tokenizer:
    """Texts to ids. The vocabulary is the 256 byte letters, the same as word ends, one per merge, start and end."""

    def __init__(self, merges: Iterable[tuple[str, str]]) -> None:
        merges = [tuple(merge) for merge in merges]
        letters = byte_letters().values()  # the printable bytes first, which is the original's order too
        symbols = [
            *letters,
            *(letter + "</w>" for letter in letters),
            *("".join(merge) for merge in merges),
            START,
            END,
        ]
        self.ids = {symbol: index for index, symbol in enumerate(symbols)}
        self._ranks = {merge: rank for rank, merge in enumerate(merges)}
        self._merged = lru_cache(maxsize=2**16)(self._merge)

    def __len__(self) -> int:
        return len(self.ids)

    def encode(self, text: str) -> list[int]:
        """Ids without start and end."""
        return [self.ids[symbol] for word in words(clean(text)) for symbol in self._merged(word)]

    def __call__(self, texts: Sequence[str], context: int) -> Tensor:
        """Ids (len(texts), context), padded with 0; a text that is too long loses its end."""
        tokens = torch.zeros(len(texts), context, dtype=torch.long)
        for row, text in zip(tokens, texts, strict=True):
            ids = [self.ids[START], *self.encode(text)[: context - 2], self.ids[END]]
            row[: len(ids)] = torch.tensor(ids)
        return tokens

    def _merge(self, word: tuple[str, ...]) -> tuple[str, ...]:
        symbols = word
        while len(symbols) > 1:
            best = min(itertools.pairwise(symbols), key=lambda pair: self._ranks.get(pair, len(self._ranks)))
            if best not in self._ranks:
                break
            symbols = join_pair(symbols, best)
        return symbols
