"""Learns the merges of a byte-pair encoding from captions (Sennrich et al., https://arxiv.org/abs/1508.07909)."""

import itertools
from collections import Counter
from collections.abc import Iterable

from clipit.models.tokenizer import clean, join_pair, words


def learn(captions: Iterable[str], count: int) -> list[tuple[str, str]]:
    """The `count` most frequent pairs, each joined before the next is counted; fewer when no pair is left."""
    frequency = Counter(word for caption in captions for word in words(clean(caption)))
    spelled = {word: word for word in frequency}
    merges = []
    while len(merges) < count:
        pairs = Counter()
        for word, symbols in spelled.items():
            for pair in itertools.pairwise(symbols):
                pairs[pair] += frequency[word]
        if not pairs:
            break
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        spelled = {word: join_pair(symbols, best) for word, symbols in spelled.items()}
        merges.append(best)
    return merges
