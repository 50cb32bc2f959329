"""The SQLite file of a queue: its schema, and one connection to it.

Rows outlive the code that wrote them: a version that narrows what an order may be, or changes a table, adds a step to
the schema that converts the rows.
"""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from threading import RLock

from jobs.errors import JobsError
from jobs.terms import terms_of

BUSY_TIMEOUT_S = 30.0  # how long a writer waits for the others before sqlite3.OperationalError

# What makes each version of the schema from the one before; a new file takes every step.
# Times are ISO 8601 in UTC with six decimals, so that they sort as text.
STEPS = (
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
    (
        "DROP INDEX gallery",
        # What finds a picture that hangs (see `sqlite_gallery`); each row knows by what its picture is sorted.
        """
        CREATE TABLE terms (
            term TEXT NOT NULL,
            finished_at TEXT NOT NULL,
            likes INTEGER NOT NULL DEFAULT 0,
            job_id TEXT NOT NULL REFERENCES jobs (id),
            PRIMARY KEY (term, finished_at)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX most_liked ON terms (term, likes, finished_at)",
        "CREATE INDEX terms_by_job ON terms (job_id, term)",
        """
        INSERT INTO terms (term, finished_at, job_id)
        SELECT term.value, jobs.finished_at, jobs.id
        FROM jobs,
            json_each(terms_of(json_extract(order_json, '$.prompt'), json_extract(order_json, '$.style'))) AS term
        WHERE jobs.status = 'done' AND jobs.public = 1 AND jobs.revoked_at IS NULL
        """,
        """
        CREATE TABLE likes (
            visitor TEXT NOT NULL,
            job_id TEXT NOT NULL REFERENCES jobs (id),
            PRIMARY KEY (visitor, job_id)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX likes_by_job ON likes (job_id)",
        """
        CREATE TABLE reports (
            visitor TEXT NOT NULL,
            job_id TEXT NOT NULL REFERENCES jobs (id),
            reason TEXT NOT NULL,
            PRIMARY KEY (visitor, job_id)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX reports_by_job ON reports (job_id, reason)",
        "CREATE INDEX by_owner ON jobs (owner, created_at) WHERE owner IS NOT NULL",
        "CREATE TABLE painters (name TEXT PRIMARY KEY, painter_json TEXT NOT NULL, seen_at TEXT NOT NULL)",
        "CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL)",
    ),
)
SCHEMA_VERSION = len(STEPS)


class SqliteFile:
    """The file at `path`, made private when missing. Raises sqlite3.Error when the disk or the file fail."""

    def __init__(self, path: Path) -> None:
        self._lock = RLock()  # one connection, one transaction at a time
        _create(path)
        self.db = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        self.db.row_factory = sqlite3.Row
        self.db.create_function("terms_of", 2, lambda prompt, style: json.dumps(terms_of(prompt, style)))
        try:
            self._prepare()
        except BaseException:
            self.db.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for as long as nobody else has it."""
        with self._lock:
            yield self.db

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: the write lock is ours from the start; everything is on disk at the end, or nothing is."""
        with self._lock:
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield self.db
                self.db.execute("COMMIT")
            finally:
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")

    def close(self) -> None:
        with self._lock:
            self.db.close()

    def _prepare(self) -> None:
        self.db.execute("PRAGMA synchronous = FULL")
        self.db.execute("PRAGMA foreign_keys = ON")
        if (mode := self.db.execute("PRAGMA journal_mode = WAL").fetchone()[0]) != "wal":
            raise JobsError(f"the queue's folder does not support SQLite's write-ahead log (mode {mode!r})")
        with self.writing() as db:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version > SCHEMA_VERSION:
                raise JobsError(
                    f"the queue was written by a newer Text2Art (schema {version}, known: {SCHEMA_VERSION})"
                )
            for statement in chain.from_iterable(STEPS[version:]):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _create(path: Path) -> None:
    """Make a missing file private: the rows carry addresses. SQLite gives the files beside it the same mode.

    An existing file is not opened: closing it again would drop the locks of this process's other connections.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
