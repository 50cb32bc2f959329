"""What every page owes every visitor: nothing that axe-core finds, nothing that jumps, little to load, no strangers."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.frontend.conftest import Studio

FIRST_LOAD_BYTES = 150_000
STILL = 0.1  # layout shift, summed: what the Web Vitals call good
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = (1280, 360, 320)


def home(studio: Studio) -> str:
    return "/"


def wall(studio: Studio) -> str:
    for number in range(14):
        studio.finished(prompt=f"kite number {number}", public=True)
    return "/"


def waiting(studio: Studio) -> str:
    return f"/?job={studio.order().id}"


def painting(studio: Studio) -> str:
    job = studio.order()
    studio.paint(studio.claim(), 3)
    return f"/?job={job.id}"


def finished(studio: Studio) -> str:
    return f"/?job={studio.finished().id}"


def failed(studio: Studio) -> str:
    job = studio.order()
    studio.queue.fail(studio.claim(), "The memory ran out; a smaller size may work.")
    return f"/?job={job.id}"


def gallery(studio: Studio) -> str:
    wall(studio)
    return "/gallery"


def no_gallery(studio: Studio) -> str:
    return "/gallery?q=nothing"


def permalink(studio: Studio) -> str:
    return f"/a/{studio.finished(public=True).id}"


def mine(studio: Studio) -> str:
    return "/mine"


STATES = [home, wall, waiting, painting, finished, failed, gallery, no_gallery, permalink, mine]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_axe_finds_nothing(arrive: Callable, studio: Studio, state: Callable[[Studio], str], scheme: str) -> None:
    page = arrive(state(studio), color_scheme=scheme, reduced_motion="reduce").page
    settle(page)
    for details in page.locator("details").all():
        details.evaluate("details => { details.open = true }")
    assert violations(page) == {}


def test_axe_finds_nothing_in_chinese(arrive: Callable) -> None:
    page = arrive("/", locale="zh-CN").page
    expect(page.locator("html")).to_have_attribute("lang", re.compile("^zh"))
    settle(page)
    assert violations(page) == {}


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_nothing_scrolls_sideways_at_any_width(
    arrive: Callable, studio: Studio, state: Callable[[Studio], str]
) -> None:
    path = state(studio)
    for width in WIDTHS:
        page = arrive(path, viewport={"width": width, "height": 740}).page
        settle(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
        page.context.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_nothing_jumps_while_a_page_loads(
    arrive: Callable, studio: Studio, state: Callable[[Studio], str], width: int
) -> None:
    page = arrive(state(studio), viewport={"width": width, "height": 740}).page
    settle(page)
    shifts = page.evaluate(
        """() => new Promise((tell) => {
          const told = ({ value, sources }) => [value, sources.map(({ node }) => node?.outerHTML?.slice(0, 120))];
          const observer = new PerformanceObserver((list) => tell(list.getEntries().map(told)));
          observer.observe({ type: "layout-shift", buffered: true });
          setTimeout(() => tell([]), 500);
        })"""
    )
    assert sum(value for value, _ in shifts) < STILL, shifts


def test_the_first_load_is_small(arrive: Callable, studio: Studio) -> None:
    """All that comes over the line for the page itself; pictures of the gallery come as one scrolls."""
    page = arrive("/").page
    settle(page)
    sizes = page.evaluate(
        """() => Object.fromEntries(["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
          .map(({ name, transferSize }) => [name, transferSize]))"""
    )
    assert any(url.endswith("app.js") for url in sizes)
    assert all(sizes.values()), sizes
    assert sum(sizes.values()) <= FIRST_LOAD_BYTES, sizes


def test_pages_carry_no_script_and_no_style_of_their_own(arrive: Callable, studio: Studio) -> None:
    """The policy would refuse them; told here before a visitor misses something."""
    for path in (home(studio), gallery(studio), permalink(studio), mine(studio)):
        page = arrive(path).page
        html = page.request.get(studio.url + path)
        assert "unsafe" not in html.headers["content-security-policy"]
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", html.text()), path


def settle(page: Page) -> None:
    page.wait_for_load_state("load")
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(300)  # answers of the API arrive, regions are shown


def violations(page: Page) -> dict[str, list[str]]:
    found = Axe().run(page, options={"resultTypes": ["violations"], "runOnly": RULES}).response["violations"]
    return {rule["id"]: [node["html"][:160] for node in rule["nodes"]] for rule in found}
