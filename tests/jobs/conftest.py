"""A clock that tests move by hand, an empty database, and each of the queues."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from google.cloud.firestore import Client

from jobs import Queue
from jobs.firestore import FirestoreQueue
from jobs.memory import MemoryQueue
from jobs.sqlite import SqliteQueue
from tests.firestore_emulator import FirestoreEmulator
from tests.jobs.indexes import IndexesRequired, shipped


class HandClock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def firestore(emulator: FirestoreEmulator) -> Iterator[Client]:
    """An empty database, with no more indexes than ours are."""
    indexes = IndexesRequired(shipped())
    with emulator.client(indexes) as client:
        yield client
    assert indexes.refused == []


@pytest.fixture(params=["memory", "sqlite", "firestore"])
def queue(request, clock: HandClock) -> Iterator[Queue]:
    if request.param == "sqlite":
        with closing(SqliteQueue(request.getfixturevalue("tmp_path") / "queue.sqlite3", clock)) as queue:
            yield queue
    elif request.param == "firestore":
        yield FirestoreQueue(request.getfixturevalue("firestore"), clock)
    else:
        yield MemoryQueue(clock)
