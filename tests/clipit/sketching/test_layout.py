import random

import pytest

from clipit.sketching.layout import FLOATING, FLOOR, lay_out
from clipit.sketching.scene import MOST_COUNTED, RELATIONS, Scene, Thing

CAT, BOX = Thing("cat"), Thing("box")


def laid(*things, seed=0, **scene):
    return lay_out(Scene(things, **scene), random.Random(seed))


def pair(relation, seed, place=None):
    """The cat and the box, the cat standing to the box as the relation says, and which is in front."""
    back, front = laid(CAT, BOX, relation=relation, seed=seed, place=place)
    cat, box = (back, front) if back.thing == CAT else (front, back)
    return cat, box, front.thing


def test_a_scene_of_no_things_lays_nothing():
    assert laid() == []


@pytest.mark.parametrize("seed", range(10))
def test_a_single_thing_is_large_and_near_the_middle(seed):
    (cat,) = laid(CAT, seed=seed)
    assert 0.55 < cat.side < 0.85
    assert abs(cat.x - 0.5) < 0.1 and abs(cat.y - 0.5) < 0.1
    assert not cat.stands


@pytest.mark.parametrize("seed", range(10))
def test_things_stand_on_the_floor_of_a_place(seed):
    (cat,) = laid(CAT, seed=seed, place="forest")
    assert cat.stands
    assert cat.y + cat.side / 2 == pytest.approx(FLOOR, abs=0.05)


@pytest.mark.parametrize("place", sorted(FLOATING))
def test_things_float_where_there_is_no_floor(place):
    (cat,) = laid(CAT, place=place)
    assert not cat.stands


@pytest.mark.parametrize("count", range(1, MOST_COUNTED + 3))
@pytest.mark.parametrize("place", [None, "city"])
def test_as_many_are_laid_as_are_counted_side_by_side(count, place):
    cats = laid(Thing("cat", "red", count), place=place)
    assert len(cats) == min(count, MOST_COUNTED)
    assert all(each.thing == Thing("cat", "red") for each in cats)
    for index, one in enumerate(cats):
        assert one.x - one.side / 3 > 0 and one.x + one.side / 3 < 1
        for other in cats[:index]:
            assert max(abs(one.x - other.x), abs(one.y - other.y)) > 0.6 * one.side


def test_more_than_fit_are_left_out():
    assert len(laid(Thing("cat", count=4), Thing("box", count=4))) == MOST_COUNTED


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("place", [None, "forest"])
def test_relations_are_laid_as_they_are_said(seed, place):
    cat, box, front = pair("on", seed, place)
    assert cat.y < box.y and abs(cat.y + cat.side / 2 - (box.y - box.side / 2)) < 0.1
    cat, box, _ = pair("above", seed, place)
    assert cat.y + cat.side / 2 < box.y - box.side / 2 + 0.05
    cat, box, _ = pair("under", seed, place)
    assert cat.y > box.y
    cat, box, front = pair("in front of", seed, place)
    assert front == CAT and cat.side < box.side
    cat, box, front = pair("behind", seed, place)
    assert front == BOX and box.side < cat.side
    cat, box, front = pair("in", seed, place)
    assert front == CAT and abs(cat.x - box.x) + cat.side / 2 < box.side / 2
    for relation in ("and", "next to"):
        cat, box, _ = pair(relation, seed, place)
        assert abs(cat.x - box.x) > 0.35


def test_every_relation_lays_both_things():
    for relation in RELATIONS:
        assert {each.thing for each in laid(CAT, BOX, relation=relation)} == {CAT, BOX}


def test_another_lot_lays_otherwise_and_the_same_one_the_same():
    assert laid(CAT, seed=1) == laid(CAT, seed=1) != laid(CAT, seed=2)
