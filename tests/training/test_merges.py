from clipit.models.tokenizer import Tokenizer
from training.merges import learn


def test_the_most_frequent_pair_comes_first_and_is_joined_before_the_next_count():
    assert learn(["cat cat cat car"], 2) == [("c", "a"), ("ca", "t</w>")]


def test_there_are_no_more_merges_than_pairs():
    assert learn(["ab"], 10) == [("a", "b</w>")]
    assert learn([], 10) == []


def test_captions_count_as_the_tokenizer_reads_them():
    assert learn(["CAT", "&#99;at"], 2) == learn(["cat", "cat"], 2)


def test_learned_words_become_single_tokens():
    tokenizer = Tokenizer(learn(["a castle underwater"] * 3, 50))
    assert len(tokenizer.encode("castle underwater")) == 2
    assert len(tokenizer.encode("castles")) > 1
