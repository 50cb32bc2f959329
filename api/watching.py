"""Following a job: as it is, as it changes, and taking it back."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Path
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.deps import QueueDep, SettingsDep
from api.errors import Message
from api.views import EXAMPLE, JobView, look_up
from jobs import Queue

router = APIRouter(
    prefix="/api/jobs/{job_id}",
    tags=["jobs"],
    responses={404: {"model": Message, "description": "No job has this id."}},
)

JobId = Annotated[str, Path(description="The id that the order was answered with.", examples=[EXAMPLE["id"]])]
stream: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events named `job`, each with a whole job as JSON.",
        "content": {"text/event-stream": {"schema": {"type": "string"}, "example": 'event: job\ndata: {"id": …}\n\n'}},
    }
}


@router.get("")
def see_job(job_id: JobId, queue: QueueDep) -> JobView:
    """The job as it is now."""
    return look_up(queue, job_id)


@router.post("/cancel")
def cancel_job(job_id: JobId, queue: QueueDep) -> JobView:
    """Take a waiting or running job back. A job that has ended stays as it is."""
    queue.cancel(job_id)
    return look_up(queue, job_id)


@router.get("/events", response_class=EventSourceResponse, responses=stream)
async def follow_job(job_id: JobId, queue: QueueDep, settings: SettingsDep) -> EventSourceResponse:
    """Server-sent events: the job at once and whenever it changes (position, progress, result), until it ends."""
    first = await anyio.to_thread.run_sync(look_up, queue, job_id)  # an unknown id is answered with 404, not a stream
    events = (
        ServerSentEvent(event="job", data=job.model_dump_json())
        async for job in changes(queue, first, settings.events_interval_s)
    )
    return EventSourceResponse(events, ping=settings.keepalive_s)


async def changes(queue: Queue, job: JobView, interval_s: float) -> AsyncIterator[JobView]:
    """The job, then every state that differs from the one before, up to a terminal one; looks every `interval_s`."""
    yield job
    while not job.status.is_terminal:
        await anyio.sleep(interval_s)
        seen, job = job, await anyio.to_thread.run_sync(look_up, queue, job.id)
        if job != seen:
            yield job
