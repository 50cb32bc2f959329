"""Whatever is done to both, step by step, a durable queue answers as its twin in memory does."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from jobs import Cursor, Files, JobNotFound, LeaseLost, NotEnded, Order, Progress, Reason, Search, Sort, Status, Style
from jobs.firestore import FirestoreQueue
from jobs.memory import MemoryQueue
from jobs.sqlite import SqliteQueue
from tests.jobs.indexes import IndexesRequired, shipped

FILES = Files(picture="0123456789abcdefABC_-0/picture.png", thumbnail="0123456789abcdefABC_-0/thumbnail.webp")
LEASE_S = 60.0
PROMPTS = ("castle", "castle at night", "a night, a castle", "水下城堡")
WORDS = ("", "castle", "night castle", "城", "a")
VISITORS = st.sampled_from("abc")


class QueuesAgree(RuleBasedStateMachine):
    jobs = Bundle("jobs")  # pairs: the job's id in memory, in the durable queue
    claims = Bundle("claims")  # pairs, likewise
    letters = Bundle("letters")

    def __init__(self, place):
        """`place` is a context manager giving what opens the durable queue, given a clock."""
        super().__init__()
        self.now = datetime(2026, 11, 22, tzinfo=UTC)
        self.place = place
        self.open = place.__enter__()
        self.memory = MemoryQueue(lambda: self.now)
        self.durable = self.open(lambda: self.now)
        self.names = {}  # each queue's ids -> one name for both
        self.ids = [], []  # each queue's

    def teardown(self):
        self.close()
        self.place.__exit__(None, None, None)

    def close(self):
        if isinstance(self.durable, SqliteQueue):  # the other one holds nothing open
            self.durable.close()

    def same(self, mine, its):
        """Compare two jobs, claims or letters but for the ids, and give them back as a pair."""
        assert (mine is None) == (its is None)
        if mine is not None:
            assert self.named(mine) == self.named(its)
        return mine, its

    def named(self, record):
        job = getattr(record, "job", record)
        return self.names[job.id], getattr(record, "token", None), job.model_dump(exclude={"id"})

    def both(self, write, pair):
        """Do the same to both queues: either both refuse or both answer the same."""
        answers = []
        for queue, record in zip((self.memory, self.durable), pair, strict=True):
            try:
                answers.append(write(queue, record))
            except (LeaseLost, JobNotFound, NotEnded) as refusal:
                answers.append(type(refusal))
        if any(isinstance(answer, type) for answer in answers):
            assert answers[0] == answers[1]
        else:
            self.same(*answers)
        return answers

    @rule(
        target=jobs,
        public=st.booleans(),
        owner=st.none() | VISITORS,
        prompt=st.sampled_from(PROMPTS),
        style=st.sampled_from(Style),
    )
    def put(self, public, owner, prompt, style):
        order = Order(prompt=prompt, style=style, email="visitor@example.com", public=public)
        mine, its = self.memory.put(order, owner), self.durable.put(order, owner)
        self.names |= dict.fromkeys((mine.id, its.id), len(self.names))
        for ids, job in zip(self.ids, (mine, its), strict=True):
            ids.append(job.id)
        self.same(mine, its)
        return mine.id, its.id

    @rule(seconds=st.sampled_from([0.5, 1.0, LEASE_S / 2, LEASE_S]))
    def wait(self, seconds):
        self.now += timedelta(seconds=seconds)

    @rule()
    def reopen(self):
        self.close()
        self.durable = self.open(lambda: self.now)

    @rule(target=claims)
    def claim(self):
        pair = self.same(self.memory.claim("worker", LEASE_S), self.durable.claim("worker", LEASE_S))
        return multiple() if pair[0] is None else pair

    @rule(claim=claims, step=st.none() | st.integers(1, 9))
    def heartbeat(self, claim, step):
        progress = None if step is None else Progress(step=step, of=9, score=step / 9)
        self.both(lambda queue, held: queue.heartbeat(held, LEASE_S, progress), claim)

    @rule(claim=claims)
    def finish(self, claim):
        self.both(lambda queue, held: queue.finish(held, FILES), claim)

    @rule(claim=claims)
    def fail(self, claim):
        self.both(lambda queue, held: queue.fail(held, "the paint ran out"), claim)

    @rule(claim=claims)
    def release(self, claim):
        self.both(lambda queue, held: queue.release(held), claim)

    @rule(job=jobs)
    def cancel(self, job):
        self.same(self.memory.cancel(job[0]), self.durable.cancel(job[1]))

    @rule(job=jobs)
    def retry(self, job):
        self.same(self.memory.retry(job[0]), self.durable.retry(job[1]))

    @rule(job=jobs)
    def revoke(self, job):
        self.same(self.memory.revoke(job[0]), self.durable.revoke(job[1]))

    @rule(target=jobs, job=consumes(jobs))
    def delete(self, job):
        is_refused = NotEnded in self.both(lambda queue, id: queue.delete(id), job)
        return job if is_refused else multiple()

    @rule(job=jobs, visitor=VISITORS)
    def like(self, job, visitor):
        self.both(lambda queue, id: queue.gallery.like(id, visitor), job)

    @rule(job=jobs, visitor=VISITORS)
    def unlike(self, job, visitor):
        self.both(lambda queue, id: queue.gallery.unlike(id, visitor), job)

    @rule(job=jobs, visitor=VISITORS, reason=st.sampled_from(Reason))
    def report(self, job, visitor, reason):
        self.both(lambda queue, id: queue.gallery.report(id, visitor, reason), job)

    @rule(visitor=VISITORS)
    def forget_visitor(self, visitor):
        self.memory.gallery.forget_visitor(visitor)
        self.durable.gallery.forget_visitor(visitor)

    @rule(sort=st.sampled_from(Sort), style=st.none() | st.sampled_from(Style), words=st.sampled_from(WORDS))
    def search(self, sort, style, words):
        search = Search(sort=sort, style=style, words=words)
        for _ in range(2):
            pages = [queue.gallery.page(2, search) for queue in (self.memory, self.durable)]
            mine, its = ([self.named(exhibit) for exhibit in page] for page in pages)
            assert mine == its
            if not mine:
                return
            search = search.model_copy(update={"after": Cursor.of(pages[0][-1])})

    @rule(owner=VISITORS, limit=st.integers(1, 3))
    def list_owned(self, owner, limit):
        before = None
        for _ in range(2):
            pages = [queue.list_owned(owner, limit, before) for queue in (self.memory, self.durable)]
            mine, its = ([self.named(job) for job in page] for page in pages)
            assert mine == its
            before = pages[0][-1].created_at if pages[0] else before

    @rule(target=letters)
    def take_letter(self):
        pair = self.same(self.memory.take_letter(LEASE_S), self.durable.take_letter(LEASE_S))
        return multiple() if pair[0] is None else pair

    @rule(letter=letters)
    def send(self, letter):
        self.both(lambda queue, held: queue.letter_sent(held), letter)

    @rule(letter=letters, delay_s=st.sampled_from([0.5, LEASE_S / 2]))
    def delay(self, letter, delay_s):
        self.both(lambda queue, held: queue.letter_delayed(held, delay_s), letter)

    @rule(letter=consumes(letters))
    def lose_letter(self, letter):
        self.now += timedelta(seconds=LEASE_S)

    @rule(job=jobs)
    def look(self, job):
        self.same(self.memory.get(job[0]), self.durable.get(job[1]))
        assert self.memory.position(job[0]) == self.durable.position(job[1])

    @invariant()
    def lists_are_the_same(self):
        for status in Status:
            assert self.memory.count(status) == self.durable.count(status)
        assert self.memory.waiting_since() == self.durable.waiting_since()
        for listed in (lambda queue: queue.gallery.page(100), lambda queue: queue.list_jobs(100)):
            mine, its = listed(self.memory), listed(self.durable)
            assert [self.named(job) for job in mine] == [self.named(job) for job in its]

    @rule()
    def see_what_visitors_said(self):
        reported = [
            [(self.named(report.exhibit), report.reasons) for report in queue.gallery.reports(100)]
            for queue in (self.memory, self.durable)
        ]
        assert reported[0] == reported[1]
        liked = [
            [sorted(self.names[id] for id in queue.gallery.liked(visitor, ids)) for visitor in "abc"]
            for queue, ids in zip((self.memory, self.durable), self.ids, strict=True)
        ]
        assert liked[0] == liked[1]


@contextmanager
def in_a_file():
    with TemporaryDirectory() as folder:
        yield partial(SqliteQueue, Path(folder) / "queue.sqlite3")


@contextmanager
def in_a_database(emulator):
    with emulator.client(IndexesRequired(shipped())) as client:
        yield partial(FirestoreQueue, client)


def agree(place, examples):
    run_state_machine_as_test(
        lambda: QueuesAgree(place()),
        settings=settings(max_examples=examples, stateful_step_count=40, deadline=None, derandomize=True),
    )


def test_sqlite_agrees_with_memory():
    agree(in_a_file, examples=30)


def test_firestore_agrees_with_memory(emulator):
    agree(partial(in_a_database, emulator), examples=10)
