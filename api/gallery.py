"""The gallery: finished jobs whose visitors made them public, page by page."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AfterValidator, AwareDatetime, BaseModel

from api.deps import QueueDep
from api.views import ExhibitView, view_exhibit

router = APIRouter(tags=["gallery"])


def _in_utc(time: datetime) -> datetime:
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise ValueError("must be a time between the years 1 and 9999, UTC") from None


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]


class Gallery(BaseModel):
    """One page; `next` is what to give as `before` for the page after it, null on the last one."""

    jobs: list[ExhibitView]
    next: AwareDatetime | None


@router.get("/api/gallery")
def see_gallery(
    queue: QueueDep,
    limit: Annotated[int, Query(ge=1, le=48, description="Pictures on a page.")] = 12,
    before: Annotated[
        Moment | None,
        Query(description="Only pictures finished before this time; take it from `next`."),
    ] = None,
) -> Gallery:
    """Public pictures, newest first."""
    found = queue.list_public(limit + 1, before)
    page = found[:limit]
    return Gallery(
        jobs=[view_exhibit(exhibit) for exhibit in page], next=page[-1].finished_at if len(found) > limit else None
    )
