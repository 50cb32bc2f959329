"""The page as visitors meet it, in a real browser on a real server, with the worker played by hand."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from api.settings import ApiSettings
from jobs import Aspect, Quality, Status
from tests.browser import assert_plays
from tests.frontend.conftest import STEPS, encoded, picture

ADDRESS = "visitor@example.com"
HOSTILE = """<img src=x onerror=alert(1)><script>alert(2)</script>"'&amp; ${alert(3)} 水 🏰"""
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
FIRST_LOAD_BYTES = 60_000


def hook(page: Page, name: str):
    return page.locator(f"[data-hook={name}]")


def write(page: Page, prompt: str = "castle underwater", email: str = ADDRESS) -> None:
    page.get_by_label("What would you like to see?").fill(prompt)
    page.get_by_label("E-mail").fill(email)


def generate(page: Page, **words: str) -> str:
    """Order a picture and give its id, as the page's address tells it."""
    write(page, **words)
    page.get_by_role("button", name="Generate").click()
    page.wait_for_url("**/?job=*")
    return parse_qs(urlsplit(page.url).query)["job"][0]


def choose(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name).check()


def on_canvas(page: Page):
    return hook(page, "pictures").locator("img").last


def expect_on_canvas(page: Page, file: str) -> None:
    expect(on_canvas(page)).to_have_attribute("src", re.compile(re.escape(file)))
    assert on_canvas(page).evaluate("image => image.naturalWidth") > 0


def error_at(page: Page, label: str) -> str:
    """The message that belongs to a control, found as screen readers find it."""
    control = page.get_by_label(label, exact=True)
    expect(control).to_have_attribute("aria-invalid", "true")
    described_by = control.get_attribute("aria-describedby").split()[-1]
    return page.locator(f"#{described_by}").inner_text()


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


def test_picture_and_film_can_be_downloaded(studio, visitor):
    page = visitor.page
    job = studio.finished()
    page.goto(f"{studio.url}/?job={job.id}")
    for name, key in {"Download PNG": job.files.picture, "Download MP4": job.files.film}.items():
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        assert download.value.path().read_bytes() == studio.shelf.get(key)


def test_every_field_reaches_the_order(studio, visitor):
    page = visitor.page
    choose(page, "Normal")
    choose(page, "Portrait")
    page.get_by_text("Details", exact=True).click()
    for label, value in {"Width in pixels": "96", "Height in pixels": "120", "Seed": "7", "Iterations": "40"}.items():
        page.get_by_label(label, exact=True).fill(value)
    start = encoded(picture(4, (40, 50)), "JPEG")
    page.get_by_label("Start from a picture").set_input_files(
        {"name": "mine.jpg", "mimeType": "image/jpeg", "buffer": start}
    )
    preview = page.get_by_alt_text("The picture you start from")
    expect(preview).to_be_visible()
    page.get_by_label("Make the film").uncheck()
    page.get_by_label("Hang it in the public gallery").check()

    order = studio.queue.get(generate(page)).order
    assert (order.prompt, order.email) == ("castle underwater", ADDRESS)
    assert (order.style, order.quality, order.aspect) == ("image", Quality.NORMAL, Aspect.PORTRAIT)
    assert (order.size, order.seed, order.iterations) == ((96, 120), 7, 40)
    assert (order.make_video, order.public) == (False, True)
    assert studio.shelf.get(order.start_image).startswith(b"\x89PNG")


def test_fields_left_alone_are_left_to_the_server(studio, visitor):
    order = studio.queue.get(generate(visitor.page)).order
    assert (order.size, order.seed, order.iterations, order.start_image) == (None, None, None, None)
    assert (order.quality, order.aspect, order.make_video, order.public) == ("draft", "square", True, False)


@pytest.mark.parametrize(("label", "style"), [("Painting", "painting"), ("Pixel art", "pixel art")])
def test_every_style_can_be_ordered(studio, visitor, label, style):
    expect(visitor.page.get_by_role("radio", name="Image")).to_be_checked()
    choose(visitor.page, label)
    assert studio.queue.get(generate(visitor.page)).order.style == style


def test_an_example_fills_the_canvas_and_the_counter_counts(visitor):
    page = visitor.page
    page.get_by_role("button", name="a red apple on the beach").click()
    prompt = page.get_by_label("What would you like to see?")
    expect(prompt).to_have_value("a red apple on the beach")
    expect(prompt).to_be_focused()
    expect(hook(page, "counter")).to_have_text("24 / 500")


def test_the_keyboard_alone_orders_a_picture(studio, visitor):
    page = visitor.page
    page.get_by_label("What would you like to see?").focus()
    page.keyboard.type("castle")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("underwater")
    for _ in range(4):
        page.keyboard.press("Tab")  # past the three examples
    page.keyboard.type(ADDRESS)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Normal")).to_be_checked()
    page.get_by_label("What would you like to see?").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/?job=*")
    expect(hook(page, "status")).to_be_focused()
    order = studio.claim().job.order
    assert (order.prompt, order.email, order.quality) == ("castle underwater", ADDRESS, "normal")


def test_a_hostile_prompt_is_text_on_the_canvas_in_the_label_in_the_gallery_and_in_its_viewer(studio, visitor):
    page = visitor.page
    page.get_by_label("Hang it in the public gallery").check()
    generate(page, prompt=HOSTILE)
    expect(hook(page, "inscription")).to_have_text(HOSTILE)
    expect(hook(page, "title")).to_have_text(HOSTILE)
    studio.finish(studio.claim())
    expect(hook(page, "status")).to_have_text("Finished")
    expect(on_canvas(page)).to_have_attribute("alt", HOSTILE)
    hung = hook(page, "wall").get_by_role("button")
    expect(hung).to_have_text(HOSTILE)
    hung.click()
    viewer = page.get_by_role("dialog")
    expect(viewer.get_by_role("heading")).to_have_text(HOSTILE)
    expect(viewer.get_by_alt_text(HOSTILE)).to_be_visible()
    assert page.locator("img[src=x], script:not([src])").count() == 0


def test_what_the_server_refuses_is_said_at_its_field(visitor):
    page = visitor.page
    visitor.refusals = {422}
    write(page, email="no address")
    page.get_by_label("What would you like to see?").evaluate("field => field.value = 'x'.repeat(501)")
    page.get_by_text("Details", exact=True).click()
    page.get_by_label("Width in pixels").fill("9000")
    page.get_by_label("Height in pixels").fill("9000")
    page.get_by_label("Seed").fill("soon")
    page.get_by_text("Details", exact=True).click()
    page.get_by_role("button", name="Generate").click()

    assert "500 characters" in error_at(page, "What would you like to see?")
    assert "valid email address" in error_at(page, "E-mail")
    assert "1024" in error_at(page, "Width in pixels")
    assert "whole number" in error_at(page, "Seed")
    expect(page.get_by_label("What would you like to see?")).to_be_focused()
    expect(page.get_by_role("button", name="Generate")).to_be_enabled()


def test_an_error_goes_once_its_field_is_right(visitor):
    page = visitor.page
    visitor.refusals = {422}
    page.get_by_role("button", name="Generate").click()
    assert "empty" in error_at(page, "What would you like to see?")
    write(page, email="still none")
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_label("What would you like to see?")).not_to_have_attribute("aria-invalid", "true")
    expect(page.locator("#prompt-error")).to_be_hidden()
    expect(page.locator("#prompt-error")).to_have_text("")
    assert "valid email address" in error_at(page, "E-mail")


@pytest.mark.parametrize(
    ("file", "said"),
    [(b"not a picture", "not a picture that can be read"), (b"\x89PNG" + bytes(5_100_000), "up to 5 MB")],
    ids=["no picture", "too large"],
)
def test_a_start_image_that_is_refused_is_said_at_its_field(visitor, file, said):
    page = visitor.page
    visitor.refusals = {413, 422}
    page.get_by_text("Details", exact=True).click()
    page.get_by_label("Start from a picture").set_input_files(
        {"name": "mine.png", "mimeType": "image/png", "buffer": file}
    )
    write(page)
    page.get_by_role("button", name="Generate").click()
    assert said in error_at(page, "Start from a picture")


def test_a_start_image_can_be_taken_back(studio, visitor):
    page = visitor.page
    page.get_by_text("Details", exact=True).click()
    file = {"name": "mine.png", "mimeType": "image/png", "buffer": encoded(picture(2, (32, 32)), "PNG")}
    page.get_by_label("Start from a picture").set_input_files(file)
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_alt_text("The picture you start from")).to_be_hidden()
    assert studio.queue.get(generate(page)).order.start_image is None


class TestAFullQueue:
    @pytest.fixture
    def settings(self):
        return ApiSettings(max_queue=1)

    def test_is_said_and_the_form_keeps_what_was_written(self, studio, visitor):
        studio.order()
        visitor.refusals = {503}
        write(visitor.page)
        visitor.page.get_by_role("button", name="Generate").click()
        expect(visitor.page.get_by_role("alert")).to_have_text(re.compile("Too many pictures are waiting"))
        expect(visitor.page.get_by_label("E-mail")).to_have_value(ADDRESS)


@pytest.mark.parametrize(("status", "said"), [(413, "larger"), (429, "wait"), (502, "502"), (503, "closed")])
def test_refusals_by_a_proxy_are_said(visitor, status, said):
    visitor.refusals = {status}
    visitor.page.route("**/api/jobs", lambda route: route.fulfill(status=status, body="<html>"))
    write(visitor.page)
    visitor.page.get_by_role("button", name="Generate").click()
    expect(visitor.page.get_by_role("alert")).to_have_text(re.compile(said))


def test_a_server_that_cannot_be_reached_is_said_and_the_next_try_works(visitor):
    page = visitor.page
    page.route("**/api/jobs", lambda route: route.abort())
    write(page)
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_role("alert")).to_have_text(re.compile("cannot be reached"))
    page.unroute("**/api/jobs")
    page.get_by_role("button", name="Generate").click()
    expect(hook(page, "status")).to_have_text("Waiting for the easel")
    expect(page.get_by_role("alert")).to_be_hidden()


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
    page.get_by_role("link", name="Gallery").click()
    assert page.evaluate("window.moved")
    assert on_canvas(page).evaluate("image => image.isTheSame")


def test_an_address_of_no_job_is_said_over_an_empty_canvas(visitor, studio):
    visitor.refusals = {404}
    visitor.page.goto(f"{studio.url}/?job=AAAAAAAAAAAAAAAAAAAAAA")
    expect(visitor.page.get_by_role("alert")).to_have_text(re.compile("no such picture"))
    expect(visitor.page.get_by_label("What would you like to see?")).to_be_visible()


def test_a_failed_job_shows_its_reason_and_try_again_refills_the_form(studio, visitor):
    page = visitor.page
    choose(page, "Better")
    choose(page, "Widescreen")
    generate(page)
    studio.queue.fail(studio.claim(), "The memory ran out; a smaller size may work.")
    expect(hook(page, "reason")).to_have_text("The memory ran out; a smaller size may work.")
    page.reload()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_label("What would you like to see?")).to_have_value("castle underwater")
    expect(page.get_by_role("radio", name="Better")).to_be_checked()
    expect(page.get_by_role("radio", name="Widescreen")).to_be_checked()
    assert "job=" not in page.url
    generate(page)
    assert studio.claim().job.order.quality == "better"


def test_cancelling_takes_the_order_back(studio, visitor):
    page = visitor.page
    job_id = generate(page)
    page.get_by_role("button", name="Cancel").click()
    expect(hook(page, "status")).to_have_text("Taken back")
    assert studio.queue.get(job_id).status == Status.CANCELLED
    page.get_by_role("button", name="Paint another").click()
    expect(page.get_by_label("What would you like to see?")).to_have_value("")
    expect(page.get_by_label("E-mail")).to_have_value(ADDRESS)


def test_a_preview_is_swapped_only_once_it_is_loaded(studio, visitor):
    page = visitor.page
    held = []
    page.route("**/preview.webp?v=4", lambda route: held.append(route))
    generate(page)
    claim = studio.claim()
    studio.paint(claim, 2)
    expect_on_canvas(page, "/preview.webp?v=2")
    studio.paint(claim, 4)
    expect(hook(page, "step")).to_have_text("4")
    expect_on_canvas(page, "/preview.webp?v=2")
    assert held
    held[0].continue_()
    expect_on_canvas(page, "/preview.webp?v=4")


def test_a_preview_that_comes_late_is_not_laid_over_another_job(studio, visitor):
    page = visitor.page
    held = []
    page.route("**/preview.webp?v=4", lambda route: held.append(route))
    generate(page)
    late = studio.claim()
    studio.paint(late, 4)
    expect(hook(page, "step")).to_have_text("4")
    page.go_back()
    generate(page, prompt="a red apple")
    studio.paint(studio.claim(), 5)
    held[0].continue_()
    expect_on_canvas(page, "/preview.webp?v=5")
    assert page.locator("img[src*='v=4']").count() == 0


def test_a_broken_stream_is_replaced_by_asking(studio, visitor):
    page = visitor.page
    page.route("**/events", lambda route: route.abort())
    generate(page)
    claim = studio.claim()
    studio.paint(claim, 5)
    expect(hook(page, "step")).to_have_text("5")
    page.route("**/api/jobs/*", lambda route: route.abort())
    expect(hook(page, "lost")).to_be_visible()
    page.unroute("**/api/jobs/*")
    expect(hook(page, "lost")).to_be_hidden()
    studio.finish(claim)
    expect_on_canvas(page, "/picture.png")


def test_screen_readers_hear_phases_and_quarters_not_every_step(studio, visitor):
    page = visitor.page
    said = page.get_by_role("status")
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


def test_the_gallery_shows_pages_of_twelve_and_opens_a_picture_with_its_film(studio, visitor):
    page = visitor.page
    expect(hook(page, "gallery-note")).to_have_text(re.compile("still bare"))
    for number in range(14):
        studio.finished(prompt=f"kite number {number}", public=number != 5, email="hidden@example.com")
    page.reload()
    hung = hook(page, "wall").get_by_role("listitem")
    expect(hung).to_have_count(12)
    expect(hung.first).to_have_text("kite number 13")
    page.get_by_role("button", name="Show more").click()
    expect(hung).to_have_count(13)
    expect(page.get_by_role("button", name="Show more")).to_be_hidden()
    expect(page.get_by_text("kite number 5")).to_have_count(0)

    hung.first.get_by_role("button").click()
    viewer = page.get_by_role("dialog")
    expect(viewer.get_by_alt_text("kite number 13")).to_be_visible()
    assert_plays(viewer.locator("video"))
    page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    assert viewer.locator("video").count() == 0
    assert "hidden@example.com" not in page.content()


def test_a_gallery_that_does_not_answer_says_so(visitor, studio):
    visitor.refusals = {503}
    visitor.page.route("**/api/gallery*", lambda route: route.fulfill(status=503, json={"detail": "Not just now."}))
    visitor.page.reload()
    expect(hook(visitor.page, "gallery-note")).to_have_text("The gallery is closed for now. Not just now.")


@pytest.mark.parametrize("width", [320, 360])
def test_a_phone_never_scrolls_sideways_and_switches_between_picture_and_film(studio, arrive, width):
    page = arrive(**PHONE | {"viewport": {"width": width, "height": 740}}).page
    studio.finished(prompt="W" * 60 + " in the gallery", public=True)
    page.reload()
    page.get_by_text("Details", exact=True).click()
    assert_fits(page)
    generate(page, prompt="Donaudampfschifffahrtsgesellschaftskapitän " * 11)
    assert_fits(page)
    studio.paint(claim := studio.claim(), 4)
    expect_on_canvas(page, "v=4")
    assert_fits(page)
    studio.finish(claim)
    expect_on_canvas(page, "/picture.png")
    assert_fits(page)
    film = hook(page, "film").locator("video")
    expect(film).to_be_hidden()
    page.get_by_role("button", name="Film", exact=True).click()
    assert_plays(film)
    expect(on_canvas(page)).to_be_hidden()
    hook(page, "wall").get_by_role("button").click()
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
        """[...document.querySelectorAll("input, textarea, button, video, [role]")].filter(control =>
          !control.labels?.length && !control.ariaLabel && !control.textContent.trim()
          && !["status", "alert"].includes(control.role)).map(control => control.outerHTML)"""
    )
    assert nameless == []
    dangling = visitor.page.evaluate(
        """["aria-describedby", "aria-labelledby"].flatMap(name =>
          [...document.querySelectorAll(`[${name}]`)].flatMap(element => element.getAttribute(name).split(" ")))
          .filter(id => id !== "viewer-title" && !document.getElementById(id))"""
    )
    assert dangling == []


def test_motion_stops_for_those_who_ask_for_less(arrive, studio):
    page = arrive(f"/?job={studio.finished().id}", reduced_motion="reduce").page
    expect_on_canvas(page, "/picture.png")
    assert on_canvas(page).evaluate("image => getComputedStyle(image).animationName") == "none"


def test_the_first_load_is_small(visitor):
    page = visitor.page
    expect(hook(page, "gallery-note")).to_be_visible()
    bodies = {url: page.request.get(url).body() for url in set(visitor.loaded)}
    assert any(url.endswith("app.js") for url in bodies)
    assert sum(map(len, bodies.values())) < FIRST_LOAD_BYTES
