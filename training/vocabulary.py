"""Gathers the words of the small world from Unicode's emoji, CLDR's keywords, WordNet and the lists in words/.

Writes `clipit/sketching/lexicon.json`, which is in the repository, so that nobody else needs the sources:

    python -m training.vocabulary      (Debian packages unicode-data, unicode-cldr-core and wordnet-base)
"""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from clipit.sketching.lexicon import LEXICON, Lexicon, plural
from training.kinship import WordNet, kin_of_things
from training.lookalikes import lookalikes

EMOJI_TEST = Path("/usr/share/unicode/emoji/emoji-test.txt")
ANNOTATIONS = Path("/usr/share/unicode/cldr/common/annotations/en.xml")
WORDNET = Path("/usr/share/wordnet")
WORDS = Path(__file__).with_name("words")

SELDOM = ("Symbols", "Flags", "time")  # groups or subgroups that training shows seldom
UNTINTED = ("Symbols", "Flags", "time", "People & Body", "Smileys & Emotion")
TINTED = ("face-costume", "heart", "person-fantasy", "geometric", "body-parts")
KINDS = {  # group -> WordNet's lexicographer files in which its things are found
    "Animals & Nature": ("animal", "plant", "food"),
    "Food & Drink": ("food", "plant", "artifact", "animal"),
    "Travel & Places": ("artifact", "object", "phenomenon"),
    "Activities": ("artifact", "act", "object"),
    "Objects": ("artifact", "object", "communication", "possession", "substance"),
    "People & Body": ("person", "body", "group", "artifact"),
    "Smileys & Emotion": ("person", "body", "shape", "cognition"),
    "Symbols": ("shape", "artifact", "communication"),
}


class Emoji(NamedTuple):
    name: str
    group: str
    subgroup: str


def emoji_list(text: str) -> dict[str, Emoji]:
    """Glyph -> its entry in emoji-test.txt; fully qualified ones without skin tones, in Unicode's order."""
    emoji, group, subgroup = {}, "", ""
    for line in text.splitlines():
        if line.startswith("# group: "):
            group = line.removeprefix("# group: ")
        elif line.startswith("# subgroup: "):
            subgroup = line.removeprefix("# subgroup: ")
        match = re.match(r"[0-9A-F ]+; fully-qualified +# (\S+) E[\d.]+ (.*)", line)
        if match and "skin tone" not in match[2]:
            emoji[match[1]] = Emoji(match[2], group, subgroup)
    return emoji


def keyword_list(xml: str) -> dict[str, list[str]]:
    """Glyph without variation selectors -> CLDR's English keywords."""
    return {
        entry.get("cp"): [word.strip() for word in entry.text.split("|")]
        for entry in ElementTree.fromstring(xml).iter("annotation")
        if entry.get("type") is None and entry.text
    }


class ByHand(NamedTuple):
    things: dict[str, tuple[list[str], list[str], float]]  # name -> glyphs, synonyms, weight
    left_out: set[str]


def hand_list(text: str) -> ByHand:
    """Reads words/things.txt; its head tells the format."""
    things, left_out, weight = {}, set(), 1.0
    for line in filter(None, map(str.strip, text.splitlines())):
        if heading := re.match(r"\[([\d.]+)\]", line):
            weight = float(heading[1])
        elif line.startswith("leave out:"):
            left_out.update(line.removeprefix("leave out:").split())
        elif not line.startswith("#"):
            name, _, rest = line.partition(": ")
            glyphs, _, synonyms = rest.partition("|")
            things[name] = glyphs.split(), [word.strip() for word in synonyms.split(",") if word.strip()], weight
    return ByHand(things, left_out)


def plain(name: str) -> str:
    """Unicode's name as words that a person may type: "flag: Chad" -> "flag of chad"."""
    name = re.sub("[“”!]", "", name.lower()).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").replace("&", "and")
    name = re.sub(r"(.*) button \((.*)\)", r"\2 \1 button", name)
    name = re.sub(r"^(.*)-thirty$", r"clock at half past \1", re.sub(r"^(.* o'clock)$", r"clock at \1", name))
    name = re.sub(r"^flag: (.*?)(?: sar china| \(.*\))?$", r"flag of \1", name)
    return re.sub(r"[:,.()]", "", re.sub(r"^(person|man|woman): (.*)$", r"\1 with \2", name))


NO_SYNONYMS = (
    "board",
    "curve",
    "attraction",
    "opening",
    "prize",
    "closet",
    "barrier",
)  # too wide, though CLDR has them
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def unicode_name(emoji: Emoji) -> str:
    if keycap := re.match(r"keycap: (\S+)", emoji.name):
        return {"#": "hash sign", "*": "asterisk"}.get(keycap[1]) or f"number {DIGITS[int(keycap[1])]}"
    return plain(emoji.name) + (" sign" if emoji.subgroup == "zodiac" else "")


def all_things(emoji: dict[str, Emoji], by_hand: ByHand) -> dict[str, dict]:
    """Name -> its entry: first what is named by hand, then every other glyph under Unicode's name."""
    things, shown = {}, set(by_hand.left_out)
    for name, (glyphs, synonyms, weight) in by_hand.things.items():
        things[name] = {"glyphs": glyphs, "synonyms": synonyms, "weight": weight}
        shown.update(glyphs)
    for glyph in emoji.keys() - shown:
        weight = 0.25 if {emoji[glyph].group, emoji[glyph].subgroup} & set(SELDOM) else 1.0
        things.setdefault(unicode_name(emoji[glyph]), {"glyphs": [], "synonyms": [], "weight": weight})
    for glyph in emoji:
        if glyph not in shown:
            things[unicode_name(emoji[glyph])]["glyphs"].append(glyph)
    for thing in things.values():
        first = emoji[thing["glyphs"][0]]
        if {first.group, first.subgroup} & set(UNTINTED) and first.subgroup not in TINTED:
            thing["tint"] = False
    return dict(sorted(things.items()))


def claimed_words(phrases: dict) -> Iterator[str]:
    """What already means a place, time, weather, style or count, and no thing."""
    for section in ("places", "times", "weathers"):
        for entry in phrases[section].values():
            yield from entry["phrases"]
            yield from entry["names"]
    yield from (word for style in phrases["styles"].values() for word in style["words"])
    yield from phrases["styles"]
    yield from (word for words in phrases["relations"].values() for word in words)
    yield from phrases["counts"]
    yield from phrases["words"]["articles"] + phrases["words"]["stops"]


def settle_synonyms(
    things: dict[str, dict],
    candidates: Iterable[tuple[str, list[str]]],
    taken: Iterable[str],
    colours: Collection[str],
    irregular: dict[str, str],
) -> None:
    """Gives each word to the first thing that wants it, unless it, or its plural, already means something.

    A plural may be the name of another thing: "sword" leads to the dagger, while "swords" are crossed.
    """
    owner = dict.fromkeys([*taken, *colours], "")
    for name in things:
        owner[name] = owner[plural(name, irregular)] = name
    for name, words in candidates:
        for word in words:
            forms = {word, *({plural(word, irregular)} - things.keys())}
            first, _, rest = word.partition(" ")
            tinted = first in colours and rest in owner  # "green tea" is tea that is green
            if word != name and not tinted and all(owner.get(form, name) == name for form in forms):
                things[name]["synonyms"].append(word)
                owner.update(dict.fromkeys(forms, name))
    for thing in things.values():
        thing["synonyms"].sort()


def cldr_synonyms(name: str, thing: dict, keywords: dict[str, list[str]], owners: Counter, net: WordNet) -> list[str]:
    """Keywords that no other thing has and that WordNet holds for the same thing, or for a kind or a genus of it."""
    words = {word.lower() for glyph in thing["glyphs"] for word in keywords.get(glyph.replace("\ufe0f", ""), [])}
    nouns = [
        word
        for word in sorted(words - {name})
        if owners[word] == 1 and not word.endswith("ing") and word not in NO_SYNONYMS
    ]
    return [word for word in nouns if net.are_close(word, name)]


def gather() -> dict:
    emoji = emoji_list(EMOJI_TEST.read_text(encoding="utf8"))
    keywords = keyword_list(ANNOTATIONS.read_text(encoding="utf8"))
    phrases = tomllib.loads((WORDS / "phrases.toml").read_text(encoding="utf8"))
    net = WordNet(WORDNET)
    things = all_things(emoji, hand_list((WORDS / "things.txt").read_text(encoding="utf8")))
    owners = Counter(
        word
        for thing in things.values()
        for word in {w.lower() for g in thing["glyphs"] for w in keywords.get(g.replace("\ufe0f", ""), [])}
    )
    wanted = {name: thing["synonyms"] for name, thing in things.items()}
    also = {name: cldr_synonyms(name, thing, keywords, owners, net) for name, thing in things.items()}
    for thing in things.values():
        thing["synonyms"] = []
    colours = [word for name, entry in phrases["colours"].items() for word in [name, *entry["words"]]]
    taken = [*claimed_words(phrases)]
    settle_synonyms(things, [*wanted.items(), *also.items()], taken, colours, phrases["plurals"])
    nouns = [word for name, thing in things.items() for word in [name, *thing["synonyms"]]]
    known = {*nouns, *taken, *colours, *(plural(word, phrases["plurals"]) for word in nouns)}
    known = {word.replace("-", " ") for word in known}
    words = phrases["words"]
    words["fillers"] = [word for word in words["fillers"] if word not in known]
    groups = {name: KINDS.get(emoji[thing["glyphs"][0]].group, ()) for name, thing in things.items()}
    by_hand = {**flags(things), **hand_kin()}
    kin = kin_of_things(net, things, groups, {*known, *words["fillers"]}, colours, by_hand)
    words["lookalikes"] = []
    words["lookalikes"] = lookalikes(WORDNET, Lexicon(things=things, **phrases, kin=kin))
    return {"things": things, **phrases, "kin": kin}


def hand_kin() -> dict[str, str]:
    """Reads words/kin.txt: "name: words that are nearest to it, ..." a line."""
    kin = {}
    for line in (WORDS / "kin.txt").read_text(encoding="utf8").splitlines():
        if line and not line.startswith("#"):
            name, _, words = line.partition(":")
            kin.update({word.strip().replace("-", " "): name for word in words.split(",")})
    return kin


def flags(things: dict[str, dict]) -> dict[str, str]:
    """Countries, which are drawn as their flags."""
    said = [(word, name) for name, thing in things.items() for word in [name, *thing["synonyms"]]]
    return {word.removeprefix("flag of "): name for word, name in said if word.startswith("flag of ")}


def as_json(sections: dict[str, dict]) -> str:
    """One entry a line, so that a change is seen."""
    parts = []
    for title, entries in sections.items():
        lines = [
            f"  {json.dumps(k, ensure_ascii=False)}: {json.dumps(v, ensure_ascii=False)}" for k, v in entries.items()
        ]
        parts.append(f' "{title}": {{\n' + ",\n".join(lines) + "\n }")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> None:
    sections = gather()
    LEXICON.write_text(as_json(sections), encoding="utf8")
    synonyms = sum(len(thing["synonyms"]) for thing in sections["things"].values())
    print(f"{len(sections['things'])} things, {synonyms} synonyms, {len(sections['kin'])} kin")


if __name__ == "__main__":
    main()
