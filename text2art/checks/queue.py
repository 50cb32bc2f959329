"""Checks of the queue: it keeps what it is given, and an order lives its whole life in it.

The life is lived in a queue of the same kind beside the real one, where no worker looks: a job that was put into the
real one could be claimed before it is taken back.
"""

import secrets
from collections.abc import Callable
from datetime import timedelta
from itertools import product
from pathlib import Path

from jobs import (
    Claim,
    Cursor,
    Files,
    JobNotFound,
    LeaseLost,
    Order,
    Painter,
    Progress,
    Queue,
    Reason,
    Search,
    Sort,
    Status,
    Style,
)
from jobs.life import utc_now
from jobs.sqlite import SqliteQueue
from text2art.checks import NOBODY, Check, Group, Problem

LEASE_S = 60.0
CHECKER = "deploy-check"  # who orders, looks and paints here


def real(queue: Queue, hint: str) -> list[Check]:
    """Checks that the installation's own queue bears while workers work; `hint` is what to do when it fails."""
    return [
        Check("queue", lambda: keeps(queue), hint, vital=True),
        Check("queue: jobs waiting", lambda: waiting(queue)),
    ]


def beside(queue: Queue) -> list[Check]:
    """Checks in an empty queue that nobody else uses."""
    return [
        Check("job: ordered, painted, mailed, forgotten", lambda: lives(queue), vital=True),
        Check("job: taken back", lambda: is_taken_back(queue)),
        *(Check(f"query: {name}", lambda ask=ask: ask(queue)) for name, ask in QUERIES.items()),  # type: ignore[misc]
    ]


def in_folder(queue: Queue, folder: Path, id: str) -> list[Group]:
    """Checks of a queue in a file, and of one beside it."""
    hint = f"May this account write to {folder}, and is there space?"
    return [Group(real(queue, hint)), _in_file(folder, id)]


def _in_file(folder: Path, id: str) -> Group:
    file = folder / f"deploy-check-{id}.sqlite3"
    queue = SqliteQueue(file)
    return Group(beside(queue), Check("queue: cleaned up", lambda: _remove(queue, file)))


def keeps(queue: Queue) -> str:
    """Write, read and remove something that concerns nobody."""
    address = f"deploy-check-{secrets.token_hex(8)}@example.com"
    queue.suppress(address, "deploy-check")
    try:
        if queue.suppression(address) != "deploy-check":
            raise Problem("what was written is not what is read")
    finally:
        queue.unsuppress(address)
    return "written, read and removed"


def waiting(queue: Queue) -> str:
    """How the real queue stands."""
    since = queue.waiting_since()
    return f"{queue.count(Status.QUEUED)} jobs" + (f", the oldest since {since:%Y-%m-%d %H:%M} UTC" if since else "")


def lives(queue: Queue) -> str:
    """An order's whole life."""
    claim = _claimed(queue)
    queue.heartbeat(claim, LEASE_S, Progress(step=1, of=2, score=0.5))
    job = queue.finish(claim, Files(picture=f"{claim.job.id}/picture.png", thumbnail=f"{claim.job.id}/thumbnail.webp"))
    if [exhibit.id for exhibit in queue.gallery.page(1)] != [job.id]:
        raise Problem("a finished public job is not in the gallery")
    _is_liked_and_reported(queue, job.id)
    letter = queue.take_letter(LEASE_S)
    if letter is None or letter.job.id != job.id:
        raise Problem("a finished job has no letter")
    queue.letter_sent(letter, "deploy-check")
    queue.revoke(job.id)
    queue.delete(job.id)
    try:
        queue.get(job.id)
    except JobNotFound:
        return "every step"
    raise Problem("a deleted job is still there")


def _is_liked_and_reported(queue: Queue, job_id: str) -> None:
    gallery = queue.gallery
    if gallery.like(job_id, CHECKER).likes != 1 or gallery.liked(CHECKER, [job_id]) != {job_id}:
        raise Problem("a like is not counted")
    gallery.report(job_id, CHECKER, Reason.OTHER)
    if [report.reasons for report in gallery.reports(1)] != [{Reason.OTHER: 1}]:
        raise Problem("a report is not told")
    gallery.forget_visitor(CHECKER)
    if gallery.exhibit(job_id).likes or gallery.reports(1):
        raise Problem("what a visitor took back is still counted")


def is_taken_back(queue: Queue) -> str:
    """A worker whose job is cancelled hears of it."""
    claim = _claimed(queue)
    queue.cancel(claim.job.id)
    try:
        queue.heartbeat(claim, LEASE_S)
    except LeaseLost:
        queue.delete(claim.job.id)
        return "its worker is told"
    raise Problem("the worker of a cancelled job may go on")


def _jobs_by_age(queue: Queue) -> str:
    queue.list_jobs(1, before=utc_now())
    return "answered"


def _jobs_by_state(queue: Queue) -> str:
    for status in Status:
        queue.list_jobs(1, status, utc_now())
        queue.count(status)
    return "answered"


def _gallery(queue: Queue) -> str:
    for sort, style, words in product(Sort, (None, Style.IMAGE), ("", "deployment")):
        after = Cursor(0, utc_now() - timedelta(days=1))
        queue.gallery.page(1, Search(sort=sort, style=style, words=words, after=after))
    return "answered"


def _jobs_of_an_owner(queue: Queue) -> str:
    queue.list_owned(CHECKER, 1, utc_now())
    return "answered"


def _painters(queue: Queue) -> str:
    queue.check_in(Painter(name=CHECKER, paces={}))
    if [painter.name for painter in queue.painters()] != [CHECKER]:
        raise Problem("a painter that has checked in is not present")
    queue.check_out(CHECKER)
    if queue.painters():
        raise Problem("a painter that has checked out is still present")
    return "in and out again"


def _place_in_line(queue: Queue) -> str:
    job = queue.put(_order())
    try:
        queue.position(job.id)
        queue.waiting_since()
    finally:
        queue.cancel(job.id)
        queue.delete(job.id)
    return "answered"


def _nothing_to_do(queue: Queue) -> str:
    if queue.claim(CHECKER, LEASE_S) is not None or queue.take_letter(LEASE_S) is not None:
        raise Problem("an empty queue gives out a job or a letter")
    return "answered"


# Together they ask everything that the service asks, and so need every index.
QUERIES: dict[str, Callable[[Queue], str]] = {
    "jobs by age": _jobs_by_age,
    "jobs by state": _jobs_by_state,
    "jobs of an owner": _jobs_of_an_owner,
    "gallery": _gallery,
    "painters": _painters,
    "place in line": _place_in_line,
    "next job and next letter": _nothing_to_do,
}


def _remove(queue: SqliteQueue, file: Path) -> str:
    queue.close()
    for each in file.parent.glob(f"{file.name}*"):
        each.unlink()
    return f"{file.name} removed"


def _claimed(queue: Queue) -> Claim:
    job = queue.put(_order(), CHECKER)
    claim = queue.claim(CHECKER, LEASE_S)
    if claim is None or claim.job.id != job.id:
        raise Problem("an ordered job cannot be claimed")
    return claim


def _order() -> Order:
    return Order(prompt="a test of the deployment", email=NOBODY, public=True)
