"""The painters that are present, and how long they take."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from statistics import fmean

from jobs import Job, Pace, Painter, Quality, Queue, Style
from jobs.painter import Paces, eta_s


class Roster:
    """Who is present, as it was one `presence_s` ago at most: a look costs money, and every page asks."""

    def __init__(self, queue: Queue, clock: Callable[[], float] = time.monotonic) -> None:
        self._queue, self._clock = queue, clock
        self._lock = threading.Lock()
        self._painters: list[Painter] = []
        self._read_at: float | None = None

    def present(self) -> list[Painter]:
        if self._lock.acquire(blocking=self._read_at is None):  # who comes while another looks hears the last answer
            try:
                if self._read_at is None or self._clock() - self._read_at >= self._queue.presence_s:
                    self._painters, self._read_at = self._queue.painters(), self._clock()
            finally:
                self._lock.release()
        return self._painters

    def eta_s(self, job: Job, position: int, now: datetime) -> int | None:
        """Whole seconds until the picture is there; None when it has ended, or nobody is present to paint it."""
        seconds = eta_s([], job, position, now)  # what is being painted tells by itself
        if seconds is None:
            seconds = eta_s(self.present(), job, position, now)
        return None if seconds is None else round(seconds)


def all_models(painters: Sequence[Painter]) -> list[str]:
    """Names of the models that judge what these paint."""
    return sorted({name for painter in painters for name in painter.models})


def mean_paces(painters: Sequence[Painter]) -> Paces | None:
    """What each quality of each style means and on average takes; None when nobody is present."""
    styles = [style for style in Style if any(style in painter.paces for painter in painters)]
    return {style: _mean_qualities([painter.paces.get(style, {}) for painter in painters]) for style in styles} or None


def _mean_qualities(offers: Sequence[Mapping[Quality, Pace]]) -> dict[Quality, Pace]:
    found = {quality: [offer[quality] for offer in offers if quality in offer] for quality in Quality}
    return {quality: _mean(paces) for quality, paces in found.items() if paces}


def _mean(paces: Sequence[Pace]) -> Pace:
    """Sizes and iterations are the quality's, not the painter's: those of the first stand for all."""
    step_s, megapixel_s = fmean(pace.step_s for pace in paces), fmean(pace.megapixel_s for pace in paces)
    return paces[0].model_copy(update={"step_s": step_s, "megapixel_s": megapixel_s})
