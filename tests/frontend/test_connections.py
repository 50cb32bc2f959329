"""Slow and lost connections: the page says calmly what is the matter, and goes on by itself."""

import json
import re

import pytest
from playwright.sync_api import Page, Route, expect

from jobs import Claim
from tests.browser import Visitor
from tests.frontend.conftest import Studio
from tests.frontend.visits import easels, expect_on_canvas, generate, hook, press, write

BROKEN = re.compile("The line to the studio is broken; the painting goes on there")
OFFLINE = re.compile("You are offline")


def begin(studio: Studio, page: Page, step: int) -> Claim:
    """Order a picture at the page and see it painted up to this step."""
    generate(page)
    claim = studio.claim()
    studio.paint(claim, step)
    expect(hook(page, "step")).to_have_text(str(step))
    expect_on_canvas(page, f"v={step}")
    return claim


def test_a_stream_that_does_not_open_is_replaced_by_asking(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    page.route("**/events", lambda route: route.abort())
    claim = begin(studio, page, step=5)
    page.route("**/api/jobs/*", lambda route: route.abort())
    expect(hook(page, "line")).to_have_text(BROKEN)
    page.unroute("**/api/jobs/*")
    expect(hook(page, "line")).to_be_hidden()
    studio.finish(claim)
    expect_on_canvas(page, "/picture.png")


def test_a_stream_that_a_proxy_holds_back_is_replaced_by_asking(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    page.route("**/events", lambda route: None)
    begin(studio, page, step=5)
    expect(hook(page, "line")).to_be_hidden()


def test_a_stream_that_is_cut_is_opened_again(studio: Studio, visitor: Visitor) -> None:
    page, cuts = visitor.page, []

    def cut_once(route: Route) -> None:
        if cuts:
            return route.continue_()
        cuts.append(route)
        job = page.request.get(route.request.url.removesuffix("/events")).json()
        route.fulfill(content_type="text/event-stream", body=f"event: job\ndata: {json.dumps(job)}\n\n")

    page.route("**/events", cut_once)
    generate(page)
    with page.expect_request("**/events"):
        claim = studio.claim()
    studio.paint(claim, 3)
    expect(hook(page, "step")).to_have_text("3")
    studio.finish(claim)
    expect_on_canvas(page, "/picture.png")


def test_the_api_may_be_restarted_while_a_picture_is_painted(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    claim = begin(studio, page, step=2)
    studio.shut()
    expect(hook(page, "line")).to_have_text(BROKEN)
    expect_on_canvas(page, "v=2")
    studio.paint(claim, 5)
    studio.open()
    expect(hook(page, "step")).to_have_text("5")
    expect(hook(page, "line")).to_be_hidden()
    expect_on_canvas(page, "v=5")
    studio.finish(claim)
    expect_on_canvas(page, "/picture.png")


def test_the_other_easels_survive_a_restart_too(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    generate(page)
    press(page, "Paint another")
    claim = studio.claim()
    studio.paint(claim, 2)
    expect(easels(page)).to_have_text(re.compile("2 of"))
    studio.shut()
    studio.paint(claim, 5)
    studio.open()
    expect(easels(page)).to_have_text(re.compile("5 of"))


def test_a_page_that_opens_while_the_studio_is_silent_waits_for_it(studio: Studio, visitor: Visitor) -> None:
    page, job = visitor.page, studio.order(prompt="a red kite")
    page.route("**/api/jobs/**", lambda route: route.abort())
    page.goto(f"{studio.url}/?job={job.id}")
    expect(hook(page, "line")).to_have_text(BROKEN)
    page.unroute("**/api/jobs/**")
    expect(hook(page, "title")).to_have_text("a red kite")
    expect(hook(page, "line")).to_be_hidden()


def test_who_is_offline_is_told_and_caught_up_with(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    claim = begin(studio, page, step=2)
    page.context.set_offline(True)
    expect(hook(page, "line")).to_have_text(OFFLINE)
    studio.paint(claim, 6)
    page.context.set_offline(False)
    expect(hook(page, "line")).to_be_hidden()
    expect(hook(page, "step")).to_have_text("6")
    expect_on_canvas(page, "v=6")


def test_an_order_that_did_not_get_through_is_kept_and_sent_again(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    page.context.set_offline(True)
    write(page)
    press(page, "Generate")
    expect(hook(page, "problem")).to_have_text(re.compile("cannot be reached"))
    page.context.set_offline(False)
    generate(page)
    expect(hook(page, "status")).to_have_text("Waiting for the easel")
    expect(hook(page, "problem")).to_be_hidden()


@pytest.mark.parametrize(("status", "said"), [(413, "larger"), (429, "wait"), (502, "502"), (503, "closed")])
def test_refusals_by_a_proxy_are_said(visitor: Visitor, status: int, said: str) -> None:
    visitor.refusals = {status}
    visitor.page.route("**/api/jobs", lambda route: route.fulfill(status=status, body="<html>"))
    write(visitor.page)
    press(visitor.page, "Generate")
    expect(hook(visitor.page, "problem")).to_have_text(re.compile(said))


def test_a_preview_is_swapped_only_once_it_is_loaded(studio: Studio, visitor: Visitor) -> None:
    page, held = visitor.page, []
    page.route("**/preview.webp?v=4", lambda route: held.append(route))
    claim = begin(studio, page, step=2)
    studio.paint(claim, 4)
    expect(hook(page, "step")).to_have_text("4")
    expect_on_canvas(page, "/preview.webp?v=2")
    held[0].continue_()
    expect_on_canvas(page, "/preview.webp?v=4")


def test_a_preview_that_comes_late_is_not_laid_over_another_job(studio: Studio, visitor: Visitor) -> None:
    page, held = visitor.page, []
    page.route("**/preview.webp?v=4", lambda route: held.append(route))
    generate(page)
    late = studio.claim()
    studio.paint(late, 4)
    expect(hook(page, "step")).to_have_text("4")
    page.go_back()
    generate(page, prompt="a red apple")
    studio.paint(studio.claim(), 5)
    for route in held:
        route.continue_()
    expect_on_canvas(page, "/preview.webp?v=5")
    assert hook(page, "pictures").locator("img[src*='v=4']").count() == 0


def test_an_answer_of_somebody_else_is_none(studio: Studio, visitor: Visitor) -> None:
    """A hotel's page that wants a room number answers 200 for every address."""
    page = visitor.page
    page.route("**/api/jobs", lambda route: route.fulfill(content_type="text/html", body="<html>Welcome!"))
    write(page)
    press(page, "Generate")
    expect(hook(page, "problem")).to_have_text(re.compile("cannot be reached"))
    page.unroute("**/api/jobs")
    page.route("**/events", lambda route: route.abort())
    page.route("**/api/jobs/*", lambda route: route.fulfill(content_type="text/html", body="<html>Welcome!"))
    generate(page)
    expect(hook(page, "line")).to_have_text(BROKEN)
    page.unroute("**/api/jobs/*")
    studio.finish(studio.claim())
    expect_on_canvas(page, "/picture.png")


def test_streams_that_are_always_cut_are_opened_ever_more_rarely(studio: Studio, visitor: Visitor) -> None:
    page, opened = visitor.page, []

    def cut(route: Route) -> None:
        opened.append(route)
        job = page.request.get(route.request.url.removesuffix("/events")).json()
        route.fulfill(content_type="text/event-stream", body=f"event: job\ndata: {json.dumps(job)}\n\n")

    page.route("**/events", cut)
    generate(page)
    page.wait_for_timeout(12_000)
    assert 2 <= len(opened) <= 5


def test_the_choices_are_asked_for_again_when_they_did_not_come(studio: Studio, visitor: Visitor) -> None:
    page = visitor.page
    page.clock.install()
    page.route("**/api/choices", lambda route: route.abort())
    page.reload()
    expect(hook(page, "problem")).to_have_text(re.compile("cannot be reached"))
    page.unroute("**/api/choices")
    page.clock.fast_forward(10_000)
    expect(page.get_by_role("radio", name="Image")).to_be_visible(timeout=5000)
