"""A job: an order with a life."""

import hashlib
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from jobs.order import Order, Wish


class Status(StrEnum):
    """Where a job is in its life."""

    QUEUED = "queued"  # waiting for a worker
    RUNNING = "running"  # a worker holds a lease on it
    DONE = "done"  # picture and film are on the shelf, the mail is in the outbox
    FAILED = "failed"  # will not be tried again; `error` says why
    CANCELLED = "cancelled"  # the visitor took it back

    @property
    def is_terminal(self) -> bool:
        return self in (Status.DONE, Status.FAILED, Status.CANCELLED)


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Progress(_Record):
    """How far a drawing is: iteration `step` of `of`, the perceptor's score, and the key of the latest preview.

    `note` says what the visitor should know of this drawing: that it lacks some of the words, say.
    """

    step: int
    of: int
    score: float
    preview: str | None = None
    note: str | None = None


class Files(_Record):
    """Shelf keys of a finished job's files. `film` is None when no video was ordered; a painting has its strokes as
    `vector` (SVG), pixel art its cells as `pixels` (PNG, one pixel a cell)."""

    picture: str
    thumbnail: str
    film: str | None = None
    vector: str | None = None
    pixels: str | None = None


class Job(_Record):
    """One order and what became of it. Times are UTC."""

    id: str  # 22 URL-safe characters, 128 random bits: who knows it may see the job
    order: Order
    owner: str | None = None  # who ordered it: an account's uid or a browser's id (api.visitors); None: not known
    status: Status = Status.QUEUED
    progress: Progress | None = None
    attempt: int = 0  # how often a worker has claimed it; a job given back does not count
    files: Files | None = None
    error: str | None = None  # for a person to read
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    revoked_at: datetime | None = None  # since then its files are shown to nobody
    # Stops mails to the order's address: a secret of who gets them, not even told to who ordered; in no JSON, no text.
    unsubscribe_key: str = Field(default="", exclude=True, repr=False)

    @property
    def seed(self) -> int:
        """The seed that was ordered, or one derived from the id, so that every attempt paints the same picture."""
        if self.order.seed is not None:
            return self.order.seed
        return int.from_bytes(hashlib.sha256(self.id.encode()).digest()[:4])


class Exhibit(_Record):
    """A finished public job as the gallery keeps it: nothing in it leads to a person."""

    id: str
    wish: Wish
    files: Files
    created_at: datetime
    started_at: datetime
    finished_at: datetime
    likes: int = 0


class Claim(_Record):
    """A worker's lease on a job. Every write under it is refused once `token` is no longer the job's newest."""

    job: Job
    token: int  # fencing token: strictly increases with every claim of this job


class Letter(_Record):
    """An outbox row: the mail about how a job ended, to be sent once. `token` fences its sender like a claim's does."""

    job: Job  # done or failed: this decides what the mail says
    token: int  # 1 for who takes it first; more tells that somebody may have sent it already

    @property
    def ended_at(self) -> datetime:
        return self.job.finished_at or self.job.created_at

    @property
    def id(self) -> str:
        """The same for every sending of this letter, another for the next end of a job that was started again."""
        return f"{self.job.id}.{int(self.ended_at.timestamp() * 1_000_000)}"
