"""Ours against OpenAI's `SimpleTokenizer` and `clip.tokenize`, with the published merges."""

import hashlib
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clipit.models.tokenizer import PUBLISHED_MERGES, Tokenizer, load_merges
from tests.oracles.originals import clip
from tests.oracles.texts import PIECES, texts

CONTEXT = 77


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer(load_merges())


@pytest.fixture(scope="module")
def original():
    return clip()


def test_the_merges_are_openais_file():
    digest = hashlib.sha256(PUBLISHED_MERGES.read_bytes()).hexdigest()
    assert digest == "924691ac288e54409236115652ad4aa250f48203de50a9e4722a6ecd48d6804a"


def test_the_vocabulary_is_that_of_the_original(tokenizer, original):
    assert list(tokenizer.ids.items()) == list(original._tokenizer.encoder.items())


@pytest.mark.slow
def test_ten_thousand_texts_have_the_ids_of_the_original(tokenizer, original):
    chosen = list(texts(10_000))
    assert len(set(chosen)) > 9_000
    for text in chosen:
        assert tokenizer.encode(text) == original._tokenizer.encode(text), ascii(text)


def test_rows_are_padded_and_cut_as_in_the_original(tokenizer, original):
    chosen = list(texts(1_000, seed=1))
    rows = original.tokenize(chosen, CONTEXT, truncate=True)
    assert int((rows[:, -1] > 0).sum()) > 30
    assert tokenizer(chosen, CONTEXT).equal(rows)


@settings(max_examples=200, deadline=None)
@given(text=st.text() | st.lists(st.sampled_from([*itertools.chain(*PIECES.values())])).map("".join))
def test_any_text_has_the_ids_of_the_original(tokenizer, original, text):
    assert tokenizer.encode(text) == original._tokenizer.encode(text)
