import json
import time
from pathlib import Path

import pytest

from clipit.sketching.lexicon import lexicon
from clipit.sketching.reading import Unknown, read, sentence
from clipit.sketching.scene import MOST_COUNTED, MOST_THINGS, Scene, Thing

ORACLE_TEXTS = Path(__file__).parents[2] / "oracles" / "texts.json"


def one(name, **also):
    return Scene(things=(Thing(name, **also),))


@pytest.mark.parametrize(
    ("text", "scene"),
    [
        ("a cat", one("cat")),
        ("The KITTY!", one("cat")),
        ("🦒", one("giraffe")),
        ("👩🏽‍🚀", one("astronaut")),
        ("💙", one("heart", colour="blue")),
        ("a blue apple", one("apple", colour="blue")),
        ("a dark red car", one("car", colour="red")),
        ("the cat is black", one("cat", colour="black")),
        ("an orange", one("orange")),
        ("an orange cat", one("cat", colour="orange")),
        ("three fish", one("fish", count=3)),
        ("Two cats", one("cat", count=2)),
        ("a pair of shoes", one("shoe", count=2)),
        ("apples", one("apple", count=3)),
        ("some apples", one("apple", count=5)),
        ("100 ducks", one("duck", count=MOST_COUNTED)),
        ("a flock of sheep", one("sheep", count=5)),
    ],
)
def test_one_kind_of_thing(text, scene):
    assert read(text).scene == scene
    assert read(text).unknown == ()


@pytest.mark.parametrize(
    ("text", "things"),
    [
        ("red and blue balloons", (Thing("balloon", "red", 2), Thing("balloon", "blue"))),
        ("six red and blue balloons", (Thing("balloon", "red", 3), Thing("balloon", "blue", 3))),
        ("red, white & blue flowers", (Thing("flower", "red"), Thing("flower", "white"), Thing("flower", "blue"))),
        ("a red and a blue balloon", (Thing("balloon", "red"), Thing("balloon", "blue"))),
        ("a red and white boat", (Thing("boat", "red"),)),
        ("an orange and black tiger", (Thing("tiger", "orange"),)),
        ("an apple, an orange and a red pear", (Thing("apple"), Thing("orange"), Thing("pear", "red"))),
        ("a red apple and a green pear", (Thing("apple", "red"), Thing("pear", "green"))),
        ("a black and white cat", (Thing("cat", "black"),)),
        ("two black and white fluffy cows", (Thing("cow", "black"), Thing("cow", "white"))),
        ("a brown bear", (Thing("bear", "brown"),)),
    ],
)
def test_several_colours_are_shared_out_and_one_thing_takes_the_first(text, things):
    assert read(text).scene == Scene(things)


def test_several_colours_of_a_background_are_the_first():
    assert read("a cat on a red and blue background").scene == Scene((Thing("cat"),), ground="red")


@pytest.mark.parametrize(
    ("text", "names", "relation"),
    [
        ("castle and moon", ("castle", "moon"), "and"),
        ("a cat with a hat", ("cat", "hat"), "and"),
        ("a monkey riding a horse", ("monkey", "horse"), "on"),
        ("a cat sitting on top of a box", ("cat", "box"), "on"),
        ("a robot beside a tree", ("robot", "tree"), "next to"),
        ("a dragon flying over a castle", ("dragon", "castle"), "above"),
        ("a dog behind the sofa", ("dog", "sofa"), "behind"),
        ("a dog inside a box", ("dog", "box"), "in"),
        ("a hat on the beach umbrella", ("hat", "beach umbrella"), "on"),
        ("a rabbit under a mushroom", ("rabbit", "mushroom"), "under"),
        ("a witch in front of a house", ("witch", "house"), "in front of"),
    ],
)
def test_how_two_things_stand(text, names, relation):
    scene = read(text).scene
    assert tuple(thing.name for thing in scene.things) == names
    assert scene.relation == relation


@pytest.mark.parametrize(
    ("text", "scene"),
    [
        ("a fox on the moon", Scene((Thing("fox"),), place="moon")),
        ("a moon", one("moon")),
        ("a mountain", one("mountain")),
        ("mountains", Scene(place="mountains")),
        ("three mountains", one("mountain", count=3)),
        ("underwater castle", Scene((Thing("castle"),), place="underwater")),
        ("Underwater city", Scene(place="city", weather="underwater")),
        ("a snowy forest", Scene(place="forest", weather="snowfall")),
        ("night city", Scene(place="city", time="night")),
        ("a forest scene", Scene(place="forest")),
        ("on the beach at sunset", Scene(place="beach", time="sunset")),
        ("a cat on a blue background", Scene((Thing("cat"),), ground="blue")),
        ("a cat against black", Scene((Thing("cat"),), ground="black")),
        ("a purple unicorn under a rainbow", Scene((Thing("unicorn", "purple"),), weather="rainbow")),
    ],
)
def test_where_and_when_it_is(text, scene):
    assert read(text).scene == scene
    assert read(text).unknown == ()


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("a fox, pixel art", "pixel art"),
        ("a fox #pixelart", "pixel art"),
        ("a fox in the style of Van Gogh", "impressionism"),
        ("watercolor painting of a fox", "watercolour"),
        ("a fox in black and white", "black and white"),
        ("a black and white photo of a fox", "black and white"),
        ("black and white portrait of a fox", "black and white"),
        ("a ukiyo-e print of a fox", "ukiyo-e"),
        ("a sketch of a fox", "pencil sketch"),
        ("a render of a fox", "3d render"),
        ("a poster of a fox", None),
        ("a close-up of a fox", None),
        ("a fox, shallow depth of field", None),
        ("a painting of a fox", None),
        ("a picture of a fox", None),
    ],
)
def test_styles(text, style):
    assert read(text).scene == Scene((Thing("fox"),), style=style)


KEYWORDS = """trending on artstation; artstation; pixel art; painting; 2D game art; 8K HD; unreal engine; matte drawing;
matte painting; charcoal drawing; watercolour; oil painting; pencil sketch; pencil drawing; low poly; black and white;
neon; stained glass; ukiyo-e; ukiyoe; Thomas Kinkade; James Gurney"""


@pytest.mark.parametrize("keyword", KEYWORDS.replace("\n", " ").split("; "))
def test_every_keyword_of_the_form_and_of_the_article_is_a_style(keyword):
    reading = read(f"a castle, {keyword.strip()}")
    assert reading.scene.style is not None
    assert reading.scene.things == (Thing("castle"),)
    assert reading.unknown == ()


def test_every_wording_of_a_style_is_read():
    for name, style in lexicon().styles.items():
        for wording in [phrase.format("fox") for phrase in style["phrases"]] + [f"fox, {w}" for w in style["words"]]:
            assert read(wording).scene == Scene((Thing("fox"),), style=name), wording


@pytest.mark.parametrize(
    ("text", "unknown", "told"),
    [
        ("giraffe dragon chimera", Unknown("giraffe dragon chimera", ("giraffe", "dragon")), "giraffe dragon"),
        ("a lorikeet", Unknown("lorikeet", ("parrot",)), "a parrot"),
        ("three lorikeets", Unknown("lorikeets", ("parrot",)), "three parrots"),
        ("a phoenix at dawn", Unknown("phoenix", ("eagle",)), "an eagle at dawn"),
        ("girafe", Unknown("girafe", ("giraffe",)), "giraffe"),
        ("a  xyzzy on the\nbeach", Unknown("xyzzy", ()), "on the beach"),
        ("a gothic cathedral", Unknown("gothic cathedral", ("church",)), "a cathedral"),
        ("hot air balloon", Unknown("hot air balloon", ("balloon",)), "balloon"),
        ("a space station", Unknown("space station", ("satellite",)), "a satellite"),
        ("a viking warrior", Unknown("viking warrior", ("fencer",)), "a fencer"),
        ("a cat, badge of", Unknown("badge", ("medal",)), "a cat, medal of"),
        ("a cat pursued", Unknown("cat pursued", ("cat",)), "a cat"),
        ("a woman with red toenails", Unknown("toenails", ()), "a woman with red"),
        ("海底城堡", Unknown("海底城堡", ()), ""),
    ],
)
def test_what_is_not_known_is_told(text, unknown, told):
    reading = read(text)
    assert reading.unknown == (unknown,)
    assert reading.told == told


EVERYDAY = """
a lighthouse on a cliff at sunset      | tower, canyon, sunset
a pirate ship in a storm               | ship, storm
a pirate with a parrot                 | pirate flag and parrot
a robot reading a book                 | robot and book
a robot painting a picture             | robot, oil painting
a dragon breathing fire over a castle  | dragon and fire and castle
a baby dragon                          | dragon
two kittens in a basket                | 2 cat in basket
a goldfish in a bowl                   | fish in cereal
a bowl of ramen                        | noodles
a bottle of wine and cheese            | wine and cheese
two glasses of beer                    | 2 beer
a steaming cup of coffee on a table    | coffee, kitchen
an astronaut riding a horse on mars    | astronaut on horse, planet
a cat rides a bicycle                  | cat on bicycle
cyberpunk city street at night         | city, night, neon
a cozy cabin in the woods in winter    | hut, forest
hot air balloons over mountains        | 3 balloon, mountains
sunflowers in a vase                   | 3 sunflower in vase
a red sports car in the rain           | red racing car, rain
a medieval knight with a sword         | fencer and dagger
a mermaid underwater                   | mermaid, underwater
a snowy village at night               | village, night, snowfall
a wolf howling at the moon             | wolf and moon
a treehouse                            | house
a koi pond                             | fish, lake
a haunted house on a hill at night     | haunted house, hills, night
a golden retriever puppy               | yellow dog
a shark jumping out of the water       | shark, ocean
a torii gate in the water              | shrine, ocean
a wizard casting a spell               | wizard and sparkles
a witch stirring a cauldron            | witch and soup
a ghost in a graveyard                 | ghost in gravestone
children building a snowman            | 3 child and snowman
a beaver building a dam                | beaver and log
a scarecrow in a cornfield             | farmer, farm
a space station orbiting earth         | satellite and earth
a sea horse                            | fish
a fisherman in a boat                  | rower in boat
a black hole                           | space
new york skyline at night              | city, night
a bird's eye view of a city            | city
full body portrait of a queen          | queen
a tattoo of a rose                     | rose, line art
a landscape by hayao miyazaki          | hills, comic book
a castle, art by greg rutkowski        | castle, trending on artstation
a man with a beard                     | bearded man
a wizard with a long beard             | wizard
"""


def in_short(scene):
    things = [" ".join(filter(None, [str(t.count) * (t.count > 1), t.colour, t.name])) for t in scene.things]
    around = (scene.place, scene.time, scene.weather, scene.style, scene.ground)
    return ", ".join(filter(None, [f" {scene.relation} ".join(things), *around]))


@pytest.mark.parametrize("line", EVERYDAY.strip().splitlines())
def test_what_strangers_wish_for_becomes_a_sensible_scene(line):
    text, _, scene = line.partition(" | ")
    assert in_short(read(text).scene) == scene


def test_the_nearest_is_drawn_instead():
    assert read("a woman with red toenails").scene == one("woman")
    assert read("giraffe dragon chimera").scene == Scene((Thing("giraffe"), Thing("dragon")))
    assert read("two lorikeets in London").scene == Scene((Thing("parrot", count=2),), place="city")


@pytest.mark.parametrize("text", ["a  cat\n on a box", "", "a detailed, beautiful castle, 8k"])
def test_what_is_known_is_told_as_it_is(text):
    assert read(text).told == " ".join(text.split())
    assert read(text).unknown == ()


def test_the_sentence_names_the_nearest():
    unknown = read("giraffe dragon chimera, xyzzy").unknown
    assert sentence(unknown[:1]) == "These models do not know 'giraffe dragon chimera'; nearest: giraffe, dragon"
    assert sentence(unknown[1:]) == "These models do not know 'xyzzy', and nothing near it"
    assert sentence(()) == ""
    assert len(sentence(read("x" * 10_000).unknown)) < 200


def test_one_sentence_names_each_unknown_word_and_each_that_is_near_once():
    unknown = read("giraffe dragon chimera, xyzzy, chimera, xyzzy").unknown
    words = "'giraffe dragon chimera', 'xyzzy', 'chimera'"
    assert sentence(unknown) == f"These models do not know {words}; nearest: giraffe, dragon"
    assert sentence(read("qwxyz, xyzzy").unknown) == "These models do not know 'qwxyz', 'xyzzy', and nothing near it"


def test_a_scene_holds_no_more_than_can_be_drawn():
    scene = read("a cat, a dog, a horse, a cow, twenty pigs and a sheep").scene
    assert len(scene.things) == MOST_THINGS


def test_no_text_is_too_odd():
    texts = json.loads(ORACLE_TEXTS.read_text(encoding="utf8"))
    odd = ["", " ", "\x00", "and", "on", "a a a", "of the", "red", "3", "0 cats", "🦒🏙️🫨", "'", "'s", "&", "#", "ß ǅ İ"]
    for text in [*odd, *(text for group in texts.values() for text in group)]:
        assert isinstance(read(text).scene, Scene)


@pytest.mark.parametrize("words", ["x", "giraffe ", "red ", "on the ", "qwzzk jjvop ", "🦒", "hot air ", "城"])
def test_time_grows_with_the_length_of_the_text_only(words):
    read("a cat")
    start = time.process_time()
    read((words * 10_000)[:10_000])
    assert time.process_time() - start < 2
