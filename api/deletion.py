"""Deleting a picture by the link in its mail: a page that asks, and a button that does it.

It needs no cookie, no login and no script. Looking deletes nothing, for mail programs follow links too.
"""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.deps import QueueDep, ShelfDep
from api.refusals import PageRoute
from api.rendering import render
from jobs import Job, JobNotFound, NotEnded, Queue
from jobs.forget import forget
from jobs.mail_links import opens_deletion

router = APIRouter(
    prefix="/delete/{job_id}/{key}", include_in_schema=False, default_response_class=HTMLResponse, route_class=PageRoute
)


@router.api_route("", methods=["GET", "HEAD"])
def ask(request: Request, job_id: str, key: str, queue: QueueDep) -> HTMLResponse:
    """The page that the reader of the mail comes to."""
    job = _job(job_id, key, queue)
    if job is None:
        return _nowhere(request)
    return render(request, "delete.html", state="open" if job.status.is_terminal else "painting", job=job)


@router.post("")
def delete(request: Request, job_id: str, key: str, queue: QueueDep, shelf: ShelfDep) -> HTMLResponse:
    """The button there."""
    job = _job(job_id, key, queue)
    if job is None:
        return _nowhere(request)
    try:
        forget(queue, shelf, job_id)
    except JobNotFound:  # the button was pressed twice
        pass
    except NotEnded:
        return render(request, "delete.html", 409, state="painting")
    return render(request, "delete.html", state="gone")


def _job(job_id: str, key: str, queue: Queue) -> Job | None:
    try:
        job = queue.get(job_id)
    except JobNotFound:
        return None
    return job if opens_deletion(key, job) else None


def _nowhere(request: Request) -> HTMLResponse:
    return render(request, "delete.html", 404, state="unknown")
