"""The gallery: finished jobs whose visitors made them public, to look through, search, like and report."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AfterValidator, BaseModel, ConfigDict

from api.deps import FROM_OUR_PAGE, JobId, KnownDep, QueueDep, StandingDep, VisitorDep, guarded
from api.errors import documented
from api.paging import A_PAGE, cut
from api.views import ExhibitView, view_exhibit
from api.visitors import Visitor
from jobs import Cursor, Exhibit, Queue, Reason, Search, Sort, Style

MAX_SEARCH = 200  # characters

unknown = guarded | documented(404, "No such picture hangs here.")
foreign = unknown | documented(403, "Asked by a page of another site.")

router = APIRouter(prefix="/api/gallery", tags=["gallery"])


def _is_cursor(text: str) -> str:
    Cursor.parse(text)
    return text


class Gallery(BaseModel):
    """One page; `next` is what to give as `after` for the page behind it, null on the last one."""

    jobs: list[ExhibitView]
    next: str | None


class Liking(BaseModel):
    """How many like the picture, and whether the visitor who asks does."""

    likes: int
    liked: bool


class Complaint(BaseModel):
    """What a visitor has against a picture."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason


def searched(
    sort: Annotated[Sort, Query(description="What comes first.")] = Sort.NEWEST,
    q: Annotated[str, Query(max_length=MAX_SEARCH, description="Only pictures with all these words.")] = "",
    style: Annotated[Style | None, Query(description="Only pictures of this style.")] = None,
    after: Annotated[
        str | None, AfterValidator(_is_cursor), Query(description="The page behind this place; take it from `next`.")
    ] = None,
) -> Search:
    return Search(words=q, style=style, sort=sort, after=None if after is None else Cursor.parse(after))


SearchDep = Annotated[Search, Depends(searched)]


@router.get("")
def see_gallery(
    queue: QueueDep,
    visitor: VisitorDep,
    search: SearchDep,
    limit: Annotated[int, Query(ge=1, le=48, description="Pictures on a page.")] = A_PAGE,
) -> Gallery:
    """Public pictures, page by page: the newest, or those with most likes, first."""
    page, last = cut(queue.gallery.page(limit + 1, search), limit)
    liked = liked_of(queue, visitor, page)
    return Gallery(
        jobs=[view_exhibit(exhibit, liked=exhibit.id in liked) for exhibit in page],
        next=last and str(Cursor.of(last)),
    )


@router.post("/{job_id}/like", dependencies=[FROM_OUR_PAGE], responses=foreign)
def like(job_id: JobId, visitor: KnownDep, queue: QueueDep) -> Liking:
    """Like the picture. It counts once, however often one does."""
    return Liking(likes=queue.gallery.like(job_id, visitor.id).likes, liked=True)


@router.delete("/{job_id}/like", dependencies=[FROM_OUR_PAGE], responses=unknown)
def unlike(job_id: JobId, visitor: StandingDep, queue: QueueDep) -> Liking:
    """Take one's like back."""
    exhibit = queue.gallery.unlike(job_id, visitor.id) if visitor else queue.gallery.exhibit(job_id)
    return Liking(likes=exhibit.likes, liked=False)


@router.post("/{job_id}/report", status_code=204, dependencies=[FROM_OUR_PAGE], responses=foreign)
def report(job_id: JobId, complaint: Complaint, visitor: KnownDep, queue: QueueDep) -> None:
    """Tell the operator what is wrong with the picture. Of one visitor's reports the newest counts."""
    queue.gallery.report(job_id, visitor.id, complaint.reason)


def liked_of(queue: Queue, visitor: Visitor | None, exhibits: Sequence[Exhibit]) -> set[str]:
    """The ids of those that the visitor likes."""
    if visitor is None or not exhibits:
        return set()
    return queue.gallery.liked(visitor.id, [exhibit.id for exhibit in exhibits])
