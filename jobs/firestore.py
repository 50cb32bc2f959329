"""A queue in Google's Firestore, shared by any number of machines.

A job is one private document, `queue/{id}`: its order, its life, its lease and its progress together, so that each step
is one commit, under the condition that the document has not changed since it was read (transactions that contended for
it took a hundred times as long). To keep the progress beside the order costs nothing: a worker writes it every few
seconds at most, and nobody listens to a running job.

The commit that ends a job also lays its letter into `outbox/{id}`, and a public picture into `gallery/{moment}`, where
nothing leads to a person. An exhibit is named after the moment its job was finished, so that no two can have the same;
`moments/{digest of the owner} {moment}` sees to it likewise that no two orders of an owner have. `suppressed/{digest}`
holds the addresses that are not to be mailed, without saying them, and `secrets/{name}` what only the server knows.

An answer can be lost after its commit was applied. The commit is sent again then, and refused because the document has
changed; so each step of a claim leaves a random mark, the nonce, by which its writer knows its own step again.

Leases are measured by the server's clock. Every query needs its index in firestore.indexes.json.
"""

import logging
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

from google.api_core.exceptions import AlreadyExists
from google.cloud.firestore import Client, DocumentReference, FieldFilter, Query, WriteBatch

from jobs import life
from jobs.database import REFUSED, TRIES, Database, crowded, new_nonce
from jobs.documents import Row, Snapshot, digest, fields_of, life_of, new_job, read_job, readable
from jobs.errors import BadKey, JobNotFound, LeaseLost, NotEnded
from jobs.firestore_gallery import FirestoreGallery
from jobs.firestore_painters import PRESENCE_S, FirestorePainters
from jobs.job import Claim, Files, Job, Letter, Progress, Status
from jobs.order import Order
from jobs.outbox import Outbox
from jobs.painter import Painter
from jobs.queue import MAX_ATTEMPTS
from jobs.shelf import check_id
from jobs.times import sortable
from jobs.watch import Watch

log = logging.getLogger(__name__)

CANDIDATES = 5  # queued jobs that a claim looks at: others may be faster with the first ones
EXPIRED = 20  # running jobs likewise; of more that lost their workers at once, those that lost them first
UNREADABLE = "This order cannot be read."

Verb = Callable[[Job, datetime], Job]
Key = tuple[str, int]  # a claim's: the job's id and the token


class FirestoreQueue:
    """A `Queue` in the client's database. The client stays its maker's, who closes it."""

    # With these, twenty minutes of painting stay within 60 writes and 120 reads (benchmarks/firestore.py): reports that
    # come every 25 s make other renewals of a lease of 80 s needless.
    poll_s = 15.0
    report_s = 2.0
    reports = 48
    presence_s = PRESENCE_S

    def __init__(self, client: Client, clock: Callable[[], datetime] | None = None) -> None:
        """`clock` is for tests; without one, the server's time is used."""
        self._client = client
        self._database = Database(client)
        self._clock = clock or self._database.clock
        self._jobs = self._database.collection("queue")
        self._moments = self._database.collection("moments")
        self._secrets = self._database.collection("secrets")
        self._suppressed = self._database.collection("suppressed")
        self._outbox = Outbox(self._database, self._clock, self._look)
        self._painters = FirestorePainters(self._database, self._clock)
        self.gallery = FirestoreGallery(self._database)
        self._held: dict[str, Row] = {}  # by job, as the latest writes under our claims left them
        self._nonces: dict[Key, str] = {}  # the marks of endings that have been begun
        self._watch: Watch | None = None

    def put(self, order: Order, owner: str | None = None) -> Job:
        job = life.born(order, self._clock(), owner)
        for _ in range(TRIES):
            batch = self._database.batch()
            batch.create(self._jobs.document(job.id), new_job(job, f"{sortable(job.created_at)} {_sequence()}"))
            if owner is not None:
                batch.create(self._moment(job), {"job": job.id})
            if self._database.committed(batch) or self._look(job.id) is not None:
                return job
            job = job.model_copy(update={"created_at": job.created_at + timedelta(microseconds=1)})
        raise crowded()

    def get(self, job_id: str) -> Job:
        return self._row(job_id).job

    def position(self, job_id: str) -> int:
        row = self._row(job_id)
        if row.job.status != Status.QUEUED:
            return 0
        return self._database.count(self._with(Status.QUEUED).where(filter=FieldFilter("place", "<", row.place)))

    def cancel(self, job_id: str) -> Job:
        return self._change(job_id, lambda job, now: job if job.status.is_terminal else life.cancelled(job, now))

    def retry(self, job_id: str) -> Job:
        return self._change(
            job_id, lambda job, now: life.retried(job), lambda batch, job: self._outbox.withdraw(batch, job.id)
        )

    def revoke(self, job_id: str) -> Job:
        job = self._hide(job_id)
        self.gallery.clear(job_id)
        return job

    def delete(self, job_id: str) -> None:
        sent = False
        for _ in range(TRIES):
            row = self._look(job_id)
            if row is None and sent:  # by ourselves, or by somebody who wanted the same
                return
            if row is None:
                raise JobNotFound
            if not row.job.status.is_terminal:
                raise NotEnded
            if life.exhibited(row.job) is not None:
                self._hide(job_id)
                continue
            if row.job.order.public:  # before the job: who was interrupted finds it and deletes it again
                self.gallery.clear(job_id)
            sent = True
            if self._database.committed(self._deletion(row)):
                return
        raise crowded()

    def list_jobs(self, limit: int, status: Status | None = None, before: datetime | None = None) -> list[Job]:
        return self._youngest(self._with(status) if status else self._jobs, limit, before)

    def list_owned(self, owner: str, limit: int, before: datetime | None = None) -> list[Job]:
        query = self._jobs.where(filter=FieldFilter("owner", "==", owner))
        return self._youngest(query, limit, before)

    def count(self, status: Status) -> int:
        return self._database.count(self._with(status))

    def waiting_since(self) -> datetime | None:
        rows = [readable(snapshot, read_job) for snapshot in self._database.first(self._waiting(), 1)]
        return next((row.job.created_at for row in rows if row is not None), None)

    def claim(self, worker: str, lease_s: float) -> Claim | None:
        for _ in range(TRIES):
            candidates = self._claimable()
            if not candidates:
                return None
            for candidate in candidates:
                if (claim := self._lease(candidate, worker, lease_s)) is not None:
                    return claim
        return None

    def heartbeat(self, claim: Claim, lease_s: float, progress: Progress | None = None) -> None:
        for row in self._rows(claim):
            job = life.advanced(row.job, progress)
            batch = self._step(row, job, lease_until=self._clock() + timedelta(seconds=lease_s))
            with suppress(*REFUSED):  # a beat whose answer was lost is simply made again
                version = self._database.commit(batch)
                self._held[job.id] = row.model_copy(update={"job": job, "version": version})
                return
        raise crowded()

    def finish(self, claim: Claim, files: Files) -> Job:
        return self._end(claim, lambda job, now: life.finished(job, files, now))

    def fail(self, claim: Claim, reason: str) -> Job:
        return self._end(claim, lambda job, now: life.failed(job, reason, now))

    def release(self, claim: Claim) -> Job:
        return self._end(claim, lambda job, now: life.released(job))

    def check_in(self, painter: Painter) -> None:
        self._painters.check_in(painter)

    def check_out(self, name: str) -> None:
        self._painters.check_out(name)

    def painters(self) -> list[Painter]:
        return self._painters.present()

    def secret(self, name: str) -> bytes:
        document = self._secrets.document(name)
        for _ in range(TRIES):
            if (snapshot := self._database.read(document)) is not None:
                return bytes(fields_of(snapshot)["value"])
            batch = self._database.batch()
            batch.create(document, {"value": secrets.token_bytes(32)})
            self._database.committed(batch)  # by us or by somebody else: what is there now is the secret
        raise crowded()

    def take_letter(self, lease_s: float) -> Letter | None:
        return self._outbox.take(lease_s)

    def letter_sent(self, letter: Letter, receipt: str = "") -> None:
        self._outbox.settle(letter, state="sent", receipt=receipt, settled_at=self._clock())

    def letter_refused(self, letter: Letter, reason: str) -> None:
        self._outbox.settle(letter, state="refused", reason=reason, settled_at=self._clock())

    def letter_delayed(self, letter: Letter, delay_s: float) -> None:
        self._outbox.delay(letter, delay_s)

    def suppress(self, address: str, reason: str) -> None:
        document = self._suppressed.document(digest(address.lower()))
        for _ in range(TRIES):
            seen = self._database.read(document)
            if seen is not None and life.suppressed(_reason(seen), reason) == _reason(seen):
                return
            batch, changes = self._database.batch(), {"reason": reason, "at": self._clock()}
            if seen is None:
                batch.create(document, changes)
            else:
                batch.update(document, changes, self._database.if_at(seen.update_time))
            if self._database.committed(batch):
                return
        raise crowded()

    def unsuppress(self, address: str) -> None:
        batch = self._database.batch()
        batch.delete(self._suppressed.document(digest(address.lower())))
        self._database.commit(batch)

    def suppression(self, address: str) -> str | None:
        snapshot = self._database.read(self._suppressed.document(digest(address.lower())))
        return None if snapshot is None else _reason(snapshot)

    @contextmanager
    def listen(self, wake: Callable[[], None]) -> Iterator[None]:
        with Watch(self._client, wake) as self._watch:
            try:
                yield
            finally:
                self._watch = None

    # looking

    def _look(self, job_id: str) -> Row | None:
        """The job as it is now; None when there is none, or none that can be read."""
        try:
            document = self._jobs.document(check_id(job_id))
        except BadKey:
            return None
        snapshot = self._database.read(document)
        return None if snapshot is None else readable(snapshot, read_job)

    def _row(self, job_id: str) -> Row:
        if (row := self._look(job_id)) is None:
            raise JobNotFound
        return row

    def _rows(self, claim: Claim, nonce: str | None = None) -> Iterator[Row]:
        """The claim's job as it was last seen, then as it is, for as long as more are asked for. Raises LeaseLost.

        A job that bears the nonce is given too: a step of ours has ended the claim, and its answer was lost.
        """
        seen = self._held.get(claim.job.id)
        if seen is not None and seen.token == claim.token:
            yield seen
        for _ in range(TRIES):
            row = self._look(claim.job.id)
            is_held = row is not None and row.token == claim.token and row.job.status == Status.RUNNING
            is_ended_by_us = row is not None and nonce is not None and row.nonce == nonce
            if row is None or not (is_held or is_ended_by_us):
                self._forget(claim)
                raise LeaseLost
            yield row

    def _with(self, status: Status) -> Any:
        return self._jobs.where(filter=FieldFilter("status", "==", str(status)))

    def _waiting(self) -> Any:
        return self._with(Status.QUEUED).order_by("place")

    def _youngest(self, query: Any, limit: int, before: datetime | None) -> list[Job]:
        if before is not None:
            query = query.where(filter=FieldFilter("place", "<", sortable(before)))
        found = self._database.first(query.order_by("place", direction=Query.DESCENDING), limit)
        return [row.job for snapshot in found if (row := readable(snapshot, read_job)) is not None]

    def _claimable(self) -> list[Snapshot]:
        """Some of the jobs that can be claimed now, oldest first."""
        queued = self._database.first(self._waiting(), CANDIDATES)
        expired = self._with(Status.RUNNING).where(filter=FieldFilter("lease_until", "<=", self._clock()))
        found = queued + self._database.first(expired.order_by("lease_until"), EXPIRED)
        return sorted(found, key=lambda snapshot: str(fields_of(snapshot).get("place")))

    # stepping

    def _lease(self, candidate: Snapshot, worker: str, lease_s: float) -> Claim | None:
        """Claim this job; None when somebody else was faster, or when it is not one to be handed out."""
        row, now = readable(candidate, read_job), self._clock()
        if row is None:
            self._set_aside(candidate, now)
            return None
        if row.job.attempt >= MAX_ATTEMPTS:
            self._database.committed(self._ending(row, life.failed(row.job, life.GAVE_UP, now), now, new_nonce()))
            return None
        job, mark = life.claimed(row.job, now), {"token": row.token + 1, "nonce": new_nonce()}
        batch = self._step(row, job, worker=worker, lease_until=now + timedelta(seconds=lease_s), **mark)
        held: Row | None
        try:
            held = row.model_copy(update={"job": job, "version": self._database.commit(batch), **mark})
        except REFUSED:  # perhaps because it is ours already
            held = self._look(job.id)
            if held is None or held.nonce != mark["nonce"] or held.job.status != Status.RUNNING:
                return None
        self._held[job.id] = held
        if self._watch is not None and row.job.status == Status.QUEUED:
            self._watch.found(now - job.created_at)
        return Claim(job=job, token=held.token)

    def _set_aside(self, candidate: Snapshot, now: datetime) -> None:
        """End what is no job of ours but says it waits: it would be looked at again and again."""
        batch = self._database.batch()
        ended = {"status": str(Status.FAILED), "error": UNREADABLE, "finished_at": now}
        batch.update(candidate.reference, ended, self._database.if_at(candidate.update_time))
        if self._database.committed(batch):
            log.error("set-aside", extra={"job": candidate.id})

    def _change(
        self, job_id: str, verb: Verb, also: Callable[[WriteBatch, Job], None] = lambda batch, job: None
    ) -> Job:
        """Take a step that needs no claim; `also` adds to the batch what else it changes."""
        for _ in range(TRIES):
            row = self._row(job_id)
            job = verb(row.job, self._clock())
            if job is row.job:
                return job
            batch = self._step(row, job)
            also(batch, job)
            if self._database.committed(batch):
                return job
        raise crowded()

    def _end(self, claim: Claim, verb: Verb) -> Job:
        """End the claim by a step, once, however often answers are lost or the whole call is made again."""
        nonce = self._nonces.setdefault(_key(claim), new_nonce())
        moved_on = timedelta(0)
        for row in self._rows(claim, nonce):
            now = self._clock()
            job = row.job if row.nonce == nonce else verb(row.job, now + moved_on)
            try:
                if row.nonce != nonce:
                    self._database.commit(self._ending(row, job, now, nonce))
                self._forget(claim)
                return job
            except AlreadyExists:  # another exhibit has this moment
                moved_on += timedelta(microseconds=1)
            except REFUSED:
                log.debug("looking-again", extra={"job": claim.job.id})
        raise crowded()

    def _step(self, row: Row, job: Job, **also: Any) -> WriteBatch:
        """What makes the row's job this one, if nobody comes in between."""
        batch = self._database.batch()
        batch.update(self._document(job), life_of(job) | also, self._database.if_at(row.version))
        return batch

    def _ending(self, row: Row, job: Job, now: datetime, nonce: str) -> WriteBatch:
        """A step that ends a claim and, when it ends the job, writes its letter and its exhibit."""
        if not job.status.is_terminal:
            return self._step(row, job, nonce=nonce)
        letter = row.letter or _sequence()
        batch = self._step(row, job, nonce=nonce, letter=letter)
        self._outbox.enter(batch, job.id, now, letter)
        if (exhibit := life.exhibited(job)) is not None:
            self.gallery.hang(batch, exhibit)
        return batch

    def _deletion(self, row: Row) -> WriteBatch:
        batch = self._database.batch()
        batch.delete(self._document(row.job), self._database.if_at(row.version))
        self._outbox.remove(batch, row.job.id)
        if row.job.owner is not None:
            batch.delete(self._moment(row.job))
        return batch

    def _hide(self, job_id: str) -> Job:
        """Revoke the job and take its picture down; what visitors said of that remains."""
        return self._change(job_id, life.revoked, self._take_down)

    def _take_down(self, batch: WriteBatch, job: Job) -> None:
        if job.status == Status.DONE and job.order.public and job.finished_at is not None:
            self.gallery.take_down(batch, job.finished_at)

    def _moment(self, job: Job) -> DocumentReference:
        """The document that no other order of this owner can have (see `Queue.list_owned`)."""
        return self._moments.document(f"{digest(job.owner or '')} {sortable(job.created_at)}")

    def _document(self, job: Job) -> DocumentReference:
        return self._jobs.document(job.id)

    def _forget(self, claim: Claim) -> None:
        self._nonces.pop(_key(claim), None)
        held = self._held.get(claim.job.id)
        if held is not None and held.token == claim.token:
            self._held.pop(claim.job.id, None)


def _reason(suppressed: Snapshot) -> str:
    return str(fields_of(suppressed).get("reason", ""))


def _key(claim: Claim) -> Key:
    return claim.job.id, claim.token


def _sequence() -> str:
    """Text that sorts what was made in the same microsecond by one machine."""
    return f"{time.time_ns():020d}"
