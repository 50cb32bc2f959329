import random

import numpy as np
import pytest

from clipit.sketching.layout import BEHIND, FLOATING
from clipit.sketching.lexicon import lexicon
from training.painters.painting import SIDE
from training.places import PLACES


def painted(name: str, seed: int) -> np.ndarray:
    return np.asarray(PLACES[name](random.Random(seed)))


def test_there_is_a_painter_for_every_place_of_the_lexicon():
    assert set(PLACES) == set(lexicon().places)
    assert len(PLACES) == 39


def test_the_layout_knows_the_places():
    assert set(PLACES) >= FLOATING
    assert BEHIND in set(PLACES) - FLOATING


@pytest.mark.parametrize("name", PLACES)
def test_a_place_is_opaque_and_fills_the_side(name):
    picture = PLACES[name](random.Random(0))
    assert (picture.mode, picture.size) == ("RGB", (SIDE, SIDE))


@pytest.mark.parametrize("name", PLACES)
def test_the_same_seed_paints_the_same_place_and_another_seed_another(name):
    assert np.array_equal(painted(name, 1), painted(name, 1))
    assert not np.array_equal(painted(name, 1), painted(name, 2))


@pytest.mark.parametrize("name", PLACES)
def test_a_place_does_not_depend_on_what_was_painted_before(name):
    first = painted(name, 3)
    PLACES["space"](random.Random(8))
    random.seed(5)
    assert np.array_equal(first, painted(name, 3))


def test_no_two_places_look_alike_around_a_thing_in_the_middle():
    margin = np.ones((8, 8), bool)
    margin[2:6, 2:6] = False
    small = {name: painted(name, 4).reshape(8, SIDE // 8, 8, SIDE // 8, 3).mean((1, 3))[margin] for name in PLACES}
    for name, seen in small.items():
        for other, also in small.items():
            if name < other:
                assert np.abs(seen - also).mean() > 8, (name, other)
