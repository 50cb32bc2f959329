"""One's own: what the visitor ordered, and being forgotten."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel, Field

from api.deps import FROM_OUR_PAGE, CookiesDep, GateDep, OnlookerDep, QueueDep, ShelfDep, VisitorDep, guarded
from api.paging import A_PAGE, Moment, cut
from api.views import JobView
from jobs.forget import forget_all

router = APIRouter(prefix="/api/me", tags=["visitors"], responses=guarded)


class Me(BaseModel):
    """What is known of the visitor."""

    account: Annotated[bool, Field(description="Whether he is signed in.")]
    known: Annotated[bool, Field(description="Whether he is, or his browser has ordered, liked or reported.")]


class OwnJobs(BaseModel):
    """One page; `next` is what to give as `before` for the page after it, null on the last one."""

    jobs: list[JobView]
    next: AwareDatetime | None


@router.get("")
def see_me(visitor: VisitorDep) -> Me:
    """Whether the visitor is signed in, and whether his browser is known."""
    return Me(account=visitor is not None and visitor.account is not None, known=visitor is not None)


@router.get("/jobs")
def list_own_jobs(
    visitor: VisitorDep,
    queue: QueueDep,
    onlooker: OnlookerDep,
    limit: Annotated[int, Query(ge=1, le=48, description="Jobs on a page.")] = A_PAGE,
    before: Annotated[
        Moment | None, Query(description="Only jobs ordered before this time; take it from `next`.")
    ] = None,
) -> OwnJobs:
    """What the visitor ordered, public or not, newest first."""
    page, last = cut(queue.list_owned(visitor.id, limit + 1, before) if visitor else [], limit)
    return OwnJobs(jobs=[onlooker.see(job) for job in page], next=last and last.created_at)


@router.delete("", status_code=204, dependencies=[FROM_OUR_PAGE])
def forget_me(
    visitor: VisitorDep, queue: QueueDep, shelf: ShelfDep, gate: GateDep, cookies: CookiesDep, response: Response
) -> None:
    """Delete all that the visitor ordered with its files, his likes and reports, and his account where he has one."""
    if visitor is None:
        return
    forget_all(queue, shelf, visitor.id)
    if visitor.account is not None:
        gate.remove(visitor.id)
    cookies.sign_out(response, visitor)
