"""For the operator: see all jobs and what was reported, start them again, take them back, hide and delete them.

Administrators only.
"""

import logging
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.deps import BEARER, AdminDep, QueueDep, ShelfDep, guarded, only_admins
from api.errors import documented, not_ended, unknown_job
from api.gate import Account
from api.paging import Moment, cut
from api.views import EXAMPLE, ExhibitView, JobView, view, view_exhibit
from jobs import Job, Reason, Status
from jobs.forget import forget
from jobs.order import masked
from jobs.shelf import check_id

_log = logging.getLogger(__name__)

router = APIRouter(
    prefix="/api/admin",
    tags=["administration"],
    dependencies=[BEARER, Depends(only_admins)],
    responses=guarded | documented(403, "This account is no administrator's."),
)


def _known_form(job_id: Annotated[str, Path(examples=[EXAMPLE["id"]])]) -> str:
    return check_id(job_id)  # before it is logged


JobId = Annotated[str, Depends(_known_form)]


class AdminJob(JobView):
    """A job as administrators see it."""

    model_config = ConfigDict(json_schema_extra={})

    position: Annotated[int, Field(exclude=True)] = 0  # to count who waits before each costs more than it tells here
    eta_s: Annotated[int | None, Field(exclude=True)] = None
    mine: Annotated[bool, Field(exclude=True)] = False
    owner: Annotated[str | None, Field(description="The account that ordered it, or the browser.")]
    address: Annotated[str, Field(description="Where its mail goes, masked.", examples=["v…@e…com"])]
    revoked_at: Annotated[AwareDatetime | None, Field(description="Since then its files are shown to nobody.")]


class AdminJobs(BaseModel):
    """One page; `next` is what to give as `before` for the page after it, null on the last one."""

    jobs: list[AdminJob]
    next: AwareDatetime | None


class Reported(BaseModel):
    """A picture of the gallery that visitors reported: how many gave each reason."""

    picture: ExhibitView
    reasons: dict[Reason, int]


class Reports(BaseModel):
    """What was reported, the most reported first."""

    reports: list[Reported]


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
    page, last = cut(queue.list_jobs(limit + 1, status, before), limit)
    return AdminJobs(jobs=[_view(job) for job in page], next=last and last.created_at)


@router.get("/counts")
def count_jobs(admin: AdminDep, queue: QueueDep) -> Counts:
    """How many jobs there are."""
    _log.info("admin-count", extra={"account": admin.uid})
    return Counts(**{str(status): queue.count(status) for status in Status}, waiting_since=queue.waiting_since())


@router.get("/reports")
def list_reports(
    admin: AdminDep,
    queue: QueueDep,
    limit: Annotated[int, Query(ge=1, le=100, description="Pictures to tell of.")] = 20,
) -> Reports:
    """The pictures that visitors reported and that still hang, the most reported first."""
    _log.info("admin-reports", extra={"account": admin.uid})
    found = queue.gallery.reports(limit)
    return Reports(reports=[Reported(picture=view_exhibit(each.exhibit), reasons=each.reasons) for each in found])


@router.post("/jobs/{job_id}/retry", responses=unknown_job)
def retry_job(job_id: JobId, admin: AdminDep, queue: QueueDep) -> AdminJob:
    """Queue a failed or cancelled job again, at its old place and with all its attempts; others stay as they are."""
    _record("retry", job_id, admin)
    return _view(queue.retry(job_id))


@router.post("/jobs/{job_id}/cancel", responses=unknown_job)
def cancel_any_job(job_id: JobId, admin: AdminDep, queue: QueueDep) -> AdminJob:
    """Take a waiting or running job back. A job that has ended stays as it is."""
    _record("cancel", job_id, admin)
    return _view(queue.cancel(job_id))


@router.post("/jobs/{job_id}/revoke", responses=unknown_job)
def revoke_job(job_id: JobId, admin: AdminDep, queue: QueueDep) -> AdminJob:
    """From now on show the job's files to nobody; it leaves the gallery."""
    _record("revoke", job_id, admin)
    return _view(queue.revoke(job_id))


@router.delete("/jobs/{job_id}", status_code=204, responses=unknown_job | not_ended)
def delete_job(job_id: JobId, admin: AdminDep, queue: QueueDep, shelf: ShelfDep) -> None:
    """Forget a job that has ended, with its files and its letter."""
    _record("delete", job_id, admin)
    forget(queue, shelf, job_id)


def _record(action: str, job_id: str, admin: Account) -> None:
    """Written before it is done, so that an action that breaks off half-way is known too."""
    _log.info(f"admin-{action}", extra={"job": job_id, "account": admin.uid})


def _view(job: Job) -> AdminJob:
    return AdminJob(
        **view(job).model_dump(), owner=job.owner, address=masked(job.order.email), revoked_at=job.revoked_at
    )
