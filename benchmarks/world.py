"""What distractors are made of: the lexicon's everyday things, its places and colours, and what is called the same."""

import re
from collections import defaultdict
from functools import cache

from benchmarks.distractors import World, with_article
from clipit.sketching.lexicon import lexicon

EVERYDAY = 3.0  # the weight of things that training shows most
UNCOUNTED = """
bacon badminton bamboo bowling bread broccoli butter candy cd cereal champagne couple dna earth family garlic ginger
hamsa herb honey infinity lacrosse lightning mate meat milk money poo popcorn rice sake salt spaghetti sushi tea wheat
whisky wine yarn
""".split()  # noqa: SIM905 - shorter than forty lines

# What stands on the right may often be called what stands on the left as well: things, then places, by their names.
GENERAL = {
    "bird": "owl penguin eagle duck parrot swan dove crow flamingo chicken rooster chick goose turkey peacock seagull",
    "fish": "shark koi blowfish",
    "flower": "rose sunflower tulip hibiscus lotus hyacinth bouquet",
    "boat": "sailboat ship ferry speedboat canoe",
    "car": "taxi ambulance",
    "truck": "tractor",
    "dinosaur": "brontosaurus",
    "tower": "skyscraper castle",
    "building": "house castle church skyscraper hotel hospital school bank factory shop tower hut mosque temple",
    "person": "man woman boy girl baby child king queen astronaut cowboy wizard witch clown doctor farmer",
    "man": "king cowboy wizard astronaut",
    "woman": "queen witch mermaid",
    "phone": "telephone",
    "train": "tram metro",
    "hat": "crown",
    "planet": "earth moon",
    "forest": "jungle autumn_forest",
    "snow": "arctic snowfall",
    "ocean": "underwater coral_reef",
    "underwater": "coral_reef",
    "beach": "island",
    "city": "street",
    "street": "road",
    "room": "bedroom",
    "space": "moon planet",
    "meadow": "hills",
    "rain": "storm",
    "sunset": "dawn",
}


def small_world() -> World:
    """The lexicon's everyday things of one word, every place, time and weather but noon, and every colour."""
    known = lexicon()
    nouns = [name for name, thing in known.things.items() if thing["weight"] >= EVERYDAY and _is_one_thing(name)]
    wheres = {**known.places, **known.times, **known.weathers}
    phrases = [where["phrases"][0] for name, where in wheres.items() if name != "noon"]  # noon is anywhere in the open
    return World(tuple(map(with_article, nouns)), tuple(dict.fromkeys(phrases)), tuple(known.colours), alike)


@cache
def alike(one: str, other: str) -> bool:
    """Whether a picture may be called both: by synonyms, or because one is a more general word."""
    first, second = _bare(one), _bare(other)
    if re.search(rf"\b{re.escape(first)}\b", second) or re.search(rf"\b{re.escape(second)}\b", first):
        return True  # "a bear", "a polar bear"
    ours, theirs = _names(first), _names(second)
    return bool(ours & theirs or _wider(ours) & theirs or _wider(theirs) & ours)


def thing_of(words: str) -> str | None:
    """The lexicon's name for a thing, not for its kin."""
    things, bare = lexicon().things, _bare(words)
    for word in (bare, f"{bare}s"):
        if found := [name for name, thing in things.items() if word == name or word in thing["synonyms"]]:
            return min(found, key=lambda name: name != word)
    return None


def place_of(words: str) -> dict[str, str] | None:
    """The field of a Scene and the name that a phrase such as "in the woods" or "at night" stands for."""
    known = lexicon()
    for field, wheres in (("place", known.places), ("time", known.times), ("weather", known.weathers)):
        for name, where in wheres.items():
            if words in where["phrases"]:
                return {field: name}
    return None


def _is_one_thing(name: str) -> bool:
    plural = name.endswith("s") and not name.endswith(("ss", "us"))
    return not plural and " " not in name and name not in UNCOUNTED


def _bare(words: str) -> str:
    return re.sub(r"^(a|an|the) ", "", words.lower())


def _names(words: str) -> frozenset[str]:
    """The lexicon's names for these words or their plural, with their glyphs; the words where it has none."""
    return _called().get(words) or _called().get(f"{words}s") or frozenset([words])


@cache
def _wider(names: frozenset[str]) -> frozenset[str]:
    """More general names for what has these names."""
    members = {name.replace(" ", "_") for name in names}
    return frozenset(general for general, under in GENERAL.items() if not members.isdisjoint(under.split()))


@cache
def _called() -> dict[str, frozenset[str]]:
    """Every wording of things, places, times and weathers -> their names and glyphs."""
    known, called = lexicon(), defaultdict(set)
    for name, thing in known.things.items():
        for word in (name, *thing["synonyms"]):
            called[word] |= {name, *thing["glyphs"]}
    for name, where in {**known.places, **known.times, **known.weathers}.items():
        for words in (*where["phrases"], *where["names"]):
            called[_bare(words)].add(name)
    for word, name in known.kin.items():
        called[word].add(name)
    return {word: frozenset(names) for word, names in called.items()}
