"""A running site, Chromium with a visitor, and a worker played by hand through the queue."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import av
import pytest
import uvicorn
from fastapi import FastAPI
from PIL import Image, ImageDraw
from playwright.sync_api import Browser

from api.app import create_app
from api.settings import ApiSettings
from jobs import Aspect, Claim, Files, Job, Order, Pace, Painter, Progress, Quality, Shelf, Style
from jobs.folder import FolderShelf
from jobs.memory import MemoryQueue
from tests.browser import Visitor, open_browser

LEASE_S = 600.0
STEPS = 8
FILM_RATE = 10  # frames a second
CELLS = 16  # across the 64 pixels of pixel art
STROKES = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><path d="M8 8L56 56" stroke="#000"/></svg>'


@dataclass
class Studio:
    """The site at `url`, and its worker."""

    url: str
    queue: MemoryQueue
    shelf: Shelf
    settings: ApiSettings = field(default_factory=ApiSettings)
    doors: ExitStack = field(default_factory=ExitStack)  # what they close is the site

    def shut(self) -> None:
        """End the API, and whatever is under way there; queue and shelf stay."""
        self.doors.close()

    def open(self) -> None:
        """Start the API, where it was before."""
        port = urlsplit(self.url).port or 0
        self.url = self.doors.enter_context(served(create_app(self.settings, self.queue, self.shelf), port))

    def order(self, **changes: object) -> Job:
        return self.queue.put(Order.model_validate({"prompt": "a kite", "email": "other@example.com", **changes}))

    def claim(self) -> Claim:
        claim = self.queue.claim("by hand", LEASE_S)
        assert claim is not None
        return claim

    def paint(self, claim: Claim, step: int) -> None:
        """Bring the drawing to `step` of STEPS, with a preview."""
        key = f"{claim.job.id}/preview.webp"
        self.shelf.put(key, encoded(picture(step, size_of(claim.job)), "WEBP"), replace=True)
        self.queue.heartbeat(claim, LEASE_S, Progress(step=step, of=STEPS, score=0.1 + step / 40, preview=key))

    def finish(self, claim: Claim, note: str | None = None) -> Job:
        """With what a worker makes of an order, and its last report."""
        size, order = size_of(claim.job), claim.job.order
        files = {
            "picture.png": encoded(picture(STEPS, size), "PNG"),
            "thumbnail.webp": encoded(picture(STEPS, size), "WEBP"),
            **({"film.mp4": film(size)} if order.make_video else {}),
            **({"vector.svg": STROKES} if order.style == Style.PAINTING else {}),
            **({"pixels.png": encoded(picture(2, (CELLS, CELLS)), "PNG")} if order.style == Style.PIXEL_ART else {}),
        }
        self.queue.heartbeat(claim, LEASE_S, Progress(step=STEPS, of=STEPS, score=0.5, note=note))
        for name, data in files.items():
            self.shelf.put(f"{claim.job.id}/{name}", data)
        return self.queue.finish(claim, Files(**{name.partition(".")[0]: f"{claim.job.id}/{name}" for name in files}))

    def finished(self, **changes: object) -> Job:
        """A job painted from beginning to end."""
        ordered = self.order(**changes)
        claim = self.claim()
        assert claim.job.id == ordered.id, "other orders are waiting"
        return self.finish(claim)

    def employ(self, painting_s: float, models: tuple[str, ...] = ("small",)) -> None:
        """A painter is there, who takes so long for any draft; to be told before anybody asks who is there."""
        self.queue.presence_s = 600
        sizes = dict.fromkeys(Aspect, (100, 100))
        pace = Pace(iterations=100, sizes=sizes, step_s=painting_s / 100, megapixel_s=0)
        paces = {style: {Quality.DRAFT: pace} for style in Style}
        self.queue.check_in(Painter(name="by hand", paces=paces, models=models))


def size_of(job: Job) -> tuple[int, int]:
    return {"square": (64, 64), "widescreen": (64, 36), "portrait": (64, 80)}[job.order.aspect]


def picture(step: int, size: tuple[int, int]) -> Image.Image:
    """A disc that grows with the steps."""
    image = Image.new("RGB", size, (20, 60, 90))
    radius = 4 * step
    box = [size[0] / 2 - radius, size[1] / 2 - radius, size[0] / 2 + radius, size[1] / 2 + radius]
    ImageDraw.Draw(image).ellipse(box, fill=(240, 190, 90))
    return image


def encoded(image: Image.Image, format: str) -> bytes:
    file = BytesIO()
    image.save(file, format)
    return file.getvalue()


def film(size: tuple[int, int]) -> bytes:
    """H.264 in MP4 as the worker makes it: a frame for every step, and the last one held for a second."""
    file = BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FILM_RATE)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for step in [*range(1, STEPS + 1), *[STEPS] * FILM_RATE]:
            frame = av.VideoFrame.from_image(picture(step, size))
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.getvalue()


@contextmanager
def served(app: FastAPI, port: int = 0) -> Iterator[str]:
    """Serves the application from a thread of this process at the URL given, on a free port where none is asked for."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        config = uvicorn.Config(app, log_level="warning", ws="none", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture
def settings() -> ApiSettings:
    return ApiSettings()


@pytest.fixture
def studio(settings: ApiSettings, tmp_path: Path) -> Iterator[Studio]:
    queue, shelf = MemoryQueue(), FolderShelf(tmp_path / "shelf")
    queue.poll_s = queue.report_s = 0.05  # how often event streams look
    with ExitStack() as doors:
        studio = Studio("", queue, shelf, settings, doors)
        studio.open()
        yield studio


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture
def arrive(browser: Browser, studio: Studio) -> Iterator[Callable[..., Visitor]]:
    """arrive(**context options) opens a visitor's own window; whatever one complains about fails the test."""
    visitors: list[Visitor] = []

    def open_window(path: str = "/", **options: object) -> Visitor:
        visitor = Visitor(browser.new_context(**options).new_page(), studio.url)
        visitors.append(visitor)
        visitor.page.goto(studio.url + path)
        return visitor

    yield open_window
    for visitor in visitors:
        visitor.page.context.close()
    assert [visitor.complaints for visitor in visitors] == [[] for _ in visitors]


@pytest.fixture
def visitor(arrive: Callable[..., Visitor]) -> Visitor:
    return arrive()
