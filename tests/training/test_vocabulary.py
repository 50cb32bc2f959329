import json
import re
from collections import Counter

import pytest

from training.vocabulary import LEFT_OUT, THINGS, thing_name

PROPER = {"Christmas tree", "Japanese dolls", "Mrs. Claus", "Tokyo tower", "map of Japan"}


@pytest.fixture(scope="module")
def things():
    return json.loads(THINGS.read_text(encoding="utf8"))


def test_the_small_world_is_not_too_small(things):
    assert len(things) >= 500


def test_every_glyph_belongs_to_one_thing(things):
    glyphs = Counter(glyph for thing in things.values() for glyph in thing["glyphs"])
    assert {glyph: count for glyph, count in glyphs.items() if count > 1} == {}
    assert all(len(glyph) == 1 for glyph in glyphs)  # no joined sequences, no variation selectors


def test_every_thing_can_be_seen(things):
    assert [name for name, thing in things.items() if not thing["glyphs"]] == []


def test_names_are_lower_case_or_proper(things):
    assert {name for name in things if name != name.lower()} <= PROPER
    assert [name for name in things if re.search(r"[:,;|]|^\s|\s$", name)] == []


def test_a_synonym_is_no_thing_of_its_own(things):
    for name, thing in things.items():
        assert thing["synonyms"] == sorted(set(thing["synonyms"]))
        assert not {name} & set(thing["synonyms"])


@pytest.mark.parametrize("name", ["castle", "robot", "cat", "rose", "sailboat", "whale", "unicorn"])
def test_what_everyone_asks_for_is_there(things, name):
    assert name in things


@pytest.mark.parametrize(
    ("name", "subgroup", "short"),
    [
        ("cat face", "animal-mammal", "cat"),
        ("clown face", "face-costume", "clown face"),
        ("hamburger", "food", "burger"),
    ],
)
def test_names_are_the_commoner_words(name, subgroup, short):
    assert thing_name(name, subgroup) == short


@pytest.mark.parametrize("name", ["cityscape", "sunset", "keycap: foggy"])
def test_pictures_of_places_are_left_out(name):
    assert LEFT_OUT.search(name)


@pytest.mark.parametrize("name", ["castle", "swordfish", "butterfly"])
def test_things_are_not_left_out_for_a_part_of_their_name(name):
    assert not LEFT_OUT.search(name)
