"""Files from the shelf: pictures, films and previews, by unguessable key."""

import hashlib
import re
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from api.deps import ShelfDep
from api.errors import Message

TYPES = {"png": "image/png", "webp": "image/webp", "mp4": "video/mp4"}
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII)

router = APIRouter(tags=["jobs"])


@router.get(
    "/files/{job_id}/{name}",
    response_class=Response,
    responses={
        200: {"description": "The file.", "content": {kind: {} for kind in TYPES.values()}},
        206: {"description": "The part that `Range` asked for."},
        404: {"model": Message, "description": "No file has this key."},
        416: {"description": "The file is shorter than `Range` asks for."},
    },
)
def send_file(
    job_id: str,
    name: str,
    shelf: ShelfDep,
    download: Annotated[bool, Query(description="Save the file instead of showing it.")] = False,
    range_: Annotated[str | None, Header(alias="Range")] = None,
    if_range: Annotated[str | None, Header()] = None,
) -> Response:
    """A job's file. The job's `links` say which there are."""
    data = shelf.get(f"{job_id}/{name}")  # only a well-formed key comes back from this, so the name is plain below
    headers = {
        "ETag": f'"{hashlib.sha256(data).hexdigest()[:32]}"',
        "Accept-Ranges": "bytes",
        "Content-Disposition": f'{"attachment" if download else "inline"}; filename="text2art-{name}"',
        "Cache-Control": "no-store" if name.startswith("preview") else "private, max-age=86400",
    }
    wanted = _wanted(range_, len(data)) if if_range in (None, headers["ETag"]) else None
    if wanted is None:
        return Response(data, 200, headers, TYPES[name.rpartition(".")[2]])
    if not wanted:
        return Response(None, 416, headers | {"Content-Range": f"bytes */{len(data)}"})
    headers["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{len(data)}"
    return Response(data[wanted.start : wanted.stop], 206, headers, TYPES[name.rpartition(".")[2]])


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
