import random

import pytest

from clipit.sketching.lexicon import lexicon
from clipit.sketching.reading import read
from clipit.sketching.scene import MOST_COUNTED, Scene, Thing
from training.captions import caption
from training.scenes_by_lot import random_scene


def captions_of(scene, times=300):
    rng = random.Random(0)
    return {caption(scene, rng) for _ in range(times)}


def test_captions_read_back_as_their_scenes():
    rng = random.Random(1)
    scenes = [random_scene(rng) for _ in range(3000)]
    readings = [read(caption(scene, rng)) for scene in scenes]
    same = sum(reading.scene == scene and not reading.unknown for scene, reading in zip(scenes, readings, strict=True))
    assert same >= 0.995 * len(scenes)


def test_a_thing_is_said_in_many_ways():
    said = captions_of(Scene((Thing("boat", "blue"),)))
    assert {"a blue boat", "the blue boat", "blue boat", "a blue sailboat"} <= said
    assert not any("a orange" in words or "a umbrella" in words for words in captions_of(Scene((Thing("umbrella"),))))


def test_places_alone_are_said():
    said = captions_of(Scene(place="forest", time="night"))
    assert {"a forest at night", "a night forest"} <= said


def test_counts_are_said_in_words_and_digits():
    said = captions_of(Scene((Thing("mouse", count=3),)))
    assert {"three mice", "3 mice"} <= said


def test_a_style_before_the_noun_takes_its_article():
    said = captions_of(Scene((Thing("cat"),), style="neon"), 1000)
    assert "a neon cat" in said
    assert not any(words.startswith(("neon a ", "neon the ")) for words in said)


@pytest.mark.parametrize("section", ["places", "times", "weathers", "styles", "colours", "things"])
def test_chance_leaves_nothing_out(section):
    rng = random.Random(0)
    met = set()
    for _ in range(12_000):
        scene = random_scene(rng)
        met |= {scene.place, scene.time, scene.weather, scene.style, scene.ground}
        met |= {name for thing in scene.things for name in (thing.name, thing.colour)}
    often = {name for name, entry in getattr(lexicon(), section).items() if section != "things" or entry["weight"] == 3}
    assert len(often - met) <= 0.01 * len(often)


def test_scenes_by_lot_make_sense():
    rng = random.Random(0)
    for scene in [random_scene(rng) for _ in range(3000)]:
        assert scene.things or scene.place
        assert len({thing.name for thing in scene.things}) == len(scene.things) <= 3
        assert all(1 <= thing.count <= MOST_COUNTED for thing in scene.things)
        assert all(lexicon().things[thing.name].get("tint", True) for thing in scene.things if thing.colour)
        assert not (scene.ground and (scene.place or scene.time or scene.weather))
        assert not (scene.place in ("space", "kitchen") and (scene.time or scene.weather))
        assert scene.relation == "and" or len(scene.things) == 2
