"""Every query that the queue sends has its index, and every index its query.

The client of all tests refuses queries without one (`IndexesRequired`): that the suite of all queues passes proves the
first half.
"""

import threading
from datetime import UTC, datetime

import pytest
from google.cloud.firestore import FieldFilter, Query

from jobs import Files, Order, Status
from jobs.firestore import FirestoreQueue
from tests.jobs.indexes import IndexesRequired, shipped

ORDER = Order(prompt="castle underwater", email="visitor@example.com", public=True)
FILES = Files(picture="0123456789abcdefABC_-0/picture.png", thumbnail="0123456789abcdefABC_-0/thumbnail.webp")
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def ask_everything(queue):
    """Every query there is."""
    job = queue.put(ORDER)
    queue.position(job.id)
    queue.waiting_since()
    queue.finish(queue.claim("worker", 60), FILES)
    queue.letter_sent(queue.take_letter(60))
    for status in (None, Status.DONE):
        for before in (None, NOW):
            queue.list_jobs(10, status, before)
    queue.count(Status.DONE)
    for before in (None, NOW):
        queue.list_public(10, before)


def asked(emulator, indexes):
    """What was asked and what was refused, where the database has these indexes."""
    required = IndexesRequired(indexes)
    with emulator.client(required) as client:
        try:
            ask_everything(FirestoreQueue(client, lambda: NOW))
        except AssertionError:
            assert required.refused
    return required.seen, required.refused


def test_every_query_has_its_index(emulator):
    seen, refused = asked(emulator, shipped())

    assert refused == []
    assert len(seen) == 7  # several calls ask alike


@pytest.mark.parametrize("number", range(len(shipped()["indexes"])))
def test_every_index_has_its_query(emulator, number):
    indexes = shipped()
    del indexes["indexes"][number]

    assert asked(emulator, indexes)[1] != []


def test_listeners_query_has_its_index(emulator):
    required = IndexesRequired(shipped())
    with emulator.client(required) as client:
        queue = FirestoreQueue(client)
        queue.put(ORDER)
        heard = threading.Event()
        with queue.listen(heard.set):
            assert heard.wait(60)
    assert required.seen == {"queue: ['status'] == ... order by (('place', 'ASCENDING'),)"}
    assert required.refused == []


@pytest.mark.parametrize(
    "ask",
    [
        lambda jobs: jobs.where(filter=FieldFilter("status", "==", "queued")).order_by("email"),
        lambda jobs: jobs.where(filter=FieldFilter("status", "==", "queued")).where(
            filter=FieldFilter("token", ">", 1)
        ),
        lambda jobs: jobs.where(filter=FieldFilter("status", "==", "running")).order_by(
            "lease_until", direction=Query.DESCENDING
        ),
        lambda jobs: jobs.order_by("status").order_by("lease_until", direction=Query.DESCENDING),
        lambda jobs: jobs.where(filter=FieldFilter("prompt", "==", "castle")),
        lambda jobs: jobs.order_by("progress.step"),
        lambda jobs: jobs.where(filter=FieldFilter("email", "==", "visitor@example.com")).count(),
    ],
)
def test_query_without_an_index_is_refused(emulator, ask):
    required = IndexesRequired(shipped())
    with emulator.client(required) as client, pytest.raises(AssertionError, match="no index"):
        ask(client.collection("queue")).get()
    assert len(required.refused) == 1


@pytest.mark.parametrize(
    "ask",
    [
        lambda jobs: jobs.order_by("created_at", direction=Query.DESCENDING),
        lambda jobs: jobs.where(filter=FieldFilter("token", ">", 1)),
        lambda jobs: jobs.where(filter=FieldFilter("status", "==", "done")).where(
            filter=FieldFilter("owner", "==", "uid")
        ),
    ],
)
def test_query_that_automatic_indexes_serve_needs_no_other(emulator, ask):
    with emulator.client(IndexesRequired(shipped())) as client:
        assert ask(client.collection("queue")).get() == []
