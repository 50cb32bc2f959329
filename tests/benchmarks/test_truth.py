import pytest

from benchmarks.distractors import KINDS, Prompt, parse
from benchmarks.quality import prompts_of
from benchmarks.truth import scene_of
from clipit.sketching.scene import Scene, Thing


def scene(kind: str, line: str) -> Scene | None:
    return scene_of(parse(kind, line))


def test_the_scene_of_a_prompt_has_what_its_slots_say():
    assert scene("things", "a puppy") == Scene((Thing("dog"),))
    assert scene("places", "a cat | in the woods") == Scene((Thing("cat"),), place="forest")
    assert scene("places", "a cat | at night") == Scene((Thing("cat"),), time="night")
    assert scene("places", "a car | in the rain") == Scene((Thing("car"),), weather="rain")
    assert scene("colours", "a red cat") == Scene((Thing("cat", "red"),))
    assert scene("pairs", "a cat | on | a bed") == Scene((Thing("cat"), Thing("bed")), "on")
    assert scene("styles", "a cat, unreal engine") == Scene((Thing("cat"),), style="3d render")


def test_there_is_none_where_a_word_is_not_known():
    assert scene("things", "a flumph") is None
    assert scene("places", "a cat | in the flumph") is None


@pytest.mark.parametrize("kind", KINDS)
def test_most_prompts_of_the_lists_have_one(kind):
    prompts: list[Prompt] = prompts_of(kind)
    assert sum(scene_of(prompt) is not None for prompt in prompts) >= 0.9 * len(prompts)
