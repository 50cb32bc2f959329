import random
from dataclasses import replace

import numpy as np
import pytest

from clipit.sketching.lexicon import lexicon
from clipit.sketching.reading import read
from clipit.sketching.scene import Scene, Thing
from training import dataset
from training.dataset import LABELS, altered, labelled
from training.scenes_by_lot import random_scene


def test_a_set_comes_back_with_its_texts_and_labels_and_the_same_for_the_same_seed(tmp_path, shown):
    for name, seed in (("first", 1), ("again", 1), ("other", 2), ("first", 2)):  # a finished set is kept
        dataset.build(tmp_path / name, shown, 5, seed, 16)
    (images, texts, labels), again, other = (dataset.load(tmp_path / name) for name in ("first", "again", "other"))
    assert (images.shape, images.dtype) == ((5, 16, 16, 3), np.uint8)
    assert labels.shape == (5, len(LABELS))
    assert [len(said) for said in texts] == [3] * 5
    assert np.array_equal(images, again[0]) and texts == again[1] and np.array_equal(labels, again[2])
    assert texts != other[1]


@pytest.mark.parametrize("seed", range(30))
def test_an_altered_scene_differs_in_one_respect(seed):
    lot = random.Random(seed)
    scene = random_scene(lot)
    other = altered(scene, lot)
    differing = [name for name in vars(scene) if getattr(scene, name) != getattr(other, name)]
    assert len(differing) == 1
    if differing == ["things"]:
        pairs = zip(scene.things, other.things, strict=True)
        assert sum(getattr(a, name) != getattr(b, name) for a, b in pairs for name in vars(a)) == 1


def test_an_empty_scene_can_be_altered_too():
    assert altered(Scene(), random.Random(0)) != Scene()


def test_labels_count_as_the_lexicon_lists():
    words = lexicon()
    scene = replace(read("a red cat next to a dog in the forest at night, watercolour").scene, weather="rain")
    assert scene.things == (Thing("cat", "red"), Thing("dog"))
    lists = (words.things, words.things, words.things, words.places, words.times, words.weathers, words.styles,
             words.colours)  # fmt: skip
    names = ("cat", "dog", None, "forest", "night", "rain", "watercolour", "red")
    assert [list(each)[n] if n >= 0 else None for each, n in zip(lists, labelled(scene), strict=True)] == list(names)
