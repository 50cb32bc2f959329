"""The queue: where jobs wait, are worked on, and end. Implementations live in `memory` and `sqlite`."""

from datetime import datetime
from typing import Protocol

from jobs.job import Claim, Files, Job, Letter, Progress
from jobs.order import Order

MAX_ATTEMPTS = 3  # AI-Horde's rule: a job that took three workers down is not given to a fourth


class Queue(Protocol):
    """States: queued -> running -> done | failed | cancelled; terminal states are final.

    Every method is atomic and durable once it returns. `lease_s` is in seconds. Methods that take a `Claim`
    raise `LeaseLost` when its token is not the newest or the job has ended; those that take an id raise `JobNotFound`.
    """

    def put(self, order: Order) -> Job:
        """Add a queued job."""

    def get(self, job_id: str) -> Job:
        """The job as it is now."""

    def position(self, job_id: str) -> int:
        """How many queued jobs are before this one; 0 when it is next or no longer queued."""

    def cancel(self, job_id: str) -> Job:
        """Take back a queued or running job (its worker loses the lease); a terminal one is returned unchanged."""

    def list_public(self, limit: int, before: datetime | None = None) -> list[Job]:
        """Finished jobs whose order is public, newest `finished_at` first, only those finished before `before`.

        No two of them have the same `finished_at` (`finish` moves on by a microsecond where needed), so the last one's
        time leads to the next page. Times need a time zone: TypeError.
        """

    def count(self) -> dict[str, int]:
        """How many jobs there are by status, for monitoring."""

    def claim(self, worker: str, lease_s: float) -> Claim | None:
        """Lease the oldest job that is queued, or running with an expired lease; None when there is none.

        Each claim adds one to `attempt`. An expired job that already had MAX_ATTEMPTS is failed, with its letter,
        instead of being handed out.
        """

    def heartbeat(self, claim: Claim, lease_s: float, progress: Progress | None = None) -> None:
        """Extend the lease to `lease_s` from now and, when given, store the progress."""

    def finish(self, claim: Claim, files: Files) -> Job:
        """Mark the job done and put its letter into the outbox, in one step."""

    def fail(self, claim: Claim, reason: str) -> Job:
        """Mark the job failed and put its letter into the outbox, in one step."""

    def release(self, claim: Claim) -> Job:
        """Give the job back, at its old place in the queue and without counting the attempt."""

    def take_letter(self, lease_s: float) -> Letter | None:
        """Lease the oldest unsent letter (or one whose sender's lease expired); None when there is none."""

    def letter_sent(self, letter: Letter) -> None:
        """Mark it sent: it is never taken again. Raises LeaseLost when another sender took it meanwhile."""

    def close(self) -> None:
        """Release what the queue holds (connections, files)."""
