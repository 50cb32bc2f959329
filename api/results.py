"""A job's files under names that stay: sent from the shelf, or by way of the shelf's own links, which soon end."""

import hashlib
import re
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Header, HTTPException, Query, Response
from fastapi.responses import RedirectResponse

from api.deps import ClockDep, QueueDep, RecentDep, SettingsDep, ShelfDep
from api.errors import documented
from api.security import SANDBOX
from api.settings import ApiSettings
from api.views import NAMES
from jobs import Job, NotOnShelf
from jobs.shelf import TYPES, check_id

PATH = "/r/{job_id}/{name}"
PREVIEW = "preview.webp"
SCRIPTABLE = NAMES["vector"]  # always saved, never shown: opened by itself, an SVG is a page
LINK_LIFETIME_S = 15 * 60
REDIRECT_AGE_S = 10 * 60  # how long a browser may follow a redirect again: less than its link lives

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII)

router = APIRouter(tags=["jobs"])
no_longer_shown = documented(410, "The job's files are no longer shown.")


@router.head(PATH, include_in_schema=False)
@router.get(
    PATH,
    response_class=Response,
    responses=documented(404, "There is no such job, or no such file of it (yet).")
    | no_longer_shown
    | {
        200: {"description": "The file.", "content": {kind: {} for kind in TYPES.values()}},
        206: {"description": "The part that `Range` asked for."},
        302: {"description": "The file is at another address for some minutes."},
        416: {"description": "The file is shorter than `Range` asks for."},
    },
)
def send_result(
    job_id: str,
    name: str,
    queue: QueueDep,
    recent: RecentDep,
    shelf: ShelfDep,
    settings: SettingsDep,
    clock: ClockDep,
    download: Annotated[bool, Query(description="Save the file instead of showing it.")] = False,
    range_: Annotated[str | None, Header(alias="Range")] = None,
    if_range: Annotated[str | None, Header()] = None,
) -> Response:
    """A job's file: picture.png, thumbnail.webp, film.mp4, vector.svg, pixels.png or preview.webp.

    The job's `links` say which there are. vector.svg is always sent to be saved.
    """
    check_id(job_id)
    job = recent.recall(job_id) if name == PREVIEW else queue.get(job_id)
    if name == PREVIEW and not (job.progress and job.progress.preview):
        job = queue.get(job_id)  # remembered from before its first preview, which another instance of the API told of
    check_shown(job, settings, clock())
    key = key_of(job, name)
    file_name, saved = f"text2art-{name}", download or name == SCRIPTABLE
    headers = {"Content-Security-Policy": SANDBOX} if name == SCRIPTABLE else {}
    link = shelf.link(key, lifetime_s=LINK_LIFETIME_S, save_as=file_name if saved else None)
    if link is not None:
        return RedirectResponse(link, 302, headers | {"Cache-Control": _cache_rule(name, REDIRECT_AGE_S)})
    headers |= {
        "Content-Disposition": f'{"attachment" if saved else "inline"}; filename="{file_name}"',
        "Cache-Control": _cache_rule(name, 24 * 3600),
    }
    return _answer(shelf.get(key), TYPES[name.rpartition(".")[2]], headers, range_, if_range)


def check_shown(job: Job, settings: ApiSettings, now: datetime) -> None:
    """Raise the refusal of files that are shown no longer."""
    if job.revoked_at or is_past(job, timedelta(days=settings.link_days), now):
        raise HTTPException(410, "This picture is no longer shown.")


def is_past(job: Job, shown_for: timedelta, now: datetime) -> bool:
    """Whether a job that is not public ended longer ago than its files are shown."""
    return not job.order.public and job.finished_at is not None and now - job.finished_at > shown_for


def key_of(job: Job, name: str) -> str:
    """Where the shelf has this file of the job. Raises NotOnShelf for what the job does not have."""
    kept: dict[str, str | None] = {PREVIEW: job.progress.preview if job.progress else None}
    if job.files is not None:
        kept |= {NAMES[kind]: key for kind, key in job.files.model_dump().items()}
    key = kept.get(name)
    if key is None:
        raise NotOnShelf("The job has no such file.")
    return key


def _cache_rule(name: str, age_s: int) -> str:
    """The next preview has the name of the one before."""
    return "no-store" if name == PREVIEW else f"private, max-age={age_s}"


def _answer(data: bytes, kind: str, headers: dict[str, str], range_: str | None, if_range: str | None) -> Response:
    """The bytes, or those of them that were asked for."""
    headers |= {"ETag": f'"{hashlib.sha256(data).hexdigest()[:32]}"', "Accept-Ranges": "bytes"}
    wanted = _wanted(range_, len(data)) if if_range in (None, headers["ETag"]) else None
    if wanted is None:
        return Response(data, 200, headers, kind)
    if not wanted:
        return Response(None, 416, headers | {"Content-Range": f"bytes */{len(data)}"})
    headers["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{len(data)}"
    return Response(data[wanted.start : wanted.stop], 206, headers, kind)


def _wanted(header: str | None, size: int) -> range | None:
    """The bytes asked for, empty when there are none such; None for the whole file, as RFC 9110, 14.2 allows
    for several ranges and asks for with malformed ones."""
    match = _RANGE.fullmatch(header or "")
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        return range(max(size - int(last), 0), size)
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last), size - 1) + 1 if last else size)
