"""Headless Chromium for tests, and a visitor in it who notices whatever a page must not do."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request, Response, expect, sync_playwright

PATIENCE_MS = 30_000  # for a busy machine; what is tested is the outcome, not how soon it comes
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NO_CHROMIUM = "Chromium is missing: install it with `apt-get install chromium` (`.ci/run` does), then test again."


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Chromium, closed at the end. Close it before other tests run: Playwright keeps an event loop in this thread."""
    chromium = shutil.which("chromium")
    assert chromium, NO_CHROMIUM
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Visitor:
    """Somebody at a page; `complaints` are what no page of ours may ever cause."""

    page: Page
    origin: str
    friends: set[str] = field(default_factory=set)  # other origins that the page may load from
    refusals: set[int] = field(default_factory=set)  # HTTP statuses that the test means to provoke
    complaints: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("dialog", self._dismiss)
        self.page.on("pageerror", lambda error: self.complaints.append(f"exception: {error}"))
        self.page.on("console", self._listen)
        self.page.on("request", self._look_where)
        self.page.on("response", self._look_how)

    def _dismiss(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _listen(self, message: ConsoleMessage) -> None:
        """Breaches of the content security policy are told here too; failed loads are `_look_how`'s."""
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.complaints.append(f"console: {message.text}")

    def _look_where(self, request: Request) -> None:
        self.loaded.append(request.url)
        if not request.url.startswith((self.origin, *self.friends, "blob:", "data:")):
            self.complaints.append(f"request to a third party: {request.url}")

    def _look_how(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.refusals:
            self.complaints.append(f"{response.status} for {response.url}")


def assert_plays(film) -> None:
    """The video has frames, and time goes by in it once it plays."""
    expect(film).to_be_visible()
    film.evaluate("film => film.play()")
    film.page.wait_for_function("film => film.readyState >= 2 && film.currentTime > 0", arg=film.element_handle())
    assert film.evaluate("film => film.videoWidth") > 0
