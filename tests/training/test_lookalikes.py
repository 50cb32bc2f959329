import pytest

from clipit.sketching.lexicon import lexicon
from training.lookalikes import forms, lookalikes

COUNTS = """leave%2:38:00:: 1 90
print%1:10:00:: 1 20
castles%1:06:00:: 1 2
print%2:36:00:: 1 9
xyzzy%1:10:00:: 1 1
"""


@pytest.fixture
def wordnet(tmp_path):
    """A folder of WordNet's in which few words were met."""
    (tmp_path / "cntlist.rev").write_text(COUNTS)
    for part in ("noun", "verb", "adj", "adv"):
        (tmp_path / f"{part}.exc").write_text("leaved leave\nbetter good\n")
    return tmp_path


def test_right_words_are_found_that_would_count_as_misspelt(wordnet):
    words = lexicon()._replace(words={**lexicon().words, "fillers": []}, kin={})
    assert lookalikes(wordnet, words) == ["leave", "leaved", "print", "printed", "printing", "prints"]


@pytest.mark.parametrize(
    ("verb", "all_forms"),
    [
        ("wave", ["waves", "waving", "waved"]),
        ("plan", ["plans", "planning", "planned"]),
        ("paint", ["paints", "painting", "painted"]),
        ("crash", ["crashes", "crashing", "crashed"]),
    ],
)
def test_verbs_have_their_regular_forms(verb, all_forms):
    assert list(forms(verb)) == all_forms
