"""True scenes of the prompts, by the painters whose scenes the small models learned from."""

import random

from PIL import Image

from benchmarks.distractors import Prompt
from benchmarks.world import place_of, thing_of
from clipit.sketching.scene import Scene, Thing
from training.scenes import render


def true_scene(prompt: Prompt, seed: int) -> Image.Image | None:
    """An RGB picture that shows what the prompt says; None where the painters do not know one of its words.

    Raises OSError without the font (Debian package fonts-noto-color-emoji).
    """
    scene = scene_of(prompt)
    return None if scene is None else render(scene, random.Random(f"{seed} {prompt.text}"))


def scene_of(prompt: Prompt) -> Scene | None:
    """The scene that the prompt's slots are, without any reading of its text; None where a word is not known."""
    slots = list(zip(prompt.slots.values(), prompt.pools, strict=True))
    words = {pool: word for word, pool in slots}
    names = [thing_of(word) for word, pool in slots if pool == "things"]
    where = place_of(words["places"]) if "places" in words else {}
    if None in names or where is None:
        return None
    things = (Thing(names[0], words.get("colours")), *map(Thing, names[1:]))
    relation = prompt.say("", "").strip() if prompt.kind == "pairs" else "and"
    return Scene(things, relation, style=words.get("styles"), **where)
