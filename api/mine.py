"""My pictures: all that the visitor ordered, hung or not, and deleting it. The pages need no script."""

from contextlib import suppress
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import TypeAdapter

from api.deps import ON_OUR_PAGE, ClockDep, CookiesDep, GateDep, QueueDep, SettingsDep, ShelfDep, VisitorDep
from api.gate import CannotTell, Gate
from api.me import forget_me
from api.pages import lost
from api.paging import A_PAGE, Moment, cut
from api.refusals import PageRoute
from api.rendering import render
from api.results import is_past
from api.visitors import Visitor
from jobs import Job, JobNotFound
from jobs.forget import forget

_MOMENT: TypeAdapter[Moment] = TypeAdapter(Moment)

router = APIRouter(prefix="/mine", include_in_schema=False, default_response_class=HTMLResponse, route_class=PageRoute)


def _own_job(job_id: str, queue: QueueDep, visitor: VisitorDep) -> Job | None:
    try:
        job = queue.get(job_id)
    except JobNotFound:
        return None
    return job if visitor is not None and visitor.ordered(job) else None


OwnJobDep = Annotated[Job | None, Depends(_own_job)]  # None: there is no such job, or it is another visitor's


@router.api_route("", methods=["GET", "HEAD"])
def see_own(
    request: Request,
    queue: QueueDep,
    settings: SettingsDep,
    clock: ClockDep,
    gate: GateDep,
    cookies: CookiesDep,
    visitor: VisitorDep,
    before: str = "",
) -> Response:
    """Twelve pictures, the newest first, and a link to the next twelve."""
    try:
        until = _MOMENT.validate_python(before) if before else None
    except ValueError:
        return lost()
    if visitor is not None and not _stands(gate, visitor):
        answer = render(request, "mine.html", 403, state="closed")
        cookies.sign_out(answer, visitor)
        return answer
    jobs, last = cut(queue.list_owned(visitor.id, A_PAGE + 1, until) if visitor else [], A_PAGE)
    shown_for, now = timedelta(days=settings.link_days), clock()
    return render(
        request,
        "mine.html",
        state="wall",
        jobs=jobs,
        shown={job.id for job in jobs if not job.revoked_at and not is_past(job, shown_for, now)},
        later=until is not None,
        next=last and f"/mine?{urlencode({'before': last.created_at.isoformat()})}",
        visitor=visitor,
        ways=settings.ways_on_page,
    )


@router.get("/{job_id}/delete")
def ask(request: Request, job: OwnJobDep) -> Response:
    """Whether it is meant."""
    return render(request, "mine.html", state="one", job=job) if job else lost()


@router.post("/{job_id}/delete", dependencies=[ON_OUR_PAGE])
def delete(job: OwnJobDep, queue: QueueDep, shelf: ShelfDep) -> Response:
    """Take the job back if it has not ended, and forget it."""
    if job is None:
        return lost()
    with suppress(JobNotFound):  # the button was pressed twice
        queue.cancel(job.id)
        forget(queue, shelf, job.id)
    return RedirectResponse("/mine", 303)


@router.get("/delete")
def ask_for_all(request: Request, visitor: VisitorDep) -> Response:
    """Whether everything is meant."""
    return render(request, "mine.html", state="all", visitor=visitor)


@router.post("/delete", dependencies=[ON_OUR_PAGE])
def delete_all(
    request: Request, queue: QueueDep, shelf: ShelfDep, gate: GateDep, cookies: CookiesDep, visitor: VisitorDep
) -> Response:
    """What `DELETE /api/me` does."""
    answer = render(request, "mine.html", state="gone", visitor=visitor)
    try:
        forget_me(visitor, queue, shelf, gate, cookies, answer)
    except CannotTell as silence:
        return render(request, "mine.html", silence.status_code, state="half")
    return answer


def _stands(gate: Gate, visitor: Visitor) -> bool:
    """Whether it is not known that the visitor's account is gone. Who only looks need not wait for Firebase."""
    if gate.stands is None or not visitor.by_cookie:
        return True
    with suppress(CannotTell):
        return gate.stands(visitor.id)
    return True
