"""The worker's turns: claim a job, have it made, settle it. Knows the queue and callables, not what a picture is."""

import errno
import logging
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from jobs import Claim, Files, LeaseLost, Progress, Queue, Unavailable
from jobs.logs import where
from worker.errors import CannotPaint, Stopping
from worker.insist import insist
from worker.metrics import WorkerMetrics

log = logging.getLogger(__name__)

SORRY = (
    "Something went wrong in our studio while painting. It was not your prompt's fault; "
    "please order the picture again, and tell us if it happens twice."
)
REPENTANCE_S = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)  # after turns that fail again and again


class Report(Protocol):
    def __call__(self, progress: Progress | None = None) -> None:
        """Show a sign of life; raises LeaseLost or Stopping when the job has to be dropped."""


class Hold(Protocol):
    def report(self, progress: Progress | None = None) -> None:
        """See Report."""


Make = Callable[[Claim, Report], Files]


class Bell:
    """Ends the rest of the one who waits for it; one that was rung before is not waited for."""

    def __init__(self) -> None:
        self._rung = threading.Event()

    def ring(self) -> None:
        self._rung.set()

    def rest(self, seconds: float) -> None:
        self._rung.wait(seconds)
        self._rung.clear()


def keep_doing(
    turn: Callable[[], bool],
    stop: threading.Event,
    rest: Callable[[float], None],
    *,
    poll_s: float,
    tell: Callable[[bool], None] = lambda went_well: None,
) -> None:
    """Take turns until `stop` is set; rest up to `poll_s` seconds after an idle one, ever longer after failing ones.

    `tell` hears of every turn whether it went well.
    """
    failures = 0
    while not stop.is_set():
        try:
            rest_s = 0.0 if turn() else poll_s
            failures = 0
        except Exception as error:  # the outermost loop: a full disk or a queue out of reach may come back
            rest_s = REPENTANCE_S[min(failures, len(REPENTANCE_S) - 1)]
            failures += 1
            log.error("trouble", extra={"rest_s": rest_s, "error": where(error)})
        tell(failures == 0)
        if failures:
            stop.wait(rest_s)  # whoever gives a job back is woken by it
        elif rest_s:
            rest(rest_s)


def serve(
    queue: Queue,
    make: Make,
    hold: Callable[[Claim], AbstractContextManager[Hold]],
    sweep: Callable[[str], None],
    *,
    worker: str,
    lease_s: float,
    metrics: WorkerMetrics,
    clock: Callable[[], float] = time.monotonic,
    rest: Callable[[float], None] = time.sleep,
) -> bool:
    """Claim the oldest job and see it through; False when none waits. Times are in seconds.

    `sweep` is called with the id of a job that was lost, perhaps because it has been forgotten.
    """
    claim = queue.claim(worker, lease_s)
    if claim is None:
        return False
    began_at, outcome = clock(), "unsettled"
    log.info("claimed", extra={"job": claim.job.id, "attempt": claim.job.attempt})
    metrics.claimed(claim)
    try:
        outcome = _see_through(queue, claim, make, hold, rest)
    except LeaseLost:
        outcome = "lost"
        sweep(claim.job.id)
    finally:
        metrics.ended(outcome, clock() - began_at)
        log.info(outcome, extra={"job": claim.job.id})
    return True


def _see_through(
    queue: Queue,
    claim: Claim,
    make: Make,
    hold: Callable[[Claim], AbstractContextManager[Hold]],
    rest: Callable[[float], None],
) -> str:
    """Make the picture and tell the queue; how it ended in one word. Raises LeaseLost, and what the shelf raises."""
    try:
        with hold(claim) as held:
            files = make(claim, held.report)
    except LeaseLost:
        raise
    except Stopping:
        queue.release(claim)
        return "released"
    except CannotPaint as error:
        reason = str(error)
        insist(lambda: queue.fail(claim, reason), rest)
        return "refused"
    except Exception as error:  # whatever happened, the visitor gets an answer and the worker lives on
        return _see_failure(queue, claim, error, rest)
    insist(lambda: queue.finish(claim, files), rest)
    return "done"


def _see_failure(queue: Queue, claim: Claim, error: Exception, rest: Callable[[float], None]) -> str:
    if _is_the_shelfs(error):
        queue.release(claim)
        raise error
    log.error("fault", extra={"job": claim.job.id, "error": where(error)})
    insist(lambda: queue.fail(claim, SORRY), rest)
    return "failed"


def _is_the_shelfs(error: Exception) -> bool:
    """Whether there is no room or no way to the shelf just now, which the job is not to suffer from."""
    return isinstance(error, Unavailable) or (
        isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    )
