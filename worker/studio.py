"""One order to finished files: recipe, frames, then picture, film and thumbnail on the shelf. Knows no queue."""

import json
import math
import time
from collections import deque
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import chain
from tempfile import NamedTemporaryFile

from PIL import Image

import clipit
from jobs import Files, Job, NotOnShelf, Progress, Shelf
from worker.errors import CannotPaint
from worker.loop import Report
from worker.recipe import settings_of

REPORT_EVERY_S = 1.0
THUMBNAIL_SIDE = 320  # pixels; smaller pictures are not enlarged

Recipe = dict[str, object]


def paint(
    job: Job,
    report: Report,
    *,
    shelf: Shelf,
    stream: Callable[[clipit.Settings], Iterator[clipit.Frame]],
    recipe: Callable[[clipit.Settings], Recipe],
    clock: Callable[[], float] = time.monotonic,
) -> Files:
    """Paint a job and put its files on the shelf.

    Raises CannotPaint, for the visitor to read, and whatever `report` raises to end the painting; nothing but
    previews is on the shelf then. `clock` gives seconds.
    """
    try:
        settings = settings_of(job, start_image(job, shelf))
        frames = told(stream(settings), job, report, shelf, clock)
        last, film = exposed(frames, recipe(settings)) if job.order.make_video else (last_of(frames), None)
        picture = last.picture()
        png = png_of(picture, recipe(settings))
    except clipit.ClipitError as error:
        raise CannotPaint(str(error)) from error

    thumbnail = webp_of(picture, THUMBNAIL_SIDE)
    report(progress_of(last, preview_key(job)))  # the last word on whether the job is still ours
    return publish(job, shelf, png, thumbnail, film)


def start_image(job: Job, shelf: Shelf) -> Image.Image | None:
    """The image that the order starts from. Raises CannotPaint when it is gone or is no image."""
    if job.order.start_image is None:
        return None
    try:
        data = shelf.get(job.order.start_image)
    except NotOnShelf as error:
        raise CannotPaint("The start image is no longer here; please upload it again.") from error
    try:
        return Image.open(BytesIO(data)).convert("RGB")
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:  # what PIL raises for bytes it cannot read
        raise CannotPaint("The start image cannot be read; please upload a PNG, JPEG or WebP picture.") from error


def last_of(frames: Iterator[clipit.Frame]) -> clipit.Frame:
    (last,) = deque(frames, maxlen=1)
    return last


def exposed(frames: Iterator[clipit.Frame], recipe: Recipe) -> tuple[clipit.Frame, bytes]:
    """The last frame, and the MP4 of them all."""
    with NamedTemporaryFile(prefix="text2art-", suffix=".mp4") as file:  # a film that starts fast is rewritten by name
        last = last_of(filmed(frames, file.name, recipe))
        return last, file.read()


def filmed(frames: Iterator[clipit.Frame], path: str, recipe: Recipe) -> Iterator[clipit.Frame]:
    """The same frames, filmed while they pass; once they have all passed, the MP4 is complete."""
    first = next(frames)
    height, width, _ = first.pixels().shape
    with clipit.film(path, first.of, (width, height), json.dumps(recipe, ensure_ascii=False)) as film:
        for frame in chain([first], frames):
            film.add(frame.pixels())
            yield frame


def told(
    frames: Iterator[clipit.Frame], job: Job, report: Report, shelf: Shelf, clock: Callable[[], float]
) -> Iterator[clipit.Frame]:
    """The same frames; each is a sign of life, and one a second is reported and put on the shelf as preview.

    The report goes first, so that a worker whose lease is lost puts nothing on the shelf.
    """
    told_at, preview = -math.inf, None
    for frame in frames:
        report()
        if clock() - told_at >= REPORT_EVERY_S:
            told_at = clock()
            report(progress_of(frame, preview))
            preview = preview_key(job)
            shelf.put(preview, webp_of(frame.picture()))
        yield frame


def progress_of(frame: clipit.Frame, preview: str | None) -> Progress:
    return Progress(step=frame.step, of=frame.of, score=frame.score, preview=preview)


def preview_key(job: Job) -> str:
    return f"{job.id}/preview.webp"


def png_of(picture: Image.Image, recipe: Recipe) -> bytes:
    file = BytesIO()
    clipit.save_png(picture, file, recipe)
    return file.getvalue()


def webp_of(picture: Image.Image, longest_side: int | None = None) -> bytes:
    """The picture as WebP, shrunk to `longest_side` pixels where it is larger."""
    if longest_side is not None:
        picture = picture.copy()
        picture.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS)
    file = BytesIO()
    picture.save(file, "WEBP", quality=85)
    return file.getvalue()


def publish(job: Job, shelf: Shelf, png: bytes, thumbnail: bytes, film: bytes | None) -> Files:
    """Put a finished job's files on the shelf; the film is left out when there is none."""
    files = Files(
        picture=f"{job.id}/picture.png",
        thumbnail=f"{job.id}/thumbnail.webp",
        film=f"{job.id}/film.mp4" if film is not None else None,
    )
    shelf.put(files.picture, png)
    shelf.put(files.thumbnail, thumbnail)
    if files.film is not None and film is not None:
        shelf.put(files.film, film)
    return files
