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

from jobs import Files, LeaseLost, Order, Progress, Status
from jobs.firestore import FirestoreQueue
from jobs.memory import MemoryQueue
from jobs.sqlite import SqliteQueue
from tests.jobs.indexes import IndexesRequired, shipped

FILES = Files(picture="0123456789abcdefABC_-0/picture.png", thumbnail="0123456789abcdefABC_-0/thumbnail.webp")
LEASE_S = 60.0


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
            except LeaseLost:
                answers.append(LeaseLost)
        if LeaseLost in answers:
            assert answers == [LeaseLost, LeaseLost]
        else:
            self.same(*answers)

    @rule(target=jobs, public=st.booleans())
    def put(self, public):
        order = Order(prompt=f"picture {len(self.names)}", email="visitor@example.com", public=public)
        mine, its = self.memory.put(order), self.durable.put(order)
        self.names |= dict.fromkeys((mine.id, its.id), len(self.names))
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
        for listed in (lambda queue: queue.list_public(100), lambda queue: queue.list_jobs(100)):
            mine, its = listed(self.memory), listed(self.durable)
            assert [self.named(job) for job in mine] == [self.named(job) for job in its]


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
