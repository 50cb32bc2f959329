"""The page as visitors meet it, in a real browser on a real server, with the worker played by hand.

What the parts of the page do is tested beside this: test_form, test_watching, test_result, test_gallery.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from api.settings import ApiSettings
from tests.browser import assert_plays
from tests.frontend.conftest import STEPS
from tests.frontend.visits import ADDRESS, PHONE, expect_on_canvas, generate, hook, on_canvas, press, write


def test_a_sentence_becomes_a_picture_and_a_film_before_the_visitors_eyes(studio, visitor):
    page = visitor.page
    others = [studio.order(), studio.order()]
    job_id = generate(page)
    expect(hook(page, "before-you")).to_have_text("2 before you")
    for other in others:
        studio.queue.cancel(other.id)
    expect(hook(page, "before-you")).to_have_text("You are next")

    claim = studio.claim()
    expect(hook(page, "status")).to_have_text("Being painted")
    studio.paint(claim, 3)
    bar = page.get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuenow", "3")
    expect(bar).to_have_attribute("aria-valuemax", str(STEPS))
    expect(hook(page, "step")).to_have_text("3")
    expect(hook(page, "of")).to_have_text(f"of {STEPS}")
    expect(hook(page, "score")).to_have_text("0.175")
    expect_on_canvas(page, "/preview.webp?v=3")
    studio.paint(claim, 6)
    expect_on_canvas(page, "/preview.webp?v=6")

    studio.finish(claim)
    expect(hook(page, "status")).to_have_text("Finished")
    expect_on_canvas(page, f"/r/{job_id}/picture.png")
    expect(on_canvas(page)).to_have_attribute("alt", "castle underwater")
    expect(page.get_by_text("A mail is on its way to you.", exact=True)).to_be_visible()
    assert_plays(page.get_by_label("The film of the painting"))
    expect(bar).to_be_hidden()
    assert ADDRESS not in page.locator("main").inner_text()


class TestAFullQueue:
    @pytest.fixture
    def settings(self):
        return ApiSettings(max_queue=1)

    def test_is_said_and_the_form_keeps_what_was_written(self, studio, visitor):
        studio.order()
        visitor.refusals = {503}
        write(visitor.page)
        visitor.page.get_by_role("button", name="Generate").click()
        expect(hook(visitor.page, "problem")).to_have_text(re.compile("Too many pictures are waiting"))
        expect(visitor.page.get_by_label("E-mail")).to_have_value(ADDRESS)


def test_a_reload_resumes_and_the_back_button_leads_to_the_empty_canvas(studio, visitor):
    page = visitor.page
    generate(page)
    claim = studio.claim()
    studio.paint(claim, 2)
    expect(hook(page, "step")).to_have_text("2")
    page.reload()
    expect(hook(page, "step")).to_have_text("2")
    expect_on_canvas(page, "/preview.webp?v=2")
    studio.finish(claim)
    expect_on_canvas(page, "/picture.png")

    page.go_back()
    expect(page.get_by_label("What would you like to see?")).to_be_visible()
    expect(on_canvas(page)).to_have_count(0)
    page.go_forward()
    expect_on_canvas(page, "/picture.png")


def test_a_link_within_the_page_leaves_the_canvas_alone(studio, visitor):
    page = visitor.page
    page.goto(f"{studio.url}/?job={studio.finished().id}")
    expect_on_canvas(page, "/picture.png")
    on_canvas(page).evaluate("image => { image.isTheSame = true }")
    page.evaluate("() => { window.moved = new Promise(tell => addEventListener('hashchange', () => tell(true))) }")
    page.get_by_role("link", name="Gallery", exact=True).click()
    assert page.evaluate("window.moved")
    assert on_canvas(page).evaluate("image => image.isTheSame")


def test_screen_readers_hear_phases_and_quarters_not_every_step(studio, visitor):
    page = visitor.page
    said = hook(page, "announcer")
    generate(page)
    expect(said).to_have_text("In the queue, you are next.")
    claim = studio.claim()
    for step, words in {
        1: "The painting has begun.",
        2: "Painting, 25 percent done.",
        3: "Painting, 25 percent done.",
    }.items():
        studio.paint(claim, step)
        expect(hook(page, "step")).to_have_text(str(step))
        expect(said).to_have_text(words)
    studio.finish(claim)
    expect(said).to_have_text("The picture is finished. A mail is on its way to you.")


@pytest.mark.parametrize("width", [320, 360])
def test_a_phone_never_scrolls_sideways(studio, arrive, width):
    page = arrive(**PHONE | {"viewport": {"width": width, "height": 740}}).page
    assert_fits(page)
    generate(page, prompt="Donaudampfschifffahrtsgesellschaftskapitän " * 11)
    assert_fits(page)
    studio.paint(claim := studio.claim(), 4)
    expect_on_canvas(page, "v=4")
    assert_fits(page)
    press(page, "Paint another")
    expect(hook(page, "tray")).to_be_visible()
    assert_fits(page)
    page.go_back()
    studio.finish(claim)
    expect_on_canvas(page, "/picture.png")
    assert_plays(hook(page, "film").locator("video"))
    assert_fits(page)


def assert_fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_stand_out_from_their_grounds(arrive, scheme):
    """WCAG 2.2, contrast of at least 4.5 (AA)."""
    colours = arrive(color_scheme=scheme).page.evaluate(
        "names => names.map(name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`))",
        names := ["wall", "wall-lit", "card", "ink", "soft", "pigment", "on-pigment", "alarm", "canvas", "canvas-soft"],
    )
    colour = dict(zip(names, colours, strict=True))
    pairs = [(text, ground) for text in ("ink", "soft", "pigment", "alarm") for ground in ("wall", "wall-lit", "card")]
    pairs += [("on-pigment", "pigment"), ("wall", "ink"), ("canvas-soft", "canvas")]
    assert {pair: found for pair in pairs if (found := contrast(*(colour[name] for name in pair))) < 4.5} == {}


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, WCAG 2.2."""
    channels = [part / 255 for part in bytes.fromhex(colour.strip().removeprefix("#"))]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_every_control_has_a_name_and_every_description_exists(visitor):
    nameless = visitor.page.evaluate(
        """[...document.querySelectorAll("input:not([type=hidden]), textarea, button, video, [role]")].filter(control =>
          !control.labels?.length && !control.ariaLabel && !control.textContent.trim()
          && !["status", "alert"].includes(control.role)).map(control => control.outerHTML)"""
    )
    assert nameless == []
    dangling = visitor.page.evaluate(
        """["aria-describedby", "aria-labelledby"].flatMap(name =>
          [...document.querySelectorAll(`[${name}]`)].flatMap(element => element.getAttribute(name).split(" ")))
          .filter(id => !document.getElementById(id))"""
    )
    assert dangling == []


def test_motion_stops_for_those_who_ask_for_less(arrive, studio):
    page = arrive(f"/?job={studio.finished().id}", reduced_motion="reduce").page
    expect_on_canvas(page, "/picture.png")
    assert on_canvas(page).evaluate("image => getComputedStyle(image).animationName") == "none"
