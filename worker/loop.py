"""The worker's turns: claim a job, have it made, settle it. Knows the queue and callables, not what a picture is."""

import errno
import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from jobs import Claim, Files, Job, LeaseLost, Progress, Queue
from worker.errors import CannotPaint, Stopping, where

log = logging.getLogger(__name__)

SORRY = (
    "Something went wrong in our studio while painting. It was not your prompt's fault; "
    "please order the picture again, and tell us if it happens twice."
)
LONGEST_BACK_OFF = 7  # doublings: with a poll of half a second, a minute between two tries


class Report(Protocol):
    def __call__(self, progress: Progress | None = None) -> None:
        """Show a sign of life; raises LeaseLost or Stopping when the job has to be dropped."""


class Hold(Protocol):
    def report(self, progress: Progress | None = None) -> None:
        """See Report."""


Make = Callable[[Job, Report], Files]


def keep_doing(turn: Callable[[], bool], stop: threading.Event, poll_s: float) -> None:
    """Take turns until `stop` is set; rest `poll_s` seconds after an idle turn, ever longer after failing ones."""
    failures = 0
    while not stop.is_set():
        try:
            rest_s = 0 if turn() else poll_s
            failures = 0
        except Exception as error:  # the outermost loop: a full disk or a queue out of reach may come back
            failures = min(failures + 1, LONGEST_BACK_OFF)
            rest_s = poll_s * 2**failures
            log.error("action=trouble rest_s=%.1f %s", rest_s, where(error))
        if rest_s:
            stop.wait(rest_s)


def serve(
    queue: Queue, make: Make, hold: Callable[[Claim], AbstractContextManager[Hold]], *, worker: str, lease_s: float
) -> bool:
    """Claim the oldest job and see it through; False when none waits. `lease_s` is in seconds."""
    claim = queue.claim(worker, lease_s)
    if claim is None:
        return False
    log.info("action=claimed job=%s attempt=%d", claim.job.id, claim.job.attempt)
    try:
        _see_through(queue, claim, make, hold)
    except LeaseLost:
        log.warning("action=lease-lost job=%s", claim.job.id)
    return True


def _see_through(queue: Queue, claim: Claim, make: Make, hold: Callable[[Claim], AbstractContextManager[Hold]]) -> None:
    try:
        with hold(claim) as held:
            files = make(claim.job, held.report)
    except LeaseLost:
        raise
    except Stopping:
        queue.release(claim)
        log.info("action=released job=%s", claim.job.id)
    except CannotPaint as error:
        queue.fail(claim, str(error))
        log.info("action=refused job=%s", claim.job.id)
    except Exception as error:  # whatever happened, the visitor gets an answer and the worker lives on
        _see_failure(queue, claim, error)
    else:
        queue.finish(claim, files)
        log.info("action=done job=%s", claim.job.id)


def _see_failure(queue: Queue, claim: Claim, error: Exception) -> None:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        queue.release(claim)
        log.error("action=disk-full job=%s", claim.job.id)
        raise error
    queue.fail(claim, SORRY)
    log.error("action=failed job=%s %s", claim.job.id, where(error))
