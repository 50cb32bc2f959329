"""A worker's hold on one job: renewed in the background for as long as the painting shows signs of life."""

import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from jobs import Claim, LeaseLost, Progress, Queue
from worker.errors import Stopping, where

log = logging.getLogger(__name__)

BEATS_PER_LEASE = 3  # so that two lost heartbeats in a row do not cost the lease


class Lease:
    """Renews a claim every third of `lease_s` while the `with` block runs.

    A painting that reports nothing for `stall_s` is no longer renewed and `abandon` is called, from the renewing
    thread: its job goes to another worker, and so should this one's process end. Times are in seconds.
    """

    def __init__(
        self,
        queue: Queue,
        claim: Claim,
        lease_s: float,
        stop: threading.Event,
        *,
        stall_s: float,
        abandon: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queue, self._claim, self._lease_s = queue, claim, lease_s
        self._stop, self._stall_s, self._abandon, self._clock = stop, stall_s, abandon, clock
        self._alive_at = clock()
        self._held_until = clock() + lease_s
        self._lost = threading.Event()
        self._over = threading.Event()
        self._renewer = threading.Thread(target=self._renew, name=f"lease-{claim.job.id}", daemon=True)

    def __enter__(self) -> Self:
        self._renewer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._renewer.join()

    def report(self, progress: Progress | None = None) -> None:
        """Show a sign of life; with `progress`, also tell the queue.

        Raises LeaseLost when the job is no longer ours and Stopping when the worker has been asked to stop.
        """
        self._alive_at = self._clock()
        if not self._lost.is_set() and (progress is not None or self._alive_at >= self._held_until):
            self._beat(progress)
        if self._lost.is_set() or self._alive_at >= self._held_until:
            raise LeaseLost
        if self._stop.is_set():
            raise Stopping

    def _beat(self, progress: Progress | None = None) -> None:
        asked_at = self._clock()
        try:
            self._queue.heartbeat(self._claim, self._lease_s, progress)
            self._held_until = asked_at + self._lease_s
        except LeaseLost:
            self._lost.set()
        except Exception as error:  # progress is told with ease: one heartbeat may fail, a whole lease of them may not
            log.warning("action=heartbeat-failed job=%s %s", self._claim.job.id, where(error))

    def _renew(self) -> None:
        while not self._over.wait(self._lease_s / BEATS_PER_LEASE) and not self._lost.is_set():
            if self._clock() - self._alive_at > self._stall_s:
                log.error("action=stalled job=%s seconds=%.0f", self._claim.job.id, self._stall_s)
                self._lost.set()
                self._abandon()
            else:
                self._beat()
