"""The gallery as pages that need no script: the wall, each picture at its own address, and the forms on them."""

import re
from collections.abc import Callable
from functools import lru_cache, partial
from io import BytesIO
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from PIL import Image

from api.deps import FROM_OUR_PAGE, KnownDep, QueueDep, ShelfDep, SiteDep, VisitorDep
from api.gallery import MAX_SEARCH, liked_of
from api.pages import lost
from api.paging import A_PAGE, cut
from api.refusals import PageRoute
from api.rendering import render
from jobs import Cursor, Exhibit, Job, Queue, Reason, Search, Sort, Style

REASONS = {
    Reason.OFFENSIVE: "It is offensive",
    Reason.PERSON: "It shows or names somebody who did not ask for it",
    Reason.RIGHTS: "It is somebody else's work",
    Reason.OTHER: "Something else",
}

_OURS = re.compile(r"/(gallery(\?[\w%&=+.~-]*)?|a/[\w-]{22})(#[\w-]{22})?", re.ASCII)  # where a like may lead back

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse, route_class=PageRoute)


@router.api_route("/gallery", methods=["GET", "HEAD"])
def see_wall(
    request: Request,
    queue: QueueDep,
    visitor: VisitorDep,
    sort: str = "",
    q: Annotated[str, Query(max_length=MAX_SEARCH)] = "",
    style: str = "",
    after: str = "",
) -> Response:
    """Twelve pictures, and a link to the next twelve. An address that no page of ours leads to shows the lost page."""
    try:
        search = _search(sort, q, style, after)
    except ValueError:
        return lost()
    exhibits, last = cut(queue.gallery.page(A_PAGE + 1, search), A_PAGE)
    return render(
        request,
        "gallery.html",
        search=search,
        styles=list(Style),
        max_words=MAX_SEARCH,
        exhibits=exhibits,
        liked=liked_of(queue, visitor, exhibits),
        next=last and Cursor.of(last),
        address=partial(_address, search),
    )


@router.api_route("/a/{job_id}", methods=["GET", "HEAD"])
def see_picture(
    request: Request,
    job_id: str,
    queue: QueueDep,
    shelf: ShelfDep,
    site: SiteDep,
    visitor: VisitorDep,
    reported: bool = False,
) -> Response:
    """One picture with all that can be done with it."""
    exhibit, job = _hung(queue, job_id)
    width, height = _size(shelf.get, exhibit.files.picture)
    return render(
        request,
        "art.html",
        exhibit=exhibit,
        seed=job.seed,
        mine=visitor is not None and visitor.ordered(job),
        liked=job_id in liked_of(queue, visitor, [exhibit]),
        width=width,
        height=height,
        site=site,
        reasons=REASONS,
        reported=reported,
    )


@router.post("/a/{job_id}/like", dependencies=[FROM_OUR_PAGE])
def like(
    job_id: str, queue: QueueDep, visitor: KnownDep, liked: Annotated[bool, Form()], back: Annotated[str, Form()]
) -> Response:
    """Like the picture, or no longer, and go back to where the button was."""
    (queue.gallery.like if liked else queue.gallery.unlike)(job_id, visitor.id)
    return _see(back if _OURS.fullmatch(back) else f"/a/{job_id}")


@router.post("/a/{job_id}/report", dependencies=[FROM_OUR_PAGE])
def report(job_id: str, queue: QueueDep, visitor: KnownDep, reason: Annotated[Reason, Form()]) -> Response:
    """Tell the operator what is wrong with the picture."""
    queue.gallery.report(job_id, visitor.id, reason)
    return _see(f"/a/{job_id}?reported=1#report")


def _search(sort: str, words: str, style: str, after: str) -> Search:
    """Raises ValueError for what is no choice of ours."""
    return Search(
        words=words.strip(),
        style=Style(style) if style else None,
        sort=Sort(sort) if sort else Sort.NEWEST,
        after=Cursor.parse(after) if after else None,
    )


def _address(search: Search, **changes: object) -> str:
    """Where this search is shown, with these changes."""
    changed = search.model_copy(update=changes)
    asked = {
        "q": changed.words,
        "style": changed.style,
        "sort": changed.sort if changed.sort != Sort.NEWEST else None,
        "after": changed.after,
    }
    query = urlencode({name: str(value) for name, value in asked.items() if value})
    return f"/gallery?{query}" if query else "/gallery"


def _hung(queue: Queue, job_id: str) -> tuple[Exhibit, Job]:
    """Raises JobNotFound."""
    return queue.gallery.exhibit(job_id), queue.get(job_id)


@lru_cache(maxsize=4096)
def _size(read: Callable[[str], bytes], picture: str) -> tuple[int, int]:
    """Width and height of the picture in pixels, which the drawers round. What lies under its key never changes."""
    return Image.open(BytesIO(read(picture))).size


def _see(where: str) -> RedirectResponse:
    return RedirectResponse(where, 303)
