from datetime import UTC, datetime, timedelta

import pytest

import clipit
from jobs import Job
from jobs.folder import FolderShelf
from jobs.memory import MemoryQueue
from tests.fakes import Clock

BORN = datetime(2022, 6, 11, 14, 8, tzinfo=UTC)


@pytest.fixture
def a_job():
    def make(order, **changes):
        known = {"id": "AbCdEfGhIjKlMnOpQrStUv", "unsubscribe_key": "0123456789abcdefABC_-0", "created_at": BORN}
        return Job(**(known | {"order": order} | changes))

    return make


@pytest.fixture
def shelf(tmp_path):
    return FolderShelf(tmp_path / "shelf")


@pytest.fixture
def clock():
    """The seconds that the queue and the worker live by."""
    return Clock()


@pytest.fixture
def queue(clock):
    return MemoryQueue(clock=lambda: BORN + timedelta(seconds=clock()))


@pytest.fixture(scope="session")
def models():
    """The small models, loaded once."""
    return clipit.load_models(clipit.Settings(prompts="a trial"))
