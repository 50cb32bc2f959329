"""Every query that the queue sends has its index, and every index its query.

The client of all tests refuses queries without one (`IndexesRequired`): that the suite of all queues passes proves the
first half.
"""

import threading
from datetime import UTC, datetime

import pytest
from google.cloud.firestore import FieldFilter, Query

from jobs import Cursor, Files, Order, Reason, Search, Sort, Status, Style
from jobs.firestore import FirestoreQueue
from jobs.painter import Painter
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
        queue.list_owned("uid", 10, before)
    for sort in Sort:
        for style in (None, Style.IMAGE):
            for words in ("", "castle", "castle underwater"):
                for after in (None, Cursor(1, NOW)):
                    queue.gallery.page(10, Search(sort=sort, style=style, words=words, after=after))
    queue.gallery.like(job.id, "visitor")
    queue.gallery.liked("visitor", [job.id])
    queue.gallery.report(job.id, "visitor", Reason.OTHER)
    queue.gallery.reports(10)
    queue.gallery.forget_visitor("visitor")
    queue.revoke(job.id)
    queue.check_in(Painter(name="painter", paces={}))
    queue.painters()


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
    assert len(seen) == 23  # several calls ask alike


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
        lambda jobs: jobs.where(filter=FieldFilter("prompt", "array_contains", "castle")),
        lambda jobs: jobs.where(filter=FieldFilter("tags", "array_contains", "castle")).order_by("created_at"),
        lambda jobs: jobs.where(filter=FieldFilter("owner", "in", ["a", "b"])).order_by("created_at"),
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
        lambda jobs: jobs.where(filter=FieldFilter("status", "==", "done")).where(
            filter=FieldFilter("owner", "in", ["uid", "another"])
        ),
        lambda jobs: jobs.where(filter=FieldFilter("tags", "array_contains", "castle")),
    ],
)
def test_query_that_automatic_indexes_serve_needs_no_other(emulator, ask):
    with emulator.client(IndexesRequired(shipped())) as client:
        assert ask(client.collection("queue")).get() == []
