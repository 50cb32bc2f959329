import random

import pytest

from benchmarks.distractors import COUNT, KINDS, STYLES, World, distractors, parse

LINES = {
    "things": "a cat",
    "places": "a cat | in the woods",
    "colours": "a red cat",
    "pairs": "a cat | next to | an owl",
    "styles": "a pencil sketch of a cat",
}
NOUNS = [f"thing{number}" for number in range(150)]


def alike(one: str, other: str) -> bool:
    return {one, other} <= {"a cat", "a kitten"} or {one, other} <= {"in the woods", "in the forest"}


WORLD = World(
    things=("a cat", "a kitten", "an owl", *(f"a {noun}" for noun in NOUNS)),
    places=("in the woods", "in the forest", *(f"in place{number}" for number in range(30))),
    colours=("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white", "grey", "teal"),
    alike=alike,
)


def wrong(kind: str) -> dict[str, list[str]]:
    return distractors(parse(kind, LINES[kind]), WORLD)


@pytest.mark.parametrize("kind", KINDS)
def test_a_prompt_has_100_different_distractors_and_never_itself(kind):
    captions = [caption for group in wrong(kind).values() for caption in group]
    assert len(captions) == len({*captions}) == COUNT
    assert parse(kind, LINES[kind]).text not in captions


@pytest.mark.parametrize("kind", KINDS)
def test_no_distractor_has_a_synonym_in_the_place_of_what_is_right(kind):
    captions = [caption for group in wrong(kind).values() for caption in group]
    assert not [caption for caption in captions if "kitten" in caption or "forest" in caption]


@pytest.mark.parametrize("kind", KINDS)
def test_distractors_are_the_same_every_time_whatever_was_drawn_before(kind):
    first = wrong(kind)
    random.random()
    assert wrong(kind) == first


def test_distractors_of_a_place_are_wrong_in_the_thing_in_the_place_or_in_both():
    groups = wrong("places")
    assert {name: len(group) for name, group in groups.items()} == {"thing": 50, "place": 30, "both": 20}
    assert all(caption.endswith(" in the woods") and "cat" not in caption for caption in groups["thing"])
    assert all(caption.startswith("a cat in place") for caption in groups["place"])
    assert not any("cat" in caption or "woods" in caption for caption in groups["both"])


def test_distractors_of_a_colour_are_all_others_and_other_things_in_it():
    groups = wrong("colours")
    assert set(groups) == {"colour", "thing"}
    assert "an orange cat" in groups["colour"] and len(groups["colour"]) == 11
    assert all(caption.startswith("a red thing") or caption == "a red owl" for caption in groups["thing"])


def test_distractors_of_a_pair_keep_its_relation_and_one_of_its_things_or_none():
    groups = wrong("pairs")
    assert all(caption.endswith(" next to an owl") for caption in groups["first"])
    assert all(caption.startswith("a cat next to ") for caption in groups["second"])
    assert not any("cat" in caption or "owl" in caption for caption in groups["both"])


def test_distractors_of_a_style_are_all_others_in_the_same_wording():
    groups = wrong("styles")
    assert len(groups["style"]) == len(STYLES) - 1
    assert "a watercolour of a cat" in groups["style"]
    after = distractors(parse("styles", "a cat, pencil sketch"), WORLD)
    assert "a cat, watercolour" in after["style"]


@pytest.mark.parametrize("style", STYLES)
def test_both_wordings_of_a_style_are_read_back(style):
    for wording in STYLES[style]:
        assert parse("styles", wording.format("a cat")).slots == {"style": style, "thing": "a cat"}


def test_a_wording_that_is_no_style_is_refused():
    with pytest.raises(ValueError, match="none of the styles"):
        parse("styles", "a cat")
