"""The application over the in-memory queue and a folder, as a client sees it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import ApiSettings
from jobs import Claim, Files, Job, Order, Progress
from jobs.folder import FolderShelf
from jobs.memory import MemoryQueue
from tests.auth_emulator import AuthEmulator, auth_emulator

ADDRESS = "canary.address@example.com"


class Studio:
    """The other side of the queue: takes orders as visitors do, and paints as a worker does."""

    def __init__(self, queue: MemoryQueue, shelf: FolderShelf) -> None:
        self.queue, self.shelf = queue, shelf

    def order(self, **fields: object) -> Job:
        return self.queue.put(Order.model_validate({"prompt": "castle underwater", "email": ADDRESS, **fields}))

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
        files = Files(**{kind: f"{claim.job.id}/t{claim.token}-{name}" for kind, name in names.items()})
        for kind, key in files.model_dump().items():
            self.shelf.put(key, f"the {kind} of {claim.job.id}".encode())
        return self.queue.finish(claim, files)

    def painted(self, **fields: object) -> Job:
        self.order(**fields)
        claim = self.begin()
        self.report(claim, 50)
        return self.finish(claim)


@pytest.fixture(scope="session", name="auth_emulator")
def _auth_emulator() -> Iterator[AuthEmulator]:
    with auth_emulator() as emulator:
        yield emulator


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
