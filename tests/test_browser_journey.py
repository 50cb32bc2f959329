"""The whole of Text2Art as a visitor meets it: `text2art up` and a browser, from the sentence to the playing film."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import expect

from tests.browser import Visitor, assert_plays, open_browser

ROOT = Path(__file__).parent.parent
PATIENCE_S = 400  # models load and paint on whatever this machine has


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """Where `text2art up` answers; it ends with the test, as Ctrl-C ends it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    command = [sys.executable, str(ROOT / "text2art.py"), "up", "--port", str(port), "--no-open"]
    environment = os.environ | {"TEXT2ART_DATA": str(tmp_path / "data")}
    with open(tmp_path / "log", "wb") as log:
        process = subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_until_healthy(process, f"http://127.0.0.1:{port}", tmp_path / "log")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE_S)


def wait_until_healthy(process: subprocess.Popen, url: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_healthy(url):
        assert process.poll() is None and time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def is_healthy(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/healthz", trust_env=False).is_success
    except httpx2.TransportError:
        return False


@pytest.mark.slow
def test_castle_underwater_is_painted_and_its_film_plays(url: str) -> None:
    with open_browser() as browser:
        visitor = Visitor(browser.new_page(), url)
        page = visitor.page
        page.goto(url)
        page.get_by_label("What would you like to see?").fill("castle underwater")
        page.get_by_label("E-mail").fill("visitor@example.com")
        page.get_by_text("Details", exact=True).click()
        page.get_by_label("Iterations").fill("8")
        page.get_by_role("button", name="Generate").click()

        picture = page.get_by_alt_text("castle underwater", exact=True)
        expect(picture).to_be_visible(timeout=PATIENCE_S * 1000)
        assert picture.evaluate("image => image.naturalWidth") >= 32
        assert_plays(page.get_by_label("The film of the painting"))
        assert visitor.complaints == []
