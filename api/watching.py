"""Following a job: as it is and as it changes; taking it back, having it tried again, and deleting it."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta

import anyio
from fastapi import APIRouter, HTTPException
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.deps import FROM_OUR_PAGE, MAY_ORDER, JobId, OnlookerDep, QueueDep, SettingsDep, ShelfDep, StandingDep, guarded
from api.errors import STATUS, Answers, documented, not_ended, unknown_job
from api.gate import NotSignedIn
from api.orders import check_room, full
from api.recent import Recent
from api.views import JobView, Onlooker
from api.visitors import Visitor, is_browser
from jobs import Job, Queue
from jobs.forget import forget

router = APIRouter(
    prefix="/api/jobs/{job_id}",
    tags=["jobs"],
    responses=unknown_job,
)

LOOKS_PER_LIFE = 12  # where looks get rarer, the news are at most a twelfth of the job's age old
ETA_NEWS_S, ETA_NEWS = 5, 0.25  # an ETA that moved by more, in seconds and in parts of itself, is news

forbidden = documented(403, "Somebody else's job.")
stream: Answers = {
    200: {
        "description": "Events named `job`, each with a whole job as JSON.",
        "content": {"text/event-stream": {"schema": {"type": "string"}, "example": 'event: job\ndata: {"id": …}\n\n'}},
    }
}


@router.get("")
def see_job(job_id: JobId, onlooker: OnlookerDep) -> JobView:
    """The job as it is now."""
    return onlooker.look_up(job_id)


@router.post("/cancel", dependencies=[FROM_OUR_PAGE], responses=guarded | forbidden)
def cancel_job(job_id: JobId, visitor: StandingDep, queue: QueueDep, onlooker: OnlookerDep) -> JobView:
    """Take a waiting or running job back. A job that has ended stays as it is.

    What an account has ordered only that account and administrators take back; anything else, who knows its id.
    """
    _check_may_cancel(queue.get(job_id), visitor)
    return onlooker.see(queue.cancel(job_id))


@router.post("/retry", dependencies=[FROM_OUR_PAGE, MAY_ORDER], responses=guarded | forbidden | full)
def retry_own_job(
    job_id: JobId, visitor: StandingDep, queue: QueueDep, settings: SettingsDep, onlooker: OnlookerDep
) -> JobView:
    """Queue a failed or cancelled job again, at its old place; others stay as they are. Only for who ordered it."""
    _check_ordered(queue.get(job_id), visitor)
    check_room(queue, settings)
    return onlooker.see(queue.retry(job_id))


@router.delete(
    "",
    status_code=204,
    dependencies=[FROM_OUR_PAGE],
    responses=guarded | forbidden | not_ended,
)
def delete_own_job(job_id: JobId, visitor: StandingDep, queue: QueueDep, shelf: ShelfDep) -> None:
    """Forget a job that has ended, with its files. Only for who ordered it."""
    _check_ordered(queue.get(job_id), visitor)
    forget(queue, shelf, job_id)


@router.get("/events", response_class=EventSourceResponse, responses=stream)
async def follow_job(job_id: JobId, onlooker: OnlookerDep, settings: SettingsDep) -> EventSourceResponse:
    """Server-sent events: the job at once and whenever it changes (position, progress, result), until it ends."""
    first = await anyio.to_thread.run_sync(onlooker.look_up, job_id)  # an unknown id is answered with 404, no stream
    return EventSourceResponse(_events(onlooker, first), ping=settings.keepalive_s)


async def _events(onlooker: Onlooker, job: JobView) -> AsyncIterator[ServerSentEvent]:
    """They end, too, where nothing more can be told, as of a job that is deleted: who asks again is told why."""
    with suppress(*STATUS):
        async for seen in changes(onlooker, job):
            yield ServerSentEvent(event="job", data=seen.model_dump_json())


async def changes(onlooker: Onlooker, job: JobView) -> AsyncIterator[JobView]:
    """The job, then every state that differs from the one told before, up to a terminal one."""
    yield job
    told = job
    while not told.status.is_terminal:
        age = onlooker.clock() - (told.started_at or told.created_at)
        await anyio.sleep(pause_s(onlooker.jobs, age))
        job = await anyio.to_thread.run_sync(onlooker.look_up, job.id)
        if is_news(job, told):
            yield job
            told = job


def is_news(job: JobView, told: JobView) -> bool:
    """Whether a job that was told of is to be told of again. ETAs move with every second: pages count down alone."""
    if job.model_copy(update={"eta_s": told.eta_s}) != told:
        return True
    if job.eta_s is None or told.eta_s is None:
        return job.eta_s != told.eta_s
    return abs(job.eta_s - told.eta_s) > max(ETA_NEWS_S, ETA_NEWS * told.eta_s)


def pause_s(queue: Queue | Recent, age: timedelta) -> float:
    """Seconds to the next look: no oftener than news can come, and rarer for an old job where looks cost money.

    The age is the job's, not the stream's: proxies cut streams, and pages open them again.
    """
    return min(max(age.total_seconds() / LOOKS_PER_LIFE, queue.report_s), queue.poll_s)


def _check_may_cancel(job: Job, visitor: Visitor | None) -> None:
    if job.owner is None or is_browser(job.owner):
        return
    if visitor is None or visitor.account is None:
        raise NotSignedIn("Please sign in with the account that ordered this picture.")
    if not visitor.account.may_cancel(job.owner):
        raise HTTPException(403, "Another account has ordered this picture.")


def _check_ordered(job: Job, visitor: Visitor | None) -> None:
    if visitor is None or not visitor.ordered(job):
        raise HTTPException(403, "Only who ordered this picture may do that.")
