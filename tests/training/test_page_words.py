from training.page_words import WORDS, page_words, written


def test_the_page_has_the_words_of_the_lexicon():
    assert WORDS.read_text(encoding="utf8") == written(), "run `python -m training.page_words`"


def test_every_word_is_told_once():
    words = page_words()
    phrases = [phrase for kind in ("nouns", "others") for said in words[kind].values() for phrase in said.split("|")]
    kin = [word for said in words["kin"].values() for word in said.split("|")]
    assert len(set(phrases)) == len(phrases) > 3000
    assert len(set(kin)) == len(kin) > 3000
    assert "price" in words["lookalikes"].split("|")
    assert set(words["kin"]) <= set(words["nouns"]) | set(words["others"]) - {""}
