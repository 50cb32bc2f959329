"""A queue in this process: the twin of the durable ones, for tests and for trying things out. Safe between threads."""

import secrets
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from threading import RLock

from jobs import life
from jobs.errors import JobNotFound, LeaseLost, NotEnded
from jobs.gallery import EVERYTHING, Cursor, Reason, Report, Search, Sort, sought, words_of
from jobs.job import Claim, Exhibit, Files, Job, Letter, Progress, Status
from jobs.order import Order
from jobs.painter import MISSED, Painter
from jobs.queue import MAX_ATTEMPTS


@dataclass
class _Entry:
    job: Job
    sequence: int
    token: int = 0
    lease_until: datetime | None = None
    likes: set[str] = field(default_factory=set)  # visitors
    reports: dict[str, Reason] = field(default_factory=dict)  # by visitor

    @property
    def exhibit(self) -> Exhibit | None:
        return life.exhibited(self.job, len(self.likes))

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
    sequence: int
    due_at: datetime
    token: int = 0
    settled: bool = False

    def withdraw(self) -> None:
        """Take it back from whoever has it, for good: not even the job's next letter is his."""
        self.token += 1
        self.settled = True

    @property
    def place(self) -> tuple[datetime, int]:
        return self.due_at, self.sequence


class MemoryQueue:
    """A `Queue` that forgets everything when the process ends."""

    poll_s = 0.5
    report_s = 1.0
    reports = 10_000
    presence_s = 5.0

    def __init__(self, clock: Callable[[], datetime] = life.utc_now) -> None:
        self._clock = clock
        self._lock = RLock()
        self._sequence = count()
        self._entries: dict[str, _Entry] = {}
        self._outbox: dict[str, _Outgoing] = {}
        self._suppressed: dict[str, str] = {}
        self._painters: dict[str, Painter] = {}
        self._secrets: dict[str, bytes] = {}
        self.gallery = MemoryGallery(self._entries, self._lock)

    def put(self, order: Order, owner: str | None = None) -> Job:
        with self._lock:
            job = life.born(order, self._later_than_owned(owner), owner)
            self._entries[job.id] = _Entry(job, next(self._sequence))
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

    def retry(self, job_id: str) -> Job:
        with self._lock:
            entry = self._entry(job_id)
            again = life.retried(entry.job)
            if again is not entry.job and job_id in self._outbox:
                self._outbox[job_id].withdraw()
            entry.job = again
            return again

    def revoke(self, job_id: str) -> Job:
        with self._lock:
            entry = self._entry(job_id)
            entry.job = life.revoked(entry.job, self._clock())
            entry.likes.clear()
            entry.reports.clear()
            return entry.job

    def delete(self, job_id: str) -> None:
        with self._lock:
            if not self._entry(job_id).job.status.is_terminal:
                raise NotEnded
            del self._entries[job_id]
            self._outbox.pop(job_id, None)

    def list_jobs(self, limit: int, status: Status | None = None, before: datetime | None = None) -> list[Job]:
        with self._lock:
            entries = sorted(self._entries.values(), key=lambda entry: entry.place, reverse=True)
        jobs = [entry.job for entry in entries if status in (None, entry.job.status)]
        return [job for job in jobs if before is None or job.created_at < before][:limit]

    def list_owned(self, owner: str, limit: int, before: datetime | None = None) -> list[Job]:
        return [job for job in self.list_jobs(len(self._entries), before=before) if job.owner == owner][:limit]

    def count(self, status: Status) -> int:
        with self._lock:
            return sum(entry.job.status == status for entry in self._entries.values())

    def waiting_since(self) -> datetime | None:
        with self._lock:
            waiting = [entry.job.created_at for entry in self._entries.values() if entry.job.status == Status.QUEUED]
        return min(waiting, default=None)

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
            done = life.finished(entry.job, files, self._clock())
            if life.exhibited(done) is not None:
                done = life.finished(entry.job, files, self._free_moment())
            return self._end(entry, done)

    def fail(self, claim: Claim, reason: str) -> Job:
        with self._lock:
            entry = self._held(claim)
            return self._end(entry, life.failed(entry.job, reason, self._clock()))

    def release(self, claim: Claim) -> Job:
        with self._lock:
            entry = self._held(claim)
            entry.job = life.released(entry.job)
            return entry.job

    def check_in(self, painter: Painter) -> None:
        with self._lock:
            self._painters[painter.name] = painter.model_copy(update={"seen_at": self._clock()})

    def check_out(self, name: str) -> None:
        with self._lock:
            self._painters.pop(name, None)

    def painters(self) -> list[Painter]:
        with self._lock:
            since = self._clock() - timedelta(seconds=MISSED * self.presence_s)
            known = sorted(self._painters.values(), key=lambda painter: painter.name)
            return [painter for painter in known if painter.seen_at and painter.seen_at >= since]

    def secret(self, name: str) -> bytes:
        with self._lock:
            return self._secrets.setdefault(name, secrets.token_bytes(32))

    def take_letter(self, lease_s: float) -> Letter | None:
        with self._lock:
            now = self._clock()
            waiting = [outgoing for outgoing in self._outbox.values() if not outgoing.settled]
            outgoing = min(waiting, key=lambda outgoing: outgoing.place, default=None)
            if outgoing is None or outgoing.due_at > now:
                return None
            outgoing.token += 1
            outgoing.due_at = now + timedelta(seconds=lease_s)
            return Letter(job=self._entries[outgoing.job_id].job, token=outgoing.token)

    def letter_sent(self, letter: Letter, receipt: str = "") -> None:
        with self._lock:
            self._taken(letter).settled = True

    def letter_refused(self, letter: Letter, reason: str) -> None:
        with self._lock:
            self._taken(letter).settled = True

    def letter_delayed(self, letter: Letter, delay_s: float) -> None:
        with self._lock:
            self._taken(letter).due_at = self._clock() + timedelta(seconds=delay_s)

    def suppress(self, address: str, reason: str) -> None:
        with self._lock:
            known = self._suppressed.get(address.lower())
            self._suppressed[address.lower()] = life.suppressed(known, reason)

    def unsuppress(self, address: str) -> None:
        with self._lock:
            self._suppressed.pop(address.lower(), None)

    def suppression(self, address: str) -> str | None:
        with self._lock:
            return self._suppressed.get(address.lower())

    def listen(self, wake: Callable[[], None]) -> AbstractContextManager[None]:
        """Nothing to listen to: looking costs nothing here."""
        return nullcontext()

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
        outgoing = self._outbox.setdefault(job.id, _Outgoing(job.id, next(self._sequence), self._clock()))
        outgoing.due_at, outgoing.settled = self._clock(), False
        return job

    def _taken(self, letter: Letter) -> _Outgoing:
        outgoing = self._outbox.get(letter.job.id)
        if outgoing is None or outgoing.settled or outgoing.token != letter.token:
            raise LeaseLost
        return outgoing

    def _free_moment(self) -> datetime:
        """Now, or the first microsecond after it at which no public job was finished (see `Queue.gallery`)."""
        taken = {entry.exhibit.finished_at for entry in self._entries.values() if entry.exhibit is not None}
        return _free(self._clock(), taken)

    def _later_than_owned(self, owner: str | None) -> datetime:
        """Now, or the first microsecond after it at which this owner ordered nothing (see `Queue.list_owned`)."""
        owned = {entry.job.created_at for entry in self._entries.values() if owner and entry.job.owner == owner}
        return _free(self._clock(), owned)


def _free(now: datetime, taken: Collection[datetime]) -> datetime:
    while now in taken:
        now += timedelta(microseconds=1)
    return now


class MemoryGallery:
    """The `Gallery` of a `MemoryQueue`."""

    def __init__(self, entries: dict[str, _Entry], lock: RLock) -> None:
        self._entries, self._lock = entries, lock

    def page(self, limit: int, search: Search = EVERYTHING) -> list[Exhibit]:
        def place(exhibit: Exhibit) -> Cursor:
            cursor = Cursor.of(exhibit)
            return cursor if search.sort == Sort.LIKED else cursor._replace(likes=0)

        after = search.after and (search.after if search.sort == Sort.LIKED else search.after._replace(likes=0))
        with self._lock:
            hung = [exhibit for entry in self._entries.values() if (exhibit := entry.exhibit) is not None]
        found = [exhibit for exhibit in hung if _matches(exhibit, search) and (not after or place(exhibit) < after)]
        return sorted(found, key=place, reverse=True)[: max(limit, 0)]

    def exhibit(self, job_id: str) -> Exhibit:
        with self._lock:
            return self._hung(job_id)[1]

    def like(self, job_id: str, visitor: str) -> Exhibit:
        with self._lock:
            self._hung(job_id)[0].likes.add(visitor)
            return self.exhibit(job_id)

    def unlike(self, job_id: str, visitor: str) -> Exhibit:
        with self._lock:
            self._hung(job_id)[0].likes.discard(visitor)
            return self.exhibit(job_id)

    def liked(self, visitor: str, job_ids: Collection[str]) -> set[str]:
        with self._lock:
            return {id for id in job_ids if id in self._entries and visitor in self._entries[id].likes}

    def report(self, job_id: str, visitor: str, reason: Reason) -> None:
        with self._lock:
            self._hung(job_id)[0].reports[visitor] = reason

    def reports(self, limit: int) -> list[Report]:
        with self._lock:
            reported = [
                Report(exhibit=entry.exhibit, reasons=Counter(entry.reports.values()))
                for entry in self._entries.values()
                if entry.reports and entry.exhibit is not None
            ]
        return sorted(reported, key=_weight, reverse=True)[: max(limit, 0)]

    def forget_visitor(self, visitor: str) -> None:
        with self._lock:
            for entry in self._entries.values():
                entry.likes.discard(visitor)
                entry.reports.pop(visitor, None)

    def _hung(self, job_id: str) -> tuple[_Entry, Exhibit]:
        entry = self._entries.get(job_id)
        if entry is None or entry.exhibit is None:
            raise JobNotFound
        return entry, entry.exhibit


def _weight(report: Report) -> tuple[int, datetime]:
    return sum(report.reasons.values()), report.exhibit.finished_at


def _matches(exhibit: Exhibit, search: Search) -> bool:
    has_words = set(sought(search)) <= set(words_of(exhibit.wish.prompt))
    return has_words and search.style in (None, exhibit.wish.style)
