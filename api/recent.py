"""Jobs as they were a moment ago: who has just been told of a new preview asks for it next, and a look costs money."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from jobs import Job, Queue

FRESH_S = 3.0
MOST = 1000  # jobs remembered


class Recent:
    """A queue whose jobs are remembered for FRESH_S seconds once they were looked at."""

    def __init__(self, queue: Queue, clock: Callable[[], float] = time.monotonic) -> None:
        self.report_s, self.poll_s = queue.report_s, queue.poll_s
        self.position = queue.position
        self._queue, self._clock = queue, clock
        self._lock = threading.Lock()
        self._seen: OrderedDict[str, tuple[float, Job]] = OrderedDict()

    def get(self, job_id: str) -> Job:
        """The job as it is now. Raises JobNotFound."""
        job = self._queue.get(job_id)
        with self._lock:
            self._seen.pop(job_id, None)
            self._seen[job_id] = self._clock(), job
            if len(self._seen) > MOST:
                self._seen.popitem(last=False)
        return job

    def recall(self, job_id: str) -> Job:
        """The job as it is now or was FRESH_S seconds ago at most. Raises JobNotFound."""
        with self._lock:
            at, job = self._seen.get(job_id, (0.0, None))
        return job if job is not None and self._clock() - at < FRESH_S else self.get(job_id)
