"""For the operator: see all jobs, start them again, take them back, hide and delete them. Administrators only."""

import logging
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.deps import BEARER, AdminDep, QueueDep, ShelfDep, guarded, only_admins
from api.errors import Message
from api.gallery import Moment
from api.gate import Account
from api.views import EXAMPLE, JobView, view
from jobs import Job, Status
from jobs.forget import forget
from jobs.order import masked
from jobs.shelf import check_id

_log = logging.getLogger(__name__)

router = APIRouter(
    prefix="/api/admin",
    tags=["administration"],
    dependencies=[BEARER, Depends(only_admins)],
    responses=guarded | {403: {"model": Message, "description": "This account is no administrator's."}},
)
one_job = APIRouter(prefix="/jobs/{job_id}", responses={404: {"model": Message, "description": "No job has this id."}})


def _known_form(job_id: Annotated[str, Path(examples=[EXAMPLE["id"]])]) -> str:
    return check_id(job_id)  # before it is logged


JobId = Annotated[str, Depends(_known_form)]


class AdminJob(JobView):
    """A job as administrators see it."""

    model_config = ConfigDict(json_schema_extra={})

    position: Annotated[int, Field(exclude=True)] = 0  # to count who waits before each costs more than it tells here
    owner: Annotated[str | None, Field(description="The account that ordered it.")]
    address: Annotated[str, Field(description="Where its mail goes, masked.", examples=["v…@e…com"])]
    revoked_at: Annotated[AwareDatetime | None, Field(description="Since then its files are shown to nobody.")]


class AdminJobs(BaseModel):
    """One page; `next` is what to give as `before` for the page after it, null on the last one."""

    jobs: list[AdminJob]
    next: AwareDatetime | None


class Counts(BaseModel):
    """How many jobs are in each state, and since when the oldest one waits."""

    queued: int
    running: int
    done: int
    failed: int
    cancelled: int
    waiting_since: AwareDatetime | None


@router.get("/jobs")
def list_jobs(
    admin: AdminDep,
    queue: QueueDep,
    status: Annotated[Status | None, Query(description="Only jobs in this state.")] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="Jobs on a page.")] = 20,
    before: Annotated[
        Moment | None, Query(description="Only jobs ordered before this time; take it from `next`.")
    ] = None,
) -> AdminJobs:
    """All jobs, newest first."""
    _log.info("admin-list", extra={"account": admin.uid})
    found = queue.list_jobs(limit + 1, status, before)
    page = found[:limit]
    return AdminJobs(jobs=[_view(job) for job in page], next=page[-1].created_at if len(found) > limit else None)


@router.get("/counts")
def count_jobs(admin: AdminDep, queue: QueueDep) -> Counts:
    """How many jobs there are."""
    _log.info("admin-count", extra={"account": admin.uid})
    return Counts(**{str(status): queue.count(status) for status in Status}, waiting_since=queue.waiting_since())


@one_job.post("/retry")
def retry_job(job_id: JobId, admin: AdminDep, queue: QueueDep) -> AdminJob:
    """Queue a failed or cancelled job again, at its old place and with all its attempts; others stay as they are."""
    _record("retry", job_id, admin)
    return _view(queue.retry(job_id))


@one_job.post("/cancel")
def cancel_any_job(job_id: JobId, admin: AdminDep, queue: QueueDep) -> AdminJob:
    """Take a waiting or running job back. A job that has ended stays as it is."""
    _record("cancel", job_id, admin)
    return _view(queue.cancel(job_id))


@one_job.post("/revoke")
def revoke_job(job_id: JobId, admin: AdminDep, queue: QueueDep) -> AdminJob:
    """From now on show the job's files to nobody; it leaves the gallery."""
    _record("revoke", job_id, admin)
    return _view(queue.revoke(job_id))


@one_job.delete(
    "", status_code=204, responses={409: {"model": Message, "description": "The job has not ended: cancel it first."}}
)
def delete_job(job_id: JobId, admin: AdminDep, queue: QueueDep, shelf: ShelfDep) -> None:
    """Forget a job that has ended, with its files and its letter."""
    _record("delete", job_id, admin)
    forget(queue, shelf, job_id)


router.include_router(one_job)


def _record(action: str, job_id: str, admin: Account) -> None:
    """Written before it is done, so that an action that breaks off half-way is known too."""
    _log.info(f"admin-{action}", extra={"job": job_id, "account": admin.uid})


def _view(job: Job) -> AdminJob:
    return AdminJob(
        **view(job).model_dump(), owner=job.owner, address=masked(job.order.email), revoked_at=job.revoked_at
    )
