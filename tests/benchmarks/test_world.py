import pytest

from benchmarks.distractors import COUNT, KINDS, STYLES, distractors, with_article
from benchmarks.quality import prompts_of
from benchmarks.world import alike, small_world
from clipit.sketching.lexicon import lexicon

WORLD = small_world()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a puppy", "a dog"),  # synonyms
        ("a bear", "a polar bear"),  # a word within another
        ("an owl", "a bird"), ("a bird", "an owl"),  # more general
        ("in the woods", "in the forest"), ("in the ocean", "underwater"), ("by a volcano", "a volcano"),
    ],
)  # fmt: skip
def test_what_one_picture_may_be_called_is_alike(one, other):
    assert alike(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a cat", "a dog"),
        ("an owl", "a duck"),
        ("a rat", "a pirate"),
        ("in a garden", "in a meadow"),
        ("red", "orange"),
    ],
)
def test_what_is_merely_near_is_not(one, other):
    assert not alike(one, other)


@pytest.mark.parametrize("kind", KINDS)
def test_every_prompt_of_the_lists_has_100_wrong_captions(kind):
    for prompt in prompts_of(kind):
        captions = [caption for group in distractors(prompt, WORLD).values() for caption in group]
        assert len({*captions} - {prompt.text}) == COUNT


def test_no_thing_is_set_against_what_it_may_be_called_as_well():
    for prompt in prompts_of("things"):
        assert not [other for other in distractors(prompt, WORLD)["thing"] if alike(other, prompt.text)]


def test_the_worlds_places_are_there_once_and_its_things_have_articles():
    assert len(WORLD.places) == len({*WORLD.places}) > 40
    assert len(WORLD.things) > 400
    assert {"a cat", "an owl", "a unicorn"} <= {*WORLD.things}


def test_styles_and_colours_are_those_of_the_lexicon():
    assert set(STYLES) == set(lexicon().styles)
    assert set(WORLD.colours) == set(lexicon().colours)


@pytest.mark.parametrize(
    ("noun", "phrase"),
    [
        ("owl", "an owl"),
        ("unicorn", "a unicorn"),
        ("umbrella", "an umbrella"),
        ("UFO", "a UFO"),
        ("hourglass", "an hourglass"),
    ],
)
def test_articles_follow_the_sound(noun, phrase):
    assert with_article(noun) == phrase
