"""Finds, in WordNet's nouns, the thing of the small world that an unknown word is nearest to."""

from collections.abc import Collection
from pathlib import Path

FILES = """Tops act animal artifact attribute body cognition communication event feeling food group location motive
object person phenomenon plant possession process quantity relation shape state substance
time"""  # lexnames(5WN), from number 3 on
FARTHEST = 4  # steps up to a thing
TOO_WIDE = frozenset(  # from here on up, everything is kin of everything
    """
entity object artifact organism person animal plant thing matter substance food structure instrumentality device
container covering commodity article fabric way unit part implement system instrument equipment vertebrate
invertebrate mammal placental chordate arthropod herb woody_plant vascular_plant worker adult causal_agent leader
unfortunate male female contestant communicator expert intellectual creator clothing garment consumer_goods conveyance
vehicle craft foodstuff nutriment ingredient dish beverage natural_object body_part location region facility area
creation product activity sheet paper surface whole living_thing physical_entity line strip solid liquid fluid
material mechanism machine prostitute unpleasant_woman unpleasant_person
""".split()  # noqa: SIM905 - shorter than ninety lines
)
NO_KIN = {  # things that many words lead to and few people would take for them
    "musical note", "information", "construction", "window", "arm", "bone", "page", "fork and knife", "knot", "link",
    "face with halo", "seat", "water closet", "alarm clock", "skateboard", "alien", "pushpin", "cloud", "champagne",
    "pointing finger", "warning sign", "computer", "magnet", "folder", "bookmark", "control knobs", "label", "menorah",
    "telephone receiver", "memo", "mousetrap", "place of worship", "trackball", "person taking a bath", "clamp",
    "runner", "poo", "lipstick", "bandage", "x-ray", "scales", "hook", "clutch bag", "shopping cart", "money face",
    "face with tongue", "leg", "cross mark", "check mark", "plus sign", "palette", "joker", "tongue", "explosion",
    "number one", "cinema", "cross", "station", "slot machine", "hole", "heart", "circle", "square", "triangle",
    "diamond", "wheelchair", "nurse", "stop sign", "loudspeaker", "antenna", "die", "goal", "bowling",
}  # fmt: skip


class WordNet:
    """The nouns: offset of a synset -> its words, file and hypernyms; word -> offsets, the commonest sense first."""

    def __init__(self, folder: Path) -> None:
        self.words, self.file, self.above, self.senses, self.marked = {}, {}, {}, {}, set()
        for line in (folder / "data.noun").read_text(encoding="utf8").splitlines():
            if not line.startswith(" "):
                self.add_synset(line)
        for line in (folder / "index.noun").read_text(encoding="utf8").splitlines():
            if not line.startswith(" "):
                word, _, count, *rest = line.split()
                self.senses[word] = rest[-int(count) :]

    def add_synset(self, line: str) -> None:
        """Format: wndb(5WN)."""
        fields = line.partition("|")[0].split()
        offset, count = fields[0], int(fields[3], 16)
        pointers = fields[5 + 2 * count :]
        self.words[offset] = fields[4 : 4 + 2 * count : 2]
        self.file[offset] = FILES.split()[int(fields[1]) - 3]
        if ";u" in pointers:  # slang, slurs and the like
            self.marked.add(offset)
        self.above[offset] = [
            pointers[i + 1] for i in range(0, len(pointers), 4) if pointers[i] in ("@", "@i") and pointers[i + 2] == "n"
        ]

    def of(self, word: str) -> list[str]:
        return self.senses.get(word.replace(" ", "_"), [])

    def steps_above(self, offset: str, most: int) -> list[set[str]]:
        """The synsets 0, 1, ... `most` steps above; none above what is too wide."""
        steps = [{offset}]
        for _ in range(most):
            steps.append({up for synset in steps[-1] if not self.is_wide(synset) for up in self.above[synset]})
        return steps

    def is_wide(self, synset: str) -> bool:
        return bool(set(self.words[synset]) & TOO_WIDE)

    def are_close(self, word: str, name: str) -> bool:
        """The same thing, or one a kind of the other within two steps."""
        ones, others = set(self.of(word)), set(self.of(name))
        up = set().union(*(step for synset in ones for step in self.steps_above(synset, 2)))
        down = set().union(*(step for synset in others for step in self.steps_above(synset, 1)))
        return bool(up & others or down & ones)


def synsets_of_things(net: WordNet, things: dict[str, dict], files: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Synset -> the thing that it is; of a word's senses the commonest that fits the thing's group."""
    found, later = {}, []
    for name, thing in sorted(things.items(), key=lambda item: -item[1]["weight"]):
        for word in [name, *thing["synonyms"]]:
            fitting = [synset for synset in net.of(word) if net.file[synset] in files[name]]
            if fitting:
                (found.setdefault(fitting[0], name) if word == name else later.append((fitting[0], name)))
    for synset, name in later:
        found.setdefault(synset, name)
    return {synset: name for synset, name in found.items() if not net.is_wide(synset) and name not in NO_KIN}


def nearest_thing(net: WordNet, word: str, synsets: dict[str, str]) -> str | None:
    """By the word's commonest sense: the first thing that lies above it, if no too wide one lies below it."""
    for offset in [synset for synset in net.of(word)[:1] if synset not in net.marked]:
        for step in net.steps_above(offset, FARTHEST):
            for synset in sorted(step):
                if synset in synsets:
                    return synsets[synset]
    return None


def kin_of_things(net, things, files, known, colours, by_hand) -> dict[str, str]:
    """Word -> nearest name, for WordNet's nouns of one or two plain words and what is told by hand.

    Of two words, not both are known, nor is the first a colour of what the second is kin to: "blue poppy".
    """
    synsets = synsets_of_things(net, things, files)
    kin = {word: name for word, name in by_hand.items() if word not in known}
    proper = {w.lower() for words in net.words.values() for w in words if w != w.lower()}
    for word in sorted(net.senses):
        said = word.replace("_", " ").replace("-", " ")
        usable = said.replace(" ", "").isalpha() and said.count(" ") < 2 and 3 <= len(said) <= 18
        if usable and word not in proper and said not in kin and not is_known(said, known):
            name = nearest_thing(net, word, synsets)
            if name and not (" " in said and name in said):
                kin[said] = name
    return {word: name for word, name in sorted(kin.items()) if not is_tinted(word, name, kin, colours)}


def is_known(words: str, known: Collection[str]) -> bool:
    return words in known or all(word in known for word in words.split())


def is_tinted(word: str, name: str, kin: dict[str, str], colours: Collection[str]) -> bool:
    first, _, rest = word.partition(" ")
    return first in colours and kin.get(rest) == name
