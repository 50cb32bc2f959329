"""The application over the in-memory queue and a folder, as a client sees it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Response
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import ApiSettings
from api.visitors import COOKIE
from jobs import Aspect, Claim, Files, Job, Order, Pace, Painter, Progress, Quality, Style
from jobs.folder import FolderShelf
from jobs.memory import MemoryQueue

ADDRESS = "canary.address@example.com"
EXTRA = {Style.PAINTING: {"vector": "vector.svg"}, Style.PIXEL_ART: {"pixels": "pixels.png"}}  # files of some styles


class Studio:
    """The other side of the queue: takes orders as visitors do, and paints as a worker does."""

    def __init__(self, queue: MemoryQueue, shelf: FolderShelf) -> None:
        self.queue, self.shelf = queue, shelf

    def order(self, owner: str | None = None, **fields: object) -> Job:
        return self.queue.put(Order.model_validate({"prompt": "castle underwater", "email": ADDRESS, **fields}), owner)

    def begin(self) -> Claim:
        claim = self.queue.claim("a worker", lease_s=60)
        assert claim is not None
        return claim

    def report(self, claim: Claim, step: int) -> None:
        preview = f"{claim.job.id}/t{claim.token}-preview.webp"
        self.shelf.put(preview, b"preview %d" % step, replace=True)
        self.queue.heartbeat(claim, 60, Progress(step=step, of=100, score=0.25, preview=preview))

    def finish(self, claim: Claim) -> Job:
        names = {"picture": "picture.png", "thumbnail": "thumbnail.webp", "film": "film.mp4"}
        names |= EXTRA.get(claim.job.order.style, {})
        files = Files(**{kind: f"{claim.job.id}/t{claim.token}-{name}" for kind, name in names.items()})
        for kind, key in files.model_dump(exclude_none=True).items():
            self.shelf.put(key, f"the {kind} of {claim.job.id}".encode())
        return self.queue.finish(claim, files)

    def fail(self, reason: str = "The painter stumbled.") -> Job:
        return self.queue.fail(self.begin(), reason)

    def painted(self, owner: str | None = None, **fields: object) -> Job:
        self.order(owner, **fields)
        claim = self.begin()
        self.report(claim, 50)
        return self.finish(claim)


def a_painter(name: str = "a worker", *, step_s: float = 0.1) -> Painter:
    """Takes `step_s` a step, and 1 s more for each megapixel; drafts have 100 steps, everything else 300."""
    sizes = dict.fromkeys(Aspect, (100, 100))

    def pace(quality: Quality) -> Pace:
        iterations = 100 if quality is Quality.DRAFT else 300
        return Pace(iterations=iterations, sizes=sizes, step_s=step_s, megapixel_s=1.0)

    paces = {style: {quality: pace(quality) for quality in Quality} for style in Style}
    return Painter(name=name, paces=paces, models=("small",))


def cookie_given(answer: Any) -> str:
    """The value of the cookie that an answer gives."""
    return str(answer.headers["set-cookie"]).partition(";")[0].removeprefix(f"{COOKIE}=")


def cookie_by(give: Callable[..., None], *who: object) -> str:
    """The value of the cookie that `give`, a method of `Cookies`, gives."""
    answer = Response()
    give(answer, *who)
    return cookie_given(answer)


@pytest.fixture
def clock() -> Callable[[], datetime]:
    """Each look is a second later than the one before."""
    moments = iter(datetime(2030, 1, 1, tzinfo=UTC) + timedelta(seconds=n) for n in range(100_000))
    return lambda: next(moments)


@pytest.fixture
def queue(clock: Callable[[], datetime]) -> MemoryQueue:
    queue = MemoryQueue(clock)
    queue.poll_s = queue.report_s = 0.001  # event streams need not wait in tests
    return queue


@pytest.fixture
def shelf(tmp_path: Path) -> FolderShelf:
    return FolderShelf(tmp_path / "shelf")


@pytest.fixture
def studio(queue: MemoryQueue, shelf: FolderShelf) -> Studio:
    return Studio(queue, shelf)


@pytest.fixture
def settings() -> ApiSettings:
    return ApiSettings()


@pytest.fixture
def app(settings: ApiSettings, queue: MemoryQueue, shelf: FolderShelf, clock: Callable[[], datetime]) -> FastAPI:
    return create_app(settings, queue, shelf, clock=clock)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client
