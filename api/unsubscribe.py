"""Stopping mails, and letting them come again: a page for people, and one click for mail programs (RFC 8058).

No cookie, no login, no script; the pages show neither the address nor anything else about the job.
"""

from functools import cache

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from api.deps import QueueDep
from jobs import Job, JobNotFound, Queue
from jobs.life import UNSUBSCRIBED
from jobs.unsubscribe import opens, unsubscribe_path

router = APIRouter(prefix="/unsubscribe/{job_id}/{key}", include_in_schema=False, default_response_class=HTMLResponse)


@router.get("")
def ask(job_id: str, key: str, queue: QueueDep) -> HTMLResponse:
    """The page that a person comes to."""
    job = _job(job_id, key, queue)
    return _page(job, queue)


@router.post("")
def stop(job_id: str, key: str, queue: QueueDep) -> HTMLResponse:
    """The button there, and the mail program's own. No redirect and no look at the body, as RFC 8058 asks."""
    job = _job(job_id, key, queue)
    if job is not None:
        queue.suppress(job.order.email, UNSUBSCRIBED)
    return _page(job, queue)


@router.post("/undo")
def undo(job_id: str, key: str, queue: QueueDep) -> HTMLResponse:
    """Mails may come again, unless they were stopped because they bounced or were complained about."""
    job = _job(job_id, key, queue)
    if job is not None and queue.suppression(job.order.email) == UNSUBSCRIBED:
        queue.unsuppress(job.order.email)
    return _page(job, queue)


def _job(job_id: str, key: str, queue: Queue) -> Job | None:
    try:
        job = queue.get(job_id)
    except JobNotFound:
        return None
    return job if opens(key, job) else None


def _page(job: Job | None, queue: Queue) -> HTMLResponse:
    """How it stands with the mails to this job's address; for None, that the link leads nowhere."""
    if job is None:
        return HTMLResponse(_template().render(state="unknown"), 404)
    reason = queue.suppression(job.order.email)
    state = {None: "open", UNSUBSCRIBED: "stopped"}.get(reason, "unreachable")
    return HTMLResponse(_template().render(state=state, path=unsubscribe_path(job)))


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("api"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("unsubscribe.html")
