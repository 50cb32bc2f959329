"""A durable queue in one SQLite file, shared by any number of processes and threads of one machine.

A job is a row: its order as JSON, written once, beside the columns that its life changes. Every write is one
transaction that takes SQLite's single write lock first, so the rules of `life` are applied to what is really there.
Leases are measured by the handed-in clock: one machine has one clock.

Reading ignores fields of an order that this version does not know.
"""

import secrets
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import datetime, timedelta
from pathlib import Path

from jobs import life, sqlite_gallery
from jobs.errors import JobNotFound, LeaseLost, NotEnded
from jobs.job import Claim, Files, Job, Letter, Progress, Status
from jobs.order import Order
from jobs.painter import FORGOTTEN_S, MISSED, Painter
from jobs.queue import MAX_ATTEMPTS
from jobs.rows import columns_of, job_of
from jobs.sqlite_file import SqliteFile
from jobs.sqlite_gallery import SqliteGallery
from jobs.times import sortable, until

# INDEXED BY: SQLite's planner prefers an equality on `status`, which would read and sort every job that ever ended.
_POSITION = """
    SELECT CASE mine.status WHEN 'queued' THEN (
        SELECT count(*) FROM jobs AS earlier INDEXED BY unfinished
        WHERE earlier.finished_at IS NULL AND earlier.status = 'queued'
            AND (earlier.created_at, earlier.sequence) < (mine.created_at, mine.sequence)
    ) ELSE 0 END
    FROM jobs AS mine WHERE mine.id = ?
"""
_OLDEST_CLAIMABLE = """
    SELECT * FROM jobs INDEXED BY unfinished
    WHERE finished_at IS NULL AND (status = 'queued' OR lease_until <= ?)
    ORDER BY created_at, sequence LIMIT 1
"""
_LONGEST_DUE = """
    SELECT letters.token AS letter_token, jobs.* FROM letters JOIN jobs ON jobs.id = letters.job_id
    WHERE letters.settled_at IS NULL AND letters.due_at <= ?
    ORDER BY letters.due_at, letters.sequence LIMIT 1
"""
# A job that was started again has a letter already; its token goes on counting.
_WRITE_LETTER = """
    INSERT INTO letters (job_id, due_at) VALUES (?, ?)
    ON CONFLICT (job_id) DO UPDATE SET due_at = excluded.due_at, settled_at = NULL, receipt = NULL, reason = NULL
"""
# From whoever has it, for good: with another token not even the job's next letter is his.
_WITHDRAW_LETTER = "UPDATE letters SET token = token + 1, settled_at = coalesce(settled_at, ?) WHERE job_id = ?"
_SAVE = """
    UPDATE jobs SET status = :status, progress_json = :progress_json, attempt = :attempt, files_json = :files_json,
        error = :error, started_at = :started_at, finished_at = :finished_at, revoked_at = :revoked_at
    WHERE id = :id
"""
_INSERT = """
    INSERT INTO jobs (id, order_json, public, owner, unsubscribe_key, status, attempt, created_at)
    VALUES (:id, :order_json, :public, :owner, :unsubscribe_key, :status, :attempt, :created_at)
"""
_OWNED = "SELECT * FROM jobs WHERE owner = ? AND created_at < ? ORDER BY created_at DESC LIMIT ?"
_CHECK_IN = "INSERT OR REPLACE INTO painters VALUES (?, ?, ?)"
_SUPPRESS = "INSERT INTO suppressed VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET reason = excluded.reason"


class SqliteQueue:
    """A `Queue` in the file `path`, made private when missing. Raises sqlite3.Error when the disk or the file fail."""

    poll_s = 0.5
    report_s = 1.0
    reports = 10_000
    presence_s = 5.0

    def __init__(self, path: Path, clock: Callable[[], datetime] = life.utc_now) -> None:
        self._clock = clock
        self._file = SqliteFile(path)
        self.gallery = SqliteGallery(self._file)

    def put(self, order: Order, owner: str | None = None) -> Job:
        with self._file.writing() as db:
            job = life.born(order, _later_than_owned(db, self._clock(), owner), owner)
            once = {"order_json": order.model_dump_json(), "public": order.public}
            db.execute(_INSERT, columns_of(job) | once | {"owner": owner, "unsubscribe_key": job.unsubscribe_key})
        return job

    def get(self, job_id: str) -> Job:
        with self._file.reading() as db:
            return job_of(_row(db, job_id))

    def position(self, job_id: str) -> int:
        with self._file.reading() as db:
            row = db.execute(_POSITION, (job_id,)).fetchone()
        if row is None:
            raise JobNotFound
        return int(row[0])

    def cancel(self, job_id: str) -> Job:
        with self._file.writing() as db:
            job = job_of(_row(db, job_id))
            return job if job.status.is_terminal else _save(db, life.cancelled(job, self._clock()))

    def retry(self, job_id: str) -> Job:
        with self._file.writing() as db:
            job = job_of(_row(db, job_id))
            again = life.retried(job)
            if again is not job:
                db.execute(_WITHDRAW_LETTER, (sortable(self._clock()), job_id))
                _save(db, again)
        return again

    def revoke(self, job_id: str) -> Job:
        with self._file.writing() as db:
            sqlite_gallery.take_down(db, job_id)
            return _save(db, life.revoked(job_of(_row(db, job_id)), self._clock()))

    def delete(self, job_id: str) -> None:
        with self._file.writing() as db:
            if not job_of(_row(db, job_id)).status.is_terminal:
                raise NotEnded
            sqlite_gallery.take_down(db, job_id)
            db.execute("DELETE FROM letters WHERE job_id = ?", (job_id,))
            db.execute("DELETE FROM jobs WHERE id = ?", (job_id,))

    def list_jobs(self, limit: int, status: Status | None = None, before: datetime | None = None) -> list[Job]:
        wanted = "WHERE created_at < ? AND status = ?" if status else "WHERE created_at < ?"
        query = f"SELECT * FROM jobs {wanted} ORDER BY created_at DESC, sequence DESC LIMIT ?"
        values = (until(before), str(status), limit) if status else (until(before), limit)
        with self._file.reading() as db:
            return [job_of(row) for row in db.execute(query, values)]

    def list_owned(self, owner: str, limit: int, before: datetime | None = None) -> list[Job]:
        with self._file.reading() as db:
            return [job_of(row) for row in db.execute(_OWNED, (owner, until(before), max(limit, 0)))]

    def count(self, status: Status) -> int:
        with self._file.reading() as db:
            return int(db.execute("SELECT count(*) FROM jobs WHERE status = ?", (str(status),)).fetchone()[0])

    def waiting_since(self) -> datetime | None:
        oldest = "SELECT created_at FROM jobs INDEXED BY unfinished WHERE finished_at IS NULL AND status = 'queued' "
        with self._file.reading() as db:
            row = db.execute(oldest + "ORDER BY created_at, sequence LIMIT 1").fetchone()
        return row and datetime.fromisoformat(row["created_at"])

    def claim(self, worker: str, lease_s: float) -> Claim | None:
        with self._file.writing() as db:
            now = self._clock()
            while (row := db.execute(_OLDEST_CLAIMABLE, (sortable(now),)).fetchone()) is not None:
                job = job_of(row)
                if job.attempt < MAX_ATTEMPTS:
                    return _lease(db, life.claimed(job, now), row["token"] + 1, worker, sortable(now, lease_s))
                self._end(db, life.failed(job, life.GAVE_UP, now))
        return None

    def heartbeat(self, claim: Claim, lease_s: float, progress: Progress | None = None) -> None:
        with self._file.writing() as db:
            job = _save(db, life.advanced(_held(db, claim), progress))
            db.execute("UPDATE jobs SET lease_until = ? WHERE id = ?", (sortable(self._clock(), lease_s), job.id))

    def finish(self, claim: Claim, files: Files) -> Job:
        with self._file.writing() as db:
            done = life.finished(_held(db, claim), files, self._clock())
            while (exhibit := life.exhibited(done)) and sqlite_gallery.is_taken(db, exhibit.finished_at):
                done = life.finished(done, files, exhibit.finished_at + timedelta(microseconds=1))
            if exhibit:
                sqlite_gallery.hang(db, exhibit)
            return self._end(db, done)

    def fail(self, claim: Claim, reason: str) -> Job:
        with self._file.writing() as db:
            return self._end(db, life.failed(_held(db, claim), reason, self._clock()))

    def release(self, claim: Claim) -> Job:
        with self._file.writing() as db:
            return _save(db, life.released(_held(db, claim)))

    def check_in(self, painter: Painter) -> None:
        with self._file.writing() as db:
            db.execute(_CHECK_IN, (painter.name, painter.model_dump_json(), sortable(self._clock())))
            db.execute("DELETE FROM painters WHERE seen_at < ?", (sortable(self._clock(), -FORGOTTEN_S),))

    def check_out(self, name: str) -> None:
        with self._file.writing() as db:
            db.execute("DELETE FROM painters WHERE name = ?", (name,))

    def painters(self) -> list[Painter]:
        since = sortable(self._clock(), -MISSED * self.presence_s)
        with self._file.reading() as db:
            rows = db.execute("SELECT * FROM painters WHERE seen_at >= ? ORDER BY name", (since,)).fetchall()
        return [painter for row in rows if (painter := _painter(row)) is not None]

    def secret(self, name: str) -> bytes:
        with self._file.writing() as db:
            db.execute("INSERT INTO secrets VALUES (?, ?) ON CONFLICT DO NOTHING", (name, secrets.token_bytes(32)))
            return bytes(db.execute("SELECT value FROM secrets WHERE name = ?", (name,)).fetchone()["value"])

    def take_letter(self, lease_s: float) -> Letter | None:
        with self._file.writing() as db:
            now = self._clock()
            row = db.execute(_LONGEST_DUE, (sortable(now),)).fetchone()
            if row is None:
                return None
            letter = Letter(job=job_of(row), token=row["letter_token"] + 1)
            due_again = "UPDATE letters SET token = ?, due_at = ? WHERE job_id = ?"
            db.execute(due_again, (letter.token, sortable(now, lease_s), letter.job.id))
        return letter

    def letter_sent(self, letter: Letter, receipt: str = "") -> None:
        self._settle(letter, {"settled_at": sortable(self._clock()), "receipt": receipt})

    def letter_refused(self, letter: Letter, reason: str) -> None:
        self._settle(letter, {"settled_at": sortable(self._clock()), "reason": reason})

    def letter_delayed(self, letter: Letter, delay_s: float) -> None:
        self._settle(letter, {"due_at": sortable(self._clock(), delay_s)})

    def suppress(self, address: str, reason: str) -> None:
        with self._file.writing() as db:
            why = life.suppressed(self.suppression(address), reason)
            values = (address.lower(), why, sortable(self._clock()))
            db.execute(_SUPPRESS, values)

    def unsuppress(self, address: str) -> None:
        with self._file.writing() as db:
            db.execute("DELETE FROM suppressed WHERE address = ?", (address.lower(),))

    def suppression(self, address: str) -> str | None:
        with self._file.reading() as db:
            row = db.execute("SELECT reason FROM suppressed WHERE address = ?", (address.lower(),)).fetchone()
        return row and str(row["reason"])

    def listen(self, wake: Callable[[], None]) -> AbstractContextManager[None]:
        """Nothing to listen to: a look into the file costs next to nothing."""
        return nullcontext()

    def close(self) -> None:
        """Let the file go; the queue cannot be used any more."""
        self._file.close()

    def _end(self, db: sqlite3.Connection, job: Job) -> Job:
        db.execute(_WRITE_LETTER, (job.id, sortable(self._clock())))
        return _save(db, job)

    def _settle(self, letter: Letter, columns: dict[str, str]) -> None:
        """Change the letter's row if this letter is still the newest that was taken of it. Raises LeaseLost."""
        changes = ", ".join(f"{name} = :{name}" for name in columns)
        mine = "job_id = :job_id AND token = :token AND settled_at IS NULL"
        with self._file.writing() as db:
            values = columns | {"job_id": letter.job.id, "token": letter.token}
            if db.execute(f"UPDATE letters SET {changes} WHERE {mine}", values).rowcount == 0:
                raise LeaseLost


def _row(db: sqlite3.Connection, job_id: str) -> sqlite3.Row:
    row: sqlite3.Row | None = db.execute("SELECT * FROM jobs WHERE id = ?", (job_id,)).fetchone()
    if row is None:
        raise JobNotFound
    return row


def _held(db: sqlite3.Connection, claim: Claim) -> Job:
    query = "SELECT * FROM jobs WHERE id = ? AND token = ? AND status = 'running'"
    row = db.execute(query, (claim.job.id, claim.token)).fetchone()
    if row is None:
        raise LeaseLost
    return job_of(row)


def _lease(db: sqlite3.Connection, job: Job, token: int, worker: str, lease_until: str) -> Claim:
    lease = "UPDATE jobs SET worker = ?, token = ?, lease_until = ? WHERE id = ?"
    db.execute(lease, (worker, token, lease_until, job.id))
    return Claim(job=_save(db, job), token=token)


def _save(db: sqlite3.Connection, job: Job) -> Job:
    db.execute(_SAVE, columns_of(job))
    return job


def _later_than_owned(db: sqlite3.Connection, now: datetime, owner: str | None) -> datetime:
    """Now, or the first microsecond after it at which this owner ordered nothing (see `Queue.list_owned`)."""
    owned = "SELECT 1 FROM jobs WHERE owner = ? AND created_at = ?"
    while db.execute(owned, (owner, sortable(now))).fetchone() is not None:
        now += timedelta(microseconds=1)
    return now


def _painter(row: sqlite3.Row) -> Painter | None:
    """The painter; None for one that only a newer version can read."""
    with suppress(ValueError):
        painter = Painter.model_validate_json(row["painter_json"], extra="ignore")
        return painter.model_copy(update={"seen_at": datetime.fromisoformat(row["seen_at"])})
    return None
