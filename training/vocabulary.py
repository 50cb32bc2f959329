"""Chooses the things of the small world from Unicode's emoji list and CLDR's English names and keywords.

Writes `things.json`, which is in the repository, so that training needs the font alone:

    python -m training.vocabulary      (Debian packages unicode-data and unicode-cldr-core)
"""
# ruff: noqa: RUF001 - the apostrophes of Unicode's own names

import json
import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

EMOJI_TEST = Path("/usr/share/unicode/emoji/emoji-test.txt")
ANNOTATIONS = Path("/usr/share/unicode/cldr/common/annotations/en.xml")
THINGS = Path(__file__).with_name("things.json")

SUBGROUPS = """
face-costume person-fantasy animal-mammal animal-bird animal-amphibian animal-reptile animal-marine animal-bug
plant-flower plant-other food-fruit food-vegetable food-prepared food-asian food-marine food-sweet drink dishware
place-map place-geographic place-building place-religious place-other transport-ground transport-water transport-air
hotel sky-weather event award-medal sport game arts-crafts clothing music musical-instrument phone computer light-video
book-paper mail writing lock tool science medical household sound
""".split()  # noqa: SIM905 - shorter than fifty lines
SINGLES = (
    "😀 😂 😍 😎 😢 😡 😴 🤔 🤠 💀 ❤️ 💔 👍 👶 👦 👧 👨 👩 👴 👵 🥷 👸 🤴 "
    "🕺 💃 🏄 🧘 🧠 👁️ 👄 🦷 🦴 ⌛ ⌚ ⏰ 🕰️ 💰 🪙 💼 📎 📐 ✂️ 🗑️ 🗿 ⚰️ 🪦"
)

# Left out: pictures of places (they are our backgrounds), near-doubles, and what says little to the eye.
LEFT_OUT = re.compile(
    r"(^| )(foggy|night with stars|cityscape|sunrise|sunset|bridge at night|milky way|desert|beach with umbrella|"
    r"national park|camping|hot springs|wedding|love hotel|Japanese post office|building construction|oncoming|"
    r"station|railway car|light rail|mountain railway|tram car|waxing|waning|quarter moon|new moon|speaker|"
    r"with slash|level slider|control knobs|paw prints|pig nose|wing|feather|suit$|clutch|briefs|sari|"
    r"one-piece|shorts|t-shirt with|envelope with|incoming|outbox|inbox|lowered|raised flag|page|bookmark|label|"
    r"fax|pager|trackball|low battery|computer disk|dvd|with arrow|with flash|magnifying glass tilted right|"
    r"rolled-up|ledger|notebook|hourglass not|locked with|card|1st|2nd|3rd|reminder|admission|moon viewing|"
    r"tanabata|pine decoration|claus$|person|men|women|man|woman|supervillain|genie|elf|troll|ogre|goblin|"
    r"microbe|fly|worm|cockroach|rosette|white flower|fog|wind face|droplet|umbrella on|behind|with snow|"
    r"cloud with rain|fallen leaf|leaf fluttering|motorway|railway track|oil drum|horizontal|police car light|"
    r"bus stop|stop sign|suspension|aerial|departure|arrival|seat|elevator|pouring|clinking|tumbler|"
    r"stuffed|flatbread|tamale|falafel|oden|beans|hook|white cane|link|clamp|hammer and|drop of blood|"
    r"adhesive|crutch|x-ray|petri|e-mail|long drum|film frames|videocassette|goal net|curling|lacrosse|"
    r"field hockey|cricket game|mahjong|flower playing|chess|kaaba|foggy|place|houses|derelict)( |$|:)"
)

# Shorter or commoner words than Unicode's own, and glyphs of one thing brought together under one name.
NAMES = {
    "grinning face": "happy face", "face with tears of joy": "laughing face",
    "smiling face with heart-eyes": "face in love",
    "smiling face with sunglasses": "cool face", "enraged face": "angry face", "cowboy hat face": "cowboy",
    "red heart": "heart", "thumbs up": "thumb", "automobile": "car", "sport utility vehicle": "car",
    "locomotive": "train",
    "deciduous tree": "tree", "evergreen tree": "pine tree", "honeybee": "bee", "lady beetle": "ladybug",
    "hot beverage": "cup of coffee", "teacup without handle": "cup of tea", "soccer ball": "football",
    "american football": "rugby ball", "rugby football": "rugby ball", "cheese wedge": "cheese", "ear of corn": "corn",
    "kiwi fruit": "kiwi", "soft ice cream": "ice cream", "red apple": "apple", "wrapped gift": "gift",
    "spouting whale": "whale", "T-Rex": "dinosaur", "sauropod": "dinosaur", "mage": "wizard", "merperson": "mermaid",
    "snowman without snow": "snowman", "crescent moon": "moon", "full moon": "moon", "sun with face": "sun",
    "glowing star": "star", "ringed planet": "planet", "alien monster": "space invader", "flying saucer": "ufo",
    "classical building": "temple", "Japanese castle": "pagoda", "snow-capped mountain": "mountain",
    "mount fuji": "mountain",
    "house with garden": "house", "closed book": "book", "open book": "book", "green book": "book", "blue book": "book",
    "orange book": "book", "mobile phone": "phone", "running shoe": "shoe", "man’s shoe": "shoe", "woman’s hat": "hat",
    "woman’s boot": "boot", "woman’s sandal": "sandal", "woman’s clothes": "blouse", "high-heeled shoe": "high heel",
    "gem stone": "diamond", "musical keyboard": "piano", "optical disk": "cd", "light bulb": "lamp",
    "articulated lorry": "truck",
    "delivery truck": "truck", "racing car": "racing car", "passenger ship": "ship", "motor boat": "speedboat",
    "small airplane": "airplane", "water wave": "wave", "high voltage": "lightning",
    "cloud with lightning": "thunder cloud",
    "two-hump camel": "camel", "rhinoceros": "rhino", "hippopotamus": "hippo", "black bird": "crow",
    "steaming bowl": "noodles",
    "baguette bread": "baguette", "poultry leg": "chicken leg", "cut of meat": "steak", "pot of food": "soup",
    "green salad": "salad", "hamburger": "burger", "french fries": "fries", "glass of milk": "milk", "beer mug": "beer",
    "cup with straw": "soda", "bottle with popping cork": "champagne", "globe showing Europe-Africa": "earth",
    "globe showing Americas": "earth", "globe showing Asia-Australia": "earth", "globe with meridians": "globe",
    "mantelpiece clock": "clock", "hourglass done": "hourglass", "package": "box", "postbox": "mailbox",
    "spiral shell": "shell", "four leaf clover": "clover", "bow and arrow": "bow", "crossed swords": "swords",
    "balance scale": "scales", "locked": "padlock", "unlocked": "padlock", "old key": "key", "headphone": "headphones",
    "diya lamp": "oil lamp", "red paper lantern": "lantern", "Statue of Liberty": "statue of liberty",
    "pile of poo": "poo",
    "baby angel": "angel", "Santa Claus": "santa claus", "superhero": "superhero", "office building": "skyscraper",
    "couch and lamp": "sofa", "shallow pan of food": "paella", "cooking": "fried egg", "tropical fish": "fish",
    "front-facing baby chick": "chick", "baby chick": "chick", "hatching chick": "chick", "ewe": "sheep",
    "black cat": "cat", "guide dog": "dog", "service dog": "dog", "poodle": "poodle", "woman dancing": "dancer",
    "man dancing": "dancer", "person surfing": "surfer", "person in lotus position": "yogi",
    "sunrise over mountains": "sunrise",
}  # fmt: skip
SYNONYMS = {
    "castle": ["fortress", "palace"], "sailboat": ["boat", "yacht"], "ship": ["boat", "cruise ship"],
    "car": ["automobile"],
    "airplane": ["plane", "aeroplane"], "rocket": ["spaceship", "space rocket"], "ufo": ["flying saucer", "spacecraft"],
    "house": ["home", "cottage"], "tree": ["oak"], "pine tree": ["fir tree", "evergreen"], "rose": ["red rose"],
    "cherry blossom": ["flower", "pink flower"], "kitchen knife": ["knife"], "skyscraper": ["tower block"],
    "phone": ["smartphone"],
    "bicycle": ["bike"], "motorcycle": ["motorbike"], "rabbit": ["bunny"],
    "jack-o-lantern": ["pumpkin", "halloween pumpkin"],
    "doughnut": ["donut"], "heart": ["red heart"], "robot": ["android"], "wizard": ["sorcerer", "mage"],
    "knight": ["armor"],
    "diamond": ["gem", "jewel"], "television": ["tv"], "guitar": ["acoustic guitar"],
    "earth": ["planet earth", "world"],
    "crocodile": ["alligator"], "dinosaur": ["t-rex"], "horse": ["stallion"], "cow": ["cattle"], "truck": ["lorry"],
}  # fmt: skip


def emoji_list() -> dict[str, tuple[str, str]]:
    """Glyph -> (subgroup, Unicode's name), fully qualified, without skin tones and joined sequences."""
    emoji, subgroup = {}, ""
    for line in EMOJI_TEST.read_text(encoding="utf8").splitlines():
        if line.startswith("# subgroup: "):
            subgroup = line.removeprefix("# subgroup: ").replace(" & ", "-")
        match = re.match(r"[0-9A-F ]+; fully-qualified +# (\S+) E[\d.]+ (.*)", line)
        if match and "\u200d" not in match[1] and "skin tone" not in match[2]:
            emoji[match[1]] = (subgroup, match[2])
    return emoji


def keyword_list() -> dict[str, list[str]]:
    """Glyph (without variation selector) -> CLDR's English keywords."""
    keywords = {}
    for entry in ElementTree.parse(ANNOTATIONS).iter("annotation"):
        if entry.get("type") is None and entry.text:
            keywords[entry.get("cp")] = [word.strip() for word in entry.text.split("|")]
    return keywords


def thing_name(name: str, subgroup: str) -> str:
    if subgroup.startswith("animal"):
        name = name.removesuffix(" face")
    return NAMES.get(name, name)


def chosen() -> dict[str, dict[str, list[str]]]:
    """Name -> its glyphs and synonyms. A CLDR keyword counts as a synonym when it belongs to one thing only."""
    keywords, things = keyword_list(), {}
    for glyph, (subgroup, name) in emoji_list().items():
        single = glyph in SINGLES.split()
        if single or (subgroup in SUBGROUPS and not LEFT_OUT.search(name)):
            thing = things.setdefault(thing_name(name, subgroup), {"glyphs": [], "synonyms": []})
            thing["glyphs"].append(glyph.replace("\ufe0f", ""))
    owners = Counter(
        word for thing in things.values() for word in {k for g in thing["glyphs"] for k in keywords.get(g, [])}
    )
    for name, thing in things.items():
        words = SYNONYMS.get(name, [])
        for glyph in thing["glyphs"]:
            words += [
                w for w in keywords.get(glyph, []) if owners[w] == 1 and w not in things and w.isalpha() and w.islower()
            ]
        thing["synonyms"] = sorted(set(words) - {name})
    return things


def main() -> None:
    things = chosen()
    lines = [
        f"{json.dumps(n, ensure_ascii=False)}: {json.dumps(t, ensure_ascii=False)}" for n, t in sorted(things.items())
    ]
    THINGS.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf8")
    print(f"{len(things)} things from {sum(len(t['glyphs']) for t in things.values())} glyphs")


if __name__ == "__main__":
    main()
