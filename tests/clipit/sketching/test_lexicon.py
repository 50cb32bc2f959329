import re
import time
from collections import Counter

import pytest

from clipit.sketching.lexicon import lexicon, plural
from clipit.sketching.phrases import table
from clipit.sketching.tokens import tokenise

PLACES = """
meadow, forest, jungle, autumn forest, desert, canyon, snow, arctic, mountains, volcano, hills, beach, island, ocean,
underwater, coral reef, lake, river, waterfall, swamp, sky, space, moon, planet, city, street, village, castle hall,
garden, farm, park, road, bridge, cave, library, kitchen, bedroom, room, stage
"""


def test_the_small_world_is_not_too_small():
    assert len(lexicon().things) >= 1500


def test_the_other_names_are_those_that_are_painted():
    words = lexicon()
    assert set(words.places) == set(re.split(r",\s+", PLACES.strip()))
    assert set(words.times) == {"night", "sunset", "dawn", "noon"}
    assert set(words.weathers) == {"rain", "snowfall", "storm", "fog", "rainbow", "wind", "underwater"}
    assert len(words.styles) == 22
    assert len(words.colours) == 12


def test_every_glyph_belongs_to_one_thing():
    glyphs = Counter(glyph for thing in lexicon().things.values() for glyph in thing["glyphs"])
    assert [glyph for glyph, count in glyphs.items() if count > 1] == []
    assert [name for name, thing in lexicon().things.items() if not thing["glyphs"]] == []


def test_names_are_what_a_person_types():
    assert [name for name in lexicon().things if name != name.lower() or re.search(r"[^\w\s'-]|^\s|\s$", name)] == []


def test_every_thing_is_shown_now_and_then():
    assert {thing["weight"] for thing in lexicon().things.values()} == {3.0, 1.0, 0.25}


def test_a_word_leads_to_one_thing_only():
    for name, thing in lexicon().things.items():
        for word in [name, *thing["synonyms"]]:
            meanings = table().meanings[" ".join(token.word for token in tokenise(word))]
            assert meanings["thing"] == name
            assert meanings.keys() <= {"thing", "things"} or name == "orange"  # which is a colour too


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("sailboat", "boat"),
        ("cruise ship", "ship"),
        ("spaceship", "rocket"),
        ("plane", "airplane"),
        ("puppy", "dog"),
        ("princess", "queen"),
        ("bunny", "rabbit"),
        ("knight", "fencer"),
        ("sword", "dagger"),
        ("baby elephant", "elephant"),
    ],
)
def test_common_words_lead_to_what_they_mean(word, name):
    assert word in lexicon().things[name]["synonyms"]


def test_kin_are_not_known_and_lead_to_what_is():
    names = {*lexicon().things, *lexicon().places, *lexicon().times, *lexicon().weathers, *lexicon().styles}
    assert {name for name in lexicon().kin.values() if name not in names} == set()
    assert [word for word in lexicon().kin if word in table().meanings] == []


def test_lookalikes_are_neither_known_nor_near():
    assert {"noise", "price", "start"} - set(lexicon().words["lookalikes"]) == {"noise"}  # which has kin
    known = table().meanings.keys() | lexicon().kin.keys()
    assert known.isdisjoint(lexicon().words["lookalikes"])


@pytest.mark.parametrize(
    ("word", "name"),
    [("lorikeet", "parrot"), ("sedan chair", None), ("beagle", "dog"), ("lighthouse", "tower"), ("entity", None)],
)
def test_kin_are_near_enough_for_a_person(word, name):
    assert lexicon().kin.get(word) == name


@pytest.mark.parametrize(
    ("name", "many"),
    [
        ("cat", "cats"),
        ("fish", "fish"),
        ("mouse", "mice"),
        ("cherry", "cherries"),
        ("box", "boxes"),
        ("glasses", "glasses"),
        ("man with turban", "men with turban"),
        ("loaf of bread", "loaves of bread"),
        ("snowman", "snowmen"),
    ],
)
def test_plurals(name, many):
    assert plural(name, lexicon().plurals) == many


def test_the_lexicon_loads_in_a_moment():
    lexicon.cache_clear()
    start = time.process_time()
    lexicon()
    assert time.process_time() - start < 0.1  # 14 ms on a quiet machine
