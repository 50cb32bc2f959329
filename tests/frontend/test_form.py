"""The order form as visitors meet it: what they write, what they choose, what is said to them, and what is ordered."""

import re
import time
from collections.abc import Callable
from itertools import product
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from clipit import ClipitError
from clipit.palettes import parse_palette
from clipit.prompts import parse_prompt, parse_story
from clipit.sketching.reading import read
from jobs import Aspect, Job, Order, Pace, Painter, Quality, Style
from jobs.painter import expected_s
from tests.browser import Visitor
from tests.frontend.conftest import Studio, encoded, picture
from worker.recipe import COLOURS

ADDRESS = "visitor@example.com"
PHONE = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}
PNG = encoded(picture(4, (40, 50)), "PNG")
SIZES = {Aspect.SQUARE: (200, 200), Aspect.WIDESCREEN: (320, 180), Aspect.PORTRAIT: (160, 200)}


def hook(page: Page, name: str) -> Locator:
    return page.locator(f"[data-hook={name}]")


def prompt_of(page: Page) -> Locator:
    return page.get_by_label("What would you like to see?")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def choose(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name).check()


def unfold(page: Page) -> None:
    page.get_by_text("Advanced", exact=True).click()


def write(page: Page, prompt: str = "castle underwater", email: str = ADDRESS) -> None:
    prompt_of(page).fill(prompt)
    page.get_by_label("E-mail").fill(email)


def order(studio: Studio, page: Page, **words: str) -> Job:
    write(page, **words)
    press(page, "Generate")
    page.wait_for_url("**/?job=*")
    return studio.queue.get(parse_qs(urlsplit(page.url).query)["job"][0])


def described(page: Page, label: str) -> Locator:
    """The message that belongs to a control, found as screen readers find it."""
    control = page.get_by_label(label, exact=True)
    return page.locator(f"#{control.get_attribute('aria-describedby').split()[-1]}")


def expect_error(page: Page, label: str, words: str) -> None:
    expect(described(page, label)).to_have_text(re.compile(re.escape(words)))
    expect(page.get_by_label(label, exact=True)).to_have_attribute("aria-invalid", "true")


def expect_no_error(page: Page, label: str) -> None:
    expect(described(page, label)).to_be_empty()
    expect(page.get_by_label(label, exact=True)).not_to_have_attribute("aria-invalid", "true")


def ask(page: Page, module: str, expression: str, *arguments: object) -> object:
    """What a function of one of the page's modules answers."""
    source = f"async ([here, given]) => ({expression})(await import(here), ...given)"
    return page.evaluate(source, [f"/static/js/{module}.js", arguments])


def employ(studio: Studio, *, presence_s: float = 600, **painters: float) -> None:
    """Painters, each with the seconds that a megapixel of each iteration takes."""
    studio.queue.presence_s = presence_s
    for name, megapixel_s in painters.items():
        paces = {
            quality: Pace(iterations=100 * number, sizes=SIZES, step_s=0.1, megapixel_s=megapixel_s)
            for number, quality in enumerate(Quality, 1)
        }
        studio.queue.check_in(Painter(name=name, paces=dict.fromkeys(Style, paces)))


# --- what is ordered ---


def test_every_field_reaches_the_order(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    choose(page, "Normal")
    choose(page, "Portrait")
    unfold(page)
    for label, value in {"Width in pixels": "96", "Height in pixels": "120", "Seed": "7", "Iterations": "40"}.items():
        page.get_by_label(label, exact=True).fill(value)
    choose(page, "Sunset")
    start = encoded(picture(4, (40, 50)), "JPEG")
    page.get_by_label("Start from a picture").set_input_files(
        {"name": "mine.jpg", "mimeType": "image/jpeg", "buffer": start}
    )
    expect(page.get_by_alt_text("The picture you start from")).to_be_visible()
    page.get_by_label("Make the film").uncheck()
    page.get_by_label("Hang it in the public gallery").check()

    ordered = order(studio, page).order
    assert (ordered.prompt, ordered.email) == ("castle underwater", ADDRESS)
    assert (ordered.style, ordered.quality, ordered.aspect) == ("image", Quality.NORMAL, Aspect.PORTRAIT)
    assert (ordered.size, ordered.seed, ordered.iterations, ordered.palette) == ((96, 120), 7, 40, "sunset")
    assert (ordered.make_video, ordered.public) == (False, True)
    assert studio.shelf.get(ordered.start_image).startswith(b"\x89PNG")


def test_fields_left_alone_are_left_to_the_server(studio: Studio, visitor: Visitor) -> None:
    ordered = order(studio, visitor.page).order
    assert ordered == Order(prompt="castle underwater", email=ADDRESS)


@pytest.mark.parametrize(("label", "style"), [("Painting", "painting"), ("Pixel art", "pixel art")])
def test_every_style_can_be_ordered(studio: Studio, visitor: Visitor, label: str, style: str) -> None:
    expect(visitor.page.get_by_role("radio", name="Image")).to_be_checked()
    choose(visitor.page, label)
    assert order(studio, visitor.page).order.style == style


def test_every_style_shows_a_sample_and_every_palette_its_colours(visitor: Visitor) -> None:
    page = visitor.page
    for style in Style:
        sample = page.locator(f"label:has([name=style][value='{style}']) img")
        page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=sample.element_handle())
    swatches = page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll("[name=palette]")].map((radio) =>
          [radio.value, [...radio.parentElement.querySelectorAll("rect")].map((rect) => rect.getAttribute("fill"))]))"""
    )
    painted = {
        name: ["#" + bytes(round(255 * c) for c in rgb).hex() for rgb in parse_palette(text)]
        for name, text in COLOURS.items()
    }
    assert swatches == {"": [], **painted}


def test_the_keyboard_alone_orders_a_picture(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    prompt_of(page).focus()
    page.keyboard.type("castle")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("underwater")
    for _ in range(3):
        page.keyboard.press("Tab")  # past "add a wish" and "surprise me" to the keywords, which are one stop
    expect(page.get_by_role("button", name="Trending")).to_be_focused()
    for key in ("ArrowRight", "End", "ArrowRight", "ArrowLeft", "Home", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    page.keyboard.press("Space")
    expect(prompt_of(page)).to_have_value("castle\nunderwater, pixel art")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Painting")).to_be_checked()
    while not page.get_by_label("E-mail").evaluate("field => field === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.type(ADDRESS)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")  # the film's switch
    prompt_of(page).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/?job=*")
    expect(hook(page, "status")).to_be_focused()
    ordered = studio.claim().job.order
    assert (ordered.prompt, ordered.email) == ("castle underwater, pixel art", ADDRESS)
    assert (ordered.style, ordered.make_video) == ("painting", False)


# --- keywords ---


@pytest.mark.parametrize(
    ("keyword", "without", "with_it"),
    [
        ("Watercolour", "", "watercolour"),
        ("Trending", "castle.", "castle, trending on artstation"),
        ("Artstation", "castle, trending on artstation", "castle, trending on artstation, artstation"),
        ("Oil painting", "castle:2 | gold", "castle, oil painting:2 | gold"),
        ("Neon", "fog:-1 | castle ^ ruins", "fog:-1 | castle, neon ^ ruins, neon"),
        ("2D game art", "castle | ", "castle, 2D game art | "),
    ],
)
def test_a_keyword_switches_its_words_on_and_off(visitor: Visitor, keyword: str, without: str, with_it: str) -> None:
    page = visitor.page
    pill = page.get_by_role("button", name=keyword, exact=True)
    prompt_of(page).fill(without)
    expect(pill).to_have_attribute("aria-pressed", "false")
    pill.click()
    expect(prompt_of(page)).to_have_value(with_it)
    expect(pill).to_have_attribute("aria-pressed", "true")
    expect(pill).to_be_focused()
    pill.click()
    expect(prompt_of(page)).to_have_value(without.removesuffix("."))
    expect(pill).to_have_attribute("aria-pressed", "false")


@pytest.mark.parametrize(
    ("keyword", "written", "tidy"),
    [
        ("Watercolour", "A Watercolor of a whale", "a whale"),
        ("Watercolour", "a whale, watercolour, neon", "a whale, neon"),
        ("Ukiyo-e", "a wave in the style of ukiyo-e", "a wave"),
        ("Low poly", "a fox in low-poly style, at night", "a fox, at night"),
        ("Oil painting", "an oil painting of a castle:2 | gold:0.5", "a castle:2 | gold:0.5"),
        ("Neon", "castle | neon:0.5", "castle"),
        ("Pixel art", "castle ^ pixel art ^ ruins, pixelart", "castle ^ ruins"),
    ],
)
def test_words_typed_by_hand_press_their_keyword_and_leave_a_tidy_prompt(
    visitor: Visitor, keyword: str, written: str, tidy: str
) -> None:
    page = visitor.page
    prompt_of(page).press_sequentially(written)
    pill = page.get_by_role("button", name=keyword, exact=True)
    expect(pill).to_have_attribute("aria-pressed", "true")
    pill.click()
    expect(prompt_of(page)).to_have_value(re.compile(f"^{re.escape(tidy)}$", re.IGNORECASE))


@pytest.mark.parametrize("text", ["neonatal care", "an oil painting", "trending on artstation", "a matte painting"])
def test_words_within_other_words_press_no_keyword(visitor: Visitor, text: str) -> None:
    prompt_of(visitor.page).fill(text)
    for keyword in ("Neon", "Painting", "Artstation"):
        pill = visitor.page.get_by_role("button", name=keyword, exact=True)
        expect(pill).to_have_attribute("aria-pressed", "false")


# --- wishes ---


def chips(page: Page) -> Locator:
    return page.get_by_role("list", name="Wishes").get_by_role("listitem")


def test_wishes_are_made_heavier_and_lighter_and_taken_away(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    expect(hook(page, "wishes")).to_be_hidden()
    prompt_of(page).fill("castle underwater")
    expect(hook(page, "wishes")).to_be_hidden()
    press(page, "Add a second wish")
    expect(prompt_of(page)).to_be_focused()
    page.keyboard.type("gold")
    expect(prompt_of(page)).to_have_value("castle underwater | gold")
    expect(chips(page)).to_have_count(2)

    press(page, "Lighter: gold")
    press(page, "Lighter: gold")
    expect(prompt_of(page)).to_have_value("castle underwater | gold:0.5")
    expect(chips(page).nth(1)).to_contain_text("0.5")
    expect(page.get_by_role("button", name="Lighter: gold")).to_be_focused()
    expect(hook(page, "wish-news")).to_have_text("gold: weight 0.5")
    press(page, "Heavier: castle underwater")
    expect(prompt_of(page)).to_have_value("castle underwater:1.5 | gold:0.5")
    press(page, "Add another wish")
    page.keyboard.type("people:-1")
    expect(chips(page).nth(2)).to_contain_text(re.compile("avoid . 1"))
    press(page, "Remove: gold")
    expect(prompt_of(page)).to_have_value("castle underwater:1.5 | people:-1")
    expect(page.get_by_role("button", name="Remove: people")).to_be_focused()
    press(page, "Remove: people")
    expect(hook(page, "wishes")).to_be_hidden()
    expect(page.get_by_role("button", name="Add a second wish")).to_be_focused()
    expect(prompt_of(page)).to_have_value("castle underwater:1.5")


def test_the_last_wish_of_a_scene_cannot_be_turned_away_from(visitor: Visitor) -> None:
    page = visitor.page
    prompt_of(page).fill("castle:0.25 | fog:-1 ^ ruins:5 | gold")
    expect(page.get_by_role("button", name="Lighter: castle")).to_be_disabled()
    expect(page.get_by_role("button", name="Heavier: ruins")).to_be_disabled()
    for _ in range(4):
        press(page, "Lighter: gold")
    expect(prompt_of(page)).to_have_value("castle:0.25 | fog:-1 ^ ruins:5 | gold:-0.25")
    expect(chips(page).nth(2)).to_contain_text("then")


READINGS = [
    "castle", "castle:2", "castle : 0.5 ", "a:b:-1:0.3", "Star Wars: A New Hope", "a:1:-inf", "a:1:inf", "at 10:30",
    "a:1e3", "a:1e7", "a:.5", "a:5.", "a:1_000", "a:+1", "a:0x1", "a:nan", "a:", ":2", "a:1:2:3", "a::2", "  ", "x^2",
]  # fmt: skip


def test_prompts_are_read_as_clipit_reads_them(visitor: Visitor) -> None:
    read = "({ parsePrompt }, texts) => texts.map(parsePrompt).map(Object.values).map((parts) => parts.map(String))"
    ours = ask(visitor.page, "prompts", read, READINGS)
    numbers = [[float(number.replace("Infinity", "inf")) for number in rest] for _, *rest in ours]
    assert [(text, *rest) for (text, *_), rest in zip(ours, numbers, strict=True)] == list(map(parse_prompt, READINGS))


def test_changed_weights_are_read_back(visitor: Visitor) -> None:
    wanted = [(text, weight) for text in ("a:1:2", "a:2:3:4", "a: b", "castle", "a:1e-7") for weight in (-0.5, 1, 3)]
    change = "({ reweighed, wishesIn }, all) => all.map(([text, weight]) => reweighed(text, wishesIn(text)[0], weight))"
    changed = map(parse_prompt, ask(visitor.page, "prompts", change, wanted))
    assert list(changed) == [parse_prompt(text)._replace(weight=weight) for text, weight in wanted]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("castle | gold:0,5", "“0,5” is no weight"),
        ("castle | gold:1e9", "“1e9” is no weight"),
        ("castle | gold:", "A number is missing"),
        ("castle:-1 | gold:-2", "say what to paint too"),
        ("castle ^ gold:0", "Nothing is left to paint"),
        ("castle ^ ", "Nothing is left to paint"),
    ],
)
def test_an_ill_formed_weight_is_said_as_one_types(visitor: Visitor, text: str, said: str) -> None:
    page = visitor.page
    prompt_of(page).press_sequentially(text)
    expect_error(page, "What would you like to see?", said)
    prompt_of(page).fill("castle | gold:0.5")
    expect_no_error(page, "What would you like to see?")


def test_what_clipit_refuses_is_not_ordered(visitor: Visitor) -> None:
    refused = ["castle:-1", "castle ^ | ", "a:0", "| |", "castle ^ x:-2 | y:-1"]
    for text in refused:
        with pytest.raises(ClipitError):
            parse_story(text)
    unnoticed = "({ grammarProblem }, texts) => texts.filter((text) => !grammarProblem(text))"
    accepted = ask(visitor.page, "prompts", unnoticed, refused)
    assert accepted == []


# --- the address ---


def test_an_address_is_remembered_only_while_the_box_is_ticked(arrive: Callable[..., Visitor], studio: Studio) -> None:
    page = arrive().page
    email, box = page.get_by_label("E-mail"), page.get_by_label("Remember it on this device")
    email.fill(ADDRESS)
    page.reload()
    expect(email).to_have_value("")
    expect(box).not_to_be_checked()
    assert ADDRESS not in page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }])")

    email.fill(ADDRESS)
    box.check()
    another = page.context.new_page()
    another.goto(studio.url)
    expect(another.get_by_label("E-mail")).to_have_value(ADDRESS)
    expect(another.get_by_label("Remember it on this device")).to_be_checked()

    box.uncheck()
    assert ADDRESS not in page.evaluate("JSON.stringify({ ...localStorage })")
    expect(email).to_have_value(ADDRESS)


# --- how long it takes ---


def test_the_minutes_of_each_quality_follow_style_shape_size_and_iterations(
    arrive: Callable[..., Visitor], studio: Studio
) -> None:
    employ(studio, one=20.0, other=40.0)
    page = arrive().page
    expect(hook(page, "estimate-note")).to_have_text("Painting times on the 2 painters who are here.")
    shown = page.locator("[data-estimate]")
    expect(shown).to_have_text(["about 2 min", "about 4 min", "about 7 min", "about 9 min"])  # 1.3 s each of 100 to 400
    choose(page, "Widescreen")
    expect(shown.first).to_have_text("about 3 min")
    unfold(page)
    expect(page.get_by_label("Width in pixels")).to_have_attribute("placeholder", "320")
    page.get_by_label("Width in pixels").fill("100")
    expect(shown.first).to_have_text("about 3 min")  # until there is a height too
    page.get_by_label("Height in pixels").fill("100")
    expect(shown.first).to_have_text("about 40 s")
    page.get_by_label("Iterations").fill("2000")
    expect(shown).to_have_text(["about 13 min"] * 4)
    page.get_by_label("Iterations").fill("99999")
    expect(shown.first).to_have_text("about 40 s")


def test_the_page_reckons_as_the_painters_do(visitor: Visitor) -> None:
    pace = Pace(iterations=75, sizes=SIZES, step_s=0.3, megapixel_s=7)
    wishes = [
        {"aspect": aspect, "size": size, "iterations": iterations}
        for aspect, size, iterations in product(Aspect, [None, (64, 48)], [None, 30])
    ]
    paces = {Style.IMAGE: {Quality.DRAFT: pace}}
    theirs = [expected_s(paces, Order.model_validate({"prompt": "kite", "email": ADDRESS, **wish})) for wish in wishes]
    reckon = "({ expectedS }, pace, wishes) => wishes.map((wish) => expectedS(pace, wish))"
    assert ask(visitor.page, "minutes", reckon, pace.model_dump(mode="json"), wishes) == pytest.approx(theirs)


def test_that_no_painter_is_there_is_said(visitor: Visitor) -> None:
    expect(hook(visitor.page, "estimate-note")).to_have_text(re.compile("^No painter is here just now"))
    expect(visitor.page.locator("[data-estimate]")).to_have_text([""] * 4)


def test_times_are_read_again_when_one_comes_back_after_a_while(arrive: Callable[..., Visitor], studio: Studio) -> None:
    studio.queue.presence_s = presence_s = 2.0  # so long the server says the same
    visitor = arrive()
    page = visitor.page
    expect(hook(page, "estimate-note")).to_have_text(re.compile("^No painter"))
    page.clock.install()
    asked = visitor.loaded.count(f"{studio.url}/api/choices")
    choose(page, "Better")
    look_away = """(hidden) => {
      Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }"""
    page.evaluate(look_away, True)
    page.clock.fast_forward(10_000)
    page.evaluate(look_away, False)
    page.evaluate(look_away, True)
    page.clock.fast_forward(120_000)
    time.sleep(presence_s)
    employ(studio, one=20.0, presence_s=presence_s)
    page.evaluate(look_away, False)
    expect(hook(page, "estimate-note")).to_have_text("Painting times on the one painter who is here.")
    assert visitor.loaded.count(f"{studio.url}/api/choices") == asked + 1
    expect(page.get_by_role("radio", name="Better")).to_be_checked()


def test_a_painter_who_comes_while_one_looks_is_noticed(arrive: Callable[..., Visitor], studio: Studio) -> None:
    studio.queue.presence_s = presence_s = 2.0
    page = arrive().page
    page.clock.install()
    page.reload()
    expect(hook(page, "estimate-note")).to_have_text(re.compile("^No painter"))
    time.sleep(presence_s)
    employ(studio, one=20.0, presence_s=presence_s)
    page.clock.fast_forward(10_000)
    expect(hook(page, "estimate-note")).to_have_text("Painting times on the one painter who is here.")


# --- a picture to start from ---


def start_picture(page: Page) -> Locator:
    return page.get_by_alt_text("The picture you start from")


def hand_over(page: Page, event: str, target: str, name: str = "mine.png", type_: str = "image/png") -> None:
    """Drop or paste a PNG there."""
    page.evaluate(
        """([event, target, name, type, bytes]) => {
          const files = new DataTransfer();
          files.items.add(new File([new Uint8Array(bytes)], name, { type }));
          const carried = event === "paste" ? { clipboardData: files } : { dataTransfer: files };
          const Kind = event === "paste" ? ClipboardEvent : DragEvent;
          const given = new Kind(event, { bubbles: true, cancelable: true, ...carried });
          document.querySelector(target).dispatchEvent(given);
        }""",
        [event, target, name, type_, list(PNG)],
    )


@pytest.mark.parametrize(
    ("event", "target"), [("drop", "#prompt"), ("drop", "#order"), ("paste", "#email"), ("paste", "#prompt")]
)
def test_a_picture_dropped_or_pasted_is_started_from(studio: Studio, visitor: Visitor, event: str, target: str) -> None:
    page = visitor.page
    hand_over(page, event, target)
    expect(start_picture(page)).to_be_visible()
    page.wait_for_function("image => image.naturalWidth === 40", arg=start_picture(page).element_handle())
    expect(hook(page, "start-name")).to_have_text("mine.png")
    expect(hook(page, "start-size")).to_have_text("1 kB")
    assert studio.shelf.get(order(studio, page).order.start_image).startswith(b"\x89PNG")


def test_the_canvas_says_where_to_drop_a_picture(visitor: Visitor) -> None:
    page = visitor.page
    invitation = page.get_by_text("Drop the picture: the painting starts from it.")
    expect(invitation).to_be_hidden()
    hand_over(page, "dragover", "body")
    expect(invitation).to_be_visible()
    page.evaluate("document.dispatchEvent(new DragEvent('dragleave'))")
    expect(invitation).to_be_hidden()
    hand_over(page, "drop", "footer")  # missed, and still on this page
    expect(start_picture(page)).to_be_hidden()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"not a picture", "no PNG, JPEG or WebP"),
        (b"GIF89a" + bytes(20), "no PNG, JPEG or WebP"),
        (PNG[:60], "cannot be read"),
        (PNG + bytes(5_100_000), "at most 5 MB"),
    ],
    ids=["text", "gif", "cut off", "too large"],
)
def test_a_picture_that_is_not_accepted_is_said_before_it_is_sent(visitor: Visitor, data: bytes, said: str) -> None:
    page = visitor.page
    expect(page.get_by_role("radio", name="Image")).to_be_visible()
    page.get_by_label("Start from a picture").set_input_files(
        {"name": "mine.png", "mimeType": "image/png", "buffer": data}
    )
    expect_error(page, "Start from a picture", said)
    expect(start_picture(page)).to_be_hidden()
    assert page.get_by_label("Start from a picture").evaluate("input => input.files.length") == 0
    assert not any("start-images" in url for url in visitor.loaded)


def test_a_start_image_that_the_server_refuses_is_said_at_its_field(visitor: Visitor) -> None:
    page = visitor.page
    visitor.refusals = {422}
    large = encoded(picture(2, (5000, 4000)), "PNG")  # 20 megapixels in few bytes
    page.get_by_label("Start from a picture").set_input_files(
        {"name": "mine.png", "mimeType": "image/png", "buffer": large}
    )
    expect(start_picture(page)).to_be_visible()
    write(page)
    press(page, "Generate")
    expect_error(page, "Start from a picture", "megapixels")


def test_a_start_image_can_be_taken_back(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    hand_over(page, "drop", "#order")
    press(page, "Remove")
    expect(start_picture(page)).to_be_hidden()
    expect(page.get_by_label("Start from a picture")).to_be_focused()
    assert order(studio, page).order.start_image is None


def test_a_start_image_that_is_taken_back_does_not_come_again(arrive: Callable[..., Visitor], studio: Studio) -> None:
    page = arrive("/api/choices").page
    page.add_init_script(
        """const read = FileReader.prototype.readAsDataURL;
        FileReader.prototype.readAsDataURL = function (file) {
          this.addEventListener("loadend", () => setTimeout(() => { window.wasRead = true; }));
          setTimeout(() => read.call(this, file), 500);
        };"""
    )
    page.goto(studio.url)
    hand_over(page, "drop", "#order")
    press(page, "Remove")
    page.wait_for_function("() => window.wasRead")
    page.reload()
    expect(page.get_by_role("radio", name="Image")).to_be_visible()
    expect(start_picture(page)).to_be_hidden()


def test_a_picture_dropped_beside_the_form_does_not_lead_away(studio: Studio, arrive: Callable[..., Visitor]) -> None:
    page = arrive(f"/?job={studio.finished().id}").page
    expect(hook(page, "status")).to_have_text("Finished")
    kept = page.evaluate(
        """["dragover", "drop"].map((event) => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File(["x"], "mine.png", { type: "image/png" }));
          const given = new DragEvent(event, { bubbles: true, cancelable: true, dataTransfer });
          return !document.querySelector("main").dispatchEvent(given);
        })"""
    )
    assert kept == [True, True]


# --- checks as one types ---


def test_a_field_is_quiet_until_it_was_left_and_then_told_at_once(visitor: Visitor) -> None:
    page = visitor.page
    email = page.get_by_label("E-mail")
    email.press_sequentially("visitor@exa")
    expect_no_error(page, "E-mail")
    page.get_by_label("Remember it on this device").focus()
    expect_error(page, "E-mail", "looks like you@example.org")
    email.press_sequentially("mple.com")
    expect_no_error(page, "E-mail")
    email.press("Backspace")
    email.fill("")
    expect_error(page, "E-mail", "Write where to send the picture")


def test_a_field_passed_by_is_not_blamed(visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_label("E-mail").focus()
    prompt_of(page).focus()
    page.get_by_label("E-mail").focus()
    expect_no_error(page, "E-mail")
    expect_no_error(page, "What would you like to see?")


def test_an_order_that_is_not_well_formed_is_not_sent(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    write(page, prompt="x" * 501, email="no address")
    unfold(page)
    page.get_by_label("Width in pixels").fill("9000")
    page.get_by_label("Seed").fill("soon")
    page.get_by_label("Iterations").fill("2001")
    page.get_by_text("Advanced", exact=True).click()
    press(page, "Generate")

    expect_error(page, "What would you like to see?", "500 characters")
    expect_error(page, "E-mail", "looks like")
    expect_error(page, "Width in pixels", "32 to 1024")
    expect_error(page, "Seed", "0 to 4294967295")
    expect_error(page, "Iterations", "1 to 2000")
    expect(prompt_of(page)).to_be_focused()
    expect(page.get_by_role("button", name="Generate")).to_be_enabled()
    assert not any(url.endswith("/api/jobs") for url in visitor.loaded)

    write(page)
    page.get_by_label("Width in pixels").fill("96")
    page.get_by_label("Height in pixels").fill("1025")
    expect_error(page, "Width in pixels", "32 to 1024")
    page.get_by_label("Height in pixels").fill("96")
    expect_no_error(page, "Width in pixels")
    page.get_by_label("Seed").fill("4294967295")
    page.get_by_label("Iterations").fill("")
    assert order(studio, page).order.seed == 2**32 - 1


@pytest.mark.parametrize("character", ["\u200b", "\u202e", "\x07", "\u00ad"])
def test_an_invisible_character_is_said(visitor: Visitor, character: str) -> None:
    page = visitor.page
    prompt_of(page).fill(f"castle {character} underwater")
    expect_error(page, "What would you like to see?", f"U+{ord(character):04X}")


def test_characters_are_counted_as_the_server_counts_them(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    prompt = "🏰" * 499 + "\n\n 水"
    prompt_of(page).fill(prompt)
    expect(hook(page, "counter")).to_have_text("501 / 500")
    expect_error(page, "What would you like to see?", "500 characters")
    assert len(order(studio, page, prompt="🏰" * 500).order.prompt) == 500


def test_what_only_the_server_knows_is_said_at_its_field_until_it_changes(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    visitor.refusals = {422}
    studio.queue.suppress(ADDRESS, "bounced")
    write(page)
    press(page, "Generate")
    expect_error(page, "E-mail", "Gets no mail any more")
    expect(page.get_by_label("E-mail")).to_be_focused()
    page.get_by_label("E-mail").press_sequentially("x")
    expect_no_error(page, "E-mail")


def test_generate_is_disabled_only_while_sending(visitor: Visitor) -> None:
    page = visitor.page
    held: list[Route] = []
    page.route("**/api/jobs", lambda route: held.append(route))
    generate = hook(page, "generate")
    expect(generate).to_be_enabled()
    write(page)
    generate.click()
    expect(generate).to_be_disabled()
    expect(generate).to_have_text("Sending…")
    held[0].abort()
    expect(generate).to_be_enabled()
    expect(generate).to_have_text("Generate")


@pytest.mark.parametrize("width", [1280, 320])
def test_messages_move_nothing(arrive: Callable[..., Visitor], width: int) -> None:
    page = arrive(viewport={"width": width, "height": 900}).page
    unfold(page)
    top = "name => document.querySelector(`[data-hook='${name}']`).getBoundingClientRect().top + scrollY"
    before = page.evaluate(top, "generate")
    write(page, prompt="castle:", email="no address")
    page.get_by_label("Seed").fill("x")
    page.get_by_label("Iterations").fill("x")
    page.get_by_label("Width in pixels").fill("x")
    page.get_by_label("E-mail").press("Enter")
    expect_error(page, "E-mail", "looks like")
    expect_error(page, "What would you like to see?", "missing")
    assert page.evaluate(top, "generate") == pytest.approx(before, abs=1)


# --- clear, surprise, dice, draft ---


def test_clear_can_be_undone_until_the_next_edit(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    write(page, prompt="castle | gold")
    choose(page, "Portrait")
    choose(page, "Better")
    page.get_by_label("Make the film").uncheck()
    hand_over(page, "drop", "#order")
    expect(start_picture(page)).to_be_visible()
    press(page, "Clear")
    expect(prompt_of(page)).to_have_value("")
    expect(page.get_by_label("E-mail")).to_have_value("")
    expect(page.get_by_role("radio", name="Draft")).to_be_checked()
    expect(hook(page, "studio")).to_have_attribute("style", re.compile(r"--ratio: 1;"))
    expect(page.get_by_label("Make the film")).to_be_checked()
    expect(start_picture(page)).to_be_hidden()
    press(page, "Undo clear")
    expect(prompt_of(page)).to_have_value("castle | gold")
    expect(page.get_by_role("radio", name="Better")).to_be_checked()
    expect(start_picture(page)).to_be_visible()
    press(page, "Clear")
    prompt_of(page).press_sequentially("f")
    expect(page.get_by_role("button", name="Clear", exact=True)).to_be_visible()
    press(page, "Clear")
    press(page, "Undo clear")
    expect(prompt_of(page)).to_have_value("f")


def test_clear_keeps_an_address_that_is_remembered_and_blames_nothing(visitor: Visitor) -> None:
    page = visitor.page
    write(page, prompt="castle:")
    page.get_by_label("Remember it on this device").check()
    press(page, "Generate")
    expect_error(page, "What would you like to see?", "missing")
    press(page, "Clear")
    expect_no_error(page, "What would you like to see?")
    expect(page.get_by_label("E-mail")).to_have_value(ADDRESS)


def test_surprise_me_writes_what_the_small_models_know(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    seen = set()
    for _ in range(5):
        press(page, "Surprise me")
        seen.add(prompt_of(page).input_value())
        expect(hook(page, "keywords").locator("[aria-pressed=true]")).to_have_count(1)
    assert len(seen) >= 4
    world = ask(page, "surprise", "({ WORLD }) => WORLD")
    scenes = {kind: [read(phrase).scene for phrase in phrases] for kind, phrases in world.items()}
    assert not any(read(phrase).unknown for phrases in world.values() for phrase in phrases)
    assert all(len(scene.things) == 1 for scene in scenes["things"])
    assert all(scene.place or scene.time or scene.weather for scene in scenes["places"])
    styles = [scene.style for scene in scenes["keywords"]]
    assert None not in styles and len(set(styles)) == len(styles)


def test_the_dice_give_a_seed(studio: Studio, visitor: Visitor) -> None:
    unfold(visitor.page)
    press(visitor.page, "Roll the dice")
    seed = int(visitor.page.get_by_label("Seed").input_value())
    assert order(studio, visitor.page).order.seed == seed


def test_a_draft_outlives_a_reload_but_not_its_address(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    write(page, prompt="castle\nunderwater | gold:0.5")
    choose(page, "Pixel art")
    choose(page, "Widescreen")
    unfold(page)
    page.get_by_label("Seed").fill("7")
    choose(page, "Ocean")
    page.get_by_label("Hang it in the public gallery").check()
    hand_over(page, "drop", "#order", name="mine.png")
    expect(start_picture(page)).to_be_visible()
    page.wait_for_function("() => sessionStorage.getItem('text2art.draft.picture')")
    page.reload()
    expect(prompt_of(page)).to_have_value("castle\nunderwater | gold:0.5")
    expect(page.get_by_label("E-mail")).to_have_value("")
    expect(page.get_by_role("radio", name="Pixel art")).to_be_checked()
    expect(hook(page, "studio")).to_have_attribute("style", re.compile("--ratio: 1.777"))
    expect(hook(page, "start-name")).to_have_text("mine.png")
    page.get_by_label("E-mail").fill(ADDRESS)
    press(page, "Generate")
    page.wait_for_url("**/?job=*")
    ordered = studio.claim().job.order
    assert (ordered.prompt, ordered.style, ordered.seed) == ("castle underwater | gold:0.5", "pixel art", 7)
    assert (ordered.palette, ordered.public) == ("ocean", True)
    assert studio.shelf.get(ordered.start_image).startswith(b"\x89PNG")


# --- from a picture that is there ---


def test_a_remix_has_every_part_of_the_recipe(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    recipe = {"prompt": "castle | gold:0.5", "style": "painting", "quality": "best", "aspect": "portrait"}
    recipe |= {"size": [96, 120], "iterations": 40, "seed": 7, "palette": "neon", "make_video": False}
    first = studio.finished(**recipe)
    prompt_of(page).fill("something else")
    page.goto(f"{studio.url}/?remix={first.id}")
    expect(prompt_of(page)).to_have_value("castle | gold:0.5")
    expect(page.get_by_label("Seed")).to_be_visible()
    again = order(studio, page, prompt="castle | gold:0.5").order
    assert again == first.order.model_copy(update={"email": ADDRESS})


def test_a_scale_in_a_recipe_lasts_until_another_size_is_chosen(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    first = studio.finished(scale=2.5)
    page.goto(f"{studio.url}/?remix={first.id}")
    expect(hook(page, "size-hint")).to_have_text("2.5 times the draft's size, as in its recipe.")
    page.get_by_label("E-mail").fill(ADDRESS)
    press(page, "Generate")
    page.wait_for_url("**/?job=*")
    assert studio.claim().job.order.scale == 2.5
    page.goto(f"{studio.url}/?remix={first.id}")
    expect(prompt_of(page)).to_have_value("a kite")
    choose(page, "Better")
    assert order(studio, page).order.scale is None


def test_a_picture_that_is_there_is_started_from(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    first = studio.finished()
    page.goto(f"{studio.url}/?start={first.id}")
    expect(start_picture(page)).to_have_attribute("src", re.compile(f"/r/{first.id}/picture.png"))
    page.wait_for_function("image => image.naturalWidth > 0", arg=start_picture(page).element_handle())
    page.reload()
    expect(start_picture(page)).to_be_visible()
    started = order(studio, page, prompt="a red kite").order.start_image
    assert studio.shelf.get(started) == studio.shelf.get(first.files.picture)


# --- on every screen ---


def test_a_phone_shows_the_whole_form(arrive: Callable[..., Visitor], studio: Studio) -> None:
    employ(studio, one=20.0)
    page = arrive(**PHONE).page
    unfold(page)
    prompt_of(page).fill("Donaudampfschifffahrtsgesellschaftskapitän" * 3 + " | gold:0.5 | people:-1")
    hand_over(page, "drop", "#order", name="W" * 90 + ".png")
    expect(start_picture(page)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    cut = page.evaluate(
        """[...document.querySelectorAll("#order label, .keywords button, .wish button, #order button")]
          .filter((element) => element.scrollWidth > element.clientWidth + 1).map((element) => element.outerHTML)"""
    )
    assert cut == []
    small = page.evaluate(
        """[...document.querySelectorAll(".option, .keywords button, .wish button, .order button, .check")]
          .filter(({ offsetHeight }) => offsetHeight && offsetHeight < 24).map((element) => element.outerHTML)"""
    )
    assert small == []  # WCAG 2.2, target size


@pytest.mark.parametrize("what", ["getItem", "setItem"])
def test_a_browser_that_keeps_nothing_orders_all_the_same(
    arrive: Callable[..., Visitor], studio: Studio, what: str
) -> None:
    visitor = arrive("/api/choices")
    visitor.page.add_init_script(
        f"Storage.prototype.{what} = () => {{ throw new DOMException('no', 'SecurityError'); }}"
    )
    visitor.page.goto(studio.url)
    visitor.page.get_by_label("Remember it on this device").check()
    assert order(studio, visitor.page).order.prompt == "castle underwater"


def test_a_browser_whose_tabs_may_not_talk_orders_all_the_same(arrive: Callable[..., Visitor], studio: Studio) -> None:
    visitor = arrive("/api/choices")
    visitor.page.add_init_script(
        "window.BroadcastChannel = class { constructor() { throw new DOMException('no', 'SecurityError'); } };"
    )
    visitor.page.goto(studio.url)
    assert order(studio, visitor.page).order.prompt == "castle underwater"


def test_every_module_of_the_page_is_loaded_ahead(visitor: Visitor, studio: Studio) -> None:
    page = visitor.page
    expect(page.get_by_role("radio", name="Image")).to_be_visible()
    modules = {urlsplit(url).path for url in visitor.loaded if "/static/js/" in url} - {
        "/static/js/language.js",
        "/static/js/opening.js",
    }
    hinted = page.evaluate(
        "[...document.querySelectorAll('link[rel=modulepreload]')].map((link) => link.getAttribute('href'))"
    )
    assert modules - {"/static/js/app.js"} == set(hinted)
