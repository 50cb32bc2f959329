"""Jobs as rows of SQLite, and back."""

import sqlite3
from datetime import datetime

from jobs.job import Files, Job, Progress, Status
from jobs.order import Order
from jobs.times import sortable


def columns_of(job: Job) -> dict[str, object]:
    """The columns that a job's life changes."""
    return {
        "id": job.id,
        "status": str(job.status),
        "progress_json": job.progress and job.progress.model_dump_json(),
        "attempt": job.attempt,
        "files_json": job.files and job.files.model_dump_json(),
        "error": job.error,
        "created_at": sortable(job.created_at),
        "started_at": job.started_at and sortable(job.started_at),
        "finished_at": job.finished_at and sortable(job.finished_at),
        "revoked_at": job.revoked_at and sortable(job.revoked_at),
    }


def job_of(row: sqlite3.Row) -> Job:
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
