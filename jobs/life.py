"""What happens to a job: each verb takes a job and gives it back as it is afterwards. Every queue uses these alone."""

import secrets
from datetime import UTC, datetime

from jobs.job import Exhibit, Files, Job, Progress, Status
from jobs.order import Order

UNSUBSCRIBED = "unsubscribed"  # the reason that the reader of mails can take back
GAVE_UP = "Painting this picture stopped the painter again and again, so we gave it up. Please try another prompt."


def utc_now() -> datetime:
    """The clock of a queue that is given no other."""
    return datetime.now(UTC)


def born(order: Order, now: datetime, owner: str | None = None) -> Job:
    """A queued job under a new id, with a new key."""
    id, key = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
    return Job(id=id, order=order, owner=owner, created_at=now, unsubscribe_key=key)


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


def retried(job: Job) -> Job:
    """Queued again as if nobody had ever tried; a job that has not failed and was not taken back stays as it is."""
    if job.status not in (Status.FAILED, Status.CANCELLED):
        return job
    forgotten = dict.fromkeys(("progress", "error", "started_at", "finished_at"))
    return job.model_copy(update={"status": Status.QUEUED, "attempt": 0, **forgotten})


def revoked(job: Job, now: datetime) -> Job:
    """Its files are shown to nobody from now on; what was revoked stays so."""
    return job if job.revoked_at else job.model_copy(update={"revoked_at": now})


def suppressed(known: str | None, reason: str) -> str:
    """Why an address is not mailed: the first reason, but one that its reader can take back gives way to any other."""
    return reason if known is None or known == UNSUBSCRIBED else known


def exhibited(job: Job, likes: int = 0) -> Exhibit | None:
    """The job as the gallery shows it; None unless it is done, public and not revoked."""
    if job.status != Status.DONE or not job.order.public or job.revoked_at:
        return None
    assert job.files and job.started_at and job.finished_at
    return Exhibit(
        id=job.id,
        wish=job.order.wish,
        files=job.files,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        likes=likes,
    )
