"""The queue: where jobs wait, are worked on, and end. Implementations: `memory`, `sqlite`, `firestore`."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from jobs.gallery import Gallery
from jobs.job import Claim, Files, Job, Letter, Progress, Status
from jobs.order import Order
from jobs.painter import Painter

MAX_ATTEMPTS = 3  # AI-Horde's rule: a job that took three workers down is not given to a fourth


class Queue(Protocol):
    """States: queued -> running -> done | failed | cancelled; terminal states are final but for `retry`.

    Every method is atomic and durable once it returns. Times in seconds end in `_s`. Methods that take a `Claim`
    raise `LeaseLost` when its token is not the newest or the job has ended; those that take an id raise `JobNotFound`.
    A store that does not answer is told as `Unavailable` (`sqlite3.Error` for SQLite).
    """

    @property
    def poll_s(self) -> float:
        """How long to rest between two looks into an empty queue: what a look costs here decides."""

    @property
    def report_s(self) -> float:
        """How far apart heartbeats with progress ought to be at least."""

    @property
    def reports(self) -> int:
        """How many heartbeats with progress one painting ought to make at most: what a write costs here decides."""

    @property
    def gallery(self) -> Gallery:
        """Where its finished public jobs hang. No two of them have the same `finished_at` (`finish` moves on by a
        microsecond where needed)."""

    @property
    def presence_s(self) -> float:
        """How far apart a painter's signs of life are to be."""

    def put(self, order: Order, owner: str | None = None) -> Job:
        """Add a queued job."""

    def get(self, job_id: str) -> Job:
        """The job as it is now."""

    def position(self, job_id: str) -> int:
        """How many queued jobs are before this one; 0 when it is next or no longer queued."""

    def cancel(self, job_id: str) -> Job:
        """Take back a queued or running job (its worker loses the lease); a terminal one is returned unchanged."""

    def retry(self, job_id: str) -> Job:
        """Queue a failed or cancelled job again, at its old place and with all its attempts; others stay as they are.

        A letter about its end that has not been sent is withdrawn: whoever has taken it loses it. Its next end writes
        a new one.
        """

    def revoke(self, job_id: str) -> Job:
        """From now on give nobody a link to the job's files; it leaves the gallery."""

    def delete(self, job_id: str) -> None:
        """Forget a job that has ended, its letter, its exhibit and what visitors said of it. Raises NotEnded."""

    def list_jobs(self, limit: int, status: Status | None = None, before: datetime | None = None) -> list[Job]:
        """Jobs for the operator, newest `created_at` first, only those created before `before`."""

    def list_owned(self, owner: str, limit: int, before: datetime | None = None) -> list[Job]:
        """What this owner ordered, newest `created_at` first, only what was ordered before `before`.

        No two jobs of an owner have the same `created_at` (`put` moves on by a microsecond where needed).
        """

    def count(self, status: Status) -> int:
        """How many jobs are in this state."""

    def waiting_since(self) -> datetime | None:
        """When the oldest queued job was ordered; None when none is queued."""

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

    def check_in(self, painter: Painter) -> None:
        """A painter's sign of life, with its newest paces; to be given every `presence_s`."""

    def check_out(self, name: str) -> None:
        """This painter is no longer present; that it was not known is no error."""

    def painters(self) -> list[Painter]:
        """Who is present, by name: gave a sign of life within MISSED times `presence_s` and has not checked out."""

    def secret(self, name: str) -> bytes:
        """32 random bytes that everybody who shares this store has under this name, drawn when first asked for."""

    def take_letter(self, lease_s: float) -> Letter | None:
        """Lease the unsent letter that has been due longest; None when none is due.

        A letter is due once its job has ended, and again when its sender's lease expired or its delay is over.
        """

    def letter_sent(self, letter: Letter, receipt: str = "") -> None:
        """Never take it again: it was sent, and `receipt` is the mailer's name for it. Raises LeaseLost when another
        sender took it meanwhile."""

    def letter_refused(self, letter: Letter, reason: str) -> None:
        """Never take it again: it cannot be sent, and why. Raises LeaseLost as above."""

    def letter_delayed(self, letter: Letter, delay_s: float) -> None:
        """Due again in `delay_s`. Raises LeaseLost as above."""

    def suppress(self, address: str, reason: str) -> None:
        """Remember that this address is not to be mailed; upper and lower case are one. The first reason is kept, but
        "unsubscribed", which its reader can take back, gives way to any other."""

    def unsuppress(self, address: str) -> None:
        """Mail the address again."""

    def suppression(self, address: str) -> str | None:
        """Why the address is not to be mailed; None when it may be."""

    def listen(self, wake: Callable[[], None]) -> AbstractContextManager[None]:
        """While the block runs, call `wake`, from any thread, when a job may have been queued. Only a hint:
        who waits for jobs looks every `poll_s` all the same."""
