"""What becomes of a finished picture: its film, its files, sharing it, and pictures that follow from it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from api.settings import ApiSettings
from jobs import Job, JobNotFound
from tests.browser import Visitor, assert_plays
from tests.frontend.conftest import CELLS, STEPS, Studio
from tests.frontend.visits import (
    ADDRESS,
    PHONE,
    easels,
    expect_form,
    expect_on_canvas,
    generate,
    hook,
    on_canvas,
    press,
)


def paint(studio: Studio, page: Page, **words: str) -> Job:
    """Order a picture at the page and have it painted."""
    job_id = generate(page, **words)
    job = studio.finish(studio.claim())
    assert job.id == job_id
    expect_on_canvas(page, f"/r/{job_id}/picture.png")
    return job


# --- picture and film ---


def test_picture_and_film_hang_side_by_side_and_on_a_phone_below_each_other(studio: Studio, arrive: Callable) -> None:
    job = studio.finished()
    for options, side_by_side in (({}, True), (PHONE, False)):
        page = arrive(f"/?job={job.id}", **options).page
        expect_on_canvas(page, "picture.png")
        picture, film = hook(page, "canvas").bounding_box(), film_of(page).bounding_box()
        assert (picture["width"], picture["height"]) == pytest.approx((film["width"], film["height"]), abs=1)
        assert (picture["x"] + picture["width"] <= film["x"]) == side_by_side
        assert (picture["y"] + picture["height"] <= film["y"]) != side_by_side


def film_of(page: Page) -> Locator:
    return page.get_by_label("The film of the painting")


def timeline(page: Page) -> Locator:
    return page.get_by_role("slider", name="Step of the painting")


def step_shown(page: Page) -> int:
    """The step whose disc the film shows: its radius is four pixels for each step."""
    diameter = film_of(page).evaluate(
        """film => {
            const [width, height] = [film.videoWidth, film.videoHeight];
            const pen = new OffscreenCanvas(width, height).getContext("2d");
            pen.drawImage(film, 0, 0);
            const row = pen.getImageData(0, height / 2, width, 1).data;
            return row.filter((_, index) => index % 4 === 0 && row[index] > 130).length;
        }"""
    )
    return round(diameter / 8)


def expect_step(page: Page, step: int) -> None:
    expect(hook(page, "timeline-step")).to_have_text(f"Step {step} of {STEPS}")
    expect(timeline(page)).to_have_attribute("aria-valuetext", f"Step {step} of {STEPS}")
    page.wait_for_function("film => !film.seeking && film.readyState >= 2", arg=film_of(page).element_handle())
    assert step_shown(page) == step


def test_the_timeline_shows_any_step_by_keyboard(studio: Studio, arrive: Callable) -> None:
    page = arrive(f"/?job={studio.finished().id}").page
    expect(timeline(page)).to_have_attribute("aria-valuetext", f"Step {STEPS} of {STEPS}")
    timeline(page).focus()
    for key, step in {"Home": 1, "ArrowRight": 2, "End": STEPS, "ArrowLeft": STEPS - 1, "ArrowDown": STEPS - 2}.items():
        page.keyboard.press(key)
        expect_step(page, step)


def test_the_timeline_goes_along_while_the_film_plays(studio: Studio, arrive: Callable) -> None:
    page = arrive(f"/?job={studio.finished().id}").page
    timeline(page).fill("1")
    expect_step(page, 1)
    press(page, "Play")
    page.wait_for_function("slider => slider.value > 3", arg=timeline(page).element_handle())
    press(page, "Pause")
    step = int(timeline(page).input_value())
    assert 3 < step <= STEPS
    expect_step(page, step)


def test_the_last_second_of_the_film_is_the_finished_picture(studio: Studio, arrive: Callable) -> None:
    page = arrive(f"/?job={studio.finished().id}").page
    page.wait_for_function("film => film.duration", arg=film_of(page).element_handle())
    assert film_of(page).evaluate("film => film.duration") == pytest.approx(STEPS / 10 + 1, abs=0.05)
    for second in (0.95, 1.7):
        film_of(page).evaluate("(film, second) => { film.currentTime = second }", second)
        page.wait_for_function("film => !film.seeking", arg=film_of(page).element_handle())
        assert step_shown(page) == STEPS


def test_a_film_is_not_started_and_not_loaded_for_a_picture_without_one(studio: Studio, arrive: Callable) -> None:
    with_film = arrive(f"/?job={studio.finished().id}").page
    expect(film_of(with_film)).to_be_visible()
    assert film_of(with_film).evaluate("film => film.paused")
    assert_plays(film_of(with_film))
    without = arrive(f"/?job={studio.finished(make_video=False).id}").page
    expect_on_canvas(without, "picture.png")
    expect(hook(without, "film")).to_be_hidden()
    expect(without.get_by_role("link", name="Download MP4")).to_be_hidden()


@pytest.mark.parametrize("width", [1280, 1000, 360])
def test_pixel_art_has_crisp_cells_that_are_all_equally_large(studio: Studio, arrive: Callable, width: int) -> None:
    job = studio.finished(style="pixel art")
    page = arrive(f"/?job={job.id}", viewport={"width": width, "height": 740}).page
    expect_on_canvas(page, "picture.png")
    page.wait_for_function("() => document.querySelector('[data-hook=studio]').style.getPropertyValue('--columns')")
    assert on_canvas(page).evaluate("image => getComputedStyle(image).imageRendering") == "pixelated"
    for shown in (hook(page, "canvas"), film_of(page)):
        assert shown.evaluate("shown => shown.getBoundingClientRect().width") % CELLS == 0


# --- files ---


@pytest.mark.parametrize("style", ["image", "painting", "pixel art"])
def test_every_file_is_downloaded_byte_for_byte(studio: Studio, visitor: Visitor, style: str) -> None:
    page, job = visitor.page, studio.finished(style=style)
    page.goto(f"{studio.url}/?job={job.id}")
    files = {"Download PNG": job.files.picture, "Download MP4": job.files.film}
    files |= {"Download SVG": job.files.vector, "PNG, one pixel a cell": job.files.pixels}
    for name, key in files.items():
        link = page.get_by_role("link", name=name)
        if key is None:
            expect(link).to_be_hidden()
            continue
        with page.expect_download() as download:
            link.click()
        assert download.value.path().read_bytes() == studio.shelf.get(key)


# --- sharing ---


def test_a_link_is_copied_and_that_is_said(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for public, path in ((False, "/?job={}"), (True, "/a/{}")):
        job = studio.finished(public=public)
        page.goto(f"{studio.url}/?job={job.id}")
        press(page, "Share")
        expect(hook(page, "told")).to_have_text("The link is copied.")
        assert page.evaluate("navigator.clipboard.readText()") == studio.url + path.format(job.id)


def test_the_devices_own_way_of_sharing_comes_first(studio: Studio, visitor: Visitor) -> None:
    page, job = visitor.page, studio.finished(prompt="a red kite")
    page.add_init_script("navigator.share = async link => { window.shared = link }")
    page.goto(f"{studio.url}/?job={job.id}")
    press(page, "Share")
    assert page.evaluate("window.shared") == {"url": f"{studio.url}/?job={job.id}", "title": "a red kite"}
    expect(hook(page, "told")).to_be_empty()


def test_where_nothing_may_be_copied_the_link_can_be_taken_by_hand(studio: Studio, visitor: Visitor) -> None:
    page, job = visitor.page, studio.finished()
    page.add_init_script(
        "navigator.clipboard.writeText = async () => { throw new DOMException('no', 'NotAllowedError') }"
    )
    page.goto(f"{studio.url}/?job={job.id}")
    press(page, "Share")
    expect(page.get_by_label("Link to this picture")).to_have_value(f"{studio.url}/?job={job.id}")


# --- pictures that follow from it ---


RECIPE = {
    "style": "painting",
    "aspect": "portrait",
    "iterations": 40,
    "seed": 7,
    "palette": "ocean",
    "make_video": False,
}


def wishes(job: Job) -> dict[str, object]:
    return job.order.model_dump(include=set(RECIPE)) | {"prompt": job.order.prompt}


@pytest.mark.parametrize("way", ["by button", "by link"])
def test_a_remix_begins_with_the_recipe(studio: Studio, visitor: Visitor, way: str) -> None:
    page, job = visitor.page, studio.finished(prompt="a red kite", public=True, **RECIPE)
    page.goto(f"{studio.url}/?{'job' if way == 'by button' else 'remix'}={job.id}")
    if way == "by button":
        press(page, "Remix")
    expect_form(page, "a red kite")
    expect(page.get_by_label("What would you like to see?")).to_be_focused()
    remix = studio.queue.get(generate(page, prompt="a blue kite"))
    assert wishes(remix) == {**RECIPE, "prompt": "a blue kite"}
    assert not remix.order.public  # somebody else had published it


def test_a_remix_is_still_there_as_changed_after_a_reload(studio: Studio, visitor: Visitor) -> None:
    page, job = visitor.page, studio.finished(prompt="a red kite")
    page.goto(f"{studio.url}/?remix={job.id}")
    expect_form(page, "a red kite")
    page.get_by_label("What would you like to see?").fill("a blue kite")
    page.reload()
    expect_form(page, "a blue kite")


@pytest.mark.parametrize("way", ["by button", "by link"])
def test_the_next_picture_starts_from_this_one(studio: Studio, visitor: Visitor, way: str) -> None:
    page, job = visitor.page, studio.finished(prompt="a red kite")
    page.goto(f"{studio.url}/?{'job' if way == 'by button' else 'start'}={job.id}")
    if way == "by button":
        press(page, "Start from this picture")
    expect_form(page, "a red kite")
    expect(page.locator(f"img[src='/r/{job.id}/picture.png']")).to_be_visible()
    order = studio.queue.get(generate(page)).order
    assert order.start_image != job.files.picture
    assert studio.shelf.get(order.start_image) == studio.shelf.get(job.files.picture)
    assert order.seed is None


def test_an_address_that_leads_nowhere_is_said_over_an_empty_canvas(studio: Studio, visitor: Visitor) -> None:
    visitor.refusals = {404}
    for way in ("job", "remix", "start"):
        visitor.page.goto(f"{studio.url}/?{way}=AAAAAAAAAAAAAAAAAAAAAA")
        expect(hook(visitor.page, "problem")).to_have_text(re.compile("no such picture"))
        expect(visitor.page.get_by_label("What would you like to see?")).to_be_visible()


def test_more_like_this_orders_four_with_other_seeds(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_role("radio", name="Portrait").check()
    first = paint(studio, page, prompt="a red kite")
    press(page, "More like this")
    expect(hook(page, "told")).to_have_text("4 more like it are on your easels.")
    expect(easels(page)).to_have_count(5)
    expect_on_canvas(page, f"/r/{first.id}/picture.png")
    four = [studio.claim().job for _ in range(4)]
    assert len({job.seed for job in [first, *four]}) == 5
    assert {job.order.model_copy(update={"seed": None}) for job in four} == {first.order}


def test_more_like_this_asks_for_an_address_first(studio: Studio, visitor: Visitor) -> None:
    page, job = visitor.page, studio.finished(prompt="a red kite")
    page.goto(f"{studio.url}/?job={job.id}")
    press(page, "More like this")
    expect_form(page, "a red kite")
    expect(page.get_by_label("E-mail")).to_be_focused()
    expect(hook(page, "note")).to_have_text(re.compile("4 like it will be painted"))
    page.get_by_label("E-mail").fill(ADDRESS)
    press(page, "Generate")
    expect(easels(page)).to_have_count(4)
    orders = [studio.claim().job.order for _ in range(4)]
    assert {(order.prompt, order.email) for order in orders} == {("a red kite", ADDRESS)}
    assert len({order.seed for order in orders}) == 4


class TestARefusalAmongFour:
    @pytest.fixture
    def settings(self) -> ApiSettings:
        return ApiSettings(max_queue=2)

    def test_leaves_those_that_were_taken_and_is_said(self, studio: Studio, visitor: Visitor) -> None:
        page = visitor.page
        paint(studio, page)
        visitor.refusals = {503}
        press(page, "More like this")
        expect(hook(page, "problem")).to_have_text(re.compile("Too many pictures are waiting"))
        expect(easels(page)).to_have_count(3)


# --- deleting ---


def test_deleting_asks_and_then_forgets(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    job = paint(studio, page)
    press(page, "Delete")
    page.keyboard.press("Escape")
    assert studio.queue.get(job.id)
    press(page, "Delete")
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    press(page, "Delete it")
    expect(hook(page, "note")).to_have_text("The picture is deleted.")
    expect(page.get_by_label("What would you like to see?")).to_be_focused()
    assert "job=" not in page.url
    with pytest.raises(JobNotFound):
        studio.queue.get(job.id)


def test_nobody_else_is_offered_what_only_the_owner_may(studio: Studio, visitor: Visitor) -> None:
    page, job = visitor.page, studio.finished()
    page.goto(f"{studio.url}/?job={job.id}")
    expect(hook(page, "status")).to_have_text("Finished")
    expect(page.get_by_role("button", name="Delete", exact=True)).to_be_hidden()
    expect(hook(page, "mail")).to_be_hidden()
    expect(page.get_by_role("button", name="Remix")).to_be_visible()


def test_a_withdrawn_picture_offers_nothing_that_needs_it(studio: Studio, visitor: Visitor) -> None:
    page, job = visitor.page, studio.finished()
    studio.queue.revoke(job.id)
    page.goto(f"{studio.url}/?job={job.id}")
    expect(hook(page, "status")).to_have_text("Finished")
    for name in ("Share", "Start from this picture"):
        expect(page.get_by_role("button", name=name)).to_be_hidden()
    expect(page.get_by_role("link", name="Download PNG")).to_be_hidden()
