"""What happens to a job: each verb takes a job and gives it back as it is afterwards. Every queue uses these alone."""

import secrets
from datetime import UTC, datetime

from jobs.job import Files, Job, Progress, Status
from jobs.order import Order

GAVE_UP = "Painting this picture stopped the painter again and again, so we gave it up. Please try another prompt."


def utc_now() -> datetime:
    """The clock of a queue that is given no other."""
    return datetime.now(UTC)


def born(order: Order, now: datetime) -> Job:
    """A queued job under a new id."""
    return Job(id=secrets.token_urlsafe(16), order=order, created_at=now)


def claimed(job: Job, now: datetime) -> Job:
    """Running, from the beginning: whatever an earlier worker reported is gone with it."""
    return job.model_copy(
        update={"status": Status.RUNNING, "attempt": job.attempt + 1, "progress": None, "started_at": now}
    )


def advanced(job: Job, progress: Progress | None) -> Job:
    """With newer progress, when there is any."""
    return job if progress is None else job.model_copy(update={"progress": progress})


def released(job: Job) -> Job:
    """Queued as if it had not been claimed."""
    return job.model_copy(
        update={"status": Status.QUEUED, "attempt": job.attempt - 1, "progress": None, "started_at": None}
    )


def finished(job: Job, files: Files, now: datetime) -> Job:
    return job.model_copy(update={"status": Status.DONE, "files": files, "finished_at": now})


def failed(job: Job, reason: str, now: datetime) -> Job:
    return job.model_copy(update={"status": Status.FAILED, "error": reason, "finished_at": now})


def cancelled(job: Job, now: datetime) -> Job:
    return job.model_copy(update={"status": Status.CANCELLED, "finished_at": now})
