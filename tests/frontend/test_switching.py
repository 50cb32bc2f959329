"""Who goes on while an answer is under way finds it where it belongs, and stays where they went."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from jobs import Job
from tests.browser import Visitor
from tests.frontend.conftest import Studio
from tests.frontend.visits import ADDRESS, easels, expect_form, expect_on_canvas, generate, hook, press, write


def paint(studio: Studio, page: Page, prompt: str) -> Job:
    """Order a picture at the page, have it painted, and go back to the form."""
    generate(page, prompt=prompt)
    job = studio.finish(studio.claim())
    expect_on_canvas(page, f"/r/{job.id}/picture.png")
    press(page, "Paint another")
    return job


def look_at(page: Page, prompt: str) -> None:
    easels(page).filter(has_text=prompt).click()
    expect(hook(page, "title")).to_have_text(prompt)


def paint_two(studio: Studio, page: Page) -> None:
    """Have a red apple and a blue bird painted; look at the bird, then at the apple."""
    for prompt in ("a red apple", "a blue bird"):
        paint(studio, page, prompt)
    look_at(page, "a blue bird")
    look_at(page, "a red apple")


def hold(page: Page, url: str, method: str) -> list[Route]:
    """The questions of this method wait here for `continue_()`."""
    held: list[Route] = []
    page.route(url, lambda route: held.append(route) if route.request.method == method else route.continue_())
    return held


def let_go(page: Page, held: list[Route]) -> None:
    with page.expect_response(held[0].request.url):
        held[0].continue_()
    page.evaluate("new Promise(requestAnimationFrame)")


def test_a_deleted_picture_takes_nobody_from_another(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    paint_two(studio, page)
    held = hold(page, "**/api/jobs/*", "DELETE")
    with page.expect_request("**/api/jobs/*"):
        press(page, "Delete")
        press(page, "Delete it")
    look_at(page, "a blue bird")
    let_go(page, held)
    expect(hook(page, "easels").locator("li")).to_have_count(1)
    expect(hook(page, "title")).to_have_text("a blue bird")
    expect(hook(page, "title")).to_be_visible()


def test_the_question_of_deleting_goes_with_its_picture(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    paint_two(studio, page)
    press(page, "Delete")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.go_back()
    expect(hook(page, "title")).to_have_text("a blue bird")
    expect(page.get_by_role("dialog")).to_be_hidden(timeout=5000)
    press(page, "Delete")
    expect(page.get_by_role("dialog")).to_be_visible()


def test_a_picture_to_start_from_that_comes_late_disturbs_no_other(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    paint_two(studio, page)
    held = hold(page, "**/start-image", "POST")
    with page.expect_request("**/start-image"):
        press(page, "Start from this picture")
    look_at(page, "a blue bird")
    let_go(page, held)
    expect(hook(page, "start-from")).not_to_have_attribute("aria-busy", "true")
    expect(hook(page, "title")).to_be_visible()
    expect(hook(page, "title")).to_have_text("a blue bird")


def test_an_order_that_is_taken_late_waits_on_its_easel(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    paint(studio, page, "a red apple")
    held = hold(page, "**/api/jobs", "POST")
    write(page, prompt="a blue bird")
    with page.expect_request("**/api/jobs"):
        press(page, "Generate")
    look_at(page, "a red apple")
    press(page, "Paint another")
    expect(hook(page, "generate")).to_be_disabled(timeout=5000)  # not ordered twice
    look_at(page, "a red apple")
    let_go(page, held)
    expect(easels(page)).to_have_count(2)
    expect(hook(page, "title")).to_have_text("a red apple")
    press(page, "Paint another")
    expect(hook(page, "generate")).to_be_enabled()


def test_an_old_answer_does_not_take_a_new_order_off_its_easel(studio: Studio, arrive: Callable[..., Visitor]) -> None:
    page = arrive("/api/choices").page
    old: list[Route] = []
    page.route("**/api/me/jobs", lambda route: old.append(route) if not old else route.continue_())
    page.goto(studio.url)
    generate(page, prompt="a red apple")
    press(page, "Paint another")
    expect(easels(page)).to_have_count(1)
    old[0].fulfill(json={"jobs": [], "next": None})
    page.wait_for_load_state("networkidle")
    expect(easels(page)).to_have_count(1)


def test_a_preview_that_hangs_does_not_hold_back_another_jobs(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    done = paint(studio, page, "a red apple")
    held = hold(page, "**/preview.webp?v=4", "GET")
    with page.expect_request("**/preview.webp?v=4"):
        generate(page, prompt="a blue bird")
        studio.paint(studio.claim(), 4)
    look_at(page, "a red apple")
    expect(hook(page, "pictures").locator(f"img[src*='{done.id}']")).to_have_count(1)
    assert held


def test_a_picture_that_is_tried_again_begins_on_a_bare_canvas(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    generate(page)
    studio.paint(studio.claim(), 4)
    expect_on_canvas(page, "v=4")
    press(page, "Cancel")
    press(page, "Try again")
    expect(hook(page, "status")).to_have_text("Waiting for the easel")
    expect(hook(page, "pictures").locator("img")).to_have_count(0)


def test_clear_means_one_picture_again(studio: Studio, visitor: Visitor) -> None:
    page, job = visitor.page, studio.finished(prompt="a red kite")
    page.goto(f"{studio.url}/?job={job.id}")
    press(page, "More like this")
    expect_form(page, "a red kite")
    press(page, "Clear")
    expect(hook(page, "note")).to_be_hidden(timeout=5000)
    generate(page, prompt="a blue bird")
    expect(hook(page, "title")).to_have_text("a blue bird")
    assert studio.queue.count("queued") == 1


def test_a_refusal_at_a_field_is_said_where_no_field_is_shown(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    write(page, email=ADDRESS)
    paint(studio, page, "a red apple")
    look_at(page, "a red apple")
    visitor.refusals = {422}
    refused = {"detail": [{"field": "email", "message": "is not an address"}]}
    page.route("**/api/jobs", lambda route: route.fulfill(status=422, json=refused))
    press(page, "More like this")
    expect(hook(page, "problem")).to_have_text("Email: is not an address")


@pytest.mark.parametrize(("ways", "offered"), [(["google", "email"], True), ([], False)])
def test_who_has_to_sign_in_is_led_there(
    studio: Studio, arrive: Callable[..., Visitor], ways: list[str], offered: bool
) -> None:
    visitor = arrive("/api/choices")
    page = visitor.page
    visitor.refusals = {401}
    choices = page.request.get(f"{studio.url}/api/choices").json() | {"sign_in": {"ways": ways, "required": True}}
    page.route("**/api/choices", lambda route: route.fulfill(json=choices))
    page.route("**/api/jobs", lambda route: route.fulfill(status=401, json={"detail": "Please sign in first."}))
    page.goto(studio.url)
    expect(page.get_by_role("radio", name="Image")).to_be_visible()
    write(page)
    press(page, "Generate")
    expect(page.get_by_role("alert")).to_have_text(re.compile("^Please sign in first."))
    link = page.get_by_role("alert").get_by_role("link", name="Sign in")
    expect(link).to_have_count(int(offered))
    if offered:
        assert link.get_attribute("href") == "/sign-in"
