"""Forgetting: of a job, or of all that somebody ordered, nothing is left."""

from contextlib import suppress

from jobs.errors import JobNotFound, NotEnded
from jobs.job import Job
from jobs.order import is_start_image
from jobs.queue import Queue
from jobs.shelf import Shelf

AT_ONCE = 50  # jobs that are looked up together


def forget(queue: Queue, shelf: Shelf, job_id: str) -> None:
    """Delete a job that has ended, with its files and its letter. Raises JobNotFound and NotEnded.

    Its start image stays: it has an id of its own, and other orders may share it.
    """
    if not queue.get(job_id).status.is_terminal:
        raise NotEnded
    shelf.clear(job_id)  # before the queue forgets where the files lie
    queue.delete(job_id)


def forget_all(queue: Queue, shelf: Shelf, owner: str) -> None:
    """Take back what this owner ordered, liked and reported: jobs that have not ended are cancelled, and all are
    deleted with their files and their start images.

    Whoever is interrupted calls again: a job is the last that is forgotten of it.
    """
    queue.gallery.forget_visitor(owner)
    while jobs := queue.list_owned(owner, AT_ONCE):
        for job in jobs:
            with suppress(JobNotFound):  # somebody else deletes, too
                queue.cancel(job.id)
        for job in jobs:
            with suppress(JobNotFound, NotEnded):  # started again meanwhile: the next look tells
                _forget_start_image(shelf, job)
                forget(queue, shelf, job.id)


def sweep(queue: Queue, shelf: Shelf, job_id: str) -> None:
    """Remove the files of a job that is forgotten: its worker may have put them there after `forget` had cleared."""
    try:
        queue.get(job_id)
    except JobNotFound:
        shelf.clear(job_id)


def _forget_start_image(shelf: Shelf, job: Job) -> None:
    """Remove it if it is one: an order may name any key, even that of somebody's picture."""
    key = job.order.start_image
    if key is not None and is_start_image(key):
        shelf.remove(key)
