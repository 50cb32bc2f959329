"""While it paints: what the page tells of a job, several jobs at once, and what can be done with them."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from jobs import Status
from tests.browser import Visitor
from tests.frontend.conftest import STEPS, Studio
from tests.frontend.visits import HOSTILE, easels, expect_form, expect_on_canvas, generate, hook, on_canvas, press


def test_the_label_tells_the_place_in_the_queue_and_how_long_it_will_take(studio: Studio, arrive: Callable) -> None:
    studio.employ(painting_s=60)
    before = studio.order()
    page = arrive().page
    generate(page)
    expect(hook(page, "before-you")).to_have_text("1 before you")
    expect(hook(page, "eta")).to_have_text("Finished in about 2 minutes")
    studio.queue.cancel(before.id)
    expect(hook(page, "before-you")).to_have_text("You are next")
    expect(hook(page, "eta")).to_have_text("Finished in about a minute")
    expect(page.get_by_text("You can close this page: we will mail you.")).to_be_visible()


def test_without_a_painter_the_label_says_so(studio: Studio, visitor: Visitor) -> None:
    generate(visitor.page)
    expect(hook(visitor.page, "eta")).to_have_text("No painter is here at the moment. Your place is kept.")


def test_the_time_left_counts_down_between_two_news(studio: Studio, arrive: Callable) -> None:
    studio.employ(painting_s=120)
    page = arrive().page
    page.clock.install()
    page.reload()
    with page.expect_response(
        "**/events"
    ):  # else a stream that is slow to open is given up, and asking brings a new guess
        generate(page)
    expect(hook(page, "eta")).to_have_text("Finished in about 2 minutes")
    page.clock.run_for(50_000)
    expect(hook(page, "eta")).to_have_text("Finished in about a minute")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "a few seconds"),
        (7, "a few seconds"),
        (8, "about 10 seconds"),
        (30, "about 30 seconds"),
        (49, "about 50 seconds"),
        (60, "about a minute"),
        (100, "about 2 minutes"),
        (54 * 60, "about 54 minutes"),
        (3600, "about an hour"),
        (7 * 3600, "about 7 hours"),
    ],
)
def test_durations_are_said_as_roughly_as_they_are_known(visitor: Visitor, seconds: int, words: str) -> None:
    said = visitor.page.evaluate("async seconds => (await import('/static/js/eta.js')).inWords(seconds)", seconds)
    assert said == words


def test_progress_score_and_its_line_grow_with_the_picture(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    generate(page)
    claim = studio.claim()
    expect(hook(page, "step")).to_have_text("Mixing")
    for step in (1, 2, 4):
        studio.paint(claim, step)
        expect(hook(page, "step")).to_have_text(str(step))
        expect_on_canvas(page, f"preview.webp?v={step}")
    expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "4")
    expect(hook(page, "score")).to_have_text("0.200")
    points = hook(page, "scores").locator("polyline").get_attribute("points").split()
    assert [float(point.split(",")[0]) for point in points] == [100 * step / STEPS for step in (1, 2, 4)]
    heights = [float(point.split(",")[1]) for point in points]
    assert heights == sorted(heights, reverse=True)
    expect(page).to_have_title(f"4 of {STEPS} | Text2Art")


def test_nothing_jumps_when_previews_come(studio: Studio, arrive: Callable) -> None:
    page = arrive(reduced_motion="reduce").page  # and nothing scrolls smoothly meanwhile
    generate(page)
    claim = studio.claim()
    studio.paint(claim, 1)
    expect_on_canvas(page, "v=1")
    where = """() => ["canvas", "label", "bar"].map(name =>
        JSON.stringify(document.querySelector(`[data-hook=${name}]`).getBoundingClientRect()))"""
    before = page.evaluate(where)
    studio.paint(claim, 5)
    expect_on_canvas(page, "v=5")
    assert page.evaluate(where) == before


def test_cancelling_takes_the_order_back_and_trying_again_queues_it(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    job_id = generate(page)
    press(page, "Cancel")
    expect(hook(page, "status")).to_have_text("Taken back")
    expect(hook(page, "status")).to_be_focused()
    assert studio.queue.get(job_id).status == Status.CANCELLED
    press(page, "Try again")
    expect(hook(page, "status")).to_have_text("Waiting for the easel")
    claim = studio.claim()
    assert claim.job.id == job_id
    studio.finish(claim)
    expect_on_canvas(page, "picture.png")


def test_a_failure_tells_its_reason_and_is_tried_again_with_the_same_order(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    job_id = generate(page)
    studio.queue.fail(studio.claim(), "The memory ran out; a smaller size may work.")
    expect(hook(page, "reason")).to_have_text("The memory ran out; a smaller size may work.")
    page.reload()
    press(page, "Try again")
    expect(hook(page, "status")).to_have_text("Waiting for the easel")
    assert studio.claim().job.id == job_id


def test_the_order_of_a_failure_can_be_changed(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_role("radio", name="Widescreen").check()
    generate(page)
    studio.queue.fail(studio.claim(), "It was too large.")
    press(page, "Change the order")
    expect_form(page, "castle underwater")
    expect(page.get_by_role("radio", name="Widescreen")).to_be_checked()
    assert "job=" not in page.url


def test_somebody_elses_failure_is_tried_again_as_an_order_of_ones_own(studio: Studio, visitor: Visitor) -> None:
    page, job = visitor.page, studio.order(prompt="a red kite")
    studio.queue.fail(studio.claim(), "The painter fell ill.")
    page.goto(f"{studio.url}/?job={job.id}")
    for name in ("Cancel", "Delete", "Change the order"):
        expect(page.get_by_role("button", name=name, exact=True)).to_be_hidden()
    press(page, "Try again")
    expect_form(page, "a red kite")
    assert studio.queue.get(job.id).status == Status.FAILED


# --- a reload in every state ---


@pytest.fixture
def states(studio: Studio) -> dict[str, Callable[[str], None]]:
    def fail(job_id: str) -> None:
        studio.queue.fail(studio.claim(), "It was too large.")

    return {
        "Waiting for the easel": lambda job_id: None,
        "Being painted": lambda job_id: studio.paint(studio.claim(), 3),
        "Finished": lambda job_id: studio.finish(studio.claim()),
        "This one did not work out": fail,
        "Taken back": studio.queue.cancel,
    }


@pytest.mark.parametrize(
    "status", ["Waiting for the easel", "Being painted", "Finished", "This one did not work out", "Taken back"]
)
def test_a_reload_resumes_in_every_state(states: dict, visitor: Visitor, status: str) -> None:
    page = visitor.page
    job_id = generate(page)
    states[status](job_id)
    for _ in range(2):
        expect(hook(page, "status")).to_have_text(status)
        expect(hook(page, "title")).to_have_text("castle underwater")
        page.reload()
    assert job_id in page.url


# --- several at once ---


def test_several_jobs_stand_on_easels_and_are_all_followed(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    first = generate(page, prompt="castle underwater")
    expect(hook(page, "tray")).to_be_hidden()  # it stands on the canvas
    press(page, "Paint another")
    expect_form(page, "")
    generate(page, prompt="a red apple")
    expect(easels(page)).to_have_text(
        [re.compile("a red apple.*1 before you"), re.compile("castle underwater.*You are next")]
    )
    expect(easels(page).first).to_have_attribute("aria-current", "true")

    claim = studio.claim()
    studio.paint(claim, 4)
    expect(easels(page).nth(1)).to_have_text(re.compile(f"4 of {STEPS}"))
    expect(easels(page).nth(1).locator("img")).to_have_attribute("src", re.compile("v=4"))
    studio.finish(claim)
    expect(easels(page).nth(1)).to_have_text(re.compile("Finished"))
    expect(page.get_by_role("status").filter(has_text="castle underwater: Finished.")).to_be_attached()
    expect(hook(page, "title")).to_have_text("a red apple")

    easels(page).nth(1).click()
    expect(hook(page, "title")).to_have_text("castle underwater")
    expect(hook(page, "status")).to_be_focused()
    expect_on_canvas(page, f"/r/{first}/picture.png")
    page.go_back()
    expect(hook(page, "title")).to_have_text("a red apple")
    expect(on_canvas(page)).to_have_count(0)


def test_easels_are_found_again_by_keyboard_after_a_reload(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    generate(page, prompt="castle underwater")
    page.goto(studio.url)
    easels(page).first.focus()
    page.keyboard.press("Enter")
    expect(hook(page, "title")).to_have_text("castle underwater")
    expect(hook(page, "tray")).to_be_hidden()


def test_at_most_one_stream_is_open_and_few_are_asked_for(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    for number in range(3):
        generate(page, prompt=f"kite {number}")
        press(page, "Paint another")
    easels(page).last.click()
    expect(hook(page, "title")).to_have_text("kite 0")
    open_streams = set()
    page.on("request", lambda request: request.url.endswith("/events") and open_streams.add(request))
    for end in ("requestfailed", "requestfinished"):
        page.on(end, lambda request: open_streams.discard(request))
    for number in (1, 2, 0):
        easels(page).filter(has_text=f"kite {number}").click()
        expect(hook(page, "title")).to_have_text(f"kite {number}")
    studio.paint(studio.claim(), 2)
    expect(hook(page, "step")).to_have_text("2")
    assert len(open_streams) == 1


def test_two_tabs_of_one_visitor_show_the_same_easels(studio: Studio, visitor: Visitor) -> None:
    one = visitor.page
    generate(one, prompt="castle underwater")
    other = one.context.new_page()
    other.goto(studio.url)
    expect(easels(other)).to_have_text([re.compile("castle underwater")])
    generate(other, prompt="a red apple")
    expect(easels(one)).to_have_count(2)
    studio.finish(studio.claim())
    expect_on_canvas(one, "picture.png")
    expect(easels(other).last).to_have_text(re.compile("castle underwater.*Finished"))

    easels(other).last.click()
    press(other, "Delete")
    press(other, "Delete it")
    expect(one.get_by_role("alert")).to_have_text("The picture is deleted.")
    expect(one.get_by_label("What would you like to see?")).to_be_visible()
    expect(easels(one)).to_have_text([re.compile("a red apple")])


def test_a_tab_that_nobody_looks_at_holds_no_stream_and_still_hears_the_end(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    with page.expect_request("**/events"):
        generate(page)
    streams = []
    page.on("request", lambda request: request.url.endswith("/events") and streams.append(request))
    look_away(page, hidden=True)
    claim = studio.claim()
    studio.finish(claim)
    expect(page).to_have_title("Finished | Text2Art")
    assert streams == []


def look_away(page: Page, hidden: bool) -> None:
    page.evaluate(
        """hidden => {
            Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def test_a_hostile_prompt_is_text_wherever_the_page_shows_it(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    generate(page, prompt=HOSTILE)
    expect(hook(page, "inscription")).to_have_text(HOSTILE)
    expect(hook(page, "title")).to_have_text(HOSTILE)
    press(page, "Paint another")
    expect(easels(page).locator(".easel-prompt")).to_have_text(HOSTILE)
    studio.finish(studio.claim())
    expect(hook(page, "announcer")).to_have_text(f"{HOSTILE}: Finished.")
    easels(page).click()
    expect(on_canvas(page)).to_have_attribute("alt", HOSTILE)
    press(page, "Remix")
    expect_form(page, HOSTILE)
    assert page.locator("img[src=x], script:not([src])").count() == 0
