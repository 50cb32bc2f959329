"""One order to finished files: recipe, frames, then picture, film, exports on the shelf. Knows no queue."""

import logging
import math
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from PIL import Image

import clipit
from jobs import Claim, Files, Job, NotOnShelf, Progress, Shelf, Unavailable
from jobs.logs import where
from worker.errors import CannotPaint
from worker.loop import Report
from worker.recipe import settings_of

THUMBNAIL_SIDE = 320  # pixels; smaller pictures are not enlarged
NAMES = {
    "thumbnail": "thumbnail.webp",
    "picture": "picture.png",
    "film": "film.mp4",
    "vector": "vector.svg",
    "pixels": "pixels.png",
}  # of a job's files on the shelf, by what `Files` calls them

Recipe = dict[str, object]
Frames = Iterator[clipit.Frame]

log = logging.getLogger(__name__)


class Pace(Protocol):
    """How often a painting is told of; a queue says it of itself."""

    @property
    def report_s(self) -> float:
        """Seconds between two reports, at least."""

    @property
    def reports(self) -> int:
        """Reports of one painting, at most."""


class Drawing(Protocol):
    """Frames, and once they have passed what else there is of the finished picture; one of clipit's."""

    def __iter__(self) -> Frames: ...

    def exports(self, index: int) -> dict[str, bytes]:
        """Files beside the PNG, by their ending."""


def unwatched(settings: clipit.Settings, frames: Frames) -> Frames:
    return frames


def paint(
    claim: Claim,
    report: Report,
    *,
    shelf: Shelf,
    begin: Callable[[clipit.Settings], Drawing],
    recipe: Callable[[clipit.Settings], Recipe],
    pace: Pace,
    watched: Callable[[clipit.Settings, Frames], Frames] = unwatched,
    clock: Callable[[], float] = time.monotonic,
) -> Files:
    """Paint a job and put its files on the shelf, under keys that no other claim of it has.

    Raises CannotPaint, for the visitor to read, and whatever `report` raises to end the painting; of what the job is to
    have only the thumbnail can be on the shelf then. `watched` sees every frame pass; `clock` gives seconds.
    """
    job = claim.job
    try:
        settings = settings_of(job, start_image(job, shelf))
        report = annotated(report, clipit.caveat(settings))
        drawing, painted_by = begin(settings), recipe(settings)
        frames = told(watched(settings, iter(drawing)), claim, report, shelf, pace, clock)
        last, works = exposed(frames, painted_by) if job.order.make_video else (last_of(frames), {})
        works |= {"picture": png_of(last.picture(), painted_by), **exported(drawing, painted_by)}
    except clipit.ClipitError as error:
        raise CannotPaint(str(error)) from error
    return publish(claim, report, shelf, last, works)


def annotated(report: Report, note: str | None) -> Report:
    """The same, but that all progress carries the note."""

    def noted(progress: Progress | None = None) -> None:
        report(progress and progress.model_copy(update={"note": note}))

    return noted


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


def last_of(frames: Frames) -> clipit.Frame:
    (last,) = deque(frames, maxlen=1)
    return last


def exposed(frames: Frames, recipe: Recipe) -> tuple[clipit.Frame, dict[str, bytes]]:
    """The last frame, and the film, an MP4 of them all."""
    with TemporaryDirectory(prefix="text2art-") as folder:
        path = Path(folder, "film.mp4")
        return last_of(filmed(frames, path, recipe)), {"film": path.read_bytes()}


def exported(drawing: Drawing, recipe: Recipe) -> dict[str, bytes]:
    """What a finished drawing gives beside its pixels: a painting's strokes, pixel art at one pixel a cell."""
    given = drawing.exports(0)
    works = {"vector": given["svg"]} if "svg" in given else {}
    if "1x.png" in given:
        works["pixels"] = png_of(Image.open(BytesIO(given["1x.png"])), recipe)
    return works


def filmed(frames: Frames, path: Path, recipe: Recipe) -> Generator[clipit.Frame, None, None]:
    """The same frames, filmed while they pass; once they have all passed, the MP4 is complete."""
    first = next(frames)
    height, width, _ = first.pixels().shape
    with clipit.film(path, first.of, (width, height), recipe) as film:
        for frame in chain([first], frames):
            film.add(frame.pixels())
            yield frame


def told(
    frames: Frames,
    claim: Claim,
    report: Report,
    shelf: Shelf,
    pace: Pace,
    clock: Callable[[], float],
) -> Frames:
    """The same frames; each is a sign of life, and at this pace one is reported and put on the shelf as preview.

    The report goes first, so that a worker whose lease is lost puts nothing on the shelf.
    """
    told_at, told_step, preview = -math.inf, -math.inf, None
    for frame in frames:
        report()
        if clock() - told_at >= pace.report_s and frame.step - told_step >= frame.of / pace.reports:
            told_at, told_step = clock(), frame.step
            report(progress_of(frame, preview))
            with made_light_of(claim.job):
                shelf.put(preview_key(claim), webp_of(frame.picture()), replace=True)
                preview = preview_key(claim)
        yield frame


@contextmanager
def made_light_of(job: Job) -> Iterator[None]:
    """A preview is a courtesy: the painting goes on where the shelf does not answer."""
    try:
        yield
    except Unavailable as error:
        log.warning("preview-failed", extra={"job": job.id, "error": where(error)})


def progress_of(frame: clipit.Frame, preview: str | None) -> Progress:
    return Progress(step=frame.step, of=frame.of, score=frame.score, preview=preview)


def preview_key(claim: Claim) -> str:
    return _key(claim, "preview.webp")


def _key(claim: Claim, name: str) -> str:
    """A worker that has lost its claim unknowingly cannot touch the files of the next one: the token differs."""
    return f"{claim.job.id}/t{claim.token}-{name}"


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


def publish(claim: Claim, report: Report, shelf: Shelf, last: clipit.Frame, works: Mapping[str, bytes]) -> Files:
    """Put the finished files, named as in NAMES, on the shelf, if the job is still ours, and take the preview away.

    The thumbnail goes first and is the preview of the last report, so that whoever asks for a preview from then on is
    shown something that stays.
    """
    files = Files(**{kind: _key(claim, NAMES[kind]) for kind in ("thumbnail", *works)})
    thumbnail = webp_of(last.picture(), THUMBNAIL_SIDE)
    report()
    shelf.put(files.thumbnail, thumbnail)
    report(progress_of(last, files.thumbnail))
    for kind, data in works.items():
        shelf.put(_key(claim, NAMES[kind]), data)
    with made_light_of(claim.job):
        shelf.remove(preview_key(claim))
    return files
