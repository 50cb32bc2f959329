"""A clock that tests move by hand, and an empty database."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from google.cloud.firestore import Client

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
