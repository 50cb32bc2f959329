import pytest

from clipit.models.tokenizer import Tokenizer, byte_letters, clean, load_merges

MERGES = [("c", "a"), ("ca", "t</w>"), ("t", "h"), ("th", "e</w>")]
START, END = 516, 517  # after 2 x 256 byte letters and four merges


@pytest.fixture(scope="module")
def tokenizer():
    return Tokenizer(MERGES)


def spelled(tokenizer, ids):
    """The text that the ids stand for."""
    symbols, letters = list(tokenizer.ids), {letter: byte for byte, letter in byte_letters().items()}
    words = "".join(symbols[id] for id in ids).split("</w>")
    return " ".join(bytes(letters[letter] for letter in word).decode() for word in words).strip()


def test_merges_are_applied_in_their_order(tokenizer):
    assert tokenizer.encode("the cat") == [515, 513]
    assert tokenizer.encode("ca") == [66, 320]  # ("c", "a</w>") is not a merge


def test_single_letters_have_the_original_ids(tokenizer):
    assert tokenizer.encode("!") == [256]
    assert tokenizer.encode("a") == [320]


def test_case_and_white_space_do_not_matter(tokenizer):
    assert tokenizer.encode("  The\n\tCAT ") == tokenizer.encode("the cat")


@pytest.mark.parametrize("text", ["🏰", "海底城堡", "naïve", "a-b", "it 's 5 %"])
def test_every_text_can_be_spelled(tokenizer, text):
    assert spelled(tokenizer, tokenizer.encode(text)).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize(
    ("raw", "meant"),
    [("salt &amp;amp; pepper", "salt & pepper"), ("&lt;b&gt;", "<b>"), ("schÃ¶n", "schön"), ("it\u2019s", "it's")],
)
def test_entities_and_mojibake_are_repaired(raw, meant):
    assert clean(raw) == meant


def test_a_row_has_start_end_and_padding(tokenizer):
    assert tokenizer(["the cat", ""], 6).tolist() == [[START, 515, 513, END, 0, 0], [START, END, 0, 0, 0, 0]]


def test_a_long_text_keeps_its_end_token(tokenizer):
    assert tokenizer(["cat " * 50], 5).tolist() == [[START, 513, 513, 513, END]]


def test_a_text_that_spells_a_control_token_means_it_as_in_the_original(tokenizer):
    assert tokenizer.encode("the <|EndOfText|>cat <|startoftext|>") == [515, END, 513, START]
    assert END not in tokenizer.encode("<|endoftext")


def test_the_published_merges_give_the_published_ids():
    tokenizer = Tokenizer(load_merges())
    assert len(tokenizer) == 49408
    assert tokenizer(["a photo of a cat"], 8).tolist() == [[49406, 320, 1125, 539, 320, 2368, 49407, 0]]


def test_the_end_token_has_the_highest_id(tokenizer):
    assert max(tokenizer.ids.values()) == END == len(tokenizer) - 1
