"""A running site, Chromium with a visitor, and a worker played by hand through the queue."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import av
import pytest
import uvicorn
from fastapi import FastAPI
from PIL import Image, ImageDraw
from playwright.sync_api import Browser

from api.app import create_app
from api.settings import ApiSettings
from jobs import Claim, Files, Job, Order, Progress, Shelf
from jobs.folder import FolderShelf
from jobs.memory import MemoryQueue
from tests.browser import Visitor, open_browser

LEASE_S = 600.0
STEPS = 8


@dataclass
class Studio:
    """The site at `url`, and its worker."""

    url: str
    queue: MemoryQueue
    shelf: Shelf

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

    def finish(self, claim: Claim) -> Job:
        size = size_of(claim.job)
        files = {
            "picture.png": encoded(picture(STEPS, size), "PNG"),
            "thumbnail.webp": encoded(picture(STEPS, size), "WEBP"),
            **({"film.mp4": film(size)} if claim.job.order.make_video else {}),
        }
        for name, data in files.items():
            self.shelf.put(f"{claim.job.id}/{name}", data)
        return self.queue.finish(claim, Files(**{name.partition(".")[0]: f"{claim.job.id}/{name}" for name in files}))

    def finished(self, **changes: object) -> Job:
        """A job painted from beginning to end."""
        ordered = self.order(**changes)
        claim = self.claim()
        assert claim.job.id == ordered.id, "other orders are waiting"
        return self.finish(claim)


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
    """Two seconds, H.264 in MP4 as the worker makes it."""
    file = BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for step in range(20):
            frame = av.VideoFrame.from_image(picture(step * STEPS // 20, size))
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.getvalue()


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serves the application from a thread of this process at the URL given."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
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
    with served(create_app(settings, queue, shelf)) as url:
        yield Studio(url, queue, shelf)


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
