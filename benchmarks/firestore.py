"""What a job costs in Firestore, and how fast jobs are claimed there, on Google's emulator.

    python -m benchmarks.firestore

A whole job's life is counted on the wire: ordered, watched by a page as the API does it, heard of by the listener,
claimed, painted with heartbeats and reports, finished for the gallery, mailed. Time is moved by hand, so that twenty
minutes of painting take a second. So are a visit to the gallery, and an hour of a worker that waits.
"""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
from google.cloud.firestore import Client, FieldFilter, transactional
from google.cloud.firestore_v1.types import (
    BatchGetDocumentsRequest,
    CommitRequest,
    RunAggregationQueryRequest,
    RunQueryRequest,
)

from api.painters import Roster
from api.recent import Recent
from api.views import Onlooker
from api.watching import pause_s
from jobs import Files, Order, Progress, Queue, Reason, Search, Status
from jobs.firestore import FirestoreQueue
from tests.firestore_emulator import FirestoreEmulator, firestore_emulator, new_project
from worker.lease import BEATS_PER_LEASE, Lease
from worker.run import POLLS_PER_LETTER_POLL
from worker.settings import WorkerSettings

ORDER = Order(prompt="castle underwater", email="bench@example.com", public=True)
FILES = Files(
    picture="0123456789abcdefABC_-0/picture.png",
    thumbnail="0123456789abcdefABC_-0/thumbnail.webp",
    film="0123456789abcdefABC_-0/film.mp4",
)
USD = {"writes": 0.18, "reads": 0.06, "deletes": 0.02}  # per 100,000, a list price of 2018: check yours
TICK_S = 0.5


class Meter(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor, grpc.StreamStreamClientInterceptor):
    """Counts what Firestore bills: documents written, deleted and read. A query that finds nothing is a read too, and
    so are a count and the opening of a stream."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.writes = self.reads = self.deletes = 0

    def __str__(self) -> str:
        return f"{self.writes} writes, {self.reads} reads, {self.deletes} deletes"

    @property
    def usd(self) -> float:
        return sum(getattr(self, kind) * price for kind, price in USD.items()) / 100_000

    def intercept_unary_unary(self, continuation: Callable[..., Any], details: Any, request: Any) -> Any:
        if isinstance(request, CommitRequest):
            deletes = sum("delete" in write for write in request.writes)
            self._add(deletes=deletes, writes=len(request.writes) - deletes)
        return continuation(details, request)

    def intercept_unary_stream(self, continuation: Callable[..., Any], details: Any, request: Any) -> Any:
        answers = continuation(details, request)
        if isinstance(request, BatchGetDocumentsRequest):
            self._add(reads=len(request.documents))
        elif isinstance(request, RunAggregationQueryRequest):
            self._add(reads=1)  # for each thousand that it counts
        elif isinstance(request, RunQueryRequest):
            return _Overheard(answers, self._bill("document"))
        return answers

    def intercept_stream_stream(self, continuation: Callable[..., Any], details: Any, requests: Any) -> Any:
        return _Overheard(continuation(details, requests), self._bill("document_change", "document_remove"))

    def _bill(self, *parts: str) -> Callable[[Any], None]:
        """The first read is for asking; so the first answer with one of these parts costs nothing more."""
        self._add(reads=1)
        first = True

        def hear(answer: Any) -> None:
            nonlocal first
            if any(part in answer for part in parts):
                self._add(reads=0 if first else 1)
                first = False

        return hear

    def _add(self, **counts: int) -> None:
        with self._lock:
            for kind, count in counts.items():
                setattr(self, kind, getattr(self, kind) + count)


class _Overheard:
    """A call whose answers are listened to on their way."""

    def __init__(self, answers: Any, hear: Callable[[Any], None]) -> None:
        self._answers, self._hear = answers, hear

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        answer = next(self._answers)
        self._hear(answer)
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._answers, name)


class Hand:
    """A clock moved by hand, in seconds and as a time of day."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def time_of_day(self) -> datetime:
        return datetime(2030, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)


def live(client: Client, painting_s: float) -> None:
    """Let a job of this length live from order to mail, with a page that watches it."""
    hand = Hand()
    queue = FirestoreQueue(client, hand.time_of_day)
    heard = threading.Event()
    jobs, roster = Recent(queue, lambda: hand.seconds), Roster(queue, lambda: hand.seconds)
    page = Page(jobs, Onlooker(jobs, roster, hand.time_of_day), _order(queue))
    page.look()
    with queue.listen(heard.set):
        assert heard.wait(30), "the listener heard nothing"
        _paint(queue, page, hand, painting_s)
    letter = queue.take_letter(60)
    assert letter is not None and queue.suppression(ORDER.email) is None
    queue.letter_sent(letter, "receipt")


def _order(queue: Queue) -> str:
    """Order as the API does it."""
    assert queue.suppression(ORDER.email) is None
    assert queue.count(Status.QUEUED) == 0
    job = queue.put(ORDER, "browser:0123456789abcdefABC_-0")
    queue.position(job.id)
    return job.id


def visits(client: Client) -> dict[str, Callable[[], object]]:
    """What a visitor does in a gallery of two dozen pictures; the search has to read them all to find half of them."""
    hand = Hand()
    queue = FirestoreQueue(client, hand.time_of_day)
    for number in range(24):
        hand.seconds += 1
        queue.put(ORDER if number % 2 else ORDER.model_copy(update={"prompt": "a house underwater"}))
        claim = queue.claim("worker", 60)
        assert claim is not None
        job = queue.finish(claim, FILES)
    return {
        "a page of 12": lambda: queue.gallery.page(12),
        "12 found by two words": lambda: queue.gallery.page(12, Search(words="castle underwater")),
        "which of 12 are liked": lambda: queue.gallery.liked("visitor", [job.id] * 12),
        "a like": lambda: queue.gallery.like(job.id, "visitor"),
        "a report": lambda: queue.gallery.report(job.id, "visitor", Reason.OTHER),
    }


class Page:
    """What a page asks: for the job, and at once for what is new to be seen."""

    def __init__(self, jobs: Recent, onlooker: Onlooker, job_id: str) -> None:
        self._jobs, self._onlooker, self._job_id = jobs, onlooker, job_id
        self._preview: str | None = None

    def look(self) -> None:
        seen = self._onlooker.look_up(self._job_id)
        if seen.links.preview != self._preview:
            self._preview = seen.links.preview
            self._jobs.recall(self._job_id)
        for _ in filter(None, (seen.links.picture, seen.links.film)):
            self._jobs.get(self._job_id)


def _paint(queue: Queue, page: Page, hand: Hand, painting_s: float) -> None:
    lease_s = WorkerSettings().lease_s
    claim = queue.claim("worker", lease_s)
    assert claim is not None
    lease = Lease(
        queue, claim, lease_s, threading.Event(), stall_s=600, abandon=lambda: None, clock=lambda: hand.seconds
    )
    report_every_s = max(queue.report_s, painting_s / queue.reports)
    reported_at, beaten_at, looked_at = -report_every_s, 0.0, 0.0
    while hand.seconds < painting_s:
        hand.seconds += TICK_S
        if hand.seconds - reported_at >= report_every_s:
            reported_at = beaten_at = hand.seconds
            lease.report(Progress(step=int(hand.seconds), of=int(painting_s), score=0.3, preview=FILES.thumbnail))
        if hand.seconds - beaten_at >= lease_s / BEATS_PER_LEASE:  # what the lease's own thread does
            beaten_at = hand.seconds
            queue.heartbeat(claim, lease_s)
        if hand.seconds - looked_at >= pause_s(queue, timedelta(seconds=hand.seconds)):
            looked_at = hand.seconds
            page.look()
    lease.report(Progress(step=int(painting_s), of=int(painting_s), score=0.3))  # the last word before it is published
    queue.finish(claim, FILES)
    page.look()


def claim_all(emulator: FirestoreEmulator, claim: Callable[[Client], str | None], jobs: int, workers: int) -> float:
    """Seconds until this many workers have claimed this many jobs, each job once."""
    project = new_project()
    with ExitStack() as stack:
        clients = [stack.enter_context(emulator.client(project=project)) for _ in range(workers)]
        queue = FirestoreQueue(clients[0])
        ordered = {queue.put(ORDER).id for _ in range(jobs)}
        claimed: list[str] = []

        def work(client: Client) -> None:
            while len(claimed) < jobs:
                if (job_id := claim(client)) is not None:
                    claimed.append(job_id)

        began = time.perf_counter()
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(work, clients))
        assert set(claimed) == ordered and len(claimed) == jobs
        return time.perf_counter() - began


def by_comparing(client: Client) -> str | None:
    """Claim a job as the queue does."""
    claim = FirestoreQueue(client).claim("worker", 600)
    return None if claim is None else claim.job.id


def by_transaction(client: Client) -> str | None:
    """Claim a job as one would do it first."""

    @transactional
    def claim(transaction: Any) -> str | None:
        queued = client.collection("queue").where(filter=FieldFilter("status", "==", "queued"))
        for snapshot in transaction.get(queued.order_by("place").limit(1)):
            transaction.update(snapshot.reference, {"status": "running"})
            return str(snapshot.id)
        return None

    with suppress(ValueError):  # "Failed to commit transaction in 5 attempts."
        return claim(client.transaction())
    return None


def main() -> None:
    with firestore_emulator() as emulator:
        for minutes in (0.5, 3, 20):
            meter = Meter()
            with emulator.client(meter) as client:
                live(client, 60 * minutes)
            print(f"a job of {minutes:g} min: {meter}; 1,000 of them: {1000 * meter.usd:.2f} USD (check the prices)")
        meter = Meter()
        with emulator.client(meter) as client:
            for name, visit in visits(client).items():
                before = meter.writes, meter.reads
                visit()
                print(f"{name}: {meter.writes - before[0]} writes, {meter.reads - before[1]} reads")
        claims, letters = Meter(), Meter()
        with emulator.client(claims) as client:
            FirestoreQueue(client, Hand().time_of_day).claim("worker", 60)
        with emulator.client(letters) as client:
            FirestoreQueue(client, Hand().time_of_day).take_letter(60)
        looks, signs = 3600 / FirestoreQueue.poll_s, 3600 / FirestoreQueue.presence_s
        reads = looks * (claims.reads + letters.reads / POLLS_PER_LETTER_POLL) + signs
        print(f"a worker that waits: {reads:.0f} reads and {signs:.0f} writes an hour")  # signs it gives painting, too
        for name, claim in (("compare-and-set", by_comparing), ("transactions", by_transaction)):
            print(f"20 jobs claimed by 4 workers, {name}: {claim_all(emulator, claim, 20, 4):.1f} s")


if __name__ == "__main__":
    main()
