"""Whatever is done to both, step by step, the durable queue answers as its twin in memory does."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from jobs import Files, LeaseLost, Order, Progress
from jobs.memory import MemoryQueue
from jobs.sqlite import SqliteQueue

FILES = Files(picture="0123456789abcdefABC_-0/picture.png", thumbnail="0123456789abcdefABC_-0/thumbnail.webp")
LEASE_S = 60.0


class QueuesAgree(RuleBasedStateMachine):
    jobs = Bundle("jobs")  # pairs: the job's id in memory, in SQLite
    claims = Bundle("claims")  # pairs, likewise
    letters = Bundle("letters")

    def __init__(self):
        super().__init__()
        self.now = datetime(2026, 11, 22, tzinfo=UTC)
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "queue.sqlite3"
        self.memory = MemoryQueue(lambda: self.now)
        self.sqlite = self.open()
        self.names = {}  # each queue's ids -> one name for both

    def open(self):
        return SqliteQueue(self.path, lambda: self.now)

    def teardown(self):
        self.sqlite.close()
        self.folder.cleanup()

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
        for queue, record in zip((self.memory, self.sqlite), pair, strict=True):
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
        mine, its = self.memory.put(order), self.sqlite.put(order)
        self.names |= dict.fromkeys((mine.id, its.id), len(self.names))
        self.same(mine, its)
        return mine.id, its.id

    @rule(seconds=st.sampled_from([0.5, 1.0, LEASE_S / 2, LEASE_S]))
    def wait(self, seconds):
        self.now += timedelta(seconds=seconds)

    @rule()
    def reopen(self):
        self.sqlite.close()
        self.sqlite = self.open()

    @rule(target=claims)
    def claim(self):
        pair = self.same(self.memory.claim("worker", LEASE_S), self.sqlite.claim("worker", LEASE_S))
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
        self.same(self.memory.cancel(job[0]), self.sqlite.cancel(job[1]))

    @rule(target=letters)
    def take_letter(self):
        pair = self.same(self.memory.take_letter(LEASE_S), self.sqlite.take_letter(LEASE_S))
        return multiple() if pair[0] is None else pair

    @rule(letter=letters)
    def send(self, letter):
        self.both(lambda queue, held: queue.letter_sent(held), letter)

    @rule(letter=consumes(letters))
    def lose_letter(self, letter):
        self.now += timedelta(seconds=LEASE_S)

    @rule(job=jobs)
    def look(self, job):
        self.same(self.memory.get(job[0]), self.sqlite.get(job[1]))
        assert self.memory.position(job[0]) == self.sqlite.position(job[1])

    @invariant()
    def lists_are_the_same(self):
        assert self.memory.count() == self.sqlite.count()
        mine, its = self.memory.list_public(100), self.sqlite.list_public(100)
        assert [self.named(job) for job in mine] == [self.named(job) for job in its]


QueuesAgree.TestCase.settings = settings(max_examples=30, stateful_step_count=40, deadline=None, derandomize=True)
TestQueuesAgree = QueuesAgree.TestCase
