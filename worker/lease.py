"""A worker's hold on one job: renewed in the background for as long as the painting shows signs of life."""

import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from jobs import Claim, LeaseLost, Progress, Queue
from jobs.logs import where
from worker.errors import Stopping

log = logging.getLogger(__name__)

BEATS_PER_LEASE = 3  # so that two lost heartbeats in a row do not cost the lease


class Lease:
    """Renews a claim while the `with` block runs, whenever nothing has renewed it for a third of `lease_s`.

    A painting that reports nothing for `stall_s` is no longer renewed and `abandon` is called, from the renewing
    thread: its job goes to another worker, and so should this one's process end. `tell` hears of every heartbeat
    whether it was ok, failed or lost. Times are in seconds.
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
        tell: Callable[[str], None] = lambda outcome: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queue, self._claim, self._lease_s = queue, claim, lease_s
        self._stop, self._stall_s, self._abandon, self._tell, self._clock = stop, stall_s, abandon, tell, clock
        self._alive_at = clock()
        self._held_until = clock() + lease_s
        self._lost = threading.Event()
        self._over = threading.Event()
        self._renewed = threading.Event()  # or over: the renewing thread need not beat now
        self._renewer = threading.Thread(target=self._renew, name=f"lease-{claim.job.id}", daemon=True)

    def __enter__(self) -> Self:
        self._renewer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._renewed.set()
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
            self._renewed.set()
            self._tell("ok")
        except LeaseLost:
            self._lost.set()
            self._tell("lost")
        except Exception as error:  # progress is told with ease: one heartbeat may fail, a whole lease of them may not
            log.warning("heartbeat-failed", extra={"job": self._claim.job.id, "error": where(error)})
            self._tell("failed")

    def _renew(self) -> None:
        while not self._over.is_set() and not self._lost.is_set():
            if self._renewed.wait(self._lease_s / BEATS_PER_LEASE):
                self._renewed.clear()
            elif self._clock() - self._alive_at > self._stall_s:
                log.error("stalled", extra={"job": self._claim.job.id, "seconds": self._stall_s})
                self._lost.set()
                self._abandon()
            else:
                self._beat()
