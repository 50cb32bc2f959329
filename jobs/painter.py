"""Painters: the workers that are present, and what a painting costs each of them in seconds."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from statistics import fmean

from pydantic import BaseModel, ConfigDict

from jobs.job import Job, Status
from jobs.order import Aspect, Quality, Style, Wish

Size = tuple[int, int]  # width, height in pixels

MISSED = 2.5  # how many signs of life a painter may owe and still count as present
FORGOTTEN_S = 24 * 3600.0  # a painter that has been silent for so long is not kept any more


class Pace(BaseModel):
    """What one quality of one style means to a painter: `sizes` are the quality's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    iterations: int
    sizes: dict[Aspect, Size]
    step_s: float  # seconds that an iteration takes whatever the size
    megapixel_s: float  # and for each million of pixels besides


Paces = dict[Style, dict[Quality, Pace]]


class Painter(BaseModel):
    """A worker that is present."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    paces: Paces
    models: tuple[str, ...] = ()  # names of those that judge what it paints: what they do not know, it cannot paint
    seen_at: datetime | None = None  # its latest sign of life, by the queue's clock


def expected_s(paces: Paces, wish: Wish) -> float:
    """Seconds that painting this takes. Raises KeyError for what the painter does not paint."""
    pace = paces[wish.style][wish.quality]
    width, height = _size(paces[wish.style], wish)
    iterations = wish.iterations or pace.iterations
    return iterations * (pace.step_s + pace.megapixel_s * width * height / 1_000_000)


def _size(paces: Mapping[Quality, Pace], wish: Wish) -> Size:
    if wish.size is not None:
        return wish.size
    if wish.scale is None:
        return paces[wish.quality].sizes[wish.aspect]
    width, height = paces[Quality.DRAFT].sizes[wish.aspect]  # drafts are painted at scale 1
    return round(width * wish.scale), round(height * wish.scale)


def eta_s(painters: Sequence[Painter], job: Job, position: int, now: datetime) -> float | None:
    """Seconds until the picture is there, as far as can be told; None where nobody present paints such pictures, and
    when the job has ended.

    What waits before a job is taken for as much work as the job itself: to read it all would cost more than it tells.
    """
    if job.status.is_terminal:
        return None
    if job.started_at and job.progress and job.progress.step:
        done = job.progress.step / job.progress.of
        return max(0.0, (now - job.started_at).total_seconds()) * (1 - done) / done
    each_s = list(_all_expected_s(painters, job.order))
    if not each_s:
        return None
    return fmean(each_s) * (1 + (position if job.status == Status.QUEUED else 0) / len(each_s))


def _all_expected_s(painters: Sequence[Painter], wish: Wish) -> Iterator[float]:
    for painter in painters:
        with suppress(KeyError):
            yield expected_s(painter.paces, wish)
