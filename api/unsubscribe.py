"""Stopping mails, and letting them come again: a page for people, and one click for mail programs (RFC 8058).

They need no cookie, no login and no script, and show neither the address nor anything else about the job.
"""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.deps import QueueDep
from api.refusals import PageRoute
from api.rendering import render
from jobs import Job, JobNotFound, Queue
from jobs.life import UNSUBSCRIBED
from jobs.mail_links import opens_unsubscribe, unsubscribe_path

router = APIRouter(
    prefix="/unsubscribe/{job_id}/{key}",
    include_in_schema=False,
    default_response_class=HTMLResponse,
    route_class=PageRoute,
)


@router.get("")
def ask(request: Request, job_id: str, key: str, queue: QueueDep) -> HTMLResponse:
    """The page that a person comes to."""
    job = _job(job_id, key, queue)
    return _page(request, job, queue)


@router.post("")
def stop(request: Request, job_id: str, key: str, queue: QueueDep) -> HTMLResponse:
    """The button there, and the mail program's own. No redirect and no look at the body, as RFC 8058 asks."""
    job = _job(job_id, key, queue)
    if job is not None:
        queue.suppress(job.order.email, UNSUBSCRIBED)
    return _page(request, job, queue)


@router.post("/undo")
def undo(request: Request, job_id: str, key: str, queue: QueueDep) -> HTMLResponse:
    """Mails may come again, unless they were stopped because they bounced or were complained about."""
    job = _job(job_id, key, queue)
    if job is not None and queue.suppression(job.order.email) == UNSUBSCRIBED:
        queue.unsuppress(job.order.email)
    return _page(request, job, queue)


def _job(job_id: str, key: str, queue: Queue) -> Job | None:
    try:
        job = queue.get(job_id)
    except JobNotFound:
        return None
    return job if opens_unsubscribe(key, job) else None


def _page(request: Request, job: Job | None, queue: Queue) -> HTMLResponse:
    """How it stands with the mails to this job's address; for None, that the link leads nowhere."""
    if job is None:
        return render(request, "unsubscribe.html", 404, state="unknown")
    reason = queue.suppression(job.order.email)
    state = {None: "open", UNSUBSCRIBED: "stopped"}.get(reason, "unreachable")
    return render(request, "unsubscribe.html", state=state, path=unsubscribe_path(job))
