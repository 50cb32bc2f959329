"""Following a job: as it is, as it changes, and taking it back."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, HTTPException, Path
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.deps import FROM_OUR_PAGE, QueueDep, RecentDep, SettingsDep, VisitorDep, guarded
from api.errors import Message
from api.gate import NotSignedIn
from api.recent import Recent
from api.views import EXAMPLE, JobView, look_up
from jobs import Queue
from jobs.life import utc_now

router = APIRouter(
    prefix="/api/jobs/{job_id}",
    tags=["jobs"],
    responses={404: {"model": Message, "description": "No job has this id."}},
)

LOOKS_PER_LIFE = 12  # where looks get rarer, the news are at most a twelfth of the job's age old

JobId = Annotated[str, Path(description="The id that the order was answered with.", examples=[EXAMPLE["id"]])]
forbidden: dict[int | str, dict[str, Any]] = {403: {"model": Message, "description": "Another account's job."}}
stream: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events named `job`, each with a whole job as JSON.",
        "content": {"text/event-stream": {"schema": {"type": "string"}, "example": 'event: job\ndata: {"id": …}\n\n'}},
    }
}


@router.get("")
def see_job(job_id: JobId, jobs: RecentDep) -> JobView:
    """The job as it is now."""
    return look_up(jobs, job_id)


@router.post("/cancel", dependencies=[FROM_OUR_PAGE], responses=guarded | forbidden)
def cancel_job(job_id: JobId, visitor: VisitorDep, queue: QueueDep) -> JobView:
    """Take a waiting or running job back. A job that has ended stays as it is.

    What an account has ordered only that account and administrators take back.
    """
    owner = queue.get(job_id).owner
    if owner is not None and visitor is None:
        raise NotSignedIn("Please sign in with the account that ordered this picture.")
    if owner is not None and visitor is not None and not visitor.may_cancel(owner):
        raise HTTPException(403, "Another account has ordered this picture.")
    queue.cancel(job_id)
    return look_up(queue, job_id)


@router.get("/events", response_class=EventSourceResponse, responses=stream)
async def follow_job(job_id: JobId, jobs: RecentDep, settings: SettingsDep) -> EventSourceResponse:
    """Server-sent events: the job at once and whenever it changes (position, progress, result), until it ends."""
    first = await anyio.to_thread.run_sync(look_up, jobs, job_id)  # an unknown id is answered with 404, not a stream
    events = (ServerSentEvent(event="job", data=job.model_dump_json()) async for job in changes(jobs, first))
    return EventSourceResponse(events, ping=settings.keepalive_s)


async def changes(jobs: Recent, job: JobView, clock: Callable[[], datetime] = utc_now) -> AsyncIterator[JobView]:
    """The job, then every state that differs from the one before, up to a terminal one."""
    yield job
    while not job.status.is_terminal:
        await anyio.sleep(pause_s(jobs, clock() - (job.started_at or job.created_at)))
        seen, job = job, await anyio.to_thread.run_sync(look_up, jobs, job.id)
        if job != seen:
            yield job


def pause_s(queue: Queue | Recent, age: timedelta) -> float:
    """Seconds to the next look: no oftener than news can come, and rarer for an old job where looks cost money.

    The age is the job's, not the stream's: proxies cut streams, and pages open them again.
    """
    return min(max(age.total_seconds() / LOOKS_PER_LIFE, queue.report_s), queue.poll_s)
