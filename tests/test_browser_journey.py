"""The whole of Text2Art as a visitor meets it: `text2art up` and a browser, from the sentence to the playing film."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import Visitor, assert_plays, open_browser
from tests.installation import PATIENCE_S, installed, is_ready


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """Where `text2art up` answers; it ends with the test, as Ctrl-C ends it."""
    with installed(tmp_path, {"TEXT2ART_DATA": str(tmp_path / "data")}) as installation:
        parent = installation.start("up", "--port", str(installation.port), "--no-open")
        installation.eventually(lambda: parent.poll() is not None or is_ready(installation.url), "it answers")
        assert parent.poll() is None, installation.logs()
        yield installation.url
        parent.send_signal(signal.SIGINT)
        parent.wait(PATIENCE_S)


@pytest.mark.slow
def test_castle_underwater_is_painted_and_its_film_plays(url: str) -> None:
    with open_browser() as browser:
        visitor = Visitor(browser.new_page(), url)
        page = visitor.page
        page.goto(url)
        page.get_by_label("What would you like to see?").fill("castle underwater")
        page.get_by_label("E-mail").fill("visitor@example.com")
        page.get_by_text("Advanced", exact=True).click()
        page.get_by_label("Iterations").fill("8")
        page.get_by_role("button", name="Generate").click()

        picture = page.get_by_alt_text("castle underwater", exact=True)
        expect(picture).to_be_visible(timeout=PATIENCE_S * 1000)
        assert picture.evaluate("image => image.naturalWidth") >= 32
        assert_plays(page.get_by_label("The film of the painting"))
        assert visitor.complaints == []
