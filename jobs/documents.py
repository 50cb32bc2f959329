"""Jobs, exhibits and letters as Firestore documents, and back.

An order's fields lie side by side in its job's document, two of them under the names that the article gave them.
Documents outlive the code that wrote them: fields that this version does not know are ignored.
"""

import hashlib
import logging
from collections.abc import Callable
from typing import Any, TypeVar

from google.cloud.firestore import DocumentSnapshot
from pydantic import AwareDatetime, BaseModel, ConfigDict

from jobs.gallery import words_of
from jobs.job import Exhibit, Files, Job, Progress, Status
from jobs.order import Order, Wish
from jobs.shelf import check_id

log = logging.getLogger(__name__)

Fields = dict[str, Any]
Snapshot = DocumentSnapshot[Any]
T = TypeVar("T")

_NAMES = {"style": "type", "start_image": "init_image"}  # ours: the document's


class _Life(BaseModel):
    """What a job's document says beside its order."""

    owner: str | None = None
    status: Status
    attempt: int = 0
    progress: Fields | None = None
    files: Fields | None = None
    error: str | None = None
    created_at: AwareDatetime
    started_at: AwareDatetime | None = None
    finished_at: AwareDatetime | None = None
    revoked_at: AwareDatetime | None = None
    unsubscribe_key: str = ""

    place: str
    token: int = 0
    nonce: str | None = None
    letter: str | None = None


class Row(BaseModel):
    """A job as its document had it at `version`, the server's time of its latest change."""

    model_config = ConfigDict(frozen=True)

    job: Job
    place: str  # sorts jobs by age
    token: int  # of the newest claim
    nonce: str | None  # a random mark of the latest step of its life, by which a writer knows its own step again
    letter: str | None  # sorts its letter among those due at the same moment, once it has had one
    version: Any  # the SDK's kind of time, which counts nanoseconds


def fields_of(snapshot: Snapshot) -> Fields:
    """The document's fields as they are; none where it does not exist."""
    return snapshot.to_dict() or {}


def readable(snapshot: Snapshot, read: Callable[[Snapshot], T]) -> T | None:
    """What the document says; None, and a line in the log, when it is not what it ought to be."""
    try:
        return read(snapshot)
    except ValueError:  # whose message may quote an address
        log.error("unreadable", extra={"document": snapshot.reference.path})
        return None


def new_job(job: Job, place: str) -> Fields:
    """The document of a job that has just been ordered."""
    order = _renamed(job.order.model_dump(mode="json"))
    once = {"owner": job.owner, "unsubscribe_key": job.unsubscribe_key, "created_at": job.created_at}
    return order | life_of(job) | once | {"place": place, "token": 0}


def life_of(job: Job) -> Fields:
    """The fields that a job's life changes."""
    return {
        "status": str(job.status),
        "attempt": job.attempt,
        "progress": job.progress and job.progress.model_dump(),
        "files": job.files and job.files.model_dump(),
        "error": job.error,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "revoked_at": job.revoked_at,
    }


def read_job(snapshot: Snapshot) -> Row:
    """What the document says. Raises ValueError where it is not a job as this version knows them."""
    fields = fields_of(snapshot)
    said = _Life.model_validate(fields)
    job = Job(
        id=check_id(snapshot.id),
        order=Order.model_validate(_ours(fields), extra="ignore"),
        progress=said.progress and Progress.model_validate(said.progress, extra="ignore"),
        files=said.files and Files.model_validate(said.files, extra="ignore"),
        **said.model_dump(include=set(Job.model_fields) - {"progress", "files"}),
    )
    return Row(job=job, version=snapshot.update_time, **said.model_dump(include={"place", "token", "nonce", "letter"}))


def new_exhibit(exhibit: Exhibit) -> Fields:
    """The document of a finished public job."""
    wish = _renamed(exhibit.wish.model_dump(mode="json"))
    return wish | exhibit.model_dump(exclude={"wish"}) | {"words": words_of(exhibit.wish.prompt)}


def read_exhibit(snapshot: Snapshot) -> Exhibit:
    """What the document says. Raises ValueError as above."""
    fields = {"likes": 0} | fields_of(snapshot)
    said = {name: fields.get(name) for name in set(Exhibit.model_fields) - {"wish", "files"}}
    wish = Wish.model_validate(_ours(fields), extra="ignore")
    files = Files.model_validate(fields.get("files"), extra="ignore")
    return Exhibit.model_validate(said | {"wish": wish, "files": files})


class Outgoing(BaseModel):
    """A letter as its document in the outbox had it."""

    state: str
    token: int = 0
    sequence: str
    nonce: str | None = None
    version: Any = None


def read_letter(snapshot: Snapshot) -> Outgoing:
    """What the document says. Raises ValueError as above."""
    return Outgoing.model_validate(fields_of(snapshot)).model_copy(update={"version": snapshot.update_time})


def digest(text: str) -> str:
    """A document's name for whoever is not to be named."""
    return hashlib.sha256(text.encode()).hexdigest()


def _renamed(order: Fields) -> Fields:
    return {_NAMES.get(name, name): value for name, value in order.items()}


def _ours(fields: Fields) -> Fields:
    return fields | {ours: fields[its] for ours, its in _NAMES.items() if its in fields}
