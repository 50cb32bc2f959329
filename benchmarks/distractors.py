"""What a judge could mistake a picture for: prompts taken apart, and 100 wrong captions of the same form for each.

things   a cat                          100 other things
places   a camel | in the desert        50 other things there, 40 times it elsewhere, 10 others elsewhere
colours  a red car                      it in the 11 other colours, 89 other things in that colour
pairs    a cat | and | a dog            40 with the first one wrong, 40 with the second, 20 with both
styles   a pencil sketch of a lion      it in the 21 other styles, 40 other things in that style, 39 others in others

Other things are everyday ones of the lexicon, drawn by the prompt's own seed; none is the right one, a synonym of it or
something that the right picture may be called as well.
"""

import random
import re
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

COUNT = 100
# Captions with the first, with the second slot alone wrong; both are wrong in the rest.
SHARES = {"places": (50, 40), "colours": (11, 89), "pairs": (40, 40), "styles": (21, 40)}
KINDS = ("things", "places", "colours", "pairs", "styles")

# How people ask for a style: before the thing, and after it.
STYLES: Mapping[str, tuple[str, str]] = {
    "pixel art": ("pixel art of {}", "{}, pixel art"),
    "pencil sketch": ("a pencil sketch of {}", "{}, pencil sketch"),
    "watercolour": ("a watercolour of {}", "{}, watercolour"),
    "oil painting": ("an oil painting of {}", "{}, oil painting"),
    "low poly": ("low poly art of {}", "{}, low poly"),
    "charcoal drawing": ("a charcoal drawing of {}", "{}, charcoal drawing"),
    "neon": ("neon art of {}", "{}, neon"),
    "3d render": ("a 3D render of {}", "{}, unreal engine"),
    "trending on artstation": ("concept art of {}", "{}, trending on artstation"),
    "black and white": ("a black and white photo of {}", "{}, black and white"),
    "ukiyo-e": ("a ukiyo-e print of {}", "{}, ukiyo-e"),
    "stained glass": ("a stained glass window of {}", "{}, stained glass"),
    "line art": ("a line drawing of {}", "{}, line art"),
    "pop art": ("pop art of {}", "{}, pop art"),
    "mosaic": ("a mosaic of {}", "{}, mosaic"),
    "pastel": ("a pastel drawing of {}", "{}, pastel"),
    "vintage photo": ("a vintage photo of {}", "{}, vintage photo"),
    "comic book": ("comic book art of {}", "{}, comic book"),
    "blueprint": ("a blueprint of {}", "{}, blueprint"),
    "impressionism": ("an impressionist painting of {}", "{}, impressionism"),
    "cartoon sticker": ("a cartoon sticker of {}", "{}, cartoon sticker"),
    "crayon drawing": ("a crayon drawing of {}", "{}, crayon drawing"),
}


class World(NamedTuple):
    """What captions are made of: everyday things ("a cat"), places ("in the desert"), colours, and what are synonyms.

    `alike(a, b)` tells whether one picture may be called both, things as well as places.
    """

    things: tuple[str, ...]
    places: tuple[str, ...]
    colours: tuple[str, ...]
    alike: Callable[[str, str], bool]


class Prompt(NamedTuple):
    """A prompt taken apart. `slots` are what must be right, by name; `say` words a caption with others in their place.

    `pools` tells for each slot from which of the world's lists others are drawn; styles have their own.
    """

    kind: str
    text: str
    slots: Mapping[str, str]
    pools: tuple[str, ...]
    say: Callable[..., str]


def parse(kind: str, line: str) -> Prompt:
    """A line of the list of this kind. Raises ValueError where it has another form."""
    return _PARSERS[kind](line)


def distractors(prompt: Prompt, world: World) -> dict[str, list[str]]:
    """COUNT captions in all, by what is wrong in them: the name of a slot or "both"."""
    rng = random.Random(prompt.text)  # the same ones on every machine and in any selection of prompts
    pools = [_others(slot, prompt, world) for slot in prompt.pools]
    right = list(prompt.slots.values())
    if len(right) == 1:
        return {"thing": [prompt.say(other) for other in rng.sample(pools[0], COUNT)]}
    most_first, most_second = SHARES[prompt.kind]
    first = [prompt.say(other, right[1]) for other in _some(rng, pools[0], most_first)]
    second = [prompt.say(right[0], other) for other in _some(rng, pools[1], most_second)]
    both = _pairs(rng, pools, COUNT - len(first) - len(second))
    groups = (first, second, [prompt.say(*pair) for pair in both])
    return {name: captions for name, captions in zip((*prompt.slots, "both"), groups, strict=True) if captions}


def with_article(noun: str) -> str:
    """By the sound that it begins with: an owl, a unicorn."""
    return f"an {noun}" if re.match(r"(?!uni|eu|ufo|one)[aeiou]|hour|x-ray", noun.lower()) else f"a {noun}"


def _others(kind: str, prompt: Prompt, world: World) -> list[str]:
    """What may stand in a slot of this kind and be wrong: no slot's own word and nothing like it."""
    every: Collection[str] = STYLES if kind == "styles" else getattr(world, kind)
    right = prompt.slots.values()
    return [other for other in every if not any(other == own or world.alike(other, own) for own in right)]


def _some(rng: random.Random, pool: list[str], most: int) -> list[str]:
    return rng.sample(pool, min(most, len(pool)))


def _pairs(rng: random.Random, pools: list[list[str]], count: int) -> list[tuple[str, str]]:
    """So many different pairs of different words."""
    found: dict[tuple[str, str], None] = {}
    while len(found) < count:
        first, second = (rng.choice(pool) for pool in pools)
        if first != second:
            found[first, second] = None
    return list(found)


def _thing(line: str) -> Prompt:
    return Prompt("things", line, {"thing": line}, ("things",), "{}".format)


def _place(line: str) -> Prompt:
    thing, place = line.split(" | ")
    return Prompt("places", f"{thing} {place}", {"thing": thing, "place": place}, ("things", "places"), "{} {}".format)


def _colour(line: str) -> Prompt:
    _, colour, noun = line.split(" ", 2)

    def say(colour: str, thing: str) -> str:
        return with_article(f"{colour} {thing.split(' ', 1)[1]}")

    return Prompt("colours", line, {"colour": colour, "thing": with_article(noun)}, ("colours", "things"), say)


def _pair(line: str) -> Prompt:
    first, relation, second = line.split(" | ")
    slots = {"first": first, "second": second}
    return Prompt("pairs", f"{first} {relation} {second}", slots, ("things", "things"), f"{{}} {relation} {{}}".format)


def _style(line: str) -> Prompt:
    for style, wordings in STYLES.items():
        for where, wording in enumerate(wordings):
            if found := re.fullmatch(re.escape(wording).replace(r"\{\}", "(.+)"), line):
                return Prompt(
                    "styles", line, {"style": style, "thing": found[1]}, ("styles", "things"), _in_style(where)
                )
    raise ValueError(f"{line!r} has none of the styles' wordings")


def _in_style(where: int) -> Callable[[str, str], str]:
    def say(style: str, thing: str) -> str:
        wording = STYLES[style][where]
        return wording.format(thing)

    return say


_PARSERS = {"things": _thing, "places": _place, "colours": _colour, "pairs": _pair, "styles": _style}
