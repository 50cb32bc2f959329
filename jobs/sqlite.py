"""A durable queue in one SQLite file, shared by any number of processes and threads of one machine.

A job is a row: its order as JSON, written once, beside the columns that its life changes. Every write is one
transaction that takes SQLite's single write lock first, so the rules of `life` are applied to what is really there.
Leases are measured by the handed-in clock: one machine has one clock.

Rows outlive the code that wrote them. Reading ignores fields of an order that this version does not know; a version
that narrows what an order may be, or changes a table, adds a step to the schema that converts the rows.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from threading import RLock

from jobs import life
from jobs.errors import JobNotFound, JobsError, LeaseLost, NotEnded
from jobs.job import Claim, Exhibit, Files, Job, Letter, Progress, Status
from jobs.order import Order
from jobs.queue import MAX_ATTEMPTS

BUSY_TIMEOUT_S = 30.0  # how long a writer waits for the others before sqlite3.OperationalError

# What makes each version of the schema from the one before; a new file takes every step.
# Times are ISO 8601 in UTC with six decimals, so that they sort as text.
_STEPS = (
    (
        """
        CREATE TABLE jobs (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            order_json TEXT NOT NULL,
            public INTEGER NOT NULL,
            status TEXT NOT NULL,
            progress_json TEXT,
            attempt INTEGER NOT NULL,
            files_json TEXT,
            error TEXT,
            created_at TEXT NOT NULL,
            started_at TEXT,
            finished_at TEXT,
            worker TEXT,
            token INTEGER NOT NULL DEFAULT 0,
            lease_until TEXT
        )
        """,
        "CREATE INDEX unfinished ON jobs (created_at, sequence, status) WHERE finished_at IS NULL",
        "CREATE UNIQUE INDEX gallery ON jobs (finished_at) WHERE status = 'done' AND public = 1",
        "CREATE INDEX by_status ON jobs (status)",
        """
        CREATE TABLE letters (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            job_id TEXT NOT NULL UNIQUE REFERENCES jobs (id),
            token INTEGER NOT NULL DEFAULT 0,
            lease_until TEXT,
            sent_at TEXT
        )
        """,
        "CREATE INDEX unsent ON letters (sequence) WHERE sent_at IS NULL",
    ),
    (
        "ALTER TABLE jobs ADD COLUMN owner TEXT",
        "ALTER TABLE jobs ADD COLUMN revoked_at TEXT",
        "ALTER TABLE jobs ADD COLUMN unsubscribe_key TEXT NOT NULL DEFAULT ''",
        "UPDATE jobs SET unsubscribe_key = lower(hex(randomblob(16)))",
        "DROP INDEX gallery",
        """
        CREATE UNIQUE INDEX gallery ON jobs (finished_at)
        WHERE status = 'done' AND public = 1 AND revoked_at IS NULL
        """,
        "CREATE INDEX by_age ON jobs (created_at, sequence)",
        "DROP INDEX unsent",
        "ALTER TABLE letters RENAME COLUMN lease_until TO due_at",
        "ALTER TABLE letters RENAME COLUMN sent_at TO settled_at",
        "ALTER TABLE letters ADD COLUMN receipt TEXT",
        "ALTER TABLE letters ADD COLUMN reason TEXT",
        """
        UPDATE letters SET due_at = (SELECT finished_at FROM jobs WHERE jobs.id = letters.job_id)
        WHERE due_at IS NULL
        """,
        "CREATE INDEX unsettled ON letters (due_at, sequence) WHERE settled_at IS NULL",
        "CREATE TABLE suppressed (address TEXT PRIMARY KEY, reason TEXT NOT NULL, at TEXT NOT NULL)",
    ),
)
SCHEMA_VERSION = len(_STEPS)

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
_PUBLIC = """
    SELECT * FROM jobs INDEXED BY gallery
    WHERE status = 'done' AND public = 1 AND revoked_at IS NULL AND finished_at < ?
    ORDER BY finished_at DESC LIMIT ?
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
_SUPPRESS = "INSERT INTO suppressed VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET reason = excluded.reason"


class SqliteQueue:
    """A `Queue` in the file `path`, made private when missing. Raises sqlite3.Error when the disk or the file fail."""

    poll_s = 0.5
    report_s = 1.0
    reports = 10_000

    def __init__(self, path: Path, clock: Callable[[], datetime] = life.utc_now) -> None:
        self._clock = clock
        self._lock = RLock()  # one connection, one transaction at a time
        _create(path)
        self._db = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        try:
            self._prepare()
        except BaseException:
            self._db.close()
            raise

    def put(self, order: Order, owner: str | None = None) -> Job:
        with self._writing() as db:
            job = life.born(order, self._clock(), owner)
            once = {"order_json": order.model_dump_json(), "public": order.public}
            db.execute(_INSERT, _columns(job) | once | {"owner": owner, "unsubscribe_key": job.unsubscribe_key})
        return job

    def get(self, job_id: str) -> Job:
        with self._lock:
            return _job(self._row(job_id))

    def position(self, job_id: str) -> int:
        with self._lock:
            row = self._db.execute(_POSITION, (job_id,)).fetchone()
        if row is None:
            raise JobNotFound
        return int(row[0])

    def cancel(self, job_id: str) -> Job:
        with self._writing():
            job = _job(self._row(job_id))
            return job if job.status.is_terminal else self._save(life.cancelled(job, self._clock()))

    def retry(self, job_id: str) -> Job:
        with self._writing() as db:
            job = _job(self._row(job_id))
            again = life.retried(job)
            if again is not job:
                db.execute(_WITHDRAW_LETTER, (_text(self._clock()), job_id))
                self._save(again)
        return again

    def revoke(self, job_id: str) -> Job:
        with self._writing():
            return self._save(life.revoked(_job(self._row(job_id)), self._clock()))

    def delete(self, job_id: str) -> None:
        with self._writing() as db:
            if not _job(self._row(job_id)).status.is_terminal:
                raise NotEnded
            db.execute("DELETE FROM letters WHERE job_id = ?", (job_id,))
            db.execute("DELETE FROM jobs WHERE id = ?", (job_id,))

    def list_public(self, limit: int, before: datetime | None = None) -> list[Exhibit]:
        with self._lock:
            jobs = [_job(row) for row in self._db.execute(_PUBLIC, (_before(before), max(limit, 0)))]
        return [exhibit for job in jobs if (exhibit := life.exhibited(job)) is not None]

    def list_jobs(self, limit: int, status: Status | None = None, before: datetime | None = None) -> list[Job]:
        wanted = "WHERE created_at < ? AND status = ?" if status else "WHERE created_at < ?"
        query = f"SELECT * FROM jobs {wanted} ORDER BY created_at DESC, sequence DESC LIMIT ?"
        values = (_before(before), str(status), limit) if status else (_before(before), limit)
        with self._lock:
            return [_job(row) for row in self._db.execute(query, values)]

    def count(self, status: Status) -> int:
        with self._lock:
            return int(self._db.execute("SELECT count(*) FROM jobs WHERE status = ?", (str(status),)).fetchone()[0])

    def waiting_since(self) -> datetime | None:
        oldest = "SELECT created_at FROM jobs INDEXED BY unfinished WHERE finished_at IS NULL AND status = 'queued' "
        with self._lock:
            row = self._db.execute(oldest + "ORDER BY created_at, sequence LIMIT 1").fetchone()
        return row and datetime.fromisoformat(row["created_at"])

    def claim(self, worker: str, lease_s: float) -> Claim | None:
        with self._writing() as db:
            now = self._clock()
            while (row := db.execute(_OLDEST_CLAIMABLE, (_text(now),)).fetchone()) is not None:
                job = _job(row)
                if job.attempt < MAX_ATTEMPTS:
                    return self._lease(job, row["token"] + 1, worker, now, lease_s)
                self._end(life.failed(job, life.GAVE_UP, now))
        return None

    def heartbeat(self, claim: Claim, lease_s: float, progress: Progress | None = None) -> None:
        with self._writing() as db:
            job = self._save(life.advanced(self._held(claim), progress))
            db.execute("UPDATE jobs SET lease_until = ? WHERE id = ?", (_later(self._clock(), lease_s), job.id))

    def finish(self, claim: Claim, files: Files) -> Job:
        with self._writing():
            return self._end(life.finished(self._held(claim), files, self._free_moment()))

    def fail(self, claim: Claim, reason: str) -> Job:
        with self._writing():
            return self._end(life.failed(self._held(claim), reason, self._clock()))

    def release(self, claim: Claim) -> Job:
        with self._writing():
            return self._save(life.released(self._held(claim)))

    def take_letter(self, lease_s: float) -> Letter | None:
        with self._writing() as db:
            now = self._clock()
            row = db.execute(_LONGEST_DUE, (_text(now),)).fetchone()
            if row is None:
                return None
            letter = Letter(job=_job(row), token=row["letter_token"] + 1)
            due_again = "UPDATE letters SET token = ?, due_at = ? WHERE job_id = ?"
            db.execute(due_again, (letter.token, _later(now, lease_s), letter.job.id))
        return letter

    def letter_sent(self, letter: Letter, receipt: str = "") -> None:
        self._settle(letter, {"settled_at": _text(self._clock()), "receipt": receipt})

    def letter_refused(self, letter: Letter, reason: str) -> None:
        self._settle(letter, {"settled_at": _text(self._clock()), "reason": reason})

    def letter_delayed(self, letter: Letter, delay_s: float) -> None:
        self._settle(letter, {"due_at": _later(self._clock(), delay_s)})

    def suppress(self, address: str, reason: str) -> None:
        with self._writing() as db:
            why = life.suppressed(self.suppression(address), reason)
            values = (address.lower(), why, _text(self._clock()))
            db.execute(_SUPPRESS, values)

    def unsuppress(self, address: str) -> None:
        with self._writing() as db:
            db.execute("DELETE FROM suppressed WHERE address = ?", (address.lower(),))

    def suppression(self, address: str) -> str | None:
        with self._lock:
            row = self._db.execute("SELECT reason FROM suppressed WHERE address = ?", (address.lower(),)).fetchone()
        return row and str(row["reason"])

    def listen(self, wake: Callable[[], None]) -> AbstractContextManager[None]:
        """Nothing to listen to: a look into the file costs next to nothing."""
        return nullcontext()

    def close(self) -> None:
        """Let the file go; the queue cannot be used any more."""
        with self._lock:
            self._db.close()

    def _prepare(self) -> None:
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA foreign_keys = ON")
        if (mode := self._db.execute("PRAGMA journal_mode = WAL").fetchone()[0]) != "wal":
            raise JobsError(f"the queue's folder does not support SQLite's write-ahead log (mode {mode!r})")
        with self._writing() as db:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version > SCHEMA_VERSION:
                raise JobsError(
                    f"the queue was written by a newer Text2Art (schema {version}, known: {SCHEMA_VERSION})"
                )
            for statement in chain.from_iterable(_STEPS[version:]):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: the write lock is ours from the start; everything is on disk at the end, or nothing is."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")

    def _row(self, job_id: str) -> sqlite3.Row:
        row: sqlite3.Row | None = self._db.execute("SELECT * FROM jobs WHERE id = ?", (job_id,)).fetchone()
        if row is None:
            raise JobNotFound
        return row

    def _held(self, claim: Claim) -> Job:
        row = self._db.execute(
            "SELECT * FROM jobs WHERE id = ? AND token = ? AND status = 'running'", (claim.job.id, claim.token)
        ).fetchone()
        if row is None:
            raise LeaseLost
        return _job(row)

    def _lease(self, job: Job, token: int, worker: str, now: datetime, lease_s: float) -> Claim:
        claim = Claim(job=self._save(life.claimed(job, now)), token=token)
        self._db.execute(
            "UPDATE jobs SET worker = ?, token = ?, lease_until = ? WHERE id = ?",
            (worker, token, _later(now, lease_s), job.id),
        )
        return claim

    def _end(self, job: Job) -> Job:
        self._db.execute(_WRITE_LETTER, (job.id, _text(self._clock())))
        return self._save(job)

    def _save(self, job: Job) -> Job:
        self._db.execute(_SAVE, _columns(job))
        return job

    def _settle(self, letter: Letter, columns: dict[str, str]) -> None:
        """Change the letter's row if this letter is still the newest that was taken of it. Raises LeaseLost."""
        changes = ", ".join(f"{name} = :{name}" for name in columns)
        mine = "job_id = :job_id AND token = :token AND settled_at IS NULL"
        with self._writing() as db:
            values = columns | {"job_id": letter.job.id, "token": letter.token}
            if db.execute(f"UPDATE letters SET {changes} WHERE {mine}", values).rowcount == 0:
                raise LeaseLost

    def _free_moment(self) -> datetime:
        """Now, or the first microsecond after it at which no public job was finished (see `Queue.list_public`)."""
        now = self._clock()
        taken = "SELECT 1 FROM jobs WHERE status = 'done' AND public = 1 AND revoked_at IS NULL AND finished_at = ?"
        while self._db.execute(taken, (_text(now),)).fetchone() is not None:
            now += timedelta(microseconds=1)
        return now


def _create(path: Path) -> None:
    """Make a missing file private: the rows carry addresses. SQLite gives the files beside it the same mode.

    An existing file is not opened: closing it again would drop the locks of this process's other connections.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _columns(job: Job) -> dict[str, object]:
    """The columns that a job's life changes."""
    return {
        "id": job.id,
        "status": str(job.status),
        "progress_json": job.progress and job.progress.model_dump_json(),
        "attempt": job.attempt,
        "files_json": job.files and job.files.model_dump_json(),
        "error": job.error,
        "created_at": _text(job.created_at),
        "started_at": job.started_at and _text(job.started_at),
        "finished_at": job.finished_at and _text(job.finished_at),
        "revoked_at": job.revoked_at and _text(job.revoked_at),
    }


def _job(row: sqlite3.Row) -> Job:
    return Job(
        id=row["id"],
        order=Order.model_validate_json(row["order_json"], extra="ignore"),
        owner=row["owner"],
        status=Status(row["status"]),
        progress=row["progress_json"] and Progress.model_validate_json(row["progress_json"], extra="ignore"),
        attempt=row["attempt"],
        files=row["files_json"] and Files.model_validate_json(row["files_json"], extra="ignore"),
        error=row["error"],
        created_at=datetime.fromisoformat(row["created_at"]),
        started_at=row["started_at"] and datetime.fromisoformat(row["started_at"]),
        finished_at=row["finished_at"] and datetime.fromisoformat(row["finished_at"]),
        revoked_at=row["revoked_at"] and datetime.fromisoformat(row["revoked_at"]),
        unsubscribe_key=row["unsubscribe_key"],
    )


def _before(moment: datetime | None) -> str:
    """What every time that is wanted sorts before; "~" sorts behind them all."""
    return "~" if moment is None else _text(moment)


def _text(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise TypeError(f"a time needs a time zone: {moment}")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _later(moment: datetime, seconds: float) -> str:
    return _text(moment + timedelta(seconds=seconds))
