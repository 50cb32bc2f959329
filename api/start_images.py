"""Start images: a visitor's picture is checked, stripped to its pixels and put on the shelf; one of ours is copied.

Pictures are decoded in processes of their own (`api.decoding`), few at a time, so that none harms the API.
"""

import logging
import secrets
import subprocess
import sys

import anyio
from fastapi import APIRouter, HTTPException, UploadFile
from pydantic import BaseModel, Field

from api import decoding
from api.decoding import BadPicture
from api.deps import (
    FROM_OUR_PAGE,
    MAY_ORDER,
    ClockDep,
    DecodersDep,
    JobId,
    QueueDep,
    SettingsDep,
    ShelfDep,
    guarded,
)
from api.errors import bad_field, documented
from api.results import check_shown, key_of, no_longer_shown
from api.views import NAMES
from jobs import Shelf
from jobs.order import START_IMAGE

MAX_BYTES = 5_000_000
TYPES = [f"image/{form.lower()}" for form in decoding.FORMATS]
PATH = "/api/start-images"
DECODER = decoding.__file__
PATIENCE_S = 30.0  # more than a decoder's computing time, for a busy machine

_log = logging.getLogger(__name__)

router = APIRouter(tags=["orders"])


class StartImage(BaseModel):
    start_image: str = Field(description="The key to order with, as `start_image`.")


@router.post(
    PATH,
    status_code=201,
    dependencies=[MAY_ORDER, FROM_OUR_PAGE],
    responses=guarded | documented(413, "The file is larger than 5 MB."),
)
async def add_start_image(file: UploadFile, shelf: ShelfDep, decoders: DecodersDep) -> StartImage:
    """Send a picture to start painting from: PNG, JPEG or WebP, at most 5 MB and 16 megapixels."""
    data = await file.read()
    if len(data) > MAX_BYTES:
        raise HTTPException(413, "The picture is larger than 5 MB.")
    try:
        png = await anyio.to_thread.run_sync(decoded_apart, data, limiter=decoders)
    except BadPicture as error:
        raise bad_field("file", str(error)) from error
    return await anyio.to_thread.run_sync(_shelved, png, shelf)


@router.post(
    "/api/jobs/{job_id}/start-image",
    status_code=201,
    dependencies=[MAY_ORDER, FROM_OUR_PAGE],
    responses=guarded | documented(404, "There is no such job, or it has no picture (yet).") | no_longer_shown,
)
def start_from_job(
    job_id: JobId,
    queue: QueueDep,
    shelf: ShelfDep,
    settings: SettingsDep,
    clock: ClockDep,
) -> StartImage:
    """Take the picture of a finished job to start painting from. Who may see the picture may do so."""
    job = queue.get(job_id)
    check_shown(job, settings, clock())
    return _shelved(shelf.get(key_of(job, NAMES["picture"])), shelf)


def _shelved(png: bytes, shelf: Shelf) -> StartImage:
    key = f"{secrets.token_urlsafe(16)}/{START_IMAGE}"
    shelf.put(key, png)
    return StartImage(start_image=key)


def decoded_apart(data: bytes) -> bytes:
    """The picture as a plain PNG, made by another process. Raises BadPicture, also where that process dies or hangs."""
    command = [sys.executable, "-P", DECODER]  # -P: no module is taken from the decoder's own folder
    try:
        decoder = subprocess.run(
            command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=PATIENCE_S
        )
    except subprocess.TimeoutExpired as error:
        _log.warning("decoder-hung", extra={"seconds": PATIENCE_S})
        raise BadPicture from error
    if decoder.returncode == decoding.REFUSED:
        raise BadPicture(decoder.stdout.decode())
    if decoder.returncode != 0:
        _log.warning("decoder-died", extra={"status": decoder.returncode})
        raise BadPicture
    return decoder.stdout
