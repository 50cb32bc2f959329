"""What the models do not know of a prompt, said under it while one writes, and beside what is painted of it."""
# ruff: noqa: RUF001 - Chinese commas, and the apostrophe that phones type

import random
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from clipit import Settings, caveat
from clipit.sketching.lexicon import lexicon
from clipit.sketching.phrases import table
from clipit.sketching.reading import read
from jobs import Progress
from tests.browser import Visitor
from tests.frontend.conftest import LEASE_S, STEPS, Studio
from tests.frontend.visits import PHONE, hook

CHIMERA = "These models do not know 'giraffe dragon chimera'; nearest: giraffe, dragon"
CHINESE = "这些模型不认识 'giraffe dragon chimera'；最接近的是 giraffe, dragon"
PROMPTS = """
castle underwater
a giraffe dragon chimera
A Giraffe-Dragon chimera, pixel art
three quokkas on a hoverboard
two krakens and a cat's whiskers
a dog’s dinner at the edge of Gotham
a red apple next to a blue teapot, oil painting
an orange on an orange background
a watrcolour of a casle
elefant in the forrest
walrusses ride biciycles in the rain
a wizzard brewing potions
the milky way over stonehenge
a steampunk octopus playing chess
a cat wearing sunglasses
a robot walking zebra crossings
cats and dogs and xyzzy
xyzzy
xyzzy plugh frotz
a xyzzy dragon plugh
the the the
of
a
a fox, an owl; a bear. A mouse!
(a lighthouse) [at night] / in the fog
portrait of Ada Lovelace by Vermeer
Donaudampfschifffahrtsgesellschaftskapitän
ein Schloss unter Wasser
un château sous la mer
一只猫
城堡 underwater
a castle 🏰 by the 🌊
🦄🦄🦄
👩‍🚀 on the moon
👍🏽 and 1️⃣
☃️ ♥ ✈
12 apples
2 x 3 apples
1000000 penguins
½ a lemon
#pixelart castle
castle_underwater
8K HD unreal engine
trending on artstation
low-poly fox
ukiyo-e wave
black and white photo of a train
a man with a beard
men with beards holding umbrellas
the astronaut's helmet
rock'n'roll band
foo bar baz qux quux corge grault garply waldo fred plugh xyzzy thud
a sofa made of avocado
a hippopotamus in a tutu
cathedral of light
cyberpunk samurai with katana
an abandoned spaceship overgrown with ivy
GIRAFFE
Straße im Nebel
İstanbul
naïve café
don't draw a clown
mermaids singing each to each
running, jumping, flying zorks
a castle & a moat + a drawbridge
in a strong wind faces
on the beach umbrella
""".strip().splitlines()


def note(page: Page) -> Locator:
    return hook(page, "unknown")


def write(page: Page, prompt: str) -> None:
    page.locator("#prompt").fill(prompt)


@pytest.fixture
def visitor(studio: Studio, arrive: Callable[..., Visitor]) -> Visitor:
    """At the page while a painter with the small models is here."""
    studio.employ(painting_s=100)
    return arrive()


def drawn_by_lot(count: int) -> list[str]:
    """Prompts of known words, of their kin and of misspelt ones, in no sensible order."""
    lot, known, kin = random.Random(5), list(table().meanings), list(lexicon().kin)

    def word() -> str:
        chosen = lot.choice(lot.choice([known, kin, ["a", "the", "on", "in", "of", "with", "red", ",", "xyzzy"]]))
        at = lot.randrange(len(chosen))
        return lot.choice([chosen, chosen, chosen + "s", chosen[:at] + lot.choice("aeiou") + chosen[at + 1 :]])

    return [" ".join(word() for _ in range(lot.randint(1, 8))) for _ in range(count)]


def test_the_page_finds_what_the_engine_finds(visitor: Visitor) -> None:
    prompts = PROMPTS + drawn_by_lot(500)
    found = visitor.page.evaluate(
        """async (texts) => {
          const { knownWords, unknownIn } = await import("/static/js/words.js");
          const words = await knownWords();
          return texts.map((text) => unknownIn(text, words));
        }""",
        prompts,
    )
    expected = [
        [{"words": words, "nearest": list(nearest)} for words, nearest in read(text).unknown] for text in prompts
    ]
    assert [each for each in zip(prompts, found, expected, strict=True) if each[1] != each[2]] == []
    assert 15 < sum(map(bool, expected[: len(PROMPTS)])) < 55


@pytest.mark.parametrize(
    "prompt",
    [
        "a giraffe dragon chimera",
        "xyzzy | castle | qwxyz:0.5 ^ xyzzy",
        "castle | xyzzy:-1 | qwxyz:0 ^ giraffe dragon\n\nchimera",
        "castle",
    ],
)
def test_the_page_says_what_the_command_line_says(visitor: Visitor, prompt: str) -> None:
    write(visitor.page, "qwxyz")
    expect(note(visitor.page)).to_have_text("These models do not know 'qwxyz', and nothing near it")
    write(visitor.page, prompt)
    expect(note(visitor.page)).to_have_text(caveat(Settings(prompts=" ".join(prompt.split()))) or "")


def test_it_is_said_in_the_hints_place_once_the_writer_rests_and_gives_way_to_an_error(visitor: Visitor) -> None:
    page = visitor.page
    hint, error = page.locator("#prompt-hint"), page.locator("#prompt-error")
    canvas = hook(page, "canvas").bounding_box()
    page.locator("#prompt").press_sequentially("a chime", delay=20)
    expect(hint).to_be_visible()
    expect(note(page)).to_be_empty()
    page.locator("#prompt").press_sequentially("ra", delay=20)
    expect(note(page)).to_have_text(re.compile("'chimera'"))
    expect(hint).to_be_hidden()
    assert hook(page, "canvas").bounding_box() == canvas
    write(page, "a chimera | gold:0,5")
    expect(error).to_be_visible()
    expect(note(page)).to_be_hidden()
    write(page, "")
    expect(note(page)).to_be_empty()


def test_the_words_are_loaded_once_and_only_when_somebody_writes(visitor: Visitor) -> None:
    page = visitor.page
    page.wait_for_load_state("networkidle")
    assert not any("words.json" in url for url in visitor.loaded)
    for prompt in ("xyzzy", "qwxyz"):
        write(page, prompt)
        expect(note(page)).to_have_text(re.compile(prompt))
    assert sum("words.json" in url for url in visitor.loaded) == 1


def test_where_the_words_cannot_be_had_nothing_is_said_until_they_can(visitor: Visitor) -> None:
    page = visitor.page
    visitor.refusals = {503}
    page.route("**/words.json", lambda route: route.fulfill(status=503, body="no"), times=1)
    with page.expect_response("**/words.json"):
        write(page, "xyzzy")
    expect(note(page)).to_be_empty()
    write(page, "a xyzzy")
    expect(note(page)).to_have_text(re.compile("xyzzy"))


@pytest.mark.parametrize("models", [(), ("ViT-B/32",), ("small", "ViT-B/32")])
def test_of_painters_with_other_models_nothing_is_said(
    studio: Studio, arrive: Callable[..., Visitor], models: tuple[str, ...]
) -> None:
    studio.employ(painting_s=100, models=models)
    page = arrive().page
    write(page, "xyzzy")
    page.wait_for_timeout(1000)
    expect(note(page)).to_be_empty()


def test_nothing_is_said_while_no_painter_is_here(arrive: Callable[..., Visitor]) -> None:
    page = arrive().page
    write(page, "xyzzy")
    page.wait_for_timeout(1000)
    expect(note(page)).to_be_empty()


def test_it_is_said_in_chinese(studio: Studio, arrive: Callable[..., Visitor]) -> None:
    studio.employ(painting_s=100)
    page = arrive(locale="zh-CN").page
    write(page, "a giraffe dragon chimera")
    expect(note(page)).to_have_text(CHINESE)
    write(page, "一只猫")
    expect(note(page)).to_have_text("这些模型不认识 '一只猫'，也没有相近的词")


def test_on_a_phone_most_of_the_canvas_is_still_for_writing(studio: Studio, arrive: Callable[..., Visitor]) -> None:
    studio.employ(painting_s=100)
    page = arrive(**PHONE).page
    write(page, " and ".join(f"Donaudampfschifffahrtsgesellschaftskapitän{letter}" for letter in "abcdefgh"))
    expect(note(page)).to_have_text(re.compile("kapitänh"))
    canvas, field = hook(page, "canvas").bounding_box(), page.locator("#prompt").bounding_box()
    assert field["height"] > 0.5 * canvas["height"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


# --- of what is painted ---


@pytest.mark.parametrize(("locale", "words"), [("en-GB", CHIMERA), ("zh-CN", CHINESE)])
def test_the_painters_note_is_read_while_it_paints_and_beside_the_picture(
    studio: Studio, arrive: Callable[..., Visitor], locale: str, words: str
) -> None:
    job = studio.order()
    claim = studio.claim()
    page = arrive(f"/?job={job.id}", locale=locale).page
    expect(hook(page, "remark")).to_be_hidden()
    studio.queue.heartbeat(claim, LEASE_S, Progress(step=2, of=STEPS, score=0.2, note=CHIMERA))
    expect(hook(page, "remark")).to_have_text(words)
    studio.finish(claim, note=CHIMERA)
    expect(page.locator("[data-download=picture]")).to_be_visible()
    expect(hook(page, "remark")).to_have_text(words)


def test_a_picture_of_known_words_has_no_note(studio: Studio, arrive: Callable[..., Visitor]) -> None:
    page = arrive(f"/?job={studio.finished().id}").page
    expect(page.locator("[data-download=picture]")).to_be_visible()
    expect(hook(page, "remark")).to_be_hidden()
