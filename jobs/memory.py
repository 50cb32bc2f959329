"""A queue in this process: the twin of the durable ones, for tests and for trying things out. Safe between threads."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import RLock

from jobs import life
from jobs.errors import JobNotFound, LeaseLost
from jobs.job import Claim, Files, Job, Letter, Progress, Status
from jobs.order import Order
from jobs.queue import MAX_ATTEMPTS


@dataclass
class _Entry:
    job: Job
    sequence: int
    token: int = 0
    lease_until: datetime | None = None

    @property
    def place(self) -> tuple[datetime, int]:
        return self.job.created_at, self.sequence

    def is_claimable(self, now: datetime) -> bool:
        return self.job.status == Status.QUEUED or (
            self.job.status == Status.RUNNING and self.lease_until is not None and self.lease_until <= now
        )


@dataclass
class _Outgoing:
    job_id: str
    token: int = 0
    lease_until: datetime | None = None
    sent: bool = False

    def is_takeable(self, now: datetime) -> bool:
        return not self.sent and (self.lease_until is None or self.lease_until <= now)


class MemoryQueue:
    """A `Queue` that forgets everything when the process ends."""

    def __init__(self, clock: Callable[[], datetime] = life.utc_now) -> None:
        self._clock = clock
        self._lock = RLock()
        self._entries: dict[str, _Entry] = {}
        self._outbox: dict[str, _Outgoing] = {}

    def put(self, order: Order) -> Job:
        with self._lock:
            job = life.born(order, self._clock())
            self._entries[job.id] = _Entry(job, sequence=len(self._entries))
            return job

    def get(self, job_id: str) -> Job:
        with self._lock:
            return self._entry(job_id).job

    def position(self, job_id: str) -> int:
        with self._lock:
            mine = self._entry(job_id)
            if mine.job.status != Status.QUEUED:
                return 0
            return sum(
                entry.job.status == Status.QUEUED and entry.place < mine.place for entry in self._entries.values()
            )

    def cancel(self, job_id: str) -> Job:
        with self._lock:
            entry = self._entry(job_id)
            if not entry.job.status.is_terminal:
                entry.job = life.cancelled(entry.job, self._clock())
            return entry.job

    def list_public(self, limit: int, before: datetime | None = None) -> list[Job]:
        with self._lock:
            shown = [(when, job) for when, job in self._public() if before is None or when < before]
        shown.sort(key=lambda pair: pair[0], reverse=True)
        return [job for _, job in shown[:limit]]

    def count(self) -> dict[str, int]:
        with self._lock:
            statuses = [entry.job.status for entry in self._entries.values()]
        return {str(status): statuses.count(status) for status in Status}

    def claim(self, worker: str, lease_s: float) -> Claim | None:
        with self._lock:
            now = self._clock()
            for entry in sorted(self._entries.values(), key=lambda entry: entry.place):
                if not entry.is_claimable(now):
                    continue
                if entry.job.attempt < MAX_ATTEMPTS:
                    return self._lease(entry, now, lease_s)
                self._end(entry, life.failed(entry.job, life.GAVE_UP, now))
            return None

    def heartbeat(self, claim: Claim, lease_s: float, progress: Progress | None = None) -> None:
        with self._lock:
            entry = self._held(claim)
            entry.lease_until = self._clock() + timedelta(seconds=lease_s)
            entry.job = life.advanced(entry.job, progress)

    def finish(self, claim: Claim, files: Files) -> Job:
        with self._lock:
            entry = self._held(claim)
            return self._end(entry, life.finished(entry.job, files, self._free_moment()))

    def fail(self, claim: Claim, reason: str) -> Job:
        with self._lock:
            entry = self._held(claim)
            return self._end(entry, life.failed(entry.job, reason, self._clock()))

    def release(self, claim: Claim) -> Job:
        with self._lock:
            entry = self._held(claim)
            entry.job = life.released(entry.job)
            return entry.job

    def take_letter(self, lease_s: float) -> Letter | None:
        with self._lock:
            now = self._clock()
            for outgoing in self._outbox.values():
                if outgoing.is_takeable(now):
                    outgoing.token += 1
                    outgoing.lease_until = now + timedelta(seconds=lease_s)
                    return Letter(job=self._entries[outgoing.job_id].job, token=outgoing.token)
            return None

    def letter_sent(self, letter: Letter) -> None:
        with self._lock:
            outgoing = self._outbox.get(letter.job.id)
            if outgoing is None or outgoing.sent or outgoing.token != letter.token:
                raise LeaseLost
            outgoing.sent = True

    def close(self) -> None:
        """Nothing is held open."""

    def _entry(self, job_id: str) -> _Entry:
        try:
            return self._entries[job_id]
        except KeyError:
            raise JobNotFound from None

    def _held(self, claim: Claim) -> _Entry:
        entry = self._entries.get(claim.job.id)
        if entry is None or entry.job.status != Status.RUNNING or entry.token != claim.token:
            raise LeaseLost
        return entry

    def _lease(self, entry: _Entry, now: datetime, lease_s: float) -> Claim:
        entry.job = life.claimed(entry.job, now)
        entry.token += 1
        entry.lease_until = now + timedelta(seconds=lease_s)
        return Claim(job=entry.job, token=entry.token)

    def _end(self, entry: _Entry, job: Job) -> Job:
        entry.job = job
        self._outbox[job.id] = _Outgoing(job.id)
        return job

    def _public(self) -> list[tuple[datetime, Job]]:
        jobs = [entry.job for entry in self._entries.values() if entry.job.order.public]
        return [(job.finished_at, job) for job in jobs if job.status == Status.DONE and job.finished_at is not None]

    def _free_moment(self) -> datetime:
        """Now, or the first microsecond after it at which no public job was finished (see `Queue.list_public`)."""
        now = self._clock()
        taken = {when for when, _ in self._public()}
        while now in taken:
            now += timedelta(microseconds=1)
        return now
