"""Random scenes in the mix that training shows."""

import random
from functools import cache

from clipit.sketching.lexicon import lexicon
from clipit.sketching.scene import MOST_COUNTED, RELATIONS, Scene, Thing

KINDS = {"one": 70, "two": 12, "counted": 6, "none": 6, "three": 2}  # things in a scene, by weight
NO_WEATHER = ("underwater", "coral reef", "space", "moon", "planet", "volcano", "cave", "library", "kitchen", "bedroom",
              "room", "stage", "castle hall")  # nor time of day  # fmt: skip
SINKABLE = ("city", "forest", "castle hall", "garden", "street", "village", "room")


@cache
def names_and_weights() -> tuple[list[str], list[float]]:
    things = lexicon().things
    return list(things), [thing["weight"] for thing in things.values()]


def random_scene(rng: random.Random) -> Scene:
    kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
    things = random_things(rng, kind)
    place = rng.choice(list(lexicon().places)) if kind == "none" or rng.random() < 0.5 else None
    time, weather = random_sky(rng, place)
    bare = place is None and time is None and weather is None
    return Scene(
        things=things,
        relation=rng.choice(RELATIONS) if kind == "two" else "and",
        place=place,
        time=time,
        weather=weather,
        style=rng.choice(list(lexicon().styles)) if rng.random() < 0.3 else None,
        ground=random_ground(rng, things) if bare and rng.random() < 0.1 else None,
    )


def random_things(rng: random.Random, kind: str) -> tuple[Thing, ...]:
    wanted, names = {"none": 0, "two": 2, "three": 3}.get(kind, 1), []
    while len(names) < wanted:
        name = rng.choices(*names_and_weights())[0]
        if name not in names:
            names.append(name)
    count = rng.randint(2, MOST_COUNTED) if kind == "counted" else 1
    return tuple(Thing(name, random_colour(rng, name), count) for name in names)


def random_colour(rng: random.Random, name: str) -> str | None:
    if lexicon().things[name].get("tint", True) and rng.random() < 0.18:
        return rng.choice(list(lexicon().colours))
    return None


def random_ground(rng: random.Random, things: tuple[Thing, ...]) -> str:
    """A colour that the things do not have, so that they are seen."""
    return rng.choice([colour for colour in lexicon().colours if colour not in {thing.colour for thing in things}])


def random_sky(rng: random.Random, place: str | None) -> tuple[str | None, str | None]:
    """Time of day and weather; water only where the eye knows that it does not belong."""
    weathers = [weather for weather in lexicon().weathers if weather != "underwater"]
    if place in SINKABLE and rng.random() < 0.06:
        return None, "underwater"
    if place in NO_WEATHER:
        return None, None
    time = rng.choice(list(lexicon().times)) if rng.random() < 0.14 else None
    return time, rng.choice(weathers) if rng.random() < 0.12 else None
