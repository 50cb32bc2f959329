"""Pictures that lie in a bucket: the browser follows our address to the bucket's, and the page's policy lets it."""

import secrets
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from api.app import create_app
from api.settings import ApiSettings
from jobs.bucket import BucketShelf
from jobs.memory import MemoryQueue
from tests.browser import Visitor, assert_plays
from tests.frontend.conftest import Studio, served
from tests.frontend.visits import expect_on_canvas, hook
from tests.storage_emulator import new_bucket


@pytest.fixture
def studio(settings: ApiSettings, storage_url: str) -> Iterator[Studio]:
    queue, shelf = MemoryQueue(), BucketShelf(new_bucket(storage_url, f"page-{secrets.token_hex(8)}"))
    queue.poll_s = queue.report_s = 0.05  # how often event streams look
    with served(create_app(settings, queue, shelf)) as url:
        yield Studio(url, queue, shelf)


@pytest.fixture
def visitor(visitor: Visitor, storage_url: str) -> Visitor:
    visitor.friends.add(storage_url)
    return visitor


def test_preview_picture_and_film_of_a_bucket_are_shown(studio: Studio, visitor: Visitor) -> None:
    page, job = visitor.page, studio.order()
    page.goto(f"{studio.url}/?job={job.id}")
    claim = studio.claim()
    studio.paint(claim, 3)
    expect_on_canvas(page, f"/r/{job.id}/preview.webp?v=3")
    studio.finish(claim)
    expect_on_canvas(page, f"/r/{job.id}/picture.png")
    assert_plays(page.get_by_label("The film of the painting"))


def test_picture_and_film_of_a_bucket_are_saved_under_our_names(studio: Studio, visitor: Visitor) -> None:
    page, job = visitor.page, studio.finished()
    page.goto(f"{studio.url}/?job={job.id}")
    for name, key in {"Download PNG": job.files.picture, "Download MP4": job.files.film}.items():
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        assert download.value.path().read_bytes() == studio.shelf.get(key)
        assert download.value.suggested_filename == f"text2art-{key.rpartition('/')[2]}"


def test_pictures_of_a_bucket_hang_in_the_gallery(studio: Studio, visitor: Visitor) -> None:
    studio.finished(public=True)
    visitor.page.goto(f"{studio.url}/gallery")
    thumbnail = hook(visitor.page, "wall").locator("img")
    thumbnail.scroll_into_view_if_needed()
    visitor.page.wait_for_function("image => image.naturalWidth > 0", arg=thumbnail.element_handle())


def test_a_picture_of_any_other_origin_is_not_shown(studio: Studio, browser: Browser, storage_url: str) -> None:
    elsewhere = storage_url.replace("127.0.0.1", "localhost")
    page = browser.new_page()
    page.goto(studio.url)
    refused = page.evaluate(
        """source => new Promise(tell => {
            document.addEventListener("securitypolicyviolation", event => tell(event.effectiveDirective));
            new Image().src = source;
        })""",
        f"{elsewhere}/picture.png",
    )
    assert refused == "img-src"
    page.close()
