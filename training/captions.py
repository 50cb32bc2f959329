"""Words a scene in one of the many ways in which a person might ask for it."""

import random
import re

from clipit.sketching.lexicon import lexicon, plural
from clipit.sketching.scene import Scene, Thing

NUMBERS = {2: ("two", "2"), 3: ("three", "3"), 4: ("four", "4"), 5: ("five", "5"), 6: ("six", "6")}
LOOSELY = {2: "a pair of", 5: "several"}  # as reading counts them
ADJECTIVES = ("cute", "beautiful", "big", "small", "lovely", "funny", "detailed")
MASKS = ("a picture of {}", "a photo of {}", "an image of {}", "an illustration of {}", "{}, highly detailed")
ARTICLE = re.compile("(an?|the) ")
BEFORE_VOWEL = re.compile(r"\ba(?= [aeiou])")


def caption(scene: Scene, rng: random.Random) -> str:
    """A wording that `clipit.sketching.reading.read` reads back as the scene."""
    words = scene_words(scene, rng)
    if scene.ground is not None:
        words += rng.choice(lexicon().words["grounds"]).format(scene.ground)
    if scene.style is not None:
        words = in_style(pick(lexicon().styles[scene.style]["phrases"], rng), words)
    elif rng.random() < 0.12:
        words = rng.choice(MASKS).format(words)
    return BEFORE_VOWEL.sub("an", words)


def pick(words: list[str], rng: random.Random) -> str:
    """One of them, the first most often."""
    return words[0] if rng.random() < 0.3 else rng.choice(words)


def in_style(phrase: str, words: str) -> str:
    """The phrase filled in; one that stands before the noun takes over its article: "a neon cat"."""
    before, _, after = phrase.partition("{}")
    article = ARTICLE.match(words)
    if before and article and not before.endswith((" of ", ", ")):
        return article[0] + before + words[article.end() :] + after
    return before + words + after


def scene_words(scene: Scene, rng: random.Random) -> str:
    around = circumstances(scene)
    if not scene.things:
        return place_alone(around, rng)
    sunk = scene.place == "underwater" and rng.random() < 0.3
    subject = things_words(scene, rng, "underwater" if sunk else None)
    rest = [phrase_of(*entry, rng) for entry in around if not (sunk and entry[0] == "places")]
    rng.shuffle(rest)
    if len(rest) == 1 and rng.random() < 0.05:
        return f"{rest[0]}, {subject}"
    return " ".join([subject, *rest])


def circumstances(scene: Scene) -> list[tuple[str, str]]:
    """What is said of place, time and weather, as (section of the lexicon, name)."""
    said = [("places", scene.place), ("times", scene.time), ("weathers", scene.weather)]
    return [(section, name) for section, name in said if name is not None]


def phrase_of(section: str, name: str, rng: random.Random) -> str:
    return pick(getattr(lexicon(), section)[name]["phrases"], rng)


def adjectives(section: str, name: str) -> list[str]:
    """Forms that stand before a noun: "snowy", "night"."""
    return getattr(lexicon(), section)[name]["names"][: 2 if section == "weathers" else 1]


def place_alone(around: list[tuple[str, str]], rng: random.Random) -> str:
    """ "a forest at night", "snowy mountains", "at sunset"."""
    (section, name), *others = around
    word = pick(getattr(lexicon(), section)[name]["names"], rng)
    before = [entry for entry in others if rng.random() < 0.4][:1]
    for entry in before:
        word = f"{rng.choice(adjectives(*entry))} {word}"
    after = [phrase_of(*entry, rng) for entry in others if entry not in before]
    return " ".join([with_article(word, rng), *after])


def things_words(scene: Scene, rng: random.Random, adjective: str | None) -> str:
    first, *others = [thing_words(thing, rng, adjective if i == 0 else None) for i, thing in enumerate(scene.things)]
    if len(others) == 1:
        return f"{first} {pick(lexicon().relations[scene.relation], rng)} {others[0]}"
    if others:
        return f"{first}, {', '.join(others[:-1])} and {others[-1]}"
    return first


def thing_words(thing: Thing, rng: random.Random, adjective: str | None = None) -> str:
    entry = lexicon().things[thing.name]
    synonym = entry["synonyms"] and rng.random() < 0.3
    noun = rng.choice(entry["synonyms"]) if synonym else thing.name
    before = [adjective] if adjective else []
    if rng.random() < 0.04:
        before.append(rng.choice(ADJECTIVES))
    if thing.colour is not None:
        before.append(colour_word(thing.colour, rng))
    if thing.count > 1:
        return counted(thing.count, " ".join([*before, plural(noun, lexicon().plurals)]), rng)
    return with_article(" ".join([*before, noun]), rng)


def colour_word(colour: str, rng: random.Random) -> str:
    return colour if rng.random() < 0.8 else rng.choice([colour, *lexicon().colours[colour]["words"]])


def counted(count: int, nouns: str, rng: random.Random) -> str:
    word, digit = NUMBERS[count]
    if count in LOOSELY and rng.random() < 0.15:
        return f"{LOOSELY[count]} {nouns}"
    return f"{digit if rng.random() < 0.2 else word} {nouns}"


def with_article(noun: str, rng: random.Random) -> str:
    if noun.endswith("s") and not noun.endswith(("ss", "us")):
        return rng.choice([noun, noun, f"the {noun}"])
    article = "an" if noun[0] in "aeiou" else "a"
    return rng.choice([f"{article} {noun}", f"{article} {noun}", noun, f"the {noun}"])
