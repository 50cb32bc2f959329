"""The README's screenshots: a service of its own paints real pictures, and Chromium looks at its pages.

    python -m docs.screenshots          (some minutes: every picture is painted)

Needs what the tests need. The service keeps its data in a folder that is gone afterwards.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser import open_browser
from tests.frontend.visits import hook, write
from tests.installation import installed, is_ready

FOLDER = Path(__file__).parent / "screenshots"
ADDRESS = "you@example.com"
PATIENCE_MS = 180_000
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}

# What hangs in the gallery: things, places and styles that the small models know.
WALL = (
    ("castle underwater", "image", "square"),
    ("a red apple on the beach", "painting", "widescreen"),
    ("a fox in the snow", "pixel art", "square"),
    ("a whale in space at night, watercolour", "image", "portrait"),
    ("a lighthouse by the sea at sunset", "image", "widescreen"),
    ("an owl in the forest", "painting", "square"),
    ("a rocket in the desert", "pixel art", "square"),
    ("a sunflower in the garden", "image", "square"),
    ("a penguin on the ice", "painting", "square"),
    ("a sailing ship at sea", "pixel art", "widescreen"),
    ("a butterfly in the jungle", "image", "portrait"),
    ("a mushroom in the forest at night", "image", "square"),
    ("a balloon in the sky", "painting", "portrait"),
)


@contextmanager
def service() -> Iterator[str]:
    """`text2art up` with a gallery that hangs full; where it answers."""
    with TemporaryDirectory() as folder, installed(Path(folder), {"TEXT2ART_DATA": f"{folder}/data"}) as installation:
        parent = installation.start("up", "--port", str(installation.port), "--no-open")
        installation.eventually(lambda: parent.poll() is not None or is_ready(installation.url), "it answers")
        try:
            yield installation.url
        finally:
            parent.terminate()  # killed, it would leave its worker behind
            parent.wait()


def hang(url: str) -> None:
    """Paint the wall's pictures, each liked by as many visitors as its prompt has vowels."""
    orders = [
        {"prompt": prompt, "style": style, "aspect": aspect, "email": ADDRESS, "public": True, "seed": 1}
        for prompt, style, aspect in WALL
    ]
    with httpx2.Client(base_url=url) as client:
        ids = [client.post("/api/jobs", json=order).raise_for_status().json()["id"] for order in orders]
    for id, order in zip(ids, orders, strict=True):
        _wait_until_done(url, id)
        for _ in range(sum(letter in "aeiou" for letter in str(order["prompt"]))):
            httpx2.post(f"{url}/api/gallery/{id}/like").raise_for_status()


def _wait_until_done(url: str, job_id: str) -> None:
    with httpx2.stream("GET", f"{url}/api/jobs/{job_id}/events", timeout=PATIENCE_MS / 1000) as events:
        for _ in events.iter_lines():  # the stream ends with the job
            pass


@contextmanager
def window(browser: Browser, url: str, **options: object) -> Iterator[Page]:
    """A window of a visitor's own."""
    context = browser.new_context(**{"viewport": DESK, "reduced_motion": "reduce", **options})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(url)
    yield page
    context.close()


def shoot(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_function("() => [...document.querySelectorAll('video[src]')].every(video => video.readyState >= 2)")
    page.evaluate("scrollTo(0, 0)")
    picture = Image.open(BytesIO(page.screenshot()))
    picture.save(FOLDER / f"{name}.webp", quality=85)


def order_form(browser: Browser, url: str) -> None:
    with window(browser, url) as page:
        write(page, "a lighthouse by the sea | gold:0.5", ADDRESS)
        page.get_by_role("button", name="Oil painting").click()
        shoot(page, "form")
    with window(browser, url, viewport=PHONE, color_scheme="dark", locale="zh-CN") as page:
        shoot(page, "form-phone-zh")


def painting_and_result(browser: Browser, url: str) -> None:
    """Two orders of one visitor, looked at half-way and at the end."""
    with window(browser, url) as page:
        write(page, "castle underwater", ADDRESS)
        page.get_by_role("radio", name="Widescreen").check()
        page.get_by_role("button", name="Generate").click()
        page.get_by_role("button", name="Paint another").click()
        page.get_by_label("What would you like to see?").fill("a red dragon in the mountains")
        page.get_by_role("radio", name="Painting").check()
        page.get_by_role("button", name="Generate").click()
        _expect_step(page, 30)
        shoot(page, "painting")
        expect(hook(page, "status")).to_have_text("Finished")
        page.get_by_role("slider").fill("40")
        shoot(page, "result")
        address = page.url
        page.goto(f"{url}/mine")
        shoot(page, "mine")
    with window(browser, address, viewport=PHONE, color_scheme="dark") as page:
        expect(hook(page, "status")).to_have_text("Finished")
        shoot(page, "result-phone")


def _expect_step(page: Page, step: int) -> None:
    page.wait_for_function("step => Number(document.querySelector('[data-hook=step]').textContent) >= step", arg=step)


def gallery(browser: Browser, url: str) -> None:
    with window(browser, f"{url}/gallery?sort=liked") as page:
        shoot(page, "gallery")
        page.get_by_role("link", name=WALL[0][0]).first.click()
        shoot(page, "permalink")
    with window(browser, f"{url}/gallery", color_scheme="dark", viewport=PHONE) as page:
        shoot(page, "gallery-phone")


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with service() as url, open_browser() as browser:
        expect.set_options(timeout=PATIENCE_MS)
        hang(url)
        order_form(browser, url)
        painting_and_result(browser, url)
        gallery(browser, url)


if __name__ == "__main__":
    main()
