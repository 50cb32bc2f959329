import json

import pytest

from clipit.sketching.lexicon import LEXICON, lexicon
from training.kinship import WordNet, is_known, is_tinted, nearest_thing
from training.vocabulary import Emoji, all_things, as_json, emoji_list, hand_list, keyword_list, plain, settle_synonyms

EMOJI_TEST = """
# group: Animals & Nature
# subgroup: animal-mammal
1F431                       ; fully-qualified     # 🐱 E0.6 cat face
1F408                       ; fully-qualified     # 🐈 E0.7 cat
1F408 200D 2B1B             ; fully-qualified     # 🐈‍⬛ E13.0 black cat
1F43F FE0F                  ; fully-qualified     # 🐿️ E0.7 chipmunk
1F43F                       ; unqualified         # 🐿 E0.7 chipmunk
# group: People & Body
# subgroup: hand-fingers-open
1F44B 1F3FB                 ; fully-qualified     # 👋🏻 E1.0 waving hand: light skin tone
# group: Flags
# subgroup: country-flag
1F1F9 1F1E9                 ; fully-qualified     # 🇹🇩 E2.0 flag: Chad
"""
BY_HAND = """
# comment
[3] animals
cat: 🐈 🐱 | kitty, pussycat
leave out: 🐈‍⬛
"""
ANNOTATIONS = """<ldml><annotations>
<annotation cp="🐈">cat | pet</annotation><annotation cp="🐈" type="tts">cat</annotation>
</annotations></ldml>"""
NOUNS = """  1 licence
00000001 03 n 01 entity 0 000 | that which is
00000002 05 n 01 parrot 0 001 @ 00000001 n 0000 | a bird
00000003 05 n 02 lory 0 loris 0 001 @ 00000002 n 0000 | a parrot
00000004 05 n 01 lorikeet 0 001 @ 00000003 n 0000 | a lory
00000005 06 n 01 lorry 0 001 @ 00000001 n 0000 | a truck
"""
INDEX = """  1 licence
lorikeet n 1 1 @ 1 0 00000004
lorry n 1 1 @ 1 0 00000005
parrot n 1 1 @ 1 0 00000002
"""


@pytest.fixture
def net(tmp_path):
    (tmp_path / "data.noun").write_text(NOUNS)
    (tmp_path / "index.noun").write_text(INDEX)
    return WordNet(tmp_path)


def test_emoji_are_fully_qualified_and_of_no_skin_tone():
    emoji = emoji_list(EMOJI_TEST)
    assert list(emoji) == ["🐱", "🐈", "🐈‍⬛", "🐿️", "🇹🇩"]
    assert emoji["🐱"] == Emoji("cat face", "Animals & Nature", "animal-mammal")


def test_names_by_hand_come_before_those_of_unicode():
    things = all_things(emoji_list(EMOJI_TEST), hand_list(BY_HAND))
    assert things == {
        "cat": {"glyphs": ["🐈", "🐱"], "synonyms": ["kitty", "pussycat"], "weight": 3.0},
        "chipmunk": {"glyphs": ["🐿️"], "synonyms": [], "weight": 1.0},
        "flag of chad": {"glyphs": ["🇹🇩"], "synonyms": [], "weight": 0.25, "tint": False},
    }


def test_keywords_are_read_without_spoken_names():
    assert keyword_list(ANNOTATIONS) == {"🐈": ["cat", "pet"]}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("flag: Hong Kong SAR China", "flag of hong kong"),
        ("flag: Myanmar (Burma)", "flag of myanmar"),
        ("three o’clock", "clock at three o'clock"),  # noqa: RUF001
        ("three-thirty", "clock at half past three"),
        ("A button (blood type)", "blood type a button"),
        ("Japanese “here” button", "japanese here button"),
        ("person: beard", "person with beard"),
    ],
)
def test_unicode_names_become_plain_words(name, words):
    assert plain(name) == words


def test_a_synonym_leads_to_one_thing():
    things = {name: {"synonyms": []} for name in ("cat", "dog", "tea")}
    wanted = [("cat", ["pet", "cat", "night"]), ("dog", ["pet", "hound", "cats"]), ("tea", ["green tea"])]
    settle_synonyms(things, wanted, ["night"], ["green"], {})
    assert {name: thing["synonyms"] for name, thing in things.items()} == {"cat": ["pet"], "dog": ["hound"], "tea": []}


def test_a_plural_may_be_the_name_of_another_thing():
    things = {name: {"synonyms": []} for name in ("dagger", "swords")}
    settle_synonyms(things, [("dagger", ["sword"]), ("swords", ["swords"])], [], [], {})
    assert things["dagger"]["synonyms"] == ["sword"]


def test_the_nearest_thing_lies_above_a_word(net):
    assert nearest_thing(net, "lorikeet", {"00000002": "parrot"}) == "parrot"


def test_nothing_is_near_by_way_of_what_is_too_wide(net):
    assert nearest_thing(net, "lorry", {"00000001": "everything"}) == "everything"
    assert nearest_thing(net, "lorry", {"00000002": "parrot"}) is None
    assert net.are_close("lorikeet", "parrot")
    assert not net.are_close("lorry", "parrot")


def test_what_is_known_word_by_word_or_is_a_colour_of_its_kin_has_no_kin(net):
    kin = {"poppy": "flower", "blue poppy": "flower", "blue widow": "spider"}
    assert [word for word, name in kin.items() if is_tinted(word, name, kin, ["blue"])] == ["blue poppy"]
    assert [
        word for word in ("tea", "tea biscuit", "dog biscuit") if is_known(word, {"tea", "dog biscuit", "biscuit"})
    ] == [
        "tea",
        "tea biscuit",
        "dog biscuit",
    ]


def test_the_lexicon_is_written_one_entry_a_line():
    assert as_json({"kin": {"a": "b", "c": "d"}}) == '{\n "kin": {\n  "a": "b",\n  "c": "d"\n }\n}\n'
    text = LEXICON.read_text(encoding="utf8")
    assert text == as_json(json.loads(text))
    assert len(text.encode()) < 500_000
    assert len(text.splitlines()) > len(lexicon().things) + len(lexicon().kin)
